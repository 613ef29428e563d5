//! The program: hidden helpers first, before any thread exists; then the command line.

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser};
use rationale::cli::{Cli, Command, Common, Env, Exported};
use rationale::config::{Config, Environment, Given};
use rationale::domain::again::Again;
use rationale::domain::endpoint::Pace;
use rationale::domain::failure::Failure;
use rationale::domain::question::Wish;
use rationale::effects::data::convert;
use rationale::effects::data::piped::{self, Kept};
use rationale::effects::serve::faults::Plan;
use rationale::effects::world::World;
use rationale::effects::{demo, executor, figures, interpreter, recording, sandbox, serve};
use rationale::headless::ask::{Options, Output, Then};
use rationale::headless::{Console, again, ask, doctor, env, errors, evaluator, export, history, profile, replay, run};
use rationale::runtime::{self, First, guardian};
use rationale::safe;

fn main() -> ExitCode {
    let mut arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    if let Some(code) = hidden(&arguments) {
        return ExitCode::from(code);
    }
    let is_guarded = arguments.first().is_some_and(|argument| argument == guardian::WORKBENCH);
    if is_guarded {
        guardian::follow_guardian();
        arguments.remove(0);
    }
    let parsed = Cli::try_parse_from(std::iter::once("rationale".into()).chain(arguments.iter().cloned()));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return ExitCode::from(misused(&error, &arguments)),
    };
    let as_json = wants_json(&cli);
    let guard = if is_guarded { None } else { Some(arguments.as_slice()) };
    let code = start(cli, guard).unwrap_or_else(|failure| Console.fail(&failure, as_json));
    ExitCode::from(code)
}

/// What can't be read as a command line, in the form that was asked for; help and version are no mistakes.
fn misused(error: &clap::Error, arguments: &[OsString]) -> u8 {
    if !error.use_stderr() {
        let _ = error.print();
        return 0;
    }
    if arguments.iter().any(|argument| argument == "--json" || argument == "--stream-json") {
        let text = error.to_string();
        let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        let rest: Vec<&str> =
            text.lines().skip(1).map(str::trim).take_while(|line| !line.starts_with("Usage")).collect();
        let why = format!("{first} {}", rest.join(" "));
        let failure = Failure::input(safe!("the command line"), safe!("{}", why.trim()), safe!("see rationale --help"));
        return Console.fail(&failure, true);
    }
    let _ = error.print();
    2
}

/// The arguments under which the program starts itself.
fn hidden(arguments: &[OsString]) -> Option<u8> {
    let arguments: Vec<String> = arguments.iter().map(|argument| argument.to_string_lossy().into_owned()).collect();
    match arguments.first()?.as_str() {
        sandbox::HELPER => Some(refused(sandbox::become_confined(&arguments[1..]))),
        sandbox::INIT => Some(refused(sandbox::become_init(&arguments[1..]))),
        sandbox::probe::PROBE => {
            let _ = writeln!(std::io::stdout(), "{}", sandbox::probe::escape(&arguments[1..]));
            Some(0)
        }
        convert::apart::CONVERT => Some(convert::apart::convert(&arguments[1..])),
        figures::DECODE => Some(figures::decode(&arguments[1..])),
        executor::EXECUTE => Some(executor::execute(Path::new(arguments.get(1)?))),
        _ => None,
    }
}

/// What the sandbox says where it could not be built: nothing was started then.
fn refused(tried: anyhow::Result<std::convert::Infallible>) -> u8 {
    match tried {
        Ok(never) => match never {},
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "sandbox: {error:#}");
            126
        }
    }
}

fn wants_json(cli: &Cli) -> bool {
    match &cli.command {
        Some(
            Command::Profile { json, .. }
            | Command::Run { json, .. }
            | Command::History { json, .. }
            | Command::Evaluator { json, .. }
            | Command::Errors { json, .. }
            | Command::Doctor { json, .. },
        ) => *json,
        Some(Command::Ask { json, stream_json, .. }) => *json || *stream_json,
        Some(
            Command::Demo { .. }
            | Command::Export { .. }
            | Command::Serve { .. }
            | Command::Replay { .. }
            | Command::Env { .. }
            | Command::Completions { .. },
        )
        | None => false,
    }
}

fn given(common: Common) -> Given {
    Given {
        endpoint: common.endpoint,
        model: common.model,
        effort: common.effort,
        python: common.python,
        environment: common.environment,
        install: common.install,
        theme: common.theme,
        unsandboxed: common.unsandboxed,
        timeout: common.timeout,
    }
}

/// `guard` holds the arguments where the workbench still has to be started below a guardian.
fn start(mut cli: Cli, guard: Option<&[OsString]>) -> Result<u8, Failure> {
    let environment = Environment::read();
    if let (Some(path), Some(_)) = (&cli.path, &cli.command) {
        return Err(Failure::input(
            safe!("the command line"),
            safe!("{} stands before a command", path.display()),
            safe!("write the command first, or the path alone"),
        ));
    }
    if let Some(Command::Completions { shell }) = cli.command {
        clap_complete::generate(shell, &mut Cli::command(), "rationale", &mut std::io::stdout());
        return Ok(0);
    }
    if let Some(Command::History { filter, project, json }) = &cli.command {
        history::history(project, filter.as_deref(), *json)?;
        return Ok(0);
    }
    if let Some(Command::Evaluator { file, approve, project, json }) = &cli.command {
        evaluator::evaluator(project, file, approve.as_deref(), *json)?;
        return Ok(0);
    }
    if let Some(Command::Errors { run, project, json }) = &cli.command {
        errors::errors(project, run, *json)?;
        return Ok(0);
    }
    let mut config = Config::resolve(&given(cli.common), &environment)?;
    if config.has_keys() {
        sandbox::hide_memory();
    }
    let piped = take_piped(&mut cli.path, &mut cli.command, &config)?;
    let first = match cli.command {
        None => cli.path.map(First::Data),
        Some(Command::Demo { folder }) => {
            check_terminal(&config)?;
            Some(First::Data(demo::copy(&folder)?))
        }
        // In a terminal a recording is played in the panes; elsewhere its text is printed.
        Some(Command::Replay { recording, speed, share: None }) if speed > 0.0 && check_terminal(&config).is_ok() => {
            replay::check_speed(speed)?;
            recording::open(&recording)?;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked just above")]
            let percent = (speed * 100.0).clamp(1.0, 1e6) as u64;
            Some(First::Recording { path: recording, percent })
        }
        Some(command) => {
            config.is_interactive = false;
            if matches!(command, Command::Ask { .. }) {
                config.pace = Pace::AtOnce;
            }
            let world = Arc::new(World::new(config)?);
            return threads()?.block_on(headless(&world, command));
        }
    };
    check_terminal(&config)?;
    if let Some(First::Data(path)) = &first
        && guard.is_some()
    {
        // A mistake on the command line is told on the command line; below a guardian that was done by it.
        interpreter::check_path(path)?;
    }
    let arguments = guard.map(|arguments| without_sign(arguments, piped.as_ref()));
    if let Some(arguments) = arguments
        && let Ok(code) = guardian::guard(&arguments)
    {
        return Ok(code);
    }
    let _log = log_to(&config.state);
    threads()?.block_on(runtime::run(config, first))
}

/// Where the path of the data set is `-`, standard input is read into a file, which takes its place.
fn take_piped(
    path: &mut Option<PathBuf>,
    command: &mut Option<Command>,
    config: &Config,
) -> Result<Option<Kept>, Failure> {
    let (path, is_profile) = match command {
        None => (path.as_mut(), false),
        Some(Command::Profile { path, .. }) => (Some(path), true),
        Some(Command::Ask { path, .. }) => (Some(path), false),
        Some(Command::Run { data, .. }) => (data.as_mut(), false),
        Some(_) => (None, false),
    };
    let Some(path) = path.filter(|path| path.as_os_str() == piped::SIGN) else { return Ok(None) };
    let kept = piped::keep((!is_profile).then_some(&config.state))?;
    path.clone_from(&kept.path);
    if command.is_none() {
        // Where there is none, that is said when the terminal is looked at.
        let _ = piped::give_terminal();
    }
    Ok(Some(kept))
}

/// The arguments with the file that was kept in the place of `-`.
fn without_sign(arguments: &[OsString], kept: Option<&Kept>) -> Vec<OsString> {
    let place = |argument: &OsString| match kept {
        Some(kept) if argument == piped::SIGN => kept.path.clone().into_os_string(),
        _ => argument.clone(),
    };
    arguments.iter().map(place).collect()
}

fn threads() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Runtime::new().map_err(|error| {
        Failure::work(safe!("the program"), safe!("it can't start its threads: {error}"), safe!("close other programs"))
    })
}

fn check_terminal(config: &Config) -> Result<(), Failure> {
    let next = "use the commands that print instead: rationale --help";
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return Err(Failure::input(safe!("the workbench"), safe!("it needs a terminal"), safe!("{next}")));
    }
    if matches!(config.terminal.0.as_str(), "" | "dumb") {
        return Err(Failure::input(
            safe!("the workbench"),
            safe!("TERM is “{}”, so nothing can be drawn", config.terminal.0),
            safe!("set TERM, for example to xterm-256color; or {next}"),
        ));
    }
    Ok(())
}

/// Logs to a file of today; the guard writes what is left when it is dropped.
fn log_to(state: &Path) -> Option<tracing_appender::non_blocking::WorkerGuard> {
    std::fs::create_dir_all(state.join("log")).ok()?;
    let appender = tracing_appender::rolling::Builder::new()
        .rotation(tracing_appender::rolling::Rotation::DAILY)
        .filename_prefix("rationale")
        .max_log_files(7)
        .build(state.join("log"))
        .ok()?;
    let (writer, guard) = tracing_appender::non_blocking(appender);
    let filter = tracing_subscriber::EnvFilter::new("warn,rationale=info");
    tracing_subscriber::fmt().with_writer(writer).with_ansi(false).with_env_filter(filter).try_init().ok()?;
    Some(guard)
}

async fn headless(world: &Arc<World>, command: Command) -> Result<u8, Failure> {
    match command {
        Command::Profile { path, target, against, json } => {
            let against = against.as_deref();
            tokio::task::block_in_place(|| profile::profile(world, &path, (target.as_deref(), against), json))?;
            Ok(0)
        }
        Command::Ask { task, path, target, problem, settings, accept, run, spend, json, stream_json } => {
            let options = Options {
                task: ask::task(&task)?,
                target,
                wish: Wish { request: problem.unwrap_or_default(), settings: ask::settings(&settings)? },
                then: match (accept, run) {
                    (_, true) => Then::Run,
                    (true, false) => Then::Accept,
                    (false, false) => Then::Nothing,
                },
                spend,
                output: match (json, stream_json) {
                    (_, true) => Output::Stream,
                    (true, false) => Output::Json,
                    (false, false) => Output::Text,
                },
            };
            ask::ask(world, &path, options).await
        }
        Command::Run { file, data, target, replay, holdout, word, shuffle, confirm, quick, network, json } => {
            let earlier = replay
                .map(|name| (name, Again::Replay))
                .or_else(|| holdout.map(|name| (name, Again::OpenHoldout(word.unwrap_or_default()))))
                .or_else(|| shuffle.map(|name| (name, Again::ShuffleLabels)))
                .or_else(|| confirm.map(|name| (name, Again::Confirm)));
            match (earlier, file, data) {
                (Some((name, what)), _, data) => again::look(world, &name, what, data.as_deref(), json).await,
                (None, Some(file), Some(data)) => {
                    run::run_file(world, &file, &data, target.as_deref(), json, (quick, network)).await
                }
                (None, _, _) => Err(Failure::input(
                    safe!("run"),
                    safe!("it needs a file and --data"),
                    safe!("see rationale run --help"),
                )),
            }
        }
        Command::Serve { port, faults } => {
            let faults = Plan::parse(&faults).map_err(|why| {
                Failure::input(safe!("--faults"), safe!("{why}"), safe!("leave it out for a server without faults"))
            })?;
            let started = serve::start_with(port, serve::Options { faults, ..serve::Options::new(Pace::AtOnce) }).await;
            let mut server = started.map_err(|error| {
                Failure::input(safe!("serve"), safe!("{error:#}"), safe!("choose another port with --port"))
            })?;
            Console.out(&server.base_url());
            Console.note(&safe!(
                "the offline analyst (rules, not a language model) answers at /v1/messages; Ctrl-C ends it"
            ));
            tokio::select! {
                () = server.wait() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            Ok(0)
        }
        Command::Replay { recording, speed, share } => {
            match share {
                Some(to) => replay::share(&recording, &to)?,
                None => replay::replay(&recording, speed).await?,
            }
            Ok(0)
        }
        Command::Export { what, output, project } => {
            let what = match what {
                Exported::Manifest => export::Document::Manifest,
                Exported::Report => export::Document::Report,
                Exported::Checklist => export::Document::Checklist,
            };
            export::export(world, what, &project, output.as_deref())?;
            Ok(0)
        }
        Command::Env { what: Env::Add { packages, project } } => {
            tokio::task::block_in_place(|| env::add(world, &project, &packages))?;
            Ok(0)
        }
        Command::Doctor { json, test, detect } => Ok(doctor::doctor(world, json, doctor::More { test, detect }).await),
        Command::Demo { .. }
        | Command::History { .. }
        | Command::Evaluator { .. }
        | Command::Errors { .. }
        | Command::Completions { .. } => Ok(0),
    }
}
