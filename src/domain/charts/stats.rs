//! The numbers behind charts, each with its source.
#![expect(clippy::cast_precision_loss, reason = "numbers of rows are far below 2^53")]

use crate::domain::errors::stats::quantile;

/// What the values of a column are like; nulls are left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Rows with a value, and without.
    pub n: (u64, u64),
    /// Least, quarter, middle, three quarters, greatest; linear between neighbours.
    pub five: [f64; 5],
    /// Mean.
    pub mean: f64,
    /// Standard deviation, n − 1 in the denominator; none of fewer than two values.
    pub std: Option<f64>,
    /// Adjusted Fisher–Pearson coefficient G1 (Joanes and Gill 1998), as pandas' `skew`.
    pub skew: Option<f64>,
    /// Excess kurtosis G2 (Joanes and Gill 1998), as pandas' `kurt`.
    pub kurtosis: Option<f64>,
}

/// A box: quartiles, whiskers to the last value within 1.5 of their distance (Tukey 1977), values beyond.
#[derive(Clone, Debug, PartialEq)]
pub struct BoxPlot {
    /// Rows.
    pub n: u64,
    /// Lower whisker, quarter, middle, three quarters, upper whisker.
    pub five: [f64; 5],
    /// Values beyond the whiskers.
    pub n_beyond: u64,
    /// The least and the greatest of all.
    pub bounds: (f64, f64),
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut held: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    held.sort_by(f64::total_cmp);
    held
}

/// The summary of some values; none where there is no value.
pub fn summary(values: &[f64]) -> Option<Summary> {
    let held = sorted(values);
    let n = held.len() as f64;
    if held.is_empty() {
        return None;
    }
    let mean = held.iter().sum::<f64>() / n;
    let moment = |power: i32| held.iter().map(|value| (value - mean).powi(power)).sum::<f64>();
    let (m2, m3, m4) = (moment(2), moment(3), moment(4));
    let std = (held.len() > 1).then(|| (m2 / (n - 1.0)).sqrt());
    let spreads = std.is_some_and(|std| std > 0.0);
    let skew = (held.len() > 2 && spreads).then(|| (n * (n - 1.0).sqrt() / (n - 2.0)) * m3 / m2.powf(1.5));
    let kurtosis = (held.len() > 3 && spreads).then(|| {
        let scaled = n * (n + 1.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0)) * m4 / (m2 * m2);
        scaled - 3.0 * (n - 1.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0))
    });
    Some(Summary {
        n: (held.len() as u64, (values.len() - held.len()) as u64),
        five: [0.0, 0.25, 0.5, 0.75, 1.0].map(|q| quantile(&held, q)),
        mean,
        std,
        skew,
        kurtosis,
    })
}

/// Borders of bins: as many as were chosen; else one for each whole number where there are few, else by Freedman and
/// Diaconis (1981), 5 to 60.
pub fn edges(values: &[f64], summary: &Summary, n_bins: Option<usize>) -> Vec<f64> {
    let (low, high) = (summary.five[0], summary.five[4]);
    let span = high - low;
    if span <= 0.0 {
        return vec![low - 0.5, high + 0.5];
    }
    let is_whole = || values.iter().all(|value| !value.is_finite() || value.fract() == 0.0);
    if n_bins.is_none() && span <= 40.0 && is_whole() {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 41")]
        let n = span as usize + 1;
        return (0..=n).map(|at| low - 0.5 + at as f64).collect();
    }
    let width = 2.0 * (summary.five[3] - summary.five[1]) / (summary.n.0 as f64).cbrt();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped right after")]
    let by_rule = if width > 0.0 { (span / width).ceil().min(60.0) as usize } else { 20 };
    let n = n_bins.unwrap_or(by_rule.clamp(5, 60)).max(1);
    (0..=n).map(|at| if at == n { high } else { low + span * at as f64 / n as f64 }).collect()
}

/// Rows in each bin.
pub fn counts(values: &[f64], edges: &[f64]) -> Vec<u64> {
    let n = edges.len() - 1;
    let mut counts = vec![0; n];
    for value in values.iter().filter(|value| value.is_finite()) {
        let bin = edges.partition_point(|edge| edge <= value).saturating_sub(1).min(n - 1);
        counts[bin] += 1;
    }
    counts
}

/// Where a value stands among `n` equal parts of a range.
pub fn place(value: f64, (low, high): (f64, f64), n: usize) -> usize {
    if high <= low {
        return n / 2;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the parts")]
    let at = ((value - low) / (high - low) * n as f64).max(0.0) as usize;
    at.min(n - 1)
}

/// Names in the order of their rows, the most frequent first, and the rows of each.
pub fn frequencies(codes: &[Option<u32>], n_names: usize) -> (Vec<usize>, Vec<u64>) {
    let mut counts = vec![0; n_names];
    for code in codes.iter().flatten() {
        counts[*code as usize] += 1;
    }
    let mut order: Vec<usize> = (0..n_names).filter(|at| counts[*at] > 0).collect();
    order.sort_by_key(|at| (std::cmp::Reverse(counts[*at]), *at));
    (order, counts)
}

/// The box of some values; none where there is no value.
pub fn box_plot(values: &[f64]) -> Option<BoxPlot> {
    let held = sorted(values);
    let (first, last) = (*held.first()?, *held.last()?);
    let [q1, middle, q3] = [0.25, 0.5, 0.75].map(|q| quantile(&held, q));
    let reach = 1.5 * (q3 - q1);
    let low = held.iter().copied().find(|value| *value >= q1 - reach).unwrap_or(first);
    let high = held.iter().rev().copied().find(|value| *value <= q3 + reach).unwrap_or(last);
    let n_beyond = held.iter().filter(|value| **value < low || **value > high).count() as u64;
    Some(BoxPlot { n: held.len() as u64, five: [low, q1, middle, q3, high], n_beyond, bounds: (first, last) })
}

/// Pearson's r over the rows with both values, and how many these are; none where one of them does not move.
pub fn pearson(x: &[f64], y: &[f64]) -> Option<(f64, u64)> {
    let both: Vec<(f64, f64)> =
        x.iter().zip(y).filter(|(x, y)| x.is_finite() && y.is_finite()).map(|(x, y)| (*x, *y)).collect();
    let n = both.len() as f64;
    if both.len() < 3 {
        return None;
    }
    let (mean_x, mean_y) = (both.iter().map(|(x, _)| x).sum::<f64>() / n, both.iter().map(|(_, y)| y).sum::<f64>() / n);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in &both {
        let (dx, dy) = (x - mean_x, y - mean_y);
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    (xx > 0.0 && yy > 0.0).then(|| ((xy / (xx.sqrt() * yy.sqrt())).clamp(-1.0, 1.0), both.len() as u64))
}

/// Spearman's ρ: Pearson's r of the ranks, ties with their mean rank.
pub fn spearman(x: &[f64], y: &[f64]) -> Option<f64> {
    let (x, y): (Vec<f64>, Vec<f64>) =
        x.iter().zip(y).filter(|(x, y)| x.is_finite() && y.is_finite()).map(|(x, y)| (*x, *y)).unzip();
    pearson(&ranks(&x), &ranks(&y)).map(|(rho, _)| rho)
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut from = 0;
    while from < order.len() {
        let mut to = from + 1;
        while to < order.len() && values[order[to]].total_cmp(&values[order[from]]).is_eq() {
            to += 1;
        }
        for at in &order[from..to] {
            ranks[*at] = (from + to - 1) as f64 / 2.0 + 1.0;
        }
        from = to;
    }
    ranks
}

/// Rows of each pair of names.
pub fn contingency(down: (&[Option<u32>], usize), across: (&[Option<u32>], usize)) -> Vec<Vec<u64>> {
    let mut table = vec![vec![0; across.1]; down.1];
    for (row, column) in down.0.iter().zip(across.0) {
        if let (Some(row), Some(column)) = (row, column) {
            table[*row as usize][*column as usize] += 1;
        }
    }
    table
}

/// Cramér's V with the correction for few rows of Bergsma (2013); none where one side has a single name.
pub fn cramers_v(table: &[Vec<u64>]) -> Option<f64> {
    let down: Vec<f64> = table.iter().map(|row| row.iter().sum::<u64>() as f64).collect();
    let n_columns = table.first()?.len();
    let across: Vec<f64> = (0..n_columns).map(|at| table.iter().map(|row| row[at]).sum::<u64>() as f64).collect();
    let n: f64 = down.iter().sum();
    let (r, k) =
        (down.iter().filter(|sum| **sum > 0.0).count() as f64, across.iter().filter(|sum| **sum > 0.0).count() as f64);
    if n < 2.0 || r < 2.0 || k < 2.0 {
        return None;
    }
    let mut chi2 = 0.0;
    for (row, sum) in table.iter().zip(&down) {
        for (observed, total) in row.iter().zip(&across) {
            let expected = sum * total / n;
            if expected > 0.0 {
                chi2 += (*observed as f64 - expected).powi(2) / expected;
            }
        }
    }
    let phi2 = (chi2 / n - (k - 1.0) * (r - 1.0) / (n - 1.0)).max(0.0);
    let corrected = |m: f64| m - (m - 1.0).powi(2) / (n - 1.0);
    let least = (corrected(k).min(corrected(r)) - 1.0).max(f64::MIN_POSITIVE);
    Some((phi2 / least).sqrt().min(1.0))
}

/// Share of the variance of numbers that groups explain, η² (Pearson 1905), and the rows with both values.
pub fn eta_squared(codes: &[Option<u32>], n_names: usize, values: &[f64]) -> Option<(f64, u64)> {
    let both =
        || codes.iter().zip(values).filter_map(|(code, value)| Some(((*code)?, *value))).filter(|(_, v)| v.is_finite());
    let n = both().count();
    if n < 3 {
        return None;
    }
    let mean = both().map(|(_, value)| value).sum::<f64>() / n as f64;
    let mut groups = vec![(0.0, 0u64); n_names];
    let mut total = 0.0;
    for (code, value) in both() {
        let group = &mut groups[code as usize];
        group.0 += value - mean;
        group.1 += 1;
        total += (value - mean).powi(2);
    }
    let between: f64 = groups.iter().filter(|(_, n)| *n > 0).map(|(sum, n)| sum * sum / *n as f64).sum();
    (total > 0.0).then(|| ((between / total).clamp(0.0, 1.0), n as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(ours: f64, theirs: f64) {
        assert!((ours - theirs).abs() < 1e-12, "{ours} {theirs}");
    }

    #[test]
    fn a_summary_is_what_pandas_says() {
        // pandas 2.3: pd.Series([2, 4, 4, 4, 5, 5, 7, 9, None]) .std(), .skew(), .kurt(), .quantile()
        let values = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0, f64::NAN];
        let found = summary(&values).unwrap();
        assert_eq!((found.n, found.five, found.mean), ((8, 1), [2.0, 4.0, 4.5, 5.5, 9.0], 5.0));
        near(found.std.unwrap(), 2.138_089_935_299_395);
        near(found.skew.unwrap(), 0.818_487_553_356_779_9);
        near(found.kurtosis.unwrap(), 0.940_625);
        assert_eq!(summary(&[f64::NAN]), None);
        let same = summary(&[3.0, 3.0, 3.0, 3.0]).unwrap();
        assert_eq!((same.std, same.skew, same.kurtosis), (Some(0.0), None, None));
    }

    #[test]
    fn every_value_is_in_one_bin() {
        let values: Vec<f64> = (0..100).map(|at| f64::from(at) / 7.0).collect();
        let found = summary(&values).unwrap();
        for n in [None, Some(1), Some(7), Some(60)] {
            let edges = edges(&values, &found, n);
            assert_eq!(counts(&values, &edges).iter().sum::<u64>(), 100);
            assert_eq!(n.unwrap_or(edges.len() - 1), edges.len() - 1);
        }
        // Dice: a bin for each number of points.
        let dice = [1.0, 2.0, 2.0, 6.0];
        let edges = edges(&dice, &summary(&dice).unwrap(), None);
        assert_eq!((edges[0], edges.len(), counts(&dice, &edges)), (0.5, 7, vec![1, 2, 0, 0, 0, 1]));
    }

    #[test]
    fn associations_are_those_of_their_sources() {
        // scipy 1.16: pearsonr, spearmanr.
        let (x, y) = ([1.0, 2.0, 3.0, 4.0, f64::NAN], [1.0, 4.0, 9.0, 16.0, 0.0]);
        let (r, n) = pearson(&x, &y).unwrap();
        near(r, 0.984_374_038_697_697_2);
        assert_eq!(n, 4);
        near(spearman(&x, &y).unwrap(), 1.0);
        near(spearman(&[1.0, 2.0, 2.0, 3.0], &[1.0, 3.0, 2.0, 2.0]).unwrap(), 0.5);
        assert_eq!(pearson(&[1.0, 1.0, 1.0], &[1.0, 2.0, 3.0]), None);
        // Two names that always go together, and two that have nothing to do with each other.
        near(cramers_v(&[vec![50, 0], vec![0, 50]]).unwrap(), 1.0);
        assert_eq!(cramers_v(&[vec![25, 25], vec![25, 25]]), Some(0.0));
        let codes = [Some(0), Some(0), Some(1), Some(1), None];
        // Between 4 · 1, within 4 · 0.25.
        near(eta_squared(&codes, 2, &[0.5, 1.5, 2.5, 3.5, 9.0]).unwrap().0, 0.8);
    }

    #[test]
    fn whiskers_end_at_the_last_value_within_reach() {
        let found = box_plot(&[1.0, 2.0, 3.0, 4.0, 5.0, 100.0]).unwrap();
        assert_eq!((found.five, found.n_beyond, found.bounds), ([1.0, 2.25, 3.5, 4.75, 5.0], 1, (1.0, 100.0)));
    }
}
