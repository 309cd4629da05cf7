//! Values to try on a column: ordinary ones, those at the limits of its type and just beyond
//! them, those that decide a check, and as many different ones as are asked for. All of them are
//! texts that Postgres reads for the type; domains are not heeded.

mod beyond;
mod boundary;
mod distinct;
mod mined;
mod numeral;
mod ordinary;
mod written;

pub use beyond::{Beyond, beyond};
pub use boundary::{boundary, largest};
pub use distinct::distinct;
pub use mined::mined;
pub use ordinary::ordinary;

/// The values without those that came before.
fn unique(values: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut unique: Vec<String> = Vec::new();
    for value in values {
        if !unique.contains(&value) {
            unique.push(value);
        }
    }
    unique
}
