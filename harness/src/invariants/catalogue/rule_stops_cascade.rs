//! `rule-stops-cascade`: a rule does not stop what a foreign key does.

use super::Invariant;
use super::foreign_keys::{links, pair, promise};
use crate::catalog::{Action, Enabled, quote_ident};
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::Link;
use crate::invariants::promise::{Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "rule-stops-cascade",
    group: "foreign keys",
    page: include_str!("pages/rule-stops-cascade.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    links(context).filter_map(|link| of(context, link)).collect()
}

fn of(context: &Context, link: &Link) -> Option<Promise> {
    let shape = context.shape(&link.child)?;
    let word = match link.on_delete {
        Action::Cascade => "ON DELETE TO",
        Action::SetNull | Action::SetDefault => "ON UPDATE TO",
        _ => return None,
    };
    let rule = shape.table.rules.iter().find(|rule| {
        matches!(rule.enabled, Enabled::Origin | Enabled::Always) && rule.definition.contains(word)
    })?;
    let (family, parent, _) = pair(context, link)?;
    let about = format!("a row of {} with one of {} that refers to it", link.parent, link.child);
    let cases = vec![Case::accepted(about, vec![family.rows()[parent].delete()])];
    let says = format!("rows of {} can be deleted in spite of the rule {}", link.parent, rule.name);
    let otherwise = Otherwise::Risk {
        trap: format!(
            "the rule {} rewrites the query of the foreign key, so that a row of {} can not be deleted once it is referred to",
            rule.name, link.parent
        ),
        way_out: format!(
            "DROP RULE {} ON {}, with a BEFORE trigger on the parent in its place",
            quote_ident(&rule.name),
            link.child
        ),
    };
    Some(promise(INVARIANT.id, link, says, otherwise, Evidence::cases(family.insert(), cases)))
}
