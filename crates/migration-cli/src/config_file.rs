//! `migration.toml`: where it is found and what may stand in it.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use migration_kit::sql::OutOfOrder;
use serde::Deserialize;
use toml::Spanned;

use crate::args::{LayoutChoice, parse_layout, parse_out_of_order, parse_seconds};
use crate::failure::{Failure, NextAction, Result, SourceText};
use crate::secret::{self, Secret};
use crate::settings::UrlSource;

mod environments;
mod hooks;

pub(crate) use hooks::{HookAction, HookSpec};

/// The name that is searched for.
pub(crate) const FILE_NAME: &str = "migration.toml";

/// What a settings file says; what it doesn't mention is `None`.
#[derive(Debug, Default)]
pub(crate) struct FileSettings {
    pub(crate) database_url: Option<UrlSource>,
    pub(crate) dir: Option<Vec<PathBuf>>,
    pub(crate) layout: Option<LayoutChoice>,
    pub(crate) history_table: Option<String>,
    pub(crate) journal_table: Option<String>,
    pub(crate) environment_table: Option<String>,
    pub(crate) history_schema: Option<String>,
    pub(crate) schema: Option<String>,
    pub(crate) tenants: Option<TenantsSpec>,
    pub(crate) lock_timeout: Option<Duration>,
    pub(crate) lock_retries: Option<u32>,
    pub(crate) statement_timeout: Option<Duration>,
    pub(crate) ignore_missing: Option<bool>,
    pub(crate) out_of_order: Option<OutOfOrder>,
    pub(crate) placeholders: Option<FilePlaceholders>,
    pub(crate) env_substitution: Option<bool>,
    /// Of an environment: whether what can lose something has to be confirmed.
    pub(crate) protected: Option<bool>,
    pub(crate) hooks: Vec<HookSpec>,
    /// Of the file as a whole.
    pub(crate) default_env: Option<String>,
    /// Of the file as a whole: what differs in an environment.
    pub(crate) env: BTreeMap<String, FileSettings>,
}

/// What the file says of placeholders.
#[derive(Debug, Default)]
pub(crate) struct FilePlaceholders {
    pub(crate) prefix: Option<String>,
    pub(crate) suffix: Option<String>,
    pub(crate) values: Vec<(String, FilePlaceholder)>,
}

/// What a placeholder stands for.
#[derive(Debug)]
pub(crate) enum FilePlaceholder {
    Text(String),
    /// The value of a variable.
    Environment(String),
}

/// `[tenants]`: what `--for-each-tenant` goes through.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TenantsSpec {
    /// Names and patterns of schemas.
    #[serde(default)]
    pub(crate) schemas: Vec<String>,
    /// A file with a URL on each line.
    pub(crate) urls_file: Option<PathBuf>,
    /// How many at a time.
    pub(crate) jobs: Option<NonZeroUsize>,
}

/// The shape of the file, and that of an environment in it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    database_url: Option<Spanned<String>>,
    database_url_env: Option<Spanned<String>>,
    database_url_file: Option<Spanned<PathBuf>>,
    database_url_command: Option<Spanned<Vec<String>>>,
    dir: Option<Spanned<toml::Value>>,
    layout: Option<Spanned<String>>,
    history_table: Option<String>,
    journal_table: Option<String>,
    environment_table: Option<String>,
    history_schema: Option<String>,
    schema: Option<String>,
    tenants: Option<TenantsSpec>,
    lock_timeout: Option<Spanned<toml::Value>>,
    lock_retries: Option<u32>,
    statement_timeout: Option<Spanned<toml::Value>>,
    ignore_missing: Option<bool>,
    out_of_order: Option<Spanned<String>>,
    placeholders: Option<BTreeMap<String, Spanned<toml::Value>>>,
    placeholder_prefix: Option<Spanned<String>>,
    placeholder_suffix: Option<Spanned<String>>,
    env_substitution: Option<bool>,
    protected: Option<Spanned<bool>>,
    #[serde(default)]
    hook: Vec<Spanned<hooks::Raw>>,
    default_env: Option<Spanned<String>>,
    #[serde(default)]
    env: BTreeMap<Spanned<String>, Raw>,
}

/// The nearest settings file, from `folder` upwards. A link that leads nowhere counts: somebody meant it to be one.
pub(crate) fn find(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|folder| folder.join(FILE_NAME)).find(|file| file.symlink_metadata().is_ok())
}

/// Reads a settings file.
pub(crate) fn read(path: &Path) -> Result<FileSettings> {
    let text = fs::read_to_string(path).map_err(|error| {
        let code = if error.kind() == ErrorKind::NotFound { "config.missing" } else { "config.unreadable" };
        Failure::new(code, format!("can't read the settings file {}", path.display()))
            .because(error.to_string())
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    parse(text).map_err(|problem| {
        let file = path.display().to_string();
        let what = problem.message.lines().collect::<Vec<_>>().join(", ");
        let source = SourceText::new(&file, secret::mask_in_place(text), problem.span, &what);
        Failure::new("config.invalid", format!("the settings file {file} can't be used"))
            .because(what)
            .pointing_at(source)
            .advise(NextAction::manual(format!("correct {file}")))
    })
}

#[derive(Debug)]
struct Problem {
    message: String,
    span: Range<usize>,
}

fn parse(text: &str) -> std::result::Result<FileSettings, Problem> {
    let raw: Raw = toml::from_str(text).map_err(|error| Problem {
        message: error.message().to_owned(),
        span: error.span().unwrap_or(0..0),
    })?;
    environments::of_file(raw)
}

/// The settings of the file as a whole, or of one environment.
fn of_layer(raw: Raw) -> std::result::Result<FileSettings, Problem> {
    let database_url = url_source(&raw)?;
    let layout = raw.layout.map(|layout| {
        let problem = |message| Problem { message: format!("`layout`: {message}"), span: layout.span() };
        parse_layout(layout.get_ref()).map_err(problem)
    });
    let out_of_order = raw.out_of_order.map(|policy| {
        let problem =
            |message| Problem { message: format!("`out_of_order`: {message}"), span: policy.span() };
        parse_out_of_order(policy.get_ref()).map_err(problem)
    });
    let seconds = |key: &str, given: Option<Spanned<toml::Value>>| {
        let given = given.map(|seconds| {
            let problem = |message| Problem { message: format!("`{key}`: {message}"), span: seconds.span() };
            parse_seconds(&seconds.get_ref().to_string()).map_err(problem)
        });
        given.transpose()
    };
    Ok(FileSettings {
        database_url,
        dir: raw.dir.map(directories).transpose()?,
        layout: layout.transpose()?,
        history_table: raw.history_table,
        journal_table: raw.journal_table,
        environment_table: raw.environment_table,
        history_schema: raw.history_schema,
        schema: raw.schema,
        tenants: raw.tenants,
        lock_timeout: seconds("lock_timeout", raw.lock_timeout)?,
        statement_timeout: seconds("statement_timeout", raw.statement_timeout)?,
        lock_retries: raw.lock_retries,
        ignore_missing: raw.ignore_missing,
        out_of_order: out_of_order.transpose()?,
        placeholders: placeholders(raw.placeholders, raw.placeholder_prefix, raw.placeholder_suffix)?,
        env_substitution: raw.env_substitution,
        protected: raw.protected.map(Spanned::into_inner),
        hooks: hooks::read(raw.hook)?,
        default_env: None,
        env: BTreeMap::new(),
    })
}

/// `"path"`, or `["path", "path"]`.
fn directories(value: Spanned<toml::Value>) -> std::result::Result<Vec<PathBuf>, Problem> {
    let span = value.span();
    let path = |value: toml::Value| match value {
        toml::Value::String(path) => Some(PathBuf::from(path)),
        _ => None,
    };
    let paths = match value.into_inner() {
        toml::Value::Array(values) => values.into_iter().map(path).collect::<Option<Vec<_>>>(),
        value => path(value).map(|path| vec![path]),
    };
    let message = "`dir`: expected a string, or a list of strings".to_owned();
    paths.filter(|paths| !paths.is_empty()).ok_or(Problem { message, span })
}

/// `name = "text"` and `name = { env = "VARIABLE" }`.
fn placeholders(
    table: Option<BTreeMap<String, Spanned<toml::Value>>>,
    prefix: Option<Spanned<String>>,
    suffix: Option<Spanned<String>>,
) -> std::result::Result<Option<FilePlaceholders>, Problem> {
    let mark = |key: &str, mark: Option<Spanned<String>>| match mark {
        Some(mark) if mark.get_ref().is_empty() => {
            Err(Problem { message: format!("`{key}`: it must not be empty"), span: mark.span() })
        }
        mark => Ok(mark.map(Spanned::into_inner)),
    };
    let (prefix, suffix) = (mark("placeholder_prefix", prefix)?, mark("placeholder_suffix", suffix)?);
    let Some(table) = table else { return Ok(None) };
    let mut values = Vec::new();
    for (name, value) in table {
        let (span, value) = (value.span(), value.into_inner());
        let of_variable = |table: &toml::Table| match table.get("env") {
            Some(toml::Value::String(variable)) if table.len() == 1 => Some(variable.clone()),
            _ => None,
        };
        let value = match &value {
            toml::Value::String(text) => Some(FilePlaceholder::Text(text.clone())),
            toml::Value::Table(table) => of_variable(table).map(FilePlaceholder::Environment),
            _ => None,
        };
        let Some(value) = value else {
            let message = format!("`placeholders.{name}`: expected a text, or {{ env = \"VARIABLE\" }}");
            return Err(Problem { message, span });
        };
        values.push((name, value));
    }
    Ok(Some(FilePlaceholders { prefix, suffix, values }))
}

/// Where the URL comes from: one of four ways.
fn url_source(raw: &Raw) -> std::result::Result<Option<UrlSource>, Problem> {
    let ways = [
        raw.database_url.as_ref().map(|url| (url.span(), UrlSource::Literal(Secret(url.get_ref().clone())))),
        raw.database_url_env.as_ref().map(|name| (name.span(), UrlSource::Variable(name.get_ref().clone()))),
        raw.database_url_file.as_ref().map(|file| (file.span(), UrlSource::File(file.get_ref().clone()))),
        raw.database_url_command.as_ref().map(|words| {
            (words.span(), UrlSource::Command { words: words.get_ref().clone(), folder: PathBuf::new() })
        }),
    ];
    let mut given = ways.into_iter().flatten();
    let Some((span, source)) = given.next() else { return Ok(None) };
    let message = match (&source, given.next()) {
        (_, Some((span, _))) => {
            let message = "the database's URL is told in two ways here: leave one out".to_owned();
            return Err(Problem { message, span });
        }
        (UrlSource::Variable(name), _) if name.is_empty() || name.contains(['=', '\0']) => {
            "`database_url_env` is no name of a variable"
        }
        (UrlSource::Command { words, .. }, _) if words.first().is_none_or(String::is_empty) => {
            "`database_url_command` names no program"
        }
        _ => return Ok(Some(source)),
    };
    Err(Problem { message: message.to_owned(), span })
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(text: &str, expected: &Expect) {
        let problem = parse(text).unwrap_err();
        expected.assert_eq(&format!("{:?}: {}", &text[problem.span], problem.message));
    }

    #[test]
    fn everything_that_may_stand_in_it() {
        let text = "database_url = 'sqlite:///a.db'\ndir = 'db'\nlayout = 'auto'\nhistory_table = 'h'\n\
                    journal_table = 'j'\nlock_timeout = 5\nlock_retries = 4\nignore_missing = true\nout_of_order = 'refuse'\n";
        let settings = parse(text).unwrap();
        assert_eq!(settings.dir, Some(vec!["db".into()]));
        assert_eq!(parse("dir = ['a', 'b']").unwrap().dir, Some(vec!["a".into(), "b".into()]));
        assert_eq!(settings.layout, Some(LayoutChoice(None)));
        assert_eq!(settings.lock_timeout, Some(Duration::from_secs(5)));
        assert_eq!((settings.lock_retries, settings.ignore_missing), (Some(4), Some(true)));
        assert_eq!(settings.out_of_order, Some(OutOfOrder::Refuse));
    }

    #[test]
    fn what_may_not() {
        check(
            "dir = 'x'\ndirectory = 'y'\n",
            &expect![[
                r#""directory": unknown field `directory`, expected one of `database_url`, `database_url_env`, `database_url_file`, `database_url_command`, `dir`, `layout`, `history_table`, `journal_table`, `environment_table`, `history_schema`, `schema`, `tenants`, `lock_timeout`, `lock_retries`, `statement_timeout`, `ignore_missing`, `out_of_order`, `placeholders`, `placeholder_prefix`, `placeholder_suffix`, `env_substitution`, `protected`, `hook`, `default_env`, `env`"#
            ]],
        );
        check(
            "layout = 'liquibase'\n",
            &expect![[
                r#""'liquibase'": `layout`: expected auto, diesel, json, golang-migrate, sqlx, flyway, refinery, goose, dbmate, prisma"#
            ]],
        );
        check(
            "lock_timeout = 'long'\n",
            &expect![[r#""'long'": `lock_timeout`: expected a number of seconds"#]],
        );
        for odd in ["[]", "1", "['a', 1]"] {
            let problem = parse(&format!("dir = {odd}\n")).unwrap_err();
            assert_eq!(problem.message, "`dir`: expected a string, or a list of strings", "{odd}");
        }
        check(
            "out_of_order = 'ignore'\n",
            &expect![[r#""'ignore'": `out_of_order`: expected apply or refuse"#]],
        );
        check(
            "[placeholders]\nx = 1\n",
            &expect![[r#""1": `placeholders.x`: expected a text, or { env = "VARIABLE" }"#]],
        );
        check("placeholder_prefix = ''\n", &expect![[r#""''": `placeholder_prefix`: it must not be empty"#]]);
        check("dir = \n", &expect![[r#""": string values must be quoted, expected literal string"#]]);
    }

    #[test]
    fn the_nearest_file_upwards() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("a/b");
        fs::create_dir_all(&deep).unwrap();
        fs::write(root.path().join(FILE_NAME), "").unwrap();
        assert_eq!(find(&deep), Some(root.path().join(FILE_NAME)));
        fs::write(root.path().join("a").join(FILE_NAME), "").unwrap();
        assert_eq!(find(&deep), Some(root.path().join("a").join(FILE_NAME)));
    }
}
