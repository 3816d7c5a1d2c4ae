//! Two machines that share what they compile through a server, which then dies.

use camino::Utf8Path;
use pitcrew_tests::tool;

use crate::machine::{Machine, sccache};
use crate::servers::{Server, moto};
use crate::{project, rules};

/// Hits and misses since the machine's server started.
fn counts(machine: &Machine, project: &pitcrew_tests::Project) -> (u64, u64) {
    let cache = &machine.json(project, &["status"])["summary"]["cache"];
    assert_eq!(cache["storage"]["answers"], true, "{cache:#}");
    let stats = &cache["server"]["stats"];
    let count = |name: &str| stats[name].as_u64().unwrap();
    (count("hits"), count("misses"))
}

/// What the first machine put in answers the second; when the server is gone, a third builds all the same.
fn shared(sccache: &Utf8Path, mut server: Server, setup: &[&str], env: &[(&str, &str)]) {
    let project = project();
    let machine = |name| {
        let machine = Machine::new(&project, sccache, name);
        env.iter()
            .fold(machine, |machine, (name, value)| machine.set(name, value))
    };
    let first = machine("first");
    let written = [&["setup"], setup, &["--apply", "--allow-no-vcs"]].concat();
    let written = first.cache(&project, &written);
    let said = String::from_utf8_lossy(&written.stderr);
    assert!(written.status.success(), "{said}");
    first.build(&project);
    assert_eq!(counts(&first, &project), (0, 2));

    let second = machine("second");
    second.build(&project);
    assert_eq!(
        counts(&second, &project),
        (2, 0),
        "what the first put in answers the second"
    );

    server.kill();
    // A third, as its server has to start with a storage that is gone.
    let third = machine("third");
    third.build(&project);
    let report = third.json(&project, &["status"]);
    assert!(rules(&report).contains(&"cache-unreachable"), "{report:#}");
}

#[test]
fn two_machines_share_through_redis_and_outlive_it() {
    let Some(sccache) = sccache(Some("Redis")) else {
        return;
    };
    let Some(program) = tool::find_or_skip(&["redis-server"], "apt-get install redis-server")
    else {
        return;
    };
    let redis = Server::redis(&program);
    let endpoint = format!("redis://127.0.0.1:{}", redis.port);
    let setup = ["--backend", "redis", "--endpoint", &endpoint];
    shared(&sccache, redis, &setup, &[]);
}

#[test]
fn two_machines_share_through_s3_and_outlive_it() {
    let Some(sccache) = sccache(Some("S3")) else {
        return;
    };
    let Some(program) = moto() else { return };
    let s3 = Server::s3(&program, "builds");
    let endpoint = format!("http://127.0.0.1:{}", s3.port);
    let setup = [
        "--backend",
        "s3",
        "--bucket",
        "builds",
        "--endpoint",
        &endpoint,
        "--key-prefix",
        "team/rust",
    ];
    // moto takes any, but sccache signs only what it has a key for.
    let keys = [
        ("AWS_ACCESS_KEY_ID", "builder"),
        ("AWS_SECRET_ACCESS_KEY", "not-a-secret"),
    ];
    shared(&sccache, s3, &setup, &keys);
}
