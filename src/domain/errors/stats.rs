//! The few statistics that an analysis of errors rests on.

use statrs::distribution::{ContinuousCDF, FisherSnedecor, StudentsT};

use crate::domain::verdict;

/// The quantile of the standard normal distribution that leaves 2.5 % above it.
const Z: f64 = 1.959_963_984_540_054;

/// A number of rows as a number to compute with.
#[expect(clippy::cast_precision_loss, reason = "a number of rows")]
pub fn real(n: usize) -> f64 {
    n as f64
}

/// Count, sum and sum of squares.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// How many.
    pub n: usize,
    sum: f64,
    squares: f64,
}

impl Sums {
    /// Of these values.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut sums = Self::default();
        values.into_iter().for_each(|value| sums.add(value));
        sums
    }

    /// One more value. Values should lie around zero, so that no digits are lost.
    pub fn add(&mut self, value: f64) {
        self.n += 1;
        self.sum += value;
        self.squares += value * value;
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { n: self.n + other.n, sum: self.sum + other.sum, squares: self.squares + other.squares }
    }

    /// Without what is part of it.
    #[must_use]
    pub fn without(self, part: Self) -> Self {
        Self { n: self.n - part.n, sum: self.sum - part.sum, squares: self.squares - part.squares }
    }

    /// Arithmetic mean; zero of nothing.
    pub fn mean(self) -> f64 {
        if self.n == 0 { 0.0 } else { self.sum / real(self.n) }
    }

    /// Sum of squared distances from the mean.
    pub fn scatter(self) -> f64 {
        (self.squares - self.sum * self.mean()).max(0.0)
    }

    /// Variance, one degree of freedom taken off.
    pub fn variance(self) -> f64 {
        if self.n < 2 { 0.0 } else { self.scatter() / real(self.n - 1) }
    }

    /// Where the mean lies with 95 % confidence, by Student's t; nothing for fewer than two values.
    pub fn interval(self) -> Option<(f64, f64)> {
        if self.n < 2 {
            return None;
        }
        let reach = t_quantile(real(self.n - 1), 0.95) * (self.variance() / real(self.n)).sqrt();
        Some((self.mean() - reach, self.mean() + reach))
    }
}

/// A difference of two means with what is known of its error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contrast {
    /// Mean inside minus mean elsewhere.
    pub difference: f64,
    error: f64,
    degrees: f64,
}

impl Contrast {
    /// Of two means whose variances may differ (Welch 1947, *The generalization of Student's problem when several different
    /// population variances are involved*, Biometrika 34). Nothing where a side has fewer than two values.
    pub fn welch(inside: Sums, elsewhere: Sums) -> Option<Self> {
        if inside.n < 2 || elsewhere.n < 2 {
            return None;
        }
        let (a, b) = (inside.variance() / real(inside.n), elsewhere.variance() / real(elsewhere.n));
        let degrees = (a + b).powi(2) / (a * a / real(inside.n - 1) + b * b / real(elsewhere.n - 1));
        let degrees = if degrees.is_finite() { degrees } else { real(inside.n.min(elsewhere.n) - 1) };
        Some(Self { difference: inside.mean() - elsewhere.mean(), error: (a + b).sqrt(), degrees })
    }

    /// As [`Contrast::welch`], with an error that is no smaller than that of two samples which both have the variance of all
    /// values. A few rows that happen to be alike, no mistake among fifteen, have no variance and would look certain.
    pub fn careful(inside: Sums, elsewhere: Sums) -> Option<Self> {
        let welch = Self::welch(inside, elsewhere)?;
        let common = inside.and(elsewhere).variance();
        let error = (common / real(inside.n) + common / real(elsewhere.n)).sqrt();
        Some(Self { error: welch.error.max(error), ..welch })
    }

    /// With the larger of two errors, and the fewer degrees of freedom.
    #[must_use]
    pub fn no_surer_than(self, other: Self) -> Self {
        Self { error: self.error.max(other.error), degrees: self.degrees.min(other.degrees), ..self }
    }

    /// Of two means of rows that belong to groups: values of a group may depend on each other, groups may not. The variance is
    /// that of the groups' shares in the difference (Liang and Zeger 1986, *Longitudinal data analysis using generalized
    /// linear models*, Biometrika 73), with as many degrees of freedom as there are groups inside, less one.
    pub fn grouped(values: impl Iterator<Item = (u64, f64, bool)> + Clone) -> Option<Self> {
        let inside = Sums::of(values.clone().filter(|(_, _, is_in)| *is_in).map(|(_, value, _)| value));
        let elsewhere = Sums::of(values.clone().filter(|(_, _, is_in)| !*is_in).map(|(_, value, _)| value));
        let mut shares: std::collections::BTreeMap<u64, (f64, bool)> = std::collections::BTreeMap::new();
        if inside.n == 0 || elsewhere.n == 0 {
            return None;
        }
        for (group, value, is_in) in values {
            let share = shares.entry(group).or_default();
            if is_in {
                share.0 += (value - inside.mean()) / real(inside.n);
                share.1 = true;
            } else {
                share.0 -= (value - elsewhere.mean()) / real(elsewhere.n);
            }
        }
        let n_inside = shares.values().filter(|(_, is_in)| *is_in).count();
        if n_inside < 2 {
            return None;
        }
        let scale = real(shares.len()) / real(shares.len() - 1);
        let variance = scale * shares.values().map(|(share, _)| share * share).sum::<f64>();
        Some(Self { difference: inside.mean() - elsewhere.mean(), error: variance.sqrt(), degrees: real(n_inside - 1) })
    }

    /// How many standard errors it is away from zero.
    pub fn t(self) -> f64 {
        if self.error > 0.0 { self.difference / self.error } else { self.difference * f64::MAX.sqrt() }
    }

    /// Two-sided.
    pub fn p_value(self) -> f64 {
        if self.error > 0.0 {
            StudentsT::new(0.0, 1.0, self.degrees).map_or(1.0, |t| 2.0 * t.sf(self.t().abs()))
        } else if self.difference == 0.0 {
            1.0
        } else {
            0.0
        }
    }

    /// Where it lies.
    pub fn interval(self, confidence: f64) -> (f64, f64) {
        let reach = if self.error > 0.0 { t_quantile(self.degrees, confidence) * self.error } else { 0.0 };
        (self.difference - reach, self.difference + reach)
    }
}

fn t_quantile(degrees: f64, confidence: f64) -> f64 {
    StudentsT::new(0.0, 1.0, degrees).map_or(f64::INFINITY, |t| t.inverse_cdf(f64::midpoint(1.0, confidence)))
}

/// A quantile of sorted values, interpolated linearly; there has to be one at least.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places among values"
)]
pub fn quantile(sorted: &[f64], at: f64) -> f64 {
    let place = at * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

/// Each p-value after Holm's step-down among all of them, and the level of the interval that says the same.
pub fn holm(chances: &[f64]) -> Vec<(f64, f64)> {
    chances
        .iter()
        .enumerate()
        .map(|(at, own)| {
            let others: Vec<f64> =
                chances.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, p)| *p).collect();
            verdict::holm(*own, &others)
        })
        .collect()
}

/// Where a share lies with 95 % confidence (Wilson 1927, *Probable inference, the law of succession, and statistical
/// inference*, JASA 22).
pub fn wilson(hits: usize, n: usize) -> (f64, f64) {
    if n == 0 {
        return (0.0, 1.0);
    }
    let (n, share) = (real(n), real(hits) / real(n));
    let middle = (share + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let reach = Z / (1.0 + Z * Z / n) * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    ((middle - reach).max(0.0), (middle + reach).min(1.0))
}

/// The share of the variance that lies between groups (eta², Fisher 1925, *Statistical methods for research workers*), and
/// the p-value of the F test that it is none. Nothing for fewer than two groups or nothing that varies.
pub fn between(groups: &[Sums]) -> Option<(f64, f64)> {
    let groups: Vec<Sums> = groups.iter().copied().filter(|sums| sums.n > 0).collect();
    let all = groups.iter().fold(Sums::default(), |all, sums| all.and(*sums));
    let (k, n) = (groups.len(), all.n);
    if k < 2 || n <= k || all.scatter() <= 0.0 {
        return None;
    }
    let within: f64 = groups.iter().map(|sums| sums.scatter()).sum();
    let explained = (all.scatter() - within).max(0.0);
    if within <= 0.0 {
        return Some((1.0, 0.0));
    }
    let f = (explained / real(k - 1)) / (within / real(n - k));
    let p = FisherSnedecor::new(real(k - 1), real(n - k)).map_or(1.0, |distribution| distribution.sf(f));
    Some((explained / all.scatter(), p))
}

/// Ends of at most `n_bins` ranges of a sorted list with about equal counts; values that are equal stay together.
pub fn equal_counts(sorted: &[f64], n_bins: usize) -> Vec<usize> {
    let (n, n_bins) = (sorted.len(), n_bins.max(1));
    let mut ends = Vec::new();
    for bin in 1..=n_bins {
        let mut end = bin * n / n_bins;
        while end > 0 && end < n && sorted[end].total_cmp(&sorted[end - 1]).is_eq() {
            end += 1;
        }
        if end > ends.last().copied().unwrap_or(0) {
            ends.push(end);
        }
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-4, "{a} is not {b}");
    }

    #[test]
    fn tests_and_intervals_are_those_computed_by_hand() {
        // Means 4 and 1, variances 2.5 and .5, five values each: error √.6 = .774597, t = 3.872983; by Welch and
        // Satterthwaite .36 / (.25/4 + .01/4) = 5.538462 degrees of freedom.
        let a = Sums::of([2.0, 3.0, 4.0, 5.0, 6.0]);
        let b = Sums::of([0.0, 1.0, 1.0, 1.0, 2.0]);
        let contrast = Contrast::welch(a, b).unwrap();
        near(contrast.t(), 3.872_983);
        near(contrast.degrees, 5.538_462);
        // One group for each row gives the same difference, its error without the degree of freedom taken off a side.
        let rows = [(0, 2.0), (1, 3.0), (2, 4.0), (3, 5.0), (4, 6.0)].map(|(group, value)| (group, value, true));
        let others = [(5, 0.0), (6, 1.0), (7, 1.0), (8, 1.0), (9, 2.0)].map(|(group, value)| (group, value, false));
        let grouped = Contrast::grouped(rows.into_iter().chain(others)).unwrap();
        near(grouped.difference, 3.0);
        near(grouped.error, (10.0 / 9.0 * (10.0 / 25.0 + 2.0 / 25.0) / 1.0_f64).sqrt());
        near(grouped.degrees, 4.0);
        // 8 of 10, by Wilson.
        let (low, high) = wilson(8, 10);
        near(low, 0.490_16);
        near(high, 0.943_32);
        assert_eq!(wilson(0, 0), (0.0, 1.0));
        // Three groups with means 1, 2, 3 and scatter 2 each: 6 of 12 lie between them, F(2, 6) = 3, p = .125.
        let groups = [0.0, 1.0, 2.0].map(|at| Sums::of([at, at + 1.0, at + 2.0]));
        let (share, p) = between(&groups).unwrap();
        near(share, 0.5);
        near(p, 0.125);
    }

    #[test]
    fn equal_values_stay_in_one_range() {
        assert_eq!(equal_counts(&[1.0, 2.0, 3.0, 4.0], 2), [2, 4]);
        assert_eq!(equal_counts(&[1.0, 2.0, 2.0, 2.0, 3.0, 4.0], 3), [4, 6]);
        assert_eq!(equal_counts(&[7.0; 5], 4), [5]);
        assert_eq!(equal_counts(&[], 4), [0; 0]);
    }

    #[test]
    fn what_never_varies_is_no_evidence_unless_it_differs() {
        let contrast = Contrast::welch(Sums::of([0.0; 3]), Sums::of([0.0; 9])).unwrap();
        assert_eq!((contrast.p_value(), contrast.interval(0.95)), (1.0, (0.0, 0.0)));
        near(Contrast::welch(Sums::of([1.0; 3]), Sums::of([0.0; 9])).unwrap().p_value(), 0.0);
        assert_eq!(Contrast::welch(Sums::of([1.0]), Sums::of([0.0; 9])), None);
        // One of sixteen wrong, and none of fifteen elsewhere: by Welch the few without a mistake have no error at all. Two
        // samples with the variance of all, 1/31, have an error of √(1/31 · (1/16 + 1/15)).
        let (some, none) = (Sums::of((0..16).map(|row| f64::from(u8::from(row == 0)))), Sums::of([0.0; 15]));
        let careful = Contrast::careful(some, none).unwrap();
        near(careful.error, (1.0 / 31.0 * (1.0 / 16.0 + 1.0 / 15.0_f64)).sqrt());
        assert!(Contrast::welch(some, none).unwrap().error < careful.error);
    }
}
