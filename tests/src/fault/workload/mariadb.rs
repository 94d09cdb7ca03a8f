//! The history for MariaDB and MySQL.

use super::Workload;

/// Every DDL statement commits what is open, so that a file which mixes DDL with rows is many transactions; a procedure and
/// a trigger with `DELIMITER`; and one table of an engine that can't roll back, whose rows are beyond what anybody can know.
pub(in crate::fault) const MARIADB: Workload = Workload {
    witness: "CREATE TABLE witness (entry varchar(200)); CREATE TABLE counter (n bigint); INSERT INTO counter VALUES (0);",
    reset: "DELETE FROM witness; UPDATE counter SET n = 0;",
    undecidable: &["07_myisam"],
    files: "\
//- migrations/01_tables/up.sql
CREATE TABLE log (entry varchar(200)) ENGINE = InnoDB;
CREATE TABLE account (id int PRIMARY KEY, balance bigint NOT NULL) ENGINE = InnoDB;
CREATE TABLE parent (id int PRIMARY KEY) ENGINE = InnoDB;
INSERT INTO account VALUES (1, 100), (2, 200), (3, 300);
INSERT INTO parent VALUES (1), (2);
//- migrations/01_tables/down.sql
INSERT INTO witness SELECT concat('at the end ', count(*)) FROM witness;
DROP TABLE parent;
DROP TABLE account;
DROP TABLE log;
//- migrations/02_rows/up.sql
UPDATE account SET balance = balance + 1;
INSERT INTO log SELECT concat('2 sees ', sum(balance)) FROM account;
INSERT INTO log SELECT concat('again ', entry) FROM log;
//- migrations/02_rows/down.sql
UPDATE counter SET n = n * 2 + 2;
INSERT INTO witness SELECT concat('2 sees ', n) FROM counter;
//- migrations/03_mixed/up.sql
UPDATE account SET balance = balance * 2 WHERE id < 3;
CREATE TABLE child (id int PRIMARY KEY, parent int NOT NULL, FOREIGN KEY (parent) REFERENCES parent (id)) ENGINE = InnoDB;
INSERT INTO child SELECT id * 10, id FROM parent;
ALTER TABLE account ADD COLUMN note varchar(50) NOT NULL DEFAULT '';
UPDATE account SET note = concat(note, 'n');
CREATE INDEX account_note ON account (note, id);
INSERT INTO log SELECT concat('3 sees ', count(*)) FROM log;
ALTER TABLE parent ADD COLUMN name varchar(50);
UPDATE parent SET name = concat(coalesce(name, ''), 'p', id);
RENAME TABLE child TO children;
UPDATE account SET balance = balance + 3;
//- migrations/03_mixed/down.sql
UPDATE counter SET n = n * 2 + 3;
DROP TABLE children;
INSERT INTO witness SELECT concat('3 sees ', n) FROM counter;
ALTER TABLE parent DROP COLUMN name;
UPDATE counter SET n = n * 2 + 4;
DROP INDEX account_note ON account;
ALTER TABLE account DROP COLUMN note;
UPDATE counter SET n = n * 2 + 5;
//- migrations/04_routines/up.sql
DELIMITER //
CREATE PROCEDURE pay(IN amount int)
BEGIN
    UPDATE account SET balance = balance + amount;
    INSERT INTO log (entry) SELECT concat('paid; ', amount, ', now ', sum(balance)) FROM account;
END //
CREATE TRIGGER account_log AFTER UPDATE ON account FOR EACH ROW
BEGIN
    INSERT INTO log (entry) VALUES (concat('account ', new.id, ' is ', new.balance));
END //
DELIMITER ;
CALL pay(4);
CREATE OR REPLACE VIEW rich AS SELECT id FROM account WHERE balance > 1000;
CALL pay(40);
//- migrations/04_routines/down.sql
DROP VIEW rich;
UPDATE counter SET n = n * 2 + 6;
DROP TRIGGER account_log;
DROP PROCEDURE pay;
INSERT INTO witness SELECT concat('4 sees ', n) FROM counter;
//- migrations/05_transaction/up.sql
START TRANSACTION;
UPDATE account SET balance = balance * 3;
INSERT INTO log SELECT concat('5 sees ', count(*)) FROM log;
COMMIT;
CREATE TABLE summary ENGINE = InnoDB AS SELECT count(*) AS entries FROM log;
UPDATE summary SET entries = entries + 1;
//- migrations/05_transaction/down.sql
UPDATE counter SET n = n * 2 + 7;
DROP TABLE summary;
//- migrations/06_session/metadata.toml
run_in_transaction = false
//- migrations/06_session/up.sql
SET @amount = 6;
UPDATE account SET balance = balance + @amount;
ALTER TABLE log ADD COLUMN n int;
UPDATE log SET n = coalesce(n, 0) + @amount;
//- migrations/06_session/down.sql
UPDATE counter SET n = n * 2 + 8;
ALTER TABLE log DROP COLUMN n;
INSERT INTO witness SELECT concat('6 sees ', n) FROM counter;
//- migrations/07_myisam/up.sql
CREATE TABLE old (n int) ENGINE = MyISAM;
INSERT INTO old VALUES (1), (2);
UPDATE old SET n = n + 1;
//- migrations/07_myisam/down.sql
DROP TABLE old;
//- migrations/08_last/up.sql
UPDATE account SET balance = balance + 8;
INSERT INTO log (entry) SELECT concat('8 sees ', count(*)) FROM log;
//- migrations/08_last/down.sql
INSERT INTO witness SELECT concat('8 sees ', n) FROM counter;
UPDATE counter SET n = n * 2 + 9;
",
};
