//! The behaviour of the result model and its formats. One module per part:
//! `render` for the formats, `promises` for what they make of the promises of a schema, `mutants` of
//! changes to it, `load` for load and pools, `index` for index strategies,
//! `schema` for the JSON contract.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may, as tests do")]

mod index;
mod load;
mod mutants;
mod promises;
mod render;
mod schema;
mod support;
