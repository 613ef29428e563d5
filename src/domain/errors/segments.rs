//! Segments of the rows that a model does worse on: found on one half, confirmed on the other.

use serde::Serialize;

use crate::domain::errors::bins::{Coded, Condition, MISSING};
use crate::domain::errors::stats::{self, Contrast, Sums, real};
use crate::domain::verdict::CONFIDENCE;
use crate::text::figure;

/// Rows that a segment must have in each half, and the rest as well.
const MIN_ROWS: usize = 15;
/// Share of all rows from which on a condition names most of them: that the others are easier is no segment.
const MAX_SHARE: f64 = 0.5;
/// Single conditions that are tried in pairs: at most 66 pairs.
const MAX_IN_PAIRS: usize = 12;
/// Candidates that are looked at for being one of a kind.
const MAX_RANKED: usize = 200;
/// Segments that are taken to the other half.
const MAX_CONFIRMED: usize = 8;
/// Standard errors that a candidate must stand out by on the first half: the 95 % point of the normal distribution.
const STANDS_OUT: f64 = 1.645;
/// Share of rows in common, of those in either, from which two segments are the same.
const SAME: f64 = 0.9;
/// Rows of a segment that are named.
const N_EXAMPLES: usize = 5;

/// A segment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Segment {
    /// In words: `age > 52 and plan = basic`.
    pub words: String,
    /// What its rows have in common.
    pub conditions: Vec<Condition>,
    /// Other conditions that name nearly the same rows.
    pub also: Vec<String>,
    /// Rows in both halves.
    pub n_rows: u64,
    /// Rows in the half that it was confirmed on; all that follows is of this half.
    pub n_confirming: u64,
    /// Mean loss.
    pub mean_loss: Option<f64>,
    /// Mean loss of the rows outside.
    pub mean_loss_elsewhere: Option<f64>,
    /// One divided by the other.
    pub ratio: Option<f64>,
    /// Mean loss inside minus mean loss elsewhere.
    pub difference: Option<f64>,
    /// Where that lies, adjusted for the segments that were taken to this half: where `p_adjusted` is at most 5 % it leaves
    /// zero out.
    pub interval: Option<(f64, f64)>,
    /// Two-sided, before adjustment. Of a pair or a range it is the greatest of several: against the rows elsewhere, and for
    /// each condition against the rows that meet the others and not this one.
    pub p_value: Option<f64>,
    /// After Holm among all that were taken to this half.
    pub p_adjusted: Option<f64>,
    /// Whether `p_value` is that of one of its conditions, or of the rows beside a range, rather than of `interval`.
    pub is_explained_by_less: bool,
    /// Whether it is a finding.
    pub is_finding: bool,
    /// Rows with the greatest loss in it, by their index in the data file.
    pub rows: Vec<u64>,
}

/// A condition that most rows meet.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TooLarge {
    /// In words.
    pub words: String,
    /// Its share of all rows.
    pub share: f64,
}

/// What was found of segments.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Segments {
    /// Why nothing was looked at.
    pub not_checked: Option<String>,
    /// Columns that were looked at.
    pub n_columns: u64,
    /// Candidates that were compared on the first half.
    pub n_candidates: u64,
    /// Segments that were taken to the other half, which the p-values are adjusted for.
    pub n_confirmed_on: u64,
    /// Conditions that hold more than half of all rows and stood out on the first half. They are no segments: what they say is
    /// that the few other rows are easier.
    pub n_too_large: u64,
    /// The one of those that stood out most, with its share of the rows.
    pub too_large: Option<TooLarge>,
    /// Segments that are worse beyond chance, the greatest difference first.
    pub found: Vec<Segment>,
    /// Segments that stood out on the first half and are not distinguishable from chance on the other.
    pub others: Vec<Segment>,
    /// How this was done.
    pub method: String,
}

impl Segments {
    /// Nothing, and why.
    pub fn not_checked(why: &str) -> Self {
        Self { not_checked: Some(why.to_owned()), ..Self::default() }
    }
}

/// What segments are looked for in.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Index of each row in the data file.
    pub rows: &'a [u64],
    /// The group of each row, where rows of a group may depend on each other.
    pub groups: Option<&'a [u64]>,
    /// The loss of each row.
    pub losses: &'a [f64],
    /// Columns.
    pub columns: &'a [Coded],
}

/// Bins of a column, from one to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    column: usize,
    low: u16,
    high: u16,
}

impl Range {
    fn holds(self, code: u16) -> bool {
        self.low <= code && code <= self.high
    }

    /// Whether it is about having a value at all.
    fn is_of_gaps(self) -> bool {
        self.low == MISSING || self.high == MISSING - 1
    }
}

/// One range, or two of different columns.
#[derive(Clone, Debug, PartialEq)]
struct Candidate {
    ranges: Vec<Range>,
    t: f64,
}

impl Candidate {
    fn holds(&self, columns: &[Coded], row: usize) -> bool {
        self.ranges.iter().all(|range| range.holds(columns[range.column].codes[row]))
    }
}

/// Looks for segments.
///
/// One half of the rows, dealt by a hash of the row's index (of its group, where there are groups), says what is worth a
/// look; the other, which had no part in that, says how it is. So what was tried on the first half, however much, does not
/// make a finding more likely (Cox 1975, *A note on data-splitting for the evaluation of significance levels*, Biometrika
/// 62), and only the few that are taken to the other half have to be adjusted for (Holm 1979). On each half the mean loss
/// inside is compared with that outside by Welch's t, or by groups.
///
/// A segment holds at most half of the rows, and each of its conditions has to matter: its rows are compared as well with
/// those that meet its other conditions and not this one; of a range, with the half of those on each side that lies nearer to
/// it, so that an easy tail at the far end makes nothing worse. All of these differences have to be there, so the p-value is the greatest
/// of theirs (Berger 1982, *Multiparameter hypothesis testing and acceptance sampling*, Technometrics 24).
pub fn find(question: &Question<'_>) -> Segments {
    let n = question.rows.len();
    if n < 4 * MIN_ROWS {
        return Segments::not_checked(&format!(
            "{} are too few to look for segments on one half and confirm them on the other; {} are needed",
            figure::plural(n as u64, "row"),
            4 * MIN_ROWS
        ));
    }
    let halves = Halves::of(question);
    let mut singles: Vec<Candidate> = Vec::new();
    let mut n_candidates = 0;
    for (at, column) in question.columns.iter().enumerate() {
        n_candidates += halves.singles(at, column, &mut singles);
    }
    singles.sort_by(|a, b| b.t.total_cmp(&a.t));
    let (too_large, mut singles): (Vec<Candidate>, Vec<Candidate>) =
        singles.into_iter().partition(|candidate| halves.share(candidate) > MAX_SHARE);
    n_candidates -= too_large.len();
    let too_large: Vec<Candidate> = too_large.into_iter().filter(|candidate| candidate.t > STANDS_OUT).collect();
    singles.retain(|candidate| candidate.t <= STANDS_OUT || halves.each_matters(candidate));
    let pairs = halves.pairs(&singles, &mut n_candidates);
    let mut ranked: Vec<Candidate> =
        singles.into_iter().chain(pairs).filter(|candidate| candidate.t > STANDS_OUT).collect();
    ranked.sort_by(|a, b| b.t.total_cmp(&a.t).then(a.ranges.len().cmp(&b.ranges.len())));
    ranked.truncate(MAX_RANKED);
    let chosen = halves.apart(ranked);
    let (found, others) = halves.confirm(&chosen);
    let by = if question.groups.is_some() { "rows compared by groups" } else { "Welch's t" };
    Segments {
        not_checked: None,
        n_columns: question.columns.len() as u64,
        n_candidates: n_candidates as u64,
        n_confirmed_on: chosen.len() as u64,
        n_too_large: too_large.len() as u64,
        too_large: too_large
            .first()
            .map(|candidate| TooLarge { words: halves.words(candidate), share: halves.share(candidate) }),
        found,
        others,
        method: format!(
            "found on one half of the rows, confirmed on the other ({by}; Holm 1979 over the {} taken there)",
            chosen.len()
        ),
    }
}

/// A segment that stands apart, with others that name nearly the same rows.
#[derive(Debug)]
struct Chosen {
    candidate: Candidate,
    also: Vec<String>,
}

#[derive(Debug)]
struct Halves<'a> {
    question: Question<'a>,
    /// The mean loss, which is taken off before sums are made.
    mean: f64,
    find: Vec<usize>,
    confirm: Vec<usize>,
    all: Sums,
}

/// A hash of a number (Steele, Lea and Flood 2014, *Fast splittable pseudorandom number generators*, the mix of `SplitMix64`).
fn mixed(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl<'a> Halves<'a> {
    fn of(question: &Question<'a>) -> Self {
        let mean = question.losses.iter().sum::<f64>() / real(question.losses.len().max(1));
        let unit = |row: usize| question.groups.map_or(question.rows[row], |groups| groups[row]);
        let (find, confirm): (Vec<usize>, Vec<usize>) =
            (0..question.rows.len()).partition(|row| mixed(unit(*row)).is_multiple_of(2));
        let mut halves = Self { question: *question, mean, find, confirm, all: Sums::default() };
        halves.all = halves.sums(&halves.find, |_| true);
        halves
    }

    fn loss(&self, row: usize) -> f64 {
        self.question.losses[row] - self.mean
    }

    fn sums(&self, rows: &[usize], is_in: impl Fn(usize) -> bool) -> Sums {
        Sums::of(rows.iter().copied().filter(|row| is_in(*row)).map(|row| self.loss(row)))
    }

    fn contrast(inside: Sums, all: Sums) -> Option<Contrast> {
        let elsewhere = all.without(inside);
        (inside.n >= MIN_ROWS && elsewhere.n >= MIN_ROWS).then(|| Contrast::careful(inside, elsewhere))?
    }

    /// Every value of a column, or every range that begins or ends at an end, every bin, missing and given. Returns how
    /// many had rows enough to be compared.
    fn singles(&self, at: usize, column: &Coded, into: &mut Vec<Candidate>) -> usize {
        let mut bins = vec![Sums::default(); column.n_bins()];
        let mut missing = Sums::default();
        for row in &self.find {
            match bins.get_mut(usize::from(column.codes[*row])) {
                Some(bin) => bin.add(self.loss(*row)),
                None => missing.add(self.loss(*row)),
            }
        }
        let last = bins.len().saturating_sub(1);
        let mut ranges: Vec<(usize, usize)> = (0..bins.len()).map(|bin| (bin, bin)).collect();
        if column.is_ordered() {
            ranges.extend((1..last).map(|end| (0, end)));
            ranges.extend((1..last).map(|start| (start, last)));
        }
        let code = |bin: usize| u16::try_from(bin).unwrap_or(MISSING - 1);
        let mut tried: Vec<(u16, u16, Sums)> = ranges
            .into_iter()
            .map(|(low, high)| {
                let sums = bins[low..=high].iter().fold(Sums::default(), |sums, bin| sums.and(*bin));
                (code(low), code(high), sums)
            })
            .collect();
        tried.push((MISSING, MISSING, missing));
        tried.push((0, MISSING - 1, self.all.without(missing)));
        let mut n = 0;
        for (low, high, sums) in tried {
            if let Some(contrast) = Self::contrast(sums, self.all) {
                n += 1;
                into.push(Candidate { ranges: vec![Range { column: at, low, high }], t: contrast.t() });
            }
        }
        n
    }

    /// Share of all rows.
    fn share(&self, candidate: &Candidate) -> f64 {
        let n = self.question.rows.len();
        let inside = (0..n).filter(|row| candidate.holds(self.question.columns, *row)).count();
        real(inside) / real(n.max(1))
    }

    /// Rows of one half that meet all conditions but one, for each condition of a pair; of a range of a pair or alone, the
    /// nearer half of those on each side of it.
    fn without_each(&self, rows: &[usize], candidate: &Candidate) -> Vec<Vec<usize>> {
        let columns = self.question.columns;
        let mut rests = Vec::new();
        for range in &candidate.ranges {
            let others = candidate.ranges.iter().filter(|other| other.column != range.column).copied().collect();
            let others = Candidate { ranges: others, t: 0.0 };
            let code = |row: &usize| columns[range.column].codes[*row];
            let rest = rows.iter().copied().filter(|row| others.holds(columns, *row) && !range.holds(code(row)));
            if range.is_of_gaps() || !columns[range.column].is_ordered() {
                // Of one condition alone that is what is elsewhere.
                rests.extend((candidate.ranges.len() > 1).then(|| rest.collect()));
                continue;
            }
            let (below, above): (Vec<usize>, Vec<usize>) =
                rest.filter(|row| code(row) != MISSING).partition(|row| code(row) < range.low);
            for mut side in [below, above] {
                let distance = |row: &usize| code(row).abs_diff(range.low).min(code(row).abs_diff(range.high));
                side.sort_by_key(distance);
                if let Some(farthest) = side.get(side.len().saturating_sub(1) / 2).map(distance) {
                    side.retain(|row| distance(row) <= farthest);
                }
                rests.extend((side.len() >= MIN_ROWS).then_some(side));
            }
        }
        rests
    }

    /// Whether on the first half a segment is worse than the rows without each of its conditions.
    fn each_matters(&self, candidate: &Candidate) -> bool {
        let inside = self.sums(&self.find, |row| candidate.holds(self.question.columns, row));
        self.without_each(&self.find, candidate).iter().all(|rest| {
            let rest = self.sums(rest, |_| true);
            Contrast::welch(inside, rest).is_none_or(|contrast| contrast.t() > STANDS_OUT)
        })
    }

    /// Pairs of the most promising single conditions, where each of both matters.
    fn pairs(&self, singles: &[Candidate], n_candidates: &mut usize) -> Vec<Candidate> {
        let columns = self.question.columns;
        // At most two conditions of one column, so that one does not take all places.
        let mut first: Vec<&Candidate> = Vec::new();
        for single in singles.iter().filter(|single| single.t > 0.0) {
            let n_of_column = first.iter().filter(|other| other.ranges[0].column == single.ranges[0].column).count();
            if n_of_column < 2 && first.len() < MAX_IN_PAIRS {
                first.push(single);
            }
        }
        let mut pairs = Vec::new();
        for (at, one) in first.iter().enumerate() {
            for other in &first[at + 1..] {
                if one.ranges[0].column == other.ranges[0].column {
                    continue;
                }
                let mut pair = Candidate { ranges: vec![one.ranges[0], other.ranges[0]], t: 0.0 };
                let inside = self.sums(&self.find, |row| pair.holds(columns, row));
                let Some(contrast) = Self::contrast(inside, self.all) else { continue };
                *n_candidates += 1;
                pair.t = contrast.t();
                // Of two that name the same rows, the one with fewer conditions is kept.
                let is_less_than = |parent: &Candidate| {
                    let whole = self.sums(&self.find, |row| parent.holds(columns, row));
                    real(inside.n) < SAME * real(whole.n)
                };
                if is_less_than(one) && is_less_than(other) && self.each_matters(&pair) {
                    pairs.push(pair);
                }
            }
        }
        pairs
    }

    /// Keeps what is not the same as, or explained by, one that stands out more.
    fn apart(&self, ranked: Vec<Candidate>) -> Vec<Chosen> {
        let columns = self.question.columns;
        let n = self.question.rows.len();
        let mut chosen: Vec<Chosen> = Vec::new();
        let mut is_taken = vec![false; n];
        'next: for candidate in ranked {
            for other in &mut chosen {
                let (mut both, mut either) = (0, 0);
                for row in 0..n {
                    let (a, b) = (candidate.holds(columns, row), other.candidate.holds(columns, row));
                    both += usize::from(a && b);
                    either += usize::from(a || b);
                }
                if real(both) >= SAME * real(either) {
                    if other.also.len() < 3 {
                        other.also.push(self.words(&candidate));
                    }
                    continue 'next;
                }
            }
            if chosen.len() == MAX_CONFIRMED {
                continue;
            }
            // What is left of it once the rows of stronger ones are taken away has to stand out still.
            let rest = self.sums(&self.find, |row| !is_taken[row]);
            let inside = self.sums(&self.find, |row| !is_taken[row] && candidate.holds(columns, row));
            if chosen.is_empty() || Self::contrast(inside, rest).is_some_and(|contrast| contrast.t() > STANDS_OUT) {
                for (row, is_taken) in is_taken.iter_mut().enumerate() {
                    *is_taken |= candidate.holds(columns, row);
                }
                chosen.push(Chosen { candidate, also: Vec::new() });
            }
        }
        chosen
    }

    fn conditions(&self, candidate: &Candidate) -> Vec<Condition> {
        let of = |range: &Range| self.question.columns[range.column].condition(range.low, range.high);
        candidate.ranges.iter().map(of).collect()
    }

    fn words(&self, candidate: &Candidate) -> String {
        let words: Vec<String> = self.conditions(candidate).into_iter().map(|condition| condition.words).collect();
        words.join(" and ")
    }

    /// A difference by groups where there are groups, over these rows; nothing where they are too few.
    fn by_groups(&self, rows: &[usize], candidate: &Candidate, welch: Contrast) -> Option<Contrast> {
        let Some(groups) = self.question.groups else { return Some(welch) };
        let is_in = |row: usize| candidate.holds(self.question.columns, row);
        let grouped = Contrast::grouped(rows.iter().map(|row| (groups[*row], self.loss(*row), is_in(*row))));
        grouped.map(|grouped| grouped.no_surer_than(welch))
    }

    /// How often chance alone makes a segment this much worse than the rows without one of its conditions: for the condition
    /// of which that is the most often, on the other half. One where it is not worse.
    fn chance_without_each(&self, candidate: &Candidate, inside: Sums) -> f64 {
        let columns = self.question.columns;
        let chance = |rest: &Vec<usize>| {
            let outside = self.sums(rest, |_| true);
            let mut rows: Vec<usize> = rest.clone();
            rows.extend(self.confirm.iter().copied().filter(|row| candidate.holds(columns, *row)));
            let contrast = Contrast::careful(inside, outside)
                .and_then(|welch| self.by_groups(&rows, candidate, welch))
                .filter(|contrast| contrast.difference > 0.0);
            contrast.map_or(1.0, Contrast::p_value)
        };
        self.without_each(&self.confirm, candidate).iter().map(chance).fold(0.0, f64::max)
    }

    /// Looks at the chosen ones on the other half. Returns findings and the others.
    fn confirm(&self, chosen: &[Chosen]) -> (Vec<Segment>, Vec<Segment>) {
        let columns = self.question.columns;
        let all = self.sums(&self.confirm, |_| true);
        let looked: Vec<(Sums, Option<Contrast>)> = chosen
            .iter()
            .map(|one| {
                let inside = self.sums(&self.confirm, |row| one.candidate.holds(columns, row));
                let contrast = Self::contrast(inside, all);
                (inside, contrast.and_then(|welch| self.by_groups(&self.confirm, &one.candidate, welch)))
            })
            .collect();
        let own: Vec<f64> = looked.iter().map(|(_, contrast)| contrast.map_or(1.0, Contrast::p_value)).collect();
        let chances: Vec<f64> = chosen
            .iter()
            .zip(&looked)
            .zip(&own)
            .map(|((one, (inside, _)), own)| own.max(self.chance_without_each(&one.candidate, *inside)))
            .collect();
        let mut segments: Vec<Segment> = chosen
            .iter()
            .zip(&looked)
            .zip(chances.iter().zip(&own).zip(stats::holm(&chances)))
            .map(|((one, (inside, contrast)), ((chance, own), (p_adjusted, level)))| {
                let means = contrast.map(|_| (inside.mean() + self.mean, all.without(*inside).mean() + self.mean));
                let difference = contrast.map(|contrast| contrast.difference);
                Segment {
                    words: self.words(&one.candidate),
                    conditions: self.conditions(&one.candidate),
                    also: one.also.clone(),
                    n_rows: (0..self.question.rows.len()).filter(|row| one.candidate.holds(columns, *row)).count()
                        as u64,
                    n_confirming: inside.n as u64,
                    mean_loss: means.map(|(inside, _)| inside),
                    mean_loss_elsewhere: means.map(|(_, elsewhere)| elsewhere),
                    ratio: means
                        .filter(|(_, elsewhere)| *elsewhere > 0.0)
                        .map(|(inside, elsewhere)| inside / elsewhere),
                    difference,
                    interval: contrast.map(|contrast| contrast.interval(1.0 - level)),
                    p_value: contrast.map(|_| *chance),
                    p_adjusted: contrast.map(|_| p_adjusted),
                    is_explained_by_less: chance > own,
                    is_finding: p_adjusted <= 1.0 - CONFIDENCE && difference.is_some_and(|difference| difference > 0.0),
                    rows: self.worst(&one.candidate),
                }
            })
            .collect();
        segments.sort_by(|a, b| b.difference.unwrap_or(f64::MIN).total_cmp(&a.difference.unwrap_or(f64::MIN)));
        segments.into_iter().partition(|segment| segment.is_finding)
    }

    /// Rows with the greatest loss.
    fn worst(&self, candidate: &Candidate) -> Vec<u64> {
        let mut rows: Vec<usize> =
            (0..self.question.rows.len()).filter(|row| candidate.holds(self.question.columns, *row)).collect();
        rows.sort_by(|a, b| self.question.losses[*b].total_cmp(&self.question.losses[*a]).then(a.cmp(b)));
        rows.into_iter().take(N_EXAMPLES).map(|row| self.question.rows[row]).collect()
    }
}
