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
pub mod methods;
pub mod option_table;
pub mod options;
pub mod phase;
#[cfg(feature = "methods")]
pub mod plane_course;
#[cfg(feature = "methods")]
pub mod points;
pub mod recipe;
pub mod refit;
pub mod snapshot;
pub mod trace;
pub mod trainer;
