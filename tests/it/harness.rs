//! Keys in, job events in, screen out. And a Python for the tests that need a real one.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use rationale::app::chord::Chord;
use rationale::app::effect::{Effect, Job};
use rationale::app::jobs::JobId;
use rationale::app::keymap::Keymap;
use rationale::app::meter::Meter;
use rationale::app::msg::{JobEvent, Msg};
use rationale::app::{Model, update};
use rationale::config::{Config, Environment, Given};
use rationale::domain::conversation::{Conversation, Head, text_block};
use rationale::domain::dataset::{Page, Source};
use rationale::domain::endpoint::Endpoint;
use rationale::domain::experiment::Event;
use rationale::domain::facts::Facts;
use rationale::domain::framing::{self, Proposal};
use rationale::domain::known::Known;
use rationale::domain::prompt::Prompt;
use rationale::domain::question::{Asked, Question};
use rationale::domain::suggestion;
use rationale::domain::task::Task;
use rationale::domain::turn::{BlockKind, StopReason, StreamEvent, Turn, Usage};
use rationale::domain::warning;
use rationale::effects::data::{self, Table};
use rationale::text::RawText;
use rationale::ui::highlight::Cache;
use rationale::ui::theme::{Depth, Theme, builtin};
use tokio_util::sync::CancellationToken;

/// A model with what it asked for.
pub struct Harness {
    pub model: Model,
    pub effects: Vec<Effect>,
    cache: Cache,
}

/// The three sizes at which screens are looked at.
pub const SIZES: [(u16, u16); 3] = [(60, 20), (100, 30), (160, 48)];

impl Harness {
    pub fn new(columns: u16, rows: u16) -> Self {
        let mut meter = Meter { today: "2026-11-24".into(), prices_as_of: "2026-11-23".into(), ..Meter::default() };
        meter.set_endpoint(&Endpoint::offline());
        let model = Model::new(
            Keymap::new(&[]).unwrap(),
            meter,
            vec![PathBuf::from("/data/train.csv")],
            PathBuf::from("rationale-demo"),
        );
        let mut bench = Self { model, effects: Vec::new(), cache: Cache::default() };
        bench.send(Msg::Resized(columns, rows));
        bench
    }

    /// With the penguins open, profiled and not framed.
    pub fn with_data(columns: u16, rows: u16) -> Self {
        let mut bench = Self::new(columns, rows);
        bench.send(Msg::Open("penguins.csv".into()));
        let (source, page, known, proposal) = penguins();
        bench.report(JobEvent::Opened(Box::new(source), page));
        bench.report_to(|job| matches!(job, Job::Load), JobEvent::Loaded(Box::default(), Vec::new(), Vec::new()));
        bench.report_to(
            |job| matches!(job, Job::Profile),
            JobEvent::Known(Box::new(known), Ok(Box::new(proposal)), None),
        );
        bench
    }

    /// With the penguins framed.
    pub fn framed(columns: u16, rows: u16) -> Self {
        let mut bench = Self::with_data(columns, rows);
        bench.keys("F enter");
        bench.report(JobEvent::Framed(69, None));
        bench.wait(10_000);
        bench
    }

    /// With an answer under review.
    pub fn reviewing(columns: u16, rows: u16) -> Self {
        let mut bench = Self::framed(columns, rows);
        bench.ask(ANSWER, StopReason::EndTurn);
        bench
    }

    /// Asks for a model and gets this answer.
    pub fn ask(&mut self, answer: &str, stop: StopReason) {
        self.keys("t g down down down down down enter enter");
        self.report(JobEvent::Priced(Box::new(question())));
        self.keys("enter");
        self.stream(0, BlockKind::Thinking, "Bill length separates two species.\n");
        self.stream(1, BlockKind::Text, answer);
        self.report(JobEvent::Answered(Box::new(asked(answer, stop))));
    }

    /// What is recorded gets the number that comes next.
    pub fn send(&mut self, mut msg: Msg) {
        if let Msg::Recorded(stamped) = &mut msg {
            stamped.seq = self.model.history.history.last_seq + 1;
        }
        self.send_as_it_is(msg);
    }

    pub fn send_as_it_is(&mut self, msg: Msg) {
        self.effects.extend(update(&mut self.model, msg));
    }

    /// Time goes on by so many milliseconds.
    pub fn wait(&mut self, ms: u64) {
        let now = self.model.meter.now + ms;
        self.send(Msg::Clock(now));
    }

    /// Keys as they are written, with spaces between.
    pub fn keys(&mut self, keys: &str) {
        for key in keys.split(' ') {
            self.send(Msg::Key(Chord::parse(key).unwrap_or_else(|| panic!("{key} is no key"))));
        }
    }

    /// Types a text, letter by letter.
    pub fn type_text(&mut self, text: &str) {
        for letter in text.chars() {
            self.send(Msg::Key(Chord::plain(rationale::app::chord::Key::Char(letter))));
        }
    }

    /// Every job that was started, the latest last.
    pub fn jobs(&self) -> Vec<(JobId, Job)> {
        self.effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Start(id, job) => Some((*id, (**job).clone())),
                _ => None,
            })
            .collect()
    }

    pub fn last_job(&self) -> Option<Job> {
        self.jobs().pop().map(|(_, job)| job)
    }

    /// The latest job reports.
    pub fn report(&mut self, event: JobEvent) {
        let (id, _) = self.jobs().pop().expect("a job was started");
        self.send(Msg::Job { id, event });
    }

    /// The latest job of a kind reports.
    pub fn report_to(&mut self, of: impl Fn(&Job) -> bool, event: JobEvent) {
        let (id, _) = self.jobs().into_iter().rev().find(|(_, job)| of(job)).expect("such a job was started");
        self.send(Msg::Job { id, event });
    }

    /// A block streams.
    pub fn stream(&mut self, index: usize, kind: BlockKind, text: &str) {
        self.report(JobEvent::Stream(StreamEvent::BlockStarted { index, kind }));
        self.report(JobEvent::Stream(StreamEvent::Delta { index, text: RawText::new(text) }));
        self.report(JobEvent::Stream(StreamEvent::BlockStopped { index }));
    }

    pub fn buffer(&mut self) -> Buffer {
        self.buffer_in("dark", Depth::True)
    }

    pub fn buffer_in(&mut self, theme: &str, depth: Depth) -> Buffer {
        let theme = Theme::parse(theme, builtin(theme).unwrap(), depth).unwrap();
        let (columns, rows) = self.model.layout.size();
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        let (model, cache) = (&self.model, &mut self.cache);
        terminal.draw(|frame| rationale::ui::render(model, &theme, cache, frame)).unwrap();
        terminal.backend().buffer().clone()
    }

    /// The screen as text.
    pub fn screen(&mut self) -> String {
        text_of(&self.buffer())
    }
}

pub fn text_of(buffer: &Buffer) -> String {
    let area = buffer.area;
    let mut text = String::new();
    for y in area.top()..area.bottom() {
        let mut line = String::new();
        let mut skip = 0;
        for x in area.left()..area.right() {
            let symbol = buffer[(x, y)].symbol();
            if skip > 0 {
                skip -= 1;
                continue;
            }
            skip = rationale::text::wrap::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

pub const ANSWER: &str = "## Hypothesis\n\nTrees find the bend between bill and body.\n\n## Expected effect\n\nbalanced_accuracy improves slightly.\n\n```python path=model.py\nfrom sklearn.ensemble import RandomForestClassifier\n\n\ndef build():\n    # few trees, few rows\n    return RandomForestClassifier(n_estimators=50, random_state=0)\n```\n";

pub fn turn(answer: &str, stop: StopReason) -> Turn {
    Turn {
        model: "rationale-rules-1".into(),
        blocks: vec![
            (BlockKind::Thinking, RawText::new("Bill length separates two species.\n")),
            (BlockKind::Text, RawText::new(answer)),
        ],
        usage: Usage { input_tokens: Some(1200), output_tokens: Some(340), ..Usage::default() },
        ..Turn::empty(stop)
    }
}

/// A task was asked for, on top of another experiment or not.
pub fn asked_event(experiment: &str, parent: Option<&str>) -> Event {
    Event::Asked {
        experiment: experiment.into(),
        parent: parent.map(Into::into),
        task: "train".into(),
        data: "penguins.csv".into(),
        frame: String::new(),
        endpoint: "offline".into(),
        model: "rationale-rules-1".into(),
        request_hash: String::new(),
        recording: String::new(),
        follows: None,
        kept: 0,
        reserved_usd: None,
        head: None,
        messages: Vec::new(),
        settings: Vec::new(),
    }
}

pub fn asked(answer: &str, stop: StopReason) -> Asked {
    let turn = turn(answer, stop);
    let suggestion = suggestion::parse(Task::Train, &turn);
    Asked { experiment: "e3".into(), turn, suggestion, cost_usd: Some(0.0), broken: None }
}

pub fn question() -> Question {
    let endpoint = Endpoint { base_url: "http://127.0.0.1:1".into(), ..Endpoint::offline() };
    let head = Head { model: endpoint.model.clone(), system: vec![RawText::new("rules")], tools: Vec::new() };
    let mut conversation = Conversation::new(head);
    conversation.say(vec![text_block("question")]);
    Question {
        prompt: Prompt {
            task: Task::Train,
            title: "Train a model".into(),
            rules: "rules".into(),
            project: "profile".into(),
            history: Vec::new(),
            user: "question".into(),
            effort: "high".into(),
            n_tokens: 1200,
        },
        body: RawText::new("{\"model\":\"rationale-rules-1\"}"),
        conversation,
        endpoint,
        effort: "high".into(),
        follows: None,
        n_stripped: 0,
        max_tokens: 32_000,
        most_usd: Some(0.0),
        limit_usd: None,
        n_tokens: 1200,
        is_counted: true,
        pictures: Vec::new(),
        frame: "f".into(),
        settings: Vec::new(),
        curves: rationale::domain::curves::Curves::default(),
        previous: None,
    }
}

pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The penguins as they are read, with everything that is known of them.
pub fn penguins() -> (Source, Page, Known, Proposal) {
    static READ: OnceLock<(Source, Page, Known, Proposal)> = OnceLock::new();
    READ.get_or_init(|| {
        let table = Table::open(&repository().join("assets/penguins.csv")).unwrap();
        let mut source = table.source.clone();
        source.path = PathBuf::from("/data/penguins.csv");
        let (known, proposal) = know(&table, "species");
        (source, table.page(0, 200).unwrap(), known, proposal)
    })
    .clone()
}

/// Everything that is known of a table.
pub fn know(table: &Table, target: &str) -> (Known, Proposal) {
    let cancel = CancellationToken::new();
    let profile = data::profile::profile(table, &cancel, &mut |_, _| {}).unwrap();
    let idx = profile.columns.iter().position(|column| column.name.expose() == target).unwrap();
    let facts: Facts = data::facts::facts(table, &profile, Some(idx), &cancel).unwrap();
    let warnings = warning::find(&profile, &facts);
    let proposal =
        framing::propose(&profile, &facts, &warnings, idx, "a usual name for what is predicted".into()).unwrap();
    (Known { profile, facts, warnings, own_metrics: Vec::new() }, proposal)
}

/// A Python with everything that runs need, made once for all tests by the program's own code.
pub fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let state = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
        let config = Config::resolve(&Given::default(), &Environment::read()).unwrap();
        let made = rationale::effects::python::make_venv(&state, &config, &mut |_| {});
        PathBuf::from(made.unwrap_or_else(|failure| panic!("{failure}")).program)
    })
}

/// The program, away from the user's own configuration, with the tests' Python.
pub fn program(folder: &Path) -> Command {
    let mut command = bare_program(folder);
    command.env("RATIONALE_PYTHON", python());
    command
}

/// The program without a Python that was named.
pub fn bare_program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rationale"));
    command.current_dir(folder).env_clear();
    for name in ["PATH", "HOME", "TMPDIR"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
        .env("LANG", "C.UTF-8")
        .env("RATIONALE_CONFIG_DIR", folder.join("config"))
        .env("RATIONALE_STATE_DIR", folder.join("state"));
    command
}

/// A folder with a copy of some of the bundled data.
pub fn folder_with(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        std::fs::copy(repository().join("assets").join(name), folder.path().join(name)).unwrap();
    }
    folder
}

/// What a command printed on standard output, as JSON.
pub fn json(output: &Output) -> serde_json::Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {text}\n{}", String::from_utf8_lossy(&output.stderr)))
}
