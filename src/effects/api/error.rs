//! Errors of the API, in any shape in which servers write them, as one sentence with the next step.

use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::domain::endpoint::{Endpoint, EndpointKind};
use crate::domain::failure::Failure;
use crate::safe;
use crate::text::SafeText;

/// Why no answer began.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    /// HTTP status; zero where there was no answer at all.
    pub status: u16,
    /// The server's word for it.
    pub kind: String,
    /// The server's sentence.
    pub message: String,
    /// The machine-readable detail.
    pub code: String,
    /// What the server calls the request.
    pub request_id: Option<String>,
    retry_after: Option<Duration>,
    should_retry: Option<bool>,
}

impl ApiError {
    fn plain(status: u16, kind: &str, message: String) -> Self {
        Self {
            status,
            kind: kind.into(),
            message,
            code: String::new(),
            request_id: None,
            retry_after: None,
            should_retry: None,
        }
    }

    /// No connection.
    pub fn connection(error: &reqwest::Error, endpoint: &Endpoint) -> Self {
        let mut source: &dyn std::error::Error = error;
        while let Some(deeper) = source.source() {
            source = deeper;
        }
        let host = endpoint.base_url.split("://").nth(1).unwrap_or(&endpoint.base_url);
        let how = if error.is_timeout() {
            "did not answer in time".to_owned()
        } else {
            format!("can't be reached: {source}")
        };
        Self::plain(0, "connection_error", format!("{host} {how}"))
    }

    /// Connected, and then nothing.
    pub fn silent(seconds: u64, endpoint: &Endpoint) -> Self {
        Self::plain(0, "timeout_error", format!("{} did not begin to answer within {seconds} seconds", endpoint.name))
    }

    /// From a status and a body that may be JSON of several shapes, HTML, or nothing.
    pub fn from_body(status: u16, headers: &HeaderMap, body: &str) -> Self {
        let value: Value = serde_json::from_str(body).unwrap_or_default();
        let error = if value["error"].is_object() { &value["error"] } else { &value };
        let message = error["message"]
            .as_str()
            .or_else(|| value["detail"].as_str())
            .or_else(|| value["error"].as_str())
            .map(ToOwned::to_owned);
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
        let seconds = header("retry-after-ms").and_then(|text| text.parse::<f64>().ok()).map(|ms| ms / 1000.0);
        let seconds =
            seconds.or_else(|| header("retry-after").and_then(|text| retry_after(&text, jiff::Timestamp::now())));
        let message = message.unwrap_or_else(|| {
            let start = body.trim();
            if start.is_empty() {
                format!("status {status} without a word")
            } else {
                format!("status {status}: {}", start.chars().take(200).collect::<String>())
            }
        });
        Self {
            status,
            kind: error["type"].as_str().unwrap_or_default().to_owned(),
            message,
            code: error["details"]["error_code"].as_str().unwrap_or_default().to_owned(),
            request_id: header("request-id").or_else(|| value["request_id"].as_str().map(ToOwned::to_owned)),
            // No time at all is no wish: our own wait holds, as in the official clients.
            retry_after: seconds.filter(|seconds| seconds.is_finite() && *seconds > 0.0).map(Duration::from_secs_f64),
            should_retry: header("x-should-retry").and_then(|text| text.parse().ok()),
        }
    }

    fn is_spend_limit(&self) -> bool {
        self.status == 402
            || self.code.contains("spend_limit")
            || self.code == "organization_on_hold"
            || self.kind == "billing_error"
    }

    /// Whether the same request may succeed a little later.
    pub fn may_retry(&self) -> bool {
        if self.is_spend_limit() || self.retry_after.is_some_and(|wait| wait > LONGEST_WAIT) {
            return false;
        }
        // A local server that is not there will not be there in a second either.
        if self.status == 0 {
            return self.kind != "timeout_error" && !self.message.contains("refused");
        }
        self.should_retry.unwrap_or(matches!(self.status, 408 | 409 | 429 | 500..))
    }

    /// Whether the server refuses thinking that came back to it: its signature is bound to something else.
    pub fn refuses_thinking(&self) -> bool {
        let said = self.message.to_lowercase();
        self.status == 400 && said.contains("signature") && said.contains("thinking")
    }

    /// How long to wait before attempt `attempt + 1`. Without the server's word: half a second, doubled each time up to
    /// eight, less up to a quarter of it by `jitter` in [0, 1).
    pub fn wait(&self, attempt: u32, jitter: f64) -> Duration {
        self.retry_after.unwrap_or_else(|| {
            let plain = Duration::from_millis(500) * 2u32.saturating_pow(attempt - 1);
            plain.min(Duration::from_secs(8)).mul_f64(1.0 - 0.25 * jitter)
        })
    }

    /// In a few words, for the countdown.
    pub fn summary(&self) -> SafeText {
        match self.status {
            429 => "rate limit".into(),
            529 => "the service is overloaded".into(),
            0 => safe!("{}", self.message),
            status => safe!("status {status}"),
        }
    }

    /// One sentence with the next step.
    pub fn into_failure(self, endpoint: &Endpoint) -> Failure {
        let name = &endpoint.name;
        let what = safe!("endpoint {name}");
        let id = self.request_id.as_ref().map_or_else(String::new, |id| format!(" (request {id})"));
        let why = safe!("{}{id}", self.message.trim_end_matches('.'));
        let next: SafeText = match (self.status, self.kind.as_str()) {
            _ if self.is_spend_limit() => "raise the spend limit of the account, or choose another endpoint".into(),
            (0, "timeout_error") => "try again, or check that the server is not busy".into(),
            (0, _) if endpoint.kind == EndpointKind::Anthropic => {
                "check the network and the proxy, or choose --endpoint offline".into()
            }
            (0, _) => "check that the server runs at that address, or choose --endpoint offline".into(),
            (401 | 403, _) => {
                safe!("check the key of endpoint {name} (ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN)")
            }
            (402, _) => "check the billing of the account".into(),
            (404, _) => safe!("choose a model that the endpoint has; it was asked for {}", endpoint.model),
            (413, _) | (400, "exceed_context_size_error") => {
                "send less: a lower privacy level, or a model with a larger context".into()
            }
            (429, _) => "wait a little, or choose another model".into(),
            (200..300, _) => "check the address of the endpoint: what answers there is no Messages API".into(),
            (300..400, _) => "set the address to where the server really is; redirects are not followed".into(),
            (500.., _) => "try again in a moment".into(),
            (400, _) => "report this together with the recording of the request".into(),
            _ => "try again".into(),
        };
        Failure::work(what, why, next)
    }
}

/// Whoever is told to wait longer is told so instead of being kept waiting.
const LONGEST_WAIT: Duration = Duration::from_mins(10);

/// Seconds to wait: a number, or the time until a date as HTTP writes it.
fn retry_after(text: &str, now: jiff::Timestamp) -> Option<f64> {
    if let Ok(seconds) = text.trim().parse::<f64>() {
        return Some(seconds);
    }
    let date = jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp();
    Some(date.duration_since(now).as_secs_f64().max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_of_error_is_read() {
        let check = |status, body: &str, message: &str| {
            assert_eq!(ApiError::from_body(status, &HeaderMap::new(), body).message, message, "{body}");
        };
        check(
            429,
            r#"{"type":"error","error":{"type":"rate_limit_error","message":"slow down"},"request_id":"r"}"#,
            "slow down",
        );
        check(400, r#"{"error":{"code":400,"message":"too long","type":"exceed_context_size_error"}}"#, "too long");
        check(404, r#"{"detail":"Not Found"}"#, "Not Found");
        check(529, "<html>busy</html>", "status 529: <html>busy</html>");
        check(500, "", "status 500 without a word");
    }

    #[test]
    fn spend_limits_and_bad_requests_are_not_tried_again() {
        let error = |status, body: &str| ApiError::from_body(status, &HeaderMap::new(), body);
        assert!(error(529, "").may_retry() && error(429, "").may_retry() && error(503, "").may_retry());
        assert!(!error(400, "").may_retry() && !error(401, "").may_retry());
        assert!(!error(429, r#"{"error":{"type":"rate_limit_error","message":"x","details":{"error_code":"enforced_spend_limit_reached"}}}"#).may_retry());
    }

    #[test]
    fn no_time_at_all_and_a_date_that_has_passed_are_no_wish() {
        for value in ["0", "-1", "nan", "inf", "later", "Tue, 24 Nov 2020 09:59:00 GMT"] {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", value.parse().unwrap());
            let error = ApiError::from_body(429, &headers, "");
            assert_eq!(error.wait(1, 0.0), Duration::from_millis(500), "{value}");
        }
        let mut yes = HeaderMap::new();
        yes.insert("x-should-retry", "true".parse().unwrap());
        assert!(ApiError::from_body(400, &yes, "").may_retry());
        assert!(!ApiError::from_body(402, &yes, "").may_retry(), "money goes before the header");
    }

    #[test]
    fn the_server_says_how_long_to_wait() {
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", "7".parse().unwrap());
        assert_eq!(ApiError::from_body(429, &headers, "").wait(1, 0.5), Duration::from_secs(7));
        let plain = |attempt, jitter| ApiError::from_body(529, &HeaderMap::new(), "").wait(attempt, jitter);
        assert_eq!(
            (plain(1, 0.0), plain(2, 0.0), plain(2, 1.0)),
            (Duration::from_millis(500), Duration::from_secs(1), Duration::from_millis(750))
        );
        assert_eq!(plain(9, 0.0), Duration::from_secs(8));
        let now = "2026-11-24T10:00:00Z".parse().unwrap();
        assert_eq!(retry_after("Tue, 24 Nov 2026 10:00:30 GMT", now), Some(30.0));
        assert_eq!(retry_after("Tue, 24 Nov 2026 09:00:00 GMT", now), Some(0.0));
        assert_eq!(retry_after("soon", now), None);
    }
}
