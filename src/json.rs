//! The shapes that are printed on standard output. Scripts rely on them: fields may be added, none may change.

use serde_json::{Value, json};

use crate::domain::dataset::Source;
use crate::domain::failure::Failure;
use crate::domain::profile::{self, ColumnProfile, Profile, QUANTILES};
use crate::domain::warning::Warning;

/// A failure.
pub fn failure(failure: &Failure) -> Value {
    json!({"error": {"what": failure.what.as_str(), "why": failure.why.as_str(), "next": failure.next.as_str()}})
}

/// What `profile --json` prints.
pub fn profile(source: &Source, profile: &Profile, warnings: &[Warning]) -> Value {
    let names: Vec<&str> = profile.columns.iter().map(|column| column.name.expose()).collect();
    json!({
        "source": {
            "path": source.path.to_string_lossy(),
            "format": source.format.word(),
            "n_rows": profile.n_rows,
            "n_columns": profile.columns.len(),
            "bytes": source.n_bytes,
            "sampling": null,
            "data_hash": profile.data_hash,
            "notes": source.notes.iter().map(|note| note.as_str()).collect::<Vec<_>>(),
        },
        "columns": profile.columns.iter().map(column).collect::<Vec<_>>(),
        "n_duplicate_rows": profile.n_duplicate_rows,
        "warnings": warnings.iter().map(|one| warning(one, &names)).collect::<Vec<_>>(),
    })
}

fn column(column: &ColumnProfile) -> Value {
    let numbers = column.numbers.as_ref();
    let quantiles = numbers.map(|numbers| {
        QUANTILES
            .iter()
            .zip(numbers.quantiles)
            .map(|(q, value)| (q.to_string(), json!(value)))
            .collect::<serde_json::Map<_, _>>()
    });
    json!({
        "name": column.name.expose(),
        "dtype": column.kind.dtype(),
        "role": column.role.word(),
        "n_null": column.n_null,
        "n_null_markers": column.n_marked_null,
        "n_distinct": column.n_distinct,
        "distinct_exact": column.distinct_exact,
        "min": column.min,
        "max": column.max,
        "mean": numbers.map(|numbers| numbers.mean),
        "std": numbers.and_then(|numbers| numbers.std),
        "quantiles": quantiles,
        "mean_length": column.mean_chars,
        "n_outliers": numbers.map(|_| column.n_far_out),
        "top": column.top.iter().map(|(value, count)| json!({"value": value.expose(), "count": count})).collect::<Vec<_>>(),
        "histogram": column.histogram.as_ref().map(|histogram| json!({
            "edges": histogram.edges.iter().map(|edge| if column.kind.is_time() { json!(profile::show_edge(column.kind, *edge)) } else { json!(edge) }).collect::<Vec<_>>(),
            "counts": histogram.counts,
        })),
    })
}

fn warning(warning: &Warning, names: &[&str]) -> Value {
    json!({
        "id": warning.id,
        "severity": warning.severity.word(),
        "columns": warning.columns.iter().filter_map(|idx| names.get(*idx)).collect::<Vec<_>>(),
        "message": warning.message.as_str(),
        "evidence": {"metric": warning.metric, "value": warning.value, "rows": warning.rows},
    })
}
