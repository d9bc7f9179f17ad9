//! Weight codes in block layouts: where each bit of each code lies.
//!
//! A layout cuts a `[rows, columns]` matrix into *strips* of [`Layout::ROWS`] rows and each strip into
//! *units* of [`Layout::COLUMNS`] columns. A unit is a whole number of 16-byte [`Block`]s, because a
//! kernel reads nothing smaller; units follow each other along the columns, strips along the rows. Bits
//! beyond the matrix (its last strip and unit may stick out) are zero, and kernels never let them count.

/// Sixteen bytes of packed codes: one vector load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(C, align(16))]
pub struct Block(pub [u8; 16]);

const _: () = assert!(size_of::<Block>() == 16 && align_of::<Block>() == 16);

/// A fixed place for every bit of every code.
pub trait Layout {
    /// Bits of a code.
    const BITS: usize;
    /// Rows of a strip.
    const ROWS: usize;
    /// Columns of a unit.
    const COLUMNS: usize;
    /// Blocks of a unit.
    const BLOCKS: usize;

    /// Where bit `bit` of the code at (`row`, `column`) of a unit lies: 8·byte + bit of the byte.
    fn place(row: usize, column: usize, bit: usize) -> usize;

    /// What the stored code of a strip's row `row` at `column` is XORed with.
    fn flip(_row: usize, _column: usize) -> u8 {
        0
    }
}

/// Bytes of a `rows × columns` matrix in layout `L`, padding included.
pub const fn packed_bytes<L: Layout>(rows: usize, columns: usize) -> usize {
    rows.div_ceil(L::ROWS) * columns.div_ceil(L::COLUMNS) * L::BLOCKS * size_of::<Block>()
}

/// Packs row-major codes, each below 2^BITS.
pub fn pack<L: Layout>(codes: &[u8], rows: usize, columns: usize) -> Vec<Block> {
    let mut blocks = vec![Block::default(); packed_bytes::<L>(rows, columns) / size_of::<Block>()];
    for row in 0..rows {
        for column in 0..columns {
            let unit = &mut blocks[unit_start::<L>(row, column, columns)..][..L::BLOCKS];
            let (row_in, column_in) = (row % L::ROWS, column % L::COLUMNS);
            let code = codes[row * columns + column] ^ L::flip(row_in, column_in);
            for bit in 0..L::BITS {
                let place = L::place(row_in, column_in, bit);
                unit[place / 128].0[place / 8 % 16] |= (code >> bit & 1) << (place % 8);
            }
        }
    }
    blocks
}

/// The row-major codes that [`pack`] was given.
pub fn unpack<L: Layout>(blocks: &[Block], rows: usize, columns: usize) -> Vec<u8> {
    let mut codes = Vec::with_capacity(rows * columns);
    for row in 0..rows {
        for column in 0..columns {
            let unit = &blocks[unit_start::<L>(row, column, columns)..][..L::BLOCKS];
            let (row_in, column_in) = (row % L::ROWS, column % L::COLUMNS);
            let code = (0..L::BITS).fold(0, |code, bit| {
                let place = L::place(row_in, column_in, bit);
                code | (unit[place / 128].0[place / 8 % 16] >> (place % 8) & 1) << bit
            });
            codes.push(code ^ L::flip(row_in, column_in));
        }
    }
    codes
}

/// Index of the first block of the unit that holds (`row`, `column`).
fn unit_start<L: Layout>(row: usize, column: usize, columns: usize) -> usize {
    (row / L::ROWS * columns.div_ceil(L::COLUMNS) + column / L::COLUMNS) * L::BLOCKS
}
