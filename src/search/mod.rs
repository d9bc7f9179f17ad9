//! What methods share that choose the bits of each layer before the training: the problem with its budget, a float network
//! to be asked through post-training quantization, and the exact allocation. [`advice`] asks a trained network the same.

pub mod advice;
pub mod evaluator;
pub mod knapsack;
pub mod problem;
