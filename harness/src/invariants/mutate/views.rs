//! Views.

use super::Change;
use crate::catalog::{Catalog, View, diff};
use crate::sql::edit;

pub(super) fn unchecked(catalog: &Catalog) -> Vec<Change> {
    let checked = |view: &&View| view.options.iter().any(|it| it.starts_with("check_option="));
    let change = |view: &View| Change {
        table: view.name.clone(),
        object: "check option".to_owned(),
        says: format!("drops the check option of {}", view.name.name),
        ddl: vec![format!("ALTER VIEW {} RESET (check_option)", view.name)],
    };
    catalog.views.iter().filter(checked).map(change).collect()
}

pub(super) fn unfiltered(catalog: &Catalog) -> Vec<Change> {
    let mut changes = Vec::new();
    for (at, view) in catalog.views.iter().enumerate().filter(|(_, view)| !view.materialized) {
        let Some(place) = edit::filter(&view.definition) else { continue };
        let mut wanted = catalog.clone();
        wanted.views[at].definition = edit::replaced(&view.definition, &place, "");
        changes.push(Change {
            table: view.name.clone(),
            object: "filter".to_owned(),
            says: format!("shows all rows in {}", view.name.name),
            ddl: diff(&wanted, catalog).into_iter().filter_map(|change| change.mend).collect(),
        });
    }
    changes
}
