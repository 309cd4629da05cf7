//! Sends the rows of a table, by COPY or, where that is refused, a few by INSERT.

use std::sync::Arc;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _};

use super::datum::to_text;
use super::wire::{self, Wire};
use super::world::{Source, World};
use crate::catalog::{quote_ident, quote_literal};

/// How much is sent at once.
const CHUNK: usize = 1 << 20;

/// From how many rows on they are made by a thread beside the one that sends.
const MANY: u64 = 5000;

/// How many rows are tried one by one where COPY was refused.
const TRIED: u64 = 500;

/// Fills a table by COPY; returns how many rows the server took, which are fewer than were
/// sent if a trigger leaves some out.
pub(super) async fn copy(
    conn: &mut PgConnection,
    world: &Arc<World>,
    table: usize,
) -> Result<u64, sqlx::Error> {
    let mut savepoint = conn.begin().await?;
    if let Some(rows) = send(&mut savepoint, world, table, true).await? {
        savepoint.commit().await?;
        return Ok(rows);
    }
    // Some type or value has a form that only text has.
    savepoint.rollback().await?;
    Ok(send(conn, world, table, false).await?.unwrap_or(0))
}

async fn send(
    conn: &mut PgConnection,
    world: &Arc<World>,
    table: usize,
    binary: bool,
) -> Result<Option<u64>, sqlx::Error> {
    let Some(mut maker) = Maker::new(world, table, binary) else { return Ok(None) };
    let names: Vec<_> = columns(world, table).map(|at| name(world, table, at)).collect();
    let format = if maker.binary { " (FORMAT binary)" } else { "" };
    let home = &world.tables[table];
    // There are tables without columns, too.
    let names = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
    let statement = format!("COPY {}{names} FROM STDIN{format}", home.name);
    let many = home.rows.count() > MANY;
    let mut copy = conn.copy_in_raw(&statement).await?;
    if many {
        let (sender, mut chunks) = tokio::sync::mpsc::channel(2);
        let made = tokio::task::spawn_blocking(move || {
            while let Some(chunk) = maker.chunk() {
                if sender.blocking_send(chunk).is_err() {
                    break;
                }
            }
            maker
        });
        while let Some(chunk) = chunks.recv().await {
            copy.send(chunk).await?;
        }
        maker = made.await.map_err(|error| sqlx::Error::Io(std::io::Error::other(error)))?;
    } else {
        while let Some(chunk) = maker.chunk() {
            copy.send(chunk).await?;
        }
    }
    if maker.unspoken {
        // The server says that the COPY failed, as it was told to.
        copy.abort("the format is given up").await?;
        return Ok(None);
    }
    copy.finish().await.map(Some)
}

/// The columns that are sent.
fn columns(world: &World, table: usize) -> impl Iterator<Item = usize> {
    let columns = world.tables[table].columns.iter().enumerate();
    columns.filter(|(_, column)| column.source != Source::Server).map(|(at, _)| at)
}

fn name(world: &World, table: usize, column: usize) -> String {
    quote_ident(&world.tables[table].columns[column].name)
}

/// Makes the rows, a chunk at a time.
struct Maker {
    world: Arc<World>,
    table: usize,
    columns: Vec<(usize, Wire)>,
    binary: bool,
    next: u64,
    ended: bool,
    /// Whether a value has a form that the format does not know.
    unspoken: bool,
}

impl Maker {
    /// None if the format is binary and the type of a column is not spoken in it.
    fn new(world: &Arc<World>, table: usize, binary: bool) -> Option<Self> {
        let about = &world.tables[table].columns;
        let columns = columns(world, table).map(|at| match about[at].wire {
            None if binary => None,
            wire => Some((at, wire.unwrap_or(Wire::Text))),
        });
        Some(Self {
            world: Arc::clone(world),
            table,
            columns: columns.collect::<Option<_>>()?,
            binary,
            next: 0,
            ended: false,
            unspoken: false,
        })
    }

    fn chunk(&mut self) -> Option<Vec<u8>> {
        if self.ended {
            return None;
        }
        let world = &self.world;
        let rows = &world.tables[self.table].rows;
        let count = rows.count();
        let mut out = Vec::with_capacity(CHUNK + CHUNK / 16);
        let mut text = Vec::new();
        if self.next == 0 && self.binary {
            out.extend_from_slice(wire::HEADER);
        }
        let width = i16::try_from(self.columns.len()).unwrap_or(i16::MAX);
        while self.next < count && out.len() < CHUNK {
            let row = rows.number(self.next);
            self.next += 1;
            if self.binary {
                out.extend_from_slice(&width.to_be_bytes());
            }
            for (at, (column, wire)) in self.columns.iter().enumerate() {
                text.clear();
                let datum = world.value(self.table, *column, row, &mut text);
                if self.binary {
                    if !wire::binary(*wire, datum, &text, &mut out) {
                        (self.ended, self.unspoken) = (true, true);
                        return None;
                    }
                } else {
                    if at > 0 {
                        out.push(b'\t');
                    }
                    wire::text(datum, &text, &mut out);
                }
            }
            if !self.binary {
                out.push(b'\n');
            }
        }
        if self.next == count {
            self.ended = true;
            if self.binary {
                out.extend_from_slice(wire::TRAILER);
            }
        }
        Some(out)
    }
}

/// What came of rows that were tried one by one.
pub(super) struct Tried {
    /// The numbers of those that went in.
    pub(super) rows: Vec<u64>,
    pub(super) tried: u64,
}

/// Tries some of the rows by INSERT, each in a savepoint of its own.
pub(super) async fn insert(
    conn: &mut PgConnection,
    world: &World,
    table: usize,
) -> Result<Tried, sqlx::Error> {
    let home = &world.tables[table];
    let columns: Vec<_> = columns(world, table).collect();
    let names: Vec<_> = columns.iter().map(|at| name(world, table, *at)).collect();
    let tried = home.rows.count().min(TRIED);
    let mut rows = Vec::new();
    for n in 0..tried {
        let row = home.rows.number(n);
        let mut text = Vec::new();
        let values = columns.iter().map(|column| {
            text.clear();
            let datum = world.value(table, *column, row, &mut text);
            to_text(datum, &text).map_or_else(|| "NULL".to_owned(), |text| quote_literal(&text))
        });
        let values = values.collect::<Vec<_>>().join(", ");
        let (into, names) = (&home.name, names.join(", "));
        let statement =
            format!("INSERT INTO {into} ({names}) OVERRIDING SYSTEM VALUE VALUES ({values})");
        let mut savepoint = conn.begin().await?;
        let done = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *savepoint).await;
        match done {
            Ok(done) if done.rows_affected() > 0 => {
                savepoint.commit().await?;
                rows.push(row);
            }
            Ok(_) | Err(sqlx::Error::Database(_)) => savepoint.rollback().await?,
            Err(other) => return Err(other),
        }
    }
    Ok(Tried { rows, tried })
}
