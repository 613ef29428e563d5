//! Planted errors are found and named; chance is not.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "small numbers"
)]

use super::*;
use crate::domain::errors::picture::{Line, Tab};

/// Numbers in `[0, 1)` (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// About normal: the sum of twelve, less six.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.roll()).sum::<f64>() - 6.0
    }
}

fn numbers(name: &str, values: impl IntoIterator<Item = f64>) -> Column {
    let values = values.into_iter().map(Some).collect();
    Column { name: name.into(), cells: Cells::Numbers { scale: Scale::Number, values } }
}

fn levels(name: &str, names: &[&str], codes: impl IntoIterator<Item = u32>) -> Column {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    Column { name: name.into(), cells: Cells::Levels { codes: codes.into_iter().map(Some).collect(), names } }
}

fn input(answers: Answers, columns: Vec<Column>, n: usize) -> Input {
    Input {
        target: "y".into(),
        rows: (0..n as u64).collect(),
        groups: None,
        answers,
        columns: Ok(columns),
        notes: Vec::new(),
    }
}

/// A model that predicts zero for noise of the given size.
fn noise(errors: Vec<f64>) -> Answers {
    let predicted = vec![0.0; errors.len()];
    Answers::Numbers { truth: errors, predicted }
}

fn binary(truth: Vec<usize>, chances: &[f64]) -> Answers {
    Answers::Classes {
        names: vec!["no".into(), "yes".into()],
        positive: Some(1),
        predicted: chances.iter().map(|p| usize::from(*p >= 0.5)).collect(),
        chances: Some(chances.iter().map(|p| vec![1.0 - p, *p]).collect()),
        truth,
    }
}

fn text(lines: &[Line]) -> String {
    lines.iter().map(|line| line.text() + "\n").collect()
}

/// Ages of 18 to 77, three plans, and something that has nothing to do with anything.
fn people(dice: &mut Dice, n: usize) -> (Vec<f64>, Vec<u32>, Vec<f64>) {
    let ages = (0..n).map(|_| (18.0 + dice.roll() * 60.0).floor()).collect();
    let plans = (0..n).map(|_| (dice.roll() * 3.0) as u32).collect();
    let luck = (0..n).map(|_| dice.roll()).collect();
    (ages, plans, luck)
}

#[test]
fn a_planted_pair_is_found_confirmed_and_named() {
    let n = 2_000;
    let mut dice = Dice(1);
    let (ages, plans, luck) = people(&mut dice, n);
    let errors =
        (0..n).map(|row| dice.normal() * if ages[row] > 53.0 && plans[row] == 1 { 4.0 } else { 1.0 }).collect();
    let columns = vec![
        numbers("age", ages.clone()),
        levels("plan", &["pro", "basic", "team"], plans.clone()),
        numbers("luck", luck),
    ];
    let found = analyse(&input(noise(errors), columns, n)).segments;
    let first = &found.found[0];
    assert!(first.words.contains("plan = basic") && first.words.contains("age > 5"), "{}", first.words);
    // The threshold is one of the tenths that the column is cut at, so it may lie one range off.
    let above = first.conditions.iter().find_map(|condition| condition.above).unwrap();
    assert!((48.0..=59.0).contains(&above), "{above}");
    let (low, high) = first.interval.unwrap();
    assert!(low > 1.0 && high < 4.0 && first.ratio.unwrap() > 2.5, "{first:?}");
    assert!(first.p_adjusted.unwrap() < 0.001 && first.n_confirming < first.n_rows);
    let named = |row: &u64| ages[*row as usize] > above && plans[*row as usize] == 1;
    assert_eq!((first.rows.len(), first.rows.iter().all(named)), (5, true), "{first:?}");
    // What has nothing to do with it is not called a finding.
    assert!(found.found.iter().all(|segment| !segment.words.contains("luck")), "{:?}", found.found);
}

#[test]
fn the_same_rows_under_two_names_are_one_segment() {
    let n = 1_000;
    let mut dice = Dice(2);
    let (_, plans, _) = people(&mut dice, n);
    let errors = (0..n).map(|row| dice.normal() + if plans[row] == 2 { 5.0 } else { 0.0 }).collect();
    let columns = vec![
        levels("plan", &["pro", "basic", "team"], plans.clone()),
        levels("price", &["high", "low", "some"], plans.iter().copied()),
    ];
    let found = analyse(&input(noise(errors), columns, n)).segments;
    assert_eq!(found.found.len(), 1, "{found:?}");
    let mut names = vec![found.found[0].words.clone()];
    names.extend(found.found[0].also.clone());
    names.sort();
    assert_eq!(names, ["plan = team", "price = some"]);
}

#[test]
fn gaps_and_dates_are_segments_too() {
    let n = 1_200;
    let mut dice = Dice(3);
    let days: Vec<Option<f64>> = (0..n).map(|row| Some(f64::from(19_000 + row as u32))).collect();
    let gaps: Vec<Option<f64>> = (0..n).map(|row| (row % 7 != 0).then(|| dice.roll())).collect();
    let errors = (0..n)
        .map(|row| {
            dice.normal()
                * if row % 7 == 0 {
                    5.0
                } else if row >= 960 {
                    2.5
                } else {
                    1.0
                }
        })
        .collect();
    let columns = vec![
        Column { name: "day".into(), cells: Cells::Numbers { scale: Scale::Day, values: days } },
        Column { name: "income".into(), cells: Cells::Numbers { scale: Scale::Number, values: gaps } },
    ];
    let found = analyse(&input(noise(errors), columns, n)).segments.found;
    let words: Vec<&str> = found.iter().map(|segment| segment.words.as_str()).collect();
    assert!(words.contains(&"income is missing"), "{words:?}");
    // Day 19 959 is 2024-08-24, the last before the last fifth.
    assert!(words.iter().any(|words| words.contains("day > 2024-08-24")), "{words:?}");
}

/// Segments of data sets of 1,500 rows, where the size of the error depends on a place from 0 to 1 and on the plan.
fn sized(n_sets: u64, size: impl Fn(f64, u32) -> f64) -> Vec<segments::Segments> {
    (0..n_sets)
        .map(|seed| {
            let n = 1_500;
            let mut dice = Dice(500 + seed);
            let (_, plans, places) = people(&mut dice, n);
            let errors = (0..n).map(|row| dice.normal() * size(places[row], plans[row])).collect();
            let columns = vec![
                numbers("place", places.clone()),
                levels("plan", &["pro", "basic", "team"], plans.clone()),
                numbers("luck", (0..n).map(|_| dice.roll()).collect::<Vec<_>>()),
            ];
            analyse(&input(noise(errors), columns, n)).segments
        })
        .collect()
}

#[test]
fn most_rows_are_no_segment_and_an_easy_tail_makes_none() {
    // A tenth of the rows is easy; what is left, nine tenths, is not worse than anything that one would look for.
    let all = sized(100, |place, _| if place < 0.1 { 0.05 } else { 1.0 });
    let n_found = all.iter().filter(|segments| !segments.found.is_empty()).count();
    assert!(
        n_found <= 5,
        "{n_found} {:?}",
        all.iter()
            .flat_map(|one| one.found.iter().map(|one| (&one.words, one.n_rows, one.p_adjusted)))
            .collect::<Vec<_>>()
    );
    let named = |segments: &segments::Segments| {
        segments.too_large.as_ref().is_some_and(|one| {
            one.words.starts_with("place > 0.") && (0.85..0.95).contains(&one.share) && segments.n_too_large > 0
        })
    };
    assert_eq!(all.iter().filter(|segments| named(segments)).count(), 100, "{:?}", all[0]);
    let n_large = all.iter().flat_map(|one| one.found.iter().chain(&one.others)).filter(|one| one.n_rows > 750).count();
    assert_eq!(n_large, 0);
    let mut found = analyse(&input(noise(vec![1.0; 200]), Vec::new(), 200));
    found.segments = all[0].clone();
    (found.segments.found, found.segments.others) = (Vec::new(), Vec::new());
    let shown = text(&picture::lines(&found, Tab::Segments, (120, 20)));
    assert!(shown.contains("that the other rows are easier: place > 0."), "{shown}");
}

#[test]
fn a_pair_of_which_one_condition_explains_all_is_not_listed() {
    let words = |segments: &segments::Segments| {
        segments.found.iter().map(|segment| segment.words.clone()).collect::<Vec<String>>()
    };
    let count = |all: &[segments::Segments]| {
        let n_alone = all.iter().filter(|one| words(one).contains(&"plan = basic".to_owned())).count();
        (n_alone, all.iter().filter(|one| words(one).iter().any(|words| words.contains(" and "))).count())
    };
    // One plan is worse, and a fifth of the places is easy everywhere: the plan alone is the segment.
    let (n_alone, n_pairs) = count(&sized(100, |place, plan| {
        let of_plan = if plan == 1 { 3.0 } else { 1.0 };
        if place < 0.2 { 0.2 * of_plan } else { of_plan }
    }));
    assert!(n_alone >= 95 && n_pairs <= 5, "{n_alone} {n_pairs}");
    // Among many columns that have nothing to do with it, some pair looks better on the first half, and is not on the other.
    let all: Vec<segments::Segments> = (0..100)
        .map(|seed| {
            let n = 500;
            let mut dice = Dice(9_000 + seed);
            let plans: Vec<u32> = (0..n).map(|_| (dice.roll() * 3.0) as u32).collect();
            let errors =
                plans.iter().map(|plan| dice.normal() * if *plan == 1 { 2.0 } else { 1.0 }).collect::<Vec<f64>>();
            let mut columns: Vec<Column> = (0..12)
                .map(|column| numbers(&format!("luck {column}"), (0..n).map(|_| dice.roll()).collect::<Vec<_>>()))
                .collect();
            columns.push(levels("plan", &["pro", "basic", "team"], plans));
            analyse(&input(noise(errors), columns, n)).segments
        })
        .collect();
    let (_, n_pairs) = count(&all);
    assert!(n_pairs <= 3, "{n_pairs}");
}

#[test]
fn a_trend_and_a_true_pair_are_still_found() {
    let trend = sized(100, |place, _| 0.5 + 2.0 * place);
    let rising = trend.iter().filter(|one| one.found.iter().any(|one| one.words.starts_with("place > 0."))).count();
    let pair = sized(100, |place, plan| if plan == 1 && place > 0.7 { 3.0 } else { 1.0 });
    let is_it = |words: &str| words.contains("plan = basic") && words.contains("place > 0.");
    let n_pairs = pair.iter().filter(|one| one.found.iter().any(|one| is_it(&one.words))).count();
    assert!(rising >= 95 && n_pairs >= 95, "{rising} {n_pairs}");
}

/// Of so many data sets in which nothing is worse anywhere, how many have a finding.
fn false_findings(n_sets: u64, n: usize, loss: impl Fn(&mut Dice) -> f64, groups: Option<u64>) -> usize {
    (0..n_sets)
        .filter(|seed| {
            let mut dice = Dice(1_000 + seed);
            let (ages, plans, luck) = people(&mut dice, n);
            let own: Option<Vec<u64>> = groups.map(|n_groups| (0..n as u64).map(|row| row % n_groups).collect());
            let level: Vec<f64> = (0..groups.unwrap_or(1)).map(|_| dice.normal()).collect();
            let kind: Vec<u32> = (0..groups.unwrap_or(1)).map(|_| (dice.roll() * 4.0) as u32).collect();
            let of = |row: usize| own.as_ref().map_or(0, |own| own[row] as usize);
            let errors = (0..n).map(|row| loss(&mut dice) + if own.is_some() { 3.0 + level[of(row)] } else { 0.0 });
            let errors: Vec<f64> = errors.collect();
            let mut columns = vec![
                numbers("age", ages),
                levels("plan", &["pro", "basic", "team"], plans),
                numbers("luck", luck),
                numbers("more", (0..n).map(|_| dice.roll()).collect::<Vec<_>>()),
            ];
            if own.is_some() {
                columns.push(levels("site", &["a", "b", "c", "d"], (0..n).map(|row| kind[of(row)])));
            }
            let input = Input { groups: own, ..input(noise(errors), columns, n) };
            !analyse(&input).segments.found.is_empty()
        })
        .count()
}

#[test]
fn chance_is_called_a_finding_at_most_as_often_as_promised() {
    // 200 data sets each, five of a hundred may have a finding: at most 10.
    let of_noise = false_findings(200, 400, Dice::normal, None);
    let of_mistakes = false_findings(200, 400, |dice| f64::from(u8::from(dice.roll() < 0.15)), None);
    assert!(of_noise <= 10 && of_mistakes <= 10, "{of_noise} {of_mistakes}");
}

#[test]
fn rows_of_a_group_that_err_together_are_no_evidence_each() {
    // Eighty groups of ten rows with an error of their own; the kind of the group has nothing to do with it.
    let n = false_findings(100, 800, |dice| 0.2 * dice.normal(), Some(80));
    assert!(n <= 5, "{n}");
}

#[test]
fn probabilities_that_are_right_are_called_so_and_others_are_not() {
    let n = 5_000;
    let mut dice = Dice(4);
    let chances: Vec<f64> = (0..n).map(|_| dice.roll()).collect();
    let truth: Vec<usize> = chances.iter().map(|p| usize::from(dice.roll() < *p)).collect();
    let right = calibration::of(&binary(truth.clone(), &chances));
    assert_eq!((right.bins.len(), right.not_checked.as_deref()), (10, None));
    assert!(right.ece.unwrap() < 2.0 * right.ece_by_chance.unwrap(), "{right:?}");
    let inside =
        |bin: &&calibration::Bin| bin.interval.is_some_and(|(low, high)| (low..=high).contains(&bin.predicted));
    assert!(right.bins.iter().filter(inside).count() >= 8, "{right:?}");
    // Uniform probabilities that are right: the score is the mean of p (1 − p), one sixth.
    assert!((right.brier.unwrap() - 1.0 / 6.0).abs() < 0.01);
    let parts = right.decomposition.unwrap();
    let sum = parts.reliability - parts.resolution + parts.uncertainty + parts.within;
    assert!((sum - right.brier.unwrap()).abs() < 1e-12, "{parts:?}");
    // Squared, they are too low by p − p², one sixth in the mean.
    let squared: Vec<f64> = chances.iter().map(|p| p * p).collect();
    let wrong = calibration::of(&binary(truth, &squared));
    assert!((wrong.ece.unwrap() - 1.0 / 6.0).abs() < 0.02 && wrong.ece > Some(5.0 * wrong.ece_by_chance.unwrap()));
}

#[test]
fn the_calibration_is_that_computed_by_hand() {
    // Forty rows in two bins: .2 with 5 of 20, .8 with 18 of 20.
    let chances: Vec<f64> = (0..40).map(|row| if row < 20 { 0.2 } else { 0.8 }).collect();
    let truth = (0..40).map(|row| usize::from(row < 5 || (20..38).contains(&row))).collect();
    let found = calibration::of(&binary(truth, &chances));
    let shares: Vec<(u64, f64)> = found.bins.iter().map(|bin| (bin.n, bin.observed)).collect();
    assert_eq!(shares, [(20, 0.25), (20, 0.9)]);
    let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
    // ECE (.05 + .1) / 2; reliability (.05² + .1²) / 2; resolution .325²; uncertainty .575 · .425.
    let parts = found.decomposition.unwrap();
    assert!(near(found.ece.unwrap(), 0.075) && near(parts.reliability, 0.006_25), "{found:?}");
    assert!(near(parts.resolution, 0.105_625) && near(parts.uncertainty, 0.244_375) && near(parts.within, 0.0));
    assert!(near(found.brier.unwrap(), 0.145), "{found:?}");
}

/// So many classes, the first the most frequent; every tenth row is taken for the class after it.
fn many(n_classes: usize) -> Answers {
    let truth: Vec<usize> =
        (0..n_classes).flat_map(|class| std::iter::repeat_n(class, 10 * (n_classes - class))).collect();
    let predicted =
        truth.iter().enumerate().map(|(row, class)| if row % 10 == 0 { (class + 1) % n_classes } else { *class });
    Answers::Classes {
        names: (0..n_classes).map(|class| format!("c{class}")).collect(),
        positive: None,
        predicted: predicted.collect(),
        truth,
        chances: None,
    }
}

#[test]
fn many_classes_are_eleven_and_the_others() {
    let found = confusion::of(&many(15)).unwrap();
    assert_eq!((found.classes.len(), found.classes[11].as_str(), found.n_others), (12, "4 others", Some(4)));
    let all: u64 = found.counts.iter().flatten().sum();
    assert_eq!(all, 10 * (1..=15).sum::<u64>());
    assert_eq!((found.counts[0][0], found.counts[0][1], found.shares[0][0]), (135, 15, Some(0.9)));
    let first = &found.pairs[0];
    assert_eq!((first.truth.as_str(), first.predicted.as_str(), first.n), ("c0", "c1", 15));
    // Mistakes between the others stand inside their cell, and the last goes back to the first.
    assert_eq!(found.counts[11], [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 99]);
    let few = confusion::of(&many(3)).unwrap();
    assert_eq!((few.classes, few.n_others), (vec!["c0".to_owned(), "c1".into(), "c2".into()], None));
}

#[test]
fn a_column_along_which_the_error_moves_comes_first_and_luck_does_not_count() {
    let n = 600;
    let mut dice = Dice(5);
    let (ages, _, luck) = people(&mut dice, n);
    let errors: Vec<f64> = ages.iter().map(|age| (age - 48.0) / 10.0 + dice.normal()).collect();
    let columns = vec![numbers("luck", luck), numbers("age", ages)];
    let answers = noise(errors);
    let found = analyse(&input(answers, columns, n));
    let columns = &found.residuals.columns;
    assert_eq!(columns[0].column, "age");
    assert!(columns[0].explained.unwrap() > 0.6 && columns[0].p_adjusted.unwrap() < 1e-6, "{columns:?}");
    let means: Vec<f64> = columns[0].bins.iter().map(|bin| bin.mean).collect();
    assert!(means[0] < -2.0 && means.last().unwrap() > &2.0 && means.is_sorted(), "{means:?}");
    assert!(columns[1].p_adjusted.unwrap() > 0.05, "{columns:?}");
    let shown = text(&picture::lines(&found, Tab::Residuals, (80, 20)));
    assert!(shown.contains("1 of 2 columns move") && shown.contains("Not distinguishable from chance"), "{shown}");
    // Predictions are all the same, so there is one bin, and no confusion of numbers.
    assert_eq!((found.calibration.bins.len(), found.confusion), (1, None));
    let largest = found.examples.residuals.unwrap();
    assert!(largest[0].residual.unwrap().abs() >= largest[9].residual.unwrap().abs());
}

#[test]
fn examples_are_the_surest_mistakes_and_the_narrowest_decisions() {
    let answers = binary(vec![1, 1, 0, 0, 1], &[0.9, 0.02, 0.7, 0.45, 0.52]);
    let found = analyse(&input(answers, Vec::new(), 5)).examples;
    let rows = |list: Option<Vec<examples::Example>>| list.unwrap().iter().map(|one| one.row).collect::<Vec<_>>();
    assert_eq!(rows(found.wrong.clone()), [1, 2]);
    let first = &found.wrong.unwrap()[0];
    assert_eq!((first.truth.as_str(), first.predicted.as_str(), first.confidence), ("yes", "no", Some(0.98)));
    assert_eq!(rows(found.nearest), [4, 3, 2, 0, 1]);
    assert_eq!(found.residuals, None);
}

#[test]
fn little_or_nothing_is_not_checked_and_nothing_breaks() {
    for n in [0, 1, 3, 21, 59] {
        for answers in [noise((0..n).map(|row| row as f64).collect()), binary(vec![0; n], &vec![0.3; n])] {
            let column = numbers("x", (0..n).map(|row| row as f64).collect::<Vec<_>>());
            let found = analyse(&input(answers, vec![column], n));
            assert!(found.segments.not_checked.is_some() && found.segments.found.is_empty(), "{n} {found:?}");
            for tab in Tab::of(&found) {
                assert!(!picture::lines(&found, tab, (56, 12)).is_empty(), "{n} {tab:?}");
            }
        }
    }
    let without = Input { columns: Err("the data changed".into()), ..input(noise(vec![1.0; 200]), Vec::new(), 200) };
    let found = analyse(&without);
    assert_eq!(found.segments.not_checked.as_deref(), Some("the data changed"));
    assert_eq!(found.residuals.not_checked.as_deref(), Some("the data changed"));
    assert!(found.mean_loss == Some(1.0) && found.calibration.not_checked.is_none());
}

#[test]
fn no_line_is_wider_than_its_place() {
    let n = 900;
    let mut dice = Dice(6);
    let (ages, plans, _) = people(&mut dice, n);
    let long = "an extraordinarily long column name that nobody would write by hand, 客户合同类型说明";
    let errors = (0..n).map(|row| 1e7 * dice.normal() * if plans[row] == 1 { 4.0 } else { 1.0 }).collect();
    let columns =
        vec![numbers("年龄", ages), levels(long, &["プロフェッショナル料金プラン", "basic", "team"], plans.clone())];
    let mut chances: Vec<f64> = (0..n).map(|_| dice.roll()).collect();
    chances[0] = 1.0;
    let truth = plans.iter().map(|plan| usize::from(*plan == 1)).collect();
    for answers in [noise(errors), binary(truth, &chances), many(11)] {
        let n = match &answers {
            Answers::Numbers { truth, .. } => truth.len(),
            Answers::Classes { truth, .. } => truth.len(),
        };
        let columns = if n == 900 { columns.clone() } else { Vec::new() };
        let found = analyse(&input(answers, columns, n));
        for columns in [56, 76, 96, 156] {
            for tab in Tab::of(&found) {
                for line in picture::lines(&found, tab, (columns, 14)) {
                    assert!(line.width() <= columns, "{columns} {tab:?}: {}", line.text());
                }
            }
        }
    }
}
