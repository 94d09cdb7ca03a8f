//! What holds for the analysis of every text: one byte chooses the dialect, the rest is the text.
//!
//! PostgreSQL's own grammar is among what reads it, so a fault in the C code below shows as well.

#![no_main]

use libfuzzer_sys::fuzz_target;
use migration_lineage::Analyzer;
use migration_syntax::Dialect;

/// Something for names to mean.
const TABLES: &str =
    "CREATE TABLE t (a int, b text); CREATE TABLE u (a int, c text); CREATE VIEW v AS SELECT a, b FROM t;";

fuzz_target!(|data: &[u8]| {
    let [switch, text @ ..] = data else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    // PostgreSQL more often than the others, whose parser it shares.
    let dialect = match switch % 6 {
        0 => Dialect::Sqlite,
        1 => Dialect::Mysql,
        _ => Dialect::Postgres,
    };
    let mut analyzer = Analyzer::new(dialect);
    assert!(analyzer.analyze(TABLES).is_ok());
    let Ok(analysis) = analyzer.analyze(text) else { return };
    let mut end = 0;
    for statement in &analysis.statements {
        assert!(end <= statement.start && statement.start <= statement.end && statement.end <= text.len());
        end = statement.end;
        for part in &statement.unanalysed {
            assert!(statement.start <= part.start && part.start <= part.end && part.end <= statement.end);
            assert!(!part.reason.is_empty());
        }
    }
    assert!(analysis.coverage.analysed <= analysis.coverage.statements);
});
