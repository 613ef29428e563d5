//! How far the score on the sealed rows can be trusted: the evaluator judges the saved predictions on resamples of them.

use std::time::{Duration, Instant};

use crate::domain::bootstrap::{self, Interval, Unit};
use crate::domain::metric::Problem;
use crate::domain::run::RunSpec;
use crate::domain::split::SplitKind;
use crate::effects::executor::child::Predicted;
use crate::effects::executor::evaluator::Evaluator;
use crate::effects::executor::folds::Folds;
use crate::text::figure;

/// Fewest resamples, and most: the ends are 2.5 % quantiles, which fewer say too little of.
const RESAMPLES: (usize, usize) = (200, 1_000);
/// Rows of all resamples together from which there are fewer of them.
const ROWS_DRAWN: usize = 4_000_000;
/// With more rows the fewest resamples take minutes, and the interval is narrow anyway.
const MAX_ROWS: usize = 100_000;
/// A way out, should the metric be so slow that nobody would wait.
const AT_MOST: Duration = Duration::from_mins(5);

/// The interval of the deciding metric over the rows that were predicted. The seed is that of the framing.
pub(super) fn of(evaluator: &mut Evaluator, spec: &RunSpec, folds: &Folds, predicted: &Predicted) -> Interval {
    let n = predicted.rows.len();
    let groups = (spec.framing.split == SplitKind::Grouped).then(|| folds.groups(&predicted.rows)).flatten();
    if n > MAX_ROWS {
        let why = format!("{} rows are too many to draw them again and again", figure::count(n as u64));
        return Interval::not_checked(Unit::Rows, n, &why);
    }
    // A metric of the user's own is a process of its own and may be slow.
    let (fewest, most) = RESAMPLES;
    let n_resamples = if spec.own_metric.is_some() { fewest } else { (ROWS_DRAWN / n.max(1)).clamp(fewest, most) };
    let start = Instant::now();
    let metric = spec.framing.metric;
    // Without one of the classes a score is another quantity: such a resample counts as one on which it is not defined.
    let classes_in = |rows: &[usize]| -> std::collections::BTreeSet<u64> {
        rows.iter().filter_map(|row| *folds.truth.get(*row)?).map(f64::to_bits).collect()
    };
    let is_classes = spec.framing.problem != Problem::Regression;
    let classes = if is_classes { classes_in(&predicted.rows) } else { std::collections::BTreeSet::default() };
    bootstrap::percentile((n, groups.as_deref()), spec.framing.seed, n_resamples, |rows| {
        if start.elapsed() > AT_MOST {
            return Err(format!("it would have taken longer than {} minutes", AT_MOST.as_secs() / 60));
        }
        let drawn = predicted.pick(rows);
        if is_classes && classes_in(&drawn.rows) != classes {
            return Ok(None);
        }
        let scores = evaluator.score(spec, folds, 0, &drawn).map_err(|error| format!("the evaluator: {error:#}"))?;
        Ok(scores.get(metric.name()).copied().flatten())
    })
}
