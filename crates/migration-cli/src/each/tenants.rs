//! Which tenants a call names.

use std::fs;
use std::path::{Path, PathBuf};

use migration_kit::sql::{DatabaseUrl, MissingDatabase};

use crate::args::{EachArgs, GlobalArgs};
use crate::context::Context;
use crate::failure::{Failure, NextAction, Place, Result};
use crate::secret::Secret;
use crate::settings::{Origin, Settings, Sourced, UrlSource, below};

/// One of many.
#[derive(Debug)]
pub(super) struct Tenant {
    /// The schema, or the URL with its password masked.
    pub(super) name: String,
    pub(super) context: Context,
}

/// The tenants of a call; `None` where it is about one database, and one schema of it at most.
///
/// # Errors
/// `tenants.none` where nothing is found, `tenants.invalid_url`, `tenants.unreadable`, `tenants.one_history`, and whatever keeps
/// the schemas from being listed.
pub(super) fn of_call(args: &EachArgs, context: &Context) -> Result<Option<Vec<Tenant>>> {
    let flags = &context.flags;
    let several = flags.schema.len() > 1;
    if !several && args.for_each_schema.is_empty() && args.for_each_url.is_none() && !args.for_each_tenant {
        return Ok(None);
    }
    let settings = context.settings()?;
    let mut tenants = Vec::new();
    let mut patterns = args.for_each_schema.clone();
    let mut files: Vec<PathBuf> = args.for_each_url.iter().cloned().collect();
    if args.for_each_tenant {
        let spec = settings.tenants.clone().unwrap_or_default();
        if spec.schemas.is_empty() && spec.urls_file.is_none() {
            return Err(Failure::new("tenants.none", "the settings file names no tenants").advise(
                NextAction::manual("write `[tenants]` with `schemas` or `urls_file` into migration.toml"),
            ));
        }
        patterns.extend(spec.schemas);
        files.extend(spec.urls_file);
    }
    let mut schemas = if several { flags.schema.clone() } else { Vec::new() };
    schemas.extend(matching(&patterns, context)?);
    if let (Some(history), false) = (&settings.history_schema.value, schemas.is_empty()) {
        let message = format!("all tenants would have one history, in the schema `{history}`");
        return Err(Failure::new("tenants.one_history", message)
            .because(format!("the schema comes from: {}", settings.history_schema.origin))
            .advise(NextAction::manual(
                "leave `history_schema` out: each history stands in the schema of its tenant",
            )));
    }
    for schema in schemas {
        if !tenants.iter().any(|tenant: &Tenant| tenant.name == schema) {
            tenants.push(in_schema(schema, context, settings));
        }
    }
    for file in files {
        tenants.extend(of_file(&file, context, settings)?);
    }
    Ok(Some(tenants))
}

/// The schemas of the database that go with any of the patterns, in their order.
fn matching(patterns: &[String], context: &Context) -> Result<Vec<String>> {
    if patterns.is_empty() {
        return Ok(Vec::new());
    }
    // Not in one of them: that may be one that isn't there yet.
    let mut settings = context.settings()?.clone();
    settings.schema.value = None;
    let whole = context.for_tenant("", context.flags.clone(), settings);
    let mut connector = whole.connect(MissingDatabase::Refuse)?;
    let schemas = connector.schemas().map_err(|error| whole.explain(&error))?;
    if let Some(pattern) =
        patterns.iter().find(|pattern| !schemas.iter().any(|name| goes_with(pattern, name)))
    {
        return Err(Failure::new("tenants.none", format!("no schema goes with `{pattern}`"))
            .because(format!("the database has: {}", schemas.join(", "))));
    }
    let matches = |name: &String| patterns.iter().any(|pattern| goes_with(pattern, name));
    Ok(schemas.into_iter().filter(matches).collect())
}

fn in_schema(schema: String, context: &Context, settings: &Settings) -> Tenant {
    let flags = GlobalArgs { schema: vec![schema.clone()], ..context.flags.clone() };
    let mut settings = settings.clone();
    settings.schema.value = Some(schema.clone());
    Tenant { context: context.for_tenant(&schema, flags, settings), name: schema }
}

/// The databases of a file: a URL on each line; blank lines and those that begin with `#` are passed over. The relative path of
/// a SQLite file counts from the folder of the file.
fn of_file(path: &Path, context: &Context, settings: &Settings) -> Result<Vec<Tenant>> {
    let text = fs::read_to_string(path).map_err(|error| {
        let message = format!("can't read the file of URLs {}", path.display());
        Failure::new("tenants.unreadable", message).because(error.to_string())
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut tenants = Vec::new();
    for (line, number) in text.trim_start_matches('\u{feff}').lines().zip(1..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let secret = below(folder, Secret(line.to_owned()));
        let url = DatabaseUrl::parse(&secret.0).map_err(|error| {
            let file = Some(path.display().to_string());
            Failure::new(
                "tenants.invalid_url",
                format!("line {number} of {} is no database URL", path.display()),
            )
            .because(error.to_string())
            .at(Place { file, line: Some(number), ..Place::default() })
        })?;
        let flags = GlobalArgs { database_url: Some(secret.0.clone()), ..context.flags.clone() };
        let origin = Origin::File(path.to_owned());
        let mut settings = settings.clone();
        settings.use_url(Sourced { value: UrlSource::Literal(secret), origin });
        let name = url.to_string();
        tenants.push(Tenant { context: context.for_tenant(&name, flags, settings), name });
    }
    if tenants.is_empty() {
        return Err(Failure::new("tenants.none", format!("the file {} names no database", path.display())));
    }
    Ok(tenants)
}

/// Whether a name goes with a pattern, in which `*` stands for anything and `?` for one character.
fn goes_with(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut in_name) = (0, 0);
    // Where the last `*` is, and up to where in the name it reaches so far.
    let mut star = None;
    while in_name < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, in_name));
                at += 1;
            }
            Some(c) if *c == '?' || *c == name[in_name] => {
                at += 1;
                in_name += 1;
            }
            _ => {
                let Some((place, reached)) = star else { return false };
                star = Some((place, reached + 1));
                at = place + 1;
                in_name = reached + 1;
            }
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, name, goes) in [
            ("tenant_*", "tenant_a", true),
            ("tenant_*", "tenant_", true),
            ("tenant_*", "tenant", false),
            ("*", "", true),
            ("*_a", "x_a_a", true),
            ("*_a*b", "x_a_ab_", false),
            ("t?", "té", true),
            ("t?", "t", false),
            ("t", "T", false),
            ("a.b", "axb", false),
            ("**a**", "bab", true),
        ] {
            assert_eq!(goes_with(pattern, name), goes, "{pattern} {name}");
        }
    }
}
