//! Training curves (placeholder).
#![allow(missing_docs, dead_code, clippy::all)]
pub struct Curve { pub name: String, pub points: Vec<(f64, f64)> }
#[derive(Default)]
pub struct Curves { pub curves: Vec<Curve>, pub notes: Vec<String> }
pub struct Facts { pub name: String, pub n: usize, pub first: Option<f64>, pub last: Option<f64>, pub best: Option<(f64,f64)>, pub slope_last_third: Option<f64>, pub relative_slope: Option<f64>, pub noise: Option<f64>, pub n_spikes: usize, pub spikes: Vec<f64>, pub plateau_since: Option<f64>, pub first_not_finite: Option<f64>, pub diverges: bool }
pub struct Gap { pub quantity: String, pub train: f64, pub valid: f64, pub gap: f64, pub relative: Option<f64>, pub widening: bool, pub valid_best_step: f64, pub since_best: f64 }
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind { NotFinite, Quiet }
pub struct Finding { pub kind: Kind, pub curve: String, pub sentence: String }
pub fn parse(_: &str) -> Curves { Curves::default() }
pub fn facts(_: &Curves) -> Vec<Facts> { vec![] }
pub fn gaps(_: &Curves) -> Vec<Gap> { vec![] }
pub fn findings(_: &Curves) -> Vec<Finding> { vec![] }
