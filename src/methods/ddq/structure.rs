//! DDQ's structure matrix U and what it does to a level vector.
//!
//! U = U_1 ⊗ … ⊗ U_b with U_i = g_i·I + (1 − g_i)·1 (2×2 matrices; our reading of the paper), bit 1 the most
//! significant bit of a level's index. With V_i = g_i·I + (1 − g_i)/2·1, U/Z = V_1 ⊗ … ⊗ V_b, so a
//! vector indexed by b bits is multiplied one axis at a time in O(b·2^b), without U.

/// Multiplies `v` (2^b entries) by V_i on the axis of bit `bit` (0 = most significant) of `bits`:
/// v ← g·v + (1 − g)·(mean over the axis). `gate` in [0, 1].
pub fn apply_gate(v: &mut [f32], bits: usize, bit: usize, gate: f32) {
    for_pairs(v, bits, bit, |a, b| {
        let mean = 0.5 * a + 0.5 * b;
        (
            gate * a + (1.0 - gate) * mean,
            gate * b + (1.0 - gate) * mean,
        )
    });
}

/// Multiplies by dV_i/dg_i = (I − X)/2 on one axis, X being the swap.
fn apply_gate_derivative(v: &mut [f32], bits: usize, bit: usize) {
    for_pairs(v, bits, bit, |a, b| {
        let half = 0.5 * a - 0.5 * b;
        (half, -half)
    });
}

fn for_pairs(v: &mut [f32], bits: usize, bit: usize, change: impl Fn(f32, f32) -> (f32, f32)) {
    let stride = 1 << (bits - 1 - bit);
    for block in v.chunks_exact_mut(2 * stride) {
        let (zeros, ones) = block.split_at_mut(stride);
        for (a, b) in zeros.iter_mut().zip(ones) {
            (*a, *b) = change(*a, *b);
        }
    }
}

/// The effective levels q̃ = (U/Z)·q, all 2^b of them; constant in each block of merged levels.
pub fn effective_levels(q: &[f32], gates: &[f32]) -> Vec<f32> {
    let mut v = q.to_vec();
    for (bit, &gate) in gates.iter().enumerate() {
        apply_gate(&mut v, gates.len(), bit, gate);
    }
    v
}

/// D_i·q: the derivative of the effective levels in gate i. For gates of 0 and 1 it equals
/// the difference of the effective levels with the gate on and off, since q̃ is linear in each gate.
pub fn gate_derivative(q: &[f32], gates: &[f32], bit: usize) -> Vec<f32> {
    let mut v = q.to_vec();
    for (axis, &gate) in gates.iter().enumerate() {
        if axis == bit {
            apply_gate_derivative(&mut v, gates.len(), axis);
        } else if gate != 1.0 {
            apply_gate(&mut v, gates.len(), axis, gate);
        }
    }
    v
}

/// U as a row-major 2^b × 2^b matrix of 0 and 1 (before the normaliser Z = Π(2 − g_i)):
/// U[j, k] = Π over the bits in which j and k differ of (1 − g).
pub fn structure_matrix(gates: &[bool]) -> Vec<f32> {
    let bits = gates.len();
    let n = 1usize << bits;
    let may_differ = (0..bits).filter(|&bit| !gates[bit]);
    let mask = may_differ.fold(0, |mask, bit| mask | 1 << (bits - 1 - bit));
    let entry = |index: usize| ((index / n) ^ (index % n)) & !mask == 0;
    (0..n * n).map(|index| f32::from(entry(index))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_u_sum_to_z_and_multiply_as_the_fast_form() {
        let q: Vec<f32> = (0..16).map(|i| (i * i) as f32 * 0.1 - 3.0).collect();
        for pattern in 0..16u32 {
            let gates: Vec<bool> = (0..4).map(|bit| pattern >> bit & 1 == 1).collect();
            let u = structure_matrix(&gates);
            let off = gates.iter().filter(|g| !**g).count();
            let z = (1 << off) as f32;
            let values: Vec<f32> = gates.iter().map(|&g| f32::from(g)).collect();
            let fast = effective_levels(&q, &values);
            for (row, &expected) in u.chunks_exact(16).zip(&fast) {
                assert_eq!(row.iter().sum::<f32>(), z);
                let product: f32 = row.iter().zip(&q).map(|(u, q)| u * q).sum();
                assert!((product / z - expected).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn a_gates_derivative_is_the_difference_of_on_and_off() {
        let q: Vec<f32> = (0..8).map(|i| (i * i) as f32).collect();
        for bit in 0..3 {
            let mut gates = [1.0, 0.0, 1.0];
            let derivative = gate_derivative(&q, &gates, bit);
            gates[bit] = 1.0;
            let on = effective_levels(&q, &gates);
            gates[bit] = 0.0;
            let off = effective_levels(&q, &gates);
            for ((on, off), d) in on.iter().zip(&off).zip(&derivative) {
                assert!((on - off - d).abs() < 1e-5);
            }
        }
    }
}
