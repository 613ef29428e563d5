//! Options, configuration file and environment, resolved once into one `Config`.
#![expect(clippy::disallowed_methods, reason = "the one module that reads the environment and the configuration file")]

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use secrecy::SecretString;
use serde::Deserialize;

use crate::domain::endpoint::{AuthScheme, Endpoint, EndpointKind, OLD_VERSION, Pace, VERSION};
use crate::domain::failure::Failure;
use crate::domain::price::Models;
use crate::domain::run::{Level, Limits, Reached};
use crate::domain::toml_error::bad_toml;
use crate::safe;

/// How the program is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// Whom to ask.
    pub endpoint: Endpoint,
    /// The key for it.
    pub key: Option<SecretString>,
    /// The interpreter that the user named.
    pub python: Option<PathBuf>,
    /// Name of the theme.
    pub theme: String,
    /// Whether colours are unwanted.
    pub no_color: bool,
    /// Whether the terminal shows all colours.
    pub true_color: bool,
    /// Keys that the user changed: command, chords.
    pub keys: Vec<(String, Vec<String>)>,
    /// What a run may use.
    pub limits: Limits,
    /// Whether code may run without a sandbox, because the user said so.
    pub unsandboxed: bool,
    /// How fast the offline analyst speaks.
    pub pace: Pace,
    /// Where programs are looked for.
    pub path: Option<String>,
    /// The user's editor.
    pub editor: Option<String>,
    /// Where the program keeps what belongs to no project.
    pub state: PathBuf,
    /// Where the configuration file is looked for.
    pub file: PathBuf,
    /// Name of the terminal, and whether it shows UTF-8.
    pub terminal: (String, bool),
}

/// What the command line says.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Name of the endpoint.
    pub endpoint: Option<String>,
    /// Id of the model.
    pub model: Option<String>,
    /// How hard to think.
    pub effort: Option<String>,
    /// The interpreter.
    pub python: Option<PathBuf>,
    /// Name of the theme.
    pub theme: Option<String>,
    /// Code may run without a sandbox.
    pub unsandboxed: bool,
    /// Seconds that a run may take.
    pub timeout: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    endpoint: Option<String>,
    model: Option<String>,
    effort: Option<String>,
    theme: Option<String>,
    python: Option<PathBuf>,
    editor: Option<String>,
    run: RunTable,
    keys: BTreeMap<String, OneOrMore>,
    endpoints: BTreeMap<String, EndpointTable>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RunTable {
    timeout_s: Option<u64>,
    memory_gb: Option<f64>,
    jobs: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct EndpointTable {
    base_url: String,
    model: Option<String>,
    key_env: Option<String>,
    key_file: Option<PathBuf>,
    auth: Option<Auth>,
    api_version: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Auth {
    XApiKey,
    Bearer,
}

/// The environment, read once.
#[derive(Clone, Debug, Default)]
pub struct Environment(HashMap<String, String>);

impl Environment {
    /// That of this process. What is not Unicode is left out.
    pub fn read() -> Self {
        Self(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
        )
    }

    /// A variable; an empty one counts as unset.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

const ADDRESS: &str = "https://api.anthropic.com";

impl Config {
    /// Resolves what was given, in the file, in the environment: the command line goes first, the file last.
    pub fn resolve(given: &Given, environment: &Environment) -> Result<Self, Failure> {
        let home = etcetera::choose_base_strategy().ok();
        let own = |name: &str, fallback: Option<PathBuf>| {
            environment.get(name).map(PathBuf::from).or(fallback).unwrap_or_else(|| PathBuf::from(".rationale-home"))
        };
        let folder = own("RATIONALE_CONFIG_DIR", home.as_ref().map(|base| base.config_dir().join("rationale")));
        let state = own(
            "RATIONALE_STATE_DIR",
            home.as_ref()
                .and_then(|base| base.state_dir().or_else(|| Some(base.data_dir())))
                .map(|base| base.join("rationale")),
        );
        let path = folder.join("config.toml");
        let file = read_file(&path)?;
        let (endpoint, key) = endpoint(given, &file, environment)?;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let mut limits = Limits {
            n_jobs: file.run.jobs.unwrap_or_else(|| u32::try_from(cores).unwrap_or(1).clamp(1, 4)),
            ..Limits::default()
        };
        if let Some(seconds) = given.timeout.or(file.run.timeout_s) {
            if seconds == 0 || seconds > 30 * 86_400 {
                return Err(Failure::input(
                    safe!("run.timeout_s"),
                    safe!("{seconds} is not a number of seconds between 1 and 30 days"),
                    safe!("900 is usual"),
                ));
            }
            limits.wall_s = seconds;
        }
        if let Some(gigabytes) = file.run.memory_gb {
            if !(0.1..=10_000.0).contains(&gigabytes) {
                return Err(Failure::input(
                    safe!("run.memory_gb"),
                    safe!("{gigabytes} is not between 0.1 and 10000"),
                    safe!("8 is usual"),
                ));
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked just above")]
            let bytes = (gigabytes * 1e9) as u64;
            limits.memory_bytes = bytes;
        }
        let theme = given
            .theme
            .clone()
            .or_else(|| environment.get("RATIONALE_THEME").map(ToOwned::to_owned))
            .or(file.theme)
            .unwrap_or_else(|| "dark".into());
        let keys = file.keys.into_iter().map(|(command, chords)| match chords {
            OneOrMore::One(chord) => (command, vec![chord]),
            OneOrMore::More(chords) => (command, chords),
        });
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .iter()
            .find_map(|name| environment.get(name))
            .unwrap_or_default()
            .to_lowercase();
        Ok(Self {
            endpoint,
            key,
            python: given
                .python
                .clone()
                .or_else(|| environment.get("RATIONALE_PYTHON").map(PathBuf::from))
                .or(file.python),
            theme,
            no_color: environment.get("NO_COLOR").is_some(),
            true_color: environment.get("COLORTERM").is_some_and(|kind| kind == "truecolor" || kind == "24bit"),
            keys: keys.collect(),
            limits,
            unsandboxed: given.unsandboxed,
            pace: Pace::Readable,
            path: environment.get("PATH").map(ToOwned::to_owned),
            editor: file
                .editor
                .or_else(|| ["VISUAL", "EDITOR"].iter().find_map(|name| environment.get(name)).map(ToOwned::to_owned)),
            state,
            file: path,
            terminal: (
                environment.get("TERM").unwrap_or_default().to_owned(),
                locale.is_empty() || locale.contains("utf-8") || locale.contains("utf8"),
            ),
        })
    }

    /// The level at which code runs here, or why it does not.
    pub fn allowed_level(&self, reached: &Reached) -> Result<Level, Failure> {
        match reached.level {
            Level::Standard | Level::Full | Level::Seatbelt => Ok(reached.level),
            Level::Reduced | Level::None if self.unsandboxed => Ok(Level::None),
            level => Err(Failure::work(
                safe!("the sandbox"),
                safe!("only level “{}” is reached here: {}", level.word(), reached.why),
                safe!("run rationale doctor; to run code as yourself all the same, start with --unsandboxed"),
            )),
        }
    }
}

fn read_file(path: &Path) -> Result<File, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => toml::from_str(&text).map_err(|error| bad_toml(&path.to_string_lossy(), &text, &error)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(File::default()),
        Err(error) => Err(Failure::input(
            safe!("{}", path.display()),
            safe!("it can't be read: {error}"),
            safe!("check its permissions"),
        )),
    }
}

fn endpoint(
    given: &Given,
    file: &File,
    environment: &Environment,
) -> Result<(Endpoint, Option<SecretString>), Failure> {
    let own_address = environment.get("ANTHROPIC_BASE_URL");
    let api_key = environment.get("ANTHROPIC_API_KEY");
    let token = environment.get("ANTHROPIC_AUTH_TOKEN");
    let wanted = given
        .endpoint
        .clone()
        .or_else(|| environment.get("RATIONALE_ENDPOINT").map(ToOwned::to_owned))
        .or_else(|| file.endpoint.clone());
    let name = wanted.unwrap_or_else(|| {
        if own_address.is_some() || api_key.is_some() || token.is_some() {
            "anthropic".into()
        } else {
            "offline".into()
        }
    });
    let model = given.model.clone().or_else(|| environment.get("RATIONALE_MODEL").map(ToOwned::to_owned));
    let effort = given.effort.clone().or_else(|| file.effort.clone());
    if let Some(effort) =
        effort.as_deref().filter(|effort| !matches!(*effort, "low" | "medium" | "high" | "xhigh" | "max"))
    {
        return Err(Failure::input(
            safe!("effort"),
            safe!("{effort} is not one of low, medium, high, xhigh, max"),
            safe!("leave it out to let the task decide"),
        ));
    }
    if name == "offline" {
        return Ok((Endpoint { effort, ..Endpoint::offline() }, None));
    }
    if let Some(table) = file.endpoints.get(&name) {
        let key = match (&table.key_env, &table.key_file) {
            (Some(variable), _) => environment.get(variable).map(|key| SecretString::from(key.trim())),
            (None, Some(path)) => Some(key_file(path)?),
            (None, None) => None,
        };
        let auth = table.auth.map_or(AuthScheme::ApiKey, |auth| match auth {
            Auth::XApiKey => AuthScheme::ApiKey,
            Auth::Bearer => AuthScheme::Bearer,
        });
        let model = model.or_else(|| table.model.clone());
        return Ok((at(&name, &table.base_url, model, effort, auth, table.api_version.as_deref()), key));
    }
    if name != "anthropic" {
        let known: Vec<&str> =
            ["offline", "anthropic"].into_iter().chain(file.endpoints.keys().map(String::as_str)).collect();
        return Err(Failure::input(
            safe!("endpoint {name}"),
            safe!("there is none of that name"),
            safe!("use one of {}, or add it to the configuration", known.join(", ")),
        ));
    }
    let model = model.or_else(|| file.model.clone());
    let (key, auth) = match (api_key, token) {
        (Some(key), _) => (Some(SecretString::from(key.trim())), AuthScheme::ApiKey),
        (None, Some(token)) => (Some(SecretString::from(token.trim())), AuthScheme::Bearer),
        (None, None) => (None, AuthScheme::ApiKey),
    };
    let address = own_address.unwrap_or(ADDRESS);
    if key.is_none() && address == ADDRESS {
        return Err(Failure::input(
            safe!("endpoint anthropic"),
            safe!("there is no key for it"),
            safe!("set ANTHROPIC_API_KEY, or choose --endpoint offline"),
        ));
    }
    Ok((at("anthropic", address, model, effort, auth, None), key))
}

fn at(
    name: &str,
    address: &str,
    model: Option<String>,
    effort: Option<String>,
    auth: AuthScheme,
    version: Option<&str>,
) -> Endpoint {
    let is_anthropic = address.trim_end_matches('/').trim_end_matches("/v1") == ADDRESS;
    let kind = if is_anthropic { EndpointKind::Anthropic } else { EndpointKind::Compatible };
    Endpoint {
        name: if is_anthropic || name != "anthropic" {
            name.to_owned()
        } else {
            address.split("://").nth(1).unwrap_or(address).trim_end_matches('/').to_owned()
        },
        kind,
        base_url: address.to_owned(),
        auth,
        api_version: version.unwrap_or(if is_anthropic { VERSION } else { OLD_VERSION }).to_owned(),
        model: model.unwrap_or_else(|| if is_anthropic { Models::builtin().default } else { String::new() }),
        effort,
    }
}

/// A key from a file that only its owner can read.
fn key_file(path: &Path) -> Result<SecretString, Failure> {
    let refuse = |why: String, next: String| {
        Failure::input(safe!("key file {}", path.display()), safe!("{why}"), safe!("{next}"))
    };
    let metadata =
        fs::metadata(path).map_err(|error| refuse(format!("it can't be read: {error}"), "check the path".into()))?;
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(refuse("others can read it".into(), format!("run: chmod 600 {}", path.display())));
    }
    let text = fs::read_to_string(path)
        .map_err(|error| refuse(format!("it can't be read: {error}"), "check its permissions".into()))?;
    let key = text.trim();
    if key.is_empty() || key.contains(char::is_whitespace) || !key.is_ascii() {
        return Err(refuse("it does not hold one key".into(), "put the key alone into it".into()));
    }
    Ok(SecretString::from(key))
}
