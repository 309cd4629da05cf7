//! The behaviour of the result model and its formats. One module per part:
//! `render` for the formats, `schema` for the JSON contract.

mod render;
mod schema;
