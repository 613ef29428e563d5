//! `rationale errors`: where a run goes wrong.

use std::path::Path;

use crate::domain::errors::picture::{self, Tab};
use crate::domain::failure::Failure;
use crate::effects::{again, errors, project, runs};
use crate::headless::Console;
use crate::safe;

/// Columns and rows of what is printed.
const SIZE: (usize, usize) = (100, 24);

/// Prints the errors of a run of the project in `folder`, taken apart.
pub fn errors(folder: &Path, name: &str, as_json: bool) -> Result<(), Failure> {
    let state = folder.join(project::STATE);
    let nowhere = || {
        Failure::input(
            safe!("{name}"),
            safe!("there is no such run in the project {}", folder.display()),
            safe!("name the folder of the data with --project; rationale history names the runs"),
        )
    };
    if !state.join("history.sqlite").exists() {
        return Err(nowhere());
    }
    let history = runs::read_history(&state)?;
    if history.find(name).is_some_and(|experiment| experiment.runs.is_empty()) {
        return Err(Failure::work(
            safe!("errors of {name}"),
            safe!("not checked: it has not run"),
            safe!("rationale history names what has"),
        ));
    }
    let run = again::find(&history, name).map_err(|_| nowhere())?;
    let (spec, analysis) = errors::analyse(&state.join("runs").join(&run.spec.run_id), None)?;
    if as_json {
        Console.json(&crate::json::errors(&spec, &analysis));
        return Ok(());
    }
    Console.out(safe!("{} · {}", spec.experiment, picture::head(&analysis)).as_str());
    for note in &analysis.notes {
        Console.out(safe!("! {note}").as_str());
    }
    for tab in Tab::of(&analysis) {
        Console.out(&format!("\n{}\n", tab.label()));
        for line in picture::lines(&analysis, tab, SIZE) {
            Console.out(safe!("{}", line.text()).as_str());
        }
    }
    Ok(())
}
