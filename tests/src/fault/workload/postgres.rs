//! The history for PostgreSQL.

use super::Workload;

/// Migrations of one transaction, and files that mix rows with what the server refuses inside of a transaction: indexes
/// that are built, rebuilt and dropped beside running work, `VACUUM`, a partition that is detached; data behind `COPY`;
/// settings of the session; `BEGIN … COMMIT` of the script's own.
pub(in crate::fault) const POSTGRES: Workload = Workload {
    witness: "CREATE TABLE witness (entry text); CREATE TABLE counter (n bigint); INSERT INTO counter VALUES (0);",
    reset: "TRUNCATE witness; UPDATE counter SET n = 0;",
    undecidable: &[],
    files: "\
//- migrations/01_tables/up.sql
CREATE TABLE log (entry text);
CREATE TABLE account (id int PRIMARY KEY, balance bigint NOT NULL);
CREATE TABLE item (id int PRIMARY KEY, a int, b int, note text);
INSERT INTO account SELECT g, g * 100 FROM generate_series(1, 3) g;
INSERT INTO item SELECT g, g % 7, g % 11 FROM generate_series(1, 120) g;
//- migrations/01_tables/down.sql
INSERT INTO witness SELECT 'at the end ' || count(*) FROM witness;
DROP TABLE item, account, log;
//- migrations/02_one/up.sql
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    INSERT INTO log SELECT 'account; ' || new.id || ' is ' || new.balance;
    RETURN new;
END
$body$;
CREATE TRIGGER account_log AFTER UPDATE ON account FOR EACH ROW EXECUTE FUNCTION note();
UPDATE account SET balance = balance + 1;
DO $do$ BEGIN INSERT INTO log SELECT '2 sees ' || count(*) FROM log; END $do$;
//- migrations/02_one/down.sql
DROP TRIGGER account_log ON account;
DROP FUNCTION note;
UPDATE counter SET n = n * 2 + 2;
//- migrations/03_concurrently/up.sql
INSERT INTO log SELECT 'again ' || entry FROM log;
CREATE INDEX CONCURRENTLY item_a ON item (a);
UPDATE account SET balance = balance * 2 WHERE id < 3;
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"Item B\" ON public.item (b, id);
VACUUM item;
INSERT INTO log SELECT '3 sees ' || count(*) FROM log;
UPDATE account SET balance = balance + 3;
//- migrations/03_concurrently/down.sql
UPDATE counter SET n = n * 2 + 3;
DROP INDEX CONCURRENTLY item_a;
INSERT INTO witness SELECT '3 sees ' || n FROM counter;
DROP INDEX CONCURRENTLY IF EXISTS \"Item B\";
UPDATE counter SET n = n * 2 + 4;
//- migrations/04_each/metadata.toml
run_in_transaction = false
//- migrations/04_each/up.sql
UPDATE account SET balance = balance * 3;
INSERT INTO log SELECT '4 sees ' || sum(balance) FROM account;
BEGIN;
UPDATE account SET balance = balance - 1;
INSERT INTO log SELECT 'then ' || sum(balance) FROM account;
COMMIT;
ALTER TABLE account ADD COLUMN note text NOT NULL DEFAULT '';
UPDATE account SET note = note || 'n';
//- migrations/04_each/down.sql
UPDATE counter SET n = n * 2 + 5;
ALTER TABLE account DROP COLUMN note;
INSERT INTO witness SELECT '4 sees ' || n FROM counter;
//- migrations/05_copy/up.sql
COPY log (entry) FROM stdin;
copied; once
copied, too
\\.
REINDEX INDEX CONCURRENTLY item_a;
COPY log FROM stdin;
after the index
\\.
REINDEX TABLE CONCURRENTLY item;
INSERT INTO log SELECT '5 sees ' || count(*) FROM log;
//- migrations/05_copy/down.sql
UPDATE counter SET n = n * 2 + 6;
//- migrations/06_session/up.sql
CREATE SCHEMA app;
SET search_path = app, public;
SET app.amount = '6';
CREATE TABLE part (id int, n int) PARTITION BY RANGE (id);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (10);
CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM (10) TO (20);
INSERT INTO part SELECT g, g FROM generate_series(0, 19) g;
CREATE INDEX CONCURRENTLY part_2_n ON part_2 (n);
UPDATE part SET n = n + current_setting('app.amount')::int;
VACUUM part;
INSERT INTO log SELECT '6 sees ' || sum(n) || ' by ' || current_setting('app.amount') FROM part;
//- migrations/06_session/down.sql
DROP INDEX CONCURRENTLY app.part_2_n;
UPDATE counter SET n = n * 2 + 7;
DROP SCHEMA app CASCADE;
//- migrations/07_last/up.sql
CREATE VIEW rich AS SELECT id FROM account WHERE balance > 1000;
UPDATE account SET balance = balance + 7;
INSERT INTO log SELECT '7 sees ' || count(*) FROM log;
//- migrations/07_last/down.sql
DROP VIEW rich;
INSERT INTO witness SELECT '7 sees ' || n FROM counter;
",
};
