//! The behaviour of the result model and its formats. One module per part:
//! `render` for the formats, `promises` for what they make of the promises of a schema, `mutants` of
//! changes to it, `load` for load and pools, `html` for the page and `chromium` for what a browser
//! makes of it, `index` for index strategies, `gate` for gates, `github`, `sarif` and `markdown` for
//! what platforms read, `compare` for two reports beside each other, `stored` for files that are read
//! again, `run` for runs of several parts, `schema` for the JSON contract.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may, as tests do")]

mod chromium;
mod compare;
mod gate;
mod github;
mod html;
mod index;
mod load;
mod markdown;
mod mutants;
mod promises;
mod render;
mod run;
mod sarif;
mod schema;
mod stored;
mod support;
