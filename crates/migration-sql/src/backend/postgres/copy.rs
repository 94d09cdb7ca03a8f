//! `COPY … FROM stdin` as it stands in a script.
//!
//! Diesel writes the statement itself, for a table that it knows at compile time. What it asks of a target is only the text
//! behind `COPY`: here that is the script's own, ended so that what diesel appends is a comment.

use std::cell::RefCell;
use std::io::Write;

use diesel::pg::{CopyTarget, Pg, PgConnection};
use diesel::prelude::ExecuteCopyFromDsl as _;
use diesel::query_builder::AstPass;
use diesel::sql_types::Text;

use super::refusal::translate;
use crate::error::DatabaseError;

diesel::table! {
    /// Stands for any table: a target has to name one.
    any (id) {
        id -> Integer,
    }
}

thread_local! {
    /// The text behind `COPY`: a target has no value to keep it in.
    static STATEMENT: RefCell<String> = const { RefCell::new(String::new()) };
}

struct Scripted;

impl CopyTarget for Scripted {
    type Table = any::table;
    type SqlType = Text;

    fn walk_target(mut pass: AstPass<'_, '_, Pg>) -> diesel::QueryResult<()> {
        STATEMENT.with_borrow(|statement| pass.push_sql(statement));
        Ok(())
    }
}

/// Runs the statement and sends the data, line by line as in the script.
pub(super) fn copy_in(connection: &mut PgConnection, sql: &str, data: &str) -> Result<u64, DatabaseError> {
    let behind = sql.get("COPY".len()..).unwrap_or_default();
    STATEMENT.set(format!("{behind}\n--"));
    let data = data.to_owned();
    let send = move |to: &mut dyn Write| {
        let sent = to.write_all(data.as_bytes());
        sent.map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))
    };
    let rows = diesel::copy_from(any::table).from_raw_data(Scripted, send).execute(connection);
    rows.map(|rows| rows as u64).map_err(|error| translate(&error))
}
