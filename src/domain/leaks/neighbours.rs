//! Functions that mix a value with its neighbours in time: smoothing, filling between known points, joining to the nearest.

use ruff_python_ast::{Expr, Number};

use super::call::Args;
use super::state::Walk;
use super::value::{LAGGED, REVERSED, Value, What, blend};

/// Filters that run both ways, with windows around the point, or over all points at once.
const BOTH_WAYS: &str = " savgol_filter filtfilt sosfiltfilt medfilt medfilt2d wiener gaussian_filter1d gaussian_filter uniform_filter1d uniform_filter median_filter minimum_filter1d maximum_filter1d percentile_filter rank_filter gaussian_laplace convolve1d correlate1d lowess detrend hilbert seasonal_decompose STL MSTL hpfilter bkfilter cffilter denoise_wavelet denoise_tv_chambolle irfft ifft gradient dct idct find_peaks argrelextrema argrelmax argrelmin ";
/// Curves through known points.
const CURVES: &str = " interp1d CubicSpline PchipInterpolator Akima1DInterpolator UnivariateSpline InterpolatedUnivariateSpline make_interp_spline make_smoothing_spline splrep griddata ";
/// Names of filters that run along the last axis unless they are told otherwise, so across the columns of a table.
const LAST_AXIS: &str = " savgol_filter filtfilt sosfiltfilt gaussian_filter1d uniform_filter1d minimum_filter1d maximum_filter1d convolve1d correlate1d detrend hilbert irfft ifft dct idct ";

fn is_in(list: &str, name: &str) -> bool {
    list.contains(&format!(" {name} "))
}

impl<'a> Walk<'a> {
    /// A function of a library that takes in later rows, where the rows stand in time.
    pub(super) fn neighbours(&mut self, path: &str, name: &str, args: &Args<'a>) -> Option<Value> {
        let known = is_in(BOTH_WAYS, name)
            || is_in(CURVES, name)
            || matches!(
                name,
                "convolve" | "fftconvolve" | "oaconvolve" | "correlate" | "interp" | "roll" | "merge_asof"
            );
        if !known || !path.contains('.') && !matches!(name, "lowess") && self.lookup(name).is_none() {
            return None;
        }
        let all = args.all();
        let rows = all.iter().find(|value| value.is_data() && !matches!(value.what, What::Pred(_)))?;
        let column = rows.what == What::Column || rows.what == What::Unknown;
        let axis = args.keyword("axis").map(|axis| axis.what.clone());
        let along_rows = axis == Some(What::Number(0))
            || (axis.is_none() && (column || !is_in(LAST_AXIS, name)))
            || (column && !matches!(axis, Some(What::Number(1))));
        let said = |at: usize, key: &str| args.get(at, key).and_then(Value::as_text);
        let looks = match name {
            "convolve" | "fftconvolve" | "oaconvolve" | "correlate" => {
                said(2, "mode") == Some("same")
                    || path.contains("ndimage")
                    || said(2, "mode").is_some_and(|m| m == "reflect")
            }
            "interp" => args.get(2, "fp").is_some_and(Value::is_data),
            "roll" => matches!(args.get(1, "shift").map(|by| &by.what), Some(What::Number(by)) if *by < 0),
            "merge_asof" => args.keyword("direction").and_then(Value::as_text).is_some_and(|way| way != "backward"),
            _ => along_rows,
        };
        let by_time = self.time_is_known() || name == "merge_asof";
        if !looks || !by_time || !along_rows {
            return None;
        }
        let text = match name {
            "merge_asof" => "merge_asof joins rows of a later time".to_owned(),
            "interp" => "interp() draws a line towards later rows".to_owned(),
            _ if is_in(CURVES, name) => format!("{name} draws a curve through later rows"),
            _ => format!("{name}() takes in later rows"),
        };
        let taint = self.future(rows, args, &text);
        let mut value = blend(&all);
        value.what = rows.what.clone();
        value.part = rows.part;
        value.cols.clone_from(&rows.cols);
        value.made.clone_from(&rows.made);
        if name == "roll" {
            value.from.clear();
        }
        value.taints.insert(taint);
        Some(value)
    }

    /// A column that is moved by hand: its second value and all that follow are put at the start of another.
    pub(super) fn moved_up(&mut self, name: &str, args: &Args<'a>) -> Option<usize> {
        if !matches!(name, "append" | "concatenate" | "hstack") || !self.time_is_known() {
            return None;
        }
        let column = args.all().iter().flat_map(|value| value.leaves()).any(|leaf| leaf.what == What::Column);
        let first = args.call.arguments.args.first()?;
        let piece = match first {
            Expr::Tuple(tuple) => tuple.elts.first()?,
            Expr::List(list) => list.elts.first()?,
            other => other,
        };
        if !column || !is_later_part(piece) {
            return None;
        }
        let rows = args.all().into_iter().flat_map(Value::leaves).find(|leaf| leaf.is_data())?.clone();
        let text = format!("{} moves later values up", self.source(args.call));
        Some(self.future(&rows, args, &text))
    }

    /// What a running calculation meets where the latest rows come first.
    pub(super) fn runs_backwards(&mut self, receiver: &Value, name: &str, args: &Args<'a>) -> Option<Value> {
        let runs = matches!(
            name,
            "rolling" | "expanding" | "ewm" | "cumsum" | "cummax" | "cummin" | "cumprod" | "cumcount" | "ffill" | "pad"
        );
        if !runs || !receiver.is(REVERSED) || !self.time_is_known() {
            return None;
        }
        let text = format!("{name}() runs from the latest row back, so it takes in later rows");
        let taint = self.future(receiver, args, &text);
        let mut value = receiver.clone();
        value.taints.insert(taint);
        if matches!(name, "rolling" | "expanding" | "ewm") {
            value.marks |= LAGGED;
        }
        if receiver.what == What::GroupBy && name.starts_with("cum") {
            value.what = What::Column;
        }
        Some(value)
    }
}

/// Whether an expression is all of a column from its second value, or one soon after, to the end.
pub(super) fn is_later_part(piece: &Expr) -> bool {
    let Expr::Subscript(subscript) = piece else { return false };
    let Expr::Slice(slice) = &*subscript.slice else { return false };
    let small = matches!(slice.lower.as_deref(), Some(Expr::NumberLiteral(number))
        if matches!(&number.value, Number::Int(by) if by.as_i64().is_some_and(|by| (1..60).contains(&by))));
    small && slice.upper.is_none() && slice.step.is_none()
}
