//! What the builds of a proof make: metadata, which is the quickest, or programs, where those are to be
//! compared. All builds of one proof make the same, for each then finds what the one before it made.

/// What is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Making {
    /// `cargo check`
    Metadata,
    /// `cargo build`
    Programs,
}

impl Making {
    /// cargo's subcommand.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Metadata => "check",
            Self::Programs => "build",
        }
    }

    /// Variables for cargo. Programs are made without what only a debugger reads, and without
    /// optimization: each function of the sources is then one of the program.
    pub fn env(self, profile: &str, cores: u32) -> Vec<(String, String)> {
        if self == Self::Metadata {
            return Vec::new();
        }
        let mut env = vec![("CARGO_INCREMENTAL".to_owned(), "0".to_owned())];
        // Each unit more costs work; they pay off where cores would be idle.
        let units = cores.div_ceil(2).to_string();
        for profile in [profile, of_tests(profile)] {
            let name = profile.to_uppercase().replace('-', "_");
            let quick = QUICK_AND_TELLING.iter().map(|(key, value)| (*key, *value));
            for (key, value) in quick.chain([("CODEGEN_UNITS", units.as_str())]) {
                env.push((format!("CARGO_PROFILE_{name}_{key}"), value.to_owned()));
            }
        }
        env
    }
}

/// The profile that tests are built in.
fn of_tests(profile: &str) -> &str {
    match profile {
        "dev" => "test",
        "release" => "bench",
        other => other,
    }
}

const QUICK_AND_TELLING: &[(&str, &str)] = &[
    ("DEBUG", "0"),
    ("LTO", "off"),
    ("OPT_LEVEL", "0"),
    ("SPLIT_DEBUGINFO", "off"),
    ("STRIP", "none"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_profiles_of_a_build_are_quick() {
        let env = Making::Programs.env("dev", 4);
        for name in ["CARGO_PROFILE_DEV_DEBUG", "CARGO_PROFILE_TEST_OPT_LEVEL"] {
            assert!(env.contains(&(name.to_owned(), "0".to_owned())), "{env:?}");
        }
        let units = ("CARGO_PROFILE_DEV_CODEGEN_UNITS".to_owned(), "2".to_owned());
        assert!(env.contains(&units));
        let env = Making::Programs.env("my-own", 1);
        let lto = ("CARGO_PROFILE_MY_OWN_LTO".to_owned(), "off".to_owned());
        assert!(env.contains(&lto));
        assert_eq!(Making::Metadata.env("dev", 4), []);
    }
}
