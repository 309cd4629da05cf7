//! Starting and stopping a server: from a prepared data folder, beside one that runs `initdb`.
//! The cache is one of this benchmark alone, in which only the programs are those of the user's:
//! what others prepared is left alone.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run should say so and stop")]

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use criterion::{Criterion, criterion_group, criterion_main};
use shakedown::server::{self, Profile};
use shakedown_benches::{each, request, slow, start};
use tokio::runtime::Runtime;

fn starts(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    // Sees to it that the programs are there.
    let first = runtime.block_on(start(Profile::Fast)).unwrap();
    let mut group = slow(criterion, "start and stop", &first);
    runtime.block_on(first.stop()).unwrap();

    let cache = tempfile::tempdir().unwrap();
    // Postgres may run as another user, who has to get there.
    fs::set_permissions(cache.path(), Permissions::from_mode(0o755)).unwrap();
    let mut request = request(Profile::Fast).unwrap();
    symlink(request.cache.join("postgres"), cache.path().join("postgres")).unwrap();
    cache.path().clone_into(&mut request.cache);

    each(&mut group, &runtime, "prepared data folder", async |_| {
        server::start(&request).await.unwrap().stop().await.unwrap();
    });
    each(&mut group, &runtime, "initdb", async |_| {
        fs::remove_dir_all(request.cache.join("prepared")).unwrap();
        server::start(&request).await.unwrap().stop().await.unwrap();
    });
    group.finish();
}

criterion_group!(benches, starts);
criterion_main!(benches);
