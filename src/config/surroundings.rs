//! What code runs in, and what a program that installs packages is handed, as variables say it.

use std::path::PathBuf;

use crate::config::Environment;
use crate::domain::environment::Kind;
use crate::domain::failure::Failure;
use crate::safe;

/// Variables of programs that install packages: where they find programs and folders, indexes, proxies, certificates.
const FOR_TOOLS: [&str; 16] = [
    "PATH",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "HOME",
    "TMPDIR",
    "LANG",
    "LC_ALL",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "NETRC",
    "CURL_CA_BUNDLE",
];

impl Environment {
    /// Variables that a program which installs packages needs.
    pub(super) fn for_tools(&self) -> Vec<(String, String)> {
        let is_one = |name: &str| {
            let upper = name.to_ascii_uppercase();
            FOR_TOOLS.contains(&upper.as_str())
                || ["UV_", "PIP_", "XDG_"].iter().any(|prefix| upper.starts_with(prefix))
        };
        let mut all: Vec<_> =
            self.0.iter().filter(|(name, _)| is_one(name)).map(|(a, b)| (a.clone(), b.clone())).collect();
        all.sort();
        all
    }
}

/// The environment of that name.
pub(super) fn kind_of(name: &str) -> Result<Kind, Failure> {
    Kind::from_name(name).ok_or_else(|| {
        Failure::input(
            safe!("environment"),
            safe!("{name} is not one of interpreter, project, isolated"),
            safe!("leave it out for the project's own"),
        )
    })
}

/// Environments that are active in the shell. Conda's base is not meant for work.
pub(super) fn active(environment: &Environment) -> Vec<(String, PathBuf)> {
    let is_base = environment.get("CONDA_DEFAULT_ENV") == Some("base");
    ["VIRTUAL_ENV", "CONDA_PREFIX"]
        .into_iter()
        .filter(|name| *name != "CONDA_PREFIX" || !is_base)
        .filter_map(|name| Some((name.to_owned(), PathBuf::from(environment.get(name)?))))
        .collect()
}
