//! What a saved run keeps of a layer's bit planes.

use super::planes::{MOST_PLANES, Planes};
use super::{Bsq, Shrinkage};
use crate::archive::Archive;
use crate::parameter::{Group, Parameter};

/// Planes lie within the exponents of a float, far inside this.
const FARTHEST: i32 = 1000;

fn visit_position(position: &mut i32, archive: &mut Archive<'_>) {
    let mut word = (*position + FARTHEST) as u32;
    archive.count(&mut word, 0, 2 * FARTHEST as u32);
    *position = word as i32 - FARTHEST;
}

impl Bsq {
    pub(super) fn visit(&mut self, archive: &mut Archive<'_>) {
        let Self {
            count,
            fewest,
            step,
            smallest_step,
            planes,
            held,
            code_norm,
            shrinkage,
            levels: _,
            learned,
            lowest,
            ever,
        } = self;
        archive.count(count, 0, MOST_PLANES);
        archive.count(fewest, 0, MOST_PLANES);
        step.visit_state(archive);
        archive.positive(smallest_step);
        let empty = || Planes {
            bits: Parameter::new(Group::Planes, Vec::new()),
            count: 0,
        };
        let wanted = *count as usize;
        archive.maybe(planes, empty, |planes, archive| {
            planes.visit_state(archive);
            let right = planes.bits.value.len() == 2 * planes.count * wanted;
            archive.check(right, "two numbers a weight and plane", planes.count as f64);
        });
        // Not recomputed: a step that made up for shrinkage has left its own rounding in them.
        archive.list(held);
        archive.f32(code_norm);
        let mut holds = *shrinkage == Shrinkage::Step;
        archive.flag(&mut holds);
        *shrinkage = if holds {
            Shrinkage::Step
        } else {
            Shrinkage::Network
        };
        archive.flag(learned);
        visit_position(lowest, archive);
        visit_position(&mut ever.start, archive);
        visit_position(&mut ever.end, archive);
        if archive.loaded() {
            self.fill_levels();
        }
    }
}

impl Planes {
    fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let Self { bits, count } = self;
        archive.size(count, usize::MAX);
        archive.resize(&mut bits.value, usize::MAX, 0.0);
        bits.visit_state(archive);
    }
}
