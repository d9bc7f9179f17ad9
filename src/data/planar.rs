//! Generated sets of points in the plane: two moons, circles, xor, gaussians and spirals.
//!
//! Sample i belongs to class i mod classes, so the classes are balanced to one sample and every
//! prefix is too. A point is drawn on its class's shape, then each coordinate gets normal noise.

use super::{Dataset, DatasetSpec, SampleShape, split};
use crate::rng::{Rng, Stream};
use crate::turn::cos_sin;

const SHAPE: SampleShape = SampleShape {
    channels: 2,
    height: 1,
    width: 1,
};

/// Radius of the outer circle; the inner one has half of it.
const OUTER_RADIUS: f32 = 0.9;
/// Distance of the xor squares from the axes.
const XOR_GAP: f32 = 0.1;
/// Distance of the three blob centres from the origin, and the spread of each blob.
const BLOB_DISTANCE: f32 = 0.6;
const BLOB_DEVIATION: f32 = 0.15;
/// Arms start a little outside the origin, where they would all meet.
const SPIRAL_START: f32 = 0.1;
/// Turns of an arm from the origin to radius 1: fewer for three arms, whose gaps are narrower.
const TURNS_TWO_ARMS: f32 = 1.25;
const TURNS_THREE_ARMS: f32 = 0.75;

/// Which shape the points lie on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Geometry {
    /// Two interleaved half circles.
    Moons,
    /// Two concentric circles.
    Circles,
    /// Four squares, opposite corners one class.
    Xor,
    /// Three normal blobs.
    Gaussians,
    /// Two arms.
    Spiral2,
    /// Three arms.
    Spiral3,
}

impl Geometry {
    /// The shape called `name`, or none if that is not a generated set.
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "moons" => Self::Moons,
            "circles" => Self::Circles,
            "xor" => Self::Xor,
            "gaussians" => Self::Gaussians,
            "spiral2" => Self::Spiral2,
            "spiral3" => Self::Spiral3,
            _ => return None,
        })
    }

    fn class_names(self) -> &'static [&'static str] {
        match self {
            Self::Moons => &["upper moon", "lower moon"],
            Self::Circles => &["outer circle", "inner circle"],
            Self::Xor => &["same signs", "opposite signs"],
            Self::Gaussians => &["top", "left", "right"],
            Self::Spiral2 => &["arm 1", "arm 2"],
            Self::Spiral3 => &["arm 1", "arm 2", "arm 3"],
        }
    }

    /// A point of `class` without noise.
    fn point(self, class: usize, rng: &mut Rng) -> [f32; 2] {
        match self {
            Self::Moons => moon(class, rng.uniform()),
            Self::Circles => {
                let radius = if class == 0 { 1.0 } else { 0.5 } * OUTER_RADIUS;
                polar(radius, rng.uniform())
            }
            Self::Xor => xor(class, rng),
            Self::Gaussians => {
                let [x, y] = polar(BLOB_DISTANCE, 0.25 + class as f32 / 3.0);
                [
                    x + BLOB_DEVIATION * rng.normal(),
                    y + BLOB_DEVIATION * rng.normal(),
                ]
            }
            Self::Spiral2 => spiral(class as f32 / 2.0, TURNS_TWO_ARMS, rng),
            Self::Spiral3 => spiral(class as f32 / 3.0, TURNS_THREE_ARMS, rng),
        }
    }
}

/// The set of `spec`, whose ranges have been checked.
pub fn build(name: &'static str, geometry: Geometry, spec: &DatasetSpec) -> Dataset {
    let class_names: Vec<String> = geometry
        .class_names()
        .iter()
        .map(|&name| name.to_owned())
        .collect();
    let classes = class_names.len();
    let mut rng = Rng::new(spec.seed, Stream::Data);
    let mut inputs = Vec::with_capacity(2 * spec.samples);
    let mut labels = Vec::with_capacity(spec.samples);
    for sample in 0..spec.samples {
        let class = sample % classes;
        for coordinate in geometry.point(class, &mut rng) {
            inputs.push(coordinate + spec.noise * rng.normal());
        }
        labels.push(class as u8);
    }
    let test_samples = (spec.samples + 2) / 4;
    let (train, test) = split::stratified(&inputs, &labels, classes, test_samples, spec.seed);
    Dataset {
        name,
        shape: SHAPE,
        classes,
        class_names,
        train,
        test,
    }
}

fn polar(radius: f32, turns: f32) -> [f32; 2] {
    let (cos, sin) = cos_sin(turns);
    [radius * cos, radius * sin]
}

/// Half circles of radius 1 around (0, 0), opening down, and (1, ½), opening up: the usual moons,
/// moved and scaled by 2/3 so that they span [−1, 1] × [−½, ½].
fn moon(class: usize, along: f32) -> [f32; 2] {
    let [cos, sin] = polar(1.0, 0.5 * along);
    let [x, y] = if class == 0 {
        [cos, sin]
    } else {
        [1.0 - cos, 0.5 - sin]
    };
    [(x - 0.5) / 1.5, (y - 0.25) / 1.5]
}

/// Uniform in the two squares of [gap, 1]² mirrored by signs: x·y > 0 for class 0, < 0 for class 1.
fn xor(class: usize, rng: &mut Rng) -> [f32; 2] {
    let x = rng.uniform_in(XOR_GAP, 1.0);
    let y = rng.uniform_in(XOR_GAP, 1.0);
    let sign = if rng.below(2) == 0 { 1.0 } else { -1.0 };
    let opposite = if class == 0 { 1.0 } else { -1.0 };
    [sign * x, opposite * sign * y]
}

/// An Archimedean arm: the angle grows with the radius, `phase` turns ahead of the first arm.
fn spiral(phase: f32, turns: f32, rng: &mut Rng) -> [f32; 2] {
    let radius = rng.uniform_in(SPIRAL_START, 1.0);
    polar(radius, turns * radius + phase)
}
