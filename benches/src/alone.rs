//! Benchmarks that make a table of their own instead of running under criterion, and still obey
//! the arguments that criterion has.

use std::env;

use crate::left_out;

/// Whether the benchmark of this id is to run now. Under `--list` it is listed instead; where
/// another name is asked for, or under `cargo test`, it is said to be left out.
pub fn chosen(id: &str) -> bool {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    if has("--list") {
        #[expect(clippy::print_stdout, reason = "the list goes where criterion's goes")]
        {
            println!("{id}: benchmark");
        }
        return false;
    }
    // `cargo bench` says so; `cargo test --benches` only wants to know whether it starts.
    if !has("--bench") || has("--test") {
        left_out(id, "only `cargo bench` measures it");
        return false;
    }
    let asked: Vec<&String> =
        arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    if asked.is_empty() || asked.iter().any(|part| id.contains(part.as_str())) {
        return true;
    }
    left_out(id, "another is asked for");
    false
}
