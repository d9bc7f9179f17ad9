//! What some quantizers have beyond levels, for people to look at and for files to hold.

/// A quantizer's own numbers; None for what it does not have.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Details {
    /// DDQ: the level vector q of 2^b entries, before merging.
    pub raw_levels: Option<Vec<f32>>,
    /// DDQ: gate logits ĝ.
    pub gate_logits: Option<Vec<f32>>,
    /// DDQ: gates g, 1 = on.
    pub gates_on: Option<Vec<u8>>,
    /// Multipoint: points of each row of the weight matrix.
    #[cfg(feature = "methods")]
    pub points: Option<Vec<u8>>,
    /// BSQ: every bit plane that there has been, least significant first.
    #[cfg(feature = "methods")]
    pub planes: Option<Vec<PlaneState>>,
}

/// An end of the planes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The least significant plane: Δ doubles.
    Low,
    /// The most significant plane: the range halves.
    High,
}

/// One plane as people see it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlaneState {
    /// Its place: 0 is the least significant plane of the start.
    pub position: i32,
    /// Part of the weights that have this bit set, in [0, 1].
    pub set: f32,
    /// √((‖p‖² + ‖q‖²) / number of weights): what the lasso pulls to 0; from the freeze on √set.
    pub norm: f32,
    /// How it was dropped; None while it is there.
    pub dropped: Option<End>,
}

/// Weights whose rows are sums of points, each with codes of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct PointCodes {
    /// Step of every row's first point.
    pub step: f32,
    /// The first points' codes k + N, N the largest code, one a weight.
    pub codes: Vec<u8>,
    /// The others, row by row.
    pub further: Vec<FurtherPoint>,
}

/// A point beyond its row's first.
#[derive(Debug, Clone, PartialEq)]
pub struct FurtherPoint {
    /// The row that it belongs to.
    pub row: usize,
    /// Its coefficient in units of a code: a/N.
    pub step: f32,
    /// k + N for each weight of the row, 0 to 2N.
    pub codes: Vec<u8>,
}
