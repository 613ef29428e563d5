//! The offline analyst behind a Messages API of its own, on loopback.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures::stream;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::analyst::{self, Answer};
use crate::domain::endpoint::{Pace, RULES_MODEL};
use crate::domain::prompt::guess_tokens;

/// A running server.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    /// The base address for a client.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until it ends, which it does not by itself.
    pub async fn wait(&mut self) {
        let _ = (&mut self.task).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Starts the server on loopback; port zero takes any free one.
pub async fn start(port: u16, pace: Pace) -> Result<Server> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .with_context(|| format!("port {port} on 127.0.0.1 can't be used"))?;
    let address = listener.local_addr()?;
    let app = router(pace);
    let task = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, app).await {
            tracing::error!(%error, "the analyst's server ended");
        }
    });
    Ok(Server { address, task })
}

fn router(pace: Pace) -> Router {
    Router::new()
        .route(
            "/v1/messages",
            post(move |headers: HeaderMap, body: Bytes| async move { messages(&headers, &body, pace) }),
        )
        .route(
            "/v1/messages/count_tokens",
            post(|headers: HeaderMap, body: Bytes| async move { count_tokens(&headers, &body) }),
        )
        .route("/v1/models", get(|| async { models() }))
        .route("/v1/models/{id}", get(|Path(id): Path<String>| async move { model(&id) }))
        .fallback(|| async { error(StatusCode::NOT_FOUND, "not_found_error", "there is no such route") })
        .method_not_allowed_fallback(|| async {
            error(StatusCode::METHOD_NOT_ALLOWED, "invalid_request_error", "not with this method")
        })
        .layer(DefaultBodyLimit::max(32 << 20))
}

fn request_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("req_rules_{:08}", NEXT.fetch_add(1, Ordering::Relaxed))
}

fn with_id(mut response: Response, id: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert("request-id", value);
    }
    response
}

fn error(status: StatusCode, kind: &str, message: &str) -> Response {
    let id = request_id();
    let body = json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": id});
    with_id((status, axum::Json(body)).into_response(), &id)
}

#[expect(clippy::unnecessary_box_returns, reason = "it is the error of a result, and a response is large")]
fn bad(message: &str) -> Box<Response> {
    Box::new(error(StatusCode::BAD_REQUEST, "invalid_request_error", message))
}

/// Reads a request as strictly as the real service does, as far as the analyst needs it.
fn read(headers: &HeaderMap, body: &[u8]) -> Result<Value, Box<Response>> {
    let version = headers.get("anthropic-version").and_then(|value| value.to_str().ok());
    match version {
        Some("2023-06-01" | "2026-10-21") => {}
        Some(_) => return Err(bad("anthropic-version: unknown version")),
        None => return Err(bad("anthropic-version: header is required")),
    }
    let request: Value =
        serde_json::from_slice(body).map_err(|error| bad(&format!("the body is not JSON: {error}")))?;
    if version == Some("2026-10-21") {
        for field in ["temperature", "top_p", "top_k"] {
            if request.get(field).is_some() {
                return Err(bad(&format!("{field}: not accepted in version 2026-10-21")));
            }
        }
    }
    if !request["model"].is_string() {
        return Err(bad("model: Field required"));
    }
    let Some(messages) = request["messages"].as_array() else { return Err(bad("messages: Field required")) };
    if messages.is_empty() {
        return Err(bad("messages: at least one message is required"));
    }
    for (idx, message) in messages.iter().enumerate() {
        if !matches!(message["role"].as_str(), Some("user" | "assistant" | "system")) {
            return Err(bad(&format!("messages.{idx}.role: must be user, assistant or system")));
        }
        if !(message["content"].is_string() || message["content"].is_array()) {
            return Err(bad(&format!("messages.{idx}.content: must be text or a list of blocks")));
        }
    }
    Ok(request)
}

/// All text of a message, whatever its shape.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => blocks.iter().filter_map(|block| block["text"].as_str()).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}

fn prompt_tokens(request: &Value) -> u64 {
    let messages = request["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let tools = if request["tools"].is_array() { guess_tokens(&request["tools"].to_string()) } else { 0 };
    tools
        + guess_tokens(&text_of(&request["system"]))
        + messages.iter().map(|message| guess_tokens(&text_of(&message["content"])) + 4).sum::<u64>()
}

fn count_tokens(headers: &HeaderMap, body: &[u8]) -> Response {
    match read(headers, body) {
        Ok(request) => axum::Json(json!({"input_tokens": prompt_tokens(&request)})).into_response(),
        Err(response) => *response,
    }
}

fn model_json() -> Value {
    json!({
        "id": RULES_MODEL, "type": "model", "display_name": "Offline analyst (rules, not a language model)",
        "created_at": "2026-11-23T00:00:00Z", "line": null, "lifecycle": "active", "deprecated_at": null, "retires_at": null,
        "max_input_tokens": 1_000_000, "max_tokens": 128_000,
        "capabilities": {"batch": {"supported": false}, "image_input": {"supported": false}, "structured_outputs": {"supported": false},
            "thinking": {"supported": true, "types": {"adaptive": {"supported": true}, "enabled": {"supported": true}, "disabled": {"supported": true}, "between_tools": {"supported": false}}}}
    })
}

fn models() -> Response {
    let body = json!({"data": [model_json()], "has_more": false, "first_id": RULES_MODEL, "last_id": RULES_MODEL});
    axum::Json(body).into_response()
}

fn model(id: &str) -> Response {
    if id == RULES_MODEL {
        axum::Json(model_json()).into_response()
    } else {
        error(StatusCode::NOT_FOUND, "not_found_error", &format!("model: {id}"))
    }
}

fn messages(headers: &HeaderMap, body: &[u8], pace: Pace) -> Response {
    let request = match read(headers, body) {
        Ok(request) => request,
        Err(response) => return *response,
    };
    let Some(max_tokens) = request["max_tokens"].as_u64() else {
        return *bad("max_tokens: Field required");
    };
    let users = request["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut asked = vec![text_of(&request["system"])];
    let words: Vec<String> =
        users.iter().filter(|message| message["role"] == "user").map(|message| text_of(&message["content"])).collect();
    asked.extend(words);
    let mut answer = analyst::answer(&asked.join("\n\n"));
    if request["thinking"]["type"] == "disabled" {
        answer.thinking.clear();
    }
    let reply = Reply::new(&request, answer, max_tokens);
    let id = request_id();
    if request["stream"].as_bool() == Some(true) {
        with_id(reply.into_stream(pace), &id)
    } else {
        with_id(axum::Json(reply.whole()).into_response(), &id)
    }
}

/// An answer cut to its limit.
struct Reply {
    id: String,
    model: String,
    thinking: String,
    text: String,
    n_input: u64,
    n_output: u64,
    is_cut: bool,
}

impl Reply {
    fn new(request: &Value, answer: Answer, max_tokens: u64) -> Self {
        let limit = usize::try_from(max_tokens.saturating_mul(7) / 2).unwrap_or(usize::MAX);
        let Answer { mut thinking, mut text } = answer;
        let is_cut = thinking.len() + text.len() > limit;
        if is_cut {
            cut(&mut thinking, limit);
            let rest = limit - thinking.len();
            cut(&mut text, rest);
        }
        let n_output = guess_tokens(&thinking) + guess_tokens(&text);
        Self {
            id: format!("msg_{}", uuid::Uuid::now_v7().simple()),
            model: request["model"].as_str().unwrap_or(RULES_MODEL).to_owned(),
            thinking,
            text,
            n_input: prompt_tokens(request),
            n_output,
            is_cut,
        }
    }

    fn stop_reason(&self) -> &'static str {
        if self.is_cut { "max_tokens" } else { "end_turn" }
    }

    /// Opaque to the client, as every signature is.
    fn signature(&self) -> String {
        blake3::hash(self.thinking.as_bytes()).to_hex().to_string()
    }

    fn usage(&self, n_output: u64) -> Value {
        json!({"input_tokens": self.n_input, "output_tokens": n_output, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "service_tier": "standard"})
    }

    fn whole(&self) -> Value {
        let mut content = Vec::new();
        if !self.thinking.is_empty() {
            content.push(json!({"type": "thinking", "thinking": self.thinking, "signature": self.signature()}));
        }
        content.push(json!({"type": "text", "text": self.text}));
        json!({
            "id": self.id, "type": "message", "role": "assistant", "model": self.model, "content": content,
            "stop_reason": self.stop_reason(), "stop_sequence": null, "usage": self.usage(self.n_output),
        })
    }

    fn events(&self) -> Vec<(&'static str, Value)> {
        let mut events = vec![(
            "message_start",
            json!({"type": "message_start", "message": {"id": self.id, "type": "message", "role": "assistant", "model": self.model,
                "content": [], "stop_reason": null, "stop_sequence": null, "usage": self.usage(1)}}),
        )];
        let mut index = 0;
        if !self.thinking.is_empty() {
            events.push(("content_block_start", json!({"type": "content_block_start", "index": index, "content_block": {"type": "thinking", "thinking": "", "signature": ""}})));
            events.push(("ping", json!({"type": "ping"})));
            for piece in pieces(&self.thinking) {
                events.push(("content_block_delta", json!({"type": "content_block_delta", "index": index, "delta": {"type": "thinking_delta", "thinking": piece}})));
            }
            events.push(("content_block_delta", json!({"type": "content_block_delta", "index": index, "delta": {"type": "signature_delta", "signature": self.signature()}})));
            events.push(("content_block_stop", json!({"type": "content_block_stop", "index": index})));
            index += 1;
        }
        events.push((
            "content_block_start",
            json!({"type": "content_block_start", "index": index, "content_block": {"type": "text", "text": ""}}),
        ));
        for piece in pieces(&self.text) {
            events.push((
                "content_block_delta",
                json!({"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": piece}}),
            ));
        }
        events.push(("content_block_stop", json!({"type": "content_block_stop", "index": index})));
        let delta = json!({"stop_reason": self.stop_reason(), "stop_sequence": null});
        events.push((
            "message_delta",
            json!({"type": "message_delta", "delta": delta, "usage": self.usage(self.n_output)}),
        ));
        events.push(("message_stop", json!({"type": "message_stop"})));
        events
    }

    fn into_stream(self, pace: Pace) -> Response {
        let lines = self.events().into_iter().map(|(name, data)| format!("event: {name}\ndata: {data}\n\n"));
        let body = match pace {
            Pace::AtOnce => Body::from_stream(stream::iter(lines.map(Ok::<_, Infallible>).collect::<Vec<_>>())),
            Pace::Readable => {
                Body::from_stream(stream::unfold(lines.collect::<Vec<_>>().into_iter(), |mut lines| async move {
                    let line = lines.next()?;
                    tokio::time::sleep(Duration::from_millis(12)).await;
                    Some((Ok::<_, Infallible>(line), lines))
                }))
            }
        };
        ([(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache")], body).into_response()
    }
}

fn cut(text: &mut String, limit: usize) {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
}

/// A few words at a time.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = rest.len().min(14);
        while !rest.is_char_boundary(end) {
            end += 1;
        }
        let end = rest[end..].find([' ', '\n']).map_or(rest.len(), |more| end + more + 1);
        pieces.push(&rest[..end]);
        rest = &rest[end..];
    }
    pieces
}
