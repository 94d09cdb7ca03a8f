//! What became of a statement that ran outside of a transaction when its runner was cut off.
//!
//! `CREATE INDEX CONCURRENTLY` that is cut off leaves an index that is marked invalid and that every write keeps up to date
//! (<https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY>): it is dropped, and the
//! statement runs again. What `REINDEX CONCURRENTLY` leaves goes the same way.

use migration_syntax::{Dialect, Token, TokenKind, tokens};

use crate::backend::{Backend, InFlight};
use crate::error::DatabaseError;
use crate::value::Value;

/// Looks whether a statement took effect.
pub(super) fn look_for(
    backend: &mut dyn Backend,
    sql: &str,
    fingerprint: Option<&str>,
) -> Result<InFlight, DatabaseError> {
    let tokens = significant(sql);
    let is = |place: usize, word: &str| tokens.get(place).is_some_and(|token| token.is_word(word));
    let word =
        |place: usize| tokens.get(place).map(|token| token.text.to_ascii_lowercase()).unwrap_or_default();
    match (word(0).as_str(), word(1).as_str()) {
        ("create", "index" | "unique") => created_index(backend, sql, &tokens, fingerprint),
        ("drop", "index") => {
            let mut at = 2;
            while is(at, "concurrently") || is(at, "if") || is(at, "exists") {
                at += 1;
            }
            exists(backend, "to_regclass($1) IS NOT NULL", &name(&tokens[at..])).map(|found| done_if(!found))
        }
        (verb @ ("create" | "drop"), kind @ ("database" | "tablespace" | "subscription")) => {
            let (catalog, column) = match kind {
                "database" => ("pg_database", "datname"),
                "tablespace" => ("pg_tablespace", "spcname"),
                _ => ("pg_subscription", "subname"),
            };
            let at = if is(2, "if") { 4 } else { 2 };
            let name = tokens.get(at).map(|token| token.identifier().into_owned()).unwrap_or_default();
            let found =
                exists(backend, &format!("EXISTS (SELECT FROM {catalog} WHERE {column} = $1)"), &name)?;
            Ok(done_if(found == (verb == "create")))
        }
        ("alter", "table") => detached(backend, &tokens),
        ("reindex", _) => reindexed(backend, sql, &tokens),
        // Harmless when they run twice.
        ("vacuum" | "cluster", _) | ("alter", "system" | "database") => Ok(InFlight::NotDone),
        _ => Ok(InFlight::Undecided),
    }
}

fn done_if(done: bool) -> InFlight {
    if done { InFlight::Done } else { InFlight::NotDone }
}

/// `CREATE [UNIQUE] INDEX CONCURRENTLY [[IF NOT EXISTS] name] ON [ONLY] table …`
fn created_index(
    backend: &mut dyn Backend,
    sql: &str,
    tokens: &[Token<'_>],
    fingerprint: Option<&str>,
) -> Result<InFlight, DatabaseError> {
    let Some(on) = tokens.iter().position(|token| token.is_word("on")) else {
        return Ok(InFlight::Undecided);
    };
    let index = &tokens[on - 1];
    let table = indexed_table(tokens, on);
    if index.is_word("concurrently") {
        // The server made up a name: it is an index that the table did not have before.
        return match fingerprint {
            Some(before) => created_since(backend, sql, &table, before),
            None => Ok(InFlight::Undecided),
        };
    }
    let select = "SELECT format('%I.%I', n.nspname, c.relname) AS name, i.indisvalid AS valid FROM pg_index i \
                  JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
                  WHERE i.indrelid = to_regclass($1) AND c.relname = $2";
    // Unquoted names are folded to lower case by the server.
    let folded = if index.kind == TokenKind::QuotedIdentifier {
        index.identifier().into_owned()
    } else {
        index.text.to_lowercase()
    };
    let found = backend.query(select, &[table.as_str().into(), folded.as_str().into()])?;
    match (found.get(0, "name").and_then(Value::as_str), found.get(0, "valid")) {
        (Some(_), Some(Value::Bool(true))) => Ok(InFlight::Done),
        (Some(name), _) => {
            tracing::info!(index = name, sql, "dropping the invalid index that was left");
            backend.batch(&format!("DROP INDEX CONCURRENTLY {name}")).map(|()| InFlight::NotDone)
        }
        (None, _) => Ok(InFlight::NotDone),
    }
}

/// The table behind `ON [ONLY]`, with its schema.
fn indexed_table(tokens: &[Token<'_>], on: usize) -> String {
    let only = tokens.get(on + 1).is_some_and(|token| token.is_word("only"));
    name(tokens.get(on + 1 + usize::from(only)..).unwrap_or_default())
}

/// The indexes of the table, by their numbers, where the statement leaves the name of a new one to the server.
pub(super) fn fingerprint(backend: &mut dyn Backend, sql: &str) -> Result<Option<String>, DatabaseError> {
    let tokens = significant(sql);
    let creates = tokens.first().is_some_and(|token| token.is_word("create"));
    let on = tokens.iter().position(|token| token.is_word("on"));
    let Some(on) = on.filter(|&on| creates && tokens[on - 1].is_word("concurrently")) else {
        return Ok(None);
    };
    let select = "SELECT coalesce(string_agg(indexrelid::text, ',' ORDER BY indexrelid), '') FROM pg_index \
                  WHERE indrelid = to_regclass($1)";
    let found = backend.query(select, &[indexed_table(&tokens, on).as_str().into()])?;
    Ok(found.rows.first().and_then(|row| row.first()?.as_str()).map(str::to_owned))
}

/// Whether the table has a valid index that it did not have; invalid ones are dropped.
fn created_since(
    backend: &mut dyn Backend,
    sql: &str,
    table: &str,
    before: &str,
) -> Result<InFlight, DatabaseError> {
    let select = "SELECT format('%I.%I', n.nspname, c.relname) AS name, i.indisvalid AS valid FROM pg_index i \
                  JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
                  WHERE i.indrelid = to_regclass($1) AND i.indexrelid::text <> ALL (string_to_array($2, ','))";
    let found = backend.query(select, &[table.into(), before.into()])?;
    let mut state = InFlight::NotDone;
    for row in &found.rows {
        match (row.first().and_then(Value::as_str), row.get(1)) {
            (Some(_), Some(Value::Bool(true))) => state = InFlight::Done,
            (Some(name), _) => {
                tracing::info!(index = name, sql, "dropping the invalid index that was left");
                backend.batch(&format!("DROP INDEX CONCURRENTLY {name}"))?;
            }
            (None, _) => {}
        }
    }
    Ok(state)
}

/// `ALTER TABLE … DETACH PARTITION name CONCURRENTLY`: what is pending is brought to its end, as the manual says
/// (<https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION>).
fn detached(backend: &mut dyn Backend, tokens: &[Token<'_>]) -> Result<InFlight, DatabaseError> {
    let at = |word: &str| tokens.iter().position(|token| token.is_word(word));
    let (Some(detach), Some(partition)) = (at("detach"), at("partition")) else {
        return Ok(InFlight::Undecided);
    };
    let child = name(&tokens[partition + 1..]);
    let select = "SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = to_regclass($1)";
    let found = backend.query(select, &[child.as_str().into()])?;
    match found.rows.first().and_then(|row| row.first()) {
        None => Ok(InFlight::Done),
        Some(Value::Bool(true)) => {
            let head: Vec<&str> = tokens[..detach].iter().map(|token| token.text).collect();
            // Blanks between the parts of a qualified name do no harm.
            let finalize = format!("{} DETACH PARTITION {child} FINALIZE", head.join(" "));
            backend.batch(&finalize).map(|()| InFlight::Done)
        }
        Some(_) => Ok(InFlight::NotDone),
    }
}

fn significant(sql: &str) -> Vec<Token<'_>> {
    tokens(sql, Dialect::Postgres).map_while(Result::ok).filter(|token| !token.is_trivia()).collect()
}

/// `REINDEX [(…)] INDEX|TABLE|SCHEMA|DATABASE|SYSTEM [CONCURRENTLY] name`
///
/// What is built beside the old indexes is named like them with `_ccnew`, what is replaced with `_ccold`. What is left of
/// either is invalid, and nothing else ever removes it: see "Rebuilding Indexes Concurrently" in
/// <https://www.postgresql.org/docs/current/sql-reindex.html>.
fn reindexed(backend: &mut dyn Backend, sql: &str, tokens: &[Token<'_>]) -> Result<InFlight, DatabaseError> {
    let kind = |token: &Token<'_>| {
        ["index", "table", "schema", "database", "system"].into_iter().find(|word| token.is_word(word))
    };
    let found = tokens.iter().enumerate().find_map(|(at, token)| kind(token).map(|kind| (at, kind)));
    let Some((at, kind)) = found else { return Ok(InFlight::NotDone) };
    let concurrently = tokens.get(at + 1).is_some_and(|token| token.is_word("concurrently"));
    let name = name(&tokens[(at + 1 + usize::from(concurrently)).min(tokens.len())..]);
    let among = match kind {
        "index" => "i.indrelid = (SELECT indrelid FROM pg_index WHERE indexrelid = to_regclass($1))",
        "table" => {
            "i.indrelid IN (SELECT unnest(ARRAY[oid, reltoastrelid]) FROM pg_class WHERE oid = to_regclass($1))"
        }
        "schema" => "n.nspname = (parse_ident($1))[1]",
        _ => "$1 IS NOT NULL",
    };
    let select = format!(
        "SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$' AND {among}"
    );
    let left = backend.query(&select, &[name.as_str().into()])?;
    for index in left.rows.iter().filter_map(|row| row.first()?.as_str()) {
        tracing::info!(index, sql, "dropping the invalid index that was left");
        backend.batch(&format!("DROP INDEX CONCURRENTLY {index}"))?;
    }
    Ok(InFlight::NotDone)
}

/// The name at the head of some tokens, with its schema, as it is written.
fn name(tokens: &[Token<'_>]) -> String {
    let mut text = String::new();
    let mut after_dot = true;
    for token in tokens {
        let dot = token.text == ".";
        if !dot && !after_dot {
            break;
        }
        text.push_str(token.text);
        after_dot = dot;
    }
    text
}

fn exists(backend: &mut dyn Backend, condition: &str, name: &str) -> Result<bool, DatabaseError> {
    let found = backend.query(&format!("SELECT {condition} AS found"), &[name.into()])?;
    Ok(found.get(0, "found") == Some(&Value::Bool(true)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_their_schema() {
        let of = |sql: &str| {
            let tokens: Vec<_> = tokens(sql, Dialect::Postgres)
                .map_while(Result::ok)
                .filter(|token| !token.is_trivia())
                .collect();
            name(&tokens)
        };
        assert_eq!(of("a . \"B c\" (x)"), "a.\"B c\"");
        assert_eq!(of("t USING btree"), "t");
    }
}
