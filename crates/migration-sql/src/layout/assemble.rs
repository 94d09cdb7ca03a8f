//! From the migrations of a directory to a set: ids, dependencies, and the files in the errors about them.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use migration_model::{GraphError, check_id};

use super::{Layout, LoadError, Loaded};
use crate::{MigrationSet, SqlMigration};

pub(super) fn assemble(root: PathBuf, layout: Layout, loaded: Loaded) -> Result<MigrationSet, LoadError> {
    let Loaded { mut migrations, mut warnings, written_for } = loaded;
    // The set checks them as well, but can't say in which file they stand.
    for migration in &migrations {
        check_id(&migration.id)
            .map_err(|source| LoadError::InvalidId { path: file(migration, &root), source })?;
    }
    let depends_in = |migration: &SqlMigration| {
        let file = file(migration, &root);
        if layout == Layout::Diesel { file.with_file_name("metadata.toml") } else { file }
    };
    resolve(&mut migrations, depends_in)?;
    warnings.extend(alike(&migrations));

    // Only those that depend on something can be in a cycle; of most sets that is none.
    let dependent = migrations.iter().filter(|migration| !migration.dependencies.is_empty());
    let files: HashMap<String, PathBuf> = dependent.map(|m| (m.id.clone(), depends_in(m))).collect();
    let mut set = MigrationSet::new(migrations).map_err(|error| match error {
        LoadError::Graph(GraphError::Cycle { path: ids }) => {
            let around = ids.iter().take(ids.len().saturating_sub(1).max(1));
            let paths = around.filter_map(|id| files.get(id).cloned()).collect();
            LoadError::Cycle { ids, paths }
        }
        other => other,
    })?;
    set.layout = Some(layout);
    set.root = Some(root);
    set.warnings = warnings;
    set.written_for = written_for;
    Ok(set)
}

fn file(migration: &SqlMigration, root: &Path) -> PathBuf {
    migration.up.path.clone().unwrap_or_else(|| root.to_owned())
}

/// Replaces versions among the dependencies by ids. An id goes before a version that looks the same.
fn resolve(
    migrations: &mut [SqlMigration],
    depends_in: impl Fn(&SqlMigration) -> PathBuf,
) -> Result<(), LoadError> {
    if migrations.iter().all(|migration| migration.dependencies.is_empty()) {
        return Ok(());
    }
    let ids: HashSet<String> = migrations.iter().map(|migration| migration.id.clone()).collect();
    let versions: HashMap<String, String> =
        migrations.iter().filter_map(|m| Some((m.version.clone()?, m.id.clone()))).collect();
    let mut missing = Vec::new();
    for migration in migrations {
        let path = depends_in(migration);
        for dependency in migration.dependencies.iter_mut().filter(|dependency| !ids.contains(*dependency)) {
            // Folders write versions with dashes.
            match versions.get(dependency).or_else(|| versions.get(&dependency.replace('-', ""))) {
                Some(id) => id.clone_into(dependency),
                None => missing.push((path.clone(), dependency.clone())),
            }
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(LoadError::MissingDependency { missing }) }
}

/// Ids that are one and the same on file systems and in databases that don't tell case apart.
fn alike(migrations: &[SqlMigration]) -> Vec<String> {
    let small = |byte: &u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    if migrations.iter().all(|migration| migration.id.as_bytes().iter().all(small)) {
        return Vec::new();
    }
    let mut seen: HashMap<String, &str> = HashMap::with_capacity(migrations.len());
    let mut warnings = Vec::new();
    for migration in migrations {
        if let Some(other) = seen.insert(migration.id.to_lowercase(), &migration.id) {
            let id = &migration.id;
            warnings.push(format!(
                "the ids `{other}` and `{id}` differ only in case: not every system tells them apart"
            ));
        }
    }
    warnings
}
