//! What runs Shakedown elsewhere: a workflow of GitHub, a hook of pre-commit.

use std::path::{Component, Path, PathBuf};

use super::found::Project;
use super::settings::quoted;

/// What stands for the address of the action as long as nobody knows it.
pub(super) const OWNER: &str = "OWNER/shakedown";

/// Where the action is. The repository says so in its `Cargo.toml`; until then the user does.
fn action() -> String {
    let home = env!("CARGO_PKG_REPOSITORY").strip_prefix("https://github.com/");
    format!("{}@v0", home.unwrap_or(OWNER))
}

/// Whether the user has to say where the action is.
pub(super) fn nowhere() -> bool {
    action().starts_with(OWNER)
}

/// `.github/workflows/shakedown.yml`
pub(super) fn workflow(project: &Project) -> String {
    let action = action();
    let below = match path(&project.below) {
        Some(below) => format!("          working-directory: {below}\n"),
        None => String::new(),
    };
    format!(
        "\
# Tries the migrations of each pull request, as `shakedown run` does.
name: shakedown

on:
  pull_request:

permissions:
  contents: read
  # For the comment.
  pull-requests: write

jobs:
  shakedown:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
        with:
          # The whole history, so that the branch can be compared with its base.
          fetch-depth: 0
          persist-credentials: false
      - uses: {action}
        with:
          command: run
{below}          comment: true
"
    )
}

/// An entry of `repos:` in `.pre-commit-config.yaml`. It takes the `shakedown` that is installed.
pub(super) fn hook(project: &Project) -> String {
    let folder = project.below.join(&project.migrations.folder);
    let folder: PathBuf = folder.components().filter(|one| *one != Component::CurDir).collect();
    let files = match path(&folder) {
        Some(_) => format!("^{}/", escaped(&folder.to_string_lossy())),
        // They lie in the root of the repository.
        None => "^[^/]*\\.sql$".to_owned(),
    };
    let files = quoted(&files);
    let arguments = match path(&project.below.join("shakedown.toml")) {
        Some(config) if !project.below.as_os_str().is_empty() => {
            format!("        args: [--config, {config}]\n")
        }
        _ => String::new(),
    };
    format!(
        "  - repo: local
    hooks:
      - id: shakedown
        name: every migration can be taken back
        entry: shakedown verify
{arguments}        language: system
        files: {files}
        pass_filenames: false
"
    )
}

/// A path as YAML has it, unless it is empty.
fn path(path: &Path) -> Option<String> {
    let text = path.to_string_lossy();
    (!text.is_empty()).then(|| quoted(&text))
}

/// A path as a regular expression.
fn escaped(path: &str) -> String {
    let mut pattern = String::new();
    for character in path.chars() {
        if character.is_ascii_punctuation() && !"/_-".contains(character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}
