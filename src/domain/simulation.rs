//! Simulated projects in which the truth is known, for the promises of a verdict: coverage and false claims of *better*.
//!
//! Everything is drawn from one seed, so the same numbers come out everywhere.

use crate::domain::metric::Direction;
use crate::domain::run::mean_std;
use crate::domain::split::{self, Keys, Part, Plan, SplitKind};
use crate::domain::verdict::{self, Label, Pair};

/// What is simulated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Design {
    /// Rows.
    pub n_rows: usize,
    /// How rows are dealt.
    pub split: SplitKind,
    /// Folds.
    pub folds: u32,
    /// How often they are cut.
    pub repeats: u32,
    /// Whether a class is ranked (ROC AUC) or a number predicted (RMSE).
    pub is_class: bool,
    /// Weight of the one column that the new model has and the old one lacks; at zero the two differ in nothing but which
    /// column of pure noise they hold.
    pub effect: f64,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Report {
    /// Share of the intervals that hold the true difference.
    pub coverage: f64,
    /// Share of the projects in which the new model was called better.
    pub better: f64,
    /// Share in which it was called worse.
    pub worse: f64,
    /// The mean difference over all projects, which is what an interval is to hold.
    pub truth: f64,
}

/// The designs of the table.
pub const DESIGNS: [Design; 10] = {
    const fn design(n_rows: usize, split: SplitKind, repeats: u32, is_class: bool, effect: f64) -> Design {
        Design { n_rows, split, folds: 5, repeats, is_class, effect }
    }
    [
        design(200, SplitKind::Stratified, 1, true, 0.0),
        design(200, SplitKind::Stratified, 3, true, 0.0),
        design(1_000, SplitKind::Stratified, 1, true, 0.0),
        design(200, SplitKind::Random, 1, false, 0.0),
        design(200, SplitKind::Random, 3, false, 0.0),
        design(1_000, SplitKind::Time, 1, false, 0.0),
        design(200, SplitKind::Stratified, 3, true, 0.6),
        design(1_000, SplitKind::Stratified, 1, true, 0.3),
        design(200, SplitKind::Random, 3, false, 0.4),
        design(1_000, SplitKind::Time, 1, false, 0.2),
    ]
};

/// Columns that both models have.
const SHARED: usize = 3;
/// Columns in all: the shared ones, and one of each model's own.
const WIDTH: usize = SHARED + 2;

/// Simulates `n` projects of a design.
#[expect(clippy::cast_precision_loss, reason = "numbers of simulations")]
pub fn simulate(design: Design, n: usize) -> Report {
    let mut random = Random(0x5EED ^ design.n_rows as u64);
    let mut verdicts = Vec::with_capacity(n);
    for number in 0..n {
        let project = Project::draw(design, &mut random);
        let folds = project.cut(number as u64);
        let (new, old) = (project.scores(&folds, SHARED), project.scores(&folds, SHARED + 1));
        verdicts.push(verdict::compare(pair(&new, &old, &folds), direction(design), "old", &[]));
    }
    let differences: Vec<f64> = verdicts.iter().filter_map(|verdict| verdict.mean_difference).collect();
    // Without an effect the two are alike by construction; else the mean over all projects stands for the truth.
    let truth = if design.effect == 0.0 { 0.0 } else { mean_std(&differences).0 };
    let share =
        |is: &dyn Fn(&verdict::Verdict) -> bool| verdicts.iter().filter(|one| is(one)).count() as f64 / n as f64;
    Report {
        coverage: share(&|one| one.interval.is_some_and(|(low, high)| low <= truth && truth <= high)),
        better: share(&|one| one.label == Label::Better),
        worse: share(&|one| one.label == Label::Worse),
        truth,
    }
}

/// Share of projects in which at least one of `tries` changes without any effect, made one after another and each compared
/// with the first model, was called better.
#[expect(clippy::cast_precision_loss, reason = "numbers of simulations")]
pub fn any_better(design: Design, tries: usize, n: usize) -> f64 {
    let mut random = Random(0xA11 ^ design.n_rows as u64);
    let mut n_fooled = 0;
    for number in 0..n {
        let mut project = Project::draw(design, &mut random);
        let folds = project.cut(number as u64);
        let old = project.scores(&folds, SHARED + 1);
        let mut earlier = Vec::new();
        let mut fooled = false;
        for _ in 0..tries {
            project.redraw(SHARED, &mut random);
            let verdict = verdict::compare(
                pair(&project.scores(&folds, SHARED), &old, &folds),
                direction(design),
                "old",
                &earlier,
            );
            fooled |= verdict.label == Label::Better;
            earlier.extend(verdict.p_value);
        }
        n_fooled += usize::from(fooled);
    }
    n_fooled as f64 / n as f64
}

/// All designs as a table in Markdown.
pub fn table(n: usize) -> String {
    let mut text = String::from(
        "| Rows | Split | Folds | Score | Weight of the new column | True difference | Interval holds it | Called better | Called worse |\n\
         |---:|---|---|---|---:|---:|---:|---:|---:|\n",
    );
    for design in DESIGNS {
        let report = simulate(design, n);
        text.push_str(&format!(
            "| {} | {} | {} × {} | {} | {} | {:+.4} | {:.1} % | {:.1} % | {:.1} % |\n",
            design.n_rows,
            design.split.word(),
            design.repeats,
            design.folds,
            if design.is_class { "ROC AUC ↑" } else { "RMSE ↓" },
            design.effect,
            report.truth,
            100.0 * report.coverage,
            100.0 * report.better,
            100.0 * report.worse,
        ));
    }
    text.push_str(
        "\n| Changes without effect, one after another | Projects in which any was called better |\n|---:|---:|\n",
    );
    for tries in [1, 5, 20] {
        let share = any_better(DESIGNS[1], tries, n);
        text.push_str(&format!("| {tries} | {:.1} % |\n", 100.0 * share));
    }
    text
}

fn direction(design: Design) -> Direction {
    if design.is_class { Direction::Maximize } else { Direction::Minimize }
}

fn pair<'a>(own: &'a [f64], other: &'a [f64], folds: &[(Vec<usize>, Vec<usize>)]) -> Pair<'a> {
    let (n_train, n_valid) =
        folds.iter().fold((0, 0), |sum, (train, valid)| (sum.0 + train.len() as u64, sum.1 + valid.len() as u64));
    Pair { own, other, valid_to_train: crate::domain::profile::share(n_valid, n_train) }
}

/// Rows of one simulated project.
struct Project {
    design: Design,
    rows: Vec<[f64; WIDTH]>,
    target: Vec<f64>,
}

impl Project {
    fn draw(design: Design, random: &mut Random) -> Self {
        let rows: Vec<[f64; WIDTH]> = (0..design.n_rows).map(|_| std::array::from_fn(|_| random.normal())).collect();
        let target = rows
            .iter()
            .map(|row| {
                let signal = row[0] + 0.5 * row[1] - 0.3 * row[2] + design.effect * row[SHARED];
                if design.is_class {
                    f64::from(random.uniform() < 1.0 / (1.0 + (-signal).exp()))
                } else {
                    signal + random.normal()
                }
            })
            .collect();
        Self { design, rows, target }
    }

    /// Another column of pure noise in place of one.
    fn redraw(&mut self, column: usize, random: &mut Random) {
        self.rows.iter_mut().for_each(|row| row[column] = random.normal());
    }

    /// Training and validation rows of each fold, cut as a run's are.
    fn cut(&self, seed: u64) -> Vec<(Vec<usize>, Vec<usize>)> {
        let Design { split: kind, folds: n_folds, .. } = self.design;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "zero or one")]
        let stratum = |target: &f64| Some(if self.design.is_class { *target as u32 } else { 0 });
        let keys = Keys {
            strata: self.target.iter().map(stratum).collect(),
            times: (0..self.rows.len()).map(|row| i64::try_from(row).ok()).collect(),
            ..Keys::default()
        };
        let plan = Plan { kind, n_folds, holdout: 0.0, seed };
        let mut folds = Vec::new();
        for repeat in 0..self.design.repeats {
            let parts = split::repeat(plan, &keys, repeat);
            for fold in 0..n_folds {
                let rows = |is: &dyn Fn(Part) -> bool| (0..parts.len()).filter(|row| is(parts[*row])).collect();
                folds.push((rows(&|part| split::trains(kind, part, fold)), rows(&|part| part == Part::Fold(fold))));
            }
        }
        folds
    }

    /// The score of least squares on the shared columns and one more, fold by fold.
    fn scores(&self, folds: &[(Vec<usize>, Vec<usize>)], own: usize) -> Vec<f64> {
        let take = |row: usize| {
            let row = &self.rows[row];
            [1.0, row[0], row[1], row[2], row[own]]
        };
        folds
            .iter()
            .map(|(train, valid)| {
                let weights = least_squares(train.iter().map(|row| (take(*row), self.target[*row])));
                let predicted: Vec<f64> =
                    valid.iter().map(|row| take(*row).iter().zip(&weights).map(|(x, w)| x * w).sum()).collect();
                let truth: Vec<f64> = valid.iter().map(|row| self.target[*row]).collect();
                if self.design.is_class { auc(&predicted, &truth) } else { rmse(&predicted, &truth) }
            })
            .collect()
    }
}

/// Solves the normal equations by elimination; with normal columns they are far from singular.
fn least_squares(rows: impl Iterator<Item = ([f64; WIDTH], f64)>) -> [f64; WIDTH] {
    let mut system = [[0.0; WIDTH + 1]; WIDTH];
    for (row, target) in rows {
        for (at, line) in system.iter_mut().enumerate() {
            for (slot, value) in line.iter_mut().zip(row.iter().chain(std::iter::once(&target))) {
                *slot += row[at] * value;
            }
        }
    }
    for pivot in 0..WIDTH {
        let head = system[pivot];
        for (at, line) in system.iter_mut().enumerate() {
            if at != pivot {
                let factor = line[pivot] / head[pivot];
                line.iter_mut().zip(head).for_each(|(slot, value)| *slot -= factor * value);
            }
        }
    }
    std::array::from_fn(|at| system[at][WIDTH] / system[at][at])
}

#[expect(clippy::cast_precision_loss, reason = "numbers of rows")]
fn rmse(predicted: &[f64], truth: &[f64]) -> f64 {
    (predicted.iter().zip(truth).map(|(p, t)| (p - t).powi(2)).sum::<f64>() / truth.len() as f64).sqrt()
}

/// By ranks; predictions of least squares have no ties.
#[expect(clippy::cast_precision_loss, reason = "numbers of rows")]
fn auc(predicted: &[f64], truth: &[f64]) -> f64 {
    let mut order: Vec<usize> = (0..predicted.len()).collect();
    order.sort_by(|a, b| predicted[*a].total_cmp(&predicted[*b]));
    let ranks: f64 =
        order.iter().enumerate().filter(|(_, row)| truth[**row] > 0.5).map(|(rank, _)| (rank + 1) as f64).sum();
    let n_positive = truth.iter().filter(|truth| **truth > 0.5).count() as f64;
    let n_negative = truth.len() as f64 - n_positive;
    (ranks - n_positive * (n_positive + 1.0) / 2.0) / (n_positive * n_negative)
}

/// `SplitMix64` (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// In [0, 1).
    #[expect(clippy::cast_precision_loss, reason = "53 bits are what a number of this kind holds")]
    fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// By Box and Muller (1958).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_are_right() {
        let rows = [
            [1.0, 0.0, 0.0, 0.0, 1.0],
            [1.0, 1.0, 0.0, 0.0, 0.0],
            [1.0, 0.0, 2.0, 0.0, 0.0],
            [1.0, 0.0, 0.0, 3.0, 0.0],
            [1.0, 1.0, 1.0, 1.0, 1.0],
            [1.0, 2.0, 0.0, 1.0, 0.0],
        ];
        let target = |row: &[f64; WIDTH]| 2.0 - row[1] + 3.0 * row[2] + 0.5 * row[3] - 4.0 * row[4];
        let weights = least_squares(rows.iter().map(|row| (*row, target(row))));
        for (found, expected) in weights.iter().zip([2.0, -1.0, 3.0, 0.5, -4.0]) {
            assert!((found - expected).abs() < 1e-9, "{weights:?}");
        }
        assert!((auc(&[0.1, 0.4, 0.35, 0.8], &[0.0, 0.0, 1.0, 1.0]) - 0.75).abs() < 1e-12);
        assert!((rmse(&[1.0, 2.0], &[0.0, 4.0]) - 2.5_f64.sqrt()).abs() < 1e-12);
        let mut random = Random(1);
        let drawn: Vec<f64> = (0..20_000).map(|_| random.normal()).collect();
        let (mean, std) = mean_std(&drawn);
        assert!(mean.abs() < 0.03 && (std.unwrap() - 1.0).abs() < 0.03, "{mean} {std:?}");
    }

    /// 200 projects each; three Monte Carlo errors of a rate near 95 % are 4.6 points, of one near 2.5 % 3.3. The table of
    /// docs/statistics.md rests on ten times as many.
    #[test]
    fn intervals_hold_the_truth_and_chance_is_seldom_called_better() {
        for design in DESIGNS {
            let report = simulate(design, 200);
            assert!(report.coverage > 0.95 - 0.046, "{design:?} {report:?}");
            if design.effect == 0.0 {
                assert!(report.better < 0.025 + 0.033, "{design:?} {report:?}");
            } else {
                assert!(report.worse < 0.01 && report.better > 0.05, "{design:?} {report:?}");
            }
        }
        assert!(any_better(DESIGNS[1], 20, 50) < 0.05 + 0.092);
    }
}
