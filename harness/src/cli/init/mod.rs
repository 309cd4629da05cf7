//! `shakedown init`

pub(super) mod found;
mod hosted;
mod settings;
mod write;

use std::path::Path;

use super::args::{InitArgs, SchemaOf};
use super::{Verdict, generate, output};
use found::Project;
use write::{Planned, State};

pub(super) fn run(args: &InitArgs) -> anyhow::Result<Verdict> {
    let project = found::look(args.folder.as_deref().unwrap_or(Path::new(".")))?;
    let planned = plan(&project, args.pre_commit);
    for (file, state) in planned.iter().zip(write::all(&planned)?) {
        let path = file.path.strip_prefix(".").unwrap_or(&file.path).display();
        output::print(&format!("{:<9}  {path}\n", state.word()));
        if state == State::Differs {
            output::notice(&format!("`{path}` is there and stays as it is; {}", file.instead));
        }
    }
    if project.github && hosted::nowhere() {
        output::notice(&format!(
            "write whose Shakedown the workflow uses in the place of `{}`",
            hosted::OWNER
        ));
    }
    if !project.github {
        output::notice("no workflow is written, since nothing here speaks of GitHub");
    }
    output::print("\nnext: shakedown run\n");
    if !args.pre_commit {
        output::print("also: shakedown init --pre-commit, for the same before each commit\n");
    }
    Ok(Verdict::Held)
}

/// What is to be written.
fn plan(project: &Project, pre_commit: bool) -> Vec<Planned> {
    const MOVE: &str = "move it away and do this again to get a new one";
    let schema = format!("`shakedown generate schema > {}` renews it", settings::SCHEMA);
    let file =
        |path, text, instead: &str| Planned { path, text, mark: None, instead: instead.to_owned() };
    let mut planned = vec![
        file(project.folder.join("shakedown.toml"), settings::commented(project), MOVE),
        file(project.folder.join(settings::SCHEMA), generate::schema(SchemaOf::Config), &schema),
    ];
    if project.github {
        let path = project.root.join(".github/workflows/shakedown.yml");
        planned.push(file(path, hosted::workflow(project), MOVE));
    }
    if pre_commit {
        let hook = hosted::hook(project);
        planned.push(Planned {
            path: project.root.join(".pre-commit-config.yaml"),
            text: format!("repos:\n{hook}"),
            mark: Some("id: shakedown"),
            instead: format!("add this to its `repos:`\n\n{hook}"),
        });
    }
    planned
}
