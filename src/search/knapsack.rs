//! The multiple-choice knapsack, solved exactly: for each layer one choice, the least total loss within a capacity.
//!
//! Layer by layer a list of partial solutions is kept in which none costs more and loses more than another. A partial
//! solution is dropped when even the linear relaxation of the layers to come (a fractional knapsack over each layer's
//! convex hull: a lower bound) cannot bring it below the best whole solution known. With the bound only a handful of
//! partial solutions survive, so that fifty layers take well under a millisecond.

use super::problem::Problem;

/// One choice of one layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// What it costs.
    pub cost: u64,
    /// What it loses; finite.
    pub loss: f64,
}

/// The choice of each layer with the least total loss whose total cost is at most `capacity`; None where even the
/// cheapest choices cost more, or a layer has none. Of equal losses the cheaper is taken.
pub fn solve(layers: &[Vec<Choice>], capacity: u64) -> Option<Vec<usize>> {
    let hulls: Vec<Hull> = layers
        .iter()
        .map(|choices| Hull::new(choices))
        .collect::<Option<_>>()?;
    let suffixes = Suffix::all(&hulls);
    let mut best = greedy(&hulls, &suffixes[0], capacity)?;
    let mut best_loss: f64 = total_loss(layers, &best);
    // Partial solutions: cost, loss, where it came from, what was chosen last.
    let mut partial = vec![Partial {
        cost: 0,
        loss: 0.0,
        from: 0,
        choice: 0,
    }];
    let mut trail: Vec<Vec<Partial>> = Vec::with_capacity(layers.len());
    for (layer, choices) in layers.iter().enumerate() {
        let rest = &suffixes[layer + 1];
        let mut next: Vec<Partial> = Vec::with_capacity(partial.len() * choices.len());
        for (from, before) in partial.iter().enumerate() {
            for (choice, &Choice { cost, loss }) in choices.iter().enumerate() {
                let (cost, loss) = (before.cost + cost, before.loss + loss);
                let Some(left) = capacity.checked_sub(cost) else {
                    continue;
                };
                let Some(bound) = rest.bound(left) else {
                    continue;
                };
                if loss + bound <= best_loss {
                    next.push(Partial {
                        cost,
                        loss,
                        from,
                        choice,
                    });
                }
            }
        }
        next.sort_by(|a, b| a.cost.cmp(&b.cost).then(a.loss.total_cmp(&b.loss)));
        let mut least = f64::INFINITY;
        next.retain(|partial| {
            let better = partial.loss < least;
            least = least.min(partial.loss);
            better
        });
        trail.push(core::mem::replace(&mut partial, next));
    }
    let found = partial
        .iter()
        .enumerate()
        .min_by(|(_, a), (_, b)| a.loss.total_cmp(&b.loss));
    if let Some((_, last)) = found {
        let mut choices = vec![0; layers.len()];
        let mut at = *last;
        for layer in (0..layers.len()).rev() {
            choices[layer] = at.choice;
            at = trail[layer][at.from];
        }
        if total_loss(layers, &choices) <= best_loss {
            best_loss = total_loss(layers, &choices);
            best = choices;
        }
    }
    debug_assert!(best_loss.is_finite());
    Some(best)
}

fn total_loss(layers: &[Vec<Choice>], choices: &[usize]) -> f64 {
    layers
        .iter()
        .zip(choices)
        .map(|(layer, &choice)| layer[choice].loss)
        .sum()
}

#[derive(Debug, Clone, Copy)]
struct Partial {
    cost: u64,
    loss: f64,
    from: usize,
    choice: usize,
}

/// The lower convex hull of a layer's choices, from the cheapest on: each step saves less loss per cost than the one
/// before.
struct Hull {
    /// Indices of choices.
    corners: Vec<usize>,
    choices: Vec<Choice>,
}

impl Hull {
    fn new(choices: &[Choice]) -> Option<Self> {
        let mut order: Vec<usize> = (0..choices.len()).collect();
        order.sort_by(|&a, &b| {
            let (a, b) = (choices[a], choices[b]);
            a.cost.cmp(&b.cost).then(a.loss.total_cmp(&b.loss))
        });
        let mut corners: Vec<usize> = Vec::new();
        for index in order {
            let new = choices[index];
            if corners
                .last()
                .is_some_and(|&last| choices[last].loss <= new.loss)
            {
                continue;
            }
            while let [.., before, last] = corners[..]
                && slope(choices[before], choices[last]) <= slope(choices[last], new)
            {
                corners.pop();
            }
            corners.push(index);
        }
        (!corners.is_empty()).then(|| Self {
            corners,
            choices: choices.to_vec(),
        })
    }
}

/// Loss saved per cost.
fn slope(from: Choice, to: Choice) -> f64 {
    (from.loss - to.loss) / (to.cost - from.cost) as f64
}

/// The linear relaxation of the layers from one on: steps along all hulls, the best first.
struct Suffix {
    least_cost: u64,
    /// Loss of the cheapest choices.
    start_loss: f64,
    /// Cost and loss after each step, from the cheapest choices on.
    path: Vec<(u64, f64)>,
    /// Layer and corner to which each step leads.
    steps: Vec<(usize, usize)>,
}

impl Suffix {
    fn all(hulls: &[Hull]) -> Vec<Self> {
        (0..=hulls.len())
            .map(|first| Self::new(hulls, first))
            .collect()
    }

    fn new(hulls: &[Hull], first: usize) -> Self {
        let mut steps: Vec<(usize, usize)> = Vec::new();
        let (mut least_cost, mut start_loss) = (0, 0.0);
        for (layer, hull) in hulls.iter().enumerate().skip(first) {
            let cheapest = hull.choices[hull.corners[0]];
            least_cost += cheapest.cost;
            start_loss += cheapest.loss;
            steps.extend((1..hull.corners.len()).map(|corner| (layer, corner)));
        }
        let ends = |&(layer, corner): &(usize, usize)| {
            let hull = &hulls[layer];
            (
                hull.choices[hull.corners[corner - 1]],
                hull.choices[hull.corners[corner]],
            )
        };
        // A stable sort keeps the order along each hull.
        steps.sort_by(|a, b| {
            let (a, b) = (ends(a), ends(b));
            slope(b.0, b.1).total_cmp(&slope(a.0, a.1))
        });
        let (mut cost, mut loss) = (0, 0.0);
        let path = steps.iter().map(|step| {
            let (from, to) = ends(step);
            cost += to.cost - from.cost;
            loss -= from.loss - to.loss;
            (cost, loss)
        });
        let path = path.collect();
        Self {
            least_cost,
            start_loss,
            path,
            steps,
        }
    }

    /// The least loss of the relaxation within `capacity`; None where nothing fits.
    fn bound(&self, capacity: u64) -> Option<f64> {
        let room = capacity.checked_sub(self.least_cost)?;
        let whole = self.path.partition_point(|&(cost, _)| cost <= room);
        let (cost, loss) = whole
            .checked_sub(1)
            .map_or((0, 0.0), |last| self.path[last]);
        let part = self.path.get(whole).map_or(0.0, |&(next_cost, next_loss)| {
            (next_loss - loss) * ((room - cost) as f64 / (next_cost - cost) as f64)
        });
        Some(self.start_loss + loss + part)
    }
}

/// A good whole solution to begin with: along the relaxation, leaving out what does not fit.
fn greedy(hulls: &[Hull], all: &Suffix, capacity: u64) -> Option<Vec<usize>> {
    let mut room = capacity.checked_sub(all.least_cost)?;
    let mut corners = vec![0; hulls.len()];
    for &(layer, corner) in &all.steps {
        let hull = &hulls[layer];
        let cost = |corner: usize| hull.choices[hull.corners[corner]].cost;
        let more = cost(corner) - cost(corners[layer]);
        if more <= room {
            room -= more;
            corners[layer] = corner;
        }
    }
    Some(
        corners
            .iter()
            .zip(hulls)
            .map(|(&corner, hull)| hull.corners[corner])
            .collect(),
    )
}

/// The bits within the budget with the least sum of `loss(layer, bits)`.
pub fn least_loss(problem: &Problem, loss: impl Fn(usize, u32) -> f64) -> Vec<u32> {
    let choices = |layer: usize| {
        let (fewest, most) = problem.layers[layer].bits;
        let choice = |bits| Choice {
            cost: problem.cost(layer, bits),
            loss: loss(layer, bits),
        };
        (fewest..=most).map(choice).collect::<Vec<_>>()
    };
    let layers: Vec<Vec<Choice>> = (0..problem.layers.len()).map(choices).collect();
    match solve(&layers, problem.capacity) {
        Some(found) => problem
            .fewest()
            .iter()
            .zip(found)
            .map(|(fewest, choice)| fewest + choice as u32)
            .collect(),
        // `Problem::new` has seen to it that the fewest bits fit.
        None => problem.fewest(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Rng, Stream};

    fn brute_force(layers: &[Vec<Choice>], capacity: u64) -> Option<f64> {
        let Some((first, rest)) = layers.split_first() else {
            return Some(0.0);
        };
        let tried = first.iter().filter_map(|choice| {
            let left = capacity.checked_sub(choice.cost)?;
            brute_force(rest, left).map(|loss| loss + choice.loss)
        });
        tried.min_by(f64::total_cmp)
    }

    fn random(rng: &mut Rng, layers: usize, choices: usize) -> Vec<Vec<Choice>> {
        let layer = |rng: &mut Rng| {
            let weights = 1 + rng.below(200) as u64;
            let scale = f64::from(rng.uniform_in(0.01, 10.0));
            let noise = |rng: &mut Rng| f64::from(rng.uniform_in(0.5, 1.5));
            (2..2 + choices as u64)
                .map(|bits| Choice {
                    cost: bits * weights + 64,
                    loss: scale * noise(rng) / (1u64 << (2 * bits)) as f64,
                })
                .collect()
        };
        (0..layers).map(|_| layer(rng)).collect()
    }

    #[test]
    fn equals_brute_force_on_random_problems() {
        let mut rng = Rng::new(1, Stream::Test);
        for case in 0..400 {
            let count = 1 + rng.below(6);
            let layers = random(&mut rng, count, 1 + case % 5);
            let least: u64 = layers.iter().map(|layer| layer[0].cost).sum();
            let most: u64 = layers.iter().map(|layer| layer[layer.len() - 1].cost).sum();
            let capacity = least.saturating_sub(3) + rng.below((most - least + 10) as usize) as u64;
            let found = solve(&layers, capacity);
            let expected = brute_force(&layers, capacity);
            assert_eq!(found.is_some(), expected.is_some(), "case {case}");
            let (Some(found), Some(expected)) = (found, expected) else {
                continue;
            };
            let cost: u64 = layers
                .iter()
                .zip(&found)
                .map(|(layer, &choice)| layer[choice].cost)
                .sum();
            assert!(cost <= capacity, "case {case}");
            assert!(
                (total_loss(&layers, &found) - expected).abs() <= 1e-12 * expected.abs().max(1e-12),
                "case {case}"
            );
        }
    }

    #[test]
    fn more_room_never_loses_more() {
        let mut rng = Rng::new(2, Stream::Test);
        let layers = random(&mut rng, 12, 7);
        let least: u64 = layers.iter().map(|layer| layer[0].cost).sum();
        let mut before = f64::INFINITY;
        for room in 0..60 {
            let found = solve(&layers, least + 40 * room).unwrap();
            let loss = total_loss(&layers, &found);
            assert!(loss <= before, "{loss} after {before} with {room}");
            before = loss;
        }
    }

    #[test]
    fn nothing_fits_and_no_choice() {
        assert_eq!(solve(&[vec![Choice { cost: 5, loss: 1.0 }]], 4), None);
        assert_eq!(solve(&[vec![]], 4), None);
        assert_eq!(solve(&[], 0), Some(vec![]));
    }
}
