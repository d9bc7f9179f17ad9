//! Which values fit together: every value is in range already.

#[cfg(feature = "methods")]
use super::super::loss_scaling;
use super::super::method::Bits;
use super::super::option_table::Value;
use super::{Options, invalid};
use crate::data::OWN;
use crate::error::Error;

impl Options {
    /// # Errors
    /// `InvalidOption` naming the option that does not fit the others, what was given and what is allowed.
    pub(super) fn check_combinations(&self, given: &[(String, Value)]) -> Result<(), Error> {
        if !matches!(self.text("data"), "digits" | OWN)
            && self.text("model") != "mlp"
            && !self.has_own_model()
        {
            return Err(invalid(
                "model",
                &self.value("model").shown(),
                "mlp or own for 2-D data (cnn and mobile need images)",
            ));
        }
        if self.flag("pretrained") && !self.has_checkpoint() {
            return Err(invalid(
                "pretrained",
                "true",
                "false unless data is digits and hidden has its default 64-32",
            ));
        }
        #[cfg(feature = "methods")]
        loss_scaling::check(self)?;
        (self.method().check)(self)?;
        #[cfg(feature = "methods")]
        self.check_signs()?;
        if let Some(check) = self.method().check_bits {
            return check(self);
        }
        if self.bits_from() != Bits::Given && self.budget_bits().is_none() {
            return Err(invalid(
                "budgetBits",
                "0",
                "more than 0 if bits are learned or searched",
            ));
        }
        if self.learns_bits() {
            self.check_minimum("minBits", "weightBits", given)?;
        }
        if self.learns_activation_bits() {
            self.check_minimum("minActivationBits", "activationBits", given)?;
        }
        Ok(())
    }

    /// Where the fewest bits are given, learning must start from as many.
    fn check_minimum(
        &self,
        fewest: &str,
        start: &str,
        given: &[(String, Value)],
    ) -> Result<(), Error> {
        let minimum = self.integer(fewest);
        let is_given = given.iter().any(|(name, _)| name == fewest);
        if !is_given || minimum <= self.integer(start) {
            return Ok(());
        }
        Err(invalid(
            fewest,
            &minimum.to_string(),
            &format!("at most {start}, the bits that learning starts from"),
        ))
    }

    /// What quantizers ask for whose weights have a sign.
    #[cfg(feature = "methods")]
    fn check_signs(&self) -> Result<(), Error> {
        let fewest = self.fewest_weight_bits();
        let allowed = format!(
            "{fewest} to 8 bits for {}, whose weights have a sign",
            self.quantizer()
        );
        let bits = self.start_bits() as usize;
        if bits < fewest {
            return Err(invalid("weightBits", &bits.to_string(), &allowed));
        }
        let locks = self.locks();
        if let Some((layer, bits)) = locks.iter().find(|(_, bits)| (*bits as usize) < fewest) {
            return Err(invalid("locks", &format!("{layer}:{bits}"), &allowed));
        }
        Ok(())
    }
}
