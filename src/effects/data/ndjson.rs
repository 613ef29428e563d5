//! One JSON object a line: which keys there are, and the cells of a line in their order.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use crate::domain::profile::Occurrences;
use crate::effects::data::grid::records::MAX_RECORD;
use crate::effects::data::text_table::RawCell;

/// Keys of the objects in `head`, in the order in which they are first seen.
pub fn names(head: &[u8]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for line in head.split(|byte| *byte == b'\n').take(1000) {
        if let Ok(object) = serde_json::from_slice::<Map<String, Value>>(line) {
            for key in object.keys() {
                if seen.insert(key.clone()) {
                    names.push(key.clone());
                }
            }
        }
    }
    names
}

/// Hands over the cells of one line after the other, in the order of `names`, until `take` has enough; gives the lines
/// that have other keys as well, by their number among those that are not empty.
pub fn each_record<R: Read>(
    bytes: R,
    names: &[String],
    take: &mut dyn FnMut(&[Option<RawCell<'_>>]) -> Result<bool>,
) -> Result<Occurrences> {
    let mut others = Occurrences::default();
    let mut n_records = 0;
    let place: HashMap<&str, usize> = names.iter().enumerate().map(|(idx, name)| (name.as_str(), idx)).collect();
    let mut reader = BufReader::with_capacity(1 << 16, bytes);
    let mut line = Vec::new();
    let mut n_line = 0u64;
    loop {
        line.clear();
        if reader.by_ref().take(MAX_RECORD as u64).read_until(b'\n', &mut line)? == 0 {
            return Ok(others);
        }
        n_line += 1;
        if line.len() == MAX_RECORD {
            bail!("line {n_line} is longer than 64 MiB");
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let object: Map<String, Value> =
            serde_json::from_slice(&line).with_context(|| format!("line {n_line} is not a JSON object"))?;
        if object.keys().any(|key| !place.contains_key(key.as_str())) {
            others.add(n_records);
        }
        n_records += 1;
        let texts: Vec<(usize, Shape, String)> = object
            .into_iter()
            .filter_map(|(key, value)| {
                let idx = *place.get(key.as_str())?;
                match value {
                    Value::Null => None,
                    Value::String(text) => Some((idx, Shape::String, text)),
                    Value::Bool(_) | Value::Number(_) => Some((idx, Shape::Scalar, value.to_string())),
                    Value::Array(_) | Value::Object(_) => Some((idx, Shape::Nested, value.to_string())),
                }
            })
            .collect();
        let mut cells = vec![None; names.len()];
        for (idx, shape, text) in &texts {
            cells[*idx] = Some(match shape {
                Shape::String => RawCell::String(text),
                Shape::Scalar => RawCell::Scalar(text),
                Shape::Nested => RawCell::Nested(text),
            });
        }
        if !take(&cells)? {
            return Ok(others);
        }
    }
}

enum Shape {
    String,
    Scalar,
    Nested,
}
