//! Figures that can be compared on a machine that is busy with other things.
//!
//! Those who compete take turns, round after round, so that whatever disturbs one disturbs all. What a thread does is
//! timed by its own processor time, which does not pass while others run. But others still share the processor's caches
//! with it: so what is compared is the mean of those rounds that were disturbed least, the same ones for all that are
//! compared. The median of all rounds is shown beside it and says how much disturbance there was.
//! Where next: `report`.

use std::hint::black_box;

use crate::{Outcome, machine};

/// What one contestant's rounds gave.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    in_order: Vec<f64>,
    sorted: Vec<f64>,
}

/// The mean figure of each of `contestants` in the quarter of the rounds that took them the least time together.
pub(crate) fn calm<const N: usize>(contestants: [&Series; N]) -> [f64; N] {
    let rounds = contestants.iter().map(|series| series.in_order.len()).min().unwrap_or_default();
    let figures =
        |round: usize| contestants.map(|series| series.in_order.get(round).copied().unwrap_or(f64::NAN));
    let mut rounds: Vec<[f64; N]> = (0..rounds).map(figures).collect();
    rounds.sort_by(|one, other| one.iter().sum::<f64>().total_cmp(&other.iter().sum()));
    rounds.truncate(rounds.len().div_ceil(4));
    std::array::from_fn(|contestant| {
        let sum: f64 = rounds.iter().filter_map(|round| round.get(contestant)).sum();
        sum / rounds.len() as f64
    })
}

impl Series {
    /// The figures of at least one round.
    pub(crate) fn new(in_order: Vec<f64>) -> Self {
        let mut sorted = in_order.clone();
        sorted.sort_by(f64::total_cmp);
        Self { in_order, sorted }
    }

    /// How many times the other one's figure this is.
    pub(crate) fn ratio(&self, other: &Self) -> f64 {
        let [this, other] = calm([self, other]);
        this / other
    }

    /// The mean of the quarter of the rounds that was disturbed least.
    pub(crate) fn calm(&self) -> f64 {
        let [calm] = calm([self]);
        calm
    }

    pub(crate) fn median(&self) -> f64 {
        self.percentile(50)
    }

    /// The smallest figure that no more than this percentage of all is below of; NaN if there are none.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.sorted.len() * percent).div_ceil(100).max(1);
        self.sorted.get(rank - 1).copied().unwrap_or(f64::NAN)
    }
}

/// Lets everyone take one turn in each of so many rounds, after one that does not count.
pub(crate) fn interleave<T, const N: usize>(
    rounds: usize,
    mut turns: [&mut dyn FnMut() -> Outcome<T>; N],
) -> Outcome<[Vec<T>; N]> {
    let mut results = [const { Vec::new() }; N];
    for round in 0..=rounds {
        for (turn, results) in turns.iter_mut().zip(&mut results) {
            let result = turn()?;
            if round > 0 {
                results.push(result);
            }
        }
    }
    Ok(results)
}

/// The nanoseconds of this thread's time that `operation` takes for each of `items`.
pub(crate) fn nanoseconds_each<T, R>(items: &[T], mut operation: impl FnMut(&T) -> R) -> f64 {
    let begin = machine::thread_time();
    for item in items {
        black_box(operation(black_box(item)));
    }
    let taken = machine::thread_time().saturating_sub(begin);
    taken.as_secs_f64() * 1e9 / items.len().max(1) as f64
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "figures are picked or divide without a rest")]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_figures_that_occurred() {
        let hundred = Series::new((1..=100).rev().map(f64::from).collect());
        let asked = [0, 1, 50, 99, 100].map(|percent| hundred.percentile(percent));
        assert_eq!(asked, [1.0, 1.0, 50.0, 99.0, 100.0]);
        let three = Series::new(vec![3.0, 1.0, 2.0]);
        assert_eq!([three.percentile(0), three.median(), three.percentile(99)], [1.0, 2.0, 3.0]);
        assert!(Series::new(Vec::new()).median().is_nan());
    }

    #[test]
    fn what_is_compared_are_the_rounds_that_were_calm_for_all() {
        let one = Series::new(vec![20.0, 99.0, 22.0, 19.0, 50.0, 50.0, 50.0, 50.0]);
        let other = Series::new(vec![10.0, 9.0, 11.0, 99.0, 50.0, 50.0, 50.0, 50.0]);
        assert_eq!(calm([&one, &other]), [21.0, 10.5]);
        assert_eq!((one.ratio(&other), one.calm()), (2.0, 19.5));
        assert!(Series::new(Vec::new()).calm().is_nan());
    }

    #[test]
    fn everyone_takes_turns_and_the_first_round_does_not_count() {
        let turn = std::cell::Cell::new(0);
        let next = || {
            turn.set(turn.get() + 1);
            Ok(turn.get())
        };
        let (mut one, mut other) = (next, next);
        let [one, other] = interleave(2, [&mut one, &mut other]).unwrap();
        assert_eq!((one, other), (vec![3, 5], vec![4, 6]));
    }

    #[test]
    fn a_failure_ends_it() {
        let mut calls = 0;
        let mut failing = || {
            calls += 1;
            if calls == 2 { Err("enough".into()) } else { Ok(()) }
        };
        assert_eq!(interleave(9, [&mut failing]).unwrap_err().to_string(), "enough");
        assert_eq!(calls, 2);
    }

    #[test]
    fn only_the_own_work_is_timed() {
        let work = || (0..20_000_u64).fold(1_u64, |sum, number| black_box(sum ^ number.wrapping_mul(sum)));
        let busy = nanoseconds_each(&[(); 50], |()| work());
        let idle = nanoseconds_each(&[(); 3], |()| std::thread::sleep(std::time::Duration::from_millis(5)));
        assert!(busy > 1_000.0, "{busy}");
        assert!(idle < 4_000_000.0, "{idle}");
    }
}
