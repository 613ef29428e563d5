//! A plan of faults: what goes wrong with each of the next requests, for whoever wants to see how a client takes it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};

/// What goes wrong with one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// This status, with headers.
    Status(u16, Vec<(String, String)>),
    /// The answer begins late.
    Delay(Duration),
    /// An `error` event after so many events.
    ErrorEvent(usize),
    /// The connection breaks after so many bytes.
    Cut(usize),
    /// Silence after so many bytes, for ever.
    Stall(usize),
    /// A few bytes at a time.
    Drip,
    /// Events that nobody knows between the others.
    Junk,
    /// The end without `message_stop`.
    NoStop,
    /// Thinking comes as `redacted_thinking`.
    Redacted,
    /// A web page instead of an answer.
    Html,
    /// No answer at all.
    Hang,
}

/// Faults in the order of the requests; after them nothing goes wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan(VecDeque<Fault>);

impl Plan {
    /// Reads `429:retry-after=1, 529, ok, error-event@3, cut@500, stall@200, delay=2s, drip, junk, no-stop, redacted, html, hang`.
    pub fn parse(text: &str) -> Result<Self, String> {
        text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(fault).collect::<Result<_, _>>().map(Self)
    }

    /// What goes wrong next.
    pub fn take(&mut self) -> Fault {
        self.0.pop_front().unwrap_or(Fault::None)
    }
}

fn fault(entry: &str) -> Result<Fault, String> {
    let unknown = || format!("{entry} is no fault; write for example 429:retry-after=1, cut@500, delay=2s, drip");
    let at = |text: &str| text.parse::<usize>().map_err(|_| unknown());
    if let Some((name, place)) = entry.split_once('@') {
        return match name {
            "error-event" => Ok(Fault::ErrorEvent(at(place)?)),
            "cut" => Ok(Fault::Cut(at(place)?)),
            "stall" => Ok(Fault::Stall(at(place)?)),
            _ => Err(unknown()),
        };
    }
    if let Some(text) = entry.strip_prefix("delay=") {
        let (number, factor) = match text.strip_suffix("ms") {
            Some(number) => (number, 1.0),
            None => (text.strip_suffix('s').unwrap_or(text), 1000.0),
        };
        let ms = number
            .parse::<f64>()
            .ok()
            .filter(|ms| (0.0..=86_400_000.0).contains(&(ms * factor)))
            .ok_or_else(unknown)?;
        return Ok(Fault::Delay(Duration::from_secs_f64(ms * factor / 1000.0)));
    }
    let (status, headers) = entry.split_once(':').unwrap_or((entry, ""));
    if let Ok(status) = status.parse::<u16>() {
        if !(300..=599).contains(&status) {
            return Err(unknown());
        }
        let headers = headers
            .split(':')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                pair.split_once('=')
                    .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
                    .ok_or_else(unknown)
            })
            .collect::<Result<_, _>>()?;
        return Ok(Fault::Status(status, headers));
    }
    match entry {
        "ok" => Ok(Fault::None),
        "drip" => Ok(Fault::Drip),
        "junk" => Ok(Fault::Junk),
        "no-stop" => Ok(Fault::NoStop),
        "redacted" => Ok(Fault::Redacted),
        "html" => Ok(Fault::Html),
        "hang" => Ok(Fault::Hang),
        _ => Err(unknown()),
    }
}

/// The service's word for a status.
fn kind_of(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        409 => "conflict_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    }
}

/// What is sent in place of an answer; nothing where an answer is made first.
pub async fn instead(fault: &Fault) -> Option<Response> {
    match fault {
        Fault::Status(status, headers) => {
            let body = serde_json::json!({"type": "error", "error": {"type": kind_of(*status), "message": "a fault of the plan"}, "request_id": "req_fault"});
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut response = (status, axum::Json(body)).into_response();
            for (name, value) in headers {
                if let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_str()), HeaderValue::from_str(value)) {
                    response.headers_mut().insert(name, value);
                }
            }
            Some(response)
        }
        Fault::Html => {
            Some(([(header::CONTENT_TYPE, "text/html")], "<html><body>Please log in.</body></html>").into_response())
        }
        Fault::Hang => std::future::pending().await,
        Fault::Delay(wait) => {
            tokio::time::sleep(*wait).await;
            None
        }
        _ => None,
    }
}

/// The events of an answer as a body with its fault.
pub fn body(fault: &Fault, mut events: Vec<String>) -> Body {
    match fault {
        Fault::ErrorEvent(n) => {
            events.truncate(*n);
            events.push("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n".into());
        }
        Fault::Junk => {
            let junk = ": a comment\n\nevent: rumour\ndata: {\"type\":\"rumour\",\"index\":99}\n\ndata: [DONE]\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n";
            for event in &mut events {
                event.push_str(junk);
            }
        }
        Fault::NoStop => {
            events.pop();
        }
        _ => {}
    }
    bytes(fault, Bytes::from(events.concat()))
}

/// A body that comes slowly, in part, or not to its end, as the fault has it.
pub fn bytes(fault: &Fault, bytes: Bytes) -> Body {
    let first = |n: usize| bytes.slice(..n.min(bytes.len()));
    match fault {
        Fault::Cut(n) => {
            let broken = stream::once(async {
                // What came before has to be on its way, or nothing at all would arrive.
                tokio::time::sleep(Duration::from_millis(50)).await;
                Err(std::io::Error::new(std::io::ErrorKind::ConnectionReset, "cut by the plan"))
            });
            Body::from_stream(stream::iter([Ok(first(*n))]).chain(broken))
        }
        Fault::Stall(n) => Body::from_stream(stream::iter([Ok::<_, Infallible>(first(*n))]).chain(stream::pending())),
        Fault::Drip => {
            let pieces: Vec<Bytes> = bytes.chunks(7).map(Bytes::copy_from_slice).collect();
            Body::from_stream(stream::iter(pieces).then(|piece| async move {
                tokio::time::sleep(Duration::from_millis(1)).await;
                Ok::<_, Infallible>(piece)
            }))
        }
        _ => Body::from(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_read_and_a_slip_is_told() {
        let mut plan = Plan::parse(
            "429:retry-after=1, ok,error-event@3 ,cut@500,stall@200,delay=1.5s,delay=20ms,drip,junk,no-stop,redacted,html,hang",
        )
        .unwrap();
        let expected = [
            Fault::Status(429, vec![("retry-after".into(), "1".into())]),
            Fault::None,
            Fault::ErrorEvent(3),
            Fault::Cut(500),
            Fault::Stall(200),
            Fault::Delay(Duration::from_millis(1500)),
            Fault::Delay(Duration::from_millis(20)),
            Fault::Drip,
            Fault::Junk,
            Fault::NoStop,
            Fault::Redacted,
            Fault::Html,
            Fault::Hang,
            Fault::None,
        ];
        assert_eq!(expected.clone().map(|_| plan.take()), expected);
        for slip in ["boom", "cut@x", "delay=long", "200", "429:retry"] {
            assert!(Plan::parse(slip).unwrap_err().starts_with(slip), "{slip}");
        }
    }
}
