//! `rationale env`: packages are added to the project's own environment.

use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::domain::environment::{Kind, required};
use crate::domain::failure::Failure;
use crate::effects::environment;
use crate::effects::project::Project;
use crate::effects::world::World;
use crate::headless::Console;
use crate::safe;

/// Adds packages to the environment of the project in this folder.
pub fn add(world: &Arc<World>, folder: &Path, packages: &[String]) -> Result<(), Failure> {
    let project = Project::in_folder(folder)?;
    environment::check_names(packages)?;
    let kind = environment::kind(world, &project)?;
    if kind != Kind::Project {
        let named = world.config.python.as_ref().filter(|_| kind == Kind::Interpreter);
        let what = match (kind, named) {
            (_, Some(program)) => safe!("the interpreter {}, into which nothing is installed", program.display()),
            (Kind::Interpreter, None) => safe!("an interpreter that is there, into which nothing is installed"),
            _ => safe!("an isolated environment, which is made from the header of the code or its imports"),
        };
        return Err(Failure::input(
            safe!("nothing was added"),
            safe!("code of this project runs in {what}, and not in .rationale/venv"),
            safe!("say --environment project here and for the runs that should have it"),
        ));
    }
    let mut tell = |line: &str| Console.note(&safe!("  {line}"));
    let python = environment::add(&world.config, &project, packages, &mut tell, &CancellationToken::new())?;
    for name in packages.iter().filter_map(|package| required(package)) {
        let version = python.all.iter().find(|(own, _)| crate::domain::environment::normal(own) == name);
        let version = version.map_or("unknown", |(_, version)| version.as_str());
        Console.out(safe!("{name} {version} is in {}", project.state.join("venv").display()).as_str());
    }
    Ok(())
}
