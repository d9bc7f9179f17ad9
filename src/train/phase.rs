//! The parts of a run.

use crate::archive::Archive;

/// The part of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Float training.
    Pretrain,
    /// About to give the float network its quantizers.
    Calibrate,
    /// Searching the bits of each layer, or the points of each row.
    Search,
    /// Quantization-aware training; bits may still change.
    Quantize,
    /// Quantization-aware training with frozen gates on the deployed levels.
    Finetune,
    /// Nothing left to do.
    Done,
}

impl Phase {
    /// Every phase, in the order of a run.
    pub const ALL: [Self; 6] = [
        Phase::Pretrain,
        Phase::Calibrate,
        Phase::Search,
        Phase::Quantize,
        Phase::Finetune,
        Phase::Done,
    ];

    /// Its place in [`Self::ALL`].
    pub fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let mut place = *self as usize;
        archive.part("the phase");
        archive.size(&mut place, Self::ALL.len() - 1);
        *self = Self::ALL[place];
    }

    /// The name in JS.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Pretrain => "pretrain",
            Phase::Calibrate => "calibrate",
            Phase::Search => "search",
            Phase::Quantize => "quantize",
            Phase::Finetune => "finetune",
            Phase::Done => "done",
        }
    }
}
