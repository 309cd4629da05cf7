//! What the plan of a query compares its parameters with.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value;

use crate::catalog::{Catalog, Name, quote_ident};
use crate::sql::{edit, expression, parameters};

/// Parameters get numbers above those by which plans name what subqueries return, `$0` and up.
const ABOVE: u32 = 1000;

/// A parameter that a condition compares with a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Use {
    pub(super) parameter: u32,
    pub(super) table: Name,
    /// What tells the table from others of that name in the query.
    pub(super) alias: String,
    pub(super) column: String,
    /// As the plan has it: `=`, `<`, `~~`, `= ANY`. Turned round where the column stands right.
    pub(super) operator: String,
    /// What is compared of the column, if it is not its value itself: `lower(email)` with the
    /// place of the column in it.
    pub(super) of_column: Option<(String, Range<usize>)>,
    /// The side of the parameter, if it is not alone: `lower($1)`.
    pub(super) of_parameter: Option<String>,
}

/// The question for the plan of a query whatever its parameters are.
pub(super) fn question(sql: &str) -> String {
    let sql = parameters::substituted(sql, |number| Some(format!("${}", number + ABOVE)));
    format!("EXPLAIN (GENERIC_PLAN, VERBOSE, COSTS OFF, FORMAT JSON) {sql}")
}

/// What the conditions of a plan compare parameters with, in the plan's order.
pub(super) fn uses(plan: &Value, catalog: &Catalog) -> Vec<Use> {
    let mut found = Found { catalog, aliases: BTreeMap::new(), conditions: Vec::new() };
    found.visit(plan);
    let Found { aliases, conditions, .. } = found;
    let mut uses = Vec::new();
    for text in conditions {
        for leaf in expression::condition(&text).leaves {
            let Some(comparison) = expression::comparison(&leaf.text) else { continue };
            let (left, right) = (comparison.left.as_str(), comparison.right.as_str());
            for (left, right) in pairs(left, right) {
                uses.extend(compared(&aliases, left, &comparison.operator, right));
            }
        }
    }
    uses
}

/// Whether a plan changes rows.
pub(super) fn modifies(plan: &Value) -> bool {
    match plan {
        Value::Array(parts) => parts.iter().any(modifies),
        Value::Object(node) => {
            node.get("Node Type").and_then(Value::as_str) == Some("ModifyTable")
                || node.values().any(modifies)
        }
        _ => false,
    }
}

/// The tables of a plan by their aliases, and its conditions.
struct Found<'c> {
    catalog: &'c Catalog,
    aliases: BTreeMap<String, (Name, String)>,
    conditions: Vec<String>,
}

impl Found<'_> {
    fn visit(&mut self, value: &Value) {
        match value {
            Value::Array(parts) => parts.iter().for_each(|part| self.visit(part)),
            Value::Object(node) => {
                self.table(node);
                for (key, value) in node {
                    match value {
                        Value::String(text) if key.ends_with("Cond") || key.ends_with("Filter") => {
                            self.conditions.push(text.clone());
                        }
                        other => self.visit(other),
                    }
                }
            }
            _ => {}
        }
    }

    fn table(&mut self, node: &serde_json::Map<String, Value>) {
        let text = |key: &str| node.get(key).and_then(Value::as_str);
        let (Some(schema), Some(relation), Some(alias)) =
            (text("Schema"), text("Relation Name"), text("Alias"))
        else {
            return;
        };
        let mut name = Name::new(schema, relation);
        // A plan names the partitions of a table, each with an alias of its own.
        let above = |name: &Name| self.catalog.table(name)?.partition.as_ref().map(|one| &one.of);
        let mut instance = alias.to_owned();
        while let Some(parent) = above(&name) {
            name = parent.clone();
            instance = name.to_string();
        }
        self.aliases.insert(alias.to_owned(), (name, instance));
    }
}

/// `(a, b) < ($1, $2)` compares one by one, as far as values for them are concerned.
fn pairs<'t>(left: &'t str, right: &'t str) -> Vec<(&'t str, &'t str)> {
    let inside = |text: &'t str| text.strip_prefix("ROW(")?.strip_suffix(')');
    match (inside(left), inside(right)) {
        (Some(left), Some(right)) => {
            edit::items(left).into_iter().zip(edit::items(right)).collect()
        }
        _ => vec![(left, right)],
    }
}

/// The parameters of one side, if the other is about one column.
fn compared(
    aliases: &BTreeMap<String, (Name, String)>,
    left: &str,
    operator: &str,
    right: &str,
) -> Vec<Use> {
    let sides = match (parameters::parameters(left).len(), parameters::parameters(right).len()) {
        (0, 1..) => (left, right, operator.to_owned()),
        (1.., 0) => (right, left, turned(operator)),
        _ => return Vec::new(),
    };
    let (of_column, of_parameter, operator) = sides;
    let columns = expression::qualified(of_column);
    let [column] = columns.as_slice() else { return Vec::new() };
    let Some((table, alias)) = aliases.get(&column.table) else { return Vec::new() };
    let bare = format!("{}.{}", quote_ident(&column.table), quote_ident(&column.column));
    let (table, alias) = (table.clone(), alias.clone());
    // Those of a list are looked for one by one.
    let elements = of_parameter.strip_prefix("ARRAY[").and_then(|rest| rest.strip_suffix(']'));
    let (elements, operator) = match elements {
        Some(elements) => (edit::items(elements), operator.replace(" ANY", "")),
        None => (vec![of_parameter], operator),
    };
    let one = |text: &str| {
        let comparison = format!("{text} = 0");
        // Casts around it do not change which value it is.
        let bare = expression::comparison(&comparison).map(|bare| bare.left);
        let text = bare.unwrap_or_else(|| text.to_owned());
        let number = *parameters::parameters(&text).first()?;
        Some((number.checked_sub(ABOVE)?, text))
    };
    let made = |(parameter, text): (u32, String)| Use {
        parameter,
        table: table.clone(),
        alias: alias.clone(),
        column: column.column.clone(),
        operator: operator.clone(),
        of_column: (of_column != bare).then(|| (of_column.to_owned(), column.range.clone())),
        of_parameter: (text != format!("${}", parameter + ABOVE)).then_some(text),
    };
    elements.into_iter().filter_map(one).map(made).collect()
}

/// The operator with its sides exchanged.
fn turned(operator: &str) -> String {
    let turned = match operator {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        "<@" => "@>",
        "@>" => "<@",
        // `$1 = ANY (list)` has one element of what the column holds.
        "= ANY" => "HAS",
        other => other,
    };
    turned.to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// `parameter table.column operator`, with what is around either.
    fn told(condition: &str) -> Vec<String> {
        let plan = json!([{"Plan": {
            "Node Type": "Index Scan", "Schema": "public", "Relation Name": "users",
            "Alias": "u", "Index Cond": condition,
            "Plans": [{"Schema": "public", "Relation Name": "items", "Alias": "i"}],
        }}]);
        let one = |found: Use| {
            let of_column =
                found.of_column.map_or_else(String::new, |(text, _)| format!(" {text}"));
            let around = found.of_parameter.map_or_else(String::new, |text| format!(" {text}"));
            let (number, column, operator) = (found.parameter, found.column, found.operator);
            format!("{number} {}.{column} {operator}{of_column}{around}", found.alias)
        };
        uses(&plan, &Catalog::default()).into_iter().map(one).collect()
    }

    #[test]
    fn parameters_are_found_beside_their_columns() {
        for (condition, expected) in [
            ("(u.id = $1001)", vec!["1 u.id ="]),
            ("((u.email)::text = ($1002)::text)", vec!["2 u.email ="]),
            ("($1001 < u.created_at)", vec!["1 u.created_at >"]),
            ("(lower(u.email) = lower($1001))", vec!["1 u.email = lower(u.email) lower($1001)"]),
            ("((u.id = $1001) AND (i.title ~~ $1002))", vec!["1 u.id =", "2 i.title ~~"]),
            ("(ROW(u.at, u.id) < ROW($1001, $1002))", vec!["1 u.at <", "2 u.id <"]),
            ("(u.id = ANY ($1001))", vec!["1 u.id = ANY"]),
            ("(u.id = ANY (ARRAY[$1001, $1002]))", vec!["1 u.id =", "2 u.id ="]),
            ("($1001 = ANY (u.tags))", vec!["1 u.tags HAS"]),
            ("(($1001 IS NULL) OR (u.id = $1001))", vec!["1 u.id ="]),
            // What a subquery returns is no parameter, and neither is a column of another row.
            ("(u.id = $1)", vec![]),
            ("(u.id = i.owner_id)", vec![]),
            ("(gone.id = $1001)", vec![]),
        ] {
            assert_eq!(told(condition), expected, "{condition}");
        }
    }
}
