//! The places where sccache can keep what was compiled, as a table: the variables that name one, what
//! each may hold, and which credentials it wants. The names are sccache's own.

use clap::ValueEnum;

use super::args::BackendFlags;

mod check;

/// A backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, ValueEnum)]
pub enum Kind {
    /// This machine's disk
    Local,
    Redis,
    /// S3, and what speaks like it
    S3,
    /// Google Cloud Storage
    Gcs,
    /// Azure Blob Storage
    Azure,
    /// The cache of GitHub Actions
    Gha,
    Webdav,
    Memcached,
    /// sccache's own scheduler, which compiles on other machines
    Dist,
}

/// Which flag an option comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    Endpoint,
    Bucket,
    Region,
    Container,
    Account,
    KeyPrefix,
    Db,
    Expiration,
    Dir,
    Size,
    EntriesVersion,
    ReadOnly,
    NoCredentials,
}

/// An option of a backend.
#[derive(Debug)]
pub struct Choice {
    pub name: Name,
    /// sccache's variable.
    pub variable: &'static str,
    pub required: bool,
}

/// All that is fixed about a backend.
#[derive(Debug)]
pub struct Backend {
    pub kind: Kind,
    /// As `sccache --help` lists it; none where every sccache has it.
    pub feature: Option<&'static str>,
    /// Any of these set means that sccache uses this backend.
    pub markers: &'static [&'static str],
    pub choices: &'static [Choice],
    /// Variables that hold credentials: each line is one way.
    pub credentials: &'static [&'static [&'static str]],
    /// How its addresses begin; empty where it has none.
    pub schemes: &'static [&'static str],
    /// What `sccache --show-stats` calls its location.
    pub location: &'static str,
}

const fn must(name: Name, variable: &'static str) -> Choice {
    Choice {
        name,
        variable,
        required: true,
    }
}

const fn may(name: Name, variable: &'static str) -> Choice {
    Choice {
        name,
        variable,
        required: false,
    }
}

/// In the order in which sccache asks for them.
pub static BACKENDS: &[Backend] = &[
    Backend {
        kind: Kind::Azure,
        feature: Some("Azure"),
        markers: &["SCCACHE_AZURE_BLOB_CONTAINER"],
        choices: &[
            must(Name::Container, "SCCACHE_AZURE_BLOB_CONTAINER"),
            may(Name::Account, "SCCACHE_AZURE_STORAGE_ACCOUNT"),
            may(Name::Endpoint, "SCCACHE_AZURE_ENDPOINT"),
            may(Name::KeyPrefix, "SCCACHE_AZURE_KEY_PREFIX"),
            may(Name::ReadOnly, "SCCACHE_AZURE_RW_MODE"),
        ],
        credentials: &[
            &["SCCACHE_AZURE_CONNECTION_STRING"],
            &["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"],
        ],
        schemes: &["https", "http"],
        location: "azure",
    },
    Backend {
        kind: Kind::Gcs,
        feature: Some("GCS"),
        markers: &["SCCACHE_GCS_BUCKET"],
        choices: &[
            must(Name::Bucket, "SCCACHE_GCS_BUCKET"),
            may(Name::KeyPrefix, "SCCACHE_GCS_KEY_PREFIX"),
            may(Name::ReadOnly, "SCCACHE_GCS_RW_MODE"),
        ],
        credentials: &[
            &["SCCACHE_GCS_KEY_PATH"],
            &["GOOGLE_APPLICATION_CREDENTIALS"],
        ],
        schemes: &[],
        location: "GCS",
    },
    Backend {
        kind: Kind::Gha,
        feature: Some("GHA"),
        markers: &["SCCACHE_GHA_ENABLED"],
        choices: &[
            may(Name::EntriesVersion, "SCCACHE_GHA_VERSION"),
            may(Name::ReadOnly, "SCCACHE_GHA_RW_MODE"),
        ],
        credentials: &[&["ACTIONS_RESULTS_URL", "ACTIONS_RUNTIME_TOKEN"]],
        schemes: &[],
        location: "GHA",
    },
    Backend {
        kind: Kind::Memcached,
        feature: Some("Memcached"),
        markers: &["SCCACHE_MEMCACHED_ENDPOINT", "SCCACHE_MEMCACHED"],
        choices: &[
            must(Name::Endpoint, "SCCACHE_MEMCACHED_ENDPOINT"),
            may(Name::Expiration, "SCCACHE_MEMCACHED_EXPIRATION"),
            may(Name::KeyPrefix, "SCCACHE_MEMCACHED_KEY_PREFIX"),
            may(Name::ReadOnly, "SCCACHE_MEMCACHED_RW_MODE"),
        ],
        credentials: &[&["SCCACHE_MEMCACHED_USERNAME", "SCCACHE_MEMCACHED_PASSWORD"]],
        schemes: &["tcp"],
        location: "memcached",
    },
    Backend {
        kind: Kind::Redis,
        feature: Some("Redis"),
        markers: &[
            "SCCACHE_REDIS_ENDPOINT",
            "SCCACHE_REDIS_CLUSTER_ENDPOINTS",
            "SCCACHE_REDIS",
        ],
        choices: &[
            must(Name::Endpoint, "SCCACHE_REDIS_ENDPOINT"),
            may(Name::Db, "SCCACHE_REDIS_DB"),
            may(Name::Expiration, "SCCACHE_REDIS_EXPIRATION"),
            may(Name::KeyPrefix, "SCCACHE_REDIS_KEY_PREFIX"),
            may(Name::ReadOnly, "SCCACHE_REDIS_RW_MODE"),
        ],
        credentials: &[&["SCCACHE_REDIS_USERNAME", "SCCACHE_REDIS_PASSWORD"]],
        schemes: &["redis", "rediss", "tcp", "unix", "redis+unix"],
        location: "redis",
    },
    Backend {
        kind: Kind::S3,
        feature: Some("S3"),
        markers: &["SCCACHE_BUCKET"],
        choices: &[
            must(Name::Bucket, "SCCACHE_BUCKET"),
            may(Name::Region, "SCCACHE_REGION"),
            may(Name::Endpoint, "SCCACHE_ENDPOINT"),
            may(Name::KeyPrefix, "SCCACHE_S3_KEY_PREFIX"),
            may(Name::ReadOnly, "SCCACHE_S3_RW_MODE"),
            may(Name::NoCredentials, "SCCACHE_S3_NO_CREDENTIALS"),
        ],
        credentials: &[
            &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
            &["AWS_PROFILE"],
            &["AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"],
        ],
        schemes: &["https", "http"],
        location: "s3",
    },
    Backend {
        kind: Kind::Webdav,
        feature: Some("WebDAV"),
        markers: &["SCCACHE_WEBDAV_ENDPOINT"],
        choices: &[
            must(Name::Endpoint, "SCCACHE_WEBDAV_ENDPOINT"),
            may(Name::KeyPrefix, "SCCACHE_WEBDAV_KEY_PREFIX"),
            may(Name::ReadOnly, "SCCACHE_WEBDAV_RW_MODE"),
        ],
        credentials: &[
            &["SCCACHE_WEBDAV_USERNAME", "SCCACHE_WEBDAV_PASSWORD"],
            &["SCCACHE_WEBDAV_TOKEN"],
        ],
        schemes: &["https", "http"],
        location: "webdav",
    },
    Backend {
        kind: Kind::Local,
        feature: None,
        markers: &["SCCACHE_DIR"],
        choices: &[
            may(Name::Dir, "SCCACHE_DIR"),
            may(Name::Size, "SCCACHE_CACHE_SIZE"),
            may(Name::ReadOnly, "SCCACHE_LOCAL_RW_MODE"),
        ],
        credentials: &[],
        schemes: &[],
        location: "Local disk",
    },
    Backend {
        kind: Kind::Dist,
        feature: None,
        markers: &[],
        choices: &[must(Name::Endpoint, "")],
        credentials: &[],
        schemes: &["https", "http"],
        location: "",
    },
];

/// The variables whose values are secrets, and are written nowhere.
pub const SECRETS: &[&str] = &[
    "SCCACHE_REDIS_PASSWORD",
    "SCCACHE_MEMCACHED_PASSWORD",
    "SCCACHE_WEBDAV_PASSWORD",
    "SCCACHE_WEBDAV_TOKEN",
    "SCCACHE_AZURE_CONNECTION_STRING",
    "SCCACHE_GHA_RUNTIME_TOKEN",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZURE_CLIENT_SECRET",
    "ACTIONS_RUNTIME_TOKEN",
];

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Redis => "redis",
            Self::S3 => "s3",
            Self::Gcs => "gcs",
            Self::Azure => "azure",
            Self::Gha => "gha",
            Self::Webdav => "webdav",
            Self::Memcached => "memcached",
            Self::Dist => "dist",
        }
    }

    pub fn backend(self) -> &'static Backend {
        BACKENDS
            .iter()
            .find(|backend| backend.kind == self)
            .unwrap_or(&BACKENDS[0])
    }
}

impl Name {
    pub fn flag(self) -> &'static str {
        match self {
            Self::Endpoint => "--endpoint",
            Self::Bucket => "--bucket",
            Self::Region => "--region",
            Self::Container => "--container",
            Self::Account => "--account",
            Self::KeyPrefix => "--key-prefix",
            Self::Db => "--db",
            Self::Expiration => "--expiration",
            Self::Dir => "--dir",
            Self::Size => "--size",
            Self::EntriesVersion => "--entries-version",
            Self::ReadOnly => "--read-only",
            Self::NoCredentials => "--no-credentials",
        }
    }
}

impl BackendFlags {
    /// What was given, in the table's terms.
    fn given(&self) -> Vec<(Name, String)> {
        let texts = [
            (Name::Endpoint, &self.endpoint),
            (Name::Bucket, &self.bucket),
            (Name::Region, &self.region),
            (Name::Container, &self.container),
            (Name::Account, &self.account),
            (Name::KeyPrefix, &self.key_prefix),
            (Name::Db, &self.db),
            (Name::Expiration, &self.expiration),
            (Name::Dir, &self.dir),
            (Name::Size, &self.size),
            (Name::EntriesVersion, &self.entries_version),
        ];
        let texts = texts
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.clone()?)));
        let switches = [
            (Name::ReadOnly, self.read_only, "READ_ONLY"),
            (Name::NoCredentials, self.no_credentials, "true"),
        ];
        let switches = switches
            .into_iter()
            .filter(|(_, on, _)| *on)
            .map(|(name, _, value)| (name, value.to_owned()));
        texts.chain(switches).collect()
    }
}

impl Backend {
    /// The variables to set for these flags, in the table's order.
    ///
    /// # Errors
    /// Where an option is missing, is not this backend's, or holds what it cannot mean: one sentence
    /// that says what to do.
    pub fn variables(&self, flags: &BackendFlags) -> Result<Vec<(String, String)>, String> {
        let given = flags.given();
        self.refuse_strangers(&given)?;
        let mut variables = Vec::new();
        for choice in self.choices {
            let value = given.iter().find(|(name, _)| *name == choice.name);
            match value {
                Some((_, value)) => {
                    check::value(self, choice.name, value)?;
                    variables.push((choice.variable.to_owned(), value.clone()));
                }
                None if choice.required => {
                    let (flag, kind) = (choice.name.flag(), self.kind.name());
                    return Err(format!("the backend {kind} needs `{flag}`"));
                }
                None => {}
            }
        }
        self.complete(&given, &mut variables)?;
        Ok(variables)
    }

    fn refuse_strangers(&self, given: &[(Name, String)]) -> Result<(), String> {
        let known = |name: Name| self.choices.iter().any(|choice| choice.name == name);
        let Some((stranger, _)) = given.iter().find(|(name, _)| !known(*name)) else {
            return Ok(());
        };
        let takes: Vec<&str> = self.choices.iter().map(|c| c.name.flag()).collect();
        Err(format!(
            "the backend {} has no `{}`; it takes {}",
            self.kind.name(),
            stranger.flag(),
            takes.join(", ")
        ))
    }

    /// What one option means for another.
    fn complete(
        &self,
        given: &[(Name, String)],
        variables: &mut Vec<(String, String)>,
    ) -> Result<(), String> {
        let has = |name: Name| given.iter().any(|(known, _)| *known == name);
        let mut add = |name: &str, value: &str| variables.push((name.to_owned(), value.to_owned()));
        match self.kind {
            Kind::S3 if !has(Name::Region) && has(Name::Endpoint) => add("SCCACHE_REGION", "auto"),
            Kind::S3 if !has(Name::Region) => {
                return Err(
                    "the backend s3 needs `--region`, or `--endpoint` where it is not Amazon's"
                        .to_owned(),
                );
            }
            // sccache only reads from it unless it is told otherwise.
            Kind::Gcs if !has(Name::ReadOnly) => add("SCCACHE_GCS_RW_MODE", "READ_WRITE"),
            Kind::Gha => add("SCCACHE_GHA_ENABLED", "on"),
            Kind::Azure if has(Name::Account) && has(Name::Endpoint) => {
                return Err("give azure `--account` or `--endpoint`, not both".to_owned());
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether sccache would use it with these variables.
    pub fn is_named_by(&self, set: &dyn Fn(&str) -> bool) -> bool {
        self.markers.iter().any(|marker| set(marker))
    }
}

/// Every variable that any backend reads, credentials aside.
pub fn all_variables() -> impl Iterator<Item = &'static str> {
    BACKENDS
        .iter()
        .flat_map(|backend| {
            let choices = backend.choices.iter().map(|choice| choice.variable);
            choices.chain(backend.markers.iter().copied())
        })
        .filter(|variable| !variable.is_empty())
}

#[cfg(test)]
mod tests;
