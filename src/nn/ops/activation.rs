//! ReLU and ReLU6: y = max(x, 0), and at most 6. NaN passes through, so that a broken run is seen.
//! The gradient is 0 at the kinks.

/// An element-wise activation function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// y = x.
    Identity,
    /// y = max(x, 0).
    Relu,
    /// y = min(max(x, 0), 6).
    Relu6,
}

/// Upper limit of ReLU6.
const SIX: f32 = 6.0;

/// max(x, 0); NaN stays NaN.
pub fn relu(x: f32) -> f32 {
    if x < 0.0 { 0.0 } else { x }
}

/// min(max(x, 0), 6); NaN stays NaN.
pub fn relu6(x: f32) -> f32 {
    let x = relu(x);
    if x > SIX { SIX } else { x }
}

/// `upstream` where ReLU passed x on, else 0; told from its output y.
pub fn relu_gradient(y: f32, upstream: f32) -> f32 {
    if y > 0.0 { upstream } else { 0.0 }
}

/// `upstream` where ReLU6 passed x on, else 0; told from its output y.
pub fn relu6_gradient(y: f32, upstream: f32) -> f32 {
    if (y > 0.0) & (y < SIX) { upstream } else { 0.0 }
}

/// Writes y.
pub fn forward(activation: Activation, x: &[f32], y: &mut [f32]) {
    match activation {
        Activation::Identity => y.copy_from_slice(x),
        Activation::Relu => y.iter_mut().zip(x).for_each(|(y, &x)| *y = relu(x)),
        Activation::Relu6 => y.iter_mut().zip(x).for_each(|(y, &x)| *y = relu6(x)),
    }
}

/// Turns dL/dy into dL/dx in place.
pub fn backward(activation: Activation, y: &[f32], gradient: &mut [f32]) {
    match activation {
        Activation::Identity => {}
        Activation::Relu => gradient
            .iter_mut()
            .zip(y)
            .for_each(|(g, &y)| *g = relu_gradient(y, *g)),
        Activation::Relu6 => gradient
            .iter_mut()
            .zip(y)
            .for_each(|(g, &y)| *g = relu6_gradient(y, *g)),
    }
}
