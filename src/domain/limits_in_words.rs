//! Limits as people write them: `2m`, `1.5 hours`, `each feature under 100 ms per row`.

/// A length of time in seconds.
pub fn seconds(text: &str) -> Option<f64> {
    let mut total = 0.0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..end].parse().ok()?;
        rest = rest[end..].trim_start();
        let word = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        let unit = match &rest[..word] {
            "" | "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
            "ms" => 1e-3,
            "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
            "h" | "hr" | "hour" | "hours" => 3_600.0,
            "d" | "day" | "days" => 86_400.0,
            _ => return None,
        };
        total += number * unit;
        rest = rest[word..].trim_start();
    }
    (total.is_finite() && total > 0.0).then_some(total)
}

/// The longest time for one row, in microseconds, where a constraint states one.
pub fn per_row_us(text: &str) -> Option<f64> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<' | '=')).collect();
    let is_about_rows = ["row", "sample", "record", "request", "prediction", "feature", "latency"]
        .iter()
        .any(|word| lower.contains(word));
    if !is_about_rows {
        return None;
    }
    let unit = |word: &str| match word {
        "ms" | "millisecond" | "milliseconds" => Some(1e3),
        "us" | "µs" | "microsecond" | "microseconds" => Some(1.0),
        "s" | "second" | "seconds" => Some(1e6),
        _ => None,
    };
    words.iter().enumerate().find_map(|(at, word)| {
        let end = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
        let number: f64 = word[..end].parse().ok()?;
        let factor = if end < word.len() {
            unit(word[end..].split('/').next()?)
        } else {
            words.get(at + 1).and_then(|next| unit(next.split('/').next()?))
        }?;
        Some(number * factor)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let cases = [
            ("2m", Some(120.0)),
            ("90", Some(90.0)),
            ("1h 30m", Some(5_400.0)),
            ("1.5 hours", Some(5_400.0)),
            ("500ms", Some(0.5)),
            ("soon", None),
            ("", None),
            ("0s", None),
            ("2 weeks", None),
        ];
        for (text, expected) in cases {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }

    #[test]
    fn a_limit_for_one_row_is_found_in_a_sentence() {
        let cases = [
            ("each feature under 100 ms per row", Some(100_000.0)),
            ("features must compute in < 5ms per sample", Some(5_000.0)),
            ("20 µs/row", Some(20.0)),
            ("latency below 0.5 seconds", Some(500_000.0)),
            ("memory under 2 GB", None),
            ("row by row", None),
        ];
        for (text, expected) in cases {
            assert_eq!(per_row_us(text), expected, "{text}");
        }
    }
}
