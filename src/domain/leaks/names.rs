//! What the names of practice mean: estimators by what fitting them learns, metrics, readers and hints.

use super::value::Side;

/// What an object from a library learns when it is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// Learns nothing that matters.
    Plain,
    /// Learns from the features.
    Learned,
    /// Chooses columns by the labels.
    Selector,
    /// Writes labels into features.
    TargetEncoder,
    /// Makes rows.
    Sampler,
    Splitter,
    Search,
    Model,
    /// Only wraps data.
    Wrapper,
    Other,
}

const PLAIN: &str = " OneHotEncoder OrdinalEncoder LabelEncoder LabelBinarizer MultiLabelBinarizer FunctionTransformer PolynomialFeatures Normalizer Binarizer HashingVectorizer FeatureHasher HashingEncoder BinaryEncoder BaseNEncoder VarianceThreshold MissingIndicator DictVectorizer Tokenizer Path Counter defaultdict ";
const LEARNED: &str = " StandardScaler MinMaxScaler MaxAbsScaler RobustScaler QuantileTransformer PowerTransformer PCA IncrementalPCA KernelPCA SparsePCA TruncatedSVD FastICA NMF FactorAnalysis LatentDirichletAllocation SimpleImputer KNNImputer IterativeImputer MissForest TfidfVectorizer CountVectorizer TfidfTransformer KBinsDiscretizer SplineTransformer UMAP TSNE Isomap LocallyLinearEmbedding KMeans MiniBatchKMeans KernelCenterer Nystroem RBFSampler Imputer CountEncoder RareLabelEncoder MeanMedianImputer Winsorizer YeoJohnsonTransformer AutoEncoder ";
const SELECTORS: &str = " SelectKBest SelectPercentile SelectFpr SelectFdr SelectFwe GenericUnivariateSelect RFE RFECV SelectFromModel SequentialFeatureSelector BorutaPy SFS mRMR NeighborhoodComponentsAnalysis LinearDiscriminantAnalysis PLSRegression ";
const TARGET_ENCODERS: &str = " TargetEncoder LeaveOneOutEncoder CatBoostEncoder JamesSteinEncoder MEstimateEncoder WOEEncoder GLMMEncoder QuantileEncoder SummaryEncoder MeanEncoder ";
const SAMPLERS: &str = " SMOTE SMOTENC SMOTEN BorderlineSMOTE SVMSMOTE KMeansSMOTE ADASYN RandomOverSampler RandomUnderSampler TomekLinks NearMiss SMOTEENN SMOTETomek EditedNearestNeighbours RepeatedEditedNearestNeighbours AllKNN ClusterCentroids CondensedNearestNeighbour OneSidedSelection NeighbourhoodCleaningRule InstanceHardnessThreshold ";
const SPLITTERS: &str = " KFold StratifiedKFold GroupKFold StratifiedGroupKFold RepeatedKFold RepeatedStratifiedKFold ShuffleSplit StratifiedShuffleSplit GroupShuffleSplit LeaveOneOut LeavePOut LeaveOneGroupOut LeavePGroupsOut TimeSeriesSplit PredefinedSplit PurgedKFold BlockingTimeSeriesSplit PurgedGroupTimeSeriesSplit ";
const SEARCHES: &str = " GridSearchCV RandomizedSearchCV HalvingGridSearchCV HalvingRandomSearchCV BayesSearchCV OptunaSearchCV TuneSearchCV ";
const WRAPPERS: &str = " DMatrix QuantileDMatrix Dataset Pool TensorDataset DataLoader Tensor FloatTensor LongTensor FrameOrArray Variable csr_matrix csc_matrix coo_matrix Index MultiIndex DatetimeIndex Subset ";
const METRICS: &str = " accuracy_score f1_score fbeta_score precision_score recall_score roc_auc_score average_precision_score log_loss brier_score_loss mean_squared_error mean_absolute_error root_mean_squared_error mean_squared_log_error root_mean_squared_log_error mean_absolute_percentage_error median_absolute_error mean_pinball_loss mean_poisson_deviance mean_gamma_deviance mean_tweedie_deviance r2_score d2_absolute_error_score explained_variance_score max_error balanced_accuracy_score matthews_corrcoef cohen_kappa_score classification_report confusion_matrix precision_recall_fscore_support hamming_loss jaccard_score zero_one_loss hinge_loss ndcg_score top_k_accuracy_score auc cross_entropy binary_cross_entropy binary_cross_entropy_with_logits mse_loss l1_loss ";
const CURVES: &str = " roc_curve precision_recall_curve det_curve ";
const CROSS: &str =
    " cross_val_score cross_validate cross_val_predict permutation_test_score learning_curve validation_curve ";

/// What fitting a class of this name means.
pub(super) fn role(class: &str) -> Role {
    let is_in = |list: &str| list.contains(&format!(" {class} "));
    match class {
        _ if is_in(PLAIN) => Role::Plain,
        _ if is_in(LEARNED) => Role::Learned,
        _ if is_in(SELECTORS) => Role::Selector,
        _ if is_in(TARGET_ENCODERS) => Role::TargetEncoder,
        _ if is_in(SAMPLERS) => Role::Sampler,
        _ if is_in(SPLITTERS) => Role::Splitter,
        _ if is_in(SEARCHES) => Role::Search,
        _ if is_in(WRAPPERS) => Role::Wrapper,
        "Sequential" | "Ridge" | "Lasso" | "ElasticNet" | "LassoCV" | "RidgeCV" | "ElasticNetCV" | "Booster" => {
            Role::Model
        }
        _ if ["Classifier", "Regressor", "Regression", "RegressionCV", "SVC", "SVR", "NB", "Discriminant"]
            .iter()
            .any(|end| class.ends_with(end)) =>
        {
            Role::Model
        }
        _ => Role::Other,
    }
}

/// Whether what a transformer of this name makes of one column depends on the others.
pub(super) fn mixes_columns(class: &str) -> bool {
    ![
        "Scaler",
        "SimpleImputer",
        "Vectorizer",
        "Quantile",
        "Power",
        "KBins",
        "Spline",
        "Count",
        "Winsor",
        "Median",
        "Rare",
    ]
    .iter()
    .any(|word| class.contains(word))
        && role(class) == Role::Learned
}

/// Whether a function of this name computes a score from labels and predictions.
pub(super) fn is_metric(name: &str) -> bool {
    METRICS.contains(&format!(" {name} "))
}

/// Whether a function of this name computes scores at every threshold.
pub(super) fn is_curve(name: &str) -> bool {
    CURVES.contains(&format!(" {name} "))
}

/// Whether a function of this name cross-validates.
pub(super) fn is_cross(name: &str) -> bool {
    CROSS.contains(&format!(" {name} "))
}

/// Whether rows of a group are kept together by this splitter.
pub(super) fn keeps_groups(class: &str) -> bool {
    class.contains("Group") || class == "PredefinedSplit"
}

/// Whether this splitter goes along time.
pub(super) fn keeps_time(class: &str) -> bool {
    class.contains("TimeSeries") || class.contains("Purged") || class == "PredefinedSplit"
}

/// Whether this splitter always draws rows at random.
pub(super) fn always_shuffles(class: &str) -> bool {
    class.contains("ShuffleSplit") || class.starts_with("Repeated")
}

/// Statistics that say where values lie, and so depend on the rows that they are taken over.
pub(super) fn is_statistic(name: &str) -> bool {
    matches!(
        name,
        "mean"
            | "median"
            | "std"
            | "var"
            | "quantile"
            | "percentile"
            | "mode"
            | "nanmean"
            | "nanmedian"
            | "nanstd"
            | "nanvar"
            | "nanpercentile"
            | "nanquantile"
            | "average"
            | "sem"
    )
}

/// Functions that relate a column to the labels.
pub(super) fn relates(name: &str) -> bool {
    matches!(
        name,
        "mutual_info_classif"
            | "mutual_info_regression"
            | "f_classif"
            | "f_regression"
            | "r_regression"
            | "chi2"
            | "pearsonr"
            | "spearmanr"
            | "pointbiserialr"
            | "kendalltau"
            | "f_oneway"
            | "ttest_ind"
            | "mannwhitneyu"
            | "ks_2samp"
            | "chi2_contingency"
            | "permutation_importance"
    )
}

/// Functions that scale by what they see.
pub(super) fn scales(name: &str) -> bool {
    matches!(
        name,
        "scale"
            | "minmax_scale"
            | "maxabs_scale"
            | "robust_scale"
            | "zscore"
            | "power_transform"
            | "quantile_transform"
    )
}

/// Functions that look for the best value of what they are handed.
pub(super) fn optimises(name: &str) -> bool {
    matches!(
        name,
        "optimize"
            | "fmin"
            | "gp_minimize"
            | "forest_minimize"
            | "gbrt_minimize"
            | "dummy_minimize"
            | "minimize"
            | "minimize_scalar"
            | "differential_evolution"
            | "dual_annealing"
            | "basinhopping"
            | "brute"
            | "maximize"
    )
}

/// Methods that only draw.
pub(super) fn draws(name: &str) -> bool {
    let lower = name.to_lowercase();
    ["lim", "axhline", "axvline", "plot", "scatter", "annotate", "text", "title", "ticks", "bar"]
        .iter()
        .any(|word| lower.contains(word))
        && !lower.starts_with("read")
}

/// Which side of a split the name of a variable or of a file hints at, with the word for it.
pub(super) fn hint(name: &str) -> Option<(Side, &'static str)> {
    let lower = name.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    if lower.split('_').any(|word| {
        matches!(
            word,
            "score"
                | "scores"
                | "acc"
                | "accuracy"
                | "loss"
                | "losses"
                | "size"
                | "n"
                | "auc"
                | "f1"
                | "rmse"
                | "mae"
                | "mse"
        )
    }) {
        return None;
    }
    words.find_map(|word| match word {
        "train" | "tr" | "trn" | "training" | "past" | "before" | "history" | "dev" if word != "dev" => {
            Some((Side::Train, "train"))
        }
        "xtrain" | "ytrain" | "traindf" | "dftrain" | "trainx" | "trainy" | "trainset" => Some((Side::Train, "train")),
        "test" | "te" | "tst" | "testing" | "future" | "after" | "xtest" | "ytest" | "testdf" | "dftest" | "testx"
        | "testy" | "testset" => Some((Side::Test, "test")),
        "holdout" | "hold" | "oot" | "final" => Some((Side::Test, "holdout")),
        "val" | "valid" | "validation" | "va" | "dev" | "xval" | "yval" | "valset" | "eval" => {
            Some((Side::Test, "val"))
        }
        "tmp" | "temp" | "rest" => Some((Side::Test, "rest")),
        _ => None,
    })
}

/// Whether a column of this name seems to hold points in time.
pub(super) fn sounds_like_time(name: &str) -> bool {
    let lower = name.to_lowercase();
    ["date", "time", "timestamp", "day", "month", "year", "week", "hour", "period"]
        .iter()
        .any(|word| lower.contains(word))
}

/// Whether a column of this name seems to say whose row it is.
pub(super) fn sounds_like_group(name: &str) -> bool {
    let lower = name.to_lowercase();
    let whose =
        ["patient", "subject", "user", "customer", "client", "person", "player", "speaker", "participant", "household"];
    let stem = lower.trim_end_matches("id").trim_end_matches(['_', ' ', '-']);
    whose.contains(&stem)
}

/// Whether a file of this name seems to hold rows that are to stay unseen.
pub(super) fn sounds_like_holdout(path: &str) -> bool {
    let lower = path.to_lowercase();
    lower.starts_with("/proc")
        || lower.contains(".rationale")
        || [
            "holdout",
            "hold_out",
            "hold-out",
            "labels",
            "label.csv",
            "answer",
            "solution.csv",
            "truth",
            "private",
            "y_test",
            "test_y",
            "secret",
            "predictions.csv",
            "with_target",
        ]
        .iter()
        .any(|word| lower.contains(word))
}

/// Whether a file of this name seems to hold settings, or what is known of the world, and no rows.
pub(super) fn sounds_like_settings(path: &str) -> bool {
    let lower = path.to_lowercase();
    let name = lower.rsplit(['/', '\\']).next().unwrap_or(&lower);
    let Some((stem, end)) = name.rsplit_once('.') else { return false };
    let words = ["config", "setting", "param", "option", "hyper", "conf", "args", "schema", "dtype", "column"];
    let public = ["holiday", "calendar", "stopword", "stop_word", "license", "version"];
    let learnt = ["target", "mean", "encod", "label", "train", "test", "fold", "prior", "avg"];
    let world =
        ["exchange", "currenc", "fx_", "units", "unit_conv", "physical_const", "iso_", "country_code", "synonym"];
    match end {
        _ if sounds_like_holdout(&lower) => false,
        _ if world.iter().any(|word| stem.contains(word)) => !learnt.iter().any(|word| stem.contains(word)),
        _ if public.iter().any(|word| stem.contains(word)) => true,
        "yaml" | "yml" | "toml" | "ini" | "cfg" | "conf" => true,
        "json" | "json5" | "jsonc" => words.iter().any(|word| stem.contains(word)),
        _ => false,
    }
}
