//! `migration dump`: the schema as SQL text.

use migration_kit::sql::{DumpOptions, MissingDatabase};
use migration_kit::syntax::Dialect;
use schemars::JsonSchema;
use serde::Serialize;

use crate::args::DumpArgs;
use crate::context::Context;
use crate::failure::Result;
use crate::outcome::{CommandData, Outcome};
use crate::screen::View;

/// The schema.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DumpData {
    /// The database's dialect.
    dialect: Dialect,
    /// Statements that make the same schema; the same schema gives the same text.
    sql: String,
}

impl CommandData for DumpData {
    const RAW: bool = true;

    fn render(&self, _view: View) -> String {
        self.sql.clone()
    }
}

pub(crate) fn run(args: &DumpArgs, context: &Context) -> Result<Outcome<DumpData>> {
    let mut connector = context.connect(MissingDatabase::Refuse)?;
    let mut options = DumpOptions::default();
    if !args.include_tracking {
        let settings = context.settings()?;
        let tables = [&settings.history_table, &settings.journal_table, &settings.environment_table];
        options.without = tables.map(|table| table.value.clone()).into();
    }
    let sql = connector.dump(&options).map_err(|error| context.explain(&error))?;
    Ok(Outcome::done(DumpData { dialect: connector.dialect(), sql }))
}
