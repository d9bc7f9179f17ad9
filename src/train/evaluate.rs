//! Accuracy and loss of a network on a split, in bounded slices.

use crate::archive::Archive;
use crate::data::{Dataset, Split};
use crate::nn::loss::softmax_cross_entropy;
use crate::nn::network::{Mode, Network};
use crate::nn::tensor::{Shape, Tensor};

/// Samples of one slice: large enough for full matrix products, small enough for a few ms.
pub const EVALUATION_BATCH: usize = 128;

/// What an evaluation found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evaluation {
    /// Mean cross-entropy over the samples, in nats.
    pub loss: f64,
    /// Part of the samples whose largest logit is the true class, in [0, 1].
    pub accuracy: f64,
    /// Counts, classes × classes, row = true class, column = predicted class.
    pub confusion: Vec<u32>,
}

impl Evaluation {
    /// The numbers found, on a split of `samples`.
    pub fn visit_state(&mut self, archive: &mut Archive<'_>, samples: usize) {
        let Self {
            loss,
            accuracy,
            confusion,
        } = self;
        archive.part("the last evaluation");
        archive.f64(loss);
        archive.accuracy(accuracy);
        archive.counts(confusion, 0, samples as u32);
    }
}

/// An evaluation in progress.
#[derive(Debug, Clone)]
pub struct Evaluator {
    next: usize,
    loss_sum: f64,
    confusion: Vec<u32>,
    input: Tensor,
    gradient: Tensor,
}

impl Evaluator {
    /// Starts an evaluation over `classes` classes.
    pub fn new(classes: usize) -> Self {
        Self {
            next: 0,
            loss_sum: 0.0,
            confusion: vec![0; classes * classes],
            input: Tensor::default(),
            gradient: Tensor::default(),
        }
    }

    /// What was seen of a split of `samples`.
    pub fn visit_state(&mut self, archive: &mut Archive<'_>, samples: usize) {
        let Self {
            next,
            loss_sum,
            confusion,
            input: _,
            gradient: _,
        } = self;
        archive.part("the evaluation under way");
        archive.size(next, samples);
        archive.f64(loss_sum);
        archive.counts(confusion, 0, samples as u32);
    }

    /// Evaluates the next samples; the result when all have been seen.
    pub fn slice(
        &mut self,
        network: &mut Network,
        data: &Dataset,
        split: &Split,
    ) -> Option<Evaluation> {
        let end = (self.next + EVALUATION_BATCH).min(split.len());
        let indices: Vec<usize> = (self.next..end).collect();
        if !indices.is_empty() {
            load_batch(data, split, &indices, &mut self.input);
            let labels = &split.labels[self.next..end];
            let logits = network.forward(&self.input, Mode::Eval);
            let loss = softmax_cross_entropy(logits, labels, &mut self.gradient);
            self.loss_sum += f64::from(loss) * labels.len() as f64;
            let classes = logits.shape().c;
            for (sample, &label) in labels.iter().enumerate() {
                self.confusion[label as usize * classes + argmax(logits, sample)] += 1;
            }
        }
        self.next = end;
        (end == split.len()).then(|| self.result(split.len()))
    }

    fn result(&self, samples: usize) -> Evaluation {
        let classes = self.confusion.len().isqrt();
        let correct: u32 = (0..classes).map(|c| self.confusion[c * classes + c]).sum();
        let count = samples.max(1) as f64;
        Evaluation {
            loss: self.loss_sum / count,
            accuracy: f64::from(correct) / count,
            confusion: self.confusion.clone(),
        }
    }
}

/// Evaluates a whole split at once.
pub fn evaluate(network: &mut Network, data: &Dataset, split: &Split) -> Evaluation {
    let mut evaluator = Evaluator::new(data.classes);
    loop {
        if let Some(done) = evaluator.slice(network, data, split) {
            return done;
        }
    }
}

/// Puts the samples `indices` of `split` into `batch`.
pub fn load_batch(data: &Dataset, split: &Split, indices: &[usize], batch: &mut Tensor) {
    batch.load_samples(sample_shape(data), &split.inputs, indices);
}

/// The shape of one sample of the data.
pub fn sample_shape(data: &Dataset) -> Shape {
    Shape::image(data.shape.channels, data.shape.height, data.shape.width, 1)
}

/// Samples of a batch whose largest logit is the true class.
pub fn correct(logits: &Tensor, labels: &[u8]) -> usize {
    let hits = labels.iter().enumerate();
    hits.filter(|&(sample, &label)| argmax(logits, sample) == label as usize)
        .count()
}

/// The class with the largest logit of one sample; the first of equals.
pub fn argmax(logits: &Tensor, sample: usize) -> usize {
    let mut best = 0;
    for class in 1..logits.shape().c {
        if logits.channel(class)[sample] > logits.channel(best)[sample] {
            best = class;
        }
    }
    best
}
