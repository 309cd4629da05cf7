//! `row-policies`: policies hide the rows that they are there to hide, in views too.

use super::Invariant;
use super::pieces::{risk, untested};
use crate::catalog::{Policy, View, quote_ident};
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::row::Row;
use crate::invariants::context::shape::Shape;
use crate::invariants::promise::{Evidence, Otherwise, Promise};
use crate::sql::mentions;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "row-policies",
    group: "policies",
    page: include_str!("pages/row-policies.md"),
    derive,
};

/// A role that is made within a case and is gone with it.
const ROLE: &str = "shakedown_somebody";

fn derive(context: &Context) -> Vec<Promise> {
    let with = context
        .shapes()
        .filter(|shape| shape.table.row_security || !shape.table.policies.is_empty());
    with.flat_map(|shape| promises(context, shape)).collect()
}

fn promises(context: &Context, shape: &Shape) -> Vec<Promise> {
    let table = shape.name();
    let promise = |object: &str, says: String, otherwise: Otherwise, evidence: Evidence| Promise {
        invariant: INVARIANT.id.to_owned(),
        table: table.clone(),
        object: object.to_owned(),
        says,
        otherwise,
        evidence,
    };
    let says = format!("the policies of {} decide which of its rows are seen", table.name);
    if !shape.table.row_security {
        let trap = format!("the policies of {} do nothing: everybody sees all rows", table.name);
        let way_out = format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY");
        let fact = Evidence::Seen("row level security is not enabled on it".to_owned());
        return vec![promise("row level security", says, risk(trap, way_out), fact)];
    }
    if shape.table.policies.is_empty() {
        let trap = format!("only its owner sees any row of {}, and no one is told why", table.name);
        let way_out = format!(
            "CREATE POLICY ... ON {table}, or ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
        );
        let fact =
            Evidence::Seen("row level security is enabled and there is no policy".to_owned());
        return vec![promise("row level security", says, risk(trap, way_out), fact)];
    }
    let Some(row) = context.row(table, 0) else {
        return vec![promise(
            "row level security",
            says,
            Otherwise::Broken,
            untested(context, shape),
        )];
    };
    let own = Evidence::cases(
        as_somebody(context, shape, &row, None),
        vec![Case::yields("a row that no policy shows", vec![hidden(shape, &row)], "0")],
    );
    let mut promises = vec![promise("row level security", says, Otherwise::Broken, own)];
    for view in views(context, shape, &row) {
        let name = &view.name;
        let seen = |of: &str| format!("(SELECT count(*) FROM {of} WHERE {})", row.condition());
        let ask =
            format!("SELECT ({} <= {})::text", seen(&name.to_string()), seen(&table.to_string()));
        let case =
            Case::yields("a row in the view beside the same row in its table", vec![ask], "true");
        promises.push(promise(
            &name.name,
            format!("{} shows no row that the policies of {} hide", name.name, table.name),
            risk(
                format!(
                    "{} shows rows that the policies of {} hide: it reads as its owner",
                    name.name, table.name
                ),
                format!("ALTER VIEW {name} SET (security_invoker = true)"),
            ),
            Evidence::cases(as_somebody(context, shape, &row, Some(view)), vec![case]),
        ));
    }
    promises
}

/// What makes the row and goes on as somebody for whom no policy was made by name.
fn as_somebody(context: &Context, shape: &Shape, row: &Row, view: Option<&View>) -> Vec<String> {
    let mut setup = context.planted(&[row]);
    let schemas = [Some(&shape.name().schema), view.map(|view| &view.name.schema)];
    setup.push(format!("CREATE ROLE {ROLE}"));
    for schema in schemas.into_iter().flatten() {
        let schema = quote_ident(schema);
        setup.push(format!("GRANT USAGE ON SCHEMA {schema} TO {ROLE}"));
        setup.push(format!("GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {ROLE}"));
    }
    setup.push(format!("SET LOCAL ROLE {ROLE}"));
    // A policy that cannot be asked without more, such as a setting, shows here.
    setup.push(hidden(shape, row));
    setup
}

/// A query that counts the row if it is seen although no policy allows that.
fn hidden(shape: &Shape, row: &Row) -> String {
    let shows = |policy: &&Policy| {
        policy.permissive
            && matches!(policy.command.as_str(), "all" | "select")
            && policy.roles.iter().any(|role| role == "PUBLIC")
    };
    let allowed: Vec<String> = shape
        .table
        .policies
        .iter()
        .filter(shows)
        .filter_map(|policy| policy.using.as_ref())
        .map(|using| format!("({using})"))
        .collect();
    let allowed = if allowed.is_empty() { "false".to_owned() } else { allowed.join(" OR ") };
    format!("{} AND ({allowed}) IS NOT TRUE", row.count())
}

/// The views of the table that read it with the rights of their owner.
fn views<'a>(
    context: &'a Context,
    shape: &'a Shape,
    row: &'a Row,
) -> impl Iterator<Item = &'a View> {
    context.catalog.views.iter().filter(move |view| {
        let invoker = view.options.iter().any(|option| {
            matches!(
                option.as_str(),
                "security_invoker=true" | "security_invoker=on" | "security_invoker=1"
            )
        });
        !invoker
            && !view.materialized
            && mentions(&view.definition, &shape.name().name)
            && !view.definition.contains("JOIN")
            && row.identity.iter().all(|name| view.columns.iter().any(|own| own.name == *name))
    })
}
