//! The settings in force, each with where it comes from: flags > environment > file > defaults.

mod substitution;

use std::cell::OnceCell;
use std::env;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use migration_kit::sql::{self, DatabaseUrl, OutOfOrder, Placeholders};

use crate::args::{GlobalArgs, LayoutChoice, parse_layout, parse_out_of_order, parse_retries, parse_seconds};
use crate::config_file::{self, FileSettings, HookSpec, TenantsSpec};
use crate::failure::{Failure, NextAction, Result};
use crate::secret::Secret;

mod database_url;
mod environments;

pub(crate) use database_url::{UrlSource, below, located};

/// A value and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sourced<T> {
    pub(crate) value: T,
    pub(crate) origin: Origin,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    Flag(&'static str),
    Environment(&'static str),
    File(PathBuf),
    /// The section of an environment in the file.
    Section(PathBuf, String),
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "flag {flag}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Section(path, name) => write!(f, "file {} [env.{name}]", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

impl<T> Sourced<T> {
    /// Another value from the same place.
    fn map<U>(self, change: impl FnOnce(T) -> U) -> Sourced<U> {
        Sourced { value: change(self.value), origin: self.origin }
    }
}

/// All settings.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) config: Option<Sourced<PathBuf>>,
    /// The environment that was chosen.
    pub(crate) env: Option<Sourced<String>>,
    /// Whether what can lose something has to be confirmed.
    pub(crate) protected: Sourced<bool>,
    /// What runs around a run: those of the file, then those of the environment.
    pub(crate) hooks: Vec<HookSpec>,
    /// Where it is to be had; see [`Settings::url`].
    pub(crate) database_url: Option<Sourced<UrlSource>>,
    /// What came of that.
    fetched: OnceCell<Secret>,
    /// One or more; new migrations are written to the first.
    pub(crate) dirs: Sourced<Vec<PathBuf>>,
    pub(crate) layout: Sourced<LayoutChoice>,
    pub(crate) history_table: Sourced<String>,
    pub(crate) journal_table: Sourced<String>,
    pub(crate) environment_table: Sourced<String>,
    /// `None`: the schema that is worked in.
    pub(crate) history_schema: Sourced<Option<String>>,
    /// `None`: what the database does by default.
    pub(crate) schema: Sourced<Option<String>>,
    pub(crate) tenants: Option<TenantsSpec>,
    /// `None`: what the backend does by default.
    pub(crate) lock_timeout: Sourced<Option<Duration>>,
    pub(crate) lock_retries: Sourced<u32>,
    /// `None`: none.
    pub(crate) statement_timeout: Sourced<Option<Duration>>,
    /// Whether a run goes on though files of applied migrations are gone.
    pub(crate) ignore_missing: Sourced<bool>,
    /// What placeholders stand for; `None`: they are not replaced.
    pub(crate) placeholders: Sourced<Option<Placeholders>>,
    /// Whether values of the environment get into files that ask for it.
    pub(crate) env_substitution: Sourced<bool>,
    /// What becomes of a pending migration that comes before an applied one; a flag of `up` and `plan` goes before it.
    pub(crate) out_of_order: Sourced<OutOfOrder>,
}

/// The environment: a variable that is empty counts as not set.
pub(crate) struct Environment<'a>(pub(crate) &'a dyn Fn(&str) -> Option<OsString>);

impl Environment<'_> {
    fn get(&self, name: &'static str) -> Option<OsString> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    fn text(&self, name: &'static str) -> Result<Option<String>> {
        self.get(name).map(|value| as_text(name, value)).transpose()
    }

    /// A variable that a setting names: an empty one has a value.
    fn named(&self, name: &str) -> Result<Option<String>> {
        (self.0)(name).map(|value| as_text(name, value)).transpose()
    }

    fn parsed<T>(&self, name: &'static str, parse: fn(&str) -> Result<T, String>) -> Result<Option<T>> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        parse(&text).map(Some).map_err(|problem| {
            Failure::new("usage.environment", format!("the environment variable {name} can't be used"))
                .because(problem)
        })
    }
}

fn as_text(name: &str, value: OsString) -> Result<String> {
    let not_text =
        |_| Failure::new("usage.environment", format!("the environment variable {name} is not UTF-8"));
    value.into_string().map_err(not_text)
}

impl Settings {
    /// Finds and reads the settings file, and settles everything.
    pub(crate) fn load(flags: &GlobalArgs) -> Result<Self> {
        let environment = Environment(&|name| env::var_os(name));
        let config = match (&flags.config, environment.get("MIGRATION_CONFIG")) {
            (Some(path), _) => Some(Sourced { value: path.clone(), origin: Origin::Flag("--config") }),
            (None, Some(path)) => {
                Some(Sourced { value: path.into(), origin: Origin::Environment("MIGRATION_CONFIG") })
            }
            (None, None) => nearest().map(|value| Sourced { value, origin: Origin::Default }),
        };
        let file =
            config.as_ref().map(|config| config_file::read(&config.value)).transpose()?.unwrap_or_default();
        Self::resolve(flags, &environment, config, file)
    }

    /// The precedence, and nothing else.
    pub(crate) fn resolve(
        flags: &GlobalArgs,
        environment: &Environment<'_>,
        config: Option<Sourced<PathBuf>>,
        file: FileSettings,
    ) -> Result<Self> {
        let path = config.as_ref().map(|config| config.value.clone()).unwrap_or_default();
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let env = environments::choose(flags, environment, &file, &path)?;
        let mut file = file;
        let section = env.as_ref().and_then(|name| file.env.remove(&name.value)).unwrap_or_default();
        let layers = environments::Layers { path: &path, name: env.as_ref().map(|env| env.value.as_str()) };

        let literal = |url: String| UrlSource::Literal(Secret(url));
        let by_variable = environment.text("DATABASE_URL")?.map(literal).map(by_environment("DATABASE_URL"));
        if let (Some(name), Some(_), true, None) =
            (&env, &by_variable, section.database_url.is_some(), &flags.database_url)
        {
            let name = &name.value;
            tracing::warn!("DATABASE_URL is set, and goes before the database that [env.{name}] names");
        }
        let database_url = first(
            flags.database_url.clone().map(literal).map(by_flag("--database-url")),
            by_variable,
            layers.pick(section.database_url, file.database_url).map(|url| url.map(|url| url.below(&folder))),
        );
        let dir = first(
            Some(flags.dir.clone()).filter(|dirs| !dirs.is_empty()).map(by_flag("--dir")),
            environment
                .get("MIGRATION_DIR")
                .map(|dir| vec![PathBuf::from(dir)])
                .map(by_environment("MIGRATION_DIR")),
            layers
                .pick(section.dir, file.dir)
                .map(|dirs| dirs.map(|dirs| dirs.iter().map(|dir| folder.join(dir)).collect())),
        );
        let layout = first(
            flags.layout.map(by_flag("--layout")),
            environment.parsed("MIGRATION_LAYOUT", parse_layout)?.map(by_environment("MIGRATION_LAYOUT")),
            layers.pick(section.layout, file.layout),
        );
        let lock_timeout = first(
            flags.lock_timeout.map(by_flag("--lock-timeout")),
            environment
                .parsed("MIGRATION_LOCK_TIMEOUT", parse_seconds)?
                .map(by_environment("MIGRATION_LOCK_TIMEOUT")),
            layers.pick(section.lock_timeout, file.lock_timeout),
        );
        let statement_timeout = first(
            flags.statement_timeout.map(by_flag("--statement-timeout")),
            environment
                .parsed("MIGRATION_STATEMENT_TIMEOUT", parse_seconds)?
                .map(by_environment("MIGRATION_STATEMENT_TIMEOUT")),
            layers.pick(section.statement_timeout, file.statement_timeout),
        );
        let lock_retries = first(
            flags.lock_retries.map(by_flag("--lock-retries")),
            environment
                .parsed("MIGRATION_LOCK_RETRIES", parse_retries)?
                .map(by_environment("MIGRATION_LOCK_RETRIES")),
            layers.pick(section.lock_retries, file.lock_retries),
        );
        let out_of_order = first(
            None,
            environment
                .parsed("MIGRATION_OUT_OF_ORDER", parse_out_of_order)?
                .map(by_environment("MIGRATION_OUT_OF_ORDER")),
            layers.pick(section.out_of_order, file.out_of_order),
        );
        let ignore_missing = layers.pick(section.ignore_missing, file.ignore_missing);
        let defaults = sql::Settings::default();
        let variable =
            |name: &'static str| -> Result<_> { Ok(environment.text(name)?.map(by_environment(name))) };
        let table = |name: Option<Sourced<String>>, default: String| {
            name.unwrap_or(Sourced { value: default, origin: Origin::Default })
        };
        Ok(Self {
            database_url,
            // In a folder below the one with the settings file, that one's migrations are meant.
            dirs: dir.unwrap_or_else(|| Sourced {
                value: vec![folder.join("migrations")],
                origin: Origin::Default,
            }),
            layout: layout.unwrap_or(Sourced { value: LayoutChoice(None), origin: Origin::Default }),
            history_table: table(
                first(
                    flags.history_table.clone().map(by_flag("--history-table")),
                    variable("MIGRATION_HISTORY_TABLE")?,
                    layers.pick(section.history_table, file.history_table),
                ),
                defaults.history_table,
            ),
            journal_table: table(
                first(
                    flags.journal_table.clone().map(by_flag("--journal-table")),
                    variable("MIGRATION_JOURNAL_TABLE")?,
                    layers.pick(section.journal_table, file.journal_table),
                ),
                defaults.journal_table,
            ),
            history_schema: optional(first(
                flags.history_schema.clone().map(by_flag("--history-schema")),
                variable("MIGRATION_HISTORY_SCHEMA")?,
                layers.pick(section.history_schema, file.history_schema),
            )),
            // Of several each is another call; see `each`.
            schema: optional(first(
                flags.schema.first().cloned().map(by_flag("--schema")),
                variable("MIGRATION_SCHEMA")?,
                layers.pick(section.schema, file.schema),
            )),
            tenants: section.tenants.or(file.tenants).map(|tenants| TenantsSpec {
                urls_file: tenants.urls_file.map(|path| folder.join(path)),
                ..tenants
            }),
            environment_table: table(
                layers.pick(section.environment_table, file.environment_table),
                defaults.environment_table,
            ),
            protected: layers
                .pick(section.protected, None)
                .unwrap_or(Sourced { value: false, origin: Origin::Default }),
            hooks: file.hooks.into_iter().chain(section.hooks).map(|hook| hook.below(&folder)).collect(),
            env: env.clone(),
            fetched: OnceCell::new(),
            lock_timeout: optional(lock_timeout),
            statement_timeout: optional(statement_timeout),
            lock_retries: lock_retries
                .unwrap_or(Sourced { value: defaults.lock_retries, origin: Origin::Default }),
            ignore_missing: ignore_missing.unwrap_or(Sourced { value: false, origin: Origin::Default }),
            placeholders: substitution::placeholders(
                &flags.placeholder,
                layers.pick(section.placeholders, file.placeholders),
                environment,
            )?,
            env_substitution: substitution::environment(
                flags.env_substitution,
                layers.pick(section.env_substitution, file.env_substitution),
            ),
            out_of_order: out_of_order
                .unwrap_or(Sourced { value: OutOfOrder::default(), origin: Origin::Default }),
            config,
        })
    }

    /// Takes another database.
    pub(crate) fn use_url(&mut self, url: Sourced<UrlSource>) {
        self.database_url = Some(url);
        self.fetched = OnceCell::new();
    }

    /// The directories for people.
    pub(crate) fn shown_dirs(&self) -> String {
        self.dirs.value.iter().map(|dir| dir.display().to_string()).collect::<Vec<_>>().join(", ")
    }

    /// The database's URL.
    pub(crate) fn url(&self) -> Result<DatabaseUrl> {
        let Some(given) = &self.database_url else {
            return Err(Failure::new("usage.no_database_url", "no database was named").advise(NextAction::manual(
                "pass --database-url, set DATABASE_URL, or write `database_url = \"…\"` into migration.toml",
            )));
        };
        let secret = match self.fetched.get() {
            Some(secret) => secret,
            None => {
                let secret = given.value.fetch(&given.origin)?;
                self.fetched.get_or_init(|| secret)
            }
        };
        DatabaseUrl::parse(&secret.0).map_err(|error| {
            let why = format!("it comes from: {}", given.origin);
            Failure::new("url.invalid", error.to_string()).because(why)
        })
    }
}

/// The settings file of this folder, by its bare name, or the nearest above.
fn nearest() -> Option<PathBuf> {
    let here = env::current_dir().ok()?;
    let found = config_file::find(&here)?;
    Some(found.strip_prefix(&here).map(Path::to_owned).unwrap_or(found))
}

fn first<T>(flag: Option<T>, environment: Option<T>, file: Option<T>) -> Option<T> {
    flag.or(environment).or(file)
}

fn optional<T>(given: Option<Sourced<T>>) -> Sourced<Option<T>> {
    match given {
        Some(Sourced { value, origin }) => Sourced { value: Some(value), origin },
        None => Sourced { value: None, origin: Origin::Default },
    }
}

fn by_flag<T>(name: &'static str) -> impl Fn(T) -> Sourced<T> {
    move |value| Sourced { value, origin: Origin::Flag(name) }
}

fn by_environment<T>(name: &'static str) -> impl Fn(T) -> Sourced<T> {
    move |value| Sourced { value, origin: Origin::Environment(name) }
}

#[cfg(test)]
mod tests;
