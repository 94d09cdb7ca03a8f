//! `migration new`: writes a migration in the directory's layout.

use jiff::Timestamp;
use migration_kit::sql::{Layout, MigrationSet, NewMigration, detect_all, directories_for, write_new_among};
use schemars::JsonSchema;
use serde::Serialize;

use crate::args::NewArgs;
use crate::context::Context;
use crate::explain::explain_load;
use crate::failure::{NextAction, Result};
use crate::outcome::{CommandData, Outcome};
use crate::screen::View;
use crate::style::{GOOD, paint};

/// What was written.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct NewData {
    /// The new migration's id; `null` when the directory can't be read for another reason.
    id: Option<String>,
    /// The layout that it is written in.
    layout: Layout,
    /// The files.
    files: Vec<String>,
}

impl CommandData for NewData {
    fn render(&self, view: View) -> String {
        if view.quiet {
            return String::new();
        }
        self.files.iter().map(|file| format!("{} {file}\n", paint(GOOD, "created"))).collect()
    }
}

pub(crate) fn run(args: &NewArgs, context: &Context) -> Result<Outcome<NewData>> {
    let settings = context.settings()?;
    let mut options = settings.load_options();
    // A directory that isn't there yet is an empty one; `write_new` makes it.
    let mut dirs = settings.dirs.value.clone();
    let mut found = None;
    if dirs.iter().all(|dir| dir.exists()) {
        dirs = directories_for(&dirs, options.dialect).map_err(|error| explain_load(&error))?;
        found = detect_all(&dirs).map_err(|error| explain_load(&error))?;
    }
    let layout = settings.layout.value.0.or(found).unwrap_or(Layout::Diesel);
    let request = NewMigration {
        name: args.name.clone(),
        description: args.description.clone(),
        sql: args.sql.clone(),
        rollback_sql: args.rollback_sql.clone(),
        dependencies: args.depends_on.clone(),
        at: Timestamp::now(),
    };
    let paths = write_new_among(&dirs, layout, &request).map_err(|error| explain_load(&error))?;
    let files: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    // The id is what the directory, read again, says of these files.
    options.layout = Some(layout);
    let id = MigrationSet::load_all(&dirs, &options).ok().and_then(|set| {
        let mut migrations = set.migrations().iter();
        migrations.find(|m| m.up.path.as_ref().is_some_and(|up| paths.contains(up))).map(|m| m.id.clone())
    });
    let actions = [
        NextAction::manual(format!("write its SQL into {}", files.join(" and "))),
        NextAction::run("see what it would do", context.call.command(&["plan"])),
    ];
    let skip = usize::from(args.sql.is_some());
    Ok(Outcome::done(NewData { id, layout, files }).advise(actions.into_iter().skip(skip)))
}
