//! What a schema promises, tried on a real server.

mod catalogue;
mod odd;
mod rapids;
