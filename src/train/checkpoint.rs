//! Float checkpoints: the state of a network as half-precision numbers.
//!
//! Layout (little endian): magic `DDQC`, u32 version 2, u32 number of values, then the values as IEEE half
//! floats in the order of `Network::read_state`: all high bytes, then all low bytes. No padding, nothing behind.
//! Mantissas are rounded to 6 bits. Both make the file a third smaller on its way through gzip, and the float
//! accuracy that a session reports is that of the values stored.

use crate::error::Error;
use crate::nn::network::Network;
use crate::text::number;
use half::f16;

const MAGIC: &[u8; 4] = b"DDQC";
const VERSION: u32 = 2;
const HEADER_BYTES: usize = 12;

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
    let mut bytes = Vec::with_capacity(HEADER_BYTES + 2 * state.len());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&(state.len() as u32).to_le_bytes());
    bytes.extend(state.iter().map(|half| (half >> 8) as u8));
    bytes.extend(state.iter().map(|half| *half as u8));
    bytes
}

/// Puts a checkpoint's values into `network`, which stays as it was on an error.
///
/// # Errors
/// `Format` for bytes that are no checkpoint, that hold another number of values than `network`
/// has, or a value that is not finite.
pub fn read(bytes: &[u8], network: &mut Network) -> Result<(), Error> {
    let header = |at: usize| {
        bytes
            .get(at..at + 4)
            .and_then(|b| <[u8; 4]>::try_from(b).ok())
    };
    expect(0, "the magic DDQC", header(0) == Some(*MAGIC), || {
        header(0).map_or("nothing".to_owned(), |b| String::from_utf8_lossy(&b).into())
    })?;
    let version = header(4).map(u32::from_le_bytes);
    expect(4, "version 2", version == Some(VERSION), || shown(version))?;
    let count = network.state_len();
    let stated = header(8).map(|b| u32::from_le_bytes(b) as usize);
    expect(
        8,
        &format!("{count} values, as the network has"),
        stated == Some(count),
        || shown(stated.map(|n| n as u32)),
    )?;
    let body = &bytes[HEADER_BYTES..];
    expect(
        HEADER_BYTES,
        &format!("{} bytes of values", 2 * count),
        body.len() == 2 * count,
        || format!("{}", body.len()),
    )?;
    let (high, low) = body.split_at(count);
    let pairs = high.iter().zip(low);
    let values: Vec<f32> = pairs
        .map(|(&high, &low)| f16::from_be_bytes([high, low]).to_f32())
        .collect();
    let broken = values.iter().position(|v| !v.is_finite());
    if let Some(index) = broken {
        expect(HEADER_BYTES + index, "a finite value", false, || {
            number(f64::from(values[index]))
        })?;
    }
    network.write_state(&values)
}

fn shown(value: Option<u32>) -> String {
    value.map_or("nothing".to_owned(), |value| value.to_string())
}

fn expect(
    offset: usize,
    expected: &str,
    holds: bool,
    got: impl FnOnce() -> String,
) -> Result<(), Error> {
    if holds {
        return Ok(());
    }
    Err(Error::Format {
        what: "checkpoint".to_owned(),
        place: format!("byte {offset}"),
        expected: expected.to_owned(),
        got: got(),
    })
}
