//! What is drawn of a table: one column alone, two against each other, all pairs; worked out from values in memory.

pub mod picture;
pub mod stats;

use crate::text::SafeText;

/// Most groups that are drawn beside each other.
pub const MAX_GROUPS: usize = 14;
/// Most columns of a matrix.
pub const MAX_MATRIX: usize = 24;
/// Dots of a scatter plot across and down, before they are fitted to the screen.
pub const DOTS: (usize, usize) = (320, 160);
/// Most pairs of names that are counted.
const MAX_PAIRS: usize = 2_000_000;
/// Most points of a course in time.
const MAX_STEPS: usize = 160;

/// Steps in seconds that have a name, so that days are not cut in the middle: from a second to a century.
const STEPS: [f64; 13] = [
    1.0,
    60.0,
    600.0,
    3_600.0,
    21_600.0,
    86_400.0,
    604_800.0,
    2_629_800.0,
    7_889_400.0,
    31_557_600.0,
    157_788_000.0,
    315_576_000.0,
    3_155_760_000.0,
];
/// What should be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// One column.
    Alone {
        /// Which.
        column: usize,
        /// Bins of a histogram, where a number was chosen.
        n_bins: Option<usize>,
    },
    /// Two columns against each other.
    Pair {
        /// The one across.
        x: usize,
        /// The one up.
        y: usize,
    },
    /// All pairs.
    Matrix,
}

/// The values of a column, one for each row.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Numbers; NaN stands for *no value* and for what is not finite.
    Numbers(Vec<f64>),
    /// Points in time in seconds since 1970, UTC; NaN stands for *no value*.
    Moments(Vec<f64>),
    /// Which of the names each row has; nothing stands for *no value*.
    Names(Vec<Option<u32>>, Vec<SafeText>),
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// Its name.
    pub label: SafeText,
    /// Its values.
    pub values: Values,
}

/// A histogram with what goes with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Borders of the bins: one more than there are bins. The last bin holds its upper border.
    pub edges: Vec<f64>,
    /// Rows in each bin.
    pub counts: Vec<u64>,
    /// What the values are like.
    pub summary: stats::Summary,
    /// Whether the values are points in time.
    pub is_time: bool,
}

/// Groups of numbers, each as a box.
#[derive(Clone, Debug, PartialEq)]
pub struct Boxes {
    /// Name of the group and its box, the largest group first.
    pub groups: Vec<(SafeText, stats::BoxPlot)>,
    /// Groups that are not drawn.
    pub n_left_out: usize,
    /// Share of the variance of the numbers that the groups explain: η².
    pub eta_squared: Option<f64>,
}

/// Two columns of numbers against each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Scatter {
    /// Rows on each dot, line after line from the top; `DOTS.0 × DOTS.1`.
    pub dots: Vec<u32>,
    /// Least and greatest value across and up.
    pub bounds: ((f64, f64), (f64, f64)),
    /// Pearson's r.
    pub pearson: Option<f64>,
    /// Spearman's ρ.
    pub spearman: Option<f64>,
    /// Rows with both values.
    pub n_rows: u64,
}

/// A number as it goes on in time: equal steps, each with the mean of its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// Middle of each step in seconds since 1970, and the mean; steps without rows are left out.
    pub points: Vec<(f64, f64)>,
    /// Seconds of a step.
    pub step_s: f64,
    /// Rows with both values.
    pub n_rows: u64,
}

/// How often values of two columns come together.
#[derive(Clone, Debug, PartialEq)]
pub struct Cross {
    /// Names down, the most frequent first.
    pub down: Vec<SafeText>,
    /// Names across, the most frequent first.
    pub across: Vec<SafeText>,
    /// Rows of each pair, line after line.
    pub counts: Vec<Vec<u64>>,
    /// Names that are not drawn, down and across.
    pub n_left_out: (usize, usize),
    /// Cramér's V with Bergsma's correction.
    pub cramers_v: Option<f64>,
    /// Rows with both values.
    pub n_rows: u64,
}

/// How much each pair of columns has to do with each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// The columns.
    pub labels: Vec<SafeText>,
    /// For each pair the measure and the rows with both values.
    pub cells: Vec<Vec<Option<(Measure, f64, u64)>>>,
    /// Columns that are not drawn.
    pub n_left_out: usize,
}

/// What a number of a matrix is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Pearson's r of two columns of numbers.
    Pearson,
    /// Cramér's V of two columns of names.
    CramersV,
    /// The correlation ratio η of numbers in groups.
    Eta,
}

impl Measure {
    /// Its sign.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Pearson => "r",
            Self::CramersV => "V",
            Self::Eta => "η",
        }
    }
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Chart {
    /// One column of numbers or points in time.
    Histogram(Histogram),
    /// One column of names with the rows of each, the most frequent first; names that are not drawn; rows without a value.
    Bars(Vec<(SafeText, u64)>, usize, u64),
    /// Numbers in groups.
    Boxes(Boxes),
    /// Numbers against numbers.
    Scatter(Box<Scatter>),
    /// Numbers in time.
    Course(Course),
    /// Names against names.
    Cross(Cross),
    /// All pairs.
    Matrix(Matrix),
    /// Nothing can be drawn, and why.
    Nothing(&'static str),
}

/// One column alone; `n_bins` where a number of bins was chosen.
pub fn alone(subject: &Subject, n_bins: Option<usize>) -> Chart {
    match &subject.values {
        Values::Numbers(values) | Values::Moments(values) => {
            let Some(summary) = stats::summary(values) else { return Chart::Nothing("it holds no value") };
            let is_time = matches!(subject.values, Values::Moments(_));
            let edges = stats::edges(values, &summary, n_bins);
            let counts = stats::counts(values, &edges);
            Chart::Histogram(Histogram { edges, counts, summary, is_time })
        }
        Values::Names(codes, names) => {
            let (order, counts) = stats::frequencies(codes, names.len());
            let n_null = codes.iter().filter(|code| code.is_none()).count() as u64;
            let shown = order.iter().take(200).map(|at| (names[*at].clone(), counts[*at])).collect();
            Chart::Bars(shown, order.len().saturating_sub(200), n_null)
        }
    }
}

/// Two columns against each other: `x` across or as groups, `y` up.
pub fn pair(x: &Subject, y: &Subject) -> Chart {
    match (&x.values, &y.values) {
        (Values::Moments(when), Values::Numbers(values)) | (Values::Numbers(values), Values::Moments(when)) => {
            course(when, values)
        }
        (Values::Names(codes, names), Values::Numbers(values) | Values::Moments(values))
        | (Values::Numbers(values) | Values::Moments(values), Values::Names(codes, names)) => {
            boxes(codes, names, values)
        }
        (Values::Names(down, down_names), Values::Names(across, across_names)) => {
            cross((down, down_names), (across, across_names))
        }
        (Values::Numbers(x) | Values::Moments(x), Values::Numbers(y) | Values::Moments(y)) => scatter(x, y),
    }
}

/// All pairs of the first [`MAX_MATRIX`] columns; names count where there are 2 to 50 of them.
pub fn matrix(subjects: &[Subject]) -> Chart {
    let usable: Vec<&Subject> = subjects
        .iter()
        .filter(|subject| match &subject.values {
            Values::Names(_, names) => (2..=50).contains(&names.len()),
            Values::Numbers(values) => {
                stats::summary(values).is_some_and(|summary| summary.std.is_some_and(|std| std > 0.0))
            }
            Values::Moments(_) => false,
        })
        .collect();
    if usable.len() < 2 {
        return Chart::Nothing("fewer than two columns can be compared");
    }
    let shown = &usable[..usable.len().min(MAX_MATRIX)];
    let cells = shown.iter().map(|a| shown.iter().map(|b| measure(a, b)).collect()).collect();
    Chart::Matrix(Matrix {
        labels: shown.iter().map(|subject| subject.label.clone()).collect(),
        cells,
        n_left_out: usable.len() - shown.len(),
    })
}

fn measure(a: &Subject, b: &Subject) -> Option<(Measure, f64, u64)> {
    match (&a.values, &b.values) {
        (Values::Numbers(a), Values::Numbers(b)) => stats::pearson(a, b).map(|(r, n)| (Measure::Pearson, r, n)),
        (Values::Names(a, a_names), Values::Names(b, b_names)) => {
            let table = stats::contingency((a, a_names.len()), (b, b_names.len()));
            let n = table.iter().flatten().sum();
            stats::cramers_v(&table).map(|v| (Measure::CramersV, v, n))
        }
        (Values::Names(codes, names), Values::Numbers(values))
        | (Values::Numbers(values), Values::Names(codes, names)) => {
            stats::eta_squared(codes, names.len(), values).map(|(eta, n)| (Measure::Eta, eta.sqrt(), n))
        }
        _ => None,
    }
}

fn boxes(codes: &[Option<u32>], names: &[SafeText], values: &[f64]) -> Chart {
    let (order, _) = stats::frequencies(codes, names.len());
    let mut groups = Vec::new();
    for at in order.iter().take(MAX_GROUPS) {
        let own: Vec<f64> = codes
            .iter()
            .zip(values)
            .filter(|(code, value)| code.is_some_and(|code| code as usize == *at) && value.is_finite())
            .map(|(_, value)| *value)
            .collect();
        if let Some(plot) = stats::box_plot(&own) {
            groups.push((names[*at].clone(), plot));
        }
    }
    if groups.is_empty() {
        return Chart::Nothing("no row has both values");
    }
    let eta_squared = stats::eta_squared(codes, names.len(), values).map(|(eta, _)| eta);
    Chart::Boxes(Boxes { groups, n_left_out: order.len().saturating_sub(MAX_GROUPS), eta_squared })
}

fn scatter(x: &[f64], y: &[f64]) -> Chart {
    let both = || x.iter().zip(y).filter(|(x, y)| x.is_finite() && y.is_finite()).map(|(x, y)| (*x, *y));
    let Some(first) = both().next() else { return Chart::Nothing("no row has both values") };
    let bounds = both().fold(((first.0, first.0), (first.1, first.1)), |(across, up), (x, y)| {
        ((across.0.min(x), across.1.max(x)), (up.0.min(y), up.1.max(y)))
    });
    let mut dots = vec![0; DOTS.0 * DOTS.1];
    for (x, y) in both() {
        let column = stats::place(x, bounds.0, DOTS.0);
        let row = DOTS.1 - 1 - stats::place(y, bounds.1, DOTS.1);
        dots[row * DOTS.0 + column] += 1;
    }
    Chart::Scatter(Box::new(Scatter {
        dots,
        bounds,
        pearson: stats::pearson(x, y).map(|(r, _)| r),
        spearman: stats::spearman(x, y),
        n_rows: both().count() as u64,
    }))
}

fn course(when: &[f64], values: &[f64]) -> Chart {
    let both = || when.iter().zip(values).filter(|(x, y)| x.is_finite() && y.is_finite()).map(|(x, y)| (*x, *y));
    let Some((first, _)) = both().next() else { return Chart::Nothing("no row has both values") };
    let bounds = both().fold((first, first), |range, (x, _)| (range.0.min(x), range.1.max(x)));
    let span = bounds.1 - bounds.0;
    #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
    let most = MAX_STEPS as f64;
    let step_s = STEPS.into_iter().find(|step| span / step <= most).unwrap_or(span / most).max(1.0);
    let mut sums: std::collections::BTreeMap<i64, (f64, u64)> = std::collections::BTreeMap::new();
    for (x, y) in both() {
        #[expect(clippy::cast_possible_truncation, reason = "at most a few hundred steps, or years around 1970")]
        let slot = sums.entry((x / step_s).floor() as i64).or_default();
        slot.0 += y;
        slot.1 += 1;
    }
    #[expect(clippy::cast_precision_loss, reason = "numbers of rows")]
    let points = sums.iter().map(|(at, (sum, n))| ((*at as f64 + 0.5) * step_s, sum / *n as f64)).collect();
    Chart::Course(Course { points, step_s, n_rows: both().count() as u64 })
}

fn cross(down: (&[Option<u32>], &[SafeText]), across: (&[Option<u32>], &[SafeText])) -> Chart {
    let ((down_codes, down_names), (across_codes, across_names)) = (down, across);
    if down_names.len().saturating_mul(across_names.len()) > MAX_PAIRS {
        return Chart::Nothing("too many different values to set against each other");
    }
    let table = stats::contingency((down_codes, down_names.len()), (across_codes, across_names.len()));
    let n_rows: u64 = table.iter().flatten().sum();
    if n_rows == 0 {
        return Chart::Nothing("no row has both values");
    }
    let (down_order, _) = stats::frequencies(down_codes, down_names.len());
    let (across_order, _) = stats::frequencies(across_codes, across_names.len());
    let (rows, columns): (Vec<usize>, Vec<usize>) =
        (down_order.iter().take(30).copied().collect(), across_order.iter().take(8).copied().collect());
    Chart::Cross(Cross {
        down: rows.iter().map(|at| down_names[*at].clone()).collect(),
        across: columns.iter().map(|at| across_names[*at].clone()).collect(),
        counts: rows.iter().map(|row| columns.iter().map(|column| table[*row][*column]).collect()).collect(),
        n_left_out: (down_order.len() - rows.len(), across_order.len() - columns.len()),
        cramers_v: stats::cramers_v(&table),
        n_rows,
    })
}
