//! The block layouts, one for each way of multiplying. Why a kernel wants its layout is said in the
//! kernel's file; here stands only where the bits go.

use super::pack::{Block, Layout};

/// `16 / BITS` rows share a 16-bit lane; a block is 8 columns (one lane each). Row 0 has the lowest bits.
/// Where the rows fill the lane, the top row's codes are stored minus 2^(BITS−1), so that the lane, read
/// as a signed number, is Σ 2^(BITS·row)·stored. (3 bits: five rows, the lane's top bit stays 0.)
pub struct LaneRows<const BITS: usize>;

impl<const BITS: usize> LaneRows<BITS> {
    /// Rows of a lane.
    pub const LANE_ROWS: usize = 16 / BITS;
    /// Whether the rows fill the lane, sign bit included.
    pub const FULL: bool = 16 % BITS == 0;
}

impl<const BITS: usize> Layout for LaneRows<BITS> {
    const BITS: usize = BITS;
    const ROWS: usize = Self::LANE_ROWS;
    const COLUMNS: usize = 8;
    const BLOCKS: usize = 1;

    fn place(row: usize, column: usize, bit: usize) -> usize {
        16 * column + BITS * row + bit
    }

    fn flip(row: usize, _column: usize) -> u8 {
        if Self::FULL && row + 1 == Self::LANE_ROWS {
            1 << (BITS - 1)
        } else {
            0
        }
    }
}

/// One row; byte j of a block holds columns j, j + 16, … from its lowest bits up: `8 / BITS` fields of
/// 16 columns. For 2 and 4 bits.
pub struct Fields<const BITS: usize>;

impl<const BITS: usize> Layout for Fields<BITS> {
    const BITS: usize = BITS;
    const ROWS: usize = 1;
    const COLUMNS: usize = 16 * (8 / BITS);
    const BLOCKS: usize = 1;

    fn place(_row: usize, column: usize, bit: usize) -> usize {
        8 * (column % 16) + BITS * (column / 16) + bit
    }
}

/// Exactly 3 bits: two rows of 64 columns are eight fields of 16 codes in three blocks. Fields 0 to 5 are
/// bits 0–2 and 3–5 of each block's bytes; the bits 6–7 left over hold fields 6 and 7: their upper two
/// bits in blocks 0 and 1, their lowest bits in block 2.
pub struct Fields3;

impl Layout for Fields3 {
    const BITS: usize = 3;
    const ROWS: usize = 2;
    const COLUMNS: usize = 64;
    const BLOCKS: usize = 3;

    fn place(row: usize, column: usize, bit: usize) -> usize {
        let (field, byte) = (4 * row + column / 16, column % 16);
        let (block, bit_of_byte) = match (field, bit) {
            (6 | 7, 0) => (2, field),
            (6 | 7, _) => (field - 6, 5 + bit),
            _ => (field / 2, 3 * (field % 2) + bit),
        };
        8 * (16 * block + byte) + bit_of_byte
    }
}

/// One row, one byte a code, stored minus 128 as a signed byte.
pub struct SignedBytes;

impl Layout for SignedBytes {
    const BITS: usize = 8;
    const ROWS: usize = 1;
    const COLUMNS: usize = 16;
    const BLOCKS: usize = 1;

    fn place(_row: usize, column: usize, bit: usize) -> usize {
        8 * column + bit
    }

    fn flip(_row: usize, _column: usize) -> u8 {
        0x80
    }
}

/// 1 bit: byte r of a block is row r of 16, its bits are 8 columns: two 4-column indices into tables of
/// partial sums. A unit is 64 columns.
pub struct NibbleColumns;

impl Layout for NibbleColumns {
    const BITS: usize = 1;
    const ROWS: usize = 16;
    const COLUMNS: usize = 64;
    const BLOCKS: usize = 8;

    fn place(row: usize, column: usize, _bit: usize) -> usize {
        8 * (16 * (column / 8) + row) + column % 8
    }
}

/// Levels of up to 8 bits as 16-bit words: a block is four rows of two columns, a unit `STRIPS` blocks.
pub struct Words<const STRIPS: usize>;

impl<const STRIPS: usize> Layout for Words<STRIPS> {
    const BITS: usize = 8;
    const ROWS: usize = 4 * STRIPS;
    const COLUMNS: usize = 2;
    const BLOCKS: usize = STRIPS;

    fn place(row: usize, column: usize, bit: usize) -> usize {
        16 * (2 * row + column) + bit
    }
}

/// A unit wastes no bit, except where `spare` says so.
const fn assert_size<L: Layout>(spare: usize) {
    assert!(L::ROWS * L::COLUMNS * L::BITS + spare == 8 * size_of::<Block>() * L::BLOCKS);
}

const _: () = {
    assert_size::<LaneRows<2>>(0);
    assert_size::<LaneRows<3>>(8);
    assert_size::<LaneRows<4>>(0);
    assert_size::<LaneRows<8>>(0);
    assert_size::<Fields<2>>(0);
    assert_size::<Fields<4>>(0);
    assert_size::<Fields3>(0);
    assert_size::<SignedBytes>(0);
    assert_size::<NibbleColumns>(0);
    assert_size::<Words<1>>(64);
    assert_size::<Words<8>>(8 * 64);
};

#[cfg(test)]
mod tests {
    use super::super::pack::{pack, packed_bytes, unpack};
    use super::*;
    use crate::rng::{Rng, Stream};

    fn round_trips<L: Layout>() {
        let mut rng = Rng::new(1, Stream::Test);
        for (rows, columns) in [
            (0, 5),
            (5, 0),
            (1, 1),
            (3, 7),
            (16, 64),
            (17, 65),
            (33, 130),
        ] {
            let codes: Vec<u8> = (0..rows * columns)
                .map(|_| rng.below(1 << L::BITS) as u8)
                .collect();
            let blocks = pack::<L>(&codes, rows, columns);
            assert_eq!(blocks.len() * 16, packed_bytes::<L>(rows, columns));
            assert_eq!(
                unpack::<L>(&blocks, rows, columns),
                codes,
                "{rows}×{columns}"
            );
        }
    }

    /// Each bit of a unit belongs to at most one code's bit.
    fn places_are_distinct<L: Layout>() {
        let mut taken = vec![false; 128 * L::BLOCKS];
        for row in 0..L::ROWS {
            for column in 0..L::COLUMNS {
                for bit in 0..L::BITS {
                    let place = L::place(row, column, bit);
                    assert!(!taken[place], "row {row}, column {column}, bit {bit}");
                    taken[place] = true;
                }
            }
        }
    }

    /// Every code at every place of a unit comes back, whatever stands beside it.
    fn every_code_everywhere<L: Layout>() {
        for code in 0..1u32 << L::BITS {
            for shift in [0, 1, 7] {
                let codes: Vec<u8> = (0..L::ROWS * L::COLUMNS)
                    .map(|i| ((code + (shift * i) as u32) % (1 << L::BITS)) as u8)
                    .collect();
                let blocks = pack::<L>(&codes, L::ROWS, L::COLUMNS);
                assert_eq!(blocks.len(), L::BLOCKS);
                assert_eq!(unpack::<L>(&blocks, L::ROWS, L::COLUMNS), codes);
            }
        }
    }

    fn check<L: Layout>() {
        round_trips::<L>();
        places_are_distinct::<L>();
        every_code_everywhere::<L>();
    }

    #[test]
    fn every_code_of_every_layout_round_trips() {
        check::<LaneRows<2>>();
        check::<LaneRows<3>>();
        check::<LaneRows<4>>();
        check::<LaneRows<8>>();
        check::<Fields<2>>();
        check::<Fields<4>>();
        check::<Fields3>();
        check::<SignedBytes>();
        check::<NibbleColumns>();
        check::<Words<1>>();
        check::<Words<8>>();
    }
}
