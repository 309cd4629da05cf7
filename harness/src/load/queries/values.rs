//! The value of each parameter of a query, as an expression of variables.

use std::collections::BTreeMap;

use super::by_type::by_type;
use super::described::{Fit, Parameter};
use super::plan::Use;
use super::rows::Rows;
use super::script::Sets;
use super::writes::Write;
use crate::catalog::Catalog;
use crate::load::derive::fresh::{self, Fresh};
use crate::sql::parameters;
use crate::values::types::Base;

/// How many rows a page shows.
const PAGE: &str = "20";

/// What is known of the parameters of a query.
#[derive(Debug)]
pub(super) struct Values<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) rows: &'a Rows,
    pub(super) parameters: &'a [Parameter],
    pub(super) uses: &'a [Use],
    pub(super) writes: &'a [Write<'a>],
    /// What stands behind `LIMIT`, and behind `OFFSET`.
    pub(super) pages: (Vec<String>, Vec<String>),
    /// How rows are chosen that conditions look for.
    pub(super) how: &'static str,
}

impl Values<'_> {
    /// A value for each parameter. `Err` says which has none.
    pub(super) fn all(&self, sets: &mut Sets) -> Result<BTreeMap<u32, String>, String> {
        let mut values = BTreeMap::new();
        for parameter in self.parameters {
            let value = self.value(parameter, sets)?;
            let simple = value.strip_prefix(':').unwrap_or(&value);
            let simple = simple.chars().all(|c| c.is_alphanumeric() || c == '_');
            values.insert(parameter.number, if simple { value } else { format!("({value})") });
        }
        Ok(values)
    }

    fn value(&self, parameter: &Parameter, sets: &mut Sets) -> Result<String, String> {
        if let Some(value) = self.page(parameter.number, sets) {
            return Ok(value);
        }
        let written = |inserts: bool| {
            let mut writes = self.writes.iter().filter(move |write| write.inserts == inserts);
            writes.find(|write| write.parameter == parameter.number)
        };
        if let Some(write) = written(true) {
            return self.written(parameter, write, sets);
        }
        if let Some(value) = self.compared(parameter, sets) {
            return Ok(value);
        }
        match written(false) {
            Some(write) => self.written(parameter, write, sets),
            None => typed(parameter, "value", sets),
        }
    }

    fn page(&self, number: u32, sets: &mut Sets) -> Option<String> {
        let has = |text: &&String| parameters::parameters(text).contains(&number);
        let (limits, offsets) = &self.pages;
        if limits.iter().any(|text| has(&text)) {
            return Some(sets.set("limit", PAGE));
        }
        let alone = offsets.iter().find(has)? == &format!("${number}");
        // Of `(page - 1) * size` it is the number of the page.
        Some(sets.set("offset", if alone { "random(0, 100)" } else { "random(1, 5)" }))
    }

    /// A value for the column that the parameter is written to.
    fn written(
        &self,
        parameter: &Parameter,
        write: &Write<'_>,
        sets: &mut Sets,
    ) -> Result<String, String> {
        let (table, column) = (&write.source.table.name, write.column);
        let who = format!("written {}", write.row);
        let nullable = !column.not_null;
        let there = self.rows.has(table, &column.name);
        let fit = parameter.fit(self.catalog, &column.data_type);
        if let Some((parent, key)) = write.parent.as_ref().filter(|_| fit == Fit::Same) {
            return match self.rows.has(parent, key) {
                true => {
                    Ok(sets.key(&column.name, (parent, key), "uniform", &format!("parent {who}")))
                }
                false if nullable => Ok("NULL".to_owned()),
                false => Err(format!("`{}` needs a row of {parent}, which has none", column.name)),
            };
        }
        if fit != Fit::Same {
            return typed(parameter, &column.name, sets);
        }
        match &write.fresh {
            Some(Fresh::Value { set, value }) if set.is_empty() => return Ok(value.clone()),
            Some(_) => return self.fresh(parameter, write, &who, sets),
            None => {}
        }
        if there {
            Ok(sets.key(&column.name, (table, &column.name), "uniform", &who))
        } else if nullable && write.inserts {
            Ok("NULL".to_owned())
        } else {
            typed(parameter, &column.name, sets)
        }
    }

    /// A value that no row has in the column.
    fn fresh(
        &self,
        parameter: &Parameter,
        write: &Write<'_>,
        who: &str,
        sets: &mut Sets,
    ) -> Result<String, String> {
        /// Stands for the value of a row until it is known whether that is needed.
        const FROM: &str = "<from>";
        let (source, column) = (write.source, write.column);
        let number = parameter.number as usize;
        let Some((_, Fresh::Value { set, value })) = fresh::value(source, column, FROM, number)
        else {
            return Err(format!("no fresh value can be made for `{}`", column.name));
        };
        sets.add(&set);
        if !value.contains(FROM) {
            return Ok(value);
        }
        let table = &source.table.name;
        let from = if self.rows.has(table, &column.name) {
            let key = sets.key(&column.name, (table, &column.name), "uniform", who);
            format!("{key}::{}", column.data_type.text)
        } else if matches!(source.base(column), Base::Timestamp | Base::TimestampTz) {
            "now()".to_owned()
        } else {
            format!("''::{}", column.data_type.text)
        };
        Ok(value.replace(FROM, &from))
    }
}

/// A value by the type of the parameter.
fn typed(parameter: &Parameter, name: &str, sets: &mut Sets) -> Result<String, String> {
    let value = by_type(&parameter.info).ok_or_else(|| {
        let (number, data_type) = (parameter.number, &parameter.data_type);
        format!("no value is known for `${number}`, which is of the type {data_type}")
    })?;
    Ok(sets.set(name, &value))
}
