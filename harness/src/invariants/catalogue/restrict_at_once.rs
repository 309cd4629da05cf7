//! `restrict-at-once`: RESTRICT refuses at once what NO ACTION allows if it is mended by the end
//! of the statement.

use super::Invariant;
use super::cascade_closure::REFUSED;
use super::foreign_keys::{pair, promise};
use super::guard::{accepted, refused};
use super::key_change::new_key;
use super::keys;
use super::pieces::triggers;
use crate::catalog::{Action, Event, Timing, quote_ident};
use crate::invariants::case::{Case, Group};
use crate::invariants::context::Context;
use crate::invariants::context::row::Row;
use crate::invariants::context::shape::{Link, Shape};
use crate::invariants::family::fate::{refers, values};
use crate::invariants::family::paths::can_be_tried;
use crate::invariants::family::planted::{Family, on, takes};
use crate::invariants::promise::{Evidence, Otherwise, Promise};
use crate::sql::mentions;
use crate::values::literal;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "restrict-at-once",
    group: "foreign keys",
    page: include_str!("pages/restrict-at-once.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    let links = context.shapes().flat_map(|shape| &shape.links);
    links.filter(|link| can_be_tried(context, link)).filter_map(|link| of(context, link)).collect()
}

fn of(context: &Context, link: &Link) -> Option<Promise> {
    let shape = context.shape(&link.parent)?;
    let watches = |event: &Event| !on(&shape.table, *event).is_empty();
    let rewritten = |column: &String| context.is_rewritten(shape.name(), column);
    // A rule rewrites the statement, and a trigger may do anything for the row that comes anew.
    if !shape.table.rules.is_empty()
        || watches(&Event::Insert)
        || link.parent_columns.iter().any(rewritten)
    {
        return None;
    }
    let (family, parent, _) = pair(context, link)?;
    let row = &family.rows()[parent];
    let refer = |other: &&Link| {
        let key = values(row, &other.parent_columns);
        family.rows().iter().any(|row| refers(other, row, &key))
    };
    let links: Vec<&Link> = context.links_to(&link.parent).filter(refer).collect();
    if links != [link] {
        return None;
    }
    let deleted = match watches(&Event::Delete) {
        true => None,
        false => replaced(context, shape, link, &family, row),
    };
    let groups: Vec<Group> =
        deleted.into_iter().chain(renamed(context, shape, link, &family, row)).collect();
    if groups.is_empty() {
        return None;
    }
    let says = format!(
        "what refers to {} is looked at as soon as RESTRICT says, or when the statement is done",
        link.parent
    );
    Some(promise(INVARIANT.id, link, says, Otherwise::Broken, Evidence::Cases(groups)))
}

/// The row is deleted, and by the same statement put in again.
fn replaced(
    context: &Context,
    shape: &Shape,
    link: &Link,
    family: &Family<'_>,
    row: &Row,
) -> Option<Group> {
    let about = format!("a row that {} refers to, deleted and put in again at once", link.child);
    let case = judged(context, shape, link.on_delete, about, instead(&row.delete(), row))?;
    Some(Group { setup: family.insert(), cases: vec![case] })
}

/// The row gets another key, and by the same statement another row gets the one it had.
fn renamed(
    context: &Context,
    shape: &Shape,
    link: &Link,
    family: &Family<'_>,
    row: &Row,
) -> Option<Group> {
    let names: Vec<&str> = link.parent_columns.iter().map(String::as_str).collect();
    if is_frozen(context, shape, &names) {
        return None;
    }
    let key = new_key(context, shape, family, &link.parent_columns)?;
    let moved =
        key.iter().fold(row.clone(), |row, (column, value)| row.with(column, value.clone()));
    let mut more = family.clone();
    let place = more.root(shape.name())?;
    // The one whose key it was to be gets the old one.
    let successor = more.rows()[place].clone().like(row, &names);
    if !takes(context, row, &moved)
        || !takes(context, &more.rows()[place], &successor)
        || keys::meet_elsewhere(context, shape, None, &moved, &successor)
    {
        return None;
    }
    let update = row.set(&keys::assignments(&moved, &names)?);
    let about = format!("a key that {} refers to, passed on to another row at once", link.child);
    let case = judged(context, shape, link.on_update, about, instead(&update, &successor))?;
    let mut setup = more.insert();
    setup.remove(place);
    Some(Group { setup, cases: vec![case] })
}

/// Whether a trigger may keep an UPDATE from giving these columns other values.
fn is_frozen(context: &Context, shape: &Shape, columns: &[&str]) -> bool {
    triggers(&context.catalog, &shape.table, Event::Update).any(|(trigger, body)| {
        let body = body.to_lowercase();
        let whole = ["return old", "return null", "new := old"];
        trigger.timing == Timing::Before
            && (body.is_empty()
                || columns.iter().any(|column| mentions(&body, &column.to_lowercase()))
                || whole.iter().any(|words| body.contains(words)))
    })
}

/// What must come of a statement after which everything is referred to that was before; nothing
/// if the foreign key follows what it refers to.
fn judged(
    context: &Context,
    shape: &Shape,
    action: Action,
    about: String,
    sql: String,
) -> Option<Case> {
    match action {
        Action::NoAction => Some(accepted(context, shape, about, vec![sql])),
        Action::Restrict => Some(refused(context, shape, about, vec![sql], &REFUSED, None)),
        Action::Cascade | Action::SetNull | Action::SetDefault => None,
    }
}

/// One statement that does `sql` and then puts the row in.
fn instead(sql: &str, row: &Row) -> String {
    let columns: Vec<String> = row.cells.keys().map(|column| quote_ident(column)).collect();
    let cells: Vec<String> = row.cells.values().map(literal).collect();
    format!(
        "WITH gone AS ({sql} RETURNING 1) INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM gone",
        row.table,
        columns.join(", "),
        cells.join(", ")
    )
}
