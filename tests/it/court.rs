//! The leakage court by itself: its witnesses, in the Python that runs use.

use std::process::Command;

use crate::harness::{python, repository};

/// Each witness finds what was planted with the right rows, clean data are quiet, and what is strange is not checked.
#[test]
fn each_witness_finds_what_was_planted_and_is_quiet_otherwise() {
    let output = Command::new(python())
        .arg("-B")
        .arg(repository().join("tests/python/court_check.py"))
        .arg(repository().join("assets/python"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(said.trim(), "33 passed, 0 failed");
}
