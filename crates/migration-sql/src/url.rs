//! Database URLs: what they mean, and how they look with the password masked.

mod mysql;
mod server;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use migration_syntax::Dialect;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use thiserror::Error;

#[cfg_attr(not(feature = "mysql"), expect(unused_imports, reason = "only the backend names them"))]
pub(crate) use mysql::{MysqlTarget, Tls, TlsMode};
pub(crate) use server::ServerTarget;
#[cfg_attr(
    not(any(feature = "postgres", feature = "mysql")),
    expect(unused_imports, reason = "only the backends name it")
)]
pub(crate) use server::Timeouts;

/// What a path in a URL can't hold as it is.
const PATH: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#');

/// A database URL that was understood.
///
/// Its `Display` and `Debug` mask the password; [`DatabaseUrl::secret`] has it.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    text: String,
    target: UrlTarget,
}

/// What a URL points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UrlTarget {
    Sqlite(SqliteTarget),
    Postgres(ServerTarget),
    Mysql(MysqlTarget),
}

/// A SQLite database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SqliteTarget {
    /// The file; `None` for a database in memory.
    pub(crate) path: Option<PathBuf>,
    pub(crate) mode: SqliteMode,
    /// How long to wait for another process's lock, if the URL says.
    pub(crate) busy_timeout: Option<Duration>,
}

/// How a SQLite file is opened: the URI parameter `mode` (<https://www.sqlite.org/uri.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SqliteMode {
    ReadOnly,
    Existing,
    Create,
}

impl SqliteMode {
    #[cfg_attr(not(feature = "sqlite"), expect(dead_code, reason = "only the backend asks"))]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "ro",
            Self::Existing => "rw",
            Self::Create => "rwc",
        }
    }
}

/// A text that is no database URL. The text itself is not repeated: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "not a database URL: {problem}; expected sqlite:///relative.db, sqlite:////absolute.db, sqlite::memory:, \
         postgres://user@host/db or mysql://user@host/db"
)]
pub struct UrlError {
    problem: String,
}

impl UrlError {
    fn new(problem: impl Into<String>) -> Self {
        Self { problem: problem.into() }
    }

    /// The URL of a server where that of a database is needed.
    #[cfg_attr(not(feature = "mysql"), expect(dead_code, reason = "only the backend asks"))]
    pub(crate) fn without_database() -> Self {
        Self::new("it names no database behind the host")
    }
}

impl DatabaseUrl {
    /// Reads a URL.
    ///
    /// # Errors
    /// [`UrlError`] says what was understood and what is expected.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(UrlError::new("it is empty"));
        }
        let Some((scheme, rest)) = text.split_once(':') else {
            return Err(UrlError::new("it has no scheme (nothing before a `:`)"));
        };
        let target = match scheme.to_ascii_lowercase().as_str() {
            "sqlite" | "sqlite3" => UrlTarget::Sqlite(sqlite(rest)?),
            "postgres" | "postgresql" => UrlTarget::Postgres(ServerTarget::postgres(rest)?),
            "mysql" | "mariadb" => UrlTarget::Mysql(MysqlTarget::read(rest)?),
            // Without `//` it may be anything, a password included: not repeated.
            other if rest.starts_with("//") && other.len() <= 20 => {
                return Err(UrlError::new(format!("its scheme is `{other}`")));
            }
            _ => return Err(UrlError::new("what stands before the first `:` is no scheme")),
        };
        Ok(Self { text: text.to_owned(), target })
    }

    /// The URL of a SQLite file.
    #[must_use]
    pub fn sqlite(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        Self {
            text: format!("sqlite:///{}", utf8_percent_encode(&path.to_string_lossy(), PATH)),
            target: UrlTarget::Sqlite(SqliteTarget {
                path: Some(path.to_owned()),
                mode: SqliteMode::Create,
                busy_timeout: None,
            }),
        }
    }

    /// Which backend it is for.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self.target {
            UrlTarget::Sqlite(_) => Dialect::Sqlite,
            UrlTarget::Postgres(_) => Dialect::Postgres,
            UrlTarget::Mysql(_) => Dialect::Mysql,
        }
    }

    /// The file of a SQLite database; `None` for one in memory and for a server.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.target {
            UrlTarget::Sqlite(target) => target.path.as_deref(),
            UrlTarget::Postgres(_) | UrlTarget::Mysql(_) => None,
        }
    }

    /// The URL as it was given, password included: never for output.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.text
    }

    pub(crate) fn target(&self) -> &UrlTarget {
        &self.target
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask(&self.text))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

impl std::str::FromStr for DatabaseUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// Replaces the password in the authority and in `password=` parameters by `***`.
fn mask(text: &str) -> String {
    // The last `@` of all ends the user information: a password may hold an `@`, a `/` and a `?` that should have been
    // escaped. Rather too much is masked than too little.
    let masked = text.split_once("://").and_then(|(scheme, rest)| {
        let (user, host) = rest.rsplit_once('@')?;
        let (name, password) = user.split_once(':')?;
        (!password.is_empty()).then(|| format!("{scheme}://{name}:***@{host}"))
    });
    let masked = masked.unwrap_or_else(|| text.to_owned());
    let Some((before, query)) = masked.split_once('?') else { return masked };
    let parts = query.split('&').map(|part| match part.split_once('=') {
        Some((key, _)) if key.to_ascii_lowercase().contains("pass") => format!("{key}=***"),
        _ => part.to_owned(),
    });
    format!("{before}?{}", parts.collect::<Vec<_>>().join("&"))
}

/// Three slashes are a relative path, four an absolute one, two a relative one as well.
fn sqlite(rest: &str) -> Result<SqliteTarget, UrlError> {
    let (location, query) = rest.split_once('?').unwrap_or((rest, ""));
    let location = match location.strip_prefix("//") {
        // A server's URL with the wrong scheme: taken for a path, the password would be shown with it.
        Some(path)
            if path.split('/').next().is_some_and(|first| first.contains(':') && first.contains('@')) =>
        {
            return Err(UrlError::new("a SQLite URL has no user and no password"));
        }
        Some(path) => path.strip_prefix('/').unwrap_or(path),
        None => location,
    };
    let location = percent_decode_str(location)
        .decode_utf8()
        .map_err(|_| UrlError::new("its path is not UTF-8 once percent-decoded"))?;
    if location.contains('\0') {
        return Err(UrlError::new("its path contains a NUL"));
    }

    let mut target = SqliteTarget {
        path: (location != ":memory:").then(|| PathBuf::from(location.as_ref())),
        mode: SqliteMode::Create,
        busy_timeout: None,
    };
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match (key, value) {
            ("mode", "ro") => target.mode = SqliteMode::ReadOnly,
            ("mode", "rw") => target.mode = SqliteMode::Existing,
            ("mode", "rwc") => target.mode = SqliteMode::Create,
            ("mode", "memory") => target.path = None,
            ("mode", _) => return Err(UrlError::new("`mode` is one of ro, rw, rwc, memory")),
            ("busy_timeout", value) => {
                let milliseconds =
                    value.parse().map_err(|_| UrlError::new("`busy_timeout` is a number of milliseconds"))?;
                target.busy_timeout = Some(Duration::from_millis(milliseconds));
            }
            _ => {
                return Err(UrlError::new(format!(
                    "a SQLite URL has no parameter `{key}` (it has `mode` and `busy_timeout`)"
                )));
            }
        }
    }
    if target.path.as_deref().is_some_and(|path| path.as_os_str().is_empty()) {
        return Err(UrlError::new("it names no file"));
    }
    Ok(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(url: &str) -> Option<String> {
        DatabaseUrl::parse(url).unwrap().path().map(|path| path.display().to_string())
    }

    #[test]
    fn sqlite_paths() {
        assert_eq!(path("sqlite:///relative.db").unwrap(), "relative.db");
        assert_eq!(path("sqlite:////tmp/absolute.db").unwrap(), "/tmp/absolute.db");
        assert_eq!(path("sqlite://relative.db").unwrap(), "relative.db");
        assert_eq!(path("sqlite:relative.db").unwrap(), "relative.db");
        assert_eq!(path("SQLITE:///a%20b%3F.db?mode=rw").unwrap(), "a b?.db");
        assert_eq!(path("sqlite::memory:"), None);
        assert_eq!(path("sqlite://:memory:"), None);
        assert_eq!(path("sqlite:///x?mode=memory"), None);
    }

    #[test]
    fn what_is_no_url_is_refused_without_repeating_it() {
        for text in [
            "",
            "  ",
            "app.db",
            "ftp://h/x",
            "postgres:x",
            "sqlite://",
            "sqlite:///a?mode=w",
            "sqlite:///a?x=1",
        ] {
            let message = DatabaseUrl::parse(text).unwrap_err().to_string();
            assert!(message.contains("expected sqlite:///"), "{message}");
        }
        let path = "a b/100%?.db";
        assert_eq!(DatabaseUrl::parse(DatabaseUrl::sqlite(path).secret()), Ok(DatabaseUrl::sqlite(path)));
        let message = DatabaseUrl::parse("p@ssw0rd!:x").unwrap_err().to_string();
        assert!(!message.contains("ssw0rd"), "{message}");
    }

    #[test]
    fn our_own_parameters_are_taken_out_of_a_server_url() {
        let url =
            DatabaseUrl::parse("postgres://u:p@h/db?sslmode=disable&lock_timeout=250&statement_timeout=1000")
                .unwrap();
        let UrlTarget::Postgres(target) = url.target() else { panic!("{url}") };
        assert_eq!(target.url, "postgresql://u:p@h/db?sslmode=disable");
        assert_eq!(target.timeouts.lock, Some(Duration::from_millis(250)));
        assert_eq!(target.timeouts.statement, Some(Duration::from_secs(1)));
        assert!(!format!("{target:?}").contains(":p@"));
        assert!(DatabaseUrl::parse("postgres://h/db?lock_timeout=soon").is_err());
    }

    #[test]
    fn passwords_are_masked() {
        let shown = |url: &str| DatabaseUrl::parse(url).unwrap().to_string();
        assert_eq!(shown("postgres://u:secret@h:5432/db"), "postgres://u:***@h:5432/db");
        assert_eq!(shown("mysql://u:s@e:c@h/db"), "mysql://u:***@h/db");
        assert_eq!(shown("postgres://h/db?user=u&password=secret"), "postgres://h/db?user=u&password=***");
        assert_eq!(shown("mysql://u:s?c/r@h/db?ssl_mode=disabled"), "mysql://u:***@h/db?ssl_mode=disabled");
        assert_eq!(shown("postgres://u@h/db"), "postgres://u@h/db");
        assert_eq!(
            format!("{:?}", DatabaseUrl::parse("mysql://u:p@h/d").unwrap()),
            "DatabaseUrl(mysql://u:***@h/d)"
        );
    }
}
