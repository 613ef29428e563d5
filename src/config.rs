//! Options, configuration file and environment, resolved once into one `Config`.
#![expect(clippy::disallowed_methods, reason = "the one module that reads the environment and the configuration file")]

mod run;
mod surroundings;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use secrecy::SecretString;
use serde::Deserialize;

use crate::config::surroundings::{active, kind_of};
use crate::domain::conversation::Signatures;
use crate::domain::endpoint::{
    AuthScheme, EFFORTS, Endpoint, EndpointKind, OLD_VERSION, Pace, Server, ThinkingStyle, VERSION,
};
use crate::domain::environment::Kind;
use crate::domain::failure::Failure;
use crate::domain::manner::Manner;
use crate::domain::price::{ModelFacts, Models, Tier};
use crate::domain::run::{Level, Limits, Reached};
use crate::domain::toml_error::bad_toml;
use crate::safe;
use crate::text::SafeText;

/// How the program is set up.
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
#[derive(Clone, Debug)]
pub struct Config {
    /// Whom to ask.
    pub endpoint: Endpoint,
    /// Every endpoint that is set up, the one to ask among them.
    others: Vec<Endpoint>,
    /// Keys by the name of their endpoint.
    keys_of: HashMap<String, SecretString>,
    /// Prices that the user states.
    pub prices: Vec<ModelFacts>,
    /// Whether somebody sits at a terminal and may ask again.
    pub is_interactive: bool,
    /// The interpreter that the user named.
    pub python: Option<PathBuf>,
    /// What code runs in, as the command line or a variable says.
    pub environment: Option<Kind>,
    /// What code runs in, as the configuration says: a project may say otherwise.
    pub usual_environment: Option<Kind>,
    /// Whether what an environment lacks may be installed without asking, because the user said so.
    pub install: bool,
    /// Environments that are active in the shell: the variable, the folder.
    pub active: Vec<(String, PathBuf)>,
    /// Variables that a program which installs packages needs. No key of an endpoint is among them.
    pub tools: Vec<(String, String)>,
    /// Name of the theme.
    pub theme: String,
    /// How figures are drawn.
    pub figures: Manner,
    /// Whether colours are unwanted.
    pub no_color: bool,
    /// Whether the terminal shows all colours.
    pub true_color: bool,
    /// Keys that the user changed: command, chords.
    pub keys: Vec<(String, Vec<String>)>,
    /// What a run may use.
    pub limits: Limits,
    /// Whether the longest time of a run was named on the command line, which goes before the project's own.
    pub has_timeout: bool,
    /// The highest level of the sandbox that is used, whatever the machine reaches.
    pub highest: Level,
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
    /// What code runs in.
    pub environment: Option<String>,
    /// What an environment lacks may be installed.
    pub install: bool,
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
    environment: Option<Kind>,
    editor: Option<String>,
    figures: Option<String>,
    run: run::Table,
    price: Vec<PriceTable>,
    keys: BTreeMap<String, OneOrMore>,
    endpoints: BTreeMap<String, EndpointTable>,
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
    server: Option<String>,
    free: Option<bool>,
    thinking: Option<Thinking>,
    cache_control: Option<bool>,
    count_tokens: Option<bool>,
    batches: Option<bool>,
    structured_outputs: Option<bool>,
    tools: Option<bool>,
    strict_tools: Option<bool>,
    images: Option<bool>,
    signatures: Option<bool>,
    headers: BTreeMap<String, String>,
}

/// What a model costs, in US dollars per million tokens.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceTable {
    prefix: String,
    input: f64,
    output: f64,
    read: Option<f64>,
    write_5m: Option<f64>,
    write_1h: Option<f64>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Thinking {
    ByModel,
    Enabled,
    Omit,
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

    /// One that holds these variables and no others.
    pub fn of<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
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
        let (endpoint, keys_of, others) = endpoints(given, &file, environment)?;
        let limits = file.run.limits(given.timeout)?;
        let highest = file.run.highest()?;
        let theme = given
            .theme
            .clone()
            .or_else(|| environment.get("RATIONALE_THEME").map(ToOwned::to_owned))
            .or(file.theme)
            .unwrap_or_else(|| "dark".into());
        let figures = match file.figures.as_deref() {
            None | Some("auto") => Manner::of_terminal(|name| environment.get(name)),
            Some(name) => Manner::of_name(name).ok_or_else(|| {
                let names: Vec<&str> = Manner::NAMES.iter().map(|(name, _)| *name).collect();
                Failure::input(safe!("figures"), safe!("{name} is not known"), safe!("use auto, {}", names.join(", ")))
            })?,
        };
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
            others,
            keys_of,
            prices: file.price.iter().map(PriceTable::to_facts).collect::<Result<_, _>>()?,
            is_interactive: true,
            python: given
                .python
                .clone()
                .or_else(|| environment.get("RATIONALE_PYTHON").map(PathBuf::from))
                .or(file.python),
            environment: given
                .environment
                .as_deref()
                .or_else(|| environment.get("RATIONALE_ENVIRONMENT"))
                .map(kind_of)
                .transpose()?,
            usual_environment: file.environment,
            install: given.install,
            active: active(environment),
            tools: environment.for_tools(),
            theme,
            figures,
            no_color: environment.get("NO_COLOR").is_some(),
            true_color: environment.get("COLORTERM").is_some_and(|kind| kind == "truecolor" || kind == "24bit"),
            keys: keys.collect(),
            limits,
            has_timeout: given.timeout.is_some(),
            highest,
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

    /// Every endpoint that is set up, the one to ask first.
    pub fn endpoints(&self) -> Vec<Endpoint> {
        let mut all = vec![self.endpoint.clone()];
        all.extend(self.others.iter().filter(|other| other.name != self.endpoint.name).cloned());
        all
    }

    /// The key of an endpoint; nothing where it has none.
    pub fn key_of(&self, endpoint: &str) -> Option<SecretString> {
        self.keys_of.get(endpoint).cloned()
    }

    /// Whether there is any key at all.
    pub fn has_keys(&self) -> bool {
        !self.keys_of.is_empty()
    }

    /// The level at which code runs here, or why it does not.
    pub fn allowed_level(&self, reached: &Reached) -> Result<Level, Failure> {
        match reached.level {
            Level::Standard | Level::Full | Level::Seatbelt => Ok(reached.level),
            level if self.unsandboxed => Ok(level),
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

type Endpoints = (Endpoint, HashMap<String, SecretString>, Vec<Endpoint>);

/// The endpoint to ask, every key by the name of its endpoint, and every endpoint that could be asked.
fn endpoints(given: &Given, file: &File, environment: &Environment) -> Result<Endpoints, Failure> {
    let own_address = environment.get("ANTHROPIC_BASE_URL");
    let (key, auth) = anthropic_key(environment);
    let wanted = given
        .endpoint
        .clone()
        .or_else(|| environment.get("RATIONALE_ENDPOINT").map(ToOwned::to_owned))
        .or_else(|| file.endpoint.clone());
    let name = wanted
        .unwrap_or_else(|| if own_address.is_some() || key.is_some() { "anthropic".into() } else { "offline".into() });
    let model = given.model.clone().or_else(|| environment.get("RATIONALE_MODEL").map(ToOwned::to_owned));
    let effort = given.effort.clone().or_else(|| file.effort.clone());
    if let Some(effort) = effort.as_deref().filter(|effort| !EFFORTS.contains(effort)) {
        return Err(Failure::input(
            safe!("effort"),
            safe!("{effort} is not one of {}", EFFORTS.join(", ")),
            safe!("leave it out to let the task decide"),
        ));
    }
    let mut keys = HashMap::new();
    let mut all = vec![Endpoint { effort: effort.clone(), ..Endpoint::offline() }];
    for (other, table) in &file.endpoints {
        let found = match (&table.key_env, &table.key_file) {
            (Some(variable), _) => environment.get(variable).map(|key| SecretString::from(key.trim())),
            // A key file of an endpoint that is not asked must not keep the program from starting.
            (None, Some(path)) if *other == name => Some(key_file(path)?),
            (None, Some(path)) => key_file(path).ok(),
            (None, None) => None,
        };
        keys.extend(found.map(|key| (other.clone(), key)));
        let mut endpoint = table.to_endpoint(other, effort.as_deref())?;
        if *other == name
            && let Some(model) = &model
        {
            endpoint.model.clone_from(model);
        }
        all.push(endpoint);
    }
    let address = own_address.unwrap_or(ADDRESS);
    if name == "anthropic" && key.is_none() && address == ADDRESS && !file.endpoints.contains_key("anthropic") {
        return Err(Failure::input(
            safe!("endpoint anthropic"),
            safe!("there is no key for it"),
            safe!("set ANTHROPIC_API_KEY, or choose --endpoint offline"),
        ));
    }
    let mut asked = name.clone();
    if (key.is_some() || own_address.is_some()) && !file.endpoints.contains_key("anthropic") {
        let own_model = if name == "anthropic" { model } else { None };
        let mut endpoint = at("anthropic", address, own_model.or_else(|| file.model.clone()), effort, auth, None);
        endpoint.headers = custom_headers(environment.get("ANTHROPIC_CUSTOM_HEADERS"))?;
        keys.extend(key.map(|key| (endpoint.name.clone(), key)));
        if name == "anthropic" {
            asked.clone_from(&endpoint.name);
        }
        all.push(endpoint);
    }
    match all.iter().find(|endpoint| endpoint.name == asked).cloned() {
        Some(endpoint) => Ok((endpoint, keys, all)),
        None => {
            let known: Vec<&str> =
                ["offline", "anthropic"].into_iter().chain(file.endpoints.keys().map(String::as_str)).collect();
            Err(Failure::input(
                safe!("endpoint {name}"),
                safe!("there is none of that name"),
                safe!("use one of {}, or add it to the configuration", known.join(", ")),
            ))
        }
    }
}

fn anthropic_key(environment: &Environment) -> (Option<SecretString>, AuthScheme) {
    match (environment.get("ANTHROPIC_API_KEY"), environment.get("ANTHROPIC_AUTH_TOKEN")) {
        (Some(key), _) => (Some(SecretString::from(key.trim())), AuthScheme::ApiKey),
        (None, Some(token)) => (Some(SecretString::from(token.trim())), AuthScheme::Bearer),
        (None, None) => (None, AuthScheme::ApiKey),
    }
}

/// `Name: value` lines. Those that would carry a key or change what is sent are refused.
fn custom_headers(text: Option<&str>) -> Result<Vec<(String, String)>, Failure> {
    text.unwrap_or_default().lines().filter(|line| !line.trim().is_empty()).map(custom_header).collect()
}

fn custom_header(line: &str) -> Result<(String, String), Failure> {
    let refuse = |why: &'static str| {
        Failure::input(safe!("ANTHROPIC_CUSTOM_HEADERS"), SafeText::from(why), safe!("write one “Name: value” a line"))
    };
    let (name, value) = line.split_once(':').ok_or_else(|| refuse("a line has no colon"))?;
    let name = name.trim().to_ascii_lowercase();
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !is_name || !value.is_ascii() {
        return Err(refuse("a line is no header"));
    }
    if matches!(name.as_str(), "content-type" | "content-length" | "host" | "accept-encoding") {
        return Err(refuse("a header would change how requests are sent"));
    }
    Ok((name, value.trim().to_owned()))
}

impl EndpointTable {
    fn to_endpoint(&self, name: &str, effort: Option<&str>) -> Result<Endpoint, Failure> {
        let auth = self.auth.map_or(AuthScheme::ApiKey, |auth| match auth {
            Auth::XApiKey => AuthScheme::ApiKey,
            Auth::Bearer => AuthScheme::Bearer,
        });
        let effort = effort.map(ToOwned::to_owned);
        let mut endpoint = at(name, &self.base_url, self.model.clone(), effort, auth, self.api_version.as_deref());
        let refuse = |why: SafeText, next: SafeText| Failure::input(safe!("endpoint {name}"), why, next);
        if let Some(server) = &self.server {
            let names: Vec<&str> = Server::NAMED.iter().map(|(name, _, _)| *name).collect();
            endpoint.server = Server::from_name(server).ok_or_else(|| {
                refuse(safe!("there is no kind of server called {server}"), safe!("use one of {}", names.join(", ")))
            })?;
            endpoint.flags = endpoint.server.flags();
        }
        let flags = &mut endpoint.flags;
        if let Some(thinking) = self.thinking {
            flags.thinking = match thinking {
                Thinking::ByModel => ThinkingStyle::ByModel,
                Thinking::Enabled => ThinkingStyle::Enabled,
                Thinking::Omit => ThinkingStyle::Omit,
            };
        }
        for (flag, stated) in [
            (&mut flags.cache_control, self.cache_control),
            (&mut flags.count_tokens, self.count_tokens),
            (&mut flags.batches, self.batches),
            (&mut flags.structured_outputs, self.structured_outputs),
            (&mut flags.tools, self.tools),
            (&mut flags.strict_tools, self.strict_tools),
            (&mut flags.images, self.images),
        ] {
            *flag = stated.unwrap_or(*flag);
        }
        if let Some(checked) = self.signatures {
            flags.signatures = if checked { Signatures::Checked } else { Signatures::None };
        }
        endpoint.free = self.free;
        endpoint.headers = self
            .headers
            .iter()
            .map(|(name, value)| custom_header(&format!("{name}: {value}")))
            .collect::<Result<_, _>>()?;
        Ok(endpoint)
    }
}

impl PriceTable {
    fn to_facts(&self) -> Result<ModelFacts, Failure> {
        let prices = [Some(self.input), Some(self.output), self.read, self.write_5m, self.write_1h];
        if self.prefix.is_empty() || prices.into_iter().flatten().any(|price| !price.is_finite() || price < 0.0) {
            return Err(Failure::input(
                safe!("price of {}", self.prefix),
                safe!("a price is a number of dollars per million tokens, not below zero"),
                safe!("mend the [[price]] entry of the configuration"),
            ));
        }
        let tier = Tier {
            over: 0,
            input: self.input,
            write_5m: self.write_5m.unwrap_or(self.input * 1.25),
            write_1h: self.write_1h.unwrap_or(self.input * 2.0),
            read: self.read.unwrap_or(self.input * 0.1),
            output: self.output,
        };
        Ok(ModelFacts { tiers: vec![tier], ..ModelFacts::unknown(&self.prefix) })
    }
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
    let (kind, server) = if is_anthropic {
        (EndpointKind::Anthropic, Server::Anthropic)
    } else {
        (EndpointKind::Compatible, Server::by_port(address))
    };
    Endpoint {
        name: if is_anthropic || name != "anthropic" {
            name.to_owned()
        } else {
            address.split("://").nth(1).unwrap_or(address).trim_end_matches('/').to_owned()
        },
        kind,
        server,
        flags: server.flags(),
        base_url: address.to_owned(),
        auth,
        api_version: version.unwrap_or(if is_anthropic { VERSION } else { OLD_VERSION }).to_owned(),
        model: model.unwrap_or_else(|| if is_anthropic { Models::builtin().default } else { String::new() }),
        effort,
        headers: Vec::new(),
        info: None,
        free: None,
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
