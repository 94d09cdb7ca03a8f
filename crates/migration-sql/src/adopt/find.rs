//! Looking for the tables in which tools keep their histories.

use migration_syntax::Dialect;

use super::{AdoptRequest, Facts, ForeignHistory, Rows, Tool};
use crate::backend::{Backend, refused};
use crate::error::{AdoptError, DatabaseErrorKind, Error, Result};
use crate::identifier::quote;

/// What Rails keeps beside a `schema_migrations` that looks like dbmate's.
const OF_RAILS: &str = "ar_internal_metadata";

/// A table that is there.
#[derive(Debug)]
struct Table {
    name: String,
    /// The same as it stands in a statement.
    sql: String,
    columns: Vec<String>,
}

/// A tool's table that is there.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) tool: Tool,
    pub(crate) table: String,
    sql: String,
}

/// The history that is meant.
///
/// # Errors
/// [`AdoptError`] when there is none or more than one, or the table is somebody else's; `Error::Database` when that can't
/// be found out.
pub(crate) fn find(backend: &mut dyn Backend, request: &AdoptRequest) -> Result<Found> {
    match (&request.table, request.from) {
        (None, None) => detect(backend),
        (given, from) => {
            let usual = from.map_or("", Tool::table);
            let name = given.as_deref().unwrap_or(usual);
            let Some(table) = named(backend, name)? else {
                return Err(AdoptError::NoHistory { looked_for: vec![name.to_owned()] }.into());
            };
            let tools = from.map_or_else(|| Tool::ALL.to_vec(), |tool| vec![tool]);
            match tools.into_iter().find(|tool| fits(tool.facts(), &table.columns)) {
                Some(tool) => Ok(Found { tool, table: table.name, sql: table.sql }),
                None => Err(unknown(&table, from).into()),
            }
        }
    }
}

/// What a table that was found says.
pub(crate) fn read(backend: &mut dyn Backend, found: &Found) -> Result<Vec<super::Entry>> {
    let Found { tool, table, sql } = found;
    let what = format!("the table `{table}` can't be read");
    let output = backend.read_table(sql).map_err(|error| refused(backend, &what, error))?;
    let unreadable = |why: String| AdoptError::UnknownTable {
        table: table.clone(),
        why: format!("as a history of {tool} it makes no sense: {why}"),
    };
    Ok((tool.facts().read)(&Rows::new(output)).map_err(unreadable)?)
}

/// Histories of other tools that say that something is applied. Tables of these `own` names are ours.
pub(crate) fn found_beside(backend: &mut dyn Backend, own: [&str; 2]) -> Result<Vec<ForeignHistory>> {
    let mut histories = Vec::new();
    let Present { tables, of_rails } = present(backend)?;
    for table in
        tables.into_iter().filter(|table| !own.iter().any(|own| own.eq_ignore_ascii_case(&table.name)))
    {
        let tool = tool_of(&table, of_rails);
        let says_something = match tool {
            Some(tool) => {
                let found = Found { tool, table: table.name.clone(), sql: table.sql };
                // What can't be read is there all the same.
                !matches!(read(backend, &found), Ok(entries) if entries.is_empty())
            }
            None => !backend.read_table(&table.sql).is_ok_and(|output| output.rows.is_empty()),
        };
        if says_something {
            histories.push(ForeignHistory { tool, table: table.name });
        }
    }
    Ok(histories)
}

/// The only history that is there.
fn detect(backend: &mut dyn Backend) -> Result<Found> {
    let Present { mut tables, of_rails } = present(backend)?;
    let known: Vec<ForeignHistory> = tables
        .iter()
        .map(|table| ForeignHistory { tool: tool_of(table, of_rails), table: table.name.clone() })
        .filter(|history| history.tool.is_some())
        .collect();
    match (known.as_slice(), tables.first()) {
        ([ForeignHistory { tool: Some(tool), table }], _) => {
            let place = tables.iter().position(|found| found.name == *table).unwrap_or_default();
            let Table { name, sql, .. } = tables.swap_remove(place);
            Ok(Found { tool: *tool, table: name, sql })
        }
        ([], None) => {
            let mut looked_for: Vec<String> = Tool::ALL.iter().map(|tool| tool.table().to_owned()).collect();
            looked_for.dedup();
            looked_for.sort();
            looked_for.dedup();
            Err(AdoptError::NoHistory { looked_for }.into())
        }
        ([], Some(table)) if of_rails && fits(Tool::Dbmate.facts(), &table.columns) => {
            let why = format!("the table `{OF_RAILS}` beside it says that it is of Rails");
            Err(AdoptError::UnknownTable { table: table.name.clone(), why }.into())
        }
        ([], Some(table)) => Err(unknown(table, None).into()),
        _ => Err(AdoptError::Ambiguous { found: known }.into()),
    }
}

/// The tables with usual names that are there.
struct Present {
    tables: Vec<Table>,
    of_rails: bool,
}

fn present(backend: &mut dyn Backend) -> Result<Present> {
    let mut names: Vec<&str> = Tool::ALL.iter().map(|tool| tool.table()).chain([OF_RAILS]).collect();
    names.sort_unstable();
    names.dedup();
    let mut present = Present { tables: Vec::new(), of_rails: false };
    let found = backend.find_tables(None, &names).map_err(|error| refused(backend, LOOKING, error))?;
    for (name, found) in names.into_iter().zip(found).filter(|(_, found)| found.exists) {
        if name == OF_RAILS {
            present.of_rails = true;
            continue;
        }
        let columns = match columns(backend, &found.sql) {
            // It is there all the same.
            Err(error) if error.kind == DatabaseErrorKind::Denied => Vec::new(),
            columns => columns.map_err(|error| refused(backend, LOOKING, error))?,
        };
        present.tables.push(Table { name: name.to_owned(), sql: found.sql, columns });
    }
    Ok(present)
}

const LOOKING: &str = "it can't be found out whether another tool has a history here";

/// A table that somebody named: as an unqualified name is resolved, else in the schema before the first dot.
fn named(backend: &mut dyn Backend, name: &str) -> Result<Option<Table>> {
    let found = backend.find_tables(None, &[name]).map_err(|error| refused(backend, LOOKING, error))?;
    let found = found.into_iter().find(|found| found.exists);
    let dialect = backend.dialect();
    let sql = match (found, name.split_once('.')) {
        (Some(found), _) => found.sql,
        (None, Some((schema, table))) if dialect != Dialect::Sqlite => {
            format!("{}.{}", quote(dialect, schema), quote(dialect, table))
        }
        _ => return Ok(None),
    };
    match columns(backend, &sql) {
        Ok(columns) => Ok(Some(Table { name: name.to_owned(), sql, columns })),
        Err(error) if matches!(error.kind, DatabaseErrorKind::Statement | DatabaseErrorKind::NoDatabase) => {
            Ok(None)
        }
        Err(error) => Err(Error::Database { what: LOOKING.to_owned(), source: error }),
    }
}

/// The names of a table's columns, also of one without rows: as many nulls take their place.
fn columns(backend: &mut dyn Backend, table: &str) -> Result<Vec<String>, crate::DatabaseError> {
    let select = format!("SELECT t.* FROM (SELECT 1 AS one) AS o LEFT JOIN {table} AS t ON 1 = 0");
    Ok(backend.query(&select, &[])?.columns)
}

fn tool_of(table: &Table, of_rails: bool) -> Option<Tool> {
    let tools = Tool::ALL.iter().copied().filter(|tool| tool.table() == table.name);
    let mut tools = tools.filter(|tool| !(of_rails && *tool == Tool::Dbmate));
    tools.find(|tool| fits(tool.facts(), &table.columns))
}

fn fits(facts: &Facts, columns: &[String]) -> bool {
    let has = |name: &str| columns.iter().any(|column| column.eq_ignore_ascii_case(name));
    facts.columns.iter().all(|name| has(name)) && (!facts.no_others || columns.len() == facts.columns.len())
}

fn unknown(table: &Table, tool: Option<Tool>) -> AdoptError {
    if table.columns.is_empty() {
        return AdoptError::UnknownTable { table: table.name.clone(), why: "it can't be read".to_owned() };
    }
    let has = table.columns.join(", ");
    let expected = match tool {
        Some(tool) => format!("{tool} has {}", tool.facts().columns.join(", ")),
        None => "which no tool that is known here has".to_owned(),
    };
    let separator = if tool.is_some() { "; the table of " } else { ", " };
    AdoptError::UnknownTable {
        table: table.name.clone(),
        why: format!("its columns are {has}{separator}{expected}"),
    }
}
