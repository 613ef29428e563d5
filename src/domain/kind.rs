//! What the cells of a column are, and how a text is read as one of them.

use serde::{Deserialize, Serialize};

/// The texts that stand for *no value*: those that pandas takes for missing by default.
///
/// Source: `pandas._libs.parsers.STR_NA_VALUES` (pandas 2 and 3); the empty cell is one of them.
pub const NULL_MARKERS: [&str; 19] = [
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL", "NaN", "None", "n/a", "nan", "null",
];

/// Whether a cell of a text file means *no value*.
pub fn is_null_marker(cell: &str) -> bool {
    cell.len() <= 8 && NULL_MARKERS.contains(&cell)
}

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// Whole numbers in 64 bits.
    #[serde(rename = "Int64")]
    Int,
    /// Numbers with a fraction.
    #[serde(rename = "Float64")]
    Float,
    /// True or false.
    #[serde(rename = "Boolean")]
    Bool,
    /// A day.
    Date,
    /// A day and a time of day.
    Datetime,
    /// A time of day, a duration, a list, a record: shown as text and counted, no more.
    Other,
    /// Any text.
    #[serde(rename = "String")]
    Text,
}

impl Kind {
    /// The name used in JSON and on the wire, as polars names it.
    pub fn dtype(self) -> &'static str {
        match self {
            Self::Int => "Int64",
            Self::Float => "Float64",
            Self::Bool => "Boolean",
            Self::Date => "Date",
            Self::Datetime => "Datetime",
            Self::Other => "Other",
            Self::Text => "String",
        }
    }

    /// The word on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::Date => "date",
            Self::Datetime => "time",
            Self::Other => "other",
            Self::Text => "text",
        }
    }

    /// Whether means and quantiles make sense.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Float)
    }

    /// Whether it is a point in time.
    pub fn is_time(self) -> bool {
        matches!(self, Self::Date | Self::Datetime)
    }
}

/// Reads a whole number.
pub fn int(cell: &str) -> Option<i64> {
    let cell = cell.trim();
    let digits = cell.strip_prefix(['+', '-']).unwrap_or(cell);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    cell.parse().ok()
}

/// Reads a number. Words such as `inf` count, `nan` is a null marker, and separators of thousands don't.
pub fn float(cell: &str) -> Option<f64> {
    let cell = cell.trim();
    let body = cell.strip_prefix(['+', '-']).unwrap_or(cell);
    let starts_well = body.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if !starts_well && !matches!(body.to_ascii_lowercase().as_str(), "inf" | "infinity") {
        return None;
    }
    cell.parse().ok()
}

/// Reads true or false, in the three ways that pandas reads them.
pub fn boolean(cell: &str) -> Option<bool> {
    match cell {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// Reads an ISO day (`2026-08-03` or `2026/08/03`) as days since 1970-01-01.
pub fn date(cell: &str) -> Option<i32> {
    let bytes = cell.trim().as_bytes();
    if bytes.len() != 10 || bytes[4] != bytes[7] || !matches!(bytes[4], b'-' | b'/') {
        return None;
    }
    let (year, month, day) = (digits(&bytes[..4])?, digits(&bytes[5..7])?, digits(&bytes[8..])?);
    let date =
        jiff::civil::Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    date.since(jiff::civil::date(1970, 1, 1)).ok().map(|span| span.get_days())
}

/// The first two numbers of a day that is written with its year last: `03/04/2024`, `3.4.2024`, `03-04-2024 10:15`.
pub fn year_last(cell: &str) -> Option<(i32, i32)> {
    let day = cell.trim().split([' ', 'T']).next()?;
    let mark = day.chars().find(|c| !c.is_ascii_digit()).filter(|c| matches!(c, '/' | '.' | '-'))?;
    let mut parts = day.split(mark).map(|part| (part.len(), digits(part.as_bytes())));
    let ((n_first, first), (n_second, second), (n_year, year)) = (parts.next()?, parts.next()?, parts.next()?);
    let is_day = |n: usize, part: i32| (1..=2).contains(&n) && (1..=31).contains(&part);
    let fits = is_day(n_first, first?) && is_day(n_second, second?) && n_year == 4 && year.is_some();
    (fits && parts.next().is_none()).then_some((first?, second?))
}

/// Reads an ISO day with a time of day as microseconds since 1970-01-01 UTC. Without an offset the
/// time is taken as UTC.
pub fn datetime(cell: &str) -> Option<i64> {
    let cell = cell.trim();
    let (day, rest) = cell.split_at_checked(10)?;
    let days = i64::from(date(day)?);
    let rest = rest.strip_prefix([' ', 'T'])?;
    let (clock, offset) = match rest.find(['Z', '+', '-']) {
        Some(at) => (&rest[..at], offset_seconds(&rest[at..])?),
        None => (rest, 0),
    };
    let (clock, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, ""));
    let mut parts = clock.split(':');
    let (hour, minute) = (digits(parts.next()?.as_bytes())?, digits(parts.next()?.as_bytes())?);
    let second = parts.next().map_or(Some(0), |part| digits(part.as_bytes()))?;
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let micros = if fraction.is_empty() { 0 } else { digits(format!("{fraction:0<6}").get(..6)?.as_bytes())? };
    let seconds = days * 86_400 + i64::from(hour * 3600 + minute * 60 + second) - offset;
    Some(seconds * 1_000_000 + i64::from(micros))
}

fn offset_seconds(offset: &str) -> Option<i64> {
    if offset == "Z" {
        return Some(0);
    }
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let body = offset[1..].replace(':', "");
    let value = i64::from(digits(body.as_bytes())?);
    match body.len() {
        2 => Some(sign * value * 3600),
        4 => Some(sign * (value / 100 * 3600 + value % 100 * 60)),
        _ => None,
    }
}

fn digits(bytes: &[u8]) -> Option<i32> {
    if bytes.is_empty() || bytes.len() > 9 {
        return None;
    }
    bytes.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i32::from(byte - b'0')))
}

/// Writes days since 1970-01-01 as an ISO day.
pub fn show_date(days: i64) -> String {
    i32::try_from(days)
        .ok()
        .and_then(|days| jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(days)).ok())
        .map_or_else(|| format!("{days} days"), |date| date.to_string())
}

/// Writes microseconds since 1970-01-01 as an ISO day and time of day, without a fraction that is zero.
pub fn show_datetime(micros: i64) -> String {
    jiff::Timestamp::from_microsecond(micros).map_or_else(
        |_| format!("{micros} µs"),
        |at| {
            let civil = at.to_zoned(jiff::tz::TimeZone::UTC).datetime();
            civil.to_string().replace('T', " ")
        },
    )
}

/// Narrows down what a column can be while its cells go by.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "one for each kind that is still possible")]
pub struct Guess {
    int: bool,
    float: bool,
    boolean: bool,
    date: bool,
    datetime: bool,
    seen: bool,
    code: Code,
}

/// Whether whole numbers are codes: all as wide as each other, some with a zero in front. `01234` is no quantity.
#[derive(Clone, Copy, Debug, Default)]
struct Code {
    width: Option<usize>,
    is_padded: bool,
    is_ragged: bool,
}

impl Code {
    fn see(&mut self, cell: &str) {
        let cell = cell.trim();
        self.is_ragged |= self.width.is_some_and(|width| width != cell.len());
        self.width = Some(cell.len());
        self.is_padded |= cell.len() > 1 && cell.starts_with('0');
    }
}

impl Default for Guess {
    fn default() -> Self {
        Self { int: true, float: true, boolean: true, date: true, datetime: true, seen: false, code: Code::default() }
    }
}

impl Guess {
    /// Takes one cell into account. Null markers say nothing.
    pub fn see(&mut self, cell: &str) {
        if is_null_marker(cell) {
            return;
        }
        self.seen = true;
        self.int = self.int && int(cell).is_some();
        if self.int {
            self.code.see(cell);
        }
        self.float = self.float && (self.int || float(cell).is_some());
        self.boolean = self.boolean && boolean(cell).is_some();
        self.date = self.date && date(cell).is_some();
        self.datetime = self.datetime && (self.date || date(cell).is_some() || datetime(cell).is_some());
    }

    /// Whether no further cell can make it anything but text.
    pub fn is_text_for_good(self) -> bool {
        !(self.int || self.float || self.boolean || self.date || self.datetime)
    }

    /// The narrowest kind that every cell seen so far can be. A column without a value is a float, as in pandas.
    pub fn kind(self) -> Kind {
        match self {
            Self { seen: false, .. } => Kind::Float,
            Self { int: true, code: Code { is_padded: true, is_ragged: false, .. }, .. } => Kind::Text,
            Self { int: true, .. } => Kind::Int,
            Self { float: true, .. } => Kind::Float,
            Self { boolean: true, .. } => Kind::Bool,
            Self { date: true, .. } => Kind::Date,
            Self { datetime: true, .. } => Kind::Datetime,
            Self { .. } => Kind::Text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(cells: &[&str]) -> Kind {
        let mut guess = Guess::default();
        for cell in cells {
            guess.see(cell);
        }
        guess.kind()
    }

    #[test]
    fn a_column_is_the_narrowest_kind_that_fits_every_cell() {
        assert_eq!(guess(&["1", "-2", " 3", "NA", ""]), Kind::Int);
        assert_eq!(guess(&["1", "2.5", "1e5", "null"]), Kind::Float);
        assert_eq!(guess(&["99999999999999999999"]), Kind::Float);
        assert_eq!(guess(&["True", "FALSE", "N/A"]), Kind::Bool);
        assert_eq!(guess(&["2026-08-03", "2026/08/04"]), Kind::Date);
        assert_eq!(guess(&["2026-08-03", "2026-08-03T10:00:00Z"]), Kind::Datetime);
        assert_eq!(guess(&["03/08/2026"]), Kind::Text);
        assert_eq!(guess(&["1,234"]), Kind::Text);
        assert_eq!(guess(&["1_000"]), Kind::Text);
        assert_eq!(guess(&["01234", "10115", "NA"]), Kind::Text);
        assert_eq!(guess(&["007", "12", "0"]), Kind::Int);
        assert_eq!(guess(&["0", "1"]), Kind::Int);
        assert_eq!(guess(&["", "NaN"]), Kind::Float);
        assert_eq!(guess(&["12", "unknown"]), Kind::Text);
    }

    #[test]
    fn days_and_times_are_read_and_written_back() {
        assert_eq!(date("1970-01-02"), Some(1));
        assert_eq!(date("2026-02-30"), None);
        assert_eq!(datetime("1970-01-01 00:00:01.5"), Some(1_500_000));
        assert_eq!(datetime("1970-01-01T02:00:00+02:00"), Some(0));
        assert_eq!(datetime("1970-01-01T25:00"), None);
        assert_eq!(show_date(20_668), "2026-08-03");
        assert_eq!(show_datetime(1_500_000), "1970-01-01 00:00:01.5");
    }
}
