//! Batches with their life: in progress, ended, or cancelled; results as lines.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::{Span, Timestamp};
use serde_json::{Value, json};

use crate::effects::serve::cache::{self, Used};
use crate::effects::serve::check::{self, Refusal, bad};
use crate::effects::serve::reply::Reply;
use crate::effects::serve::{error, pages};

/// Most requests of a batch.
const MAX_REQUESTS: usize = 100_000;

#[derive(Debug)]
struct Batch {
    n_requests: usize,
    results: Option<Vec<Value>>,
    is_cancelled: bool,
    created_at: Timestamp,
    ended_at: Option<Timestamp>,
    cancelled_at: Option<Timestamp>,
}

/// Every batch, the newest last. They live as long as the server.
#[derive(Clone, Debug)]
pub struct Batches {
    all: Arc<Mutex<BTreeMap<String, Batch>>>,
    takes: Duration,
}

/// In how many steps a batch is worked on; between them it may be cancelled, and others get their turn.
const STEPS: usize = 10;

impl Batches {
    /// None yet; each is in progress for that long at least.
    pub fn new(takes: Duration) -> Self {
        Self { all: Arc::default(), takes }
    }

    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<String, Batch>) -> T) -> T {
        act(&mut self.all.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes a batch and begins to work on it.
    pub fn create(&self, headers: &HeaderMap, body: &[u8], base: &str) -> Response {
        match self.try_create(headers, body, base) {
            Ok(value) => axum::Json(value).into_response(),
            Err(refusal) => error(&refusal),
        }
    }

    fn try_create(&self, headers: &HeaderMap, body: &[u8], base: &str) -> Result<Value, Refusal> {
        let version = check::version(headers)?;
        let body: Value =
            serde_json::from_slice(body).map_err(|error| bad(format!("the body is not JSON: {error}")))?;
        let Some(list) = body["requests"].as_array().filter(|list| !list.is_empty()) else {
            return Err(bad("requests: Field required"));
        };
        if list.len() > MAX_REQUESTS {
            return Err(bad(format!("requests: at most {MAX_REQUESTS} are allowed")));
        }
        let mut requests: Vec<(String, Value)> = Vec::new();
        let mut ids = std::collections::HashSet::new();
        for (idx, entry) in list.iter().enumerate() {
            let id = entry["custom_id"].as_str().unwrap_or_default();
            let is_id =
                (1..=64).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
            if !is_id {
                return Err(bad(format!("requests.{idx}.custom_id: must match ^[a-zA-Z0-9_-]{{1,64}}$")));
            }
            if !ids.insert(id.to_owned()) {
                return Err(bad(format!("requests.{idx}.custom_id: {id} is not unique")));
            }
            requests.push((id.to_owned(), entry["params"].clone()));
        }
        let id = format!("msgbatch_{}", uuid::Uuid::now_v7().simple());
        let batch = Batch {
            n_requests: requests.len(),
            results: None,
            is_cancelled: false,
            created_at: Timestamp::now(),
            ended_at: None,
            cancelled_at: None,
        };
        let shown = self.with(|batches| {
            batches.insert(id.clone(), batch);
            batches.get(&id).map(|batch| show(&id, batch, base)).unwrap_or_default()
        });
        let batches = self.clone();
        tokio::spawn(async move { batches.work(&id, &requests, version).await });
        Ok(shown)
    }

    /// Answers what is in a batch, a step at a time. What a cancellation finds undone stays undone.
    async fn work(&self, id: &str, requests: &[(String, Value)], version: &str) {
        let mut results = Vec::with_capacity(requests.len());
        let wait = self.takes / u32::try_from(STEPS).unwrap_or(1);
        let is_cancelled = || self.with(|batches| batches.get(id).is_none_or(|batch| batch.is_cancelled));
        for part in requests.chunks(requests.len().div_ceil(STEPS).max(1)) {
            tokio::time::sleep(wait).await;
            for (name, params) in part {
                let result = if is_cancelled() { json!({"type": "canceled"}) } else { one(params, version) };
                results.push(json!({"custom_id": name, "result": result}));
                tokio::task::yield_now().await;
            }
        }
        // Small batches have fewer steps, and take as long.
        let n_left = STEPS.saturating_sub(requests.len());
        tokio::time::sleep(wait * u32::try_from(n_left).unwrap_or(0)).await;
        self.with(|batches| {
            if let Some(batch) = batches.get_mut(id) {
                batch.results = Some(results);
                batch.ended_at = Some(Timestamp::now());
            }
        });
    }

    /// The batches, the newest first, in pages.
    pub fn list(&self, query: &str, base: &str) -> Response {
        let all = self.with(|batches| batches.iter().rev().map(|(id, batch)| show(id, batch, base)).collect());
        match pages::page(query, all) {
            Ok(page) => axum::Json(page).into_response(),
            Err(refusal) => error(&refusal),
        }
    }

    /// One batch.
    pub fn retrieve(&self, id: &str, base: &str) -> Response {
        self.with(|batches| batches.get(id).map(|batch| axum::Json(show(id, batch, base)).into_response()))
            .unwrap_or_else(|| missing(id))
    }

    /// Stops a batch; what has not been begun is not done.
    pub fn cancel(&self, id: &str, base: &str) -> Response {
        self.with(|batches| {
            let batch = batches.get_mut(id)?;
            if batch.results.is_none() {
                batch.is_cancelled = true;
                batch.cancelled_at.get_or_insert_with(Timestamp::now);
            }
            Some(axum::Json(show(id, batch, base)).into_response())
        })
        .unwrap_or_else(|| missing(id))
    }

    /// Forgets a batch that has ended.
    pub fn delete(&self, id: &str) -> Response {
        self.with(|batches| match batches.get(id).map(|batch| batch.results.is_some()) {
            None => missing(id),
            Some(false) => error(&bad("a batch that is in progress can't be deleted; cancel it first")),
            Some(true) => {
                batches.remove(id);
                axum::Json(json!({"id": id, "type": "message_batch_deleted"})).into_response()
            }
        })
    }

    /// The results as lines, in no particular order.
    pub fn results(&self, id: &str) -> Response {
        self.with(|batches| match batches.get(id).map(|batch| &batch.results) {
            None => missing(id),
            Some(None) => error(&bad("the batch has no results yet: it is in progress")),
            Some(Some(results)) => {
                let lines: String = results.iter().rev().map(|line| format!("{line}\n")).collect();
                ([(header::CONTENT_TYPE, "application/x-jsonl")], lines).into_response()
            }
        })
    }
}

fn one(params: &Value, version: &str) -> Value {
    let forbidden = ["stream", "speed", "fallbacks"]
        .iter()
        .find(|field| params.get(**field).is_some_and(|value| *value != json!(false)));
    let checked = match forbidden {
        Some(field) => Err(bad(format!("{field}: not allowed in a batch"))),
        None if params["max_tokens"] == 0 => Err(bad("max_tokens: 0 is not allowed in a batch")),
        None => check::request(params, version).and_then(|()| check::answer(params)),
    };
    match checked {
        Ok(()) => {
            let used = Used { input: cache::count(params), ..Used::default() };
            json!({"type": "succeeded", "message": Reply::new(params, used, "batch").whole()})
        }
        Err(refusal) => json!({"type": "errored", "error": {
            "type": "error", "error": {"type": refusal.kind, "message": refusal.message}, "request_id": "req_rules_batch"}}),
    }
}

fn missing(id: &str) -> Response {
    error(&Refusal {
        status: StatusCode::NOT_FOUND,
        kind: "not_found_error",
        message: format!("message batch {id} was not found"),
    })
}

fn show(id: &str, batch: &Batch, base: &str) -> Value {
    // Counts other than those in progress stay zero until the end, as with the real service.
    let count = |kind: &str| {
        let results = batch.results.as_deref().unwrap_or_default();
        results.iter().filter(|line| line["result"]["type"] == kind).count()
    };
    let n = batch.n_requests;
    let is_over = batch.results.is_some();
    let status = match (is_over, batch.is_cancelled) {
        (true, _) => "ended",
        (false, true) => "canceling",
        (false, false) => "in_progress",
    };
    let expires = batch.created_at.checked_add(Span::new().hours(24)).ok().map(|at| at.to_string());
    json!({
        "id": id, "type": "message_batch", "processing_status": status,
        "request_counts": {"processing": if is_over { 0 } else { n }, "succeeded": count("succeeded"), "errored": count("errored"),
            "canceled": count("canceled"), "expired": count("expired")},
        "created_at": batch.created_at.to_string(), "expires_at": expires,
        "ended_at": batch.ended_at.map(|at| at.to_string()), "cancel_initiated_at": batch.cancelled_at.map(|at| at.to_string()),
        "archived_at": null,
        "results_url": is_over.then(|| format!("{base}/v1/messages/batches/{id}/results")),
    })
}
