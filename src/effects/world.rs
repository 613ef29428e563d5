//! What belongs to the program rather than to a data set: configuration, models, who is asked, how well code is confined.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::config::Config;
use crate::domain::capability::ModelInfo;
use crate::domain::endpoint::{Endpoint, EndpointKind, OLD_VERSION, Server};
use crate::domain::environment::Kind;
use crate::domain::failure::Failure;
use crate::domain::price::Models;
use crate::domain::run::Reached;
use crate::effects::api::Client;
use crate::effects::api::request::Keep;
use crate::effects::sandbox::probe;
use crate::effects::serve;
use crate::safe;

/// What belongs to the program rather than to a data set.
#[derive(Debug)]
pub struct World {
    /// How the program was set up.
    pub config: Config,
    /// What models take and cost.
    pub models: Models,
    client: Client,
    server: tokio::sync::Mutex<Option<serve::Server>>,
    level: std::sync::OnceLock<Reached>,
    chosen: Mutex<Option<Endpoint>>,
    environment: Mutex<Option<Kind>>,
    listed: tokio::sync::Mutex<HashMap<String, Result<Vec<ModelInfo>, Failure>>>,
}

impl World {
    /// A world for this configuration.
    pub fn new(config: Config) -> Result<Self, Failure> {
        let client = Client::new(None)?;
        Ok(Self {
            models: Models::builtin().with(&config.prices),
            config,
            client,
            server: tokio::sync::Mutex::new(None),
            level: std::sync::OnceLock::new(),
            chosen: Mutex::new(None),
            environment: Mutex::new(None),
            listed: tokio::sync::Mutex::new(HashMap::new()),
        })
    }

    /// Asks another endpoint or model from now on.
    pub fn choose(&self, endpoint: Endpoint) {
        *self.chosen.lock().unwrap_or_else(PoisonError::into_inner) = Some(endpoint);
    }

    /// Runs code in another environment from now on, as long as this session goes on.
    pub fn choose_environment(&self, kind: Kind) {
        *self.environment.lock().unwrap_or_else(PoisonError::into_inner) = Some(kind);
    }

    /// The environment that was chosen in this session.
    pub fn chosen_environment(&self) -> Option<Kind> {
        *self.environment.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long a server should keep what comes first.
    pub fn keep(&self) -> Keep {
        if self.config.is_interactive { Keep::Hour } else { Keep::Minutes }
    }

    /// The endpoint that is asked, reachable, with what its server says of the model.
    pub async fn endpoint(&self) -> Result<Endpoint, Failure> {
        let chosen = self.chosen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut endpoint = self.reachable(chosen.unwrap_or_else(|| self.config.endpoint.clone())).await?;
        // A list that can't be had is no reason not to ask, unless it alone could name a model.
        match self.models_of(&endpoint).await {
            Ok(models) => {
                if endpoint.model.is_empty() {
                    endpoint.model = models.first().map(|info| info.id.clone()).unwrap_or_default();
                }
                let only = models.first().filter(|_| models.len() == 1 && endpoint.kind == EndpointKind::Compatible);
                endpoint.info = models.iter().find(|info| info.id == endpoint.model).or(only).cloned();
            }
            Err(failure) if endpoint.model.is_empty() => return Err(failure),
            Err(_) => {}
        }
        Ok(endpoint)
    }

    /// The endpoint with its address: the offline analyst is started where that is the one.
    pub async fn reachable(&self, mut endpoint: Endpoint) -> Result<Endpoint, Failure> {
        if endpoint.kind == EndpointKind::Rules {
            let mut server = self.server.lock().await;
            if server.is_none() {
                let started = serve::start(0, self.config.pace).await;
                *server = Some(started.map_err(|error| {
                    Failure::work(
                        safe!("the offline analyst"),
                        safe!("{error:#}"),
                        safe!("check that loopback connections are allowed"),
                    )
                })?);
            }
            endpoint.base_url = server.as_ref().map(serve::Server::base_url).unwrap_or_default();
        }
        Ok(endpoint)
    }

    /// The models that a server offers; asked once, whatever came of it.
    pub async fn models_of(&self, endpoint: &Endpoint) -> Result<Vec<ModelInfo>, Failure> {
        let mut listed = self.listed.lock().await;
        if let Some(models) = listed.get(&endpoint.name) {
            return models.clone();
        }
        let models = self.client(endpoint).models(endpoint).await;
        listed.insert(endpoint.name.clone(), models.clone());
        models
    }

    /// Forgets lists that could not be had, so that they are asked for again.
    pub async fn forget_failures(&self) {
        self.listed.lock().await.retain(|_, listed| listed.is_ok());
    }

    /// Servers that answer at the usual ports of this machine. No key is sent.
    pub async fn detect(&self) -> Vec<(Endpoint, Vec<ModelInfo>)> {
        let candidates = Server::NAMED.into_iter().filter_map(|(name, server, port)| Some((name, server, port?)));
        let looks = candidates.map(|(name, server, port)| async move {
            let endpoint = Endpoint {
                name: name.to_owned(),
                kind: EndpointKind::Compatible,
                server,
                flags: server.flags(),
                base_url: format!("http://127.0.0.1:{port}"),
                api_version: OLD_VERSION.to_owned(),
                model: String::new(),
                ..Endpoint::offline()
            };
            let asked = self.client.with_key(None);
            let listed = tokio::time::timeout(Duration::from_secs(2), asked.models(&endpoint)).await;
            listed.ok().and_then(Result::ok).filter(|models| !models.is_empty()).map(|models| (endpoint, models))
        });
        futures::future::join_all(looks).await.into_iter().flatten().collect()
    }

    /// A client with the key of that endpoint and no other.
    pub fn client(&self, endpoint: &Endpoint) -> Client {
        self.client.with_key(self.config.key_of(&endpoint.name))
    }

    /// How well generated code is confined here, up to the level that is asked for; tried once.
    pub fn sandbox(&self) -> Reached {
        self.level.get_or_init(|| probe::reached(self.config.highest)).clone()
    }
}
