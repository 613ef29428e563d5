//! A program as a tree of what it means: without comments, formatting, and the order of what has none.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// What a node is, where the comparison has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Tag {
    /// The callee, then its arguments.
    Call,
    /// An argument; the text is its keyword, `#1` where the signature is known, or empty.
    Arg,
    /// A name from a module, or a builtin.
    Path,
    /// A name defined at the top of the file.
    Symbol,
    /// A name inside of a function.
    Local,
    /// A string.
    Text,
    /// A number, as its value is written.
    Number,
    /// A list or a tuple.
    List,
    /// A dictionary of items.
    Dict,
    /// A key, where there is one, and a value.
    Item,
    /// Something of a value; the text is its name.
    Attribute,
    /// A value and what is asked of it.
    Subscript,
    /// Parameters and a value.
    Lambda,
    /// Parameters, a body, decorators.
    Function,
    /// Arguments, a body, decorators.
    Class,
    /// One after another.
    Block,
    /// Targets and a value.
    Assign,
    /// Where a definition stands among statements that run in order.
    Marker,
    /// Anything else; the text says what.
    Other,
}

/// A node; two are the same in meaning where `print` is equal.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) tag: Tag,
    pub(super) text: String,
    pub(super) kids: Vec<Node>,
    /// Where it stands in its source.
    pub(super) span: (usize, usize),
    pub(super) print: u64,
}

impl Node {
    pub(super) fn new(tag: Tag, text: impl Into<String>, kids: Vec<Self>, span: (usize, usize)) -> Self {
        let text = text.into();
        let mut hasher = DefaultHasher::new();
        (tag, &text, kids.len()).hash(&mut hasher);
        for kid in &kids {
            kid.print.hash(&mut hasher);
        }
        Self { tag, text, kids, span, print: hasher.finish() }
    }

    pub(super) fn same(&self, other: &Self) -> bool {
        self.print == other.print
    }

    /// Calls `visit` with this node and all below, from the outside in.
    pub(super) fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Self)) {
        visit(self);
        self.kids.iter().for_each(|kid| kid.walk(visit));
    }

    /// The first node for which `wanted` holds, from the outside in.
    pub(super) fn find(&self, wanted: &dyn Fn(&Self) -> bool) -> Option<&Self> {
        if wanted(self) { Some(self) } else { self.kids.iter().find_map(|kid| kid.find(wanted)) }
    }

    /// The same with other names for symbols and locals.
    pub(super) fn renamed(&self, rename: &mut dyn FnMut(Tag, &str) -> Option<String>) -> Self {
        let text = match self.tag {
            Tag::Symbol | Tag::Local => rename(self.tag, &self.text).unwrap_or_else(|| self.text.clone()),
            _ => self.text.clone(),
        };
        let kids = self.kids.iter().map(|kid| kid.renamed(rename)).collect();
        Self::new(self.tag, text, kids, self.span)
    }

    /// Names of one sort in the order in which they first appear.
    pub(super) fn names(&self, tag: Tag) -> Vec<&str> {
        let mut names = Vec::new();
        self.walk(&mut |node| {
            if node.tag == tag && !names.contains(&node.text.as_str()) {
                names.push(node.text.as_str());
            }
        });
        names
    }

    /// With locals called by their order, so that their names no longer count.
    pub(super) fn anonymous(&self) -> Self {
        let names: Vec<String> = self.names(Tag::Local).into_iter().map(ToOwned::to_owned).collect();
        self.renamed(&mut |tag, text| {
            let at = names.iter().position(|name| tag == Tag::Local && name == text)?;
            Some(format!("%{at}"))
        })
    }

    /// What is called, without its module: `LogisticRegression`; empty where this is no call of a name.
    pub(super) fn callee(&self) -> &str {
        match self.kids.first() {
            Some(first) if self.tag == Tag::Call => last(&first.text),
            _ => "",
        }
    }

    /// What is called, with its module.
    pub(super) fn callee_path(&self) -> &str {
        match self.kids.first() {
            Some(first) if self.tag == Tag::Call && matches!(first.tag, Tag::Path | Tag::Symbol) => &first.text,
            _ => "",
        }
    }

    /// A list, tuple or set of nothing but strings, and at least one.
    pub(super) fn strings(&self) -> Option<Vec<&str>> {
        let is_list = self.tag == Tag::List || self.tag == Tag::Other && self.text == "set";
        let texts: Option<Vec<&str>> =
            self.kids.iter().map(|kid| (kid.tag == Tag::Text).then_some(kid.text.as_str())).collect();
        texts.filter(|_| is_list && !self.kids.is_empty())
    }

    /// How much of two nodes is the same, 0 to 1.
    pub(super) fn overlap(&self, other: &Self) -> f64 {
        let prints = |node: &Self| {
            let mut prints = BTreeSet::new();
            node.walk(&mut |inner| {
                prints.insert(inner.print);
            });
            prints
        };
        let (ours, theirs) = (prints(self), prints(other));
        ratio(ours.intersection(&theirs).count(), ours.union(&theirs).count())
    }
}

/// A part of a whole.
pub(super) fn ratio(part: usize, whole: usize) -> f64 {
    let number = |count: usize| u32::try_from(count).map_or(f64::from(u32::MAX), f64::from);
    if whole == 0 { 0.0 } else { number(part) / number(whole) }
}

/// The last part of a dotted name.
pub(super) fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// What a call makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// Nothing to do with models.
    Plain,
    /// Holds steps.
    Container,
    /// Chooses columns.
    Selector,
    /// Prepares data.
    Step,
    /// Transforms the target around an estimator.
    Target,
    /// Learns to predict.
    Estimator,
}

const CONTAINERS: [&str; 6] =
    ["make_pipeline", "Pipeline", "ColumnTransformer", "make_column_transformer", "FeatureUnion", "make_union"];

const MODULES: [&str; 17] = [
    "sklearn.linear_model.",
    "sklearn.ensemble.",
    "sklearn.svm.",
    "sklearn.tree.",
    "sklearn.neighbors.",
    "sklearn.naive_bayes.",
    "sklearn.neural_network.",
    "sklearn.gaussian_process.",
    "sklearn.discriminant_analysis.",
    "sklearn.dummy.",
    "sklearn.kernel_ridge.",
    "sklearn.calibration.",
    "sklearn.multiclass.",
    "sklearn.semi_supervised.",
    "lightgbm.",
    "xgboost.",
    "catboost.",
];

const ENDINGS: [&str; 13] = [
    "Classifier",
    "Regressor",
    "Regression",
    "RegressionCV",
    "ClassifierCV",
    "Ridge",
    "RidgeCV",
    "Lasso",
    "LassoCV",
    "ElasticNet",
    "SVC",
    "SVR",
    "NB",
];

/// What a call of this name makes.
pub(super) fn role(path: &str) -> Role {
    let name = last(path);
    if CONTAINERS.contains(&name) {
        Role::Container
    } else if matches!(name, "make_column_selector" | "columns_of") {
        Role::Selector
    } else if name == "TransformedTargetRegressor" {
        Role::Target
    } else if !name.starts_with(char::is_uppercase)
        || ["pandas.", "numpy.", "torch."].iter().any(|m| path.starts_with(m))
    {
        Role::Plain
    } else if matches!(name, "RandomTreesEmbedding" | "NeighborhoodComponentsAnalysis" | "KNeighborsTransformer") {
        Role::Step
    } else if MODULES.iter().any(|module| path.starts_with(module)) || ENDINGS.iter().any(|end| name.ends_with(end)) {
        Role::Estimator
    } else if path.contains('.') && !path.starts_with("sklearn.") && !path.starts_with("imblearn.") {
        // Path, Decimal and their like; transformers of other packages are known by their name.
        if ["er", "or", "PCA"].iter().any(|end| name.ends_with(end)) { Role::Step } else { Role::Plain }
    } else if path.starts_with("sklearn.model_selection.") {
        if name.ends_with("SearchCV") { Role::Estimator } else { Role::Plain }
    } else if matches!(name, "PCA" | "NMF")
        || path.contains('.')
        || name.len() > 3
            && !["Error", "Warning", "Exception"].iter().any(|end| name.ends_with(end))
            && !name.chars().all(|c| !c.is_lowercase())
    {
        Role::Step
    } else {
        Role::Plain
    }
}
