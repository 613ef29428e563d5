//! `rationale doctor`

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::domain::conversation::{Conversation, Head, text_block};
use crate::domain::endpoint::EndpointKind;
use crate::domain::environment::Kind;
use crate::domain::run::Level;
use crate::domain::turn::StreamEvent;
use crate::effects::api::request::{self, Keep, Request};
use crate::effects::api::{Sending, Update};
use crate::effects::project::Project;
use crate::effects::recording::Recorder;
use crate::effects::world::World;
use crate::effects::{environment, python, store};
use crate::headless::Console;
use crate::text::figure;
use crate::text::wrap::pad;

struct Check {
    name: &'static str,
    status: &'static str,
    detail: String,
    next: Option<String>,
}

/// What is checked beside the usual.
#[derive(Clone, Copy, Debug, Default)]
pub struct More {
    /// Ask the endpoint one short question.
    pub test: bool,
    /// Look for servers on this machine.
    pub detect: bool,
}

/// Checks everything and prints it. Returns the exit code: one where something fails.
pub async fn doctor(world: &Arc<World>, as_json: bool, more: More) -> u8 {
    let mut checks = vec![
        terminal(world),
        interpreter(world),
        environment(world),
        sandbox(world),
        history(),
        key(world),
        endpoint(world).await,
    ];
    if more.test {
        checks.push(answer(world).await);
    }
    if more.detect {
        checks.push(servers(world).await);
    }
    if as_json {
        let list: Vec<_> = checks
            .iter()
            .map(
                |check| json!({"name": check.name, "status": check.status, "detail": check.detail, "next": check.next}),
            )
            .collect();
        Console.json(&json!({ "checks": list }));
    } else {
        for check in &checks {
            Console.out(&format!(
                "{}  {}  {}",
                pad(check.status, 11),
                pad(check.name, 11),
                crate::safe!("{}", check.detail)
            ));
            if let Some(next) = &check.next {
                Console.out(&format!("{}{}", " ".repeat(26), crate::safe!("→ {next}")));
            }
        }
    }
    u8::from(checks.iter().any(|check| check.status == "fail"))
}

fn check(name: &'static str, status: &'static str, detail: String, next: Option<&str>) -> Check {
    Check { name, status, detail, next: next.map(ToOwned::to_owned) }
}

fn terminal(world: &World) -> Check {
    let (term, utf8) = &world.config.terminal;
    if !std::io::stdout().is_terminal() {
        return check("terminal", "not checked", "standard output is not a terminal".into(), None);
    }
    if term.is_empty() || term == "dumb" {
        return check(
            "terminal",
            "fail",
            format!("TERM is “{term}”, so the workbench can't draw"),
            Some("set TERM to what your terminal is, for example xterm-256color"),
        );
    }
    if !utf8 {
        return check(
            "terminal",
            "warn",
            "the locale is not UTF-8, so lines and bars may look wrong".into(),
            Some("set LANG=C.UTF-8"),
        );
    }
    let size = crossterm::terminal::size()
        .map_or_else(|_| "unknown size".into(), |(columns, rows)| format!("{columns} × {rows}"));
    check("terminal", "ok", format!("{term}, {size}"), None)
}

fn interpreter(world: &World) -> Check {
    if let Some(program) = &world.config.python {
        return match python::named(program) {
            Ok(found) => check("python", "ok", format!("{} {}, named by you", found.program, found.version), None),
            Err(failure) => {
                check("python", "fail", format!("{}: {}", failure.what, failure.why), Some(failure.next.as_str()))
            }
        };
    }
    match python::find_base(world.config.path.as_deref()) {
        Ok(base) => {
            let version = python::inspect(&base).map_or_else(|_| "?".into(), |found| found.version);
            check(
                "python",
                "ok",
                format!("{} {version}; each project gets its own environment on its first run", base.display()),
                None,
            )
        }
        Err(failure) => check("python", "fail", failure.why.to_string(), Some(failure.next.as_str())),
    }
}

/// What code would run in, in the project of this folder.
fn environment(world: &Arc<World>) -> Check {
    let project = match Project::in_folder(Path::new(".")) {
        Ok(project) => project,
        Err(failure) => return check("environment", "fail", failure.why.to_string(), Some(failure.next.as_str())),
    };
    let uv = which::which_in("uv", world.config.path.as_deref(), "/").ok();
    let found =
        environment::kind(world, &project).and_then(|kind| environment::place_of(kind, &world.config, &project));
    match found {
        Ok(place) if place.kind == Kind::Isolated && uv.is_none() => check(
            "environment",
            "fail",
            "isolated, and uv, which makes it, is not on the PATH".into(),
            Some("run: pip install uv, or choose --environment project"),
        ),
        Ok(place) => {
            let uv = if uv.is_some() { "uv is there" } else { "uv is not there, so none can be isolated" };
            check("environment", "ok", format!("{}: {}; {uv}", place.kind.word(), place.what), None)
        }
        Err(failure) => {
            let why = format!("{}: {}", failure.what, failure.why);
            check("environment", "fail", why, Some(failure.next.as_str()))
        }
    }
}

fn sandbox(world: &World) -> Check {
    let reached = world.sandbox();
    let detail = format!("{}: {}", reached.level.word(), reached.why);
    match reached.level {
        Level::Full | Level::Standard => check("sandbox", "ok", detail, None),
        Level::Seatbelt => check("sandbox", "warn", detail, Some("runs work; watch memory yourself")),
        Level::Reduced | Level::None => check(
            "sandbox",
            "fail",
            detail,
            Some(
                "Linux 6.2 or newer with Landlock is needed; in a container allow the landlock calls; or run as yourself with --unsandboxed",
            ),
        ),
    }
}

fn history() -> Check {
    let state = Path::new(".rationale");
    if !state.join("history.sqlite").exists() {
        return check("history", "not checked", "this folder has none".into(), None);
    }
    match store::check(state) {
        Ok(n) => check("history", "ok", format!("{n} events, each chained to the one before"), None),
        Err(error) => check(
            "history",
            "fail",
            format!("{error:#}"),
            Some("restore it from a copy, or move it aside to begin anew"),
        ),
    }
}

fn key(world: &World) -> Check {
    match (world.config.endpoint.kind, world.config.key_of(&world.config.endpoint.name)) {
        (EndpointKind::Rules, _) => check("key", "ok", "none is needed for the offline analyst".into(), None),
        (_, Some(_)) => check("key", "ok", format!("there is one for endpoint {}", world.config.endpoint.name), None),
        (EndpointKind::Compatible, None) => check("key", "ok", "none is sent".into(), None),
        (EndpointKind::Anthropic, None) => check("key", "fail", "there is none".into(), Some("set ANTHROPIC_API_KEY")),
    }
}

async fn endpoint(world: &World) -> Check {
    let label = world.config.endpoint.label();
    let endpoint = match world.endpoint().await {
        Ok(endpoint) => endpoint,
        Err(failure) => {
            return check(
                "endpoint",
                "fail",
                format!("{}: {}", failure.what, failure.why),
                Some(failure.next.as_str()),
            );
        }
    };
    match world.models_of(&endpoint).await {
        Ok(models) if models.iter().any(|info| info.id == endpoint.model) => check("endpoint", "ok", label, None),
        Ok(models) => {
            let known: Vec<String> = models.into_iter().take(5).map(|info| info.id).collect();
            check(
                "endpoint",
                "warn",
                format!("{label}; the server lists {}", known.join(", ")),
                Some("choose one of them with --model"),
            )
        }
        Err(failure) => {
            check("endpoint", "fail", format!("{}: {}", failure.what, failure.why), Some(failure.next.as_str()))
        }
    }
}

/// Asks one short question and tells what came.
async fn answer(world: &World) -> Check {
    let endpoint = match world.endpoint().await {
        Ok(endpoint) => endpoint,
        Err(failure) => return check("answer", "fail", failure.why.to_string(), Some(failure.next.as_str())),
    };
    let mut conversation = Conversation::new(Head { model: endpoint.model.clone(), ..Head::default() });
    conversation.say(vec![text_block("Reply with the one word: ready")]);
    let request = Request {
        endpoint: &endpoint,
        models: &world.models,
        conversation: &conversation,
        max_tokens: request::max_tokens(&endpoint, &world.models, 20).min(2_048),
        effort: "low",
        thinks: false,
        format: None,
        keep: Keep::Minutes,
        previous: None,
    };
    let body = match request.body() {
        Ok(body) => body,
        Err(failure) => return check("answer", "fail", failure.why.to_string(), Some(failure.next.as_str())),
    };
    let client = world.client(&endpoint);
    let counted = client.count_tokens(&endpoint, body.expose()).await;
    let (sender, mut receiver) = mpsc::channel(64);
    let count = async {
        let mut n = 0u64;
        while let Some(update) = receiver.recv().await {
            n += u64::from(matches!(update, Update::Event(StreamEvent::Delta { .. })));
        }
        n
    };
    let (mut recorder, cancel) = (Recorder::none(), CancellationToken::new());
    let ask = async {
        let sending = Sending { endpoint: &endpoint, body: body.expose(), first_block: 0 };
        let answered = client.stream(sending, &mut recorder, &sender, &cancel).await;
        drop(sender);
        answered
    };
    let (answered, n_pieces) = tokio::join!(ask, count);
    let answered = match answered {
        Ok(answered) => answered,
        Err(no) => return check("answer", "fail", no.failure.why.to_string(), Some(no.failure.next.as_str())),
    };
    let turn = answered.turn;
    let cost = figure::dollars(endpoint.cost(&world.models, &endpoint.model, &turn.usage));
    let tokens = match counted {
        Some(n) => format!("it counts tokens ({n})"),
        None => "it does not count tokens".to_owned(),
    };
    let detail = format!(
        "{} answered in {}, stop reason {}, {tokens}, cost {cost}",
        endpoint.label(),
        figure::plural(n_pieces, "piece"),
        turn.stop.word()
    );
    match answered.broken {
        Some(why) => check("answer", "fail", format!("{detail}; {why}"), Some("try again, or choose another endpoint")),
        None if turn.text().trim().is_empty() => {
            check("answer", "warn", format!("{detail}; it holds no text"), Some("try another model with --model"))
        }
        None => check("answer", "ok", detail, None),
    }
}

/// Looks for servers at the usual ports.
async fn servers(world: &World) -> Check {
    let found = world.detect().await;
    if found.is_empty() {
        return check("servers", "ok", "none answers at the usual ports of this machine".into(), None);
    }
    let list: Vec<String> = found
        .iter()
        .map(|(endpoint, models)| {
            let ids: Vec<&str> = models.iter().take(3).map(|info| info.id.as_str()).collect();
            format!("{} at {} with {}", endpoint.name, endpoint.base_url, ids.join(", "))
        })
        .collect();
    let next = found.first().map(|(endpoint, _)| {
        format!(
            "to ask it, add [endpoints.{0}] with base_url = \"{1}\" and server = \"{0}\" to the configuration",
            endpoint.name, endpoint.base_url
        )
    });
    check("servers", "ok", list.join("; "), next.as_deref())
}
