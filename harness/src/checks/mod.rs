//! What `verify` runs against a server: one file per check, and the rules by whose ids
//! their findings go.

pub(crate) mod chain;
pub(crate) mod declared;
pub(crate) mod mend;
pub(crate) mod round_trip;
pub(crate) mod session;
pub(crate) mod tell;
mod words;

pub use declared::{Declarations, Declared};

use shakedown_reports::model::Severity;

/// Something that can be found besides a promise that is not kept.
#[derive(Debug)]
pub struct Rule {
    /// As reports and `--allow` name it.
    pub id: &'static str,
    pub severity: Severity,
    /// What `shakedown rule <id>` prints: what it means, how it comes about, what to do.
    pub page: &'static str,
}

impl Rule {
    /// What it means, as the first paragraph of its page says it, in one line.
    pub fn summary(&self) -> String {
        first_paragraph(self.page)
    }
}

/// The paragraph below the heading of a page, in one line.
pub(crate) fn first_paragraph(page: &str) -> String {
    let lines = page.lines().skip(1).skip_while(|line| line.trim().is_empty());
    lines.take_while(|line| !line.trim().is_empty()).collect::<Vec<_>>().join(" ")
}

macro_rules! rule {
    ($id:literal, $severity:ident) => {
        Rule {
            id: $id,
            severity: Severity::$severity,
            page: include_str!(concat!("rules/", $id, ".md")),
        }
    };
}

/// Every rule. A new one is its page, a line here and a folder in `migrations/bad`.
pub static RULES: &[Rule] = &[
    rule!("up-fails", Error),
    rule!("down-missing", Error),
    rule!("down-empty", Error),
    rule!("down-fails", Error),
    rule!("down-leaves-trace", Error),
    rule!("column-order", Warning),
    rule!("reapply-fails", Error),
    rule!("reapply-differs", Error),
    rule!("chain-down-fails", Error),
    rule!("chain-up-fails", Error),
    rule!("chain-differs", Error),
    rule!("irreversible-unused", Warning),
];

/// The rule of this id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}
