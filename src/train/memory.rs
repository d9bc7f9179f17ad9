//! How much memory a run will take, before it is begun.
//!
//! Numbers of 4 bytes. Weights: value, gradient, quantized value and two gradients of that, in each of the three
//! networks that a run keeps (the one being trained, the last good one, the float one), and two moments of the
//! optimizer. Buffers of each network: every node's output and every layer's quantized input and unfolded windows,
//! for the larger of a mini-batch and a batch of an evaluation; gradients of two nodes at a time. Data: twice, once in
//! the session and once where they were read.

use super::evaluate::EVALUATION_BATCH;
use crate::nn::network::Network;
use crate::nn::node::Op;

/// Networks that a run keeps.
const NETWORKS: usize = 3;
/// Arrays of the size of a weight matrix in each.
const WEIGHT_ARRAYS: usize = 5;
/// Moments of the optimizer.
const MOMENTS: usize = 2;

/// Bytes that a run takes at most, roughly: on `network`, with mini-batches of `batch` samples, on data of `numbers`
/// inputs in all.
pub fn run_bytes(network: &Network, batch: usize, numbers: usize) -> u64 {
    let samples = batch.max(EVALUATION_BATCH) as u64;
    let (mut weights, mut buffers, mut widest) = (0_u64, 0_u64, 0_u64);
    for node in network.nodes() {
        let outputs = node.shape.per_sample() as u64;
        buffers += outputs * samples;
        widest = widest.max(outputs * samples);
        if let Op::Linear(linear) = &node.op {
            let geometry = linear.geometry();
            let columns = geometry.output(1).len() / geometry.outputs * geometry.fan_in();
            let unfolded = if geometry.window.taps() > 1 && geometry.groups == 1 {
                columns
            } else {
                0
            };
            weights += geometry.weights() as u64;
            buffers += (geometry.input.per_sample() + unfolded) as u64 * samples;
        }
    }
    let arrays = (NETWORKS * WEIGHT_ARRAYS + MOMENTS) as u64;
    let networks = NETWORKS as u64;
    4 * (weights * arrays + buffers * networks + 2 * widest + 2 * numbers as u64)
}
