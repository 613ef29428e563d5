//! Values read from bytes: a short way for the usual forms, `domain::kind` for all others, the same answer from both.

use crate::domain::kind::{self, Kind};

/// Whether a cell means *no value*; see [`kind::is_null_marker`].
#[inline]
pub fn is_null(cell: &[u8]) -> bool {
    let Some(first) = cell.first() else { return true };
    cell.len() <= 8
        && matches!(first, b'#' | b'-' | b'1' | b'<' | b'N' | b'n')
        && kind::NULL_MARKERS.iter().any(|marker| marker.as_bytes() == cell)
}

/// See [`kind::int`].
#[inline]
pub fn int(cell: &[u8]) -> Option<i64> {
    let (is_negative, digits) = match cell {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > 18 {
        return slow(cell, kind::int);
    }
    let mut value = 0i64;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return slow(cell, kind::int);
        }
        value = value * 10 + i64::from(digit);
    }
    Some(if is_negative { -value } else { value })
}

/// Powers of ten that a double holds exactly.
const TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// See [`kind::float`].
///
/// Digits that make a whole number below 2^53, divided by a power of ten up to 10^22, round correctly in one division
/// (Clinger, *How to read floating point numbers accurately*, 1990).
#[inline]
pub fn float(cell: &[u8]) -> Option<f64> {
    let (is_negative, digits) = match cell {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > 17 {
        return slow(cell, kind::float);
    }
    let (mut value, mut point) = (0u64, usize::MAX);
    for (idx, byte) in digits.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            value = value * 10 + u64::from(digit);
        } else if *byte == b'.' && point == usize::MAX {
            point = idx;
        } else {
            return slow(cell, kind::float);
        }
    }
    if value > 1 << 53 || (point != usize::MAX && digits.len() == 1) {
        return slow(cell, kind::float);
    }
    #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
    let mut number = value as f64;
    if point != usize::MAX {
        number /= TENS[digits.len() - 1 - point];
    }
    Some(if is_negative { -number } else { number })
}

/// See [`kind::date`].
#[inline]
pub fn date(cell: &[u8]) -> Option<i32> {
    if let [y0, y1, y2, y3, first, m0, m1, second, d0, d1] = cell
        && first == second
        && matches!(first, b'-' | b'/')
        && let (Some(century), Some(year), Some(month), Some(day)) =
            (two(*y0, *y1), two(*y2, *y3), two(*m0, *m1), two(*d0, *d1))
    {
        let year = century * 100 + year;
        return is_day(year, month, day).then(|| days_of(year, month, day));
    }
    slow(cell, kind::date)
}

/// A day or a point in time in microseconds; see [`kind::datetime`].
#[inline]
pub fn datetime(cell: &[u8]) -> Option<i64> {
    const DAY: i64 = 86_400_000_000;
    if cell.len() == 10 {
        return date(cell).map(|days| i64::from(days) * DAY);
    }
    if cell.len() == 19
        && matches!(cell[10], b' ' | b'T')
        && cell[13] == b':'
        && cell[16] == b':'
        && let (Some(hour), Some(minute), Some(second)) =
            (two(cell[11], cell[12]), two(cell[14], cell[15]), two(cell[17], cell[18]))
        && hour <= 23
        && minute <= 59
        && second <= 60
        && !cell[0].is_ascii_whitespace()
    {
        let days = date(&cell[..10])?;
        return Some(i64::from(days) * DAY + i64::from(hour * 3600 + minute * 60 + second) * 1_000_000);
    }
    let read = |cell: &str| kind::datetime(cell).or_else(|| kind::date(cell).map(|days| i64::from(days) * DAY));
    slow(cell, read)
}

/// See [`kind::boolean`].
#[inline]
pub fn boolean(cell: &[u8]) -> Option<bool> {
    match cell {
        b"true" | b"True" | b"TRUE" => Some(true),
        b"false" | b"False" | b"FALSE" => Some(false),
        _ => None,
    }
}

/// Whether a cell of a text column reads as a number.
#[inline]
pub fn is_numeric(cell: &[u8]) -> bool {
    let Some(first) = cell.first() else { return false };
    // Nothing else can begin a number once it is trimmed; letters, the usual case, are out at once.
    (matches!(first, b'0'..=b'9' | b'.' | b'-' | b'+' | b'i' | b'I' | b'\t'..=b'\r' | b' ') || *first >= 0x80)
        && float(cell).is_some()
}

/// See [`kind::year_last`].
#[inline]
pub fn year_last(cell: &[u8]) -> Option<(i32, i32)> {
    // The shortest is 1/1/2000; a mark stands after one digit or two.
    let may_be = cell.len() >= 8 && cell[..4].iter().any(|byte| matches!(byte, b'/' | b'.' | b'-'));
    if may_be { std::str::from_utf8(cell).ok().and_then(kind::year_last) } else { None }
}

/// What one value is by itself, the narrowest kind that fits.
pub fn kind_of(cell: &[u8]) -> Kind {
    if int(cell).is_some() {
        Kind::Int
    } else if float(cell).is_some() {
        Kind::Float
    } else if boolean(cell).is_some() {
        Kind::Bool
    } else if date(cell).is_some() {
        Kind::Date
    } else if datetime(cell).is_some() {
        Kind::Datetime
    } else {
        Kind::Text
    }
}

#[cold]
#[inline(never)]
fn slow<T>(cell: &[u8], read: impl Fn(&str) -> Option<T>) -> Option<T> {
    std::str::from_utf8(cell).ok().and_then(read)
}

#[inline]
fn two(tens: u8, ones: u8) -> Option<i32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then(|| i32::from(tens) * 10 + i32::from(ones))
}

fn is_day(year: i32, month: i32, day: i32) -> bool {
    let n_days = match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return false,
    };
    (1..=n_days).contains(&day)
}

/// Days since 1970-01-01 (Hinnant, *chrono-compatible low-level date algorithms*, `days_from_civil`), years 0 to 9999.
fn days_of(year: i32, month: i32, day: i32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}
