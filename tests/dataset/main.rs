//! Data files: what each reader makes of them, what it says of broken ones, and that no bytes make it panic.
#![cfg(not(target_arch = "wasm32"))]

mod broken;
mod exclude;
mod formats;
mod ranges;
mod robust;
mod round_trips;
mod write;
