//! Many requests at half the price, answered within a day: what is asked, how it stands, what came back.

use serde::{Deserialize, Serialize};

use crate::text::RawText;

/// Most requests of one batch.
pub const MAX_REQUESTS: usize = 100_000;
/// Most bytes of one batch.
pub const MAX_BYTES: usize = 256_000_000;

/// One request of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Our name for it, unique within the batch.
    pub custom_id: String,
    /// The request as JSON.
    pub params: RawText,
}

/// How many requests of a batch are where. All but the first stay zero until the batch has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Not answered yet.
    pub processing: u64,
    /// Answered.
    pub succeeded: u64,
    /// Refused.
    pub errored: u64,
    /// Not done, since the batch was cancelled.
    pub canceled: u64,
    /// Not done within a day.
    pub expired: u64,
}

impl Counts {
    /// All requests.
    pub fn total(&self) -> u64 {
        self.processing + self.succeeded + self.errored + self.canceled + self.expired
    }
}

/// A batch as the server tells of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Batch {
    /// The server's name for it.
    pub id: String,
    /// `in_progress`, `canceling` or `ended`.
    pub processing_status: String,
    /// How many requests are where.
    pub request_counts: Counts,
    /// When it was taken, RFC 3339.
    pub created_at: String,
    /// When it ended.
    pub ended_at: Option<String>,
}

impl Batch {
    /// Whether nothing more will happen to it.
    pub fn is_ended(&self) -> bool {
        self.processing_status == "ended"
    }
}

/// Where we stand with a batch, on disk before anything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is being sent; whether it arrived is not known.
    Submitting,
    /// The server has taken it.
    Submitted,
    /// Nothing is known of it and nothing was found; only a person may send it again.
    Unsure,
    /// The server has ended it.
    Ended,
    /// Every result is on disk.
    Collected,
}

/// What became of one request.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// Answered: the message as JSON.
    Succeeded(RawText),
    /// Refused: the service's word and its sentence.
    Errored(String, String),
    /// Not done, since the batch was cancelled.
    Canceled,
    /// Not done within a day.
    Expired,
    /// Something that we do not know, in the server's word.
    Other(String),
}

impl Fate {
    /// Whether the same request may be sent again with hope.
    pub fn may_retry(&self) -> bool {
        match self {
            Self::Succeeded(_) | Self::Other(_) => false,
            Self::Canceled | Self::Expired => true,
            Self::Errored(kind, _) => {
                matches!(kind.as_str(), "api_error" | "overloaded_error" | "rate_limit_error" | "timeout_error")
            }
        }
    }
}

/// Reads one line of results: our name for the request and what became of it. A line that is cut gives nothing.
pub fn read_line(line: &str) -> Option<(String, Fate)> {
    #[derive(Deserialize)]
    struct Line<'a> {
        custom_id: String,
        #[serde(borrow)]
        result: Result<'a>,
    }
    #[derive(Deserialize)]
    struct Result<'a> {
        #[serde(rename = "type")]
        kind: String,
        #[serde(borrow)]
        message: Option<&'a serde_json::value::RawValue>,
        error: Option<serde_json::Value>,
    }
    let line: Line<'_> = serde_json::from_str(line).ok()?;
    let fate = match (line.result.kind.as_str(), line.result.message) {
        ("succeeded", Some(message)) => Fate::Succeeded(RawText::new(message.get())),
        ("errored", _) => {
            let error = line.result.error.unwrap_or_default();
            // The whole envelope of an error is inside.
            let inner = if error["error"].is_object() { &error["error"] } else { &error };
            let text = |field: &str| inner[field].as_str().unwrap_or_default().to_owned();
            Fate::Errored(text("type"), text("message"))
        }
        ("canceled", _) => Fate::Canceled,
        ("expired", _) => Fate::Expired,
        (other, _) => Fate::Other(other.to_owned()),
    };
    Some((line.custom_id, fate))
}

/// Cuts requests into batches that a server takes. Fails for one that is too large by itself, or whose name is none.
pub fn split(items: Vec<Item>) -> Result<Vec<Vec<Item>>, String> {
    let mut batches: Vec<Vec<Item>> = Vec::new();
    let (mut bytes, mut seen) = (0, std::collections::HashSet::new());
    for item in items {
        let id = &item.custom_id;
        let is_id =
            (1..=64).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        if !is_id || !seen.insert(id.clone()) {
            return Err(format!("{id} is no name for a request, or was given twice"));
        }
        let length = item.params.len() + id.len() + 40;
        if length > MAX_BYTES {
            return Err(format!("the request {id} is larger than {MAX_BYTES} bytes"));
        }
        let is_full = batches.last().is_none_or(|batch| batch.len() >= MAX_REQUESTS || bytes + length > MAX_BYTES);
        if is_full {
            batches.push(Vec::new());
            bytes = 0;
        }
        bytes += length;
        if let Some(batch) = batches.last_mut() {
            batch.push(item);
        }
    }
    Ok(batches)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(id: &str, bytes: usize) -> Item {
        Item { custom_id: id.into(), params: RawText::new("x".repeat(bytes)) }
    }

    #[test]
    fn what_is_too_much_for_one_batch_becomes_several() {
        let n = MAX_REQUESTS + 1;
        let many = split((0..n).map(|at| item(&format!("r-{at}"), 1)).collect()).unwrap();
        assert_eq!(many.iter().map(Vec::len).collect::<Vec<_>>(), [MAX_REQUESTS, 1]);
        let large = split((0..3).map(|at| item(&format!("r-{at}"), MAX_BYTES / 2 - 100)).collect()).unwrap();
        assert_eq!(large.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        assert!(split(vec![item("a b", 1)]).is_err() && split(vec![item("a", 1), item("a", 1)]).is_err());
        assert!(split(vec![item("a", MAX_BYTES)]).is_err());
    }

    #[test]
    fn every_fate_is_read_and_a_cut_line_is_none() {
        let line = |result: &str| read_line(&format!(r#"{{"custom_id":"r","result":{result}}}"#)).map(|(_, fate)| fate);
        assert_eq!(
            line(r#"{"type":"succeeded","message":{"a": 1.0}}"#),
            Some(Fate::Succeeded(RawText::new(r#"{"a": 1.0}"#)))
        );
        let errored =
            line(r#"{"type":"errored","error":{"type":"error","error":{"type":"api_error","message":"x"}}}"#).unwrap();
        assert_eq!(errored, Fate::Errored("api_error".into(), "x".into()));
        assert!(errored.may_retry() && Fate::Expired.may_retry());
        assert!(!Fate::Errored("invalid_request_error".into(), String::new()).may_retry());
        assert_eq!(line(r#"{"type":"canceled"}"#), Some(Fate::Canceled));
        assert_eq!(line(r#"{"type":"later"}"#), Some(Fate::Other("later".into())));
        assert_eq!(read_line(r#"{"custom_id":"r","resu"#), None);
    }
}
