//! The processor time of the server's processes, where they run on this machine and `/proc`
//! tells of them.

use std::fs;
use std::time::Duration;

use nix::unistd::{SysconfVar, sysconf};
use sqlx::PgConnection;

use crate::engine::told;

/// What the server's processes had used at one moment.
#[derive(Debug)]
pub(super) struct Processes {
    postmaster: i32,
    cpu: Duration,
}

impl Processes {
    /// What was used since. `Err` says why that cannot be told.
    pub(super) fn since(&self, before: &Self) -> Result<Duration, String> {
        if self.postmaster != before.postmaster {
            return Err(
                "the processor time of the server is not told, since it was restarted and \
                        counts anew"
                    .to_owned(),
            );
        }
        Ok(self.cpu.saturating_sub(before.cpu))
    }
}

/// Asks the server for the process that answers, and finds the others by it. `Err` says why they
/// cannot be found.
pub(super) async fn ask(connection: &mut PgConnection) -> Result<Processes, String> {
    let sql = "SELECT pg_backend_pid(), current_database()::text, inet_client_port()";
    let (pid, database, port): (i32, String, Option<i32>) =
        sqlx::query_as(sql).fetch_one(connection).await.map_err(|error| {
            format!("the processor time of the server is not told: {}", told(&error))
        })?;
    // Reading of all processes takes milliseconds, in which others should get on.
    let found = tokio::task::spawn_blocking(move || {
        if !is_backend(pid, &database, port) {
            return None;
        }
        let postmaster = Stat::of(pid)?.parent;
        Some(Processes { postmaster, cpu: used(postmaster)? })
    });
    found.await.ok().flatten().ok_or_else(|| {
        "the processor time of the server is not told, since its processes do not run on this \
         machine, or may not be seen here"
            .to_owned()
    })
}

/// Whether this process is the one that answers, and not one of the same number elsewhere: a
/// backend names its database in its title, and the port of its client.
fn is_backend(pid: i32, database: &str, port: Option<i32>) -> bool {
    let Ok(title) = fs::read(format!("/proc/{pid}/cmdline")) else { return false };
    let title = String::from_utf8_lossy(&title);
    title.starts_with("postgres:")
        && title.contains(&format!(" {database} "))
        && port.is_none_or(|port| title.contains(&format!("({port})")))
}

/// The processor time of the postmaster, of its children, and of those that ended.
fn used(postmaster: i32) -> Option<Duration> {
    let own = Stat::of(postmaster)?;
    let mut ticks = own.own + own.ended;
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let pid = entry.file_name().to_str().and_then(|name| name.parse().ok());
        // Whoever ends in between is counted with its parent the next time.
        let stat = pid.and_then(Stat::of).filter(|stat| stat.parent == postmaster);
        ticks += stat.map_or(0, |stat| stat.own);
    }
    let per_second = sysconf(SysconfVar::CLK_TCK).ok().flatten().filter(|ticks| *ticks > 0)?;
    Some(Duration::from_secs_f64(ticks as f64 / per_second as f64))
}

/// What `/proc/<pid>/stat` says, in clock ticks. See proc(5).
struct Stat {
    parent: i32,
    own: u64,
    /// Of children that ended.
    ended: u64,
}

impl Stat {
    fn of(pid: i32) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name in parentheses is the second field and may hold anything; the third follows.
        let (_, behind) = text.rsplit_once(')')?;
        let fields: Vec<&str> = behind.split_whitespace().collect();
        let ticks = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            own: ticks(14)? + ticks(15)?,
            ended: ticks(16)? + ticks(17)?,
        })
    }
}
