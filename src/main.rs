//! The program: hidden helpers first, before any thread exists.

use std::process::ExitCode;

use rationale::effects::{executor, sandbox};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some(sandbox::HELPER) => match sandbox::become_confined(&arguments[1..]) {
            Ok(never) => match never {},
            Err(error) => {
                eprintln!("sandbox: {error:#}");
                ExitCode::from(126)
            }
        },
        Some(sandbox::probe::PROBE) => {
            println!("{}", sandbox::probe::escape(&arguments[1..]));
            ExitCode::SUCCESS
        }
        Some(executor::EXECUTE) => ExitCode::from(executor::execute(std::path::Path::new(&arguments[1]))),
        _ => ExitCode::SUCCESS,
    }
}
