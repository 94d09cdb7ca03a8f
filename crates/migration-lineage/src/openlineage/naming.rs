//! What tables are called: by the rules of OpenLineage
//! (<https://openlineage.io/docs/spec/naming>), from the URL of their database.

use std::path::{Path, absolute};

use migration_syntax::Dialect;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::facet::DataSource;
use crate::name::ObjectName;

/// What a path in a URI can't hold as it is.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// A dataset's name, and where it is valid.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DatasetId {
    /// Where the name is valid.
    pub namespace: String,
    /// The name.
    pub name: String,
}

/// How the tables of one database are called.
///
/// | database | namespace | name |
/// |---|---|---|
/// | PostgreSQL | `postgres://host:port` | `database.schema.table` |
/// | MySQL, MariaDB | `mysql://host:port` | `database.table` |
/// | SQLite, for which the specification has no rule | `sqlite://` and the file's absolute path | `table`, or `schema.table` in an attached file |
///
/// A socket on this machine is `localhost`. Neither user nor password nor parameters are part of any of it. As the
/// specification has no quoting, a dot in a name stays as it is.
///
/// ```
/// use migration_lineage::openlineage::DatabaseNaming;
///
/// let naming = DatabaseNaming::of_url("postgres://app:secret@DB.example/shop?sslmode=require")?;
/// assert_eq!(naming.namespace(), "postgres://db.example:5432");
/// assert_eq!(naming.name_of(&["orders"]).name, "shop.public.orders");
/// assert_eq!(naming.name_of(&["audit", "log"]).name, "shop.audit.log");
/// # Ok::<(), migration_lineage::openlineage::NamingError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseNaming {
    dialect: Dialect,
    namespace: String,
    /// Of a server.
    database: Option<String>,
    /// PostgreSQL: of names without one.
    schema: String,
    /// What people call the database.
    title: String,
    is_located: bool,
}

/// A text from which nobody can tell what a database's tables are called. The text is not repeated: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not the URL of a database: it names no {missing}")]
pub struct NamingError {
    missing: &'static str,
}

impl DatabaseNaming {
    /// By the URL of a database, as the rest of this workspace reads it.
    ///
    /// # Errors
    /// [`NamingError`] for what is no URL of one of the three.
    pub fn of_url(url: &str) -> Result<Self, NamingError> {
        let (scheme, rest) = url.trim().split_once(':').ok_or(NamingError { missing: "scheme" })?;
        match scheme.to_ascii_lowercase().as_str() {
            "sqlite" | "sqlite3" => Ok(Self::sqlite(rest)),
            "postgres" | "postgresql" => Self::server(Dialect::Postgres, rest),
            "mysql" | "mariadb" => Self::server(Dialect::Mysql, rest),
            _ => Err(NamingError { missing: "database that is known" }),
        }
    }

    /// For a database of which nobody knows where it is: the namespace is the name of the dialect.
    #[must_use]
    pub fn of_dialect(dialect: Dialect) -> Self {
        Self {
            dialect,
            namespace: dialect.as_str().to_owned(),
            database: None,
            schema: "public".to_owned(),
            title: dialect.as_str().to_owned(),
            is_located: false,
        }
    }

    /// The same, where names without a schema are in this one: in the place of `public`, or of the URL's database on MySQL.
    #[must_use]
    pub fn in_schema(mut self, schema: impl Into<String>) -> Self {
        let schema = schema.into();
        match self.dialect {
            Dialect::Mysql => {
                self.title.clone_from(&schema);
                self.database = Some(schema);
            }
            _ => {
                self.title = format!("{}.{schema}", self.title);
                self.schema = schema;
            }
        }
        self
    }

    /// Whose rules its names follow.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Where names are valid.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The name of the database, or of its file without extension.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What a table or view is called, by the parts of its name, outermost first.
    ///
    /// # Examples
    /// See [`DatabaseNaming`].
    #[must_use]
    pub fn name_of(&self, parts: &[&str]) -> DatasetId {
        let (table, qualifiers) = parts.split_last().map_or(("", parts), |(table, rest)| (*table, rest));
        let own = self.database.as_deref();
        let name: Vec<&str> = match (self.dialect, qualifiers) {
            (Dialect::Sqlite, [.., schema]) if !schema.eq_ignore_ascii_case("main") => vec![schema, table],
            (Dialect::Sqlite, _) => vec![table],
            (Dialect::Postgres, []) => own.into_iter().chain([&*self.schema, table]).collect(),
            (Dialect::Postgres, [schema]) => own.into_iter().chain([schema, table]).collect(),
            (Dialect::Postgres, [.., database, schema]) => vec![database, schema, table],
            (Dialect::Mysql, []) => own.into_iter().chain([table]).collect(),
            (Dialect::Mysql, [.., database]) => vec![database, table],
        };
        DatasetId { namespace: self.namespace.clone(), name: name.join(".") }
    }

    pub(super) fn of(&self, name: &ObjectName) -> DatasetId {
        let parts: Vec<&str> = name.parts().iter().map(crate::name::Ident::as_str).collect();
        self.name_of(&parts)
    }

    /// Where the database is, if that is known.
    pub(super) fn source(&self) -> Option<DataSource> {
        let uri = match &self.database {
            Some(database) => format!("{}/{}", self.namespace, utf8_percent_encode(database, PATH)),
            None => self.namespace.clone(),
        };
        self.is_located.then(|| DataSource { name: self.namespace.clone(), uri })
    }

    fn sqlite(rest: &str) -> Self {
        let (location, query) = rest.split_once('?').unwrap_or((rest, ""));
        let location = match location.strip_prefix("//") {
            Some(path) => path.strip_prefix('/').unwrap_or(path),
            None => location,
        };
        let location = percent_decode_str(location).decode_utf8_lossy().into_owned();
        let in_memory = location == ":memory:" || query.split('&').any(|part| part == "mode=memory");
        let (namespace, title) = if in_memory {
            ("sqlite::memory:".to_owned(), "memory".to_owned())
        } else {
            let path = absolute(&location).unwrap_or_else(|_| Path::new(&location).to_owned());
            let title = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
            let path = path.to_string_lossy();
            (format!("sqlite://{}", utf8_percent_encode(&path, PATH)), title.unwrap_or_default())
        };
        Self { namespace, title, is_located: true, ..Self::of_dialect(Dialect::Sqlite) }
    }

    fn server(dialect: Dialect, rest: &str) -> Result<Self, NamingError> {
        let rest = rest.strip_prefix("//").ok_or(NamingError { missing: "host" })?;
        // The last `?` begins the parameters, the last `@` ends the password: it may hold others.
        let (location, query) = match rest.rsplit_once('?') {
            Some((location, query)) if !query.contains('@') => (location, query),
            _ => (rest, ""),
        };
        let (user, location) = location.rsplit_once('@').unwrap_or(("", location));
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let parameter = |name: &str| {
            let mut pairs = query.split('&').filter_map(|part| part.split_once('='));
            pairs
                .find(|(key, _)| *key == name)
                .map(|(_, value)| decoded(value))
                .filter(|value| !value.is_empty())
        };
        let (hosts, path) = location.split_once('/').unwrap_or((location, ""));
        let first = hosts.split(',').next().unwrap_or_default();
        let (host, port) = match first.rsplit_once(':') {
            // A colon within brackets is a part of an address.
            Some((host, port)) if !port.contains(']') => (host, port),
            _ => (first, ""),
        };
        let host = Some(decoded(host)).filter(|host| !host.is_empty()).or_else(|| parameter("host"));
        let host = host.unwrap_or_default().split(',').next().unwrap_or_default().to_ascii_lowercase();
        let is_socket = host.is_empty() || host.starts_with(['/', '@']) || parameter("socket").is_some();
        let host = if is_socket { "localhost".to_owned() } else { host };
        let default = if dialect == Dialect::Postgres { "5432" } else { "3306" };
        let port = Some(port.to_owned()).filter(|port| !port.is_empty()).or_else(|| parameter("port"));
        let port = port.unwrap_or_else(|| default.to_owned());
        // PostgreSQL's library takes the user's name where none is given.
        let user = Some(decoded(user.split(':').next().unwrap_or_default())).filter(|user| !user.is_empty());
        let database = Some(decoded(path.split('/').next().unwrap_or_default()))
            .filter(|database| !database.is_empty())
            .or_else(|| parameter("dbname"))
            .or_else(|| user.or_else(|| parameter("user")).filter(|_| dialect == Dialect::Postgres))
            .ok_or(NamingError { missing: "database" })?;
        let scheme = if dialect == Dialect::Postgres { "postgres" } else { "mysql" };
        Ok(Self {
            namespace: format!("{scheme}://{host}:{port}"),
            title: database.clone(),
            database: Some(database),
            is_located: true,
            ..Self::of_dialect(dialect)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(url: &str) -> String {
        let naming = DatabaseNaming::of_url(url).unwrap();
        let id = naming.name_of(&["t"]);
        format!("{} {}", id.namespace, id.name)
    }

    #[test]
    fn servers() {
        assert_eq!(named("postgres://h/db"), "postgres://h:5432 db.public.t");
        assert_eq!(named("postgresql://u:p@ss@H:5433/d%20b?sslmode=off"), "postgres://h:5433 d b.public.t");
        assert_eq!(named("postgres://u@[::1]:6000/db"), "postgres://[::1]:6000 db.public.t");
        assert_eq!(named("postgres://[::1]/db"), "postgres://[::1]:5432 db.public.t");
        assert_eq!(named("postgres:///db?host=/run/pg&port=6000"), "postgres://localhost:6000 db.public.t");
        assert_eq!(named("postgres://%2Frun%2Fpg/db"), "postgres://localhost:5432 db.public.t");
        assert_eq!(named("postgres://u@a:1,b:2/"), "postgres://a:1 u.public.t");
        assert_eq!(named("postgres://h/?dbname=x"), "postgres://h:5432 x.public.t");
        assert_eq!(named("mysql://u:s?c/r@h/db?ssl_mode=x"), "mysql://h:3306 db.t");
        assert_eq!(named("mariadb://h:33/db?socket=/run/m"), "mysql://localhost:33 db.t");
        assert!(DatabaseNaming::of_url("mysql://h").is_err());
        for url in ["", "x", "ftp://h/x", "postgres:x"] {
            assert!(DatabaseNaming::of_url(url).is_err(), "{url}");
        }
    }

    #[test]
    fn files() {
        assert_eq!(named("sqlite:////tmp/a b.db?mode=rw"), "sqlite:///tmp/a%20b.db t");
        assert_eq!(named("sqlite::memory:"), "sqlite::memory: t");
        let here = std::env::current_dir().unwrap();
        let expected = format!("sqlite://{}/a.db t", utf8_percent_encode(&here.to_string_lossy(), PATH));
        assert_eq!(named("sqlite:///a.db"), expected);
        assert_eq!(named("sqlite://a.db"), expected);
    }

    #[test]
    fn names_with_schemas() {
        let name = |url: &str, parts: &[&str]| DatabaseNaming::of_url(url).unwrap().name_of(parts).name;
        assert_eq!(name("postgres://h/d", &["s", "t"]), "d.s.t");
        assert_eq!(name("postgres://h/d", &["x", "s", "t"]), "x.s.t");
        assert_eq!(name("mysql://h/d", &["x", "t"]), "x.t");
        assert_eq!(name("sqlite:///a", &["main", "t"]), "t");
        assert_eq!(name("sqlite:///a", &["aux", "t"]), "aux.t");
        let other = DatabaseNaming::of_url("postgres://h/d").unwrap().in_schema("tenant");
        assert_eq!((&*other.name_of(&["t"]).name, other.title()), ("d.tenant.t", "d.tenant"));
        let other = DatabaseNaming::of_url("mysql://h/d").unwrap().in_schema("tenant");
        assert_eq!((&*other.name_of(&["t"]).name, other.title()), ("tenant.t", "tenant"));
        assert_eq!(DatabaseNaming::of_dialect(Dialect::Postgres).name_of(&["t"]).name, "public.t");
    }

    #[test]
    fn nothing_that_is_secret_is_shown() {
        let url = "postgres://bob:hunter2@h/d?password=hunter3&sslpassword=hunter4";
        let naming = DatabaseNaming::of_url(url).unwrap();
        let shown = format!("{naming:?} {:?}", naming.source());
        assert!(!shown.contains("hunter") && !shown.contains("bob"), "{shown}");
        assert_eq!(naming.source().unwrap().uri, "postgres://h:5432/d");
    }
}
