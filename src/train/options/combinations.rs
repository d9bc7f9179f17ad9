//! Which values fit together: every value is in range already.

#[cfg(feature = "methods")]
use super::super::loss_scaling;
use super::super::methods::Bits;
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
        self.check_activations()?;
        #[cfg(feature = "methods")]
        self.check_signs()?;
        #[cfg(feature = "methods")]
        if self.bits_from() == Bits::Points {
            return self.check_points();
        }
        #[cfg(feature = "methods")]
        if self.quantizer() == "bsq" {
            return self.check_planes();
        }
        if self.bits_from() != Bits::Given && self.budget_bits().is_none() {
            return Err(invalid(
                "budgetBits",
                "0",
                "more than 0 where bits are learned or searched",
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

    /// What needs quantized activations.
    fn check_activations(&self) -> Result<(), Error> {
        if !self.leaves_activations() {
            return Ok(());
        }
        if self.quantizer() == "ddq" && self.number("activationBudgetBits") > 0.0 {
            return Err(invalid(
                "activationBudgetBits",
                &self.value("activationBudgetBits").shown(),
                "0 where activationBits is 0",
            ));
        }
        #[cfg(feature = "methods")]
        if self.text("method") == "haq" && self.text("hardware") != "size" {
            return Err(invalid(
                "hardware",
                &self.value("hardware").shown(),
                "size where activationBits is 0: the other budgets search activation bits",
            ));
        }
        Ok(())
    }

    /// What quantizers ask for whose weights have a sign.
    #[cfg(feature = "methods")]
    fn check_signs(&self) -> Result<(), Error> {
        let fewest = self.fewest_weight_bits();
        let allowed = format!(
            "{fewest} to 8 bits for {}, whose weights have a sign",
            self.quantizer()
        );
        let bits = self.integer("weightBits");
        // Where BSQ learns, startPlanes stand for weightBits.
        if bits < fewest && !self.learns_planes() {
            return Err(invalid("weightBits", &bits.to_string(), &allowed));
        }
        let locks = self.locks();
        if let Some((layer, bits)) = locks.iter().find(|(_, bits)| (*bits as usize) < fewest) {
            return Err(invalid("locks", &format!("{layer}:{bits}"), &allowed));
        }
        Ok(())
    }

    /// What BSQ asks for. Without a budget the lasso alone decides.
    #[cfg(feature = "methods")]
    fn check_planes(&self) -> Result<(), Error> {
        if self.learns_planes() && self.integer("minBits") > self.start_bits() as usize {
            let allowed = "at most startPlanes and one bit more, which learning starts from";
            return Err(invalid(
                "minBits",
                &self.integer("minBits").to_string(),
                allowed,
            ));
        }
        Ok(())
    }

    /// What multipoint asks for: an end to its points.
    #[cfg(feature = "methods")]
    fn check_points(&self) -> Result<(), Error> {
        if !self.open_budget && self.budget_bits().is_none() && self.number("tolerance") == 0.0 {
            let allowed = "more than 0 for multipoint without a tolerance";
            return Err(invalid("budgetBits", "0", allowed));
        }
        Ok(())
    }
}
