//! Decoder of `digits.bin` (encoder: `scripts/make_digits.py`).
//!
//! Two bytes, little endian: the number of samples. Then one stream of a binary arithmetic coder:
//! per sample its label, then its 64 pixels row by row, each as a few yes/no decisions. A decision
//! is predicted from how often it was "yes" before in the same context, p = (yes + 1) / (all + 2).
//!
//! - Label: four bits from the top, context the previous label.
//! - Pixel: "is it 0?", "is it 16?", else its four bits from the top. The context is the label, the
//!   place in the image, and whether the left and the upper neighbour are 0, 1 to 11, or 12 to 16.
//!
//! The four bits of one value walk a binary tree of 15 decisions, so each context has 17 in all.
//! Knowing class, place and neighbours makes the stream 30.8 KB, where a Huffman code of the
//! pixels alone takes 43 KB; mixing more contexts would save less than 2 KB.

use crate::error::Error;

/// Pixels of one image, 8×8.
const PIXELS: usize = 64;
const SIDE: usize = 8;
const CLASSES: usize = 10;
const BRIGHTEST: u8 = 16;
/// Contexts of a pixel: 3 values of the left neighbour times 3 of the upper.
const NEIGHBOURS: usize = 9;
const LABEL_CONTEXT: usize = CLASSES * PIXELS * NEIGHBOURS;
const CONTEXTS: usize = LABEL_CONTEXT + CLASSES;
const DECISIONS: usize = 17;
const IS_ZERO: usize = 0;
const IS_BRIGHTEST: usize = 1;

/// The samples of the file, in its order.
#[derive(Debug, PartialEq)]
pub struct Images {
    /// `[N, 64]`, each 0 to 16.
    pub pixels: Vec<u8>,
    /// `[N]`, each 0 to 9.
    pub labels: Vec<u8>,
}

/// Reads a whole file.
///
/// # Errors
/// `Format` if the bytes end early, hold a label above 9, or go on after the last sample.
pub fn decode(bytes: &[u8]) -> Result<Images, Error> {
    let mut decoder = Decoder::new(bytes)?;
    let count = usize::from(decoder.count);
    let mut images = Images {
        pixels: Vec::with_capacity(count * PIXELS),
        labels: Vec::with_capacity(count),
    };
    let mut previous = 0;
    for sample in 0..count {
        let label = decoder.four_bits(LABEL_CONTEXT + previous)?;
        if usize::from(label) >= CLASSES {
            let place = format!("the label of sample {sample}");
            return Err(format_error(place, "0 to 9", label));
        }
        images.labels.push(label);
        previous = usize::from(label);
        decoder.image(previous, &mut images.pixels)?;
    }
    match bytes.len() - decoder.next {
        0 => Ok(images),
        more => {
            let place = format!("byte {}", decoder.next);
            Err(format_error(place, "the end", format!("{more} more bytes")))
        }
    }
}

/// The arithmetic decoder with the counts of every decision seen so far.
///
/// `value` is the next 32 bits of the stream seen as a number in [low, high]. Each decision cuts
/// that interval in proportion to its probability; the part that holds `value` is the answer and
/// the new interval. Leading bytes that low and high share are settled and shifted out.
struct Decoder<'a> {
    bytes: &'a [u8],
    next: usize,
    count: u16,
    low: u32,
    high: u32,
    value: u32,
    /// `[context, decision]` → (times "yes", times seen).
    seen: Vec<(u32, u32)>,
}

impl<'a> Decoder<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut decoder = Self {
            bytes,
            next: 0,
            count: 0,
            low: 0,
            high: u32::MAX,
            value: 0,
            seen: vec![(0, 0); CONTEXTS * DECISIONS],
        };
        decoder.count = u16::from_le_bytes([decoder.byte()?, decoder.byte()?]);
        for _ in 0..4 {
            decoder.value = decoder.value << 8 | u32::from(decoder.byte()?);
        }
        Ok(decoder)
    }

    fn byte(&mut self) -> Result<u8, Error> {
        let byte = self.bytes.get(self.next).copied();
        self.next += 1;
        byte.ok_or_else(|| {
            format_error(format!("byte {}", self.next - 1), "another byte", "the end")
        })
    }

    fn decision(&mut self, context: usize, decision: usize) -> Result<bool, Error> {
        let (yes, all) = &mut self.seen[context * DECISIONS + decision];
        let width = u64::from(self.high - self.low);
        // The quotient is below `width`, as yes + 1 < all + 2: both parts keep at least one number.
        let part = width * u64::from(*yes + 1) / u64::from(*all + 2);
        let middle = self.low + part as u32;
        let answer = self.value <= middle;
        *yes += u32::from(answer);
        *all += 1;
        if answer {
            self.high = middle;
        } else {
            self.low = middle + 1;
        }
        while (self.low ^ self.high) >> 24 == 0 {
            self.low <<= 8;
            self.high = self.high << 8 | 0xff;
            self.value = self.value << 8 | u32::from(self.byte()?);
        }
        Ok(answer)
    }

    /// A number 0 to 15. Node 1 is the first decision; node n is followed by 2n or 2n + 1.
    fn four_bits(&mut self, context: usize) -> Result<u8, Error> {
        let mut node = 1;
        while node < 16 {
            node = 2 * node + usize::from(self.decision(context, node + 1)?);
        }
        Ok((node - 16) as u8)
    }

    fn pixel(&mut self, context: usize) -> Result<u8, Error> {
        if self.decision(context, IS_ZERO)? {
            return Ok(0);
        }
        if self.decision(context, IS_BRIGHTEST)? {
            return Ok(BRIGHTEST);
        }
        self.four_bits(context)
    }

    /// Appends the 64 pixels of an image of class `label`.
    fn image(&mut self, label: usize, pixels: &mut Vec<u8>) -> Result<(), Error> {
        for place in 0..PIXELS {
            let done = pixels.len();
            let left = if place % SIDE > 0 {
                pixels[done - 1]
            } else {
                0
            };
            let upper = if place >= SIDE {
                pixels[done - SIDE]
            } else {
                0
            };
            let context =
                (label * PIXELS + place) * NEIGHBOURS + brightness(left) * 3 + brightness(upper);
            let pixel = self.pixel(context)?;
            pixels.push(pixel);
        }
        Ok(())
    }
}

/// 0 for black, 1 for dark (1 to 11), 2 for bright (12 to 16).
fn brightness(pixel: u8) -> usize {
    usize::from(pixel >= 1) + usize::from(pixel >= 12)
}

fn format_error(place: String, expected: &str, got: impl ToString) -> Error {
    Error::Format {
        what: "digits.bin".to_owned(),
        place,
        expected: expected.to_owned(),
        got: got.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKED: &[u8] = include_bytes!("digits.bin");

    // Printed by scripts/make_digits.py, which computes them from scikit-learn's file.
    const SAMPLES_OF_CLASS: [usize; 10] = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180];
    const SUM_OF_PIXELS: u32 = 561_718;
    const ADLER32_PIXELS: u32 = 0x2942_92af;
    const ADLER32_LABELS: u32 = 0x7afe_1f87;
    const FIRST_LABEL: u8 = 0;
    const FIRST_PIXELS: [u8; 64] = [
        0, 0, 5, 13, 9, 1, 0, 0, //
        0, 0, 13, 15, 10, 15, 5, 0, //
        0, 3, 15, 2, 0, 11, 8, 0, //
        0, 4, 12, 0, 0, 8, 8, 0, //
        0, 5, 8, 0, 0, 9, 8, 0, //
        0, 4, 11, 0, 1, 12, 7, 0, //
        0, 2, 14, 5, 10, 12, 0, 0, //
        0, 0, 6, 13, 10, 0, 0, 0,
    ];

    /// The checksum of RFC 1950, as Python's zlib.adler32.
    fn adler32(bytes: &[u8]) -> u32 {
        let (mut a, mut b) = (1u32, 0u32);
        for &byte in bytes {
            a = (a + u32::from(byte)) % 65_521;
            b = (b + a) % 65_521;
        }
        b << 16 | a
    }

    #[test]
    fn the_packed_digits_are_those_of_the_original_file() {
        let images = decode(PACKED).unwrap();
        assert_eq!(images.labels.len(), SAMPLES_OF_CLASS.iter().sum::<usize>());
        assert_eq!(images.pixels.len(), images.labels.len() * PIXELS);
        for (class, expected) in SAMPLES_OF_CLASS.into_iter().enumerate() {
            let count = images
                .labels
                .iter()
                .filter(|&&l| usize::from(l) == class)
                .count();
            assert_eq!(count, expected, "class {class}");
        }
        let sum: u32 = images.pixels.iter().map(|&p| u32::from(p)).sum();
        assert_eq!(sum, SUM_OF_PIXELS);
        assert_eq!(adler32(&images.pixels), ADLER32_PIXELS);
        assert_eq!(adler32(&images.labels), ADLER32_LABELS);
        assert_eq!(images.labels[0], FIRST_LABEL);
        assert_eq!(images.pixels[..PIXELS], FIRST_PIXELS);
        assert!(PACKED.len() < 31_000, "{} bytes", PACKED.len());
    }

    #[test]
    fn every_truncation_is_reported_at_its_end() {
        let lengths = (0..8)
            .chain((8..PACKED.len()).step_by(997))
            .chain([PACKED.len() - 1]);
        for length in lengths {
            match decode(&PACKED[..length]) {
                Err(Error::Format {
                    what,
                    place,
                    expected,
                    got,
                }) => {
                    assert_eq!(what, "digits.bin");
                    assert_eq!(place, format!("byte {length}"));
                    assert_eq!(
                        (expected.as_str(), got.as_str()),
                        ("another byte", "the end")
                    );
                }
                other => panic!("{length} bytes: {other:?}"),
            }
        }
    }

    #[test]
    fn bytes_after_the_last_sample_are_refused() {
        let mut longer = PACKED.to_vec();
        longer.push(0);
        let error = decode(&longer).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "digits.bin, at byte {}: expected the end, got 1 more bytes",
                PACKED.len()
            )
        );
    }

    #[test]
    fn a_label_above_nine_is_refused() {
        // A stream of zeros lies in the lower part of every cut, which is "yes": the label is 15.
        let mut bad = vec![1, 0];
        bad.extend([0; 64]);
        let error = decode(&bad).unwrap_err();
        assert_eq!(
            error.to_string(),
            "digits.bin, at the label of sample 0: expected 0 to 9, got 15"
        );
    }
}
