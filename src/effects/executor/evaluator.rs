//! The evaluator: a second Python that knows labels and predictions, and nothing of the solution.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use anyhow::{Context, Result};
use serde_json::json;

use crate::domain::metric::Problem;
use crate::domain::run::{Limits, RunSpec, Scores};
use crate::effects::executor::Harness;
use crate::effects::executor::child::Predicted;
use crate::effects::executor::folds::Folds;
use crate::effects::executor::own::Own;
use crate::effects::sandbox::{self, Policy};

#[derive(serde::Deserialize)]
struct Answer {
    metrics: Scores,
}

/// A running evaluator.
#[derive(Debug)]
pub struct Evaluator {
    own: Option<Result<Own, String>>,
    /// Why the user's own metric is unknown on a fold: fold, sentence.
    pub unknown: Vec<(u32, String)>,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Evaluator {
    /// Starts it; it loads its libraries while the first fold runs.
    pub fn start(spec: &RunSpec, harness: &Harness) -> Result<Self> {
        let folder = harness.folder.join("evaluator");
        fs::create_dir_all(folder.join("tmp"))?;
        let limits = Limits { wall_s: spec.limits.wall_s.saturating_add(60), ..spec.limits };
        let policy =
            Policy::new(spec.level, &spec.python.read, std::slice::from_ref(&harness.evaluate), &folder, limits);
        let script = harness.evaluate.to_string_lossy().into_owned();
        let mut command =
            sandbox::command(&policy, &spec.python.program, &["-I", "-B", "-u", "-X", "utf8", &script], &folder)?;
        let log = fs::File::create(folder.join("output.log"))?;
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("the evaluator can't be started")?;
        let input = child.stdin.take().context("no way in")?;
        let output = BufReader::new(child.stdout.take().context("no way out")?);
        let own = spec.own_metric.as_ref();
        let own = own.map(|version| Own::start(spec, version, harness).map_err(|error| format!("{error:#}")));
        Ok(Self { own, unknown: Vec::new(), child, input, output })
    }

    /// The scores of one fold.
    pub fn score(&mut self, spec: &RunSpec, folds: &Folds, fold: u32, predicted: &Predicted) -> Result<Scores> {
        let truth: Vec<f64> =
            predicted.rows.iter().map(|row| folds.truth.get(*row).copied().flatten().unwrap_or(f64::NAN)).collect();
        let is_number = spec.framing.problem == Problem::Regression;
        #[expect(clippy::cast_possible_truncation, reason = "an index of a class")]
        let codes = |values: &[f64]| {
            if is_number { json!(values) } else { json!(values.iter().map(|value| *value as i64).collect::<Vec<_>>()) }
        };
        let request = json!({
            "fold": fold,
            "problem": spec.framing.problem,
            "positive": folds.positive(&spec.framing),
            "n_classes": folds.classes.len(),
            "truth": codes(&truth),
            "predicted": codes(&predicted.predicted),
            "chances": predicted.chances,
            "score": predicted.score,
        });
        writeln!(self.input, "{request}").context("it does not listen")?;
        self.input.flush()?;
        let mut answer = String::new();
        self.output.read_line(&mut answer)?;
        let answer: Answer =
            serde_json::from_str(&answer).context("it gave no scores; its output.log in the run folder says why")?;
        let mut scores = answer.metrics;
        if let Some(own) = &mut self.own {
            let value = match own {
                Ok(own) => own.score(&request, &predicted.rows, folds),
                Err(why) => Err(why.clone()),
            };
            let name = spec.framing.metric.name().to_owned();
            scores.insert(name, value.map_err(|why| self.unknown.push((fold, why))).ok());
        }
        Ok(scores)
    }
}

impl Drop for Evaluator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
