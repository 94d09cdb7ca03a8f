//! The history for SQLite.

use super::Workload;

/// Migrations that share a commit, some that take several transactions, a rebuild without foreign keys, a change of the
/// journal's mode, and statements that can't run in a transaction.
pub(in crate::fault) const SQLITE: Workload = Workload {
    witness: "CREATE TABLE witness (entry TEXT); CREATE TABLE counter (n INTEGER); INSERT INTO counter VALUES (0);",
    reset: "DELETE FROM witness; UPDATE counter SET n = 0;",
    undecidable: &[],
    files: "\
//- migrations/01_tables/up.sql
CREATE TABLE log (entry TEXT);
CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL);
CREATE TABLE parent (id INTEGER PRIMARY KEY);
CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parent ON DELETE CASCADE);
INSERT INTO account VALUES (1, 100), (2, 200), (3, 300);
INSERT INTO parent VALUES (1), (2);
INSERT INTO child VALUES (10, 1), (20, 2);
//- migrations/01_tables/down.sql
INSERT INTO witness SELECT 'at the end ' || count(*) FROM witness;
DROP TABLE child;
DROP TABLE parent;
DROP TABLE account;
DROP TABLE log;
//- migrations/02_shared/up.sql
INSERT INTO log VALUES ('2a');
UPDATE account SET balance = balance + 1;
//- migrations/02_shared/down.sql
UPDATE counter SET n = n * 2 + 2;
INSERT INTO witness SELECT '2 sees ' || n FROM counter;
//- migrations/03_trigger/up.sql
CREATE TRIGGER account_log AFTER UPDATE ON account BEGIN
    INSERT INTO log SELECT 'account; ' || new.id || ' is ' || new.balance;
END;
UPDATE account SET balance = balance * 2 WHERE id < 3;
//- migrations/03_trigger/down.sql
DROP TRIGGER account_log;
UPDATE counter SET n = n * 2 + 3;
//- migrations/04_many/up.sql
INSERT INTO log SELECT 'again ' || entry FROM log;
VACUUM;
UPDATE account SET balance = balance + 3;
INSERT INTO log SELECT '4 sees ' || count(*) FROM log;
PRAGMA journal_mode = WAL;
INSERT INTO log SELECT 'wal sees ' || count(*) FROM log;
PRAGMA journal_mode = DELETE;
INSERT INTO log SELECT '4 ends at ' || count(*) FROM log;
VACUUM;
//- migrations/04_many/down.sql
UPDATE counter SET n = n * 2 + 4;
VACUUM;
INSERT INTO witness SELECT '4 sees ' || n FROM counter;
UPDATE counter SET n = n * 2 + 5;
//- migrations/05_rebuild/up.sql
INSERT INTO log SELECT '5 sees ' || count(*) FROM log;
PRAGMA foreign_keys = OFF;
BEGIN;
CREATE TABLE new_parent (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO new_parent (id) SELECT id FROM parent;
DROP TABLE parent;
ALTER TABLE new_parent RENAME TO parent;
COMMIT;
PRAGMA foreign_keys = ON;
UPDATE parent SET name = 'parent ' || id;
UPDATE account SET balance = balance + 5;
//- migrations/05_rebuild/down.sql
ALTER TABLE parent DROP COLUMN name;
UPDATE counter SET n = n * 2 + 6;
//- migrations/06_each/metadata.toml
run_in_transaction = false
//- migrations/06_each/up.sql
UPDATE account SET balance = balance * 3;
INSERT INTO log SELECT '6 sees ' || sum(balance) FROM account;
BEGIN;
UPDATE account SET balance = balance - 1;
INSERT INTO log SELECT 'then ' || sum(balance) FROM account;
COMMIT;
ALTER TABLE account ADD COLUMN note TEXT;
UPDATE account SET note = coalesce(note, '') || 'n';
//- migrations/06_each/down.sql
UPDATE counter SET n = n * 2 + 7;
ALTER TABLE account DROP COLUMN note;
INSERT INTO witness SELECT '6 sees ' || n FROM counter;
//- migrations/07_shared/up.sql
INSERT INTO log SELECT '7 sees ' || count(*) FROM log;
//- migrations/07_shared/down.sql
UPDATE counter SET n = n * 2 + 8;
//- migrations/08_shared/up.sql
CREATE INDEX log_entry ON log (entry);
CREATE VIEW rich AS SELECT id FROM account WHERE balance > 1000;
UPDATE account SET balance = balance + 8;
//- migrations/08_shared/down.sql
DROP VIEW rich;
DROP INDEX log_entry;
INSERT INTO witness VALUES ('8');
",
};
