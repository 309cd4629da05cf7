//! Neon's pooled endpoint (neon.com/docs/connect/connection-pooling): a PgBouncer in transaction
//! mode that takes 10,000 clients and keeps a pool of 90 % of `max_connections` for each user and
//! database. `max_connections` follows the size of the compute, and 7 of it are reserved. What an
//! application has before it is SQLAlchemy's pool, as serverless ones have it: one connection.

use super::read::Written;
use super::{BouncerWish, Parts, PoolProfile, of_sqlx, sqlalchemy};
use crate::error::Result;

pub(super) const PROFILE: PoolProfile = PoolProfile {
    name: "neon",
    summary: "Neon's pooled endpoint for a compute size `cu`, behind SQLAlchemy's pool_size=1",
    settings: &[
        "cu",
        "pool_size",
        "max_overflow",
        "pool_timeout",
        "pool_recycle",
        "pool_pre_ping",
        "pool_use_lifo",
        "pool_reset_on_return",
        "poolclass",
    ],
    example: &[("cu", "0.25"), ("pool_size", "1"), ("max_overflow", "0")],
    translate,
};

/// `pool_size` and `max_overflow` of an application of which many instances run.
const SERVERLESS: (u32, i64) = (1, 0);
/// `max_connections` by the size of the compute; above the last it stays the same.
const SIZES: [(f64, u32); 11] = [
    (0.25, 104),
    (0.5, 209),
    (1.0, 419),
    (2.0, 839),
    (3.0, 1258),
    (4.0, 1678),
    (5.0, 2098),
    (6.0, 2517),
    (7.0, 2937),
    (8.0, 3357),
    (9.0, 4000),
];
/// The largest compute there is.
const LARGEST: f64 = 56.0;
/// Connections that Neon keeps for itself.
const RESERVED: u32 = 7;
/// Clients that its PgBouncer takes.
const CLIENTS: u32 = 10_000;

fn translate(written: &Written<'_>) -> Result<Parts> {
    let wanted = "a compute size: 0.25, 0.5, a whole number from 1 to 8, or 9 to 56";
    let cu: f64 = match written.text("cu") {
        Some(text) => text.parse().map_err(|_| written.wrong("cu", wanted))?,
        None => 0.25,
    };
    let last = SIZES[SIZES.len() - 1];
    let size = SIZES.iter().find(|(size, _)| *size == cu).copied();
    let size = size.or_else(|| (cu > last.0 && cu <= LARGEST).then_some((cu, last.1)));
    let (_, max_connections) = size.ok_or_else(|| written.wrong("cu", wanted))?;
    let pool_size = max_connections * 9 / 10;
    let mut notes = vec![
        format!(
            "a compute of {cu} CU has `max_connections` = {max_connections}, {RESERVED} of them \
             reserved; its PgBouncer keeps 90 %, {pool_size}, for each user and database"
        ),
        "through PgBouncer in transaction mode, prepared statements of the protocol work; `SET`, \
         `LISTEN`, temporary tables and `PREPARE` need Neon's direct endpoint"
            .to_owned(),
    ];
    let settings = sqlalchemy::settings(written, SERVERLESS, &mut notes)?;
    of_sqlx(&mut notes);
    let bouncer =
        BouncerWish { mode: "transaction".to_owned(), pool_size, max_client_connections: CLIENTS };
    Ok(Parts { of: "Neon", settings, notes, bouncer: Some(bouncer) })
}
