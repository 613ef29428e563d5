//! The client of the Messages API: one request, one stream, one answer – or one sentence on why not.

pub mod accumulate;
pub mod batches;
pub mod error;
pub mod models;
pub mod request;
pub mod rounds;
pub mod sse;

use std::time::Duration;

use futures::StreamExt;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::domain::capability::ModelInfo;
use crate::domain::endpoint::{self, AuthScheme, Endpoint, EndpointKind};
use crate::domain::failure::Failure;
use crate::domain::limits::RateLimits;
use crate::domain::turn::{StopReason, StreamEvent, Turn};
use crate::effects::api::accumulate::Accumulator;
use crate::effects::api::error::ApiError;
use crate::effects::api::sse::Decoder;
use crate::effects::recording::Recorder;
use crate::safe;
use crate::text::SafeText;

/// What happens between the question and the answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Update {
    /// The request is on its way, or will be tried again.
    Waiting {
        /// Which attempt, from one.
        attempt: u32,
        /// How long until then.
        wait: Duration,
        /// Why, for any but the first.
        why: SafeText,
    },
    /// The server accepted the request.
    Connected,
    /// How much may still be asked.
    Limits(RateLimits),
    /// Something arrived.
    Event(StreamEvent),
    /// Something that the person should know.
    Note(SafeText),
}

/// A client. Its connections are kept between requests.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    key: Option<SecretString>,
}

/// A request on its way.
#[derive(Clone, Copy, Debug)]
pub struct Sending<'a> {
    /// To whom.
    pub endpoint: &'a Endpoint,
    /// The body.
    pub body: &'a str,
    /// The number of the first block that comes.
    pub first_block: usize,
}

/// An answer, and why it is not whole where it is not.
#[derive(Debug)]
pub struct Answered {
    /// What came.
    pub turn: Turn,
    /// What ended the stream, where the server did not end it properly.
    pub broken: Option<SafeText>,
    /// The number that the next block would have.
    pub next_block: usize,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq)]
pub struct NoAnswer {
    /// In a sentence.
    pub failure: Failure,
    /// Whether thinking that was sent back does not belong to what stands before it: without it the same request may pass.
    pub refuses_thinking: bool,
}

impl From<Failure> for NoAnswer {
    fn from(failure: Failure) -> Self {
        Self { failure, refuses_thinking: false }
    }
}

impl NoAnswer {
    fn from_error(error: ApiError, endpoint: &Endpoint) -> Self {
        let refuses_thinking = error.refuses_thinking();
        Self { failure: error.into_failure(endpoint), refuses_thinking }
    }
}

fn whole(accumulator: Accumulator) -> Answered {
    Answered { next_block: accumulator.next_number(), turn: accumulator.finish(None), broken: None }
}

fn limits_of(headers: &HeaderMap) -> Option<RateLimits> {
    RateLimits::from_headers(|name| headers.get(name).and_then(|value| value.to_str().ok()))
}

/// A number from zero up to one that differs from time to time, so that clients do not come back together.
fn jitter() -> f64 {
    f64::from(u16::from_le_bytes([uuid::Uuid::now_v7().as_bytes()[14], uuid::Uuid::now_v7().as_bytes()[15]])) / 65_536.0
}

const ATTEMPTS: u32 = 3;
/// Most bytes of one answer.
const MAX_BYTES: u64 = 256_000_000;

/// Puts the one provider of cryptography in place. A second installation of the same is no error.
pub fn provide() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

impl Client {
    /// A client that sends `key` to the endpoint it is asked for, and nowhere else.
    pub fn new(key: Option<SecretString>) -> Result<Self, Failure> {
        provide();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .tcp_keepalive(Duration::from_secs(30))
            .user_agent(concat!("rationale/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| {
                Failure::work(safe!("the network"), safe!("{error}"), safe!("check the certificates of this machine"))
            })?;
        Ok(Self { http, key })
    }

    /// The same client with another key.
    #[must_use]
    pub fn with_key(&self, key: Option<SecretString>) -> Self {
        Self { http: self.http.clone(), key }
    }

    fn headers(&self, endpoint: &Endpoint) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in &endpoint.headers {
            if let (Ok(name), Ok(mut value)) = (HeaderName::try_from(name.as_str()), HeaderValue::from_str(value)) {
                value.set_sensitive(true);
                headers.insert(name, value);
            }
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if let Ok(version) = HeaderValue::from_str(&endpoint.api_version) {
            headers.insert(HeaderName::from_static("anthropic-version"), version);
        }
        if let Some(key) = &self.key {
            let (name, text) = match endpoint.auth {
                AuthScheme::ApiKey => ("x-api-key", key.expose_secret().to_owned()),
                AuthScheme::Bearer => ("authorization", format!("Bearer {}", key.expose_secret())),
            };
            if let Ok(mut value) = HeaderValue::from_str(&text) {
                value.set_sensitive(true);
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        headers
    }

    /// Refuses an address to which a key or data must not be sent.
    fn check_address(endpoint: &Endpoint) -> Result<String, Failure> {
        let base = endpoint.base_url.trim_end_matches('/');
        let base = base.strip_suffix("/v1").unwrap_or(base);
        if base.starts_with("https://") || endpoint::is_loopback(base) {
            return Ok(base.to_owned());
        }
        Err(Failure::input(
            safe!("endpoint {}", endpoint.name),
            safe!("{base} is neither https nor on this machine"),
            safe!("use an https address"),
        ))
    }

    /// Asks, and follows the answer to its end, to its breaking off, or until `cancel`.
    ///
    /// Retries only before the first byte of an answer. Fails where no answer
    /// began.
    pub async fn stream(
        &self,
        Sending { endpoint, body, first_block }: Sending<'_>,
        recorder: &mut Recorder,
        updates: &mpsc::Sender<Update>,
        cancel: &CancellationToken,
    ) -> Result<Answered, NoAnswer> {
        let url = format!("{}/v1/messages", Self::check_address(endpoint)?);
        let mut attempt = 1;
        let response = loop {
            let sent = self.http.post(&url).headers(self.headers(endpoint)).body(body.to_owned()).send();
            let first_byte = if endpoint.kind == EndpointKind::Compatible { 900 } else { 90 };
            let outcome = tokio::select! {
                () = cancel.cancelled() => return Ok(self.interrupted(Accumulator::numbered_from(first_block), "you stopped it before an answer began")),
                outcome = tokio::time::timeout(Duration::from_secs(first_byte), sent) => outcome,
            };
            if let Ok(Ok(response)) = &outcome
                && let Some(limits) = limits_of(response.headers())
            {
                let _ = updates.send(Update::Limits(limits)).await;
            }
            let error = match outcome {
                Ok(Ok(response)) if response.status().is_success() => break response,
                Ok(Ok(response)) => self.refused(response).await,
                Ok(Err(error)) => ApiError::connection(&error, endpoint),
                Err(_) => ApiError::silent(first_byte, endpoint),
            };
            if attempt >= ATTEMPTS || !error.may_retry() {
                return Err(NoAnswer::from_error(error, endpoint));
            }
            let wait = error.wait(attempt, jitter());
            let _ = updates.send(Update::Waiting { attempt: attempt + 1, wait, why: error.summary() }).await;
            tokio::select! {
                () = cancel.cancelled() => {
                    return Ok(self.interrupted(Accumulator::numbered_from(first_block), "you stopped it before an answer began"));
                }
                () = tokio::time::sleep(wait) => {}
            }
            attempt += 1;
        };
        let _ = updates.send(Update::Connected).await;
        let is_stream = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .is_some_and(|kind| kind.contains("event-stream"));
        if is_stream {
            Ok(self.follow(response, first_block, recorder, updates, cancel).await)
        } else {
            self.read_whole(response, endpoint, first_block, recorder, updates).await
        }
    }

    async fn follow(
        &self,
        response: reqwest::Response,
        first_block: usize,
        recorder: &mut Recorder,
        updates: &mpsc::Sender<Update>,
        cancel: &CancellationToken,
    ) -> Answered {
        let mut bytes = response.bytes_stream();
        let mut decoder = Decoder::default();
        let mut accumulator = Accumulator::numbered_from(first_block);
        let mut n_bytes = 0u64;
        let idle = Duration::from_mins(3);
        loop {
            let next = tokio::select! {
                () = cancel.cancelled() => return self.interrupted(accumulator, "you stopped it"),
                next = tokio::time::timeout(idle, bytes.next()) => next,
            };
            let piece = match next {
                Ok(Some(Ok(piece))) => piece,
                Ok(Some(Err(error))) => {
                    return self
                        .interrupted(accumulator, &format!("the connection broke off: {}", error.without_url()));
                }
                Ok(None) => break,
                Err(_) => return self.interrupted(accumulator, "nothing arrived for three minutes"),
            };
            n_bytes += piece.len() as u64;
            recorder.record(&piece);
            let mut events = Vec::new();
            let decoded = decoder.push(&piece, &mut |frame| accumulator.take(frame, &mut events));
            for event in events {
                let _ = updates.send(Update::Event(event)).await;
            }
            if let Err(why) = decoded {
                return self.interrupted(accumulator, why);
            }
            if let Some(error) = accumulator.error() {
                let why = self.redact(error);
                return self.interrupted(accumulator, &why);
            }
            if n_bytes > MAX_BYTES {
                return self.interrupted(accumulator, "the answer is larger than any answer should be");
            }
            if accumulator.is_complete() {
                break;
            }
        }
        if accumulator.is_complete() {
            return whole(accumulator);
        }
        self.interrupted(accumulator, "the stream ended before the answer did")
    }

    /// Some servers answer a request for a stream with the whole message at once.
    async fn read_whole(
        &self,
        response: reqwest::Response,
        endpoint: &Endpoint,
        first_block: usize,
        recorder: &mut Recorder,
        updates: &mpsc::Sender<Update>,
    ) -> Result<Answered, NoAnswer> {
        let status = response.status().as_u16();
        let body = response.bytes().await.unwrap_or_default();
        recorder.record(&body);
        let mut events = Vec::new();
        let mut accumulator = Accumulator::numbered_from(first_block);
        if accumulator.take_whole(&body, &mut events) {
            for event in events {
                let _ = updates.send(Update::Event(event)).await;
            }
            return Ok(whole(accumulator));
        }
        let error = ApiError::from_body(status, &HeaderMap::new(), &self.redact(&String::from_utf8_lossy(&body)));
        Err(NoAnswer::from_error(error, endpoint))
    }

    fn interrupted(&self, accumulator: Accumulator, why: &str) -> Answered {
        Answered {
            next_block: accumulator.next_number(),
            turn: accumulator.finish(Some(StopReason::Interrupted)),
            broken: Some(safe!("{}", self.redact(why))),
        }
    }

    async fn refused(&self, response: reqwest::Response) -> ApiError {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let mut body = Vec::new();
        let mut bytes = response.bytes_stream();
        while let Ok(Some(Ok(piece))) = tokio::time::timeout(Duration::from_secs(5), bytes.next()).await {
            body.extend_from_slice(&piece);
            if body.len() > 64 * 1024 {
                break;
            }
        }
        ApiError::from_body(status, &headers, &self.redact(&String::from_utf8_lossy(&body)))
    }

    /// Takes the key out of a text, should a server repeat it.
    fn redact(&self, text: &str) -> String {
        match &self.key {
            Some(key) if key.expose_secret().len() >= 8 => text.replace(key.expose_secret(), "[key]"),
            _ => text.to_owned(),
        }
    }

    /// The server's list of models, all pages of it.
    pub async fn models(&self, endpoint: &Endpoint) -> Result<Vec<ModelInfo>, Failure> {
        let base = Self::check_address(endpoint)?;
        let mut all = Vec::new();
        let mut after = String::new();
        // A server that never ends is left after some thousand models.
        for _ in 0..20 {
            let answer = self.get(endpoint, &format!("{base}/v1/models{after}")).await?;
            all.extend(models::list(&answer));
            match models::next_page(&answer) {
                Some(last) => after = format!("?after_id={last}"),
                None => break,
            }
        }
        Ok(all)
    }

    /// How many tokens a request takes, by the server's own count; nothing where it does not count.
    pub async fn count_tokens(&self, endpoint: &Endpoint, body: &str) -> Option<u64> {
        if !endpoint.flags.count_tokens {
            return None;
        }
        let url = format!("{}/v1/messages/count_tokens", Self::check_address(endpoint).ok()?);
        let mut fields: serde_json::Map<String, Value> = serde_json::from_str(body).ok()?;
        fields.retain(|name, _| {
            matches!(
                name.as_str(),
                "model" | "system" | "messages" | "tools" | "tool_choice" | "thinking" | "output_config"
            )
        });
        let sent = self
            .http
            .post(url)
            .headers(self.headers(endpoint))
            .timeout(Duration::from_secs(20))
            .body(Value::Object(fields).to_string())
            .send();
        let response = sent.await.ok().filter(|response| response.status().is_success())?;
        let answer: Value = response.json().await.ok()?;
        answer["input_tokens"].as_u64()
    }

    async fn get(&self, endpoint: &Endpoint, url: &str) -> Result<Value, Failure> {
        let sent = self.http.get(url).headers(self.headers(endpoint)).timeout(Duration::from_secs(15)).send().await;
        let response = sent.map_err(|error| ApiError::connection(&error, endpoint).into_failure(endpoint))?;
        if !response.status().is_success() {
            return Err(self.refused(response).await.into_failure(endpoint));
        }
        response.json().await.map_err(|_| {
            Failure::work(
                safe!("endpoint {}", endpoint.name),
                safe!("its answer is not JSON"),
                safe!("check the address of the endpoint"),
            )
        })
    }
}
