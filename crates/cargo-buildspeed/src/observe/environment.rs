//! Which environment variables bear on a build: the only part of the environment that a rule sees
//! and a report may show.

use std::collections::BTreeMap;

/// Variables whose whole family matters.
const PREFIXES: [&str; 7] = [
    "CARGO_", "RUST", "SCCACHE_", "CCACHE_", "CC_", "CXX_", "CFLAGS_",
];

/// Single variables that compilers, linkers, caches and CI systems read.
const NAMES: [&str; 24] = [
    "AR",
    "BUILDKITE",
    "CC",
    "CFLAGS",
    "CI",
    "CIRCLECI",
    "CXX",
    "CXXFLAGS",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "JENKINS_URL",
    "LD",
    "LDFLAGS",
    "MACOSX_DEPLOYMENT_TARGET",
    "MAKEFLAGS",
    "NUM_JOBS",
    "PKG_CONFIG_PATH",
    "SDKROOT",
    "TEAMCITY_VERSION",
    "TERM_PROGRAM",
    "TF_BUILD",
    "TMPDIR",
    "VSCODE_PID",
    "WSL_DISTRO_NAME",
];

/// Parts of names of variables that hold secrets; a report must never show one.
const SECRETS: [&str; 6] = [
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "CREDENTIAL",
    "ACCESS_KEY",
    "REDIS",
];

/// The variables of `env` that bear on a build, without those that hold secrets.
pub fn relevant(env: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    env.iter()
        .filter(|(name, _)| bears_on_build(name) && !holds_secret(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The variables of this process that bear on a build; one that is not UTF-8 is left out.
pub fn of_process() -> BTreeMap<String, String> {
    let env = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    relevant(&env)
}

fn bears_on_build(name: &str) -> bool {
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

fn holds_secret(name: &str) -> bool {
    SECRETS.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(names: &[&str]) -> Vec<String> {
        let env = names
            .iter()
            .map(|name| ((*name).to_owned(), "x".to_owned()))
            .collect();
        relevant(&env).into_keys().collect()
    }

    #[test]
    fn keeps_what_cargo_and_compilers_read() {
        let names = [
            "CARGO_INCREMENTAL",
            "CARGO_PROFILE_DEV_DEBUG",
            "CC",
            "CC_x86_64_unknown_linux_gnu",
            "CI",
            "RUSTC_WRAPPER",
            "RUSTFLAGS",
            "SCCACHE_DIR",
        ];
        assert_eq!(kept(&names), names);
    }

    #[test]
    fn drops_what_is_private_or_unrelated() {
        assert_eq!(
            kept(&[
                "AWS_ACCESS_KEY_ID",
                "CARGO_REGISTRIES_MINE_TOKEN",
                "CARGO_REGISTRY_TOKEN",
                "HOME",
                "CCOMPANY",
                "PATH",
                "SCCACHE_REDIS_PASSWORD",
            ]),
            Vec::<String>::new()
        );
    }
}
