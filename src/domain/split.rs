//! Which rows are trained on, which are validated on, and which are sealed away.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// How rows are dealt to folds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SplitKind {
    /// At random.
    Random,
    /// At random, each class (or each range of a numeric target) in equal shares.
    Stratified,
    /// Rows of one group stay together.
    Grouped,
    /// Later rows are validated on earlier ones.
    Time,
}

impl SplitKind {
    /// The word in the project file and on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Stratified => "stratified",
            Self::Grouped => "grouped",
            Self::Time => "time",
        }
    }
}

/// Where a row belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Sealed: no run ever sees it.
    Holdout,
    /// Validated on in this fold, trained on in the others (for a split by time: in later ones only).
    Fold(u32),
    /// Trained on in every fold and never validated on: the earliest stretch of a split by time.
    Base,
    /// Left out: it has no target.
    NoTarget,
}

/// What each row brings to the split.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// Class or range of the target; `None` leaves the row out.
    pub strata: Vec<Option<u32>>,
    /// The group, for [`SplitKind::Grouped`].
    pub groups: Vec<u64>,
    /// The time, for [`SplitKind::Time`]; rows without one count as the earliest.
    pub times: Vec<Option<i64>>,
    /// Rows that repeat an earlier row, with the row they repeat: both end on the same side.
    pub twins: Vec<(usize, usize)>,
}

/// The plan of a split.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// How rows are dealt.
    pub kind: SplitKind,
    /// Number of folds, at least two.
    pub n_folds: u32,
    /// Share of rows that is sealed.
    pub holdout: f64,
    /// Decides every random choice.
    pub seed: u64,
}

/// Deals every row to its part. The same plan and keys give the same parts on every machine.
pub fn deal(plan: Plan, keys: &Keys) -> Vec<Part> {
    let n_rows = keys.strata.len();
    let mut parts = vec![Part::NoTarget; n_rows];
    let rows: Vec<usize> = (0..n_rows).filter(|row| keys.strata[*row].is_some()).collect();
    let n_folds = plan.n_folds.max(2);
    let mut random = SplitMix::new(plan.seed);
    match plan.kind {
        SplitKind::Random => {
            let mut shuffled = rows;
            random.shuffle(&mut shuffled);
            let n_holdout = part_of(shuffled.len(), plan.holdout);
            for (idx, row) in shuffled.into_iter().enumerate() {
                parts[row] = place(idx, n_holdout, n_folds);
            }
        }
        SplitKind::Stratified => {
            let mut strata: Vec<(u32, Vec<usize>)> = Vec::new();
            let mut where_is: HashMap<u32, usize> = HashMap::new();
            for row in rows {
                let key = keys.strata[row].unwrap_or_default();
                let at = *where_is.entry(key).or_insert_with(|| {
                    strata.push((key, Vec::new()));
                    strata.len() - 1
                });
                strata[at].1.push(row);
            }
            strata.sort_by_key(|(key, _)| *key);
            // The next fold carries over from stratum to stratum, so that folds stay of equal size.
            let mut next_fold = 0;
            for (_, mut members) in strata {
                random.shuffle(&mut members);
                let n_holdout = part_of(members.len(), plan.holdout);
                for (idx, row) in members.into_iter().enumerate() {
                    parts[row] = if idx < n_holdout {
                        Part::Holdout
                    } else {
                        next_fold += 1;
                        Part::Fold((next_fold - 1) % n_folds)
                    };
                }
            }
        }
        SplitKind::Grouped => deal_groups(plan, keys, &rows, &mut random, &mut parts),
        SplitKind::Time => deal_times(plan, keys, rows, &mut parts),
    }
    if matches!(plan.kind, SplitKind::Random | SplitKind::Stratified) {
        for (row, first) in &keys.twins {
            if parts[*row] != Part::NoTarget && parts[*first] != Part::NoTarget {
                parts[*row] = parts[*first];
            }
        }
    }
    parts
}

/// Shuffles rows; the same seed gives the same order everywhere.
pub fn shuffled(rows: &mut [usize], seed: u64) {
    SplitMix::new(seed).shuffle(rows);
}

/// As [`deal`], with the rows outside the holdout dealt anew for each repeat after the first. A split by time has one order
/// only, so every repeat of it is the same.
pub fn repeat(plan: Plan, keys: &Keys, repeat: u32) -> Vec<Part> {
    let first = deal(plan, keys);
    if repeat == 0 || plan.kind == SplitKind::Time {
        return first;
    }
    let is_sealed = |row: usize| first.get(row) == Some(&Part::Holdout);
    let strata = keys.strata.iter().enumerate().map(|(row, key)| key.filter(|_| !is_sealed(row))).collect();
    let seed = plan.seed ^ u64::from(repeat).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut parts = deal(Plan { holdout: 0.0, seed, ..plan }, &Keys { strata, ..keys.clone() });
    for (row, part) in parts.iter_mut().enumerate().filter(|(row, _)| is_sealed(*row)) {
        debug_assert_eq!(*part, Part::NoTarget, "row {row}");
        *part = Part::Holdout;
    }
    parts
}

/// Whole groups go to the holdout until it is full, then to the fold that has the fewest rows.
fn deal_groups(plan: Plan, keys: &Keys, rows: &[usize], random: &mut SplitMix, parts: &mut [Part]) {
    let n_folds = plan.n_folds.max(2);
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut where_is: HashMap<u64, usize> = HashMap::new();
    for row in rows {
        let at = *where_is.entry(keys.groups.get(*row).copied().unwrap_or_default()).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[at].push(*row);
    }
    random.shuffle(&mut groups);
    let wanted = part_of(rows.len(), plan.holdout);
    let mut n_holdout = 0;
    let mut rest = Vec::new();
    for group in groups {
        if n_holdout + group.len() <= wanted + wanted / 10 && n_holdout < wanted {
            n_holdout += group.len();
            for row in &group {
                parts[*row] = Part::Holdout;
            }
        } else {
            rest.push(group);
        }
    }
    // Large groups first, so that the folds come out even.
    rest.sort_by_key(|group| std::cmp::Reverse(group.len()));
    let mut sizes = vec![0usize; n_folds as usize];
    for group in rest {
        let fold = sizes.iter().enumerate().min_by_key(|(_, size)| **size).map_or(0, |(fold, _)| fold);
        sizes[fold] += group.len();
        for row in group {
            parts[row] = Part::Fold(u32::try_from(fold).unwrap_or_default());
        }
    }
}

/// The latest rows are sealed; the rest is cut into one base and equal stretches in order of time.
/// Rows of the same time stay on the same side of a cut.
fn deal_times(plan: Plan, keys: &Keys, mut rows: Vec<usize>, parts: &mut [Part]) {
    let n_folds = plan.n_folds.max(2) as usize;
    let time_of = |row: usize| keys.times.get(row).copied().flatten().unwrap_or(i64::MIN);
    rows.sort_by_key(|row| (time_of(*row), *row));
    let n_open = rows.len() - part_of(rows.len(), plan.holdout);
    let mut cuts: Vec<usize> = (1..=n_folds + 1).map(|stretch| n_open * stretch / (n_folds + 1)).collect();
    for cut in &mut cuts {
        while *cut > 0 && *cut < rows.len() && time_of(rows[*cut]) == time_of(rows[*cut - 1]) {
            *cut += 1;
        }
    }
    for (idx, row) in rows.into_iter().enumerate() {
        let stretch = cuts.iter().position(|cut| idx < *cut);
        parts[row] = match stretch {
            None => Part::Holdout,
            Some(0) => Part::Base,
            Some(stretch) => Part::Fold(u32::try_from(stretch - 1).unwrap_or_default()),
        };
    }
}

fn place(idx: usize, n_holdout: usize, n_folds: u32) -> Part {
    match idx.checked_sub(n_holdout) {
        None => Part::Holdout,
        Some(rest) => Part::Fold(u32::try_from(rest % n_folds as usize).unwrap_or_default()),
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a number of rows, rounded"
)]
fn part_of(n: usize, share: f64) -> usize {
    (n as f64 * share.clamp(0.0, 0.9)).round() as usize
}

/// Whether a row is trained on when `fold` is validated.
pub fn trains(kind: SplitKind, part: Part, fold: u32) -> bool {
    match part {
        Part::Base => true,
        Part::Fold(own) if kind == SplitKind::Time => own < fold,
        Part::Fold(own) => own != fold,
        Part::Holdout | Part::NoTarget => false,
    }
}

/// Steele, Lea and Flood 2014, *Fast splittable pseudorandom number generators*: small, and the same everywhere.
#[derive(Clone, Debug)]
pub struct SplitMix {
    state: u64,
}

impl SplitMix {
    /// A generator that always starts the same from `seed`.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`, without the bias of a remainder (Lemire 2019).
    pub fn below(&mut self, n: usize) -> usize {
        if n == 0 {
            return 0;
        }
        let n = n as u64;
        loop {
            let wide = u128::from(self.next_u64()) * u128::from(n);
            let low = u64::try_from(wide & u128::from(u64::MAX)).unwrap_or_default();
            if low >= n.wrapping_neg() % n {
                return usize::try_from(wide >> 64).unwrap_or_default();
            }
        }
    }

    /// Fisher and Yates.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last + 1);
            items.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plan(kind: SplitKind) -> Plan {
        Plan { kind, n_folds: 5, holdout: 0.2, seed: 7 }
    }

    fn count(parts: &[Part], part: Part) -> usize {
        parts.iter().filter(|other| **other == part).count()
    }

    #[test]
    fn a_repeat_deals_anew_and_keeps_the_holdout() {
        let keys = Keys {
            strata: (0..200).map(|row| (row % 17 != 0).then_some(row % 3)).collect(),
            groups: (0..200).map(|row| row / 4).collect(),
            times: (0..200).map(|row| Some(row * 10)).collect(),
            twins: vec![(8, 7), (100, 50)],
        };
        for kind in [SplitKind::Random, SplitKind::Stratified, SplitKind::Grouped] {
            let plan = Plan { kind, n_folds: 5, holdout: 0.2, seed: 7 };
            let (first, second, third) = (deal(plan, &keys), repeat(plan, &keys, 1), repeat(plan, &keys, 2));
            assert_eq!(repeat(plan, &keys, 0), first);
            assert!(first != second && second != third && first != third, "{kind:?}");
            for row in 0..200 {
                assert_eq!(first[row] == Part::Holdout, second[row] == Part::Holdout, "{kind:?} {row}");
                assert_eq!(first[row] == Part::NoTarget, second[row] == Part::NoTarget, "{kind:?} {row}");
            }
            let sizes = |parts: &[Part]| {
                (0..5).map(|fold| parts.iter().filter(|part| **part == Part::Fold(fold)).count()).collect::<Vec<_>>()
            };
            assert!(sizes(&second).iter().all(|n| (20..=45).contains(n)), "{:?}", sizes(&second));
        }
        let plan = Plan { kind: SplitKind::Time, n_folds: 5, holdout: 0.2, seed: 7 };
        assert_eq!(repeat(plan, &keys, 3), deal(plan, &keys));
    }

    #[test]
    fn a_stratified_split_gives_each_class_its_share_everywhere() {
        let keys = Keys { strata: (0..1000).map(|row| Some(u32::from(row % 10 == 0))).collect(), ..Keys::default() };
        let parts = deal(plan(SplitKind::Stratified), &keys);
        assert_eq!(count(&parts, Part::Holdout), 200);
        for fold in 0..5 {
            assert_eq!(count(&parts, Part::Fold(fold)), 160);
            let rare = (0..1000).filter(|row| row % 10 == 0 && parts[*row] == Part::Fold(fold)).count();
            assert_eq!(rare, 16);
        }
    }

    #[test]
    fn a_repeated_row_stays_with_the_row_it_repeats() {
        let keys = Keys { strata: vec![Some(0); 100], twins: vec![(99, 3), (50, 4)], ..Keys::default() };
        let parts = deal(plan(SplitKind::Random), &keys);
        assert_eq!((parts[99], parts[50]), (parts[3], parts[4]));
    }

    #[test]
    fn a_split_by_time_never_trains_on_what_comes_later() {
        let keys = Keys {
            strata: vec![Some(0); 600],
            times: (0..600).map(|row| Some(i64::from(row / 3))).collect(),
            ..Keys::default()
        };
        let parts = deal(plan(SplitKind::Time), &keys);
        for fold in 0..5 {
            let last_trained = (0..600).rev().find(|row| trains(SplitKind::Time, parts[*row], fold)).map(|row| row / 3);
            let first_validated = (0..600).find(|row| parts[*row] == Part::Fold(fold)).map(|row| row / 3);
            assert!(last_trained < first_validated, "fold {fold}: {last_trained:?} {first_validated:?}");
        }
        assert_eq!(parts[599], Part::Holdout);
    }

    proptest! {
        #[test]
        fn a_group_is_never_on_two_sides(groups in prop::collection::vec(0u64..30, 50..300), seed: u64) {
            let keys = Keys { strata: vec![Some(0); groups.len()], groups: groups.clone(), ..Keys::default() };
            let parts = deal(Plan { seed, ..plan(SplitKind::Grouped) }, &keys);
            for (row, part) in parts.iter().enumerate() {
                let first = groups.iter().position(|group| *group == groups[row]).unwrap();
                prop_assert_eq!(*part, parts[first]);
            }
        }

        #[test]
        fn every_row_with_a_target_is_somewhere_and_the_same_each_time(
            strata in prop::collection::vec(prop::option::weighted(0.9, 0u32..4), 20..300), seed: u64,
        ) {
            let keys = Keys { strata: strata.clone(), ..Keys::default() };
            for kind in [SplitKind::Random, SplitKind::Stratified] {
                let plan = Plan { seed, ..plan(kind) };
                let parts = deal(plan, &keys);
                prop_assert_eq!(&parts, &deal(plan, &keys));
                for (row, part) in parts.iter().enumerate() {
                    prop_assert_eq!(*part == Part::NoTarget, strata[row].is_none());
                }
            }
        }
    }
}
