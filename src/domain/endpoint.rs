//! A server that speaks the Messages API, and what it takes. Its key is not part of it.

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
            base_url: String::new(),
            auth: AuthScheme::ApiKey,
            api_version: VERSION.into(),
            model: RULES_MODEL.into(),
            effort: None,
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
        self.kind == EndpointKind::Rules || (self.kind == EndpointKind::Compatible && is_loopback(&self.base_url))
    }

    /// The price of an answer in US dollars; unknown where it is.
    pub fn cost(&self, models: &Models, model: &str, usage: &crate::domain::turn::Usage) -> Option<f64> {
        if self.is_free() { Some(0.0) } else { models.cost(model, usage) }
    }

    /// The form in which thinking is asked for; nothing where the model does not take it.
    pub fn thinking(&self, models: &Models) -> Option<ThinkingForm> {
        match models.facts(&self.model) {
            Some(facts) => facts.thinking.first().copied(),
            // Ollama and llama.cpp turn thinking on by this form alone, and ignore it where there is none.
            None if self.kind == EndpointKind::Compatible => Some(ThinkingForm::Enabled),
            None => None,
        }
    }
}

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
