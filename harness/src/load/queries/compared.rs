//! Values for parameters that conditions compare with columns.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::described::{Fit, Parameter};
use super::plan::Use;
use super::script::Sets;
use super::values::Values;
use crate::catalog::TypeRef;
use crate::sql::edit;

/// How many keys a list has that is one parameter.
const LIST: usize = 3;

/// A word of a text: letters, digits and underscores, which mean nothing to any pattern but
/// `LIKE`, where an underscore also stands for itself.
const WORD: &str = r"'\w+'";

impl Values<'_> {
    /// A value of the column that the parameter is compared with.
    pub(super) fn compared(&self, parameter: &Parameter, sets: &mut Sets) -> Option<String> {
        let usable = self.uses.iter().filter(|one| {
            one.parameter == parameter.number && self.rows.has(&one.table, &one.column)
        });
        // The row that is also looked for by other parameters comes first, then by equality.
        let best = usable.min_by_key(|one| (Reverse(self.shared(one)), one.operator != "="))?;
        let data_type = self.data_type(best)?;
        let before = self.same(best).take_while(|one| one.parameter != best.parameter).count();
        // The values of a list are of several rows.
        let who = match (best.operator.as_str(), before) {
            ("=", 1..) => format!("{} {before}", best.alias),
            _ => best.alias.clone(),
        };
        let place = (&best.table, best.column.as_str());
        let is_word = parameter.is_text() || parameter.data_type == "tsquery";
        let mut key = |who: &str| sets.key(&best.column, place, self.how, who);
        match best.operator.as_str() {
            "= ANY" | "<> ALL" if parameter.data_type.ends_with("[]") => {
                let mut keys: Vec<String> = Vec::new();
                for number in 0..LIST {
                    let who = if number == 0 { who.clone() } else { format!("{who} {number}") };
                    keys.push(applied(best, &key(&who), data_type));
                }
                return Some(format!("ARRAY[{}]::{}", keys.join(", "), parameter.data_type));
            }
            "HAS" if data_type.array => {
                return Some(format!("({}::{})[1]", key(&who), data_type.text));
            }
            operator if matches(operator) && is_word => {
                let word = format!("substring({}::text from {WORD})", key(&who));
                return Some(match (&best.of_parameter, operator) {
                    _ if !parameter.is_text() => format!("plainto_tsquery('simple', {word})"),
                    // The query adds no `%`, so that its caller does.
                    (None, "~~" | "~~*" | "!~~" | "!~~*") => format!("'%' || {word} || '%'"),
                    _ => word,
                });
            }
            _ => {}
        }
        let fit = parameter.fit(self.catalog, data_type);
        if best.of_column.is_some() && best.of_parameter.is_none() {
            return Some(applied(best, &key(&who), data_type));
        }
        match fit {
            Fit::Same => {}
            Fit::Cast => {
                let own = &parameter.data_type;
                return Some(format!("{}::{}::{own}", key(&who), data_type.text));
            }
            Fit::None => return None,
        }
        // Two bounds of one column are of two rows, the lower one first.
        match self.bound(best) {
            Some(function) => {
                let (one, other) = (key(&who), key(&format!("{who} bound")));
                let text = &data_type.text;
                Some(format!("{function}({one}::{text}, {other}::{text})"))
            }
            None => Some(key(&who)),
        }
    }

    fn data_type(&self, one: &Use) -> Option<&TypeRef> {
        Some(&self.catalog.table(&one.table)?.column(&one.column)?.data_type)
    }

    /// How many parameters are compared with columns of the same row.
    fn shared(&self, one: &Use) -> usize {
        let same = self.uses.iter().filter(|other| other.alias == one.alias);
        same.map(|other| other.parameter).collect::<BTreeSet<_>>().len()
    }

    /// What is compared with the same column of the same row in the same way.
    fn same<'s>(&'s self, one: &'s Use) -> impl Iterator<Item = &'s Use> {
        self.uses.iter().filter(|other| {
            (&other.alias, &other.column, &other.operator)
                == (&one.alias, &one.column, &one.operator)
        })
    }

    /// What makes a bound of two values, if the column has another bound on its other side.
    fn bound(&self, one: &Use) -> Option<&'static str> {
        let (function, others) = match one.operator.as_str() {
            ">" | ">=" => ("least", ["<", "<="]),
            "<" | "<=" => ("greatest", [">", ">="]),
            _ => return None,
        };
        let other = self.uses.iter().any(|other| {
            (&other.alias, &other.column) == (&one.alias, &one.column)
                && other.parameter != one.parameter
                && others.contains(&other.operator.as_str())
        });
        other.then_some(function)
    }
}

/// What is compared of the column, of another value of it.
fn applied(one: &Use, value: &str, data_type: &TypeRef) -> String {
    match (&one.of_column, &one.of_parameter) {
        (Some((text, place)), None) => {
            let value = format!("{value}::{}", data_type.text);
            edit::replaced(text, place, &value)
        }
        _ => value.to_owned(),
    }
}

/// Whether an operator matches texts with patterns or words.
fn matches(operator: &str) -> bool {
    ["~", "~*", "!~", "!~*", "~~", "~~*", "!~~", "!~~*", "@@"].contains(&operator)
}
