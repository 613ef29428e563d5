//! What code imports, and which distribution brings it: the name of a module is often not the name to install.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_ast::{Mod, Stmt};
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};

use crate::domain::environment::normal;
use crate::domain::run::CodeFile;
use crate::domain::suggestion::is_python;

const STDLIB: &str = include_str!("../../assets/python/stdlib.txt");

/// Modules by the name under which they are imported, with the distribution that brings them.
const DISTRIBUTIONS: [(&str, &str); 78] = [
    ("Bio", "biopython"),
    ("Crypto", "pycryptodome"),
    ("IPython", "ipython"),
    ("MySQLdb", "mysqlclient"),
    ("OpenSSL", "pyopenssl"),
    ("PIL", "pillow"),
    ("attr", "attrs"),
    ("bs4", "beautifulsoup4"),
    ("catboost", "catboost"),
    ("category_encoders", "category-encoders"),
    ("cloudpickle", "cloudpickle"),
    ("cv2", "opencv-python-headless"),
    ("dask", "dask"),
    ("datasets", "datasets"),
    ("dateutil", "python-dateutil"),
    ("docx", "python-docx"),
    ("dotenv", "python-dotenv"),
    ("duckdb", "duckdb"),
    ("faiss", "faiss-cpu"),
    ("feature_engine", "feature-engine"),
    ("fitz", "pymupdf"),
    ("gensim", "gensim"),
    ("git", "gitpython"),
    ("hdbscan", "hdbscan"),
    ("imblearn", "imbalanced-learn"),
    ("imodels", "imodels"),
    ("interpret", "interpret"),
    ("jax", "jax"),
    ("joblib", "joblib"),
    ("jose", "python-jose"),
    ("jwt", "pyjwt"),
    ("keras", "keras"),
    ("lifelines", "lifelines"),
    ("lightgbm", "lightgbm"),
    ("lightning", "lightning"),
    ("magic", "python-magic"),
    ("matplotlib", "matplotlib"),
    ("mlflow", "mlflow"),
    ("mlxtend", "mlxtend"),
    ("mpl_toolkits", "matplotlib"),
    ("networkx", "networkx"),
    ("nltk", "nltk"),
    ("numba", "numba"),
    ("numpy", "numpy"),
    ("openpyxl", "openpyxl"),
    ("optuna", "optuna"),
    ("pandas", "pandas"),
    ("pkg_resources", "setuptools"),
    ("plotly", "plotly"),
    ("polars", "polars"),
    ("prophet", "prophet"),
    ("psycopg2", "psycopg2-binary"),
    ("pyarrow", "pyarrow"),
    ("pytorch_lightning", "pytorch-lightning"),
    ("requests", "requests"),
    ("scipy", "scipy"),
    ("seaborn", "seaborn"),
    ("sentence_transformers", "sentence-transformers"),
    ("serial", "pyserial"),
    ("shap", "shap"),
    ("skimage", "scikit-image"),
    ("sklearn", "scikit-learn"),
    ("skopt", "scikit-optimize"),
    ("sksurv", "scikit-survival"),
    ("sktime", "sktime"),
    ("spacy", "spacy"),
    ("statsmodels", "statsmodels"),
    ("tensorflow", "tensorflow"),
    ("threadpoolctl", "threadpoolctl"),
    ("torch", "torch"),
    ("torchvision", "torchvision"),
    ("tqdm", "tqdm"),
    ("transformers", "transformers"),
    ("umap", "umap-learn"),
    ("usaddress", "usaddress"),
    ("xgboost", "xgboost"),
    ("yaml", "pyyaml"),
    ("zmq", "pyzmq"),
];

/// Whether a module comes with Python.
pub fn is_standard(root: &str) -> bool {
    root == "__future__" || STDLIB.lines().any(|name| name == root)
}

/// The distribution that brings a module, and whether that is known; else the name of the module is all there is.
pub fn distribution(root: &str) -> (String, bool) {
    match DISTRIBUTIONS.iter().find(|(module, _)| *module == root) {
        Some((_, distribution)) => ((*distribution).to_owned(), true),
        None => (normal(root), false),
    }
}

#[derive(Default)]
struct Found(BTreeSet<String>);

impl<'a> Visitor<'a> for Found {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let mut take = |module: &str| {
            self.0.insert(module.split('.').next().unwrap_or(module).to_owned());
        };
        match statement {
            Stmt::Import(import) => import.names.iter().for_each(|alias| take(&alias.name)),
            Stmt::ImportFrom(import) if import.level == 0 => {
                if let Some(module) = &import.module {
                    take(module);
                }
            }
            _ => {}
        }
        walk_stmt(self, statement);
    }
}

/// The modules that code imports, by the first part of their name. Where it does not parse, as far as it does.
pub fn imports(code: &str) -> BTreeSet<String> {
    let parsed = parse_unchecked(code, ParseOptions::from(Mode::Module));
    let mut found = Found::default();
    if let Mod::Module(module) = parsed.syntax() {
        found.visit_body(&module.body);
    }
    found.0
}

/// What files import that comes neither with Python nor from among themselves: distribution, whether its name is known.
pub fn needed(files: &[CodeFile]) -> BTreeMap<String, bool> {
    let own: BTreeSet<&str> = files
        .iter()
        .flat_map(|file| file.path.split('/').map(|part| part.strip_suffix(".py").unwrap_or(part)))
        .collect();
    let python = files.iter().filter(|file| is_python(&file.path));
    python
        .flat_map(|file| imports(file.code.expose()))
        .filter(|root| !is_standard(root) && !own.contains(root.as_str()))
        .map(|root| distribution(&root))
        .collect()
}

/// Distributions that files import and that are not among `installed`, by normal name; none where nothing is known of it.
pub fn missing(files: &[CodeFile], installed: &BTreeSet<String>) -> Vec<String> {
    if installed.is_empty() {
        return Vec::new();
    }
    needed(files).into_keys().filter(|name| !installed.contains(name)).collect()
}

/// The distribution that a run lacked, from why it failed.
pub fn lacking(reason: &str) -> Option<String> {
    let rest = reason.split_once("ModuleNotFoundError: No module named ")?.1;
    let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let module = rest[1..].split(quote).next()?;
    let root = module.split('.').next().filter(|root| !root.is_empty())?;
    let is_name = root.chars().all(|c| c.is_alphanumeric() || c == '_');
    (is_name && !is_standard(root)).then(|| distribution(root).0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::run::FileKind;
    use crate::text::RawText;

    fn file(path: &str, code: &str) -> CodeFile {
        CodeFile { path: path.to_owned(), kind: FileKind::Model, code: RawText::new(code) }
    }

    #[test]
    fn what_is_imported_is_named_as_it_is_installed() {
        let code = "import os, sklearn.linear_model as m\nfrom PIL import Image\nfrom . import near\n\ndef build():\n    import cv2\n    try:\n        import yaml\n    except ImportError:\n        import bs4\n    import my_model, steps.one, half_known\n";
        let files = [file("model.py", code), file("my_model.py", ""), file("steps/one.py", "import umap\n")];
        let expected = [
            ("beautifulsoup4", true),
            ("half-known", false),
            ("opencv-python-headless", true),
            ("pillow", true),
            ("pyyaml", true),
            ("scikit-learn", true),
            ("umap-learn", true),
        ];
        assert_eq!(needed(&files), expected.into_iter().map(|(name, known)| (name.to_owned(), known)).collect());
        let installed = ["pillow", "scikit-learn", "pyyaml"].map(ToOwned::to_owned).into();
        assert_eq!(
            missing(&files, &installed),
            ["beautifulsoup4", "half-known", "opencv-python-headless", "umap-learn"]
        );
        assert_eq!(missing(&files, &BTreeSet::new()), [""; 0]);
    }

    #[test]
    fn the_table_is_sorted_and_names_are_normal() {
        assert!(DISTRIBUTIONS.is_sorted());
        assert!(DISTRIBUTIONS.iter().all(|(_, name)| normal(name) == *name));
    }

    #[test]
    fn what_a_run_lacked_is_read_off_its_failure() {
        assert_eq!(
            lacking("the dry run: ModuleNotFoundError: No module named 'sklearn.nothing' (more)").as_deref(),
            Some("scikit-learn")
        );
        assert_eq!(lacking("ModuleNotFoundError: No module named 'lightgbm'").as_deref(), Some("lightgbm"));
        assert_eq!(lacking("ModuleNotFoundError: No module named 'os'"), None);
        assert_eq!(lacking("ModuleNotFoundError: No module named 'a; rm -rf'"), None);
        assert_eq!(lacking("ValueError: No module named x"), None);
    }
}
