//! `unique-spelling`: names that people type are unique however they are spelt.

use super::Invariant;
use super::guard::refused;
use super::keys;
use crate::invariants::context::Context;
use crate::invariants::context::shape::{Key, Shape};
use crate::invariants::promise::{Evidence, Otherwise, Promise};
use crate::values::types::Base;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "unique-spelling",
    group: "uniqueness",
    page: include_str!("pages/unique-spelling.md"),
    derive,
};

/// Words in the names of columns that hold what people type to be found by.
const NAMES: [&str; 11] = [
    "email", "mail", "login", "user", "username", "handle", "nickname", "slug", "domain",
    "hostname", "code",
];

fn derive(context: &Context) -> Vec<Promise> {
    keys::keys(context).filter_map(|(shape, key)| promise(context, shape, key)).collect()
}

fn promise(context: &Context, shape: &Shape, key: &Key) -> Option<Promise> {
    let column = typed(shape, key)?;
    let says = format!("no two rows have the same {column} but for its spelling");
    let spelt = key.parts.iter().map(|part| match part.column.as_deref() == Some(column) {
        true => format!("lower({})", part.sql),
        false => part.sql.clone(),
    });
    let spelt = spelt.collect::<Vec<_>>().join(", ");
    let condition = key.predicate.as_ref().map_or_else(String::new, |p| format!(" WHERE {p}"));
    let otherwise = Otherwise::Risk {
        trap: format!(
            "two rows can differ in {column} only by case, by a blank at the end, or by how accents are composed"
        ),
        way_out: format!(
            "CREATE UNIQUE INDEX CONCURRENTLY ON {} ({spelt}){condition};",
            shape.name()
        ),
    };
    let evidence = match context.unable(shape.name()) {
        Some(reason) => Evidence::Untested(reason.to_owned()),
        None => evidence(context, shape, key, column)?,
    };
    Some(keys::promise(INVARIANT.id, shape, &key.name, says, otherwise, evidence))
}

/// The only text column of the key, if people type it.
fn typed<'a>(shape: &Shape, key: &'a Key) -> Option<&'a str> {
    let linked =
        |name: &str| shape.links.iter().any(|link| link.columns.iter().any(|own| own == name));
    let text = |name: &&str| {
        shape
            .column(name)
            .is_some_and(|(_, resolved)| matches!(resolved.base, Base::Text(_) | Base::Citext))
    };
    let columns = key.columns();
    let mut texts = columns.into_iter().filter(text).filter(|name| !linked(name));
    let (column, None) = (texts.next()?, texts.next()) else { return None };
    let name = column.to_lowercase();
    let words: Vec<&str> = name.split('_').collect();
    // `user_agent` is not a user.
    let last = words.last().copied().unwrap_or_default();
    let typed =
        NAMES.contains(&last) || NAMES.iter().any(|word| *word == name) || name == "user_name";
    typed.then_some(column)
}

fn evidence(context: &Context, shape: &Shape, key: &Key, column: &str) -> Option<Evidence> {
    let rows = keys::rows(context, shape, key)?;
    let value = rows.one.text(column)?.to_owned();
    let mut variants = vec![("in upper case", value.clone(), value.to_uppercase())];
    let checked = shape.checks.iter().any(|check| check.columns.iter().any(|own| own == column));
    let plain = key.parts.iter().any(|part| part.column.as_deref() == Some(column));
    let citext = shape.column(column).is_some_and(|(_, resolved)| resolved.base == Base::Citext);
    // Where somebody thought of the spelling these two are left to them.
    if plain && !checked && !citext {
        variants.push(("with a blank behind it", value.clone(), format!("{value} ")));
        variants.push(("with another é", format!("{value}\u{e9}"), format!("{value}e\u{301}")));
    }
    let mut cases = Vec::new();
    for (how, first, second) in variants {
        if first == second {
            continue;
        }
        let one = rows.one.clone().with(column, Some(first));
        let twin = rows.twin.clone().with(column, Some(second));
        let about = format!("two rows with the same {column}, one {how}");
        let ops = vec![one.insert(), twin.insert()];
        // A check or a length that keeps the spelling out does as well.
        cases.push(refused(context, shape, about, ops, &["23505", "23514", "22001"], None));
    }
    (!cases.is_empty()).then(|| Evidence::cases(context.setup(&[&rows.one, &rows.twin]), cases))
}
