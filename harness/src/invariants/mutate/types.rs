//! The types of columns: one step narrower, one wider.

use super::Change;
use super::ddl::{alter_column, columns, said, without_views};
use crate::catalog::Catalog;

pub(super) fn changed(catalog: &Catalog) -> Vec<Change> {
    let mut changes = Vec::new();
    for (table, column) in columns(catalog).filter(|(_, column)| !column.data_type.array) {
        let own = &column.data_type.text;
        for other in neighbours(own) {
            let alter = alter_column(table, &column.name, &format!("TYPE {other}"));
            changes.push(Change {
                table: table.name.clone(),
                object: column.name.clone(),
                says: format!("has {other} instead of {own} for {}", said(table, &column.name)),
                ddl: without_views(catalog, table, &column.name, vec![alter]),
            });
        }
    }
    changes
}

/// Types that hold a little less or more than the one Postgres writes so.
fn neighbours(text: &str) -> Vec<String> {
    let fixed: &[&str] = match text {
        "bigint" => &["integer"],
        "integer" => &["bigint", "smallint"],
        "smallint" => &["integer"],
        "double precision" => &["real"],
        "timestamp with time zone" => &["timestamp without time zone"],
        "timestamp without time zone" => &["timestamp with time zone"],
        _ => &[],
    };
    if !fixed.is_empty() {
        return fixed.iter().map(|text| (*text).to_owned()).collect();
    }
    let Some((name, numbers)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) else {
        return Vec::new();
    };
    let numbers: Option<Vec<i32>> = numbers.split(',').map(|n| n.trim().parse().ok()).collect();
    match (name, numbers.as_deref()) {
        ("character varying" | "character" | "bit varying" | "bit", Some([length])) => {
            let lengths = [length - 1, length + 1].into_iter().filter(|length| *length > 0);
            lengths.map(|length| format!("{name}({length})")).collect()
        }
        ("numeric", Some([precision, scale])) => [
            (precision - 1, *scale),
            (precision + 1, *scale),
            // The digits before the point stay as many.
            (precision - 1, scale - 1),
            (precision + 1, scale + 1),
        ]
        .into_iter()
        .filter(|(precision, scale)| *precision > 0 && *scale >= 0 && scale <= precision)
        .map(|(precision, scale)| format!("numeric({precision},{scale})"))
        .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::neighbours;

    #[test]
    fn a_type_has_those_beside_it_for_neighbours() {
        assert_eq!(neighbours("bigint"), ["integer"]);
        assert_eq!(neighbours("character varying(1)"), ["character varying(2)"]);
        assert_eq!(
            neighbours("numeric(4,1)"),
            ["numeric(3,1)", "numeric(5,1)", "numeric(3,0)", "numeric(5,2)"]
        );
        assert_eq!(neighbours("numeric(1,0)"), ["numeric(2,0)", "numeric(2,1)"]);
        assert!(neighbours("text").is_empty() && neighbours("mood(").is_empty());
    }
}
