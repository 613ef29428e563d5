//! The offline analyst behind a Messages API of its own, on loopback.

pub mod batches;
pub mod cache;
pub mod check;
pub mod faults;
pub mod limits;
pub mod pages;
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
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::domain::endpoint::{Pace, RULES_MODEL};
use crate::effects::serve::batches::Batches;
use crate::effects::serve::cache::{Cache, Used};
use crate::effects::serve::check::{Refusal, bad};
use crate::effects::serve::faults::{Fault, Plan};
use crate::effects::serve::limits::Limits;
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
    /// How long a batch is in progress at least.
    pub batch_takes: Duration,
}

impl Options {
    /// At this pace, without faults.
    pub fn new(pace: Pace) -> Self {
        Self { pace, faults: Plan::default(), batch_takes: Duration::from_millis(150) }
    }
}

/// What its requests share.
#[derive(Debug)]
struct Desk {
    pace: Pace,
    base: String,
    faults: Mutex<Plan>,
    cache: Mutex<Cache>,
    limits: Limits,
    batches: Batches,
}

/// Starts the server on loopback; port zero takes any free one.
pub async fn start(port: u16, pace: Pace) -> Result<Server> {
    start_with(port, Options::new(pace)).await
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
        limits: Limits::default(),
        batches: Batches::new(options.batch_takes),
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
            post(|State(desk): Shared, headers: HeaderMap, body: Body| async move {
                match whole(body, 256).await {
                    Ok(body) => desk.batches.create(&headers, &body, &desk.base),
                    Err(refusal) => error(&refusal),
                }
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
        );
    Router::new()
        .route("/v1/messages", post(messages))
        .route("/v1/messages/count_tokens", post(count_tokens))
        .route(
            "/v1/models",
            get(|RawQuery(query): RawQuery| async move { models(query.as_deref().unwrap_or_default()) }),
        )
        .route("/v1/models/{id}", get(|Path(id): Path<String>| async move { model(&id) }))
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
        .layer(axum::middleware::map_response_with_state(Arc::clone(&desk), with_headers))
        .with_state(desk)
}

fn request_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("req_rules_{:08}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// What every answer carries: its name, and how much may still be asked.
async fn with_headers(State(desk): Shared, mut response: Response) -> Response {
    let headers = response.headers_mut();
    if !headers.contains_key("request-id")
        && let Ok(id) = HeaderValue::from_str(&request_id())
    {
        headers.insert("request-id", id);
    }
    desk.limits.tell(headers, Instant::now());
    response
}

fn error(refusal: &Refusal) -> Response {
    let id = request_id();
    let body = json!({"type": "error", "error": {"type": refusal.kind, "message": refusal.message}, "request_id": id});
    (refusal.status, [("request-id", id)], axum::Json(body)).into_response()
}

/// A body of at most so many megabytes. What is too long is still read to its end and dropped (up to eight times the
/// limit), because a client that is told off while it sends sees a broken connection instead of the answer.
async fn whole(body: Body, megabytes: usize) -> std::result::Result<Bytes, Refusal> {
    let most = megabytes << 20;
    let mut chunks = body.into_data_stream();
    let (mut kept, mut length) = (Vec::new(), 0_usize);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| bad("the body broke off"))?;
        length = length.saturating_add(chunk.len());
        if length <= most {
            kept.extend_from_slice(&chunk);
        } else if length > most.saturating_mul(8) {
            break;
        } else {
            kept = Vec::new();
        }
    }
    if length <= most {
        return Ok(kept.into());
    }
    Err(Refusal {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        kind: "request_too_large",
        message: format!("Request exceeds the maximum size of {megabytes} MB"),
    })
}

async fn read(headers: &HeaderMap, body: Body) -> std::result::Result<Value, Refusal> {
    let body = whole(body, 32).await?;
    let version = check::version(headers)?;
    let request: Value =
        serde_json::from_slice(&body).map_err(|error| bad(format!("the body is not JSON: {error}")))?;
    check::request(&request, version)?;
    Ok(request)
}

async fn count_tokens(headers: HeaderMap, body: Body) -> Response {
    match read(&headers, body).await {
        Ok(request) => axum::Json(json!({"input_tokens": cache::count(&request)})).into_response(),
        Err(refusal) => error(&refusal),
    }
}

async fn messages(State(desk): Shared, headers: HeaderMap, body: Body) -> Response {
    let fault = desk.faults.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(response) = faults::instead(&fault).await {
        return response;
    }
    let checked = read(&headers, body).await.and_then(|request| check::answer(&request).map(|()| request));
    let request = match checked {
        Ok(request) => request,
        Err(refusal) => return error(&refusal),
    };
    let now = Instant::now();
    if let Err((refusal, wait)) = desk.limits.take(now) {
        let mut response = error(&refusal);
        response.headers_mut().insert(header::RETRY_AFTER, (wait.as_secs() + 1).into());
        return response;
    }
    let cache = || desk.cache.lock().unwrap_or_else(PoisonError::into_inner);
    let used: Used = cache().take(&request, now);
    // The rules take their time, and others may use the cache meanwhile.
    let mut reply = Reply::new(&request, used, "standard");
    if fault == Fault::Redacted {
        reply = reply.redacted();
    }
    desk.limits.count(now, used, reply.n_output());
    let diagnostics = cache().diagnose(&request, &reply.id, used);
    let reply = reply.with_diagnostics(diagnostics);
    tracing::debug!(?used, "answered");
    if request["stream"].as_bool() == Some(true) {
        into_stream(&reply, &fault, desk.pace)
    } else {
        let body = faults::bytes(&fault, reply.whole().to_string().into());
        ([(header::CONTENT_TYPE, "application/json")], body).into_response()
    }
}

fn into_stream(reply: &Reply, fault: &Fault, pace: Pace) -> Response {
    let events = reply.events();
    let body = match (fault, pace) {
        (Fault::None | Fault::Delay(_) | Fault::Redacted, Pace::AtOnce) => {
            Body::from_stream(stream::iter(events.into_iter().map(Ok::<_, Infallible>)))
        }
        (Fault::None | Fault::Delay(_) | Fault::Redacted, Pace::Readable) => {
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
    match pages::page(query, vec![model_json()]) {
        Ok(page) => axum::Json(page).into_response(),
        Err(refusal) => error(&refusal),
    }
}

fn model(id: &str) -> Response {
    if id == RULES_MODEL {
        return axum::Json(model_json()).into_response();
    }
    error(&Refusal { status: StatusCode::NOT_FOUND, kind: "not_found_error", message: format!("model: {id}") })
}
