//! A server that speaks the Messages API, and what it takes. Its key is not part of it.

use crate::domain::capability::ModelInfo;
use crate::domain::conversation::Signatures;
use crate::domain::price::{Models, ThinkingForm};

/// What stands behind the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointKind {
    /// The analyst built into this program.
    Rules,
    /// Anthropic.
    Anthropic,
    /// Any other server.
    Compatible,
}

impl EndpointKind {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Rules => "rules",
            Self::Anthropic => "anthropic",
            Self::Compatible => "compatible",
        }
    }
}

/// Which program answers there, as far as it matters for what it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// Anthropic's own.
    Anthropic,
    /// The analyst built into this program.
    Rules,
    /// Ollama.
    Ollama,
    /// llama.cpp's server.
    LlamaCpp,
    /// LM Studio.
    LmStudio,
    /// vLLM.
    Vllm,
    /// The `LiteLLM` proxy.
    LiteLlm,
    /// One that we do not know.
    Generic,
}

impl Server {
    /// Every server that can be named in the configuration, with the port at which it usually listens.
    pub const NAMED: [(&'static str, Self, Option<u16>); 7] = [
        ("anthropic", Self::Anthropic, None),
        ("ollama", Self::Ollama, Some(11434)),
        ("llamacpp", Self::LlamaCpp, Some(8080)),
        ("lmstudio", Self::LmStudio, Some(1234)),
        ("vllm", Self::Vllm, Some(8000)),
        ("litellm", Self::LiteLlm, Some(4000)),
        ("generic", Self::Generic, None),
    ];

    /// The server of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|(known, _, _)| *known == name).map(|(_, server, _)| server)
    }

    /// The server that usually listens at the port of an address on this machine; a guess that the configuration overrules.
    pub fn by_port(address: &str) -> Self {
        let port =
            address.rsplit(':').next().and_then(|rest| rest.split('/').next()).and_then(|port| port.parse().ok());
        Self::NAMED
            .into_iter()
            .find(|(_, _, usual)| port.is_some() && *usual == port && is_loopback(address))
            .map_or(Self::Generic, |(_, server, _)| server)
    }

    /// What it takes, unless the configuration says otherwise.
    ///
    /// Read from the servers' own sources and answers; `docs/configuration.md` lists them.
    pub fn flags(self) -> Flags {
        let local = Flags {
            thinking: ThinkingStyle::Enabled,
            cache_control: false,
            count_tokens: false,
            batches: false,
            structured_outputs: false,
            strict_tools: false,
            eager_tools: false,
            tools: true,
            images: false,
            signatures: Signatures::None,
            diagnostics: false,
        };
        match self {
            Self::Anthropic | Self::Rules => Flags {
                thinking: ThinkingStyle::ByModel,
                cache_control: true,
                count_tokens: true,
                batches: true,
                structured_outputs: true,
                strict_tools: true,
                eager_tools: true,
                tools: true,
                images: true,
                signatures: Signatures::Checked,
                diagnostics: true,
            },
            Self::Ollama => Flags { images: true, ..local },
            Self::LlamaCpp => Flags { count_tokens: true, images: true, ..local },
            Self::LmStudio => local,
            Self::Vllm => Flags {
                thinking: ThinkingStyle::Omit,
                count_tokens: true,
                structured_outputs: true,
                images: true,
                ..local
            },
            Self::LiteLlm => Flags {
                thinking: ThinkingStyle::ByModel,
                cache_control: true,
                count_tokens: true,
                images: true,
                ..local
            },
            Self::Generic => Flags { count_tokens: true, ..local },
        }
    }
}

/// How a server is told to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThinkingStyle {
    /// As the model takes it.
    ByModel,
    /// With a budget of tokens.
    Enabled,
    /// Not at all: the server decides.
    Omit,
}

/// What a server takes.
#[expect(clippy::struct_excessive_bools, reason = "each is a capability of its own")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags {
    /// How it is told to think.
    pub thinking: ThinkingStyle,
    /// It keeps what is marked.
    pub cache_control: bool,
    /// It counts tokens.
    pub count_tokens: bool,
    /// It works in batches.
    pub batches: bool,
    /// It can be held to a schema.
    pub structured_outputs: bool,
    /// It holds tools to their schema.
    pub strict_tools: bool,
    /// It sends the input of a tool while it is written.
    pub eager_tools: bool,
    /// It calls tools.
    pub tools: bool,
    /// It sees images.
    pub images: bool,
    /// What it does with thinking that comes back.
    pub signatures: Signatures,
    /// It says why its cache did not serve.
    pub diagnostics: bool,
}

/// How the key is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthScheme {
    /// `x-api-key`
    ApiKey,
    /// `authorization: Bearer`
    Bearer,
}

/// How fast the analyst speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// As fast as it can.
    AtOnce,
    /// So that a person can read along.
    Readable,
}

/// The id under which the offline analyst answers.
pub const RULES_MODEL: &str = "rationale-rules-1";

/// A server that speaks the Messages API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its name in the configuration.
    pub name: String,
    /// What stands behind it.
    pub kind: EndpointKind,
    /// Which program answers there.
    pub server: Server,
    /// What it takes.
    pub flags: Flags,
    /// Its address without `/v1`. Empty for the built-in analyst until it has been started.
    pub base_url: String,
    /// How the key is sent.
    pub auth: AuthScheme,
    /// The version header.
    pub api_version: String,
    /// The model; empty for *whatever the server has*.
    pub model: String,
    /// How hard to think, where the user says so.
    pub effort: Option<String>,
    /// Further headers of every request.
    pub headers: Vec<(String, String)>,
    /// What the server says of the model.
    pub info: Option<ModelInfo>,
    /// Whether asking it costs nothing, where the user says so.
    pub free: Option<bool>,
}

/// The version header of today.
pub const VERSION: &str = "2026-10-21";
/// The version header that every compatible server knows.
pub const OLD_VERSION: &str = "2023-06-01";

impl Endpoint {
    /// The built-in analyst.
    pub fn offline() -> Self {
        Self {
            name: "offline".into(),
            kind: EndpointKind::Rules,
            server: Server::Rules,
            flags: Server::Rules.flags(),
            base_url: String::new(),
            auth: AuthScheme::ApiKey,
            api_version: VERSION.into(),
            model: RULES_MODEL.into(),
            effort: None,
            headers: Vec::new(),
            info: None,
            free: None,
        }
    }

    /// What it is called on the screen, so that rules are never taken for a model.
    pub fn label(&self) -> String {
        match self.kind {
            EndpointKind::Rules => "offline analyst · rules, not a model".to_owned(),
            EndpointKind::Anthropic => self.model.clone(),
            EndpointKind::Compatible if self.model.is_empty() => self.name.clone(),
            EndpointKind::Compatible => format!("{} · {}", self.model, self.name),
        }
    }

    /// As [`Endpoint::label`], for a narrow screen.
    pub fn short_label(&self) -> String {
        match self.kind {
            EndpointKind::Rules => "rules, not a model".to_owned(),
            EndpointKind::Anthropic | EndpointKind::Compatible => {
                if self.model.is_empty() {
                    self.name.clone()
                } else {
                    self.model.clone()
                }
            }
        }
    }

    /// Whether using it costs nothing, as far as that can be known: our own rules, or a server on this machine.
    pub fn is_free(&self) -> bool {
        let looks_free =
            self.kind == EndpointKind::Rules || (self.kind == EndpointKind::Compatible && is_loopback(&self.base_url));
        self.free.unwrap_or(looks_free)
    }

    /// The price of an answer in US dollars; unknown where it is.
    pub fn cost(&self, models: &Models, model: &str, usage: &crate::domain::turn::Usage) -> Option<f64> {
        if self.is_free() { Some(0.0) } else { models.cost(model, usage) }
    }

    /// What using a cache saved in US dollars; unknown where the price is.
    pub fn saved(&self, models: &Models, model: &str, usage: &crate::domain::turn::Usage) -> Option<f64> {
        if self.is_free() { Some(0.0) } else { models.saved(model, usage) }
    }

    /// The form in which thinking is asked for; nothing where it is left to the server.
    ///
    /// What the server's own list says goes before what we know of the model.
    pub fn thinking(&self, models: &Models) -> Option<ThinkingForm> {
        const PREFERRED: [ThinkingForm; 3] =
            [ThinkingForm::Adaptive, ThinkingForm::Enabled, ThinkingForm::BetweenTools];
        match self.flags.thinking {
            ThinkingStyle::Omit => None,
            ThinkingStyle::Enabled => Some(ThinkingForm::Enabled),
            ThinkingStyle::ByModel => match self.info.as_ref().and_then(|info| info.thinking.as_ref()) {
                Some(forms) => PREFERRED.into_iter().find(|form| forms.contains(form)),
                None => models.facts(&self.model)?.thinking.first().copied(),
            },
        }
    }

    /// The form in which the model is kept from thinking, or from thinking much; nothing where there is none.
    pub fn no_thinking(&self, models: &Models) -> Option<ThinkingForm> {
        const PREFERRED: [ThinkingForm; 3] =
            [ThinkingForm::Disabled, ThinkingForm::BetweenTools, ThinkingForm::Adaptive];
        if self.flags.thinking == ThinkingStyle::Omit {
            return None;
        }
        let listed = self.info.as_ref().and_then(|info| info.thinking.clone());
        let forms = listed.or_else(|| models.facts(&self.model).map(|facts| facts.thinking.clone()))?;
        PREFERRED.into_iter().find(|form| forms.contains(form))
    }

    /// The effort that is asked for; nothing where the model takes none.
    pub fn effort(&self, models: &Models, wanted: &str) -> Option<String> {
        let wanted = self.effort.as_deref().unwrap_or(wanted);
        match self.info.as_ref().and_then(|info| info.effort.as_ref()) {
            Some(levels) if levels.iter().any(|level| level == wanted) => Some(wanted.to_owned()),
            // The nearest below; what a server lists is in ascending order of ours.
            Some(levels) => {
                let rank = |level: &str| EFFORTS.iter().position(|known| *known == level).unwrap_or(0);
                levels.iter().filter(|level| rank(level) <= rank(wanted)).max_by_key(|level| rank(level)).cloned()
            }
            None => models.facts(&self.model).filter(|facts| facts.effort.is_some()).map(|_| wanted.to_owned()),
        }
    }

    /// The context window in tokens, as far as it is known.
    pub fn context(&self, models: &Models) -> Option<u64> {
        self.info
            .as_ref()
            .and_then(|info| info.context)
            .or_else(|| models.facts(&self.model).map(|facts| facts.context))
    }

    /// Whether the model sees images.
    pub fn sees_images(&self) -> bool {
        self.flags.images && self.info.as_ref().and_then(|info| info.images).unwrap_or(true)
    }
}

/// Levels of effort, the least first.
pub const EFFORTS: [&str; 5] = ["low", "medium", "high", "xhigh", "max"];

/// Whether an address is on this machine.
pub fn is_loopback(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = if host.starts_with('[') {
        host.split(']').next().unwrap_or_default().trim_start_matches('[')
    } else {
        host.split(':').next().unwrap_or_default()
    };
    host == "localhost"
        || host == "::1"
        || host.parse::<core::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_told_from_what_looks_like_it() {
        for url in ["http://127.0.0.1:18080", "http://localhost", "http://[::1]:80/v1", "http://127.1.2.3/"] {
            assert!(is_loopback(url), "{url}");
        }
        for url in ["http://127.0.0.1.evil.com", "https://localhost.example", "http://127.0.0.1@evil.com", "127.0.0.1"]
        {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
