//! A source and a sink of records of one's own: a table that is read in pages by its key, and one that is written in
//! batches, each of which counts only when all of them came.

use std::collections::BTreeMap;
use std::io;

use migration_model::{RecordSink, RecordSource, RejectedRecord};
use migration_transform::{DataMigrator, FieldTypeTransformer, Record, Report, RunError, spec::Type};

/// A table: rows by their key, as a database would keep them.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) rows: BTreeMap<i64, String>,
}

/// Reads a table page by page. What it holds is where it is, not what it has read.
struct Pages<'a> {
    table: &'a Table,
    last: Option<i64>,
}

impl RecordSource for Pages<'_> {
    fn name(&self) -> &str {
        "table `users`"
    }

    fn read(&mut self, records: &mut Vec<u8>, wanted: usize) -> io::Result<bool> {
        let before = records.len();
        let after = self.last.map_or(i64::MIN, |last| last + 1);
        // A database would get `WHERE id > ? ORDER BY id LIMIT ?`.
        for (id, row) in self.table.rows.range(after..) {
            self.last = Some(*id);
            records.extend_from_slice(row.as_bytes());
            records.push(b'\n');
            if records.len() - before >= wanted {
                break;
            }
        }
        Ok(records.len() > before)
    }
}

/// Writes to a table in one transaction.
struct Transaction<'a> {
    table: &'a mut Table,
    uncommitted: BTreeMap<i64, String>,
    rejected: &'a mut Vec<String>,
}

impl RecordSink for Transaction<'_> {
    fn name(&self) -> &str {
        "table `people`"
    }

    fn write(&mut self, records: &[u8]) -> io::Result<()> {
        for line in std::str::from_utf8(records).map_err(io::Error::other)?.lines() {
            let record = Record::from_json(line).map_err(|reason| io::Error::other(reason.code()))?;
            let id = record.get("id").and_then(|id| id.to_json().parse().ok());
            let id: i64 = id.ok_or_else(|| io::Error::other(format!("{line} has no key")))?;
            self.uncommitted.insert(id, line.to_owned());
        }
        Ok(())
    }

    fn reject(&mut self, rejected: &RejectedRecord<'_>) -> io::Result<()> {
        self.rejected.push(format!("record {}: {}", rejected.record, rejected.reason));
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.table.rows.append(&mut self.uncommitted);
        Ok(())
    }
}

/// Copies one table to another, with each `age` as a number.
pub(crate) fn copy(from: &Table, to: &mut Table, rejected: &mut Vec<String>) -> Result<Report, RunError> {
    let mut migrator = DataMigrator::default();
    migrator.add_transformer(FieldTypeTransformer::new([("age", Type::Int)]).map_err(RunError::Chain)?);
    let source = Pages { table: from, last: None };
    migrator.run(source, Transaction { table: to, uncommitted: BTreeMap::new(), rejected })
}

#[expect(clippy::print_stdout, reason = "an example shows what it does")]
fn main() -> Result<(), RunError> {
    let rows = [(1, r#"{"id":1,"age":" 42 "}"#), (2, "a broken row"), (7, r#"{"id":7,"age":"old"}"#)];
    let users = Table { rows: rows.map(|(id, row)| (id, row.to_owned())).into() };
    let (mut people, mut rejected) = (Table::default(), Vec::new());
    let report = copy(&users, &mut people, &mut rejected)?;
    for row in people.rows.values() {
        println!("{row}");
    }
    println!("{} of {} rows; {rejected:?}", report.records_out, report.records_in);
    Ok(())
}
