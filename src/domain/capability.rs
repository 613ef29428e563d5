//! What a model can do, as its server says; what the server does not say is unknown.

use crate::domain::price::ThinkingForm;

/// One entry of a server's list of models.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelInfo {
    /// Its id.
    pub id: String,
    /// Its name for people; empty where there is none.
    pub name: String,
    /// Context window in tokens.
    pub context: Option<u64>,
    /// Longest answer in tokens.
    pub max_output: Option<u64>,
    /// Forms of thinking that it takes; unknown where the server does not say.
    pub thinking: Option<Vec<ThinkingForm>>,
    /// Levels of effort that it takes; unknown where the server does not say.
    pub effort: Option<Vec<String>>,
    /// Whether it sees images.
    pub images: Option<bool>,
    /// Whether it can be held to a schema.
    pub structured: Option<bool>,
    /// Whether it works in batches.
    pub batches: Option<bool>,
    /// Whether it is on its way out.
    pub is_deprecated: bool,
}

impl ModelInfo {
    /// Whether a form of thinking is accepted; unknown where the server does not say.
    pub fn takes(&self, form: ThinkingForm) -> Option<bool> {
        self.thinking.as_ref().map(|forms| forms.contains(&form))
    }
}
