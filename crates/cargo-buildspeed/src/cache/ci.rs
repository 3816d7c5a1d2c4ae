//! `cache ci`: what a job needs in GitHub Actions or GitLab CI, with the settings that measuring bears
//! out for builds that start from nothing (docs/cache.md has the figures).

use anyhow::{Result, bail};
use pitcrew_core::cli::Out;
use pitcrew_core::exit::Exit;

use super::args::{BackendFlags, CiArgs, Service};
use super::backend::Kind;

pub fn run(args: &CiArgs, out: &mut Out<'_>) -> Result<Exit> {
    let usual = match args.service {
        Service::Github => Kind::Gha,
        Service::Gitlab => Kind::Local,
    };
    let kind = args.backend.unwrap_or(usual);
    let snippet = snippet(args.service, kind, &args.options)?;
    write!(out.stdout, "{snippet}")?;
    Ok(Exit::Clean)
}

/// The job's part, as YAML.
///
/// # Errors
/// Where the backend and the service do not go together, or an option is wrong.
pub fn snippet(service: Service, kind: Kind, flags: &BackendFlags) -> Result<String> {
    match (service, kind) {
        (Service::Gitlab, Kind::Gha) => {
            bail!(
                "the cache of GitHub Actions is not reached from GitLab: give another `--backend`"
            )
        }
        (_, Kind::Dist) => bail!(
            "a job that sends its work to a scheduler needs sccache's own file with a token: see \
             `cargo buildspeed cache setup --backend dist`"
        ),
        (Service::Github, Kind::Local) => bail!(
            "a runner's disk is gone with the job: leave `--backend` out for the cache of GitHub \
             Actions, or give one that is reached over the network"
        ),
        _ => {}
    }
    let mut flags = flags.clone();
    if (service, kind) == (Service::Gitlab, Kind::Local) {
        // GitLab keeps folders below the checkout only, so the file's place cannot be chosen.
        flags.size.get_or_insert_with(|| "2G".to_owned());
    }
    let variables = match kind.backend().variables(&flags) {
        Ok(variables) => variables,
        Err(why) => bail!(why),
    };
    Ok(match service {
        Service::Github => github(kind, &variables),
        Service::Gitlab => gitlab(kind, &variables),
    })
}

/// What holds for any build that starts from nothing.
const ALWAYS: &[(&str, &str, &str)] = &[
    ("RUSTC_WRAPPER", "sccache", ""),
    (
        "CARGO_INCREMENTAL",
        "\"0\"",
        " # nothing is built twice here, and sccache caches nothing incremental",
    ),
    (
        "CARGO_PROFILE_DEV_DEBUG",
        "line-tables-only",
        " # less to compile, to store and to send; backtraces keep their lines",
    ),
];

fn lines(variables: &[(String, String)], indent: &str) -> String {
    let always = ALWAYS
        .iter()
        .map(|(name, value, why)| format!("{indent}{name}: {value}{why}\n"));
    let backend = variables
        .iter()
        .map(|(name, value)| format!("{indent}{name}: {}\n", yaml(value)));
    always.chain(backend).collect()
}

/// A YAML string. JSON's are YAML's too.
fn yaml(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}

/// Each credential from the store that the service has for them.
fn secrets(kind: Kind, indent: &str, from: &dyn Fn(&str) -> String) -> String {
    let way = kind.backend().credentials.first().copied().unwrap_or(&[]);
    way.iter()
        .map(|name| format!("{indent}{name}: {}\n", from(name)))
        .collect()
}

fn github(kind: Kind, variables: &[(String, String)]) -> String {
    let secrets = if kind == Kind::Gha {
        // The action exports the address and the token.
        String::new()
    } else {
        secrets(kind, "  ", &|name| format!("${{{{ secrets.{name} }}}}"))
    };
    format!(
        "env:\n{}{secrets}jobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: \
         actions/checkout@v4\n      - uses: mozilla-actions/sccache-action@v0.0.9\n      # target/ is \
         not kept: its entries are those of the cache again, and many times as big.\n      - run: cargo \
         build --locked\n      - run: sccache --show-stats\n",
        lines(variables, "  ")
    )
}

fn gitlab(kind: Kind, variables: &[(String, String)]) -> String {
    let mut text = String::from("build:\n  variables:\n");
    text.push_str(&lines(variables, "    "));
    if kind == Kind::Local {
        text.push_str("    SCCACHE_DIR: $CI_PROJECT_DIR/.sccache\n");
    }
    let way = kind.backend().credentials.first().copied().unwrap_or(&[]);
    if !way.is_empty() {
        text.push_str(&format!(
            "    # {} come from the project's masked CI/CD variables.\n",
            way.join(" and ")
        ));
    }
    if kind == Kind::Local {
        text.push_str(
            "  cache:\n    # target/ is not kept: its entries are those of the cache again, and many \
             times as big.\n    key: sccache\n    paths: [.sccache]\n",
        );
    }
    text.push_str(
        "  before_script:\n    - cargo install --locked sccache # better: an image that has it\n  \
         script:\n    - cargo build --locked\n    - sccache --show-stats\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redis() -> BackendFlags {
        BackendFlags {
            endpoint: Some("redis://cache.lan:6379".to_owned()),
            ..BackendFlags::default()
        }
    }

    #[test]
    fn github_uses_its_own_cache_and_no_secret() {
        let text = snippet(Service::Github, Kind::Gha, &BackendFlags::default()).unwrap();
        assert!(text.contains("  SCCACHE_GHA_ENABLED: \"on\"\n"), "{text}");
        assert!(text.contains("  CARGO_INCREMENTAL: \"0\""), "{text}");
        assert!(!text.contains("secrets."), "{text}");
    }

    #[test]
    fn credentials_come_from_the_services_own_store() {
        let text = snippet(Service::Github, Kind::Redis, &redis()).unwrap();
        let expected = "  SCCACHE_REDIS_PASSWORD: ${{ secrets.SCCACHE_REDIS_PASSWORD }}\n";
        assert!(text.contains(expected), "{text}");
        let text = snippet(Service::Gitlab, Kind::Redis, &redis()).unwrap();
        assert!(text.contains("masked CI/CD variables"), "{text}");
        assert!(!text.contains("SCCACHE_REDIS_PASSWORD:"), "{text}");
    }

    #[test]
    fn gitlab_keeps_the_store_and_not_the_target_directory() {
        let text = snippet(Service::Gitlab, Kind::Local, &BackendFlags::default()).unwrap();
        assert!(text.contains("paths: [.sccache]"), "{text}");
        assert!(text.contains("SCCACHE_CACHE_SIZE: \"2G\""), "{text}");
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        for (service, kind) in [
            (Service::Gitlab, Kind::Gha),
            (Service::Github, Kind::Local),
            (Service::Github, Kind::Dist),
            (Service::Gitlab, Kind::S3),
        ] {
            assert!(snippet(service, kind, &BackendFlags::default()).is_err());
        }
    }
}
