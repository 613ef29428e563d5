//! The solutions that come before any model is asked: no effort, then a straight line.

use crate::domain::metric::Problem;

/// Answers with the shares of the classes, or the mean.
pub fn dummy(problem: Problem) -> &'static str {
    match problem {
        Problem::Binary | Problem::Multiclass => include_str!("../../assets/solutions/dummy_classification.py"),
        Problem::Regression => include_str!("../../assets/solutions/dummy_regression.py"),
    }
}

/// A linear model on every column, each prepared by its type.
pub fn linear(problem: Problem) -> &'static str {
    match problem {
        Problem::Binary | Problem::Multiclass => include_str!("../../assets/solutions/linear_classification.py"),
        Problem::Regression => include_str!("../../assets/solutions/linear_regression.py"),
    }
}

/// Names and hypotheses of the baselines, in the order in which they run.
pub fn all(problem: Problem) -> [(&'static str, &'static str, &'static str); 2] {
    let dummy_name = if problem.is_classification() { "baseline: majority" } else { "baseline: mean" };
    let linear_name =
        if problem.is_classification() { "baseline: logistic regression" } else { "baseline: ridge regression" };
    [(dummy_name, "baseline_dummy.py", dummy(problem)), (linear_name, "baseline_linear.py", linear(problem))]
}
