//! Float checkpoints: the state of a network as half-precision numbers.
//!
//! Layout (little endian): magic `DDQC`, u32 version 2, u32 number of values, then the values as IEEE half
//! floats in the order of `Network::read_state`: all high bytes, then all low bytes. No padding, nothing behind.
//! Mantissas are rounded to 6 bits. Both make the file a third smaller on its way through gzip, and the float
//! accuracy that a session reports is that of the values stored.

use crate::bytes::{Reader, Writer};
use crate::error::Error;
use crate::nn::network::Network;
use crate::text::number;
use half::f16;

const MAGIC: &[u8; 4] = b"DDQC";
const VERSION: u32 = 2;

/// Half precision has 10 bits of mantissa; the lowest 4 are rounded away.
const DROPPED_BITS: u16 = 4;

/// The largest magnitude that a checkpoint holds: 6 bits of mantissa at half precision's largest exponent.
const LARGEST: f32 = 65_024.0;

/// `value` with 6 bits of mantissa, rounded half away from zero; beyond ±65,024 it saturates.
fn rounded(value: f32) -> u16 {
    let half = f16::from_f32(value.clamp(-LARGEST, LARGEST)).to_bits();
    // A carry runs from the mantissa into the exponent, as it should; the sign is out of its reach.
    (half + (1 << (DROPPED_BITS - 1))) >> DROPPED_BITS << DROPPED_BITS
}

/// The checkpoint of a network.
pub fn write(network: &Network) -> Vec<u8> {
    let state: Vec<u16> = network.read_state().into_iter().map(rounded).collect();
    let mut writer = Writer::default();
    writer.put(MAGIC);
    writer.u32(VERSION as usize);
    writer.u32(state.len());
    state.iter().for_each(|half| writer.u8((half >> 8) as u8));
    state.iter().for_each(|half| writer.u8(*half as u8));
    writer.bytes
}

/// Puts a checkpoint's values into `network`, which stays as it was on an error.
///
/// # Errors
/// `Format` for bytes that are no checkpoint, that hold another number of values than `network`
/// has, or a value that is not finite.
pub fn read(bytes: &[u8], network: &mut Network) -> Result<(), Error> {
    let mut reader = Reader::new("checkpoint", bytes);
    reader.magic(MAGIC)?;
    reader.require(VERSION, "version 2")?;
    let count = network.state_len();
    let expected = count.to_string() + " values, as the network has";
    reader.require(count as u32, &expected)?;
    if reader.left() != 2 * count {
        let expected = (2 * count).to_string() + " bytes of values";
        return Err(reader.wrong(&expected, &reader.left().to_string()));
    }
    let body = reader.take(2 * count)?;
    let (high, low) = body.split_at(count);
    let pairs = high.iter().zip(low);
    let values: Vec<f32> = pairs
        .map(|(&high, &low)| f16::from_be_bytes([high, low]).to_f32())
        .collect();
    if let Some(index) = values.iter().position(|value| !value.is_finite()) {
        let expected = "a finite number at index ".to_owned() + &index.to_string();
        return Err(reader.wrong(&expected, &number(f64::from(values[index]))));
    }
    network.write_state(&values)
}
