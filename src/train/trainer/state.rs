//! What a run remembers between two slices. [`Trainer::visit_state`] names every field of [`Trainer`]: a new one does not
//! compile until it is visited here, or marked `_` because it follows from the options, the data or the next slice.

#[cfg(feature = "methods")]
use super::super::allocation::{SearchReport, begin};
use super::super::evaluate::{Evaluation, Evaluator};
use super::super::method::Request;
use super::super::options::Options;
use super::super::recipe::quantize_settings;
use super::{Phase, Trainer, non_finite_loss};
use crate::archive::Archive;
#[cfg(feature = "methods")]
use crate::data::Dataset;
#[cfg(feature = "methods")]
use crate::error::Error;
use crate::nn::network::Made;
#[cfg(feature = "methods")]
use crate::nn::network::Network;
use crate::nn::optimizer::Optimizer;
use crate::quant::Role;

impl Trainer {
    /// The run that `archive` reads, with the options, the data and a network of the model that it began with. A search
    /// that was under way begins anew: it is seeded, and ends as it would have.
    ///
    /// # Errors
    /// `Format` that names the place, or those of the search.
    #[cfg(feature = "methods")]
    pub fn restored(
        options: Options,
        data: Dataset,
        network: Network,
        mut archive: Archive<'_>,
    ) -> Result<Self, Error> {
        let mut trainer = Self::at_start(options, data, network);
        trainer.visit_state(&mut archive);
        archive.end()?;
        if let (Phase::Search, Some(start)) = (trainer.phase, trainer.options.method().search) {
            let search = begin(start, &trainer.options, &trainer.network, &trainer.data)?;
            trainer.search = Some(search);
            trainer.report = None;
        }
        Ok(trainer)
    }

    /// Shows the archive all that a run remembers.
    pub fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let batches = self.batches();
        #[cfg_attr(not(feature = "methods"), allow(unused_variables))]
        let Self {
            options,
            recipe,
            data,
            network,
            reference,
            allocation,
            search: _,
            report,
            optimizer,
            schedule,
            backpropagation,
            rng,
            phase,
            step,
            epoch,
            batch,
            order,
            start_bits,
            evaluator,
            loss,
            correct,
            seen,
            test,
            train_accuracy,
            float_accuracy,
            trace,
            last_good,
            failure,
            input: _,
            labels: _,
            gradient: _,
        } = self;
        let samples = data.train.len();
        phase.visit_state(archive);
        let searching = *phase == Phase::Search && options.method().search.is_none();
        archive.check(!searching, "a phase of the method", f64::from(*phase as u8));
        archive.part("the counters");
        archive.size(step, usize::MAX);
        archive.size(epoch, recipe.pretrain_epochs.max(recipe.epochs));
        archive.size(batch, batches - 1);
        archive.f32(loss);
        archive.size(correct, samples);
        archive.size(seen, samples);
        let mut failed = failure.is_some();
        archive.flag(&mut failed);
        *failure = failed.then(|| non_finite_loss(*phase, *step, *epoch, *loss));
        rng.visit_state(archive);
        visit_order(order, archive);

        let build = |role| builder(options, role);
        archive.maybe(
            reference,
            || network.clone(),
            |reference, archive| {
                reference.visit_state(archive, &build);
            },
        );
        network.visit_state(archive, &build);
        last_good.visit_state(archive, &build);
        if archive.loaded() && !matches!(phase, Phase::Pretrain | Phase::Calibrate | Phase::Search)
        {
            *optimizer = Optimizer::new(quantize_settings(options));
        }
        optimizer.visit_state(archive, network);
        if archive.loaded() && *phase == Phase::Quantize {
            let start = options.method().schedule;
            *schedule = start.and_then(|start| start(options, None, batches));
        }
        let kept = schedule.as_mut().filter(|schedule| schedule.has_state());
        let (expected, mut there) = (kept.is_some(), kept.is_some());
        archive.flag(&mut there);
        archive.check(there == expected, "the schedule of the method", 0.0);
        if let Some(schedule) = kept {
            schedule.visit_state(archive);
        }
        backpropagation.visit_state(network.nodes().len(), archive);
        allocation.visit_state(archive);
        archive.part("the bits at the start");
        archive.resize(start_bits, recipe.budgets.len(), 0.0);
        archive.floats(start_bits);

        let (classes, samples) = (data.classes, data.test.len());
        let new = || Evaluator::new(classes);
        archive.maybe(evaluator, new, |found, archive| {
            found.visit_state(archive, samples);
        });
        let new = || Evaluation {
            confusion: vec![0; classes * classes],
            ..Evaluation::default()
        };
        archive.maybe(test, new, |found, archive| {
            found.visit_state(archive, samples);
        });
        archive.part("the accuracies");
        archive.maybe(
            train_accuracy,
            || 0.0,
            |found, archive| archive.accuracy(found),
        );
        archive.maybe(
            float_accuracy,
            || 0.0,
            |found, archive| archive.accuracy(found),
        );
        trace.visit_state(archive);
        #[cfg(feature = "methods")]
        archive.maybe(report, SearchReport::default, |report, archive| {
            report.visit_state(archive);
        });
        #[cfg(not(feature = "methods"))]
        archive.size(&mut 0, 0);
    }
}

/// A quantizer of the run's method to read a state into.
fn builder(options: &Options, role: Role) -> Made {
    options.method().build(&Request {
        role,
        bits: 2,
        samples: &[],
        learns: false,
        options,
    })
}

/// The order of the training samples: each of them once.
fn visit_order(order: &mut [usize], archive: &mut Archive<'_>) {
    archive.part("the order of samples");
    let last = order.len() - 1;
    let mut there = vec![false; order.len()];
    for sample in order {
        archive.size(sample, last);
        let again = core::mem::replace(&mut there[*sample], true);
        archive.check(!again, "a sample not seen before", *sample as f64);
    }
}
