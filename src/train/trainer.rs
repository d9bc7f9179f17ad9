//! One run from a float network to a quantized one, in bounded slices.
//!
//! `pretrain` (float epochs) → `calibrate` (one slice: quantizers take their ranges) → `search` (where a
//! method searches the bits, or points of rows) → `quantize` (levels, and gates where bits are learned) → `finetune` (gates frozen
//! on the budget, levels on the deployment grid) → `done`. Every epoch ends with an evaluation on the test split.
//!
//! What a run remembers between two slices is saved and restored by `state.rs`, which names every field of [`Trainer`].

mod state;
mod view;

#[cfg(feature = "methods")]
use super::allocation::check_locks;
use super::allocation::{Allocation, LayerQuantizers, Search, SearchReport, begin};
use super::backpropagation::{Backpropagation, Step};
#[cfg(feature = "methods")]
use super::budget::Budget;
use super::budget::Scope;
#[cfg(feature = "methods")]
use super::calibrate::check_activations;
use super::calibrate::{attach, attach_quantizers};
use super::evaluate::{Evaluation, Evaluator, load_batch};
#[cfg(feature = "methods")]
use super::method::Bits;
use super::options::Options;
pub use super::phase::Phase;
use super::recipe::{Recipe, pretrain_settings, quantize_settings};
use super::schedule::{Course, Schedule};
use super::trace::Trace;
use crate::data::Dataset;
use crate::error::Error;
use crate::nn::loss::softmax_cross_entropy;
use crate::nn::network::{Mode, Network};
use crate::nn::optimizer::Optimizer;
use crate::nn::tensor::Tensor;
use crate::parameter::Group;
use crate::rng::{Rng, Stream};
use crate::text::number;

/// A run in progress.
pub struct Trainer {
    options: Options,
    recipe: Recipe,
    data: Dataset,
    network: Network,
    reference: Option<Network>,
    /// The bits with which quantizers are attached.
    allocation: Allocation,
    search: Option<Search>,
    report: Option<SearchReport>,
    optimizer: Optimizer,
    backpropagation: Backpropagation,
    rng: Rng,
    phase: Phase,
    step: usize,
    epoch: usize,
    /// Batches of the current epoch already trained.
    batch: usize,
    order: Vec<usize>,
    /// Average bits per budget when learning began.
    start_bits: Vec<f32>,
    /// What the method does around the steps, until bits freeze.
    schedule: Option<Box<dyn Schedule>>,
    evaluator: Option<Evaluator>,
    loss: f32,
    correct: usize,
    seen: usize,
    test: Option<Evaluation>,
    train_accuracy: Option<f64>,
    float_accuracy: Option<f64>,
    /// What the evaluations so far have shown, as a hash.
    trace: Trace,
    last_good: Network,
    failure: Option<Error>,
    input: Tensor,
    labels: Vec<u8>,
    gradient: Tensor,
}

impl Trainer {
    /// A run on `data` from `network`, which is a float network: fresh, or a checkpoint's.
    ///
    /// # Errors
    /// `InvalidOption` for a budget that the network cannot meet.
    pub fn new(options: Options, data: Dataset, network: Network) -> Result<Self, Error> {
        #[cfg(feature = "methods")]
        check_locks(&options, &network)?;
        #[cfg(feature = "methods")]
        let options = options.for_network(&network);
        if let Some(start) = options.method().search {
            // A search that cannot begin is an error now, not after the pretraining.
            begin(start, &options, &network, &data)?;
        }
        let mut trainer = Self::at_start(options, data, network);
        trainer.check_budgets()?;
        if trainer.recipe.pretrain_epochs == 0 {
            trainer.evaluator = Some(Evaluator::new(trainer.data.classes));
        }
        Ok(trainer)
    }

    /// A run before its first slice, unchecked.
    fn at_start(options: Options, data: Dataset, network: Network) -> Self {
        let recipe = Recipe::new(&options);
        let rng = Rng::new(options.seed(), Stream::Shuffle);
        Self {
            allocation: Allocation::of_options(&options, network.linears().count()),
            search: None,
            report: None,
            last_good: network.clone(),
            optimizer: Optimizer::new(pretrain_settings(&options)),
            backpropagation: Backpropagation::new(&options),
            order: (0..data.train.len()).collect(),
            options,
            recipe,
            data,
            network,
            reference: None,
            rng,
            phase: Phase::Pretrain,
            step: 0,
            epoch: 0,
            batch: 0,
            start_bits: Vec::new(),
            schedule: None,
            evaluator: None,
            loss: f32::NAN,
            correct: 0,
            seen: 0,
            test: None,
            train_accuracy: None,
            float_accuracy: None,
            trace: Trace::default(),
            failure: None,
            input: Tensor::default(),
            labels: Vec::new(),
            gradient: Tensor::default(),
        }
    }

    /// Where bits are given, lowers them to what the budget allows. A budget out of reach is an error at the start,
    /// not after the pretraining.
    fn check_budgets(&mut self) -> Result<(), Error> {
        let mut trial = self.network.clone();
        attach_quantizers(&mut trial, &self.data, &self.options, &self.allocation);
        // The small binary has no method that would need these: see `Engine.methods` of the package.
        #[cfg(feature = "methods")]
        check_activations(&trial, &self.options, &self.allocation)?;
        #[cfg(feature = "methods")]
        if self.options.bits_from() == Bits::Given
            && let Some(bits) = self.options.budget_bits()
        {
            let scope = Scope::Weights;
            return self.lower_weight_bits(Budget { scope, bits }, trial);
        }
        for budget in &self.recipe.budgets {
            let option = match budget.scope {
                Scope::Weights => "budgetBits",
                Scope::Activations => "activationBudgetBits",
            };
            budget.check(&trial, option)?;
        }
        Ok(())
    }

    /// Lowers given bits until `trial`, which has them, is within the budget.
    #[cfg(feature = "methods")]
    fn lower_weight_bits(&mut self, budget: Budget, mut trial: Network) -> Result<(), Error> {
        let mut options = self.options.clone();
        while !budget.holds(&trial) && options.integer("weightBits") > options.fewest_weight_bits()
        {
            options.set_weight_bits(options.integer("weightBits") - 1);
            self.allocation = Allocation::of_options(&options, self.allocation.weight.len());
            attach_quantizers(&mut trial, &self.data, &options, &self.allocation);
        }
        budget.check(&trial, "budgetBits")
    }

    /// One slice of work: a mini-batch of training, a batch of an evaluation, or the calibration.
    ///
    /// # Errors
    /// `NonFiniteLoss` when the loss leaves the finite numbers: the network is then the one of the
    /// last finished epoch, and every further call gives the same error.
    pub fn step(&mut self) -> Result<(), Error> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        if self.evaluator.is_some() {
            self.evaluate_slice();
            return Ok(());
        }
        match self.phase {
            Phase::Done => Ok(()),
            Phase::Calibrate => self.calibrate(),
            Phase::Search => {
                self.search_slice();
                Ok(())
            }
            Phase::Pretrain | Phase::Quantize | Phase::Finetune => self.train_batch(),
        }
    }

    fn evaluate_slice(&mut self) {
        let Some(evaluator) = &mut self.evaluator else {
            return;
        };
        let Some(found) = evaluator.slice(&mut self.network, &self.data, &self.data.test) else {
            return;
        };
        self.evaluator = None;
        if self.phase == Phase::Pretrain {
            self.float_accuracy = Some(found.accuracy);
        }
        self.trace.fold(self.loss, found.loss, &self.network);
        self.test = Some(found);
        self.last_good.clone_from(&self.network);
        if self.epoch >= self.phase_epochs() {
            self.next_phase();
        }
    }

    /// Epochs of the current phase. Quantize and finetune count as one phase.
    fn phase_epochs(&self) -> usize {
        match self.phase {
            Phase::Pretrain => self.recipe.pretrain_epochs,
            _ => self.recipe.epochs,
        }
    }

    fn next_phase(&mut self) {
        self.phase = match self.phase {
            Phase::Pretrain => Phase::Calibrate,
            _ => Phase::Done,
        };
    }

    fn calibrate(&mut self) -> Result<(), Error> {
        self.reference = Some(self.network.clone());
        self.epoch = 0;
        match self.options.method().search {
            Some(start) => {
                self.search = Some(begin(start, &self.options, &self.network, &self.data)?);
                self.phase = Phase::Search;
            }
            None => self.quantize(None),
        }
        Ok(())
    }

    fn search_slice(&mut self) {
        let Some(search) = &mut self.search else {
            return;
        };
        let found = search.step();
        self.report = Some(search.report());
        if let Some(allocation) = found {
            self.take(allocation);
        }
    }

    /// Ends a search with the best allocation so far; false where there is none.
    pub fn end_search(&mut self) -> bool {
        let best = self.search.as_ref().and_then(|search| search.best());
        let found = best.is_some();
        if let Some(allocation) = best {
            self.take(allocation);
        }
        found
    }

    /// Ends the search with this allocation, and goes on with the quantizers that the search made, if it did.
    fn take(&mut self, allocation: Allocation) {
        let made = self
            .search
            .as_mut()
            .and_then(|search| search.take_quantizers());
        self.search = None;
        self.allocation = allocation;
        self.quantize(made);
    }

    /// Attaches the quantizers that a search made, or those of the allocation, and begins their training.
    fn quantize(&mut self, made: Option<Vec<LayerQuantizers>>) {
        match made {
            Some(made) => attach(&mut self.network, made),
            None => attach_quantizers(
                &mut self.network,
                &self.data,
                &self.options,
                &self.allocation,
            ),
        }
        self.optimizer = Optimizer::new(quantize_settings(&self.options));
        self.start_bits = self
            .recipe
            .budgets
            .iter()
            .map(|b| b.scope.average(&self.network))
            .collect();
        let (start, batches) = (self.options.method().schedule, self.batches());
        let network = Some(&mut self.network);
        self.schedule = start.and_then(|start| start(&self.options, network, batches));
        self.phase = Phase::Quantize;
        // The accuracy of the float network is not that of the quantized one.
        self.test = None;
        self.evaluator = Some(Evaluator::new(self.data.classes));
        if self.recipe.epochs == 0 {
            self.freeze();
        }
    }

    /// Ends the learning of bits: they meet the budget and freeze, levels move to the grid.
    fn freeze(&mut self) {
        if let Some(schedule) = self.schedule.take() {
            schedule.finish(&mut self.network, &self.data, &self.recipe.budgets);
        }
        for linear in self.network.linears_mut() {
            linear
                .quantizers_mut()
                .for_each(|quantizer| quantizer.freeze());
        }
        self.optimizer.reset(Group::Levels);
        self.phase = Phase::Finetune;
    }

    fn train_batch(&mut self) -> Result<(), Error> {
        if self.phase == Phase::Quantize && self.progress() >= self.recipe.freeze_at {
            self.freeze();
        }
        if self.batch == 0 {
            self.rng.shuffle(&mut self.order);
            (self.correct, self.seen) = (0, 0);
        }
        self.load();
        let progress = self.progress();
        self.network.zero_gradients();
        self.backpropagation.enter(&mut self.network);
        let logits = self.network.forward(&self.input, Mode::Train);
        self.loss = softmax_cross_entropy(logits, &self.labels, &mut self.gradient);
        self.correct += super::evaluate::correct(logits, &self.labels);
        self.seen += self.labels.len();
        if !self.loss.is_finite() {
            return self.fail();
        }
        let course = Course {
            budgets: &self.recipe.budgets,
            start_bits: &self.start_bits,
            progress,
            loss: self.loss,
        };
        let scale = match &mut self.schedule {
            Some(schedule) => schedule.before_backward(&mut self.network, &course),
            None => 1.0,
        };
        if scale != 1.0 {
            self.gradient
                .data_mut()
                .iter_mut()
                .for_each(|g| *g *= scale);
        }
        if self.backpropagation.run(&mut self.network, &self.gradient) == Step::Take {
            if let Some(schedule) = &mut self.schedule {
                schedule.before_update(&mut self.network);
            }
            self.optimizer.step(&mut self.network, progress);
            self.network.constrain();
        }
        if let Some(schedule) = &mut self.schedule
            && let Some(group) = schedule.after_batch(&mut self.network, &course)
        {
            self.optimizer.reset(group);
        }
        self.step += 1;
        self.batch += 1;
        if self.batch == self.batches() {
            self.end_epoch();
        }
        Ok(())
    }

    fn load(&mut self) {
        let start = self.batch * self.recipe.batch_size;
        let end = (start + self.recipe.batch_size).min(self.order.len());
        let indices = &self.order[start..end];
        load_batch(&self.data, &self.data.train, indices, &mut self.input);
        self.labels.clear();
        self.labels
            .extend(indices.iter().map(|&i| self.data.train.labels[i]));
    }

    fn end_epoch(&mut self) {
        self.batch = 0;
        self.epoch += 1;
        self.train_accuracy = Some(self.correct as f64 / self.seen.max(1) as f64);
        if self.phase == Phase::Quantize && self.epoch == self.phase_epochs() {
            self.freeze();
        }
        self.evaluator = Some(Evaluator::new(self.data.classes));
    }

    fn fail(&mut self) -> Result<(), Error> {
        let failure = non_finite_loss(self.phase, self.step, self.epoch, self.loss);
        self.network.clone_from(&self.last_good);
        self.failure = Some(failure.clone());
        Err(failure)
    }

    /// Part of the current phase that is behind, in [0, 1].
    fn progress(&self) -> f32 {
        let total = (self.phase_epochs() * self.batches()).max(1);
        (self.epoch * self.batches() + self.batch) as f32 / total as f32
    }

    /// Mini-batches of one epoch.
    pub fn batches(&self) -> usize {
        self.data.train.len().div_ceil(self.recipe.batch_size)
    }
}

/// What became of a run that stands here.
fn non_finite_loss(phase: Phase, step: usize, epoch: usize, loss: f32) -> Error {
    Error::NonFiniteLoss {
        phase: phase.name().to_owned(),
        step,
        epoch,
        got: number(f64::from(loss)),
    }
}
