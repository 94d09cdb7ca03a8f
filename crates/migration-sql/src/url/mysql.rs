//! MySQL and MariaDB: their clients know no URLs, so what one means is settled here.

use std::fmt;

use migration_syntax::Dialect;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::server::{Parts, Timeouts};
use super::{UrlError, mask};

/// A database on a MySQL or MariaDB server.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct MysqlTarget {
    /// `mysql://user:password@host:port/`, which the connection adds its parameters to.
    pub(crate) login: String,
    /// The name of the database.
    pub(crate) database: Option<String>,
    /// The path of a Unix socket.
    pub(crate) socket: Option<String>,
    pub(crate) tls: Tls,
    pub(crate) timeouts: Timeouts,
}

/// What is asked for about encryption.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tls {
    pub(crate) mode: TlsMode,
    /// Files: certificates of authorities, our certificate, our key.
    pub(crate) ca: Option<String>,
    pub(crate) certificate: Option<String>,
    pub(crate) key: Option<String>,
}

/// The client's option `--ssl-mode`
/// (<https://dev.mysql.com/doc/refman/en/connection-options.html#option_general_ssl-mode>), in order of strictness.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TlsMode {
    Disabled,
    #[default]
    Preferred,
    Required,
    VerifyCa,
    VerifyIdentity,
}

impl TlsMode {
    #[cfg_attr(not(feature = "mysql"), expect(dead_code, reason = "only the backend asks"))]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Preferred => "preferred",
            Self::Required => "required",
            Self::VerifyCa => "verify_ca",
            Self::VerifyIdentity => "verify_identity",
        }
    }
}

impl fmt::Debug for MysqlTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let database = self.database.as_deref().unwrap_or_default();
        write!(f, "MysqlTarget({}{database})", mask(&self.login))
    }
}

impl MysqlTarget {
    /// Reads what stands behind `mysql:`.
    pub(super) fn read(rest: &str) -> Result<Self, UrlError> {
        let parts = Parts::read(Dialect::Mysql, rest)?;
        let location = parts.location.trim_start_matches("//");
        // A password may hold any of the signs that should have been escaped.
        let (user, address) = location.rsplit_once('@').unwrap_or(("", location));
        let (host, database) = address.split_once('/').unwrap_or((address, ""));
        if database.contains('/') {
            return Err(UrlError::new("the name of a database holds a `/`, which is written %2F in a URL"));
        }
        let database = decoded(database, "the name of the database")?;
        let (mut socket, mut tls) = (None, Tls::default());
        for parameter in &parts.others {
            let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let text = decoded(value, key)?;
            match key.replace('-', "_").to_ascii_lowercase().as_str() {
                "socket" | "unix_socket" => socket = Some(text),
                "ssl_mode" | "sslmode" => tls.mode = mode(&text)?,
                "ssl_ca" => tls.ca = Some(text),
                "ssl_cert" => tls.certificate = Some(text),
                "ssl_key" => tls.key = Some(text),
                _ => {
                    return Err(UrlError::new(format!(
                        "a MySQL URL has no parameter `{key}` (it has `socket`, `ssl_mode`, `ssl_ca`, `ssl_cert`, \
                         `ssl_key`, `lock_timeout` and `statement_timeout`)"
                    )));
                }
            }
        }
        // The client library goes to a socket where the host is just this.
        let host = if socket.is_some() || host.is_empty() { "localhost" } else { host };
        let user = match user.split_once(':') {
            Some((name, password)) => format!("{}:{}", escaped(name)?, escaped(password)?),
            None => escaped(user)?,
        };
        let at = if user.is_empty() { "" } else { "@" };
        Ok(Self {
            login: format!("mysql://{user}{at}{host}/"),
            database: Some(database).filter(|name| !name.is_empty()),
            socket,
            tls,
            timeouts: parts.timeouts,
        })
    }
}

impl MysqlTarget {
    /// The words of a command line of the server's own client that runs a statement on this server. It asks for no
    /// password; its variable `MYSQL_PWD` can hold one.
    #[cfg_attr(not(feature = "mysql"), expect(dead_code, reason = "only the backend asks"))]
    pub(crate) fn client_command(&self, sql: String) -> Vec<String> {
        let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let login = self.login.trim_start_matches("mysql://").trim_end_matches('/');
        let (user, address) = login.rsplit_once('@').unwrap_or(("", login));
        let user = user.split(':').next().unwrap_or_default();
        let (host, port) = match address.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, Some(port)),
            _ => (address, None),
        };
        let mut words = vec!["mysql".to_owned()];
        match &self.socket {
            Some(path) => words.push(format!("--socket={path}")),
            None => words.push(format!("--host={}", host.trim_start_matches('[').trim_end_matches(']'))),
        }
        words.extend(port.map(|port| format!("--port={port}")));
        words.extend((!user.is_empty()).then(|| format!("--user={}", plain(user))));
        words.push(format!("--execute={sql}"));
        words
    }
}

/// Signs that should have been escaped are, those that were stay.
fn escaped(text: &str) -> Result<String, UrlError> {
    let plain = decoded(text, "the user or the password")?;
    Ok(utf8_percent_encode(&plain, NON_ALPHANUMERIC).to_string())
}

fn decoded(text: &str, what: &str) -> Result<String, UrlError> {
    let decoded = percent_decode_str(text).decode_utf8();
    let decoded = decoded.map_err(|_| UrlError::new(format!("{what} is not UTF-8 once percent-decoded")))?;
    if decoded.contains('\0') {
        return Err(UrlError::new(format!("{what} contains a NUL")));
    }
    Ok(decoded.into_owned())
}

/// Also by the names that libpq has for them.
fn mode(text: &str) -> Result<TlsMode, UrlError> {
    match text.to_ascii_lowercase().replace('-', "_").as_str() {
        "disabled" | "disable" => Ok(TlsMode::Disabled),
        "preferred" | "prefer" => Ok(TlsMode::Preferred),
        "required" | "require" => Ok(TlsMode::Required),
        "verify_ca" => Ok(TlsMode::VerifyCa),
        "verify_identity" | "verify_full" => Ok(TlsMode::VerifyIdentity),
        _ => Err(UrlError::new(
            "`ssl_mode` is one of disabled, preferred, required, verify_ca, verify_identity",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rest: &str) -> MysqlTarget {
        MysqlTarget::read(rest).unwrap()
    }

    #[test]
    fn parts_of_a_location() {
        let target = read(
            "//me:p%40ss/w?rd@[::1]:3307/my%2Fshop?ssl-mode=VERIFY_CA&ssl_ca=/etc/ca.pem&lock_timeout=5",
        );
        assert_eq!(target.login, "mysql://me:p%40ss%2Fw%3Frd@[::1]:3307/");
        assert_eq!(target.database.as_deref(), Some("my/shop"));
        assert_eq!(target.tls.mode, TlsMode::VerifyCa);
        assert_eq!(target.tls.ca.as_deref(), Some("/etc/ca.pem"));
        assert_eq!(target.timeouts.lock.unwrap().as_millis(), 5);
        assert!(!format!("{target:?}").contains("ss"));
    }

    #[test]
    fn the_command_of_the_client_holds_no_password() {
        let words = |rest| read(rest).client_command("SELECT 1".to_owned()).join(" ");
        assert_eq!(
            words("//m%40e:pw@[::1]:3307/d"),
            "mysql --host=::1 --port=3307 --user=m@e --execute=SELECT 1"
        );
        assert_eq!(words("//h/d"), "mysql --host=h --execute=SELECT 1");
        assert_eq!(words("//u:pw@/d?socket=/s"), "mysql --socket=/s --user=u --execute=SELECT 1");
    }

    #[test]
    fn what_may_be_left_out() {
        assert_eq!(read("//h").login, "mysql://h/");
        assert_eq!(read("//h").database, None);
        assert_eq!(read("//u:@h/d").login, "mysql://u:@h/");
        assert_eq!(read("///d").login, "mysql://localhost/");
        let by_socket = read("//u@/d?socket=/run/my%20sql.sock");
        assert_eq!(by_socket.login, "mysql://u@localhost/");
        assert_eq!(by_socket.socket.as_deref(), Some("/run/my sql.sock"));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for rest in ["//h/a/b", "//h/d?sslmode=maybe", "//h/d?charset=latin1", "//h/%ff", "h/d"] {
            assert!(MysqlTarget::read(rest).is_err(), "{rest}");
        }
    }
}
