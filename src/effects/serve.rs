//! The offline analyst behind a Messages API of its own, on loopback.

pub mod batches;
pub mod cache;
pub mod check;
pub mod faults;
pub mod reply;
pub mod sign;

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures::stream;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::domain::endpoint::{Pace, RULES_MODEL};
use crate::effects::serve::batches::Batches;
use crate::effects::serve::cache::{Cache, Used};
use crate::effects::serve::check::{Refusal, bad};
use crate::effects::serve::faults::{Fault, Plan};
use crate::effects::serve::reply::Reply;

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

/// How a server behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// How fast it speaks.
    pub pace: Pace,
    /// What goes wrong.
    pub faults: Plan,
}

/// What its requests share.
#[derive(Debug)]
struct Desk {
    pace: Pace,
    base: String,
    faults: Mutex<Plan>,
    cache: Mutex<Cache>,
    batches: Batches,
}

/// Starts the server on loopback; port zero takes any free one.
pub async fn start(port: u16, pace: Pace) -> Result<Server> {
    start_with(port, Options { pace, faults: Plan::default() }).await
}

/// As [`start`], with a plan of faults.
pub async fn start_with(port: u16, options: Options) -> Result<Server> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .with_context(|| format!("port {port} on 127.0.0.1 can't be used"))?;
    let address = listener.local_addr()?;
    let desk = Desk {
        pace: options.pace,
        base: format!("http://{address}"),
        faults: Mutex::new(options.faults),
        cache: Mutex::default(),
        batches: Batches::default(),
    };
    let app = router(Arc::new(desk));
    let task = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, app).await {
            tracing::error!(%error, "the analyst's server ended");
        }
    });
    Ok(Server { address, task })
}

type Shared = State<Arc<Desk>>;

fn router(desk: Arc<Desk>) -> Router {
    let batches = Router::new()
        .route(
            "/v1/messages/batches",
            post(|State(desk): Shared, headers: HeaderMap, body: Bytes| async move {
                desk.batches.create(&headers, &body, &desk.base)
            })
            .get(|State(desk): Shared, RawQuery(query): RawQuery| async move {
                desk.batches.list(query.as_deref().unwrap_or_default(), &desk.base)
            }),
        )
        .route(
            "/v1/messages/batches/{id}",
            get(|State(desk): Shared, Path(id): Path<String>| async move { desk.batches.retrieve(&id, &desk.base) })
                .delete(|State(desk): Shared, Path(id): Path<String>| async move { desk.batches.delete(&id) }),
        )
        .route(
            "/v1/messages/batches/{id}/cancel",
            post(|State(desk): Shared, Path(id): Path<String>| async move { desk.batches.cancel(&id, &desk.base) }),
        )
        .route(
            "/v1/messages/batches/{id}/results",
            get(|State(desk): Shared, Path(id): Path<String>| async move { desk.batches.results(&id) }),
        )
        .layer(DefaultBodyLimit::max(256 << 20));
    Router::new()
        .route("/v1/messages", post(messages))
        .route("/v1/messages/count_tokens", post(count_tokens))
        .route(
            "/v1/models",
            get(|RawQuery(query): RawQuery| async move { models(query.as_deref().unwrap_or_default()) }),
        )
        .route("/v1/models/{id}", get(|Path(id): Path<String>| async move { model(&id) }))
        .layer(DefaultBodyLimit::max(32 << 20))
        .merge(batches)
        .fallback(|| async {
            error(&Refusal {
                status: StatusCode::NOT_FOUND,
                kind: "not_found_error",
                message: "there is no such route".into(),
            })
        })
        .method_not_allowed_fallback(|| async {
            error(&Refusal {
                status: StatusCode::METHOD_NOT_ALLOWED,
                kind: "invalid_request_error",
                message: "not with this method".into(),
            })
        })
        .layer(axum::middleware::map_response(with_headers))
        .with_state(desk)
}

fn request_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("req_rules_{:08}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// What every answer carries: its name, and how much may still be asked – which here is always all of it.
async fn with_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    if !headers.contains_key("request-id")
        && let Ok(id) = HeaderValue::from_str(&request_id())
    {
        headers.insert("request-id", id);
    }
    let reset = HeaderValue::from_str(&jiff::Timestamp::now().to_string()).ok();
    for (what, limit) in [("requests", "1000"), ("input-tokens", "2000000"), ("output-tokens", "400000")] {
        for (part, value) in
            [("limit", HeaderValue::from_static(limit)), ("remaining", HeaderValue::from_static(limit))]
        {
            if let Ok(name) = HeaderName::try_from(format!("anthropic-ratelimit-{what}-{part}")) {
                headers.entry(name).or_insert(value);
            }
        }
        if let (Ok(name), Some(reset)) =
            (HeaderName::try_from(format!("anthropic-ratelimit-{what}-reset")), reset.clone())
        {
            headers.entry(name).or_insert(reset);
        }
    }
    response
}

fn error(refusal: &Refusal) -> Response {
    let id = request_id();
    let body = json!({"type": "error", "error": {"type": refusal.kind, "message": refusal.message}, "request_id": id});
    (refusal.status, [("request-id", id)], axum::Json(body)).into_response()
}

fn read(headers: &HeaderMap, body: std::result::Result<Bytes, BytesRejection>) -> std::result::Result<Value, Refusal> {
    let body = body.map_err(|_| Refusal {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        kind: "request_too_large",
        message: "Request exceeds the maximum size of 32 MB".into(),
    })?;
    let version = check::version(headers)?;
    let request: Value =
        serde_json::from_slice(&body).map_err(|error| bad(format!("the body is not JSON: {error}")))?;
    check::request(&request, version)?;
    Ok(request)
}

async fn count_tokens(headers: HeaderMap, body: std::result::Result<Bytes, BytesRejection>) -> Response {
    match read(&headers, body) {
        Ok(request) => axum::Json(json!({"input_tokens": cache::count(&request)})).into_response(),
        Err(refusal) => error(&refusal),
    }
}

async fn messages(
    State(desk): Shared,
    headers: HeaderMap,
    body: std::result::Result<Bytes, BytesRejection>,
) -> Response {
    let fault = desk.faults.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(response) = faults::instead(&fault).await {
        return response;
    }
    let checked = read(&headers, body).and_then(|request| check::answer(&request).map(|()| request));
    let request = match checked {
        Ok(request) => request,
        Err(refusal) => return error(&refusal),
    };
    let (reply, used) = {
        let mut cache = desk.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let used: Used = cache.take(&request, tokio::time::Instant::now());
        let reply = Reply::new(&request, used, "standard");
        let diagnostics = cache.diagnose(&request, &reply.id, used);
        (reply.with_diagnostics(diagnostics), used)
    };
    tracing::debug!(?used, "answered");
    if request["stream"].as_bool() == Some(true) {
        into_stream(&reply, &fault, desk.pace)
    } else {
        axum::Json(reply.whole()).into_response()
    }
}

fn into_stream(reply: &Reply, fault: &Fault, pace: Pace) -> Response {
    let events = reply.events();
    let body = match (fault, pace) {
        (Fault::None | Fault::Delay(_), Pace::AtOnce) => {
            Body::from_stream(stream::iter(events.into_iter().map(Ok::<_, Infallible>)))
        }
        (Fault::None | Fault::Delay(_), Pace::Readable) => {
            Body::from_stream(stream::unfold(events.into_iter(), |mut events| async move {
                let event = events.next()?;
                tokio::time::sleep(Duration::from_millis(12)).await;
                Some((Ok::<_, Infallible>(event), events))
            }))
        }
        (fault, _) => faults::body(fault, events),
    };
    ([(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache")], body).into_response()
}

fn model_json() -> Value {
    let yes = json!({"supported": true});
    json!({
        "id": RULES_MODEL, "type": "model", "display_name": "Offline analyst (rules, not a language model)",
        "created_at": "2026-11-23T00:00:00Z", "line": null, "lifecycle": "active", "deprecated_at": null, "retires_at": null,
        "max_input_tokens": 1_000_000, "max_tokens": 128_000,
        "capabilities": {
            "batch": yes, "image_input": {"supported": false}, "pdf_input": {"supported": false}, "structured_outputs": yes,
            "effort": {"supported": true, "low": yes, "medium": yes, "high": yes, "xhigh": yes, "max": yes},
            "thinking": {"supported": true, "types": {"adaptive": yes, "enabled": yes, "disabled": yes, "between_tools": yes}},
        },
    })
}

fn models(query: &str) -> Response {
    // There is one; whoever asks for those behind it gets none.
    let is_behind = query.split('&').any(|pair| pair.starts_with("after_id="));
    let data = if is_behind { Vec::new() } else { vec![model_json()] };
    let id = (!is_behind).then_some(RULES_MODEL);
    axum::Json(json!({"data": data, "has_more": false, "first_id": id, "last_id": id})).into_response()
}

fn model(id: &str) -> Response {
    if id == RULES_MODEL {
        return axum::Json(model_json()).into_response();
    }
    error(&Refusal { status: StatusCode::NOT_FOUND, kind: "not_found_error", message: format!("model: {id}") })
}
