//! The helper that confines, and the level that is found. What can't get out is in `escapes.rs`.

use serde_json::json;

use crate::escapes::best_level;
use crate::harness::{json, program};

#[test]
fn the_helper_refuses_what_it_cannot_keep() {
    let folder = tempfile::tempdir().unwrap();
    let helper = |arguments: &[&str]| {
        let output = program(folder.path()).arg("__sandbox").args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).trim().to_owned())
    };
    assert_eq!(
        helper(&[]),
        (Some(126), "sandbox: the sandbox helper is called by rationale itself, with a policy and a program".into())
    );
    assert_eq!(helper(&["{}", "--", "true"]).0, Some(126));
}

#[test]
fn the_level_is_found_by_trying_and_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let value = json(&program(folder.path()).args(["doctor", "--json"]).output().unwrap());
    let sandbox = value["checks"].as_array().unwrap().iter().find(|check| check["name"] == "sandbox").unwrap();
    assert_eq!(sandbox["status"], json!("ok"), "{sandbox}");
    assert!(sandbox["detail"].as_str().unwrap().starts_with(best_level()), "{sandbox}");
}
