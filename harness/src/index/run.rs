//! The experiment from its first table to its advice.

use std::sync::Arc;
use std::time::{Duration, Instant};

use shakedown_reports::index::Indexes;
use tokio::sync::watch;

use super::stage::Stage;
use super::tell::tell;
use super::trial::trial;
use super::{Asked, Event};
use crate::catalog::Name;
use crate::database::Databases;
use crate::error::Result;
use crate::invariants::report::Subject;
use crate::load::{self, Target};
use crate::measure::{Bench, ids, quiet};
use crate::server::Server;

/// The part of the time that is kept for measuring times.
const KEPT: f64 = 0.25;

/// Makes a database with rows, counts what the workload costs as the schema is and with each
/// strategy, and says which of them to take. Once `stop` is true, what was counted is returned.
///
/// # Errors
/// When the schema cannot be made, a script is wrong, or the server does not count statements.
pub async fn run(
    target: &Target,
    server: &Server,
    databases: &mut Databases<'_>,
    asked: &Asked,
    stop: watch::Receiver<bool>,
    show: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Indexes> {
    let leave_out = |name: &Name| match target {
        Target::Subject(Subject::Project(project)) => project.format.keeps(name),
        Target::Subject(Subject::Database(_)) | Target::Pgbench => false,
    };
    let (mut stage, end, mut notes, counted) = quiet::during(server, async {
        show(Event::Load(load::Event::Seeding));
        let mut seeded = load::seeded(target, server, databases, &asked.load).await?;
        show(Event::Load(load::Event::Deriving));
        let scenario =
            Arc::new(load::scenario(target, server, databases, &asked.load, &mut seeded).await?);
        let counted = databases.create(Some(&seeded.name)).await?;
        ids::fix(&mut databases.connect(&counted).await?, &seeded.catalog).await?;
        let kept = if asked.timed { asked.budget.mul_f64(KEPT) } else { Duration::ZERO };
        let end = Instant::now() + asked.budget;
        let stage = Stage {
            bench: Bench { server, load: &asked.load, scenario },
            asked,
            catalog: seeded.catalog,
            rows: seeded.rows,
            seeded: seeded.name,
            counted,
            until: end - kept,
            stop,
        };
        let mut notes = seeded.notes;
        notes.extend(quiet::begin(server).await?);
        let counted = trial(&stage, databases, &leave_out, show).await?;
        Ok((stage, end, notes, counted))
    })
    .await?;
    stage.until = end;
    let told = tell(&stage, databases, counted, show).await?;
    notes.extend(told.notes);
    Ok(Indexes { rows: stage.rows, notes, ..told })
}
