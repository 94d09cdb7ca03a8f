//! Databases on servers: what of the URL is ours, and what is left to the client library.

use std::fmt;
use std::time::Duration;

use migration_syntax::Dialect;

use super::{UrlError, mask};
use crate::ConnectOptions;

/// A database on a server.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ServerTarget {
    /// The URL for the client library, which reads host, user, password, TLS and the rest: without our own parameters.
    pub(crate) url: String,
    pub(crate) timeouts: Timeouts,
}

/// What the URL says of waiting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Timeouts {
    /// How long a statement may wait for a lock.
    pub(crate) lock: Option<Duration>,
    /// How long a statement may take.
    pub(crate) statement: Option<Duration>,
}

impl Timeouts {
    /// The same with those of the options where the URL says nothing.
    #[cfg_attr(
        not(any(feature = "postgres", feature = "mysql")),
        expect(dead_code, reason = "only servers have them")
    )]
    pub(crate) fn or(self, options: &ConnectOptions) -> Self {
        Self {
            lock: self.lock.or(options.lock_timeout),
            statement: self.statement.or(options.statement_timeout),
        }
    }
}

impl fmt::Debug for ServerTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerTarget({})", mask(&self.url))
    }
}

/// A server's URL taken apart.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    /// From the `//` on, without parameters.
    pub(super) location: &'a str,
    pub(super) timeouts: Timeouts,
    /// The parameters that are not ours, as they stand.
    pub(super) others: Vec<&'a str>,
}

impl ServerTarget {
    /// Reads what stands behind `postgres:`.
    pub(super) fn postgres(rest: &str) -> Result<Self, UrlError> {
        let parts = Parts::read(Dialect::Postgres, rest)?;
        let mark = if parts.others.is_empty() { "" } else { "?" };
        let url = format!("postgresql:{}{mark}{}", parts.location, parts.others.join("&"));
        Ok(Self { url, timeouts: parts.timeouts })
    }
}

impl ServerTarget {
    /// The words of a command line of the server's own client that runs a statement in the database `postgres` of this
    /// server. It asks for no password; its variable `PGPASSWORD` can hold one.
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "only the backend asks"))]
    pub(crate) fn client_command(&self, sql: String) -> Vec<String> {
        let (location, query) = self.url.split_once('?').unwrap_or((&self.url, ""));
        let location = location.trim_start_matches("postgresql://");
        let (user, address) = location.rsplit_once('@').unwrap_or(("", location));
        let user = user.split(':').next().unwrap_or_default();
        let at = if user.is_empty() { "" } else { "@" };
        let host = address.split('/').next().unwrap_or_default();
        let kept = |parameter: &&str| {
            !["password=", "dbname="].iter().any(|name| parameter.to_ascii_lowercase().starts_with(name))
        };
        let query: Vec<&str> = query.split('&').filter(|part| !part.is_empty()).filter(kept).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        let url = format!("postgresql://{user}{at}{host}/postgres{mark}{}", query.join("&"));
        vec!["psql".to_owned(), url, format!("--command={sql}")]
    }
}

impl<'a> Parts<'a> {
    pub(super) fn read(dialect: Dialect, rest: &'a str) -> Result<Self, UrlError> {
        if !rest.starts_with("//") {
            return Err(UrlError::new(format!("`//` is missing after the scheme of a {dialect} URL")));
        }
        // The last `?` begins the parameters: a password may hold another one.
        let (location, query) = match rest.rsplit_once('?') {
            Some((location, query)) if !query.contains('@') => (location, query),
            _ => (rest, ""),
        };
        let mut parts = Self { location, timeouts: Timeouts::default(), others: Vec::new() };
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let milliseconds = |value: &str, key: &str| {
                let number = value.parse();
                let number =
                    number.map_err(|_| UrlError::new(format!("`{key}` is a number of milliseconds")));
                number.map(|number| Some(Duration::from_millis(number)))
            };
            match parameter.split_once('=') {
                Some((key @ "lock_timeout", value)) => parts.timeouts.lock = milliseconds(value, key)?,
                Some((key @ "statement_timeout", value)) => {
                    parts.timeouts.statement = milliseconds(value, key)?;
                }
                _ => parts.others.push(parameter),
            }
        }
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_of_the_client_holds_no_password() {
        let words =
            |rest| ServerTarget::postgres(rest).unwrap().client_command("SELECT 1".to_owned()).join(" ");
        assert_eq!(
            words("//me:p%40w@[::1]:5433/shop?sslmode=require&lock_timeout=5"),
            "psql postgresql://me@[::1]:5433/postgres?sslmode=require --command=SELECT 1"
        );
        assert_eq!(
            words("///shop?host=/run/pg&user=me&password=secret"),
            "psql postgresql:///postgres?host=/run/pg&user=me --command=SELECT 1"
        );
        assert_eq!(words("//h"), "psql postgresql://h/postgres --command=SELECT 1");
    }
}
