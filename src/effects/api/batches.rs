//! Calls of the Message Batches API. What may have been taken is never sent again here: it would be paid for twice.

use std::time::Duration;

use futures::StreamExt;
use serde_json::{Value, json};

use crate::domain::batch::{Batch, Item};
use crate::domain::endpoint::Endpoint;
use crate::domain::failure::Failure;
use crate::effects::api::Client;
use crate::effects::api::error::ApiError;
use crate::safe;

/// Why a batch was not taken.
#[derive(Clone, Debug, PartialEq)]
pub enum NotTaken {
    /// The server refused it: nothing was begun.
    Refused(Failure),
    /// No answer came: it may have been taken all the same.
    Unknown(Failure),
}

/// Most attempts at sending a batch; only such as surely came to nothing are repeated.
const ATTEMPTS: u32 = 3;
/// How long results may stand still.
const IDLE: Duration = Duration::from_mins(3);

/// The address of a batch. A name that would lead elsewhere is none.
fn address(base: &str, id: &str, rest: &str) -> Result<String, Failure> {
    if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
        return Ok(format!("{base}/v1/messages/batches/{id}{rest}"));
    }
    Err(Failure::work(safe!("batch {id}"), safe!("that is not the name of a batch"), safe!("look into its manifest")))
}

impl Client {
    /// Sends a batch. Sent again only where the server was too busy to look at it, after as long as it asks for.
    pub async fn create_batch(&self, endpoint: &Endpoint, items: &[Item]) -> Result<Batch, NotTaken> {
        let base = Self::check_address(endpoint).map_err(NotTaken::Refused)?;
        let requests: Vec<String> = items
            .iter()
            .map(|item| format!("{{\"custom_id\":{},\"params\":{}}}", json!(item.custom_id), item.params.expose()))
            .collect();
        let body = format!("{{\"requests\":[{}]}}", requests.join(","));
        let url = format!("{base}/v1/messages/batches");
        let mut attempt = 1;
        let response = loop {
            let request = self.http.post(&url).headers(self.headers(endpoint)).timeout(Duration::from_mins(10));
            let response = match request.body(body.clone()).send().await {
                Ok(response) => response,
                // A connection that never came about has carried nothing.
                Err(error) if error.is_connect() => {
                    return Err(NotTaken::Refused(ApiError::connection(&error, endpoint).into_failure(endpoint)));
                }
                Err(error) => {
                    return Err(NotTaken::Unknown(ApiError::connection(&error, endpoint).into_failure(endpoint)));
                }
            };
            if response.status().is_success() {
                break response;
            }
            let error = self.refused(response).await;
            if attempt < ATTEMPTS && matches!(error.status, 429 | 529) && error.may_retry() {
                tokio::time::sleep(error.wait(attempt, super::jitter())).await;
                attempt += 1;
                continue;
            }
            // Whoever failed, or met another request, may have done so after it took the batch.
            let is_known = !matches!(error.status, 408 | 409 | 500..) || error.status == 529;
            let failure = error.into_failure(endpoint);
            return Err(if is_known { NotTaken::Refused(failure) } else { NotTaken::Unknown(failure) });
        };
        response.json::<Batch>().await.ok().filter(|batch| !batch.id.is_empty()).ok_or_else(|| {
            NotTaken::Unknown(Failure::work(
                safe!("endpoint {}", endpoint.name),
                safe!("its answer to a batch can't be read"),
                safe!("look for the batch before it is sent again"),
            ))
        })
    }

    /// How a batch stands.
    pub async fn batch(&self, endpoint: &Endpoint, id: &str) -> Result<Batch, Failure> {
        let base = Self::check_address(endpoint)?;
        read(self.get(endpoint, &address(&base, id, "")?).await?, endpoint)
    }

    /// Whether a batch is not known to the server – which right after it was taken can be so for a while.
    pub async fn batch_or_none(&self, endpoint: &Endpoint, id: &str) -> Result<Option<Batch>, Failure> {
        let url = address(&Self::check_address(endpoint)?, id, "")?;
        let sent = self.http.get(url).headers(self.headers(endpoint)).timeout(Duration::from_secs(30)).send().await;
        let response = sent.map_err(|error| ApiError::connection(&error, endpoint).into_failure(endpoint))?;
        if response.status().as_u16() == 404 {
            return Ok(None);
        }
        if !response.status().is_success() {
            return Err(self.refused(response).await.into_failure(endpoint));
        }
        read(response.json().await.unwrap_or_default(), endpoint).map(Some)
    }

    /// The newest batches, at most `limit`.
    pub async fn batches(&self, endpoint: &Endpoint, limit: usize) -> Result<Vec<Batch>, Failure> {
        let base = Self::check_address(endpoint)?;
        let mut all: Vec<Batch> = Vec::new();
        let mut after = String::new();
        while all.len() < limit {
            let answer = self.get(endpoint, &format!("{base}/v1/messages/batches?limit=100{after}")).await?;
            let page: Vec<Batch> = serde_json::from_value(answer["data"].clone()).unwrap_or_default();
            let is_last = page.is_empty() || answer["has_more"] != true;
            after = page.last().map(|last| format!("&after_id={}", last.id)).unwrap_or_default();
            all.extend(page);
            if is_last {
                break;
            }
        }
        all.truncate(limit);
        Ok(all)
    }

    /// Asks a batch to stop.
    pub async fn cancel_batch(&self, endpoint: &Endpoint, id: &str) -> Result<Batch, Failure> {
        let base = Self::check_address(endpoint)?;
        let url = address(&base, id, "/cancel")?;
        let sent = self.http.post(url).headers(self.headers(endpoint)).timeout(Duration::from_secs(30)).send().await;
        let response = sent.map_err(|error| ApiError::connection(&error, endpoint).into_failure(endpoint))?;
        if !response.status().is_success() {
            return Err(self.refused(response).await.into_failure(endpoint));
        }
        read(response.json().await.unwrap_or_default(), endpoint)
    }

    /// The results, handed over in pieces as they arrive. The address that the server names for them is not used: the key
    /// goes to the endpoint and nowhere else.
    pub async fn batch_results(
        &self,
        endpoint: &Endpoint,
        id: &str,
        take: &mut (dyn FnMut(&[u8]) -> std::io::Result<()> + Send),
    ) -> Result<(), Failure> {
        let base = Self::check_address(endpoint)?;
        let url = address(&base, id, "/results")?;
        let sent = self.http.get(url).headers(self.headers(endpoint)).send().await;
        let response = sent.map_err(|error| ApiError::connection(&error, endpoint).into_failure(endpoint))?;
        if !response.status().is_success() {
            return Err(self.refused(response).await.into_failure(endpoint));
        }
        let mut bytes = response.bytes_stream();
        loop {
            let Ok(piece) = tokio::time::timeout(IDLE, bytes.next()).await else {
                return Err(ApiError::silent(IDLE.as_secs(), endpoint).into_failure(endpoint));
            };
            let Some(piece) = piece else { break };
            let piece = piece.map_err(|error| ApiError::connection(&error, endpoint).into_failure(endpoint))?;
            take(&piece).map_err(|error| {
                Failure::work(
                    safe!("the results"),
                    safe!("they can't be written: {error}"),
                    safe!("make room on the disk"),
                )
            })?;
        }
        Ok(())
    }
}

fn read(value: Value, endpoint: &Endpoint) -> Result<Batch, Failure> {
    serde_json::from_value::<Batch>(value).ok().filter(|batch| !batch.id.is_empty()).ok_or_else(|| {
        Failure::work(
            safe!("endpoint {}", endpoint.name),
            safe!("its answer about a batch can't be read"),
            safe!("check the address of the endpoint"),
        )
    })
}
