//! What was spent, on what, and what is still allowed. What is not known is counted and never taken for zero.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::experiment::{Experiment, History};

/// What one answer cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bill {
    /// US dollars; unknown where the price is.
    pub usd: Option<f64>,
    /// What the cache saved in US dollars; negative where writing into it cost more.
    #[serde(default)]
    pub saved_usd: f64,
    /// Whether it was worked out from what came, since the server did not get to tell what it used.
    #[serde(default)]
    pub is_estimate: bool,
}

/// What was spent, folded from the history.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spent {
    /// On this project, in US dollars.
    pub usd: f64,
    /// Of that, today (UTC).
    pub today_usd: f64,
    /// Of that, estimated.
    pub estimated_usd: f64,
    /// Set aside for answers that are on their way, or whose end was never seen.
    pub reserved_usd: f64,
    /// Saved by the cache.
    pub saved_usd: f64,
    /// Answers whose price is unknown.
    pub n_unknown: u64,
    /// By model: answers, dollars.
    pub by_model: BTreeMap<String, (u64, f64)>,
}

impl Spent {
    /// Folds what was asked. `today` is a day as `2026-11-24`.
    pub fn of(history: &History, today: &str) -> Self {
        let mut spent = Self::default();
        history.experiments.iter().for_each(|experiment| spent.add(experiment, today));
        spent
    }

    fn add(&mut self, experiment: &Experiment, today: &str) {
        let Some(model) = &experiment.model else { return };
        if experiment.stop.is_none() {
            self.reserved_usd += experiment.reserved_usd.unwrap_or(0.0);
            return;
        }
        match experiment.cost_usd {
            None => self.n_unknown += 1,
            Some(usd) => {
                self.usd += usd;
                if experiment.created_at.starts_with(today) {
                    self.today_usd += usd;
                }
                if experiment.is_estimate {
                    self.estimated_usd += usd;
                }
                let entry = self.by_model.entry(model.clone()).or_default();
                entry.0 += 1;
                entry.1 += usd;
            }
        }
        self.saved_usd += experiment.saved_usd;
    }

    /// What counts against the cap.
    pub fn committed(&self) -> f64 {
        self.usd + self.reserved_usd
    }
}

/// Whether a question may be asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Allowance {
    /// It may.
    Fine,
    /// It may take more than four fifths of the cap.
    Near,
    /// It may pass the cap.
    Beyond,
    /// Its price is unknown.
    Unknown,
    /// The price of earlier answers is unknown, so the cap can't be checked.
    Unchecked(u64),
}

/// Whether a question that costs at most `most` may be asked under a cap.
pub fn allowance(spent: &Spent, most: Option<f64>, cap: Option<f64>) -> Allowance {
    let Some(most) = most else { return Allowance::Unknown };
    if most <= 0.0 {
        return Allowance::Fine;
    }
    if spent.n_unknown > 0 {
        return Allowance::Unchecked(spent.n_unknown);
    }
    match cap {
        Some(cap) if spent.committed() + most > cap => Allowance::Beyond,
        Some(cap) if spent.committed() + most > 0.8 * cap => Allowance::Near,
        _ => Allowance::Fine,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::experiment::{Event, Stamped};
    use crate::domain::turn::{StopReason, Usage};
    use crate::text::RawText;

    fn asked(n: u64, reserved_usd: Option<f64>) -> Event {
        Event::Asked {
            experiment: format!("e{n}"),
            parent: None,
            task: "train".into(),
            data: "a.csv".into(),
            frame: String::new(),
            endpoint: "anthropic".into(),
            model: if n.is_multiple_of(2) { "claude-opus-5-5".into() } else { "claude-sonnet-5-5".into() },
            request_hash: String::new(),
            recording: String::new(),
            follows: None,
            kept: 0,
            reserved_usd,
            head: None,
            settings: Vec::new(),
            messages: Vec::new(),
        }
    }

    fn answered(n: u64, bill: Bill) -> Event {
        Event::Answered {
            experiment: format!("e{n}"),
            stop: StopReason::EndTurn,
            usage: Usage::default(),
            cost_usd: bill.usd,
            saved_usd: bill.saved_usd,
            is_estimate: bill.is_estimate,
            message: None,
            thinking: RawText::default(),
            text: RawText::default(),
            hypothesis: None,
            expected_effect: None,
            files: Vec::new(),
        }
    }

    fn history(events: Vec<Event>) -> History {
        let stamped: Vec<Stamped> = events
            .into_iter()
            .enumerate()
            .map(|(at, event)| {
                let day = if at < 2 { "2026-11-23T10:00:00Z" } else { "2026-11-24T10:00:00Z" };
                Stamped { seq: at as u64 + 1, at: day.into(), event }
            })
            .collect();
        History::from_events(&stamped)
    }

    #[test]
    fn days_models_estimates_and_what_is_set_aside_are_told_apart() {
        let bill = |usd| Bill { usd, saved_usd: 0.25, is_estimate: false };
        let history = history(vec![
            asked(1, Some(0.9)),
            answered(1, bill(Some(0.5))),
            asked(2, Some(0.9)),
            answered(2, Bill { is_estimate: true, ..bill(Some(0.125)) }),
            asked(3, None),
            answered(3, bill(None)),
            asked(4, Some(0.75)),
        ]);
        let spent = Spent::of(&history, "2026-11-24");
        let expected = Spent {
            usd: 0.625,
            today_usd: 0.125,
            estimated_usd: 0.125,
            reserved_usd: 0.75,
            saved_usd: 0.75,
            n_unknown: 1,
            by_model: [("claude-opus-5-5".to_owned(), (1, 0.125)), ("claude-sonnet-5-5".to_owned(), (1, 0.5))].into(),
        };
        assert_eq!(spent, expected);
    }

    #[test]
    fn a_cap_is_asked_for_before_it_is_passed() {
        let spent = Spent { usd: 3.0, reserved_usd: 0.5, ..Spent::default() };
        assert_eq!(allowance(&spent, Some(0.4), Some(5.0)), Allowance::Fine);
        assert_eq!(allowance(&spent, Some(0.6), Some(5.0)), Allowance::Near);
        assert_eq!(allowance(&spent, Some(1.6), Some(5.0)), Allowance::Beyond);
        assert_eq!(allowance(&spent, None, Some(5.0)), Allowance::Unknown);
        assert_eq!(allowance(&spent, Some(0.0), Some(1.0)), Allowance::Fine);
        assert_eq!(allowance(&Spent { n_unknown: 2, ..spent }, Some(0.1), Some(5.0)), Allowance::Unchecked(2));
    }

    #[test]
    fn ten_thousand_answers_add_up_and_a_second_fold_gives_the_same() {
        let cents = |n: u64| Some(0.01 * f64::from(u32::try_from(1 + n % 7).unwrap()));
        let events =
            (1..=10_000).flat_map(|n| [asked(n, Some(1.0)), answered(n, Bill { usd: cents(n), ..Bill::default() })]);
        let history = history(events.collect());
        let spent = Spent::of(&history, "2026-11-24");
        // 1,428 whole weeks of 1 + … + 7 cents, and four more answers of 2, 3, 4, 5 cents.
        let by_hand = 0.01 * f64::from(1428 * 28 + 2 + 3 + 4 + 5);
        assert!((spent.usd - by_hand).abs() < 1e-6, "{} is not {by_hand}", spent.usd);
        assert_eq!((spent.reserved_usd, spent.n_unknown), (0.0, 0));
    }
}
