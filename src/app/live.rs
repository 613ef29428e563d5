//! Runs that go on, and the last ones that ended: what each tells, for the screen.

use crate::app::jobs::JobId;
use crate::app::lines::Lines;
use crate::domain::run::{Fold, Level};
use crate::domain::run_event::{DRY_RUN, RunEvent};
use crate::text::sanitize::{Place, sanitize_for};
use crate::text::{SafeText, figure};

/// One run.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// The job that tells of it.
    pub job: Option<JobId>,
    /// Its experiment.
    pub experiment: String,
    /// Its name.
    pub run_id: String,
    /// How well it is confined.
    pub level: Option<Level>,
    /// What is being done.
    pub stage: SafeText,
    /// Folds that are done.
    pub folds: Vec<Fold>,
    /// What it printed.
    pub log: Lines,
    /// Lines that were left out of the log here; on disk it is whole.
    pub n_left_out: u64,
    /// When it began, in milliseconds of the program's clock.
    pub since: u64,
    /// How long it had run by then, in milliseconds.
    pub ran_ms: u64,
    /// What it used when it was last looked at.
    pub load: Load,
    /// Seconds that it was granted beyond its limit.
    pub granted_s: u64,
    /// Seconds that all of it will take, worked out from a dry run.
    pub predicted_s: Option<f64>,
    /// Numbers that the code reported: fold, name, points.
    pub curves: Vec<Curve>,
    /// How far the code is: fold, what is counted, how many, of how many.
    pub bars: Vec<(u32, String, u64, Option<u64>)>,
    /// What a person should look at, the latest last.
    pub alarms: Vec<SafeText>,
    /// What its folds so far say of how it will end.
    pub hint: Option<SafeText>,
    /// The line that was printed last, and how often in a row.
    last: (String, u64),
    /// Whether it is over.
    pub is_over: bool,
}

/// A curve of a fold: fold, name, points.
pub type Curve = (u32, String, Vec<(f64, f64)>);

/// What a run uses.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Load {
    /// Most memory at once, in bytes.
    pub memory: u64,
    /// Seconds of processor time.
    pub cpu_s: f64,
    /// Bytes on disk.
    pub disk: u64,
    /// Bytes of graphics memory.
    pub gpu: Option<u64>,
}

impl Load {
    /// In a few words.
    pub fn words(&self) -> String {
        let mut parts = Vec::new();
        if self.memory > 0 {
            parts.push(format!("{} memory", figure::bytes(self.memory)));
        }
        if self.cpu_s > 0.0 {
            parts.push(format!("{:.0} s processor", self.cpu_s));
        }
        if self.disk > 0 {
            parts.push(format!("{} on disk", figure::bytes(self.disk)));
        }
        if let Some(gpu) = self.gpu {
            parts.push(format!("{} graphics memory", figure::bytes(gpu)));
        }
        parts.join(" · ")
    }
}

/// Lines of a log that are kept for the screen.
const MAX_LOG: usize = 20_000;
/// Most curves and bars of one run that are kept.
const MAX_CURVES: usize = 40;
/// Most points of a curve that are kept; above, every other is left out.
const MAX_POINTS: usize = 4_000;
/// Most alarms that are kept.
const MAX_ALARMS: usize = 20;

impl Live {
    /// A run that begins at that time; its names may come later.
    pub fn begin(job: JobId, since: u64) -> Self {
        Self { job: Some(job), since, ..Self::default() }
    }

    /// The run tells something.
    pub fn on_event(&mut self, event: &RunEvent) {
        match event {
            RunEvent::Stage { text } => {
                // What a dry run told is no part of the curves of the folds.
                if self.stage.as_str() == DRY_RUN {
                    self.curves.clear();
                    self.bars.clear();
                }
                self.stage = crate::safe!("{text}");
            }
            RunEvent::Predicted { seconds } => self.predicted_s = Some(*seconds),
            RunEvent::FoldStarted { .. } | RunEvent::Finished { .. } => {}
            RunEvent::Output { fold, line } => {
                let line = sanitize_for(Place::Cell, line.expose());
                self.print(&format!("{}│ {line}", fold + 1));
            }
            RunEvent::FoldFinished { fold } => {
                self.folds.retain(|other| other.fold != fold.fold);
                self.folds.push(fold.clone());
                self.folds.sort_by_key(|fold| fold.fold);
                self.bars.retain(|(of, _, _, _)| *of != fold.fold);
            }
            RunEvent::Load { memory, cpu_s, disk, gpu } => {
                self.load = Load { memory: self.load.memory.max(*memory), cpu_s: *cpu_s, disk: *disk, gpu: *gpu };
            }
            RunEvent::Metric { fold, key, step, value } => {
                if let Some(value) = value {
                    self.point(*fold, key, (*step, *value));
                }
            }
            RunEvent::Progress { fold, label, done, total } => {
                let label = sanitize_for(Place::Cell, label).to_string();
                let at = self.bars.iter().position(|bar| bar.0 == *fold && bar.1 == label);
                match at {
                    Some(at) => (self.bars[at].2, self.bars[at].3) = (*done, *total),
                    None if self.bars.len() < MAX_CURVES => self.bars.push((*fold, label, *done, *total)),
                    None => {}
                }
            }
            RunEvent::Alarm { text } => {
                if self.alarms.len() < MAX_ALARMS {
                    self.alarms.push(crate::safe!("{text}"));
                }
            }
        }
    }

    fn point(&mut self, fold: u32, key: &str, point: (f64, f64)) {
        let key = sanitize_for(Place::Cell, key).to_string();
        let at = self.curves.iter().position(|curve| curve.0 == fold && curve.1 == key);
        let at = match at {
            Some(at) => at,
            None if self.curves.len() < MAX_CURVES => {
                self.curves.push((fold, key, Vec::new()));
                self.curves.len() - 1
            }
            None => return,
        };
        let points = &mut self.curves[at].2;
        points.push(point);
        if points.len() > MAX_POINTS {
            let mut nth = 0;
            points.retain(|_| {
                nth += 1;
                nth % 2 == 1
            });
        }
    }

    /// Curves of the fold that told last, as they are drawn: name and points.
    pub fn drawn(&self) -> Vec<(String, &[(f64, f64)])> {
        let Some(fold) = self.curves.iter().filter(|curve| curve.2.len() > 1).map(|curve| curve.0).max() else {
            return Vec::new();
        };
        let own = self.curves.iter().filter(|curve| curve.0 == fold && curve.2.len() > 1);
        own.take(4).map(|(_, name, points)| (name.clone(), points.as_slice())).collect()
    }

    /// Adds a line to the log. Lines that repeat the one before are counted; on disk each stands for itself.
    pub fn print(&mut self, line: &str) {
        if self.last.0 == line && self.last.1 > 0 {
            self.last.1 += 1;
            return;
        }
        self.unfold();
        self.last = (line.to_owned(), 1);
        self.push(line);
    }

    fn unfold(&mut self) {
        if self.last.1 > 1 {
            let note = format!("   ↑ the same line {} more", figure::plural(self.last.1 - 1, "time"));
            self.push(&note);
        }
        self.last.1 = 0;
    }

    /// How often the last line came again.
    pub fn n_repeats(&self) -> u64 {
        self.last.1.saturating_sub(1)
    }

    /// Adds a line; of a log that grows too long the earlier half is left to the disk.
    fn push(&mut self, line: &str) {
        if self.log.len() >= MAX_LOG {
            let half = MAX_LOG / 2;
            let later =
                (half..self.log.len()).filter_map(|idx| self.log.line(idx)).map(|(line, _)| format!("{line}\n"));
            self.log = Lines::of(&later.collect::<String>());
            self.n_left_out += half as u64;
        }
        self.log.push(line);
        self.log.push("\n");
    }
}

/// All runs of this session.
#[derive(Clone, Debug, Default)]
pub struct Runs {
    all: Vec<Live>,
    shown: usize,
    /// Changes with every change.
    pub version: u64,
}

/// Runs that are remembered, those that go on not counted.
const MAX_RUNS: usize = 8;

impl Runs {
    /// The run that is shown.
    pub fn shown(&self) -> Option<&Live> {
        self.all.get(self.shown)
    }

    /// The run that a job tells of.
    pub fn of_job(&mut self, job: JobId) -> Option<&mut Live> {
        self.version += 1;
        self.all.iter_mut().rev().find(|live| live.job == Some(job) && !live.is_over)
    }

    /// The run that a job tells of, to look at.
    pub fn going_on(&self, job: JobId) -> Option<&Live> {
        self.all.iter().rev().find(|live| live.job == Some(job) && !live.is_over)
    }

    /// What is known of a run that is remembered.
    pub fn find(&self, run_id: &str) -> Option<&Live> {
        self.all.iter().rev().find(|live| live.run_id == run_id)
    }

    /// Grants the run that is shown more seconds beyond its limit. Returns its name; nothing where none goes on.
    pub fn grant(&mut self, seconds: u64) -> Option<String> {
        let live = self.all.get_mut(self.shown).filter(|live| !live.is_over && !live.run_id.is_empty())?;
        live.granted_s += seconds;
        self.version += 1;
        Some(live.run_id.clone())
    }

    /// Runs that go on.
    pub fn alive(&self) -> Vec<&Live> {
        self.all.iter().filter(|live| !live.is_over).collect()
    }

    /// How many runs go on.
    pub fn n_alive(&self) -> usize {
        self.alive().len()
    }

    /// A run begins, and is shown.
    pub fn begin(&mut self, live: Live) {
        self.version += 1;
        // One job makes its runs one after another; the environment that was made for the first is no run.
        self.all.retain(|other| other.job != live.job || !other.run_id.is_empty());
        self.all.iter_mut().filter(|other| other.job == live.job).for_each(|other| other.is_over = true);
        self.all.push(live);
        while self.all.iter().filter(|live| live.is_over).count() > MAX_RUNS {
            if let Some(at) = self.all.iter().position(|live| live.is_over) {
                self.all.remove(at);
            }
        }
        self.shown = self.all.len().saturating_sub(1);
    }

    /// A job is over, and with it its run.
    pub fn end(&mut self, job: JobId, said: Option<&SafeText>) {
        self.version += 1;
        for live in self.all.iter_mut().filter(|live| live.job == Some(job)) {
            live.is_over = true;
            if let Some(said) = said {
                live.stage = said.clone();
            }
        }
    }

    /// Shows a run by its name. Returns whether it is remembered.
    pub fn show(&mut self, run_id: &str) -> bool {
        let Some(at) = self.all.iter().rposition(|live| live.run_id == run_id) else { return false };
        self.shown = at;
        self.version += 1;
        true
    }

    /// Shows the next run that goes on. Returns its job.
    pub fn next_alive(&mut self) -> Option<JobId> {
        let n = self.all.len();
        let at = (1..=n).map(|step| (self.shown + step) % n).find(|at| !self.all[*at].is_over)?;
        self.shown = at;
        self.version += 1;
        self.all[at].job
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::RawText;

    #[test]
    fn equal_lines_are_folded_in_the_view_alone() {
        let mut live = Live::default();
        for line in ["loss 0.5", "loss 0.5", "loss 0.5", "done"] {
            live.on_event(&RunEvent::Output { fold: 0, line: RawText::new(line) });
        }
        assert_eq!(live.log.text(), "1│ loss 0.5\n   ↑ the same line 2 times more\n1│ done\n");
    }

    #[test]
    fn curves_stay_small_and_keep_both_ends() {
        let mut live = Live::default();
        for step in 0..20_000_u32 {
            let at = f64::from(step);
            live.on_event(&RunEvent::Metric { fold: 2, key: "loss".into(), step: at, value: Some(1.0 / (1.0 + at)) });
        }
        live.on_event(&RunEvent::Metric { fold: 2, key: "loss".into(), step: 20_000.0, value: None });
        let drawn = live.drawn();
        assert!(
            drawn[0].1.len() <= MAX_POINTS
                && drawn[0].1.first().unwrap().0 < 16.0
                && drawn[0].1.last().unwrap().0 >= 19_998.0
        );
    }

    #[test]
    fn what_a_dry_run_told_is_no_part_of_the_curves_of_the_folds() {
        let mut live = Live::default();
        let told = |live: &mut Live, stage: &str, value: f64| {
            live.on_event(&RunEvent::Stage { text: stage.into() });
            for step in [1.0, 2.0] {
                live.on_event(&RunEvent::Metric { fold: 0, key: "loss".into(), step, value: Some(value) });
            }
        };
        told(&mut live, DRY_RUN, 9.0);
        assert_eq!(live.drawn()[0].1, [(1.0, 9.0), (2.0, 9.0)]);
        told(&mut live, "running", 0.5);
        assert_eq!(live.drawn()[0].1, [(1.0, 0.5), (2.0, 0.5)]);
        // The court's look at the end leaves them.
        live.on_event(&RunEvent::Stage { text: "the leakage court looks".into() });
        assert_eq!(live.drawn()[0].1.len(), 2);
    }

    #[test]
    fn several_runs_at_once_keep_to_their_jobs() {
        let mut runs = Runs::default();
        let (first, second) = (JobId(1), JobId(2));
        let live = |job, name: &str| Live { job: Some(job), run_id: name.into(), ..Live::default() };
        runs.begin(live(first, "a"));
        runs.begin(live(second, "b"));
        runs.of_job(first).unwrap().on_event(&RunEvent::Stage { text: "one".into() });
        assert_eq!((runs.n_alive(), runs.shown().unwrap().run_id.as_str()), (2, "b"));
        assert_eq!(runs.find("a").unwrap().stage.as_str(), "one");
        assert_eq!(runs.next_alive(), Some(first));
        runs.end(first, Some(&"over".into()));
        assert_eq!((runs.n_alive(), runs.of_job(first).is_none(), runs.next_alive()), (1, true, Some(second)));
        // The same job makes another run.
        runs.begin(live(second, "c"));
        assert_eq!((runs.n_alive(), runs.shown().unwrap().run_id.as_str()), (1, "c"));
    }
}
