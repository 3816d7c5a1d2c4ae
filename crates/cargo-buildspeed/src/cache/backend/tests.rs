//! What each backend makes of its options, and what it refuses.

use super::*;

fn variables(kind: Kind, flags: &BackendFlags) -> Result<Vec<(String, String)>, String> {
    kind.backend().variables(flags)
}

fn refused(kind: Kind, flags: &BackendFlags) -> String {
    variables(kind, flags).unwrap_err()
}

fn named(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn each_backend_sets_sccaches_own_variables() {
    let flags = BackendFlags {
        endpoint: named("redis://cache.lan:6379"),
        db: named("2"),
        key_prefix: named("rust"),
        read_only: true,
        ..BackendFlags::default()
    };
    let set = variables(Kind::Redis, &flags).unwrap();
    let set: Vec<String> = set.iter().map(|(n, v)| format!("{n}={v}")).collect();
    assert_eq!(
        set,
        [
            "SCCACHE_REDIS_ENDPOINT=redis://cache.lan:6379",
            "SCCACHE_REDIS_DB=2",
            "SCCACHE_REDIS_KEY_PREFIX=rust",
            "SCCACHE_REDIS_RW_MODE=READ_ONLY",
        ]
    );
}

#[test]
fn what_sccache_would_guess_wrong_is_written() {
    let s3 = BackendFlags {
        bucket: named("builds"),
        endpoint: named("http://minio.lan:9000"),
        ..BackendFlags::default()
    };
    let set = variables(Kind::S3, &s3).unwrap();
    assert!(set.contains(&("SCCACHE_REGION".to_owned(), "auto".to_owned())));
    let gcs = BackendFlags {
        bucket: named("builds"),
        ..BackendFlags::default()
    };
    let set = variables(Kind::Gcs, &gcs).unwrap();
    assert!(set.contains(&("SCCACHE_GCS_RW_MODE".to_owned(), "READ_WRITE".to_owned())));
}

#[test]
fn a_secret_in_an_address_is_refused_with_the_variable_to_use() {
    let flags = BackendFlags {
        endpoint: named("redis://alice:hunter2@cache.lan:6379"),
        ..BackendFlags::default()
    };
    let said = refused(Kind::Redis, &flags);
    assert!(said.contains("SCCACHE_REDIS_PASSWORD"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn bad_options_are_refused_in_one_sentence() {
    let endpoint = |text: &str| BackendFlags {
        endpoint: named(text),
        ..BackendFlags::default()
    };
    let bucket = |text: &str| BackendFlags {
        bucket: named(text),
        region: named("eu-west-1"),
        ..BackendFlags::default()
    };
    for (kind, flags, part) in [
        (Kind::Redis, BackendFlags::default(), "needs `--endpoint`"),
        (Kind::Redis, endpoint("https://x"), "begins with"),
        (Kind::Redis, endpoint("redis://:6379"), "no host"),
        (Kind::Redis, endpoint("redis://h:99999"), "no port"),
        (
            Kind::Memcached,
            endpoint("cache:11211"),
            "begins with `tcp://`",
        ),
        (Kind::Webdav, endpoint("ftp://x"), "begins with"),
        (Kind::S3, bucket("s3://b"), "no name of a bucket"),
        (Kind::S3, bucket("Capital"), "no name of a bucket"),
        (
            Kind::S3,
            BackendFlags {
                bucket: named("builds"),
                ..BackendFlags::default()
            },
            "--region",
        ),
        (Kind::Local, endpoint("http://x"), "has no `--endpoint`"),
        (
            Kind::Local,
            BackendFlags {
                dir: named("cache"),
                ..BackendFlags::default()
            },
            "not absolute",
        ),
        (
            Kind::Local,
            BackendFlags {
                size: named("big"),
                ..BackendFlags::default()
            },
            "no size",
        ),
        (Kind::Dist, BackendFlags::default(), "needs `--endpoint`"),
    ] {
        let said = refused(kind, &flags);
        assert!(said.contains(part), "{said}");
        assert!(!said.contains('\n'), "{said}");
    }
}

#[test]
fn an_ipv6_address_and_a_socket_are_addresses() {
    for fine in [
        "redis://[::1]:6379",
        "rediss://@1.2.3.4:6379",
        "unix:///tmp/redis.sock",
        "cache.lan:6379",
    ] {
        let flags = BackendFlags {
            endpoint: named(fine),
            ..BackendFlags::default()
        };
        assert_eq!(variables(Kind::Redis, &flags).map(|_| ()), Ok(()), "{fine}");
    }
}

#[test]
fn no_variable_that_is_written_holds_a_secret() {
    for variable in all_variables() {
        assert!(!SECRETS.contains(&variable), "{variable}");
    }
}
