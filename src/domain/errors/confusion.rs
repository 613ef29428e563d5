//! Which class is taken for which.

use serde::Serialize;

use crate::domain::errors::Answers;
use crate::domain::errors::stats::real;

/// Most classes that stand for themselves; of more, the less frequent ones are one.
const MAX_CLASSES: usize = 12;
/// Pairs that are named.
const MAX_PAIRS: usize = 8;

/// A class that is taken for another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mistaken {
    /// The true class.
    pub truth: String,
    /// What it is taken for.
    pub predicted: String,
    /// Rows.
    pub n: u64,
    /// Of the rows of the true class.
    pub share: f64,
}

/// Counts of true and predicted classes.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Confusion {
    /// Names, in the order of rows and columns.
    pub classes: Vec<String>,
    /// How many classes the last name stands for; nothing where each stands for itself.
    pub n_others: Option<u64>,
    /// Rows: the truth. Columns: the prediction.
    pub counts: Vec<Vec<u64>>,
    /// Each count of the rows of that truth; nothing where there is no such row.
    pub shares: Vec<Vec<Option<f64>>>,
    /// The most frequent mistakes, before classes are put together.
    pub pairs: Vec<Mistaken>,
}

/// Counts them; nothing where a number is predicted.
pub fn of(answers: &Answers) -> Option<Confusion> {
    let Answers::Classes { names, truth, predicted, .. } = answers else { return None };
    let n = names.len();
    let mut whole = vec![vec![0_u64; n]; n];
    for (truth, predicted) in truth.iter().zip(predicted) {
        whole[*truth][*predicted] += 1;
    }
    let of_truth: Vec<u64> = whole.iter().map(|row| row.iter().sum()).collect();
    let share = |count: u64, of: u64| {
        let real_of = |n: u64| real(usize::try_from(n).unwrap_or(usize::MAX));
        (of > 0).then(|| real_of(count) / real_of(of))
    };
    let mut pairs: Vec<Mistaken> = (0..n)
        .flat_map(|truth| (0..n).map(move |predicted| (truth, predicted)))
        .filter(|(truth, predicted)| truth != predicted && whole[*truth][*predicted] > 0)
        .map(|(truth, predicted)| Mistaken {
            truth: names[truth].clone(),
            predicted: names[predicted].clone(),
            n: whole[truth][predicted],
            share: share(whole[truth][predicted], of_truth[truth]).unwrap_or(0.0),
        })
        .collect();
    pairs.sort_by(|a, b| b.n.cmp(&a.n).then(b.share.total_cmp(&a.share)));
    pairs.truncate(MAX_PAIRS);

    let mut order: Vec<usize> = (0..n).collect();
    let n_kept = if n > MAX_CLASSES { MAX_CLASSES - 1 } else { n };
    if n_kept < n {
        order.sort_by(|a, b| of_truth[*b].cmp(&of_truth[*a]).then(a.cmp(b)));
    }
    let kept = &order[..n_kept];
    let n_shown = n_kept + usize::from(n_kept < n);
    let mut place = vec![n_kept; n];
    for (at, class) in kept.iter().enumerate() {
        place[*class] = at;
    }
    let mut counts = vec![vec![0; n_shown]; n_shown];
    for (truth, row) in whole.iter().enumerate() {
        for (predicted, count) in row.iter().enumerate() {
            counts[place[truth]][place[predicted]] += count;
        }
    }
    let mut classes: Vec<String> = kept.iter().map(|class| names[*class].clone()).collect();
    let n_others = (n_kept < n).then(|| (n - n_kept) as u64);
    if let Some(n) = n_others {
        classes.push(format!("{n} others"));
    }
    let shares = counts
        .iter()
        .map(|row| {
            let all = row.iter().sum();
            row.iter().map(|count| share(*count, all)).collect()
        })
        .collect();
    Some(Confusion { classes, n_others, counts, shares, pairs })
}
