//! The question on the screen: what is known, what is proposed, what was fixed.

use crate::app::command::Command;
use crate::domain::failure::Failure;
use crate::domain::framing::{Field, Framing, Privacy, Proposal};
use crate::domain::known::Known;
use crate::domain::metric::{Metric, Problem};
use crate::domain::split::SplitKind;
use crate::text::RawText;

/// What is known, what is proposed, what was fixed.
#[derive(Clone, Debug, Default)]
pub struct FramingSlice {
    /// What was found out.
    pub known: Option<Known>,
    /// What is proposed, or why nothing is.
    pub proposal: Option<Result<Proposal, Failure>>,
    /// What was fixed.
    pub framing: Option<Framing>,
    /// Rows that are sealed away.
    pub n_holdout: Option<u64>,
    /// Whether it is being fixed by a key just now, rather than read from the project file.
    pub is_new: bool,
    /// A step of the loop that was asked for while the one before it was being written down.
    pub next: Option<Command>,
}

impl FramingSlice {
    /// A framing that is fixed, shown as a form again.
    pub fn as_proposal(&self) -> Option<Proposal> {
        let framing = self.framing.clone()?;
        Some(Proposal { framing, reasons: Vec::new(), n_rows: None })
    }
}

/// Changes one part of a proposal to its next value; `columns` are the names of all columns, `own` the user's own metrics.
///
/// Returns the index of another target, which has to be looked into first.
pub fn step(proposal: &mut Proposal, field: Field, by: i32, columns: &[RawText], own: &[Metric]) -> Option<usize> {
    let framing = &mut proposal.framing;
    match field {
        Field::Target => {
            let at = columns.iter().position(|name| *name == framing.target)?;
            let n = i64::try_from(columns.len()).ok()?;
            let next = (i64::try_from(at).ok()? + i64::from(by)).rem_euclid(n.max(1));
            return usize::try_from(next).ok();
        }
        Field::Metric => {
            let all: Vec<Metric> = framing.problem.metrics().iter().chain(own).copied().collect();
            framing.metric = around(&all, &framing.metric, by);
            let reason = proposal.reasons.iter_mut().find(|(field, _)| *field == Field::Metric);
            if let Some((_, reason)) = reason {
                *reason = proposal.framing.metric.doc().into();
            }
        }
        Field::Split => {
            let mut kinds = vec![SplitKind::Stratified, SplitKind::Random];
            if framing.problem == Problem::Regression {
                kinds.swap(0, 1);
            }
            kinds.extend(framing.group.as_ref().map(|_| SplitKind::Grouped));
            kinds.extend(framing.time.as_ref().map(|_| SplitKind::Time));
            framing.split = around(&kinds, &framing.split, by);
        }
        Field::Holdout => {
            const SHARES: [f64; 6] = [0.0, 0.1, 0.15, 0.2, 0.25, 0.3];
            let at = SHARES.iter().position(|share| (share - framing.holdout).abs() < 0.01).unwrap_or(3);
            framing.holdout = around(&SHARES, &SHARES[at], by);
            proposal.count_holdout();
        }
        Field::Seed => framing.seed = framing.seed.saturating_add_signed(i64::from(by)),
        Field::Privacy => framing.privacy = around(&Privacy::ALL, &framing.privacy, by),
        Field::Cap => {
            const CAPS: [f64; 9] = [0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 500.0];
            let at = CAPS.iter().position(|cap| (cap - framing.cap_usd).abs() < 0.01).unwrap_or(3);
            framing.cap_usd = around(&CAPS, &CAPS[at], by);
        }
        Field::Problem | Field::Exclude => {}
    }
    None
}

/// The value that is some steps on, around the end.
fn around<T: Clone + PartialEq>(values: &[T], now: &T, by: i32) -> T {
    let at = values.iter().position(|value| value == now).unwrap_or(0);
    let n = i64::try_from(values.len()).unwrap_or(1).max(1);
    let next = (i64::try_from(at).unwrap_or(0) + i64::from(by)).rem_euclid(n);
    values.get(usize::try_from(next).unwrap_or(0)).unwrap_or(now).clone()
}

/// Leaves a column out, or takes it in again.
pub fn toggle_excluded(framing: &mut Framing, name: &RawText) {
    if *name == framing.target {
        return;
    }
    match framing.exclude.iter().position(|other| other == name) {
        Some(at) => {
            framing.exclude.remove(at);
        }
        None => framing.exclude.push(name.clone()),
    }
}
