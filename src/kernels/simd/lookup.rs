//! 1 bit: partial sums looked up.
//!
//! Four columns have 16 possible partial sums, −508 … 508. Sum + 512 has 10 bits: the low 6 in one table, the
//! high 4 in another. One swizzle looks up 16 rows at once. Four low lookups add up in a byte (4·63), all
//! sixteen high ones of a unit (16·15). A byte vector s is added to 16-bit lanes without unpacking:
//!
//!     A += s (as u16: even + 256·odd);  B += s >> 8 (odd);  even = A − 256·B modulo 2¹⁶
//!
//! exact while both sums stay below 2¹⁶, which is checked every [`UNITS_PER_FLUSH`] units of 64 columns.

use super::operand::padded;
use super::vector::{bytes, look_up, store, u16s};
use crate::kernels::matrix::Plane;
use crate::kernels::operand::Scratch;
use crate::kernels::pack::Block;
use core::arch::wasm32::{
    i8x16_add, u8x16_shr, u8x16_splat, u16x8_add, u16x8_shr, u16x8_splat, v128, v128_and,
};

/// 64 units · 4 groups · 252 < 2¹⁶.
const UNITS_PER_FLUSH: usize = 64;
const BLOCKS_PER_UNIT: usize = 8;
/// What every lookup adds beyond its partial sum.
const BIAS: i32 = 512;

/// acc = codes · x for one tile of columns.
// Not inlined: see scripts/build-wasm.sh.
#[inline(never)]
pub fn multiply(plane: &Plane, x: &[i8], samples: usize, acc: &mut [i32], scratch: &mut Scratch) {
    let tables = scratch.operands.fill_tables(x, plane.columns);
    let run = padded(plane.columns) / 4;
    let length = plane.columns.div_ceil(64) * BLOCKS_PER_UNIT;
    for strip in 0..plane.blocks.len() / length {
        let blocks = &plane.blocks[strip * length..][..length];
        for sample in 0..samples {
            let found = rows_of_16(blocks, &tables[sample * run..][..run]);
            let acc = &mut acc[sample * plane.rows..][..plane.rows][strip * 16..];
            store(&[found], acc);
        }
    }
}

/// Two sums of bytes as 16-bit lanes.
#[derive(Clone, Copy)]
struct Pair {
    both: v128,
    odd: v128,
}

impl Pair {
    #[inline(always)]
    fn zero() -> Self {
        Self {
            both: u16x8_splat(0),
            odd: u16x8_splat(0),
        }
    }

    #[inline(always)]
    fn add(&mut self, bytes: v128) {
        self.both = u16x8_add(self.both, bytes);
        self.odd = u16x8_add(self.odd, u16x8_shr(bytes, 8));
    }

    /// The sums of the 16 bytes' rows.
    fn rows(self) -> [i32; 16] {
        let (both, odd) = (u16s(self.both), u16s(self.odd));
        core::array::from_fn(|row| {
            let odd = odd[row / 2];
            let even = both[row / 2].wrapping_sub(odd << 8);
            i32::from(if row % 2 == 0 { even } else { odd })
        })
    }
}

fn rows_of_16(blocks: &[Block], tables: &[[v128; 2]]) -> [i32; 16] {
    let units = blocks.len() / BLOCKS_PER_UNIT;
    let mut found = [-BIAS * 16 * units as i32; 16];
    let parts = blocks.chunks(UNITS_PER_FLUSH * BLOCKS_PER_UNIT);
    for (blocks, tables) in parts.zip(tables.chunks(UNITS_PER_FLUSH * 2 * BLOCKS_PER_UNIT)) {
        let (low, high) = add_units(blocks, tables);
        for ((found, low), high) in found.iter_mut().zip(low.rows()).zip(high.rows()) {
            *found += low + 64 * high;
        }
    }
    found
}

#[inline(always)]
fn add_units(blocks: &[Block], tables: &[[v128; 2]]) -> (Pair, Pair) {
    let (mut low, mut high) = (Pair::zero(), Pair::zero());
    let nibble = u8x16_splat(15);
    let (units, _) = blocks.as_chunks::<BLOCKS_PER_UNIT>();
    let (unit_tables, _) = tables.as_chunks::<16>();
    for (unit, tables) in units.iter().zip(unit_tables) {
        let mut high_sum = u8x16_splat(0);
        for group in 0..4 {
            let mut low_sum = u8x16_splat(0);
            for block in [2 * group, 2 * group + 1] {
                let v = bytes(&unit[block]);
                for (part, index) in [v128_and(v, nibble), u8x16_shr(v, 4)]
                    .into_iter()
                    .enumerate()
                {
                    let [low_table, high_table] = &tables[2 * block + part];
                    low_sum = i8x16_add(low_sum, look_up(*low_table, index));
                    high_sum = i8x16_add(high_sum, look_up(*high_table, index));
                }
            }
            low.add(low_sum);
        }
        high.add(high_sum);
    }
    (low, high)
}
