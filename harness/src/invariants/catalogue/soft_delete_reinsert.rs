//! `soft-delete-reinsert`: what a softly deleted row had in a unique key can be used again.

use super::Invariant;
use super::pieces::{risk, soft_tables, untested};
use crate::catalog::quote_ident;
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::{Key, Shape};
use crate::invariants::promise::{Evidence, Promise};
use crate::invariants::soft_delete::SoftDelete;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "soft-delete-reinsert",
    group: "soft deletes",
    page: include_str!("pages/soft-delete-reinsert.md"),
    derive,
};

/// What is meant to be used once and never again, deleted or not.
const ONCE: &[&str] =
    &["token", "hash", "secret", "fingerprint", "number", "uuid", "guid", "serial", "nonce"];

fn derive(context: &Context) -> Vec<Promise> {
    let keys = soft_tables(context)
        .flat_map(|(shape, soft)| shape.keys.iter().map(move |key| (shape, soft, key)));
    let natural = keys.filter(|(shape, soft, key)| is_natural(shape, soft, key));
    natural.map(|(shape, soft, key)| promise(context, shape, soft, key)).collect()
}

/// Whether people choose what stands in the key, so that they may choose the same again.
fn is_natural(shape: &Shape, soft: &SoftDelete, key: &Key) -> bool {
    let chosen = |name: &str| {
        let Some((column, _)) = shape.column(name) else { return false };
        column.identity.is_none()
            && !column.default.as_ref().is_some_and(|default| default.contains('('))
            && !ONCE.iter().any(|word| name.to_lowercase().contains(word))
    };
    let columns = key.columns();
    key.valid
        && !key.primary
        && columns.iter().all(|column| chosen(column) && !soft.columns().contains(column))
}

fn promise(context: &Context, shape: &Shape, soft: &SoftDelete, key: &Key) -> Promise {
    let list = key.list();
    Promise {
        invariant: INVARIANT.id.to_owned(),
        table: shape.name().clone(),
        object: key.name.clone(),
        says: format!("a row can be put in with the {list} of a softly deleted one"),
        otherwise: risk(
            format!("the {list} of a softly deleted row stays taken, by a row that nobody sees"),
            way_out(shape, soft, key),
        ),
        evidence: evidence(context, shape, soft, key),
    }
}

fn way_out(shape: &Shape, soft: &SoftDelete, key: &Key) -> String {
    let drop = if key.constraint {
        format!("ALTER TABLE {} DROP CONSTRAINT {}", shape.name(), quote_ident(&key.name))
    } else {
        format!("DROP INDEX {}", shape.name().sibling(&key.name))
    };
    let parts: Vec<&str> = key.parts.iter().map(|part| part.sql.as_str()).collect();
    let also = key.predicate.as_ref().map_or_else(String::new, |p| format!("{p} AND "));
    format!(
        "CREATE UNIQUE INDEX ON {} ({}) WHERE {also}{}; {drop}",
        shape.name(),
        parts.join(", "),
        soft.live_where
    )
}

fn evidence(context: &Context, shape: &Shape, soft: &SoftDelete, key: &Key) -> Evidence {
    let (Some(one), Some(two)) = (context.row(shape.name(), 0), context.row(shape.name(), 1))
    else {
        return untested(context, shape);
    };
    let twin = two.like(&one, &key.columns());
    let mut setup = context.setup(&[&one, &twin]);
    setup.extend([one.insert(), one.set(&soft.deleting())]);
    let about = format!("a row with the same {} as a softly deleted one", key.list());
    Evidence::cases(setup, vec![Case::accepted(about, vec![twin.insert()])])
}
