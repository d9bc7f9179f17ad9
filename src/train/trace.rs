//! A short hash of everything a run went through, so that two people see whether they ran the same thing.
//!
//! Whenever an evaluation of the test split ends (the first one before training, then one after each epoch of every
//! phase), these are folded in, 4 bytes each, little endian, every NaN as the same one:
//! the loss of the last mini-batch (f32), the mean loss on the test split (f64 as two halves), and for the weights and
//! then the input activations of every layer the bits (u32) and the effective levels (f32, ascending), which give range
//! and step sizes; an unquantized weight has 32 bits and its smallest and largest value, an unquantized input nothing.

use crate::archive::Archive;
use crate::bytes::{FNV_START, fnv1a};
use crate::nn::network::Network;
use crate::quant::Quantizer;
use crate::quant::range::min_max;

/// The hash so far. It follows from slices of work alone: pace, saving and restoring do not show in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    /// FNV-1a, 64 bits.
    pub hash: u64,
    /// Evaluations folded in.
    pub evaluations: usize,
}

impl Default for Trace {
    fn default() -> Self {
        Self {
            hash: FNV_START,
            evaluations: 0,
        }
    }
}

impl Trace {
    /// Folds in an evaluation that gave `test_loss`.
    pub fn fold(&mut self, loss: f32, test_loss: f64, network: &Network) {
        self.evaluations += 1;
        self.float(loss);
        let test_loss = test_loss.to_bits();
        self.word(test_loss as u32);
        self.word((test_loss >> 32) as u32);
        for linear in network.linears() {
            match linear.weight_quantizer.as_deref() {
                Some(quantizer) => self.quantizer(quantizer),
                None => {
                    let (low, high) = min_max(&linear.weight.value);
                    self.tensor(32, &[low, high]);
                }
            }
            if let Some(quantizer) = linear.activation_quantizer.as_deref() {
                self.quantizer(quantizer);
            }
        }
    }

    fn quantizer(&mut self, quantizer: &dyn Quantizer) {
        self.tensor(quantizer.bits(), quantizer.levels());
    }

    fn tensor(&mut self, bits: u32, values: &[f32]) {
        self.word(bits);
        values.iter().for_each(|&value| self.float(value));
    }

    /// The sign and payload of a NaN are the machine's choice.
    fn float(&mut self, value: f32) {
        let value = if value.is_nan() { f32::NAN } else { value };
        self.word(value.to_bits());
    }

    fn word(&mut self, word: u32) {
        self.hash = fnv1a(self.hash, &word.to_le_bytes());
    }

    /// The hash for people: 16 hexadecimal digits.
    pub fn digits(&self) -> String {
        (0..16)
            .rev()
            .map(|place| char::from(b"0123456789abcdef"[(self.hash >> (4 * place)) as usize & 15]))
            .collect()
    }

    /// Shows the archive hash and count.
    pub fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let Self { hash, evaluations } = self;
        archive.part("the trace");
        archive.u64(hash);
        archive.size(evaluations, usize::MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::Trace;

    #[test]
    fn digits_are_those_of_the_hash() {
        for hash in [0, 1, 0x0123_4567_89ab_cdef, u64::MAX] {
            let trace = Trace {
                hash,
                evaluations: 0,
            };
            assert_eq!(trace.digits(), format!("{hash:016x}"));
        }
    }

    #[test]
    fn words_are_folded_as_fnv_1a_says() {
        // FNV-1a of "foobar" and two zero bytes, by the definition.
        let bytes = b"foobar\0\0";
        let expected = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let mut trace = Trace::default();
        trace.word(u32::from_le_bytes(*b"foob"));
        trace.word(u32::from_le_bytes(*b"ar\0\0"));
        assert_eq!(trace.hash, expected);
        // Published: FNV-1a, 64 bits, of "a".
        assert_eq!(
            crate::bytes::fnv1a(crate::bytes::FNV_START, b"a"),
            0xaf63_dc4c_8601_ec8c
        );
    }

    #[test]
    fn a_nan_is_a_nan() {
        let [mut one, mut other] = [Trace::default(); 2];
        one.float(f32::NAN);
        other.float(-f32::NAN);
        assert_eq!(one, other);
    }
}
