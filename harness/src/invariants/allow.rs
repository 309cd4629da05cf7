//! What the user allows, with a reason.

use std::collections::{BTreeMap, BTreeSet};

use shakedown_reports::model::{Finding, Severity};

use crate::checks::Declared;

/// The rule that tells of an allowance that allows nothing.
pub const UNUSED: &str = "allowance-unused";

/// The allowances of a project, by the id of a promise or its first parts.
#[derive(Debug)]
pub(super) struct Allowances<'a> {
    all: &'a BTreeMap<String, Declared>,
    used: BTreeSet<&'a str>,
}

impl<'a> Allowances<'a> {
    pub(super) fn new(all: &'a BTreeMap<String, Declared>) -> Self {
        Self { all, used: BTreeSet::new() }
    }

    /// The reason to allow a risk, if there is one.
    pub(super) fn risk(&mut self, promise: &str) -> Option<&'a str> {
        self.find(|id| begins(promise, id))
    }

    /// The reason to allow what is broken, which has to be named in full: an allowance of an
    /// invariant or a table is meant for what was known when it was written.
    pub(super) fn broken(&mut self, promise: &str) -> Option<&'a str> {
        self.find(|id| promise == id)
    }

    /// Keeps an allowance from being told as unused where its promise could not be tried.
    pub(super) fn untested(&mut self, promise: &str) {
        self.find(|id| begins(promise, id));
    }

    fn find(&mut self, fits: impl Fn(&str) -> bool) -> Option<&'a str> {
        let mut reason = None;
        for (id, declared) in self.all.iter().filter(|(id, _)| fits(id)) {
            self.used.insert(id);
            reason = Some(declared.reason.as_str());
        }
        reason
    }

    /// A finding for each allowance that was not needed.
    pub(super) fn unused(&self) -> Vec<Finding> {
        let unused = self.all.iter().filter(|(id, _)| !self.used.contains(id.as_str()));
        unused
            .map(|(id, declared)| Finding {
                rule: UNUSED.to_owned(),
                severity: Severity::Warning,
                migration: None,
                file: declared.file.clone(),
                line: declared.line,
                message: format!("`{id}` is allowed, but nothing of that name is a risk or broken"),
                help: Some("remove the line, or write the id as the report shows it".to_owned()),
                mend: None,
                promise: None,
                script: None,
                notes: vec![format!("the reason given is: {}", declared.reason)],
                places: Vec::new(),
                changes: Vec::new(),
            })
            .collect()
    }
}

/// Whether an id begins with these parts, each of them whole.
fn begins(promise: &str, parts: &str) -> bool {
    let rest = promise.strip_prefix(parts.trim_end_matches(':'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}
