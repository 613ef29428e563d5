//! A dry run on a few rows before the real one: what fails at once fails now, and how long all of it will take.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::domain::run::{FileKind, Role};
use crate::domain::run_event::{DRY_RUN, RunEvent};
use crate::effects::executor::child::{FoldResult, Place, Work};
use crate::effects::executor::tree;
use crate::text::SafeText;

/// Below this many training rows the first fold is as quick.
const WORTH_IT: usize = 1_000;
/// Rows that are trained on.
const N_TRAIN: usize = 300;
/// Rows that are predicted.
const N_VALID: usize = 50;
/// Seconds after which it is given up.
const LIMIT_S: u64 = 60;
/// Errors that no number of rows makes go away.
const CERTAIN: [&str; 7] = [
    "SyntaxError",
    "ModuleNotFoundError",
    "ImportError",
    "NameError",
    "AttributeError",
    "TypeError",
    "IndentationError",
];

/// What came of it.
#[derive(Debug)]
pub enum Dry {
    /// The data is small, or nothing is fitted on it.
    NotNeeded,
    /// Go on; seconds that all folds will take, where that could be worked out.
    GoOn(Option<f64>),
    /// It would fail on all rows as well: why, and the line.
    Fails(SafeText, Option<u32>),
}

/// Runs the code on a few rows of the first fold.
pub fn run(place: Place<'_>, work: &Work) -> Dry {
    let spec = place.spec;
    let is_fitted = matches!(spec.kind, FileKind::Model | FileKind::Clean | FileKind::Features);
    let train = place.folds.train_rows(0);
    if !is_fitted || !matches!(spec.role, Role::Own) || train.len() < WORTH_IT {
        return Dry::NotNeeded;
    }
    place.teller.stage(DRY_RUN);
    let few = |rows: &[usize], n: usize| -> Vec<usize> {
        let step = rows.len().div_ceil(n).max(1);
        rows.iter().step_by(step).copied().collect()
    };
    let (n_train, n_valid) = (few(&train, N_TRAIN), few(&place.folds.valid_rows(0), N_VALID));
    // Whatever of it is still there when its time is up is ended; nothing else runs below us yet.
    let (done, wait) = mpsc::channel::<()>();
    let clock = std::thread::spawn(move || {
        let is_late = wait.recv_timeout(Duration::from_secs(LIMIT_S)) == Err(mpsc::RecvTimeoutError::Timeout);
        if is_late {
            tree::end_all(Duration::from_millis(200));
        }
        is_late
    });
    let start = Instant::now();
    let result = place.once(work, "dry", &n_train, &n_valid);
    let took = start.elapsed().as_secs_f64();
    drop(done);
    let is_late = clock.join().unwrap_or(false);
    let alarm = |text: String| place.teller.tell(&RunEvent::Alarm { text });
    match result {
        _ if place.watch.ended().is_some() => Dry::GoOn(None),
        _ if is_late => {
            alarm(format!(
                "the dry run on {} rows took longer than {LIMIT_S} s; all rows will take long",
                n_train.len()
            ));
            Dry::GoOn(None)
        }
        FoldResult::Failed { why, line } if CERTAIN.iter().any(|kind| why.as_str().starts_with(kind)) => {
            Dry::Fails(why, line)
        }
        FoldResult::Failed { why, .. } => {
            alarm(format!("the dry run on {} rows failed, which few rows may be the cause of: {why}", n_train.len()));
            Dry::GoOn(None)
        }
        FoldResult::Predicted(_) => {
            let (fit_s, predict_s) = super::child::timings(&place.harness.folder.join("dry"));
            let own = fit_s.unwrap_or(0.0) + predict_s.unwrap_or(0.0);
            let times = crate::domain::profile::share(train.len() as u64, n_train.len() as u64);
            let rounds = f64::from(spec.n_folds().div_ceil(spec.limits.n_jobs.max(1)));
            // What starting costs stays; what the code takes grows with the rows, at the least.
            let seconds = rounds * ((took - own).max(0.0) + own * times);
            place.teller.tell(&RunEvent::Predicted { seconds });
            Dry::GoOn(Some(seconds))
        }
    }
}
