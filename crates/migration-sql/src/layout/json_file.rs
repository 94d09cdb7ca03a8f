//! The JSON file of a migration, field by field.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use migration_model::Checksum;
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::NewMigration;

/// The file as it stands. It must have `id`, `name` and `sql`; the rest may be missing or `null`.
#[derive(Debug, Serialize)]
pub(super) struct JsonFile {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) sql: String,
    pub(super) rollback_sql: Option<String>,
    pub(super) dependencies: Vec<String>,
    /// ISO 8601, with a zone or without: whoever wrote it knew which clock was meant.
    pub(super) created_at: Option<String>,
    /// What the writer thought of it when it wrote it. What is applied, the database knows.
    pub(super) status: Option<String>,
    pub(super) checksum: Option<String>,
    /// Keys that mean nothing to us.
    #[serde(skip)]
    pub(super) unknown: Vec<String>,
}

impl JsonFile {
    /// A file for a new migration. Without SQL it states no checksum: the text is yet to be filled in.
    pub(super) fn from_new(id: &str, new: &NewMigration) -> Self {
        let checksum = new.sql.as_ref().map(|sql| Checksum::of(sql).short().to_owned());
        Self {
            id: id.to_owned(),
            name: new.name.trim().to_owned(),
            description: new.description.clone(),
            sql: new.sql.clone().unwrap_or_else(|| "-- The SQL that applies this migration.".to_owned()),
            rollback_sql: new.rollback_sql.clone(),
            dependencies: new.dependencies.clone(),
            // Older Pythons don't read a `Z`.
            created_at: Some(new.at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()),
            status: Some("pending".to_owned()),
            checksum,
            unknown: Vec::new(),
        }
    }

    /// The text of the file.
    pub(super) fn to_json(&self) -> String {
        // Strings, and maps whose keys are strings, always have a JSON form.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

impl<'de> Deserialize<'de> for JsonFile {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Fields)
    }
}

/// Written by hand for the sake of the unknown keys: `flatten` would lose the lines and columns of errors.
struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = JsonFile;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object that describes a migration")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<JsonFile, M::Error> {
        let (mut id, mut name, mut sql) = (None, None, None);
        let (mut description, mut rollback_sql, mut dependencies) = (None, None, None);
        let (mut created_at, mut status, mut checksum) = (None, None, None);
        let mut unknown = Vec::new();
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match key.as_ref() {
                "id" => set(&mut id, "id", &mut map)?,
                "name" => set(&mut name, "name", &mut map)?,
                "description" => set(&mut description, "description", &mut map)?,
                "sql" => set(&mut sql, "sql", &mut map)?,
                "rollback_sql" => set(&mut rollback_sql, "rollback_sql", &mut map)?,
                "dependencies" => set(&mut dependencies, "dependencies", &mut map)?,
                "created_at" => {
                    set(&mut created_at, "created_at", &mut map)?;
                    check_time(created_at.as_ref())?;
                }
                "status" => set(&mut status, "status", &mut map)?,
                "checksum" => set(&mut checksum, "checksum", &mut map)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    unknown.push(key.into_owned());
                }
            }
        }
        // A file without SQL was not meant to be a migration at all: that is what is said first.
        let sql = sql.ok_or_else(|| M::Error::missing_field("sql"))?;
        let id = id.ok_or_else(|| M::Error::missing_field("id"))?;
        let name = name.ok_or_else(|| M::Error::missing_field("name"))?;
        Ok(JsonFile {
            id,
            name,
            description: description.flatten(),
            sql,
            rollback_sql: rollback_sql.flatten(),
            dependencies: dependencies.flatten().unwrap_or_default(),
            created_at: created_at.flatten(),
            status: status.flatten(),
            checksum: checksum.flatten(),
            unknown,
        })
    }
}

fn set<'de, M: MapAccess<'de>, T: Deserialize<'de>>(
    field: &mut Option<T>,
    name: &'static str,
    map: &mut M,
) -> Result<(), M::Error> {
    if field.is_some() {
        return Err(M::Error::duplicate_field(name));
    }
    *field = Some(map.next_value()?);
    Ok(())
}

fn check_time<E: serde::de::Error>(text: Option<&Option<String>>) -> Result<(), E> {
    let Some(Some(text)) = text else { return Ok(()) };
    if text.trim().is_empty() || text.parse::<Timestamp>().is_ok() || text.parse::<DateTime>().is_ok() {
        return Ok(());
    }
    Err(E::custom(format_args!("`created_at` is no ISO 8601 time: {text:?}")))
}
