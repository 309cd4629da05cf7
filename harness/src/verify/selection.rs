//! Which migrations a run is about.

use std::collections::BTreeSet;

use super::Options;
use crate::error::{Error, Result};
use crate::source::{Migration, Project};

/// Which migrations are applied and which are tested, as indexes.
#[derive(Debug)]
pub(super) struct Selection {
    pub(super) tested: BTreeSet<usize>,
    /// One behind the last that is applied.
    pub(super) end: usize,
}

impl Selection {
    pub(super) fn of(project: &Project, options: &Options) -> Result<Self> {
        let all = &project.migrations;
        let applied = options.after.as_ref().map_or(0, |after| after.migrations);
        if applied == all.len() {
            return Ok(Self { tested: BTreeSet::new(), end: applied });
        }
        let pending = |index: usize| match index < applied {
            true => Err(Error::new(format!("`{}` is applied there already", all[index].id))
                .hint(format!("give `{}` or one after it", all[applied].id))),
            false => Ok(index),
        };
        if !options.only.is_empty() {
            let tested: BTreeSet<usize> = options
                .only
                .iter()
                .map(|name| pending(index_of(all, name)?))
                .collect::<Result<_>>()?;
            let end = tested.last().map_or(0, |last| last + 1);
            return Ok(Self { tested, end });
        }
        let first =
            options.from.as_deref().map_or(Ok(applied), |name| pending(index_of(all, name)?))?;
        let end = options
            .to
            .as_deref()
            .map_or(Ok(all.len()), |name| pending(index_of(all, name)?).map(|last| last + 1))?;
        if first >= end {
            return Err(Error::new(format!(
                "`{}` comes after `{}`, so that there is nothing to verify",
                options.from.as_deref().unwrap_or_default(),
                options.to.as_deref().unwrap_or_default()
            ))
            .hint("swap `--from` and `--to`"));
        }
        Ok(Self { tested: (first..end).collect(), end })
    }
}

/// The migration of this id, or the only one whose id begins so.
pub(super) fn index_of(all: &[Migration], name: &str) -> Result<usize> {
    if let Some(index) = all.iter().position(|migration| migration.id == name) {
        return Ok(index);
    }
    let found: Vec<usize> =
        (0..all.len()).filter(|index| all[*index].id.starts_with(name)).collect();
    match found.as_slice() {
        [index] => Ok(*index),
        [] => {
            let ids: Vec<&str> = all.iter().map(|migration| migration.id.as_str()).collect();
            let (first, last) = (ids.first().unwrap_or(&""), ids.last().unwrap_or(&""));
            Err(Error::new(format!("there is no migration `{name}`"))
                .hint(format!("give an id from `{first}` to `{last}`, or the beginning of one")))
        }
        many => Err(Error::new(format!("`{name}` fits {} migrations", many.len()))
            .hint(format!("give more of the id: `{}` or `{}`", all[many[0]].id, all[many[1]].id))),
    }
}
