//! Everything that was found out about a data set before any model was asked.

use crate::domain::facts::Facts;
use crate::domain::metric::Metric;
use crate::domain::profile::Profile;
use crate::domain::warning::Warning;

/// What was found out about a data set.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// Every column.
    pub profile: Profile,
    /// What it says about the target.
    pub facts: Facts,
    /// What is wrong with it.
    pub warnings: Vec<Warning>,
    /// Metrics of the user's own that can be chosen.
    pub own_metrics: Vec<Metric>,
}
