//! The loop: waits for keys, for jobs, for the time to draw; owns the terminal.
#![expect(clippy::disallowed_methods, reason = "the loop reads the clock and owns the terminal")]

#[cfg(debug_assertions)]
mod fault;
pub mod frame;
pub mod guardian;
pub mod inbox;
pub mod terminal;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::EventStream;
use futures::StreamExt;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::app::effect::Effect;
use crate::app::keymap::Keymap;
use crate::app::meter::Meter;
use crate::app::msg::Msg;
use crate::app::replay::Recording;
use crate::app::{Model, update};
use crate::config::Config;
use crate::domain::failure::Failure;
use crate::domain::price::Models;
use crate::effects::interpreter::Interpreter;
use crate::effects::world::World;
use crate::effects::{desktop, recent};
use crate::input;
use crate::runtime::frame::FrameClock;
use crate::runtime::terminal::{Screen, Signals};
use crate::safe;
use crate::ui;
use crate::ui::highlight::Cache;
use crate::ui::theme::{Depth, Theme};

/// Messages that may wait; a stream that is faster than the screen waits with them.
const INBOX: usize = 1024;
/// How often what moves with time is drawn anew.
const TICK: Duration = Duration::from_millis(200);

/// How often a recording that plays moves on.
const FRAME: Duration = Duration::from_millis(33);

/// What is shown first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum First {
    /// A data set.
    Data(PathBuf),
    /// A recording, and how fast in percent of the original.
    Recording {
        /// Where it is.
        path: PathBuf,
        /// How fast.
        percent: u64,
    },
}

/// Runs the workbench until it is left.
pub async fn run(config: Config, first: Option<First>) -> Result<u8, Failure> {
    let theme = theme(&config)?;
    let keys = Keymap::new(&config.keys)?;
    let mut meter = Meter {
        today: jiff::Timestamp::now().to_string().chars().take(10).collect(),
        prices_as_of: Models::builtin().as_of,
        ..Meter::default()
    };
    meter.set_endpoint(&config.endpoint);
    let (recent, editor) = (recent::load(&config.state), config.editor.clone());
    let log = config.state.join("log");
    let model = Model::new(keys, meter, recent, PathBuf::from("rationale-demo"));
    let world = Arc::new(World::new(config)?);
    let screen = Screen::enter(&log)
        .map_err(|error| Failure::work(safe!("the terminal"), safe!("{error}"), safe!("try another terminal")))?;
    let signals =
        Signals::new().map_err(|error| Failure::work(safe!("the terminal"), safe!("{error}"), safe!("try again")))?;
    let (sender, receiver) = mpsc::channel(INBOX);
    let bench = Bench {
        model,
        theme,
        cache: Cache::default(),
        interpreter: Interpreter::new(world, sender),
        screen,
        events: Some(EventStream::new()),
        signals,
        frames: FrameClock::default(),
        start: Instant::now(),
        editor,
        leaving: None,
    };
    bench.run(receiver, first).await
}

fn theme(config: &Config) -> Result<Theme, Failure> {
    let depth = match (config.no_color, config.true_color) {
        (true, _) => Depth::None,
        (false, true) => Depth::True,
        (false, false) => Depth::Indexed,
    };
    let name = &config.theme;
    match ui::theme::builtin(name) {
        Some(text) => Theme::parse(name, text, depth),
        None => {
            let text = std::fs::read_to_string(Path::new(name)).map_err(|_| {
                Failure::input(
                    safe!("theme {name}"),
                    safe!("there is none of that name and no such file"),
                    safe!("use one of {}", ui::theme::NAMES.join(", ")),
                )
            })?;
            Theme::parse(name, &text, depth)
        }
    }
}

struct Bench {
    model: Model,
    theme: Theme,
    cache: Cache,
    interpreter: Interpreter,
    screen: Screen,
    events: Option<EventStream>,
    signals: Signals,
    frames: FrameClock,
    start: Instant,
    editor: Option<String>,
    leaving: Option<u8>,
}

impl Bench {
    async fn run(mut self, mut inbox: mpsc::Receiver<Msg>, first: Option<First>) -> Result<u8, Failure> {
        let (columns, rows) = self.screen.size();
        self.take(vec![Msg::Resized(columns, rows)]);
        match first {
            Some(First::Data(path)) => self.take(vec![Msg::Open(path)]),
            Some(First::Recording { path, percent }) => {
                self.take(vec![Msg::Replay(Recording::File { path, percent })]);
            }
            None => {}
        }
        self.frames.request(Instant::now());
        let mut next_tick = Instant::now() + TICK;
        while self.leaving.is_none() {
            let is_moving = self.model.is_moving();
            if self.model.plays() {
                // What plays moves with every frame.
                next_tick = next_tick.min(Instant::now() + FRAME);
            }
            // The order is the policy: a key never waits behind tokens, and tokens never keep a due frame from being drawn.
            let batch = tokio::select! {
                biased;
                signal = self.signals.next() => self.on_signal(signal),
                Some(event) = next_event(&mut self.events) => match event {
                    Ok(event) => input::translate(&event).into_iter().collect(),
                    // The terminal is gone.
                    Err(_) => { self.leaving = Some(1); Vec::new() }
                },
                () = self.frames.due() => {
                    self.draw();
                    continue;
                }
                Some(batch) = inbox::next_batch(&mut inbox) => batch,
                () = tokio::time::sleep_until(next_tick), if is_moving => {
                    next_tick = Instant::now() + TICK;
                    Vec::new()
                }
                else => { self.leaving = Some(1); Vec::new() }
            };
            #[cfg(debug_assertions)]
            if batch.iter().any(|msg| matches!(msg, Msg::Key(_))) {
                fault::strike();
            }
            if next_tick < Instant::now() {
                next_tick = Instant::now() + TICK;
            }
            self.take(batch);
            self.frames.request(Instant::now());
        }
        let code = self.leaving.unwrap_or(0);
        self.screen.leave();
        self.interpreter.shut_down(inbox).await;
        Ok(code)
    }

    fn draw(&mut self) {
        let (model, theme, cache) = (&self.model, &self.theme, &mut self.cache);
        let drawn = self.screen.draw(|frame| {
            ui::render(model, theme, cache, frame);
            #[cfg(debug_assertions)]
            fault::at_drawing();
        });
        if drawn.is_err() {
            self.leaving = Some(1);
        }
        self.frames.drawn(Instant::now());
    }

    fn take(&mut self, batch: Vec<Msg>) {
        let now = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        update(&mut self.model, Msg::Clock(now));
        for msg in batch {
            let effects = update(&mut self.model, msg);
            for effect in effects {
                self.interpret(effect);
            }
        }
    }

    fn interpret(&mut self, effect: Effect) {
        match effect {
            Effect::Start(id, job) => self.interpreter.start(id, *job),
            Effect::Cancel(id) => self.interpreter.cancel(id),
            Effect::Stop(id) => self.interpreter.stop(id),
            Effect::Copy(text) => self.screen.copy(&text),
            Effect::Redraw => self.screen.clear(),
            Effect::Suspend => self.away(|_| {
                terminal::stop_group();
                None
            }),
            Effect::EditOutside { path, code } => self.away(move |editor| {
                Some(match desktop::edit(editor, &path, &code) {
                    Ok(code) => Msg::Edited { path, code },
                    Err(error) => Msg::Noticed(safe!("{error:#}")),
                })
            }),
            Effect::Quit => self.leaving = Some(0),
        }
    }

    /// Gives the terminal away for a while. Nobody may read its keys meanwhile.
    fn away(&mut self, act: impl FnOnce(Option<&str>) -> Option<Msg>) {
        self.events = None;
        self.screen.leave();
        let msg = act(self.editor.as_deref());
        if self.screen.enter_again().is_err() {
            self.leaving = Some(1);
            return;
        }
        self.events = Some(EventStream::new());
        // A Ctrl-C that was meant for whoever had the terminal does not end the workbench.
        if let Ok(signals) = Signals::new() {
            self.signals = signals;
        }
        let (columns, rows) = self.screen.size();
        self.take(vec![Msg::Resized(columns, rows)]);
        if let Some(msg) = msg {
            self.take(vec![msg]);
        }
        self.frames.request(Instant::now());
    }

    fn on_signal(&mut self, signal: terminal::Signal) -> Vec<Msg> {
        match signal {
            terminal::Signal::Leave(code) => self.leaving = Some(code),
            terminal::Signal::Stop => self.away(|_| {
                terminal::stop_group();
                None
            }),
            terminal::Signal::Continue => self.screen.clear(),
        }
        Vec::new()
    }
}

async fn next_event(events: &mut Option<EventStream>) -> Option<std::io::Result<crossterm::event::Event>> {
    match events {
        Some(events) => events.next().await,
        None => std::future::pending().await,
    }
}
