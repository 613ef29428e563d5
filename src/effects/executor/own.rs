//! A metric of the user's own: a third Python, in which nothing but that metric runs.
//!
//! It is confined as the evaluator is: no network, reads Python and the approved file, writes its own folder. What goes
//! wrong in it leaves that score unknown, and nothing else.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::domain::own_metric::{Needs, Version};
use crate::domain::run::{Limits, RunSpec};
use crate::effects::executor::Harness;
use crate::effects::executor::folds::Folds;
use crate::effects::sandbox::{self, Policy};

/// Most memory of its own metric in bytes: labels and predictions of one fold are small.
const MEMORY: u64 = 2 << 30;
/// Most bytes of a file that it may write.
const FILE: u64 = 64 << 20;
/// Seconds that loading may take beyond one call: Python and its libraries start too.
const LOADING_S: u64 = 60;

#[derive(serde::Deserialize)]
struct Answer {
    value: Option<f64>,
    why: Option<String>,
}

/// A running metric.
#[derive(Debug)]
pub struct Own {
    version: Version,
    child: Child,
    input: ChildStdin,
    answers: Receiver<String>,
    is_loaded: bool,
    /// Why it is asked no more.
    ended: Option<String>,
}

impl Own {
    /// Starts it. The thread that does must live as long as it.
    pub fn start(spec: &RunSpec, version: &Version, harness: &Harness) -> Result<Self> {
        let Some((wrapper, metric)) = &harness.own else { bail!("the approved metric is not in the run's folder") };
        let folder = harness.folder.join("own-metric");
        fs::create_dir_all(folder.join("tmp"))?;
        let limits = Limits {
            wall_s: spec.limits.wall_s.saturating_add(60),
            memory_bytes: spec.limits.memory_bytes.min(MEMORY),
            file_bytes: spec.limits.file_bytes.min(FILE),
            ..spec.limits
        };
        // Whatever the run may do: the network is never given to what knows the labels.
        let policy = Policy::new(spec.level, &spec.python.read, &[wrapper.clone(), metric.clone()], &folder, limits);
        let (script, file) = (wrapper.to_string_lossy().into_owned(), metric.to_string_lossy().into_owned());
        let arguments = ["-I", "-B", "-u", "-X", "utf8", &script, &file];
        let mut command = sandbox::command(&policy, &spec.python.program, &arguments, &folder)?;
        let log = fs::File::create(folder.join("output.log"))?;
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("the metric can't be started")?;
        let input = child.stdin.take().context("no way in")?;
        let output = BufReader::new(child.stdout.take().context("no way out")?);
        let (sender, answers) = mpsc::channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Self { version: version.clone(), child, input, answers, is_loaded: false, ended: None })
    }

    /// The score of one fold, or in one sentence why it is unknown. `request` is what the evaluator is asked.
    pub fn score(&mut self, request: &serde_json::Value, rows: &[usize], folds: &Folds) -> Result<f64, String> {
        if let Some(why) = &self.ended {
            return Err(why.clone());
        }
        let asked = self.ask(request, rows, folds);
        match asked {
            Ok(answer) => match (answer.value, answer.why) {
                (Some(value), None) if value.is_finite() => Ok(value),
                (_, why) => Err(why.unwrap_or_else(|| "it gave no number".to_owned())),
            },
            Err(why) => {
                let _ = self.child.kill();
                Err(self.ended.insert(why).clone())
            }
        }
    }

    fn ask(&mut self, request: &serde_json::Value, rows: &[usize], folds: &Folds) -> Result<Answer, String> {
        let seconds = u64::from(self.version.seconds);
        if !self.is_loaded {
            let first = self.hear(seconds + LOADING_S)?;
            if let Some(why) = first.why {
                return Err(why);
            }
            self.is_loaded = true;
        }
        let mut request = request.clone();
        request["needs"] = json!(self.version.needs.word());
        request["classes"] = json!(folds.classes);
        request["rows"] = serde_json::Value::Null;
        if self.version.needs != Needs::Probability {
            request["chances"] = serde_json::Value::Null;
        }
        if self.version.wants_rows {
            let (_, features) = folds.csv_of(&[], rows).map_err(|error| format!("{error:#}"))?;
            request["rows"] = json!(String::from_utf8_lossy(&features));
            request["columns"] = json!(folds.features());
        }
        if writeln!(self.input, "{request}").and_then(|()| self.input.flush()).is_err() {
            return Err(self.gone());
        }
        self.hear(seconds)
    }

    fn hear(&mut self, seconds: u64) -> Result<Answer, String> {
        match self.answers.recv_timeout(Duration::from_secs(seconds)) {
            Ok(line) => serde_json::from_str(&line).map_err(|_| "what it answered is no answer".to_owned()),
            Err(RecvTimeoutError::Timeout) => Err(format!("it took longer than {seconds} seconds and was ended")),
            Err(RecvTimeoutError::Disconnected) => Err(self.gone()),
        }
    }

    fn gone(&mut self) -> String {
        use std::os::unix::process::ExitStatusExt;

        let status = self.child.wait().ok();
        let how = match status.map(|status| (status.signal(), status.code())) {
            Some((Some(signal), _)) => format!("by signal {signal}"),
            Some((_, Some(code))) => format!("with code {code}"),
            _ => "without a word".to_owned(),
        };
        format!("its process ended {how}; own-metric/output.log in the run folder may say why")
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
