//! Statements whose columns the server tells only once they have run, as MySQL does of every `SHOW CREATE` and MariaDB of
//! that of a trigger.
//!
//! Diesel asks for the columns of a statement before it runs it. So one that changes nothing runs twice: first without
//! reading its rows, then, still prepared, with them.

use diesel::connection::CacheSize;
use diesel::mysql::{Mysql, MysqlConnection};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Untyped;
use diesel::{Connection, QueryResult, RunQueryDsl};
use migration_syntax::{Dialect, tokens};

use super::value::Row;

/// A statement that stays prepared; those of `sql_query` don't.
struct Kept<'a>(&'a str);

impl QueryFragment<Mysql> for Kept<'_> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Mysql>) -> QueryResult<()> {
        pass.push_sql(self.0);
        Ok(())
    }
}

impl QueryId for Kept<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Kept<'_> {
    type SqlType = Untyped;
}

impl RunQueryDsl<MysqlConnection> for Kept<'_> {}

/// Whether a statement has to be read this way, and can be.
pub(super) fn is_told_late(sql: &str) -> bool {
    let first = tokens(sql, Dialect::Mysql).map_while(Result::ok).find(|token| !token.is_trivia());
    first.is_some_and(|first| first.is_word("show") || first.is_word("check"))
}

/// Its rows.
pub(super) fn rows(connection: &mut MysqlConnection, sql: &str) -> QueryResult<Vec<Row>> {
    let first = Kept(sql).execute(connection);
    let rows = first.and_then(|_| Kept(sql).load(connection));
    // Nothing else is kept: the server has a limit for all sessions together.
    connection.set_prepared_statement_cache_size(CacheSize::Disabled);
    connection.set_prepared_statement_cache_size(CacheSize::Unbounded);
    rows
}
