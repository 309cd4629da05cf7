//! What a schema promises, tried on a real server.

mod catalogue;
mod duel;
mod earlier;
mod odd;
mod rapids;
mod rehearsal;
mod soft_delete;
