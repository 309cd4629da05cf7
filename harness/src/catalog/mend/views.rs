//! Views and materialized views.

use super::constraints::create_index;
use super::{Mender, Pair, Statements, reset, settings};
use crate::catalog::name::quote_ident;
use crate::catalog::object::Object;
use crate::catalog::{Column, View};

impl Mender<'_> {
    pub(in crate::catalog) fn view(&self, pair: Pair<'_, View>) -> Option<Statements> {
        let (before, after) = match pair {
            (None, after) => return Self::dropped(&Object::view(after?)),
            (Some(before), None) => return self.create_view(before),
            (Some(before), Some(after)) => (before, after),
        };
        let object = Object::view(before);
        if self.is_remade(before, after) {
            let mut statements = Self::dropped(&Object::view(after))?;
            statements.extend(self.create_view(before)?);
            return Some(statements);
        }
        let mut like = after.clone();
        let mut statements = Vec::new();
        if before.definition != after.definition {
            statements.push(define_view(before, true));
            like.definition.clone_from(&before.definition);
            like.options.clone_from(&before.options);
            let is_new = |column: &&Column| !after.columns.iter().any(|c| c.name == column.name);
            for column in before.columns.iter().filter(is_new) {
                statements.extend(self.finish_view_column(before, column)?);
            }
        }
        let alter = |action: String| format!("ALTER {} {action}", object.address);
        let actions = reset(&before.options, &like.options, "");
        statements.extend(actions.into_iter().map(alter));
        let actions = reset(&before.toast_options, &after.toast_options, "toast.");
        statements.extend(actions.into_iter().map(alter));
        if let Some(method) =
            before.access_method.as_ref().filter(|_| before.access_method != after.access_method)
        {
            statements.push(alter(format!("SET ACCESS METHOD {}", quote_ident(method))));
        }
        if before.tablespace != after.tablespace {
            let tablespace = before.tablespace.as_deref().unwrap_or("pg_default");
            statements.push(alter(format!("SET TABLESPACE {}", quote_ident(tablespace))));
        }
        if before.populated != after.populated {
            let with = if before.populated { "" } else { " WITH NO DATA" };
            statements.push(format!("REFRESH MATERIALIZED VIEW {}{with}", before.name));
        }
        statements.extend(Self::say(&object, &before.about, &after.about)?);
        Some(statements)
    }

    /// Whether a view has to be dropped and made again to be as before:
    /// `CREATE OR REPLACE` can only append columns.
    pub(in crate::catalog) fn is_remade(&self, before: &View, after: &View) -> bool {
        let columns = |view: &View| {
            let columns = view.columns.iter();
            columns
                .map(|c| (c.name.clone(), c.data_type.clone(), c.collation.clone()))
                .collect::<Vec<_>>()
        };
        before.materialized != after.materialized
            || before.definition != after.definition
                && (before.materialized || !columns(before).starts_with(&columns(after)))
    }

    fn create_view(&self, view: &View) -> Option<Statements> {
        let name = &view.name;
        let object = Object::view(view);
        let mut statements = vec![define_view(view, false)];
        for index in &view.indexes {
            statements.push(create_index(index)?);
            statements.extend(self.finish_index(name, index)?);
        }
        for trigger in &view.triggers {
            statements.extend(self.create_trigger(name, trigger)?);
        }
        for rule in &view.rules {
            statements.extend(self.create_rule(name, rule)?);
        }
        statements.extend(self.say_all(&object, &view.about)?);
        for column in &view.columns {
            statements.extend(self.finish_view_column(view, column)?);
        }
        Some(statements)
    }

    /// What the query of a view does not say of a column.
    fn finish_view_column(&self, view: &View, column: &Column) -> Option<Statements> {
        let alter = |action: String| {
            format!("ALTER TABLE {} ALTER COLUMN {} {action}", view.name, quote_ident(&column.name))
        };
        let default = column.default.as_ref().map(|default| format!("SET DEFAULT {default}"));
        let storage = column.storage.as_ref().filter(|_| view.materialized);
        let storage = storage.map(|storage| format!("SET STORAGE {storage}"));
        let mut statements: Statements = default.into_iter().chain(storage).map(alter).collect();
        statements.extend(self.finish_column(&view.name, column)?);
        Some(statements)
    }
}

fn define_view(view: &View, replace: bool) -> String {
    let View { name, .. } = view;
    let query = view.definition.trim().trim_end_matches(';');
    let mut with = settings(&view.options, "");
    with.extend(settings(&view.toast_options, "toast."));
    let with = if with.is_empty() { String::new() } else { format!(" WITH ({})", with.join(", ")) };
    if !view.materialized {
        let replace = if replace { "OR REPLACE " } else { "" };
        return format!("CREATE {replace}VIEW {name}{with} AS\n {query}");
    }
    let method = view.access_method.as_deref().filter(|method| *method != "heap");
    let method = method.map(|method| format!(" USING {}", quote_ident(method)));
    let tablespace =
        view.tablespace.as_ref().map(|name| format!(" TABLESPACE {}", quote_ident(name)));
    let no_data = if view.populated { "" } else { "\nWITH NO DATA" };
    format!(
        "CREATE MATERIALIZED VIEW {name}{}{with}{} AS\n {query}{no_data}",
        method.unwrap_or_default(),
        tablespace.unwrap_or_default(),
    )
}
