//! From options to a finished run: the trainer, allocations of bits, budgets, snapshots.

pub mod allocation;
pub mod backpropagation;
pub mod budget;
pub mod calibrate;
pub mod checkpoint;
pub mod deployment;
#[cfg(feature = "methods")]
mod equal_size;
pub mod evaluate;
#[cfg(feature = "methods")]
pub mod loss_scaling;
#[cfg(feature = "files")]
pub mod memory;
pub mod method;
pub mod option_table;
pub mod options;
pub mod phase;
pub mod recipe;
pub mod schedule;
pub mod snapshot;
pub mod trace;
pub mod trainer;
