//! A statement with its variables as `$1`, `$2` ...

use std::sync::Arc;

use super::lines::quoted;
use super::names::Names;
use crate::workload::{Role, Sql};

/// Turns `:name` into arguments, as pgbench's prepared mode does: not within quotes, comments
/// and `::` casts. The same variable is the same argument.
pub(super) fn read(text: &str, results: Option<String>, names: &mut Names) -> Sql {
    let mut out = String::with_capacity(text.len());
    let mut arguments: Vec<usize> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skip = quoted(rest);
        if skip > 0 {
            out.push_str(&rest[..skip]);
            rest = &rest[skip..];
            continue;
        }
        if rest.starts_with("::") {
            out.push_str("::");
            rest = &rest[2..];
            continue;
        }
        let length = rest.strip_prefix(':').map_or(0, name);
        if length > 0 {
            let slot = names.used(&rest[1..=length]);
            let place = arguments.iter().position(|known| *known == slot).unwrap_or_else(|| {
                arguments.push(slot);
                arguments.len() - 1
            });
            out.push_str(&format!("${}", place + 1));
            rest = &rest[length + 1..];
            continue;
        }
        out.push(first);
        rest = &rest[first.len_utf8()..];
    }
    Sql { role: role(&out), text: Arc::from(out), arguments, results }
}

/// How long the name is that the text begins with. A slice `[1:2]` has none.
fn name(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len())
}

/// What a statement is to a transaction, by its first words.
fn role(sql: &str) -> Role {
    let mut words = sql.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    let (first, second) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let is = |word: &str, wanted: &str| word.eq_ignore_ascii_case(wanted);
    if is(first, "begin") || (is(first, "start") && is(second, "transaction")) {
        Role::Begin
    } else if is(first, "commit")
        || is(first, "end")
        || is(first, "abort")
        || (is(first, "rollback") && !is(second, "to"))
    {
        // `COMMIT PREPARED` is rare enough not to be looked for.
        Role::End
    } else {
        Role::Plain
    }
}
