//! What users of OpenLineage set, read as its own clients read it: variables of the environment and `openlineage.yml`
//! (<https://openlineage.io/docs/client/python/configuration>).

mod read;
mod written;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use super::Secret;
use crate::openlineage::facet::Parent;

/// Where a program stands: what settings are read from.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The variables of the environment.
    pub variables: BTreeMap<String, String>,
    /// The working folder.
    pub folder: PathBuf,
}

/// Where events go, and what they say of who sends them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenLineageConfig {
    /// How events get there.
    pub transport: TransportSettings,
    /// The namespace of jobs: `OPENLINEAGE_NAMESPACE`, else `default`.
    pub namespace: String,
    /// The run that this one is a part of: `OPENLINEAGE_PARENT_ID`, as `namespace/job/run`.
    pub parent: Option<Parent>,
    /// Where what can't be sent waits; none if nobody knows a folder for it.
    pub spool: Option<PathBuf>,
}

/// How events get to who keeps them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportSettings {
    /// `http`, or `async_http`.
    Http(HttpSettings),
    /// `file`.
    File(FileSettings),
    /// `console`.
    Console,
}

/// Events over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpSettings {
    /// The server; `endpoint` is joined to it. May hold a key.
    pub url: Secret,
    /// `api/v1/lineage` unless it is set.
    pub endpoint: Secret,
    /// How long one request may take; 5 seconds unless it is set.
    pub timeout: Duration,
    /// Whether the server's certificate has to be valid.
    pub verify: bool,
    /// Certificates to trust in the place of those that everybody trusts.
    pub ca_file: Option<PathBuf>,
    /// Sent as `Authorization: Bearer …`.
    pub api_key: Option<Secret>,
    /// Whether events are compressed.
    pub gzip: bool,
    /// Further headers.
    pub headers: BTreeMap<String, Secret>,
    /// When to try again.
    pub retry: Retry,
}

/// When to try again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retry {
    /// How often at most.
    pub total: u32,
    /// The first pause; each further one is twice as long as the one before.
    pub pause: Duration,
    /// Answers after which it makes sense.
    pub statuses: Vec<u16>,
}

/// Events into files.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileSettings {
    /// The file; without `append` what the names of files begin with.
    pub path: PathBuf,
    /// Whether all events go into one file.
    pub append: bool,
}

/// Settings that can't be followed. None of them repeats a value: it may be a secret.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file that `OPENLINEAGE_CONFIG` names, or one that was found, can't be read.
    #[error("can't read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It is no YAML, or no mapping.
    #[error("{} is not valid: {reason}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A transport that we don't have.
    #[error("there is no transport `{name}`; there are http, file and console")]
    UnknownTransport {
        /// Its name.
        name: String,
    },
    /// A setting is missing, or can't be understood.
    #[error("the setting `{name}` {problem}")]
    Setting {
        /// Which.
        name: &'static str,
        /// What is wrong.
        problem: &'static str,
    },
    /// Certificates can't be read.
    #[error("can't take certificates from {}: {reason}", path.display())]
    Certificates {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// This build lacks it.
    #[error("this build has no HTTP: it needs the feature `{feature}`")]
    FeatureMissing {
        /// The feature.
        feature: &'static str,
    },
}

impl Surroundings {
    /// Those of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self {
            variables: std::env::vars_os().filter_map(text).collect(),
            folder: std::env::current_dir().unwrap_or_default(),
        }
    }

    fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

impl OpenLineageConfig {
    /// Reads what is set: nothing, or a transport with all that belongs to it. `OPENLINEAGE_DISABLED=true` and a transport
    /// `noop` are nothing.
    ///
    /// A file has precedence over variables `OPENLINEAGE__…`, as with the Python client; both over `OPENLINEAGE_URL`. Other
    /// than that client, nothing is printed where nothing is set.
    ///
    /// # Errors
    /// [`ConfigError`] for what can't be followed.
    pub fn read(surroundings: &Surroundings) -> Result<Option<Self>, ConfigError> {
        read::config(surroundings)
    }
}

impl HttpSettings {
    /// The defaults, for a server.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: Secret::new(url),
            endpoint: Secret::new("api/v1/lineage"),
            timeout: Duration::from_secs(5),
            verify: true,
            ca_file: None,
            api_key: None,
            gzip: false,
            headers: BTreeMap::new(),
            retry: Retry::default(),
        }
    }

    /// Where events are sent: the endpoint relative to the URL, as links in a page are; may hold a key.
    #[must_use]
    pub fn address(&self) -> String {
        let (url, endpoint) = (self.url.reveal(), self.endpoint.reveal());
        let url = url.split(['?', '#']).next().unwrap_or_default();
        let host = url.find("://").map_or(0, |at| at + 3);
        let root = url[host..].find('/').map_or(url.len(), |at| host + at);
        if endpoint.starts_with('/') {
            return format!("{}{endpoint}", &url[..root]);
        }
        let folder = url[root..].rfind('/').map_or(root, |at| root + at);
        format!("{}/{endpoint}", &url[..folder])
    }

    /// The same without user, password and parameters: for people.
    #[must_use]
    pub fn shown(&self) -> String {
        let address = self.address();
        let address = address.split(['?', '#']).next().unwrap_or_default();
        match address.split_once("://") {
            Some((scheme, rest)) => {
                let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
                let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
                format!("{scheme}://{host}/{path}")
            }
            None => String::new(),
        }
    }
}

impl Retry {
    /// Nothing is tried again.
    pub(super) fn never() -> Self {
        Self { total: 0, ..Self::default() }
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self { total: 5, pause: Duration::from_millis(300), statuses: vec![500, 502, 503, 504] }
    }
}

impl TransportSettings {
    /// Where events go, for people.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Http(settings) => settings.shown(),
            Self::File(settings) => settings.path.display().to_string(),
            Self::Console => "the console".to_owned(),
        }
    }
}
