//! What a saved run keeps of its loss scaling: scales, counters, and what was lost so far.

use super::{FRESH, LossScaling, Lost, NodeState};
use crate::archive::Archive;
use crate::nn::precision::format::Loss;

impl LossScaling {
    /// Shows everything that does not follow from the options; `nodes` are those of the network.
    pub fn visit_state(&mut self, nodes: usize, archive: &mut Archive<'_>) {
        let Self {
            format: _,
            rounder: _,
            policy: _,
            rule: _,
            interval: _,
            steps,
            loss_scale,
            clean,
            skipped,
            overflows,
            loss_lost,
            nodes: states,
            measures: _,
            overflowed: _,
            in_hand: _,
            layer: _,
        } = self;
        archive.part("the loss scaling");
        for counter in [steps, clean, skipped, overflows] {
            archive.size(counter, usize::MAX);
        }
        archive.positive(loss_scale);
        loss_lost.visit_state(archive);
        archive.resize(states, nodes, FRESH);
        for state in states {
            state.visit_state(archive);
        }
    }
}

impl NodeState {
    fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let Self {
            scale,
            factor,
            lost,
        } = self;
        archive.positive(scale);
        archive.maybe(factor, || 1.0, |factor, archive| archive.positive(factor));
        lost.visit_state(archive);
    }
}

impl Lost {
    fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let Self { last, total } = self;
        last.visit_state(archive);
        total.visit_state(archive);
    }
}

impl Loss {
    fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let Self { nonzero, flushed } = self;
        archive.u64(nonzero);
        archive.u64(flushed);
    }
}
