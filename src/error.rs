//! One error type for the whole crate: one variant per rule that a caller can break,
//! each with what was got and what was expected.

/// What a caller did that cannot be done, or what went wrong in a run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// An option that does not exist.
    #[error("unknown option \"{option}\": expected one of {allowed}")]
    UnknownOption {
        /// The name given.
        option: String,
        /// Every name that exists, comma separated.
        allowed: String,
    },
    /// An option with a value outside its type or range.
    #[error("option \"{option}\": expected {allowed}, got {got}")]
    InvalidOption {
        /// The option's name.
        option: String,
        /// The value given, as text.
        got: String,
        /// The values allowed, in words.
        allowed: String,
    },
    /// A tensor, buffer or file of the wrong size.
    #[error("{what}: expected {expected}, got {got}")]
    Shape {
        /// The input, by the name a caller knows.
        what: String,
        /// The size expected.
        expected: String,
        /// The size given.
        got: String,
    },
    /// A file or byte buffer that is not what it should be.
    #[error("{what}, at {place}: expected {expected}, got {got}")]
    Format {
        /// The input, by the name a caller knows.
        what: String,
        /// Where in it: byte offset, line, field.
        place: String,
        /// What was expected there.
        expected: String,
        /// What was found there.
        got: String,
    },
    /// The loss left the finite numbers; the run stopped on its last good state.
    #[error(
        "the {phase} loss became {got} at step {step} (epoch {epoch}); the run stopped and the last good state is kept: try a smaller learning rate"
    )]
    NonFiniteLoss {
        /// The phase of the run.
        phase: String,
        /// Mini-batches trained before the failing one.
        step: usize,
        /// Epochs completed before the failing step.
        epoch: usize,
        /// NaN, inf or -inf.
        got: String,
    },
}
