//! Calls of the Message Batches API. Nothing here is repeated by itself: a batch that was taken is paid for.

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

impl Client {
    /// Sends a batch.
    pub async fn create_batch(&self, endpoint: &Endpoint, items: &[Item]) -> Result<Batch, NotTaken> {
        let base = Self::check_address(endpoint).map_err(NotTaken::Refused)?;
        let requests: Vec<String> = items
            .iter()
            .map(|item| format!("{{\"custom_id\":{},\"params\":{}}}", json!(item.custom_id), item.params.expose()))
            .collect();
        let body = format!("{{\"requests\":[{}]}}", requests.join(","));
        let sent = self
            .http
            .post(format!("{base}/v1/messages/batches"))
            .headers(self.headers(endpoint))
            .timeout(Duration::from_mins(10))
            .body(body)
            .send();
        let response = match sent.await {
            Ok(response) => response,
            // A connection that never came about has carried nothing.
            Err(error) if error.is_connect() => {
                return Err(NotTaken::Refused(ApiError::connection(&error, endpoint).into_failure(endpoint)));
            }
            Err(error) => return Err(NotTaken::Unknown(ApiError::connection(&error, endpoint).into_failure(endpoint))),
        };
        let status = response.status();
        if !status.is_success() {
            let failure = self.refused(response).await.into_failure(endpoint);
            // A server that failed may have failed after it took the batch.
            return Err(if status.is_server_error() { NotTaken::Unknown(failure) } else { NotTaken::Refused(failure) });
        }
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
        read(self.get(endpoint, &format!("{base}/v1/messages/batches/{id}")).await?, endpoint)
    }

    /// Whether a batch is not known to the server – which right after it was taken can be so for a while.
    pub async fn batch_or_none(&self, endpoint: &Endpoint, id: &str) -> Result<Option<Batch>, Failure> {
        match self.batch(endpoint, id).await {
            Ok(batch) => Ok(Some(batch)),
            Err(failure) if failure.why.as_str().contains("not found") || failure.why.as_str().contains("404") => {
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
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
        let url = format!("{base}/v1/messages/batches/{id}/cancel");
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
        let url = format!("{base}/v1/messages/batches/{id}/results");
        let sent = self.http.get(url).headers(self.headers(endpoint)).send().await;
        let response = sent.map_err(|error| ApiError::connection(&error, endpoint).into_failure(endpoint))?;
        if !response.status().is_success() {
            return Err(self.refused(response).await.into_failure(endpoint));
        }
        let mut bytes = response.bytes_stream();
        while let Some(piece) = bytes.next().await {
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
