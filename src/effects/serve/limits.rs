//! How much may be asked of the server in a minute: large, counted, and kept.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::effects::serve::cache::Used;
use crate::effects::serve::check::Refusal;

/// Requests, tokens read, tokens written.
const LIMITS: [(&str, u64); 3] = [("requests", 100_000), ("input-tokens", 100_000_000), ("output-tokens", 20_000_000)];
const MINUTE: Duration = Duration::from_mins(1);

/// What was used since a minute began.
#[derive(Clone, Copy, Debug, Default)]
struct Minute {
    began: Option<Instant>,
    used: [u64; 3],
}

/// The limits of everyone who asks.
#[derive(Debug, Default)]
pub struct Limits(Mutex<Minute>);

impl Limits {
    fn with<T>(&self, now: Instant, act: impl FnOnce(&mut Minute) -> T) -> T {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if minute.began.is_some_and(|began| now.duration_since(began) >= MINUTE) {
            *minute = Minute::default();
        }
        act(&mut minute)
    }

    /// Counts a request, or says how long to wait.
    pub fn take(&self, now: Instant) -> Result<(), (Refusal, Duration)> {
        self.with(now, |minute| {
            let began = *minute.began.get_or_insert(now);
            if let Some((name, limit)) = over(minute) {
                let message = format!("This server's limit of {limit} {name} a minute is used up.");
                let refusal = Refusal { status: StatusCode::TOO_MANY_REQUESTS, kind: "rate_limit_error", message };
                return Err((refusal, MINUTE.saturating_sub(now.duration_since(began))));
            }
            minute.used[0] += 1;
            Ok(())
        })
    }

    /// Counts what an answer used; what was read from the cache is free.
    pub fn count(&self, now: Instant, used: Used, n_output: u64) {
        self.with(now, |minute| {
            minute.used[1] += used.input + used.written_5m + used.written_1h;
            minute.used[2] += n_output;
        });
    }

    /// Says in the headers of an answer what is left.
    pub fn tell(&self, headers: &mut HeaderMap, now: Instant) {
        let minute = self.with(now, |minute| *minute);
        let wait = minute.began.map_or(Duration::ZERO, |began| MINUTE.saturating_sub(now.duration_since(began)));
        let reset = Timestamp::now().checked_add(wait).unwrap_or(Timestamp::now()).strftime("%Y-%m-%dT%H:%M:%SZ");
        let mut say = |what: &str, limit: u64, left: u64| {
            let left = if what == "requests" { left } else { left / 1_000 * 1_000 };
            for (part, value) in
                [("limit", limit.to_string()), ("remaining", left.to_string()), ("reset", reset.to_string())]
            {
                let name = HeaderName::try_from(format!("anthropic-ratelimit-{what}-{part}"));
                if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(value)) {
                    headers.entry(name).or_insert(value);
                }
            }
        };
        let left = |at: usize| LIMITS[at].1.saturating_sub(minute.used[at]);
        for (at, (what, limit)) in LIMITS.into_iter().enumerate() {
            say(what, limit, left(at));
        }
        // The tighter of the two kinds of tokens, by the share that is left.
        let is_output = u128::from(left(2)) * u128::from(LIMITS[1].1) < u128::from(left(1)) * u128::from(LIMITS[2].1);
        let at = if is_output { 2 } else { 1 };
        say("tokens", LIMITS[at].1, left(at));
    }
}

fn over(minute: &Minute) -> Option<(&'static str, u64)> {
    LIMITS.into_iter().zip(minute.used).find(|((_, limit), used)| used >= limit).map(|(limit, _)| limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_is_missing_until_the_minute_is_over() {
        let (limits, now) = (Limits::default(), Instant::now());
        let left = |what: &str, now: Instant| {
            let mut headers = HeaderMap::new();
            limits.tell(&mut headers, now);
            headers[format!("anthropic-ratelimit-{what}-remaining")].to_str().unwrap().parse::<u64>().unwrap()
        };
        assert_eq!(left("requests", now), 100_000);
        limits.take(now).unwrap();
        limits.count(now, Used { input: 1_000, read: 9_000, written_5m: 1_500, written_1h: 0 }, 10_000_000);
        assert_eq!((left("requests", now), left("input-tokens", now)), (99_999, 99_997_000));
        assert_eq!(left("tokens", now), left("output-tokens", now), "the tighter one");
        limits.count(now, Used::default(), 10_000_000);
        let later = now + Duration::from_secs(20);
        let (refusal, wait) = limits.take(later).unwrap_err();
        assert_eq!((refusal.status.as_u16(), wait.as_secs()), (429, 40));
        limits.take(now + MINUTE).unwrap();
        assert_eq!(left("output-tokens", now + MINUTE), 20_000_000);
    }
}
