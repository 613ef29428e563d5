//! `rationale env`: packages are added to the project's own environment.

use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::domain::environment::required;
use crate::domain::failure::Failure;
use crate::effects::environment;
use crate::effects::project::Project;
use crate::effects::world::World;
use crate::headless::Console;
use crate::safe;

/// Adds packages to the environment of the project in this folder.
pub fn add(world: &Arc<World>, folder: &Path, packages: &[String]) -> Result<(), Failure> {
    let project = Project::in_folder(folder)?;
    let mut tell = |line: &str| Console.note(&safe!("  {line}"));
    let python = environment::add(&world.config, &project, packages, &mut tell, &CancellationToken::new())?;
    for name in packages.iter().filter_map(|package| required(package)) {
        let version = python.all.iter().find(|(own, _)| crate::domain::environment::normal(own) == name);
        let version = version.map_or("unknown", |(_, version)| version.as_str());
        Console.out(safe!("{name} {version} is in {}", project.state.join("venv").display()).as_str());
    }
    Ok(())
}
