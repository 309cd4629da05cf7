//! Plans as values, read from what `EXPLAIN (FORMAT JSON, VERBOSE)` prints.

mod told;

use serde_json::Value;

use crate::catalog::Name;

/// A node of a plan.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Node {
    /// `Index Scan`, `Sort` ...
    pub(crate) kind: String,
    /// The table that it is about.
    pub(crate) table: Option<Name>,
    /// What the table is called in conditions.
    pub(crate) alias: Option<String>,
    /// The index that it uses.
    pub(crate) index: Option<String>,
    /// Whether it goes through the index from its end.
    pub(crate) backward: bool,
    /// The conditions on its own rows: `Filter`, `Index Cond`, `Recheck Cond`.
    pub(crate) conditions: Vec<String>,
    /// The conditions between its children: `Hash Cond`, `Merge Cond`, `Join Filter`.
    pub(crate) joins: Vec<String>,
    /// What it sorts or groups by: `items.created_at DESC`.
    pub(crate) keys: Vec<String>,
    /// What it gives.
    pub(crate) output: Vec<String>,
    /// Rows that it gave, in all its loops; an estimate where it was not run.
    pub(crate) rows: f64,
    /// Rows that it read and left out.
    pub(crate) removed: f64,
    /// Pages that it and its children looked at.
    pub(crate) buffers: u64,
    /// The estimate of the planner for all of it.
    pub(crate) cost: f64,
    pub(crate) children: Vec<Node>,
}

impl Node {
    /// Reads a whole plan; nothing if it is none.
    pub(crate) fn read(json: &str) -> Option<Self> {
        let all: Value = serde_json::from_str(json).ok()?;
        Some(node(all.pointer("/0/Plan")?))
    }

    /// This node and all below it, from the top.
    pub(crate) fn all(&self) -> Vec<&Self> {
        std::iter::once(self).chain(self.children.iter().flat_map(Self::all)).collect()
    }

    /// The indexes that are used, each once.
    pub(crate) fn indexes(&self) -> Vec<String> {
        let mut indexes: Vec<String> = Vec::new();
        for index in self.all().into_iter().filter_map(|node| node.index.clone()) {
            if !indexes.contains(&index) {
                indexes.push(index);
            }
        }
        indexes
    }

    /// Whether it reads a table, by an index or not.
    pub(crate) fn is_scan(&self) -> bool {
        self.table.is_some() && self.kind.contains("Scan")
    }
}

fn node(value: &Value) -> Node {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let number = |key: &str| value.get(key).and_then(Value::as_f64);
    let texts = |key: &str| -> Vec<String> {
        let all = value.get(key).and_then(Value::as_array);
        all.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let loops = number("Actual Loops").unwrap_or(1.0);
    let removed = ["Rows Removed by Filter", "Rows Removed by Index Recheck"];
    let page = ["Shared Hit Blocks", "Shared Read Blocks"].map(|key| number(key).unwrap_or(0.0));
    let table =
        text("Relation Name").map(|name| Name::new(text("Schema").unwrap_or_default(), name));
    let children = value.get("Plans").and_then(Value::as_array);
    let keys = ["Sort Key", "Group Key"].into_iter().flat_map(texts);
    let some = |keys: &[&str]| keys.iter().filter_map(|key| text(key)).collect();
    Node {
        // `Insert`, `Update` ... instead of `ModifyTable`.
        kind: text("Operation").or(text("Node Type")).unwrap_or_default(),
        table,
        alias: text("Alias"),
        index: text("Index Name"),
        backward: text("Scan Direction").as_deref() == Some("Backward"),
        conditions: some(&["Index Cond", "Recheck Cond", "Filter"]),
        joins: some(&["Hash Cond", "Merge Cond", "Join Filter"]),
        keys: keys.collect(),
        output: texts("Output"),
        rows: number("Actual Rows")
            .map_or_else(|| number("Plan Rows").unwrap_or(0.0), |rows| rows * loops),
        removed: removed.iter().filter_map(|key| number(key)).sum::<f64>() * loops,
        buffers: page.iter().sum::<f64>() as u64,
        cost: number("Total Cost").unwrap_or(0.0),
        children: children.into_iter().flatten().map(node).collect(),
    }
}
