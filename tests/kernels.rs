//! One suite for the packed products; every method of the build at hand goes through it. Natively that is the
//! scalar build, in Chrome each of the three.

use ddq_playground::kernels::{
    BUILD, Coding, FloatMatrix, METHODS, Method, PackedMatrix, Product, Scratch,
};
use ddq_playground::rng::{Rng, Stream};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test_configure!(run_in_browser);

/// Outputs are filled with this before a product: an unwritten one cannot pass.
const POISON: i32 = i32::MIN + 7;

fn level(coding: Coding, code: u8) -> i32 {
    match coding {
        Coding::Uniform => i32::from(code),
        Coding::Codebook(levels) => i32::from(levels[usize::from(code)]),
    }
}

/// The reference: acc[n, r] = Σ_k level(code(r, k)) · x[n, k].
fn naive(
    codes: &[u8],
    coding: Coding,
    x: &[i8],
    rows: usize,
    columns: usize,
    count: usize,
) -> Vec<i32> {
    let sum = |at: usize| {
        let (n, r) = (at / rows, at % rows);
        let (x, codes) = (
            &x[n * columns..][..columns],
            &codes[r * columns..][..columns],
        );
        codes
            .iter()
            .zip(x)
            .map(|(&code, &x)| level(coding, code) * i32::from(x))
            .sum()
    };
    (0..count * rows).map(sum).collect()
}

/// How codes and activations are chosen.
#[derive(Debug, Clone, Copy)]
enum Fill {
    Random,
    Highest,
    Lowest,
    Alternating,
    /// Every four columns sum up to −1, whose low bits are all ones: the largest entries of looked-up tables.
    FullLowBits,
}

const FILLS: [Fill; 5] = [
    Fill::Random,
    Fill::Highest,
    Fill::Lowest,
    Fill::Alternating,
    Fill::FullLowBits,
];

impl Fill {
    fn code(self, rng: &mut Rng, at: usize, bits: usize) -> u8 {
        let highest = ((1u32 << bits) - 1) as u8;
        match self {
            Fill::Random => rng.below(1 << bits) as u8,
            Fill::Highest | Fill::FullLowBits => highest,
            Fill::Lowest => 0,
            Fill::Alternating => highest * (at % 2) as u8,
        }
    }

    fn x(self, rng: &mut Rng, at: usize) -> i8 {
        match self {
            Fill::Random => (rng.below(255) as i32 - 127) as i8,
            Fill::Highest => 127,
            Fill::Lowest => -127,
            Fill::FullLowBits => -i8::from(at.is_multiple_of(4)),
            Fill::Alternating => {
                if at.is_multiple_of(2) {
                    127
                } else {
                    -127
                }
            }
        }
    }
}

fn codebook(rng: &mut Rng, fill: Fill) -> Coding {
    let mut levels: [u8; 16] = core::array::from_fn(|_| match fill {
        Fill::Random => rng.below(127) as u8,
        Fill::Highest => 126,
        _ => 0,
    });
    levels.sort_unstable();
    if matches!(fill, Fill::Alternating) {
        levels = core::array::from_fn(|i| (i * 126 / 15) as u8);
    }
    Coding::Codebook(levels)
}

/// One case: `shape` is rows, columns, columns of activations.
fn check(
    method: Method,
    bits: usize,
    coding: Coding,
    fill: Fill,
    shape: [usize; 3],
    rng: &mut Rng,
) {
    let [rows, columns, count] = shape;
    let codes: Vec<u8> = (0..rows * columns)
        .map(|at| fill.code(rng, at, bits))
        .collect();
    let Some(matrix) = PackedMatrix::with_method(method, &codes, rows, columns, bits, coding)
    else {
        return;
    };
    let case = format!("{method:?} {bits} bits {coding:?} {fill:?} {rows}×{columns}×{count}");
    assert_eq!(matrix.codes(), codes, "{case}: codes");
    for x_fill in FILLS {
        let x: Vec<i8> = (0..count * columns).map(|at| x_fill.x(rng, at)).collect();
        let mut acc = vec![POISON; count * rows];
        matrix.multiply(&x, count, &mut acc, &mut Scratch::default());
        assert_eq!(
            acc,
            naive(&codes, coding, &x, rows, columns, count),
            "{case}, x {x_fill:?}"
        );
    }
}

fn codings(bits: usize, rng: &mut Rng) -> Vec<Coding> {
    let mut all = vec![Coding::Uniform];
    if bits <= 4 {
        all.extend(FILLS.map(|fill| codebook(rng, fill)));
    }
    all
}

/// Every method, width and coding at one shape; counts how many ran.
fn all_at(rows: usize, columns: usize, count: usize, rng: &mut Rng) {
    for &method in METHODS {
        for bits in 1..=8 {
            for coding in codings(bits, rng) {
                let fill = FILLS[rng.below(FILLS.len())];
                check(method, bits, coding, fill, [rows, columns, count], rng);
                check(
                    method,
                    bits,
                    coding,
                    Fill::Random,
                    [rows, columns, count],
                    rng,
                );
            }
        }
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn this_is_the_build_that_was_asked_for() {
    assert_eq!(BUILD, option_env!("DDQ_EXPECT_BUILD").unwrap_or("scalar"));
    assert!(METHODS.len() >= if BUILD == "scalar" { 1 } else { 4 });
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn products_are_exact_at_every_short_length() {
    let mut rng = Rng::new(1, Stream::Test);
    for columns in 0..=67 {
        for rows in [1, [2, 3, 5, 7, 8, 9, 15, 16, 17][columns % 9]] {
            all_at(rows, columns, 1 + columns % 2, &mut rng);
        }
    }
    for rows in [0, 31, 33] {
        all_at(rows, 20, 1, &mut rng);
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn products_are_exact_at_long_lengths_and_in_batches() {
    let mut rng = Rng::new(2, Stream::Test);
    for (rows, columns, count) in [
        (17, 127, 1),
        (3, 128, 3),
        (2, 129, 35),
        (5, 1000, 1),
        (16, 4096, 1),
        (3, 4163, 2),
    ] {
        all_at(rows, columns, count, &mut rng);
    }
}

/// 65,536 columns of the extremes: as far as an i32 sum reaches.
#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn the_longest_rows_do_not_overflow() {
    let mut rng = Rng::new(3, Stream::Test);
    for &method in METHODS {
        for bits in 1..=8 {
            check(
                method,
                bits,
                Coding::Uniform,
                Fill::Highest,
                [1, 1 << 16, 1],
                &mut rng,
            );
            if bits <= 4 {
                check(
                    method,
                    bits,
                    Coding::Codebook([126; 16]),
                    Fill::Random,
                    [1, 1 << 16, 1],
                    &mut rng,
                );
            }
        }
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn every_width_has_a_method_and_stored_bytes_are_those_of_the_codes() {
    let mut rng = Rng::new(4, Stream::Test);
    let simd = BUILD != "scalar";
    let mut of = |size: usize, bits: usize| {
        let codes: Vec<u8> = (0..size * size)
            .map(|at| Fill::Random.code(&mut rng, at, bits))
            .collect();
        PackedMatrix::new(&codes, size, size, bits, Coding::Uniform).unwrap()
    };
    for bits in 1..=8 {
        let small = of(64, bits);
        assert_eq!(small.stored_bytes(), 512 * bits);
        assert_eq!(small.method() == Method::Words, simd, "{bits} bits");
        let words = 2 * 64 * 64;
        assert_eq!(small.working_bytes(), if simd { words } else { 512 * bits });

        let large = of(320, bits);
        let (stored, working) = (large.stored_bytes(), large.working_bytes());
        assert_eq!(stored, 12_800 * bits);
        let packed = !matches!(large.method(), Method::Stream | Method::Words);
        assert_eq!(packed, simd, "{bits} bits");
        // Five to seven bits are two planes; three bits share lanes with a sixteenth to spare, and strips stick out.
        assert!(
            (stored..=stored * 5 / 4).contains(&working),
            "{bits} bits: {working}"
        );
    }
}

/// Rows in every remainder of groups of strips, columns beside a whole number of vectors.
#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn products_are_exact_at_every_number_of_rows() {
    let mut rng = Rng::new(6, Stream::Test);
    for rows in 1..=70 {
        all_at(rows, [1, 2, 33][rows % 3], 1, &mut rng);
    }
}

/// What a longer product left in the buffers does not count in a shorter one.
#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn buffers_may_be_shared_by_products_of_any_size() {
    let mut rng = Rng::new(8, Stream::Test);
    let mut scratch = Scratch::default();
    for columns in [200, 37, 64, 3, 130, 17] {
        for &method in METHODS {
            for bits in 1..=8 {
                for coding in codings(bits, &mut rng) {
                    let (rows, count) = (9, 2);
                    let codes: Vec<u8> = (0..rows * columns)
                        .map(|at| Fill::Highest.code(&mut rng, at, bits))
                        .collect();
                    let made =
                        PackedMatrix::with_method(method, &codes, rows, columns, bits, coding);
                    let Some(matrix) = made else { continue };
                    let x = vec![127; count * columns];
                    let mut acc = vec![POISON; count * rows];
                    matrix.multiply(&x, count, &mut acc, &mut scratch);
                    let expected = naive(&codes, coding, &x, rows, columns, count);
                    assert_eq!(acc, expected, "{method:?} {bits} bits, {columns} columns");
                }
            }
        }
    }
}

/// What `Product` promises, in plain words: x with one scale, ties to even, NaN nothing, infinity no scale.
fn real_product(
    codes: &[u8],
    coding: Coding,
    [scale, offset]: [f32; 2],
    x: &[f32],
    rows: usize,
) -> Vec<f32> {
    let most = x
        .iter()
        .filter(|x| !x.is_nan())
        .fold(0f32, |most, x| most.max(x.abs()));
    let scale_x = if most.is_finite() { most / 127.0 } else { 0.0 };
    let inverse = if scale_x > 0.0 { 1.0 / scale_x } else { 0.0 };
    // NaN apart: with relaxed SIMD, what a vectorised clamp makes of it is the processor's affair.
    let level = |&x: &f32| match x * inverse {
        t if t.is_nan() => 0,
        t => t.round_ties_even().clamp(-127.0, 127.0) as i8,
    };
    let levels: Vec<i8> = x.iter().map(level).collect();
    let total: i32 = levels.iter().map(|&t| i32::from(t)).sum();
    let acc = naive(codes, coding, &levels, rows, x.len(), 1);
    let (factor, shift) = (scale_x * scale, scale_x * offset * total as f32);
    acc.iter().map(|&acc| factor * acc as f32 + shift).collect()
}

/// Values at which a level is a matter of the last bit, and the ends of float32's range.
fn hard_values(rng: &mut Rng, columns: usize) -> Vec<Vec<f32>> {
    let mut with = |value: f32, scale: f32| {
        let mut x: Vec<f32> = (0..columns).map(|_| scale * rng.normal()).collect();
        x[rng.below(columns)] = value;
        x
    };
    let mut all = vec![
        with(0.5, 1.0),
        with(f32::NAN, 1.0),
        with(f32::INFINITY, 1.0),
        with(f32::NEG_INFINITY, 1.0),
        with(-1e30, 1e29),
        // The smallest scale that is a normal number, and the largest that is not.
        with(127.0 * f32::MIN_POSITIVE, 1e-37),
        with((127.0 * f32::MIN_POSITIVE).next_down(), 1e-38),
        with(-1e-43, 1e-44),
        vec![0.0; columns],
        vec![f32::NAN; columns],
        vec![1e-45; columns],
    ];
    // The scale is 1: every value lies half way between two levels.
    let mut ties: Vec<f32> = (0..columns).map(|i| (i % 254) as f32 - 126.5).collect();
    ties[0] = -127.0;
    all.push(ties);
    all
}

/// In every build and by every method the same bits, whether rounding, product and scaling are one pass or three.
#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn real_products_have_the_same_bits_by_every_method() {
    let mut rng = Rng::new(7, Stream::Test);
    let affine = [0.1, -0.8];
    for (rows, columns) in [(1, 1), (3, 7), (10, 64), (33, 16), (47, 131), (64, 300)] {
        for bits in 1..=8 {
            for coding in codings(bits, &mut rng) {
                let codes: Vec<u8> = (0..rows * columns)
                    .map(|at| Fill::Random.code(&mut rng, at, bits))
                    .collect();
                let chosen = PackedMatrix::new(&codes, rows, columns, bits, coding).ok();
                let made = METHODS.iter().map(|&method| {
                    PackedMatrix::with_method(method, &codes, rows, columns, bits, coding)
                });
                let products = made.chain([chosen]).flatten();
                let mut products: Vec<Product> = products
                    .map(|matrix| Product::new(matrix, affine[0], affine[1]))
                    .collect();
                for x in hard_values(&mut rng, columns) {
                    let expected = real_product(&codes, coding, affine, &x, rows);
                    for product in &mut products {
                        let mut y = vec![f32::NAN; rows];
                        product.multiply(&x, &mut y);
                        let method = product.matrix().method();
                        let case = format!("{method:?} {bits} bits {coding:?} {rows}×{columns}");
                        let bits_of = |y: &[f32]| y.iter().map(|y| y.to_bits()).collect::<Vec<_>>();
                        assert_eq!(bits_of(&y), bits_of(&expected), "{case}, x {x:?}");
                    }
                }
            }
        }
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn what_does_not_fit_is_refused_in_words() {
    let refused = |codes: &[u8], bits, coding| {
        PackedMatrix::new(codes, 1, 2, bits, coding)
            .unwrap_err()
            .to_string()
    };
    assert!(refused(&[0, 4], 2, Coding::Uniform).contains("less than 2^2, got 4"));
    assert!(refused(&[0], 2, Coding::Uniform).contains("expected 1·2, got 1"));
    assert!(refused(&[0, 0], 9, Coding::Uniform).contains("1 to 8, got 9"));
    assert!(refused(&[0, 0], 5, Coding::Codebook([0; 16])).contains("1 to 4, got 5"));
    assert!(refused(&[0, 0], 1, Coding::Codebook([127; 16])).contains("0 to 126, got 127"));
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn the_float_product_is_close_to_double_precision() {
    let mut rng = Rng::new(5, Stream::Test);
    for (rows, columns) in [(0, 3), (3, 0), (1, 1), (4, 4), (5, 7), (9, 64), (6, 131)] {
        let values: Vec<f32> = (0..rows * columns).map(|_| rng.normal()).collect();
        let x: Vec<f32> = (0..columns).map(|_| rng.normal()).collect();
        let mut y = vec![f32::NAN; rows];
        FloatMatrix::new(values.clone(), rows, columns).multiply(&x, &mut y);
        for (row, &y) in y.iter().enumerate() {
            let products = values[row * columns..]
                .iter()
                .zip(&x)
                .map(|(w, x)| f64::from(*w) * f64::from(*x));
            let expected: f64 = products.sum();
            assert!(
                (f64::from(y) - expected).abs() < 1e-4,
                "{rows}×{columns}: {y} for {expected}"
            );
        }
    }
}
