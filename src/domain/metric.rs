//! What is measured, and which way is better. The direction belongs to the metric and never changes.

use serde::{Deserialize, Serialize};

use crate::domain::own_metric::OwnMetric;

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Higher is better.
    Maximize,
    /// Lower is better.
    Minimize,
}

impl Direction {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Maximize => "maximize",
            Self::Minimize => "minimize",
        }
    }

    /// The sign on the screen.
    pub fn arrow(self) -> &'static str {
        match self {
            Self::Maximize => "↑",
            Self::Minimize => "↓",
        }
    }

    /// Whether `a` is better than `b`.
    pub fn prefers(self, a: f64, b: f64) -> bool {
        match self {
            Self::Maximize => a > b,
            Self::Minimize => a < b,
        }
    }
}

/// What kind of answer the model gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Problem {
    /// One of two classes.
    Binary,
    /// One of three or more classes.
    Multiclass,
    /// A number.
    Regression,
}

impl Problem {
    /// The word in JSON and on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Multiclass => "multiclass",
            Self::Regression => "regression",
        }
    }

    /// Whether it answers with a class.
    pub fn is_classification(self) -> bool {
        self != Self::Regression
    }

    /// What can be measured for it, the usual choice first.
    pub fn metrics(self) -> &'static [Metric] {
        use Metric::{
            Accuracy, AveragePrecision, BalancedAccuracy, Brier, F1, LogLoss, MacroF1, Mae, MedianAe, R2, Rmse, RocAuc,
            RocAucOvr,
        };
        match self {
            Self::Binary => &[RocAuc, AveragePrecision, LogLoss, F1, BalancedAccuracy, Accuracy, Brier],
            Self::Multiclass => &[BalancedAccuracy, LogLoss, MacroF1, Accuracy, RocAucOvr],
            Self::Regression => &[Rmse, Mae, R2, MedianAe],
        }
    }
}

/// What is measured. Names are those of scikit-learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the field's own")]
pub enum Metric {
    RocAuc,
    AveragePrecision,
    LogLoss,
    F1,
    BalancedAccuracy,
    Accuracy,
    Brier,
    #[serde(rename = "f1_macro")]
    MacroF1,
    RocAucOvr,
    Rmse,
    Mae,
    R2,
    MedianAe,
    /// Computed by a file of the user's.
    #[serde(untagged)]
    Own(OwnMetric),
}

impl Metric {
    /// Every metric that comes with the program.
    pub const ALL: [Self; 13] = [
        Self::RocAuc,
        Self::AveragePrecision,
        Self::LogLoss,
        Self::F1,
        Self::BalancedAccuracy,
        Self::Accuracy,
        Self::Brier,
        Self::MacroF1,
        Self::RocAucOvr,
        Self::Rmse,
        Self::Mae,
        Self::R2,
        Self::MedianAe,
    ];

    /// The name in JSON, in the evaluator and on the screen.
    pub fn name(&self) -> &str {
        match self {
            Self::Own(own) => own.name(),
            other => other.builtin_name().unwrap_or_default(),
        }
    }

    /// The name of a metric that comes with the program; nothing for one of the user's own.
    pub fn builtin_name(self) -> Option<&'static str> {
        Some(match self {
            Self::Own(_) => return None,
            Self::RocAuc => "roc_auc",
            Self::AveragePrecision => "average_precision",
            Self::LogLoss => "log_loss",
            Self::F1 => "f1",
            Self::BalancedAccuracy => "balanced_accuracy",
            Self::Accuracy => "accuracy",
            Self::Brier => "brier",
            Self::MacroF1 => "f1_macro",
            Self::RocAucOvr => "roc_auc_ovr",
            Self::Rmse => "rmse",
            Self::Mae => "mae",
            Self::R2 => "r2",
            Self::MedianAe => "median_ae",
        })
    }

    /// As it stands in the project file.
    pub fn id(&self) -> String {
        match self {
            Self::Own(own) => own.id(),
            other => other.name().to_owned(),
        }
    }

    /// The metric itself where it comes with the program, else the usual one for such a problem: for what must not know
    /// the user's own, and for witnesses that know what a score means.
    #[must_use]
    pub fn builtin(self, problem: Problem) -> Self {
        match self {
            Self::Own(_) => problem.metrics()[0],
            other => other,
        }
    }

    /// The metric that comes with the program under that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// Which way is better.
    pub fn direction(self) -> Direction {
        match self {
            Self::RocAuc
            | Self::AveragePrecision
            | Self::F1
            | Self::BalancedAccuracy
            | Self::Accuracy
            | Self::MacroF1
            | Self::RocAucOvr
            | Self::R2 => Direction::Maximize,
            Self::LogLoss | Self::Brier | Self::Rmse | Self::Mae | Self::MedianAe => Direction::Minimize,
            Self::Own(own) => own.direction(),
        }
    }

    /// One sentence on what it says.
    pub fn doc(self) -> &'static str {
        match self {
            Self::RocAuc => "chance that a positive row is ranked above a negative one",
            Self::AveragePrecision => "area under precision over recall; for rare positives",
            Self::LogLoss => "how surprised the probabilities are by the outcome",
            Self::F1 => "harmonic mean of precision and recall of the positive class",
            Self::BalancedAccuracy => "mean recall over the classes",
            Self::Accuracy => "share of rows classified correctly",
            Self::Brier => "mean squared error of the probability",
            Self::MacroF1 => "mean F1 over the classes",
            Self::RocAucOvr => "mean ROC AUC of each class against the rest",
            Self::Rmse => "root of the mean squared error, in units of the target",
            Self::Mae => "mean absolute error, in units of the target",
            Self::R2 => "share of the variance explained",
            Self::MedianAe => "median absolute error, in units of the target",
            Self::Own(_) => "computed by a file of this project, once it is approved",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_has_its_own_name_and_is_found_by_it() {
        for metric in Metric::ALL {
            assert_eq!(Metric::from_name(metric.name()), Some(metric));
        }
    }
}
