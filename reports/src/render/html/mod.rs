//! The report as one page that opens from disk: no request leaves it, and it is whole without its
//! script. `view` has the parts that pages are made of, the other modules say what is in them, and
//! `templates/` how they look.

mod findings;
mod gates;
mod index;
mod invariants;
mod load;
mod migrations;
mod page;
mod parts;
mod pool;
mod settings;
mod strength;
mod verdict;
mod view;

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::value::Serde;
use minijinja::{
    AutoEscape, Environment, Error, HtmlEscape, Output, State, Value, context, escape_formatter,
};
use sha2::{Digest, Sha256};

use super::{Colour, clean};
use crate::model::Report;
use page::Page;

pub(super) const RENDERER: super::Renderer = super::Renderer {
    name: "html",
    summary: "one page for people, with pictures, to open from disk",
    render,
};

/// More characters of one text are not shown, so that no report makes a page that nobody can open.
const LONGEST: usize = 20_000;

const STYLE: &str = include_str!("templates/style.css");
const SCRIPT: &str = include_str!("templates/script.js");

const TEMPLATES: [(&str, &str); 14] = [
    ("page.html", include_str!("templates/page.html")),
    ("macros.html", include_str!("templates/macros.html")),
    ("parts.html", include_str!("templates/parts.html")),
    ("findings.html", include_str!("templates/findings.html")),
    ("migrations.html", include_str!("templates/migrations.html")),
    ("invariants.html", include_str!("templates/invariants.html")),
    ("strength.html", include_str!("templates/strength.html")),
    ("load.html", include_str!("templates/load.html")),
    ("cell.html", include_str!("templates/cell.html")),
    ("pool.html", include_str!("templates/pool.html")),
    ("index.html", include_str!("templates/index.html")),
    ("gates.html", include_str!("templates/gates.html")),
    ("settings.html", include_str!("templates/settings.html")),
    ("verdict.html", include_str!("templates/verdict.html")),
];

fn render(report: &Report, _: Colour) -> String {
    // The templates are ours and a test renders each of them; a failure of one is still better told
    // than kept.
    document(report).unwrap_or_else(|error| {
        let told = error.to_string().replace('&', "&amp;").replace('<', "&lt;");
        format!("<!doctype html><title>Shakedown</title><p>the page could not be made: {told}</p>")
    })
}

fn document(report: &Report) -> Result<String, Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_formatter(cleaned);
    environment.add_filter("told", told);
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    let told = Page::of(report);
    let page = environment.get_template("page.html")?.render(context! {
        style => STYLE,
        style_digest => digest(STYLE),
        script => SCRIPT,
        script_digest => digest(SCRIPT),
        ..Value::from(Serde(&told))
    })?;
    Ok(page + "\n")
}

/// What comes from a project reaches the page here and nowhere else: without control characters
/// and those that turn the direction of text, not longer than can be read, and then escaped.
fn cleaned(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(words) if !value.is_safe() => {
            let words = clean::text(&cut(words));
            escape_formatter(out, state, &Value::from(words))
        }
        _ => escape_formatter(out, state, value),
    }
}

/// A sentence in which names stand between backticks, as HTML: escaped first, so that nothing in it
/// is taken for more than words.
fn told(words: &str) -> Value {
    let words = HtmlEscape(&clean::text(&cut(words))).to_string();
    let mut parts: Vec<&str> = words.split('`').collect();
    // The last backtick has none to go with it.
    let alone = if parts.len().is_multiple_of(2) { parts.pop() } else { None };
    let mut out = String::with_capacity(words.len());
    for (index, part) in parts.into_iter().enumerate() {
        if index % 2 == 0 {
            // A line does not begin with the sign of a figure.
            out.push_str(&part.replace(" %", "\u{a0}%"));
        } else {
            out.push_str(&format!("<code>{part}</code>"));
        }
    }
    out.extend(alone.map(|part| format!("`{part}")));
    Value::from_safe_string(out)
}

fn cut(words: &str) -> Cow<'_, str> {
    match words.char_indices().nth(LONGEST) {
        None => Cow::Borrowed(words),
        Some((end, _)) => {
            let rest = crate::figures::grouped(words[end..].chars().count() as u64);
            Cow::Owned(format!(
                "{}\n… and {rest} more characters, which the JSON has",
                &words[..end]
            ))
        }
    }
}

/// By this the page's content security policy knows its own style sheet and script.
fn digest(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}
