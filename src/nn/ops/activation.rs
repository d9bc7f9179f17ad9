//! Activation functions, element by element. NaN passes through, so that a diverged run stays visible.
//!
//! The built-in models use ReLU, y = max(x, 0), and ReLU6, y = min(max(x, 0), 6); the others occur in imported
//! networks. Gradients are computed from the output y where possible, otherwise from x; at kinks they are 0, or the
//! slope on the left.

/// An element-wise activation function.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Activation {
    /// y = x.
    Identity,
    /// y = max(x, 0).
    Relu,
    /// y = min(max(x, 0), 6).
    Relu6,
    /// One that only imported networks have.
    #[cfg(any(feature = "files", feature = "kernels"))]
    Imported(Curve),
}

/// The activation functions of imported networks.
#[cfg(any(feature = "files", feature = "kernels"))]
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Curve {
    /// y = x above 0, slope·x below; the slope is not negative.
    LeakyRelu {
        /// The slope below 0.
        slope: f32,
    },
    /// y = min(max(x, low), high); low ≤ high, and either may be infinite.
    Clip {
        /// The smallest y.
        low: f32,
        /// The largest y.
        high: f32,
    },
    /// y = 1 / (1 + exp(−x)).
    Sigmoid,
    /// y = tanh x.
    Tanh,
    /// y = x·min(max(x + 3, 0), 6) / 6 (Howard et al. 2019).
    HardSwish,
}

#[cfg(any(feature = "files", feature = "kernels"))]
impl Curve {
    /// y of x.
    pub fn of(self, x: f32) -> f32 {
        match self {
            Self::LeakyRelu { slope } => {
                if x < 0.0 {
                    slope * x
                } else {
                    x
                }
            }
            Self::Clip { low, high } => {
                let x = if x < low { low } else { x };
                if x > high { high } else { x }
            }
            Self::Sigmoid => 1.0 / (1.0 + libm::expf(-x)),
            Self::Tanh => libm::tanhf(x),
            Self::HardSwish => x * relu6(x + 3.0) / SIX,
        }
    }

    /// dy/dx, from x and its y.
    pub fn slope(self, x: f32, y: f32) -> f32 {
        match self {
            Self::LeakyRelu { slope } => {
                if x > 0.0 {
                    1.0
                } else {
                    slope
                }
            }
            Self::Clip { low, high } => f32::from(u8::from((y > low) & (y < high))),
            Self::Sigmoid => y * (1.0 - y),
            Self::Tanh => 1.0 - y * y,
            Self::HardSwish => match x {
                x if x <= -3.0 => 0.0,
                x if x >= 3.0 => 1.0,
                x => (2.0 * x + 3.0) / SIX,
            },
        }
    }
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

/// `upstream` where ReLU passed x on, else 0; computed from its output y.
pub fn relu_gradient(y: f32, upstream: f32) -> f32 {
    if y > 0.0 { upstream } else { 0.0 }
}

/// `upstream` where ReLU6 passed x on, else 0; computed from its output y.
pub fn relu6_gradient(y: f32, upstream: f32) -> f32 {
    if (y > 0.0) & (y < SIX) { upstream } else { 0.0 }
}

/// Writes y.
pub fn forward(activation: Activation, x: &[f32], y: &mut [f32]) {
    match activation {
        Activation::Identity => y.copy_from_slice(x),
        Activation::Relu => y.iter_mut().zip(x).for_each(|(y, &x)| *y = relu(x)),
        Activation::Relu6 => y.iter_mut().zip(x).for_each(|(y, &x)| *y = relu6(x)),
        #[cfg(any(feature = "files", feature = "kernels"))]
        Activation::Imported(curve) => y.iter_mut().zip(x).for_each(|(y, &x)| *y = curve.of(x)),
    }
}

/// Turns dL/dy into dL/dx in place, given x and y.
pub fn backward(activation: Activation, x: &[f32], y: &[f32], gradient: &mut [f32]) {
    let both = gradient.iter_mut().zip(y);
    match activation {
        Activation::Identity => {}
        Activation::Relu => both.for_each(|(g, &y)| *g = relu_gradient(y, *g)),
        Activation::Relu6 => both.for_each(|(g, &y)| *g = relu6_gradient(y, *g)),
        #[cfg(any(feature = "files", feature = "kernels"))]
        Activation::Imported(curve) => both
            .zip(x)
            .for_each(|((g, &y), &x)| *g *= curve.slope(x, y)),
    }
    // Only imported activations look at x.
    let _ = x;
}
