//! Numbers as a person reads them: separators, digits that mean something, units.

/// `5000` → `5,000`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (idx, digit) in digits.chars().enumerate() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share of one as a percentage with the digits that mean something: `0.031` → `3.1 %`.
pub fn share(share: f64) -> String {
    let percent = share * 100.0;
    if percent == 0.0 {
        "0 %".to_owned()
    } else if percent < 0.1 {
        "<0.1 %".to_owned()
    } else if percent < 10.0 {
        format!("{percent:.1} %")
    } else if percent > 99.9 && percent < 100.0 {
        ">99.9 %".to_owned()
    } else {
        format!("{percent:.0} %")
    }
}

/// A value of the data with at most five digits that mean something.
pub fn value(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "NaN".into()
        } else if value > 0.0 {
            "∞".into()
        } else {
            "−∞".into()
        };
    }
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e9).contains(&size) {
        return format!("{value:.3e}");
    }
    let decimals = if size >= 10_000.0 {
        0
    } else if size >= 100.0 {
        1
    } else if size >= 1.0 {
        2
    } else {
        4
    };
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A measured time or amount with the two digits that a single measurement is worth: `0.50`, `3.1`, `47`, `1200`.
pub fn short(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return self::value(value);
    }
    #[expect(clippy::cast_possible_truncation, reason = "a power of ten")]
    let power = value.abs().log10().floor() as i32;
    let unit = 10f64.powi(power - 1);
    let rounded = (value / unit).round() * unit;
    let digits = usize::try_from(1 - power).unwrap_or(0);
    format!("{rounded:.digits$}")
}

/// A score: three decimals, without the leading zero where it is below one.
pub fn score(score: f64) -> String {
    let text = if score.abs() >= 1000.0 {
        format!("{score:.0}")
    } else if score.abs() >= 10.0 {
        format!("{score:.2}")
    } else {
        format!("{score:.3}")
    };
    match text.strip_prefix("0.") {
        Some(rest) => format!(".{rest}"),
        None => match text.strip_prefix("-0.") {
            Some(rest) => format!("-.{rest}"),
            None => text,
        },
    }
}

/// A difference of scores, always with its sign.
pub fn signed_score(difference: f64) -> String {
    if difference < 0.0 { score(difference).replacen('-', "−", 1) } else { format!("+{}", score(difference)) }
}

/// Dollars: cents where that is enough, more digits below one cent. `None` is *unknown*.
pub fn dollars(usd: Option<f64>) -> String {
    match usd {
        None => "unknown".to_owned(),
        Some(usd) if usd != 0.0 && usd.abs() < 0.01 => format!("${usd:.4}"),
        Some(usd) => format!("${usd:.2}"),
    }
}

/// Seconds as `0:07`, `12:40` or `1:02:05`.
pub fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// Bytes with one unit: `812 kB`, `1.1 GB`.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
    let mut size = n as f64;
    let mut unit = 0;
    while size >= 999.5 && unit + 1 < UNITS.len() {
        size /= 1000.0;
        unit += 1;
    }
    if unit == 0 || size >= 10.0 { format!("{size:.0} {}", UNITS[unit]) } else { format!("{size:.1} {}", UNITS[unit]) }
}

/// Tokens, short: `412`, `5.2k`, `1.3M`.
pub fn tokens(n: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
    let size = n as f64;
    match n {
        0..1000 => n.to_string(),
        1000..100_000 => format!("{:.1}k", size / 1e3),
        100_000..1_000_000 => format!("{:.0}k", size / 1e3),
        _ => format!("{:.1}M", size / 1e6),
    }
}

/// How often: once, 3 times.
pub fn times(n: usize) -> String {
    if n == 1 { "once".to_owned() } else { format!("{n} times") }
}

/// A word for one, with an `s` for any other number: `3 rows`, `1 row`.
pub fn plural(n: u64, word: &str) -> String {
    if n == 1 { format!("1 {word}") } else { format!("{} {word}s", count(n)) }
}

/// A number that code reported, and *not a number* where it reported something else.
pub fn reported(number: Option<f64>) -> String {
    number.map_or_else(|| "not a number".to_owned(), value)
}

/// A moment as people read it, `25 Nov 2026, 17:40 UTC`, of one in RFC 3339 that ends with `Z`; any other text as it is.
pub fn moment(at: &str) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let read = || {
        let (day, clock) = at.strip_suffix('Z')?.split_once('T')?;
        let mut parts = day.splitn(3, '-');
        let (year, month, day) =
            (parts.next()?, parts.next()?.parse::<usize>().ok()?, parts.next()?.parse::<u8>().ok()?);
        let month = MONTHS.get(month.checked_sub(1)?)?;
        Some(format!("{day} {month} {year}, {} UTC", clock.get(..5)?))
    };
    read().unwrap_or_else(|| at.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measured_time_has_two_digits() {
        for (value, expected) in
            [(0.4999, "0.50"), (3.12, "3.1"), (47.3, "47"), (1234.0, "1200"), (0.0, "0"), (0.0312, "0.031")]
        {
            assert_eq!(short(value), expected);
        }
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(count(0), "0");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(
            [share(0.0), share(0.000_3), share(0.031), share(0.97), share(0.9996)],
            ["0 %", "<0.1 %", "3.1 %", "97 %", ">99.9 %"]
        );
        assert_eq!(
            [value(49.99), value(12.0), value(0.000_012), value(1_234_567.0)],
            ["49.99", "12", "1.200e-5", "1234567"]
        );
        assert_eq!([score(0.8421), score(1.0), score(-0.0311), score(12.5)], [".842", "1.000", "-.031", "12.50"]);
        assert_eq!([signed_score(0.012), signed_score(-0.02)], ["+.012", "−.020"]);
        assert_eq!(
            [dollars(None), dollars(Some(0.0)), dollars(Some(0.0042)), dollars(Some(1.5))],
            ["unknown", "$0.00", "$0.0042", "$1.50"]
        );
        assert_eq!([clock(7), clock(760), clock(3725)], ["0:07", "12:40", "1:02:05"]);
        assert_eq!([bytes(12), bytes(812_345), bytes(1_055_000_000)], ["12 B", "812 kB", "1.1 GB"]);
        assert_eq!([tokens(412), tokens(5_210), tokens(123_456), tokens(1_300_000)], ["412", "5.2k", "123k", "1.3M"]);
        assert_eq!([plural(1, "row"), plural(12, "row")], ["1 row", "12 rows"]);
    }

    #[test]
    fn a_moment_is_told_without_fractions_of_a_second() {
        assert_eq!(moment("2026-11-25T17:40:31.123456789Z"), "25 Nov 2026, 17:40 UTC");
        assert_eq!(moment("2026-02-03T04:05:06Z"), "3 Feb 2026, 04:05 UTC");
        for other in ["now", "2026-13-01T00:00:00Z", "2026-11-25T17:40:31+01:00", ""] {
            assert_eq!(moment(other), other);
        }
    }
}
