//! The shapes that are printed on standard output. Scripts rely on them: fields may be added, none may change.

use serde_json::{Value, json};

use crate::domain::dataset::Source;
use crate::domain::drift::Compared;
use crate::domain::errors::ErrorAnalysis;
use crate::domain::experiment::{Decision, Experiment, History};
use crate::domain::failure::Failure;
use crate::domain::known_run::Apart;
use crate::domain::openings::{Opening, Seen};
use crate::domain::profile::{self, Accuracy, ColumnProfile, Profile, QUANTILES};
use crate::domain::question::{Asked, Question};
use crate::domain::run::{CodeFile, Outcome, RunSpec, Status};
use crate::domain::turn::{StopReason, Usage};
use crate::domain::verdict::Verdict;
use crate::domain::warning::Warning;
use crate::text::{RawText, SafeText};

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
            "notes": source.notes.iter().map(super::text::SafeText::as_str).collect::<Vec<_>>(),
        },
        "columns": profile.columns.iter().map(column).collect::<Vec<_>>(),
        "n_duplicate_rows": profile.n_duplicate_rows,
        "n_rows_compared": profile.n_rows_compared,
        "warnings": warnings.iter().map(|one| warning(one, &names)).collect::<Vec<_>>(),
    })
}

/// How the columns of a second table differ from those of the first.
pub fn drift(against: &Source, n_rows: u64, compared: &Compared) -> Value {
    let values = |(listed, n): &(Vec<(RawText, u64)>, usize)| {
        let listed: Vec<Value> =
            listed.iter().map(|(value, rows)| json!({"value": value.expose(), "count": rows})).collect();
        json!({"n": n, "values": listed})
    };
    let names = |columns: &[SafeText]| columns.iter().map(SafeText::as_str).map(ToOwned::to_owned).collect::<Vec<_>>();
    json!({
        "against": {"path": against.path.to_string_lossy(), "n_rows": n_rows},
        "columns": compared.columns.iter().map(|(name, drift)| json!({
            "name": name.as_str(),
            "verdict": drift.label.words(),
            "psi": drift.psi,
            "psi_by_chance": drift.psi_by_chance,
            "ks": drift.ks,
            "p_value": drift.p_value,
            "p_adjusted": drift.p_adjusted,
            "null_share": {"before": drift.null_share.0, "now": drift.null_share.1},
            "new": values(&drift.new),
            "gone": values(&drift.gone),
        })).collect::<Vec<_>>(),
        "columns_gone": names(&compared.gone),
        "columns_new": names(&compared.new),
    })
}

fn column(column: &ColumnProfile) -> Value {
    let mut fields = exact_column(column);
    let Accuracy { distinct_error, rank_error, top_error } = column.accuracy;
    if column.accuracy != Accuracy::default() {
        fields["approximate"] = json!({"n_distinct": distinct_error, "rank": rank_error, "top": top_error});
    }
    fields
}

fn exact_column(column: &ColumnProfile) -> Value {
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

/// Tokens.
pub fn usage(usage: &Usage) -> Value {
    json!({
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_creation_input_tokens": usage.cache_creation_input_tokens,
        "cache_read_input_tokens": usage.cache_read_input_tokens,
    })
}

/// An object that says what it is.
pub fn typed(kind: &str, value: Value) -> Value {
    let mut fields = serde_json::Map::from_iter([("type".to_owned(), json!(kind))]);
    if let Value::Object(more) = value {
        fields.extend(more);
    }
    Value::Object(fields)
}

/// What `ask --json` prints.
pub fn ask(question: &Question, asked: &Asked, decision: Decision, run: Option<&Value>) -> Value {
    let suggestion = &asked.suggestion;
    json!({
        "task": suggestion.task.id(),
        "endpoint": {"name": question.endpoint.name, "kind": question.endpoint.kind.word()},
        "model": if asked.turn.model.is_empty() { &question.endpoint.model } else { &asked.turn.model },
        "stop_reason": stop_reason(asked),
        "thinking": asked.turn.thinking(),
        "text": suggestion.text.expose(),
        "files": suggestion.files.iter().map(file).collect::<Vec<_>>(),
        "hypothesis": suggestion.hypothesis.as_ref().map(RawText::expose),
        "expected_effect": suggestion.expected_effect.as_ref().map(RawText::expose),
        "warnings": suggestion.warnings.iter().map(SafeText::as_str).collect::<Vec<_>>(),
        "interrupted": asked.broken.as_ref().map(SafeText::as_str),
        "usage": usage(&asked.turn.usage),
        "cost_usd": asked.cost_usd,
        "suggestion_id": asked.experiment,
        "decision": decision.word(),
        "run": run,
    })
}

/// Why an answer ended. One that hands its files over with a tool has come to its end with that.
fn stop_reason(asked: &Asked) -> &str {
    match asked.turn.stop {
        StopReason::ToolUse if asked.broken.is_none() && !asked.suggestion.files.is_empty() => {
            StopReason::EndTurn.word()
        }
        ref stop => stop.word(),
    }
}

fn file(file: &CodeFile) -> Value {
    let language = file.path.rsplit_once('.').map_or("text", |(_, extension)| match extension {
        "py" => "python",
        "md" => "markdown",
        "yml" | "yaml" => "yaml",
        other => other,
    });
    json!({"path": file.path, "kind": file.kind.word(), "language": language, "code": file.code.expose()})
}

/// What `run --json` prints.
pub fn run(spec: &RunSpec, outcome: &Outcome, verdict: Option<&Verdict>) -> Value {
    let summary: serde_json::Map<String, Value> =
        outcome.summary().into_iter().map(|(name, (mean, std))| (name, json!({"mean": mean, "std": std}))).collect();
    json!({
        "run_id": spec.run_id,
        "status": outcome.status.word(),
        "reason": outcome.reason.as_ref().map(SafeText::as_str),
        "line": outcome.line,
        "sandbox": spec.level.word(),
        "network": spec.network,
        "data_hash": spec.data_hash,
        "code_hash": spec.code_hash,
        "evaluator_hash": spec.evaluator_hash,
        "own_metric": spec.own_metric.as_ref().map(|own| json!({"path": own.path, "hash": own.hash})),
        "seed": spec.seed(),
        "python": spec.python.version,
        "environment": spec.environment.as_ref().map(|environment| json!({
            "kind": environment.kind.word(),
            "freeze_hash": environment.freeze_hash,
            "header_hash": environment.header_hash,
            "lock_hash": environment.lock_hash,
        })),
        "seeds": outcome.seeds,
        "folds": outcome.folds.iter().map(|fold| json!({
            "fold": fold.fold, "n_train": fold.n_train, "n_valid": fold.n_valid, "metrics": fold.metrics,
            "fit_s": fold.fit_s, "predict_s": fold.predict_s,
        })).collect::<Vec<_>>(),
        "metrics": summary,
        "primary_metric": spec.framing.metric.name(),
        "direction": spec.framing.metric.direction().word(),
        "verdict": verdict.map(|verdict| json!({
            "against": verdict.against,
            "mean_difference": verdict.mean_difference,
            "interval": verdict.interval,
            "confidence": verdict.confidence,
            "label": verdict.label.words(),
            "n_comparisons": verdict.n_comparisons,
            "method": verdict.method,
            "p_value": verdict.p_value,
            "p_adjusted": verdict.p_adjusted,
            "interval_adjusted": verdict.adjusted_interval,
            "noise_floor": verdict.noise_floor,
        })),
        "duration_s": outcome.duration_s,
        "peak_memory_bytes": outcome.peak_memory_bytes,
        "predicted_s": outcome.predicted_s,
        "cpu_s": outcome.cpu_s,
        "disk_bytes": outcome.disk_bytes,
        "gpu_bytes": outcome.gpu_bytes,
        "artefacts": outcome.artefacts,
        "reported_by_script": outcome.reported_by_script,
        "about": spec.subject.as_ref().map(|subject| &subject.experiment),
        "findings": {
            "summary": outcome.findings.summary,
            "checks": outcome.findings.checks,
            "parts": outcome.findings.parts,
            "best": outcome.findings.best,
            "trials": outcome.findings.trials,
            "noise": outcome.findings.noise,
        },
        "before": spec.before,
        "court": outcome.findings.court,
        "test_interval": outcome.findings.test_interval,
        "role": spec.role,
    })
}

/// What `history --json` prints.
pub fn history(history: &History, shown: &[&Experiment]) -> Value {
    let is_shown = |opening: &&Opening| shown.iter().any(|one| one.id == opening.experiment);
    json!({
        "experiments": shown.iter().map(|experiment| experiment_json(history, experiment)).collect::<Vec<_>>(),
        "openings": history.openings.iter().filter(is_shown).map(|one| opening(history, one)).collect::<Vec<_>>(),
    })
}

/// A look at sealed rows. Of one that led to no run, what it gave is unknown.
fn opening(history: &History, opening: &Opening) -> Value {
    let look = history.look(opening);
    let seen = look.and_then(|run| Some(Seen::of(&run.spec, run.outcome.as_ref()?)));
    json!({
        "at": opening.at,
        "data": opening.data,
        "experiment": opening.experiment,
        "run_id": opening.run_id,
        "n_before": opening.n_before,
        "look": opening.look,
        "metric": look.map(|run| run.spec.framing.metric.name()),
        "score": seen.as_ref().and_then(|seen| seen.score),
        "test_interval": seen.as_ref().and_then(|seen| seen.interval),
        "n_rows": seen.as_ref().and_then(|seen| seen.n_rows),
        "is_test_score": opening.is_test(),
    })
}

fn experiment_json(history: &History, experiment: &Experiment) -> Value {
    let apart = history.why_apart(experiment);
    let has_score = experiment.run().is_some_and(|run| run.score().is_some());
    let latest = experiment.run();
    let going_on = Outcome::empty(Status::Interrupted, SafeText::default());
    json!({
        "id": experiment.id,
        "parent": experiment.parent,
        "task": experiment.task,
        "data": experiment.data,
        "hypothesis": experiment.hypothesis.as_ref().map(RawText::expose),
        "expected_effect": experiment.expected_effect.as_ref().map(RawText::expose),
        "decision": experiment.decision.word(),
        "taken_back_at": experiment.taken_back_at,
        "reason": experiment.reason.as_ref().map(RawText::expose),
        "model": experiment.model,
        "stop_reason": experiment.stop.as_ref().map(StopReason::word),
        "run": latest.map(|one| {
            let mut value = run(&one.spec, one.outcome.as_ref().unwrap_or(&going_on), one.verdict.as_ref());
            if one.outcome.is_none() {
                value["status"] = json!("running");
                for unknown in ["duration_s", "peak_memory_bytes", "cpu_s", "disk_bytes"] {
                    value[unknown] = Value::Null;
                }
            }
            value
        }),
        "n_runs": experiment.runs.len(),
        "comparable": has_score.then_some(apart.is_none()),
        "why_not_comparable": apart.map(Apart::words),
        "cost_usd": experiment.cost_usd,
        "created_at": experiment.created_at,
    })
}
/// What `errors --json` prints.
pub fn errors(spec: &RunSpec, analysis: &ErrorAnalysis) -> Value {
    let mut shape = json!(analysis);
    shape["run_id"] = json!(spec.run_id);
    shape["experiment"] = json!(spec.experiment);
    shape["data_hash"] = json!(spec.data_hash);
    shape
}
