//! `dump` on MySQL and MariaDB: whatever a schema holds is made again, and one schema gives one text.

use migration_kit::sql::DumpOptions;
use migration_tests::on_servers;
use migration_tests::server::Kind;

use crate::mysql_schema::{client, dump, open, restore, schema};

/// Tables that refer to each other, views that are made in another order than that of their names, and whatever else both
/// servers have.
const SCHEMA: &str = r#"
SET sql_mode = '';
CREATE TABLE orders (
    id int AUTO_INCREMENT PRIMARY KEY,
    customer int NOT NULL COMMENT 'a AUTO_INCREMENT=7; `b` -- it''s DEFINER=`x`@`y`',
    total decimal(10, 2) DEFAULT '0.00',
    doubled decimal(11, 2) AS (total * 2) STORED,
    made timestamp NOT NULL DEFAULT '2020-02-02 02:02:02',
    gone datetime DEFAULT '0000-00-00 00:00:00',
    name varchar(20) COLLATE utf8mb4_bin,
    CHECK (total >= 0),
    KEY by_name (name(5) DESC, made)
) COMMENT = 'orders; all of them';
CREATE TABLE customers (id int PRIMARY KEY, last_order int, FOREIGN KEY (last_order) REFERENCES orders (id));
ALTER TABLE orders ADD CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customers (id) ON DELETE CASCADE;
CREATE TABLE measures (at date NOT NULL, value double) PARTITION BY RANGE (year(at)) (
    PARTITION early VALUES LESS THAN (2000), PARTITION late VALUES LESS THAN MAXVALUE);
DELIMITER //
CREATE FUNCTION tax(amount decimal(10, 2)) RETURNS decimal(10, 2) DETERMINISTIC COMMENT 'of an amount'
BEGIN
    -- a comment; with a semicolon
    RETURN amount * 0.2; # another one
END //
CREATE PROCEDURE rest() SQL SECURITY INVOKER SELECT 'DELIMITER //' //
SET sql_mode = 'ANSI_QUOTES' //
CREATE PROCEDURE quoted(`a b` int) BEGIN SELECT `a b` AS "c;"; END //
SET sql_mode = 'STRICT_ALL_TABLES' //
CREATE TRIGGER last BEFORE INSERT ON orders FOR EACH ROW BEGIN SET NEW.total = NEW.total + 1; END //
CREATE TRIGGER first BEFORE INSERT ON orders FOR EACH ROW PRECEDES last SET NEW.total = 1 //
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM measures; END //
SET time_zone = '+02:00' //
CREATE EVENT once ON SCHEDULE AT '2037-01-01 00:00:00' ON COMPLETION PRESERVE DISABLE DO DELETE FROM measures //
DELIMITER ;
CREATE VIEW z AS SELECT id, tax(total) AS tax FROM orders WHERE name = 'café';
CREATE SQL SECURITY INVOKER VIEW m (id) AS SELECT z.id FROM z JOIN customers c ON c.id = z.id;
CREATE ALGORITHM = MERGE VIEW a AS SELECT id FROM m WHERE id > 1 WITH LOCAL CHECK OPTION;
CREATE VIEW b AS WITH some AS (SELECT id FROM a) SELECT some.id, customers.last_order FROM some, customers;
SET foreign_key_checks = 0;
INSERT INTO orders (customer) VALUES (1), (2);
"#;

const MARIADB: &str = "
CREATE SEQUENCE numbers START WITH 5;
SELECT NEXT VALUE FOR numbers;
CREATE TABLE counted (id int DEFAULT nextval(numbers), at timestamp(6) INVISIBLE) WITH SYSTEM VERSIONING;
";

const MYSQL: &str = "
CREATE TABLE keyed (id int, hidden int INVISIBLE, j json, KEY lower_id ((id + 1)), KEY unseen (id) INVISIBLE);
CREATE TABLE inheriting (a varchar(9), b varchar(9) COLLATE utf8mb4_unicode_520_ci, c text CHARACTER SET latin1)
    COLLATE utf8mb4_unicode_520_ci;
CREATE LIBRARY shared LANGUAGE JAVASCRIPT AS $$ let one = 1 // a comment $$;
SET restrict_fk_on_non_standard_key = OFF;
CREATE TABLE parts (whole int, KEY (whole));
CREATE TABLE pieces (whole int, FOREIGN KEY (whole) REFERENCES parts (whole));
";

fn everything<K: Kind>() -> String {
    let special = if K::VARIABLE.ends_with("MARIADB") { MARIADB } else { MYSQL };
    format!("{SCHEMA}{special}")
}

fn whatever_there_is<K: Kind>() {
    let database = K::shared();
    client::<K>(&database, &everything::<K>()).unwrap();
    let text = dump(&mut open(&database));
    assert!(!text.contains(database.name()), "{text}");
    assert!(!text.contains("Left out"), "{text}");
    assert!(!text.replace("DEFINER=`x`", "").contains("DEFINER="), "{text}");
    assert!(!text.replace("AUTO_INCREMENT=7", "").contains("AUTO_INCREMENT="), "{text}");
    restore::<K>("everything", &text, &schema(&database));
}

/// Names that the database has, too, wherever it stands in front of a name.
fn names_like_the_database<K: Kind>() {
    let database = K::shared();
    let name = format!("`{}`", database.name());
    let sql = "CREATE TABLE db (db int, id int);
               CREATE FUNCTION f(a int) RETURNS int DETERMINISTIC RETURN a;
               CREATE VIEW v AS SELECT db.db.id, db.f(db.db.db) AS db FROM db.db;
               CREATE VIEW u AS SELECT db.id FROM db.v db JOIN mysql.db other WHERE db.id IN (SELECT id FROM db);
               CREATE TRIGGER db.db BEFORE INSERT ON db.db FOR EACH ROW SET NEW.id = 1;";
    let sql = sql.replace("mysql.db", "mysql.<db>").replace("db", &name).replace(&format!("<{name}>"), "db");
    client::<K>(&database, &sql).unwrap();
    let text = dump(&mut open(&database));

    // Under another name there is another database, and a table with the name of the first.
    let restored = K::shared();
    client::<K>(&restored, &text).unwrap();
    assert_eq!(dump(&mut open(&restored)), text);
    client::<K>(&restored, &format!("SELECT * FROM u; INSERT INTO {name} VALUES (1, 2)")).unwrap();
    assert_eq!(restored.query("SELECT * FROM v"), ["1|1"]);
}

/// Tables in another order, other rows, another user, another time, another database.
fn one_schema_is_one_text<K: Kind>() {
    let (one, other) = (K::shared(), K::shared());
    client::<K>(
        &one,
        "CREATE TABLE a (id int PRIMARY KEY AUTO_INCREMENT); CREATE TABLE b (id int, FOREIGN KEY (id) REFERENCES a (id));
         CREATE VIEW v AS SELECT * FROM b; CREATE EVENT e ON SCHEDULE EVERY 1 HOUR DO SELECT 1;
         CREATE PROCEDURE p() SELECT 1; INSERT INTO a VALUES (7);",
    )
    .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    client::<K>(
        &other,
        &"SET foreign_key_checks = 0; CREATE DEFINER = 'nobody'@'%' PROCEDURE p() SELECT 1;
          CREATE DEFINER = 'nobody'@'%' EVENT e ON SCHEDULE EVERY 1 HOUR DO SELECT 1;
          CREATE TABLE db.b (id int, FOREIGN KEY (id) REFERENCES db.a (id));
          CREATE TABLE a (id int PRIMARY KEY AUTO_INCREMENT); CREATE VIEW db.v AS SELECT id FROM db.b;"
            .replace("db.", &format!("`{}`.", other.name())),
    )
    .unwrap();
    assert_eq!(dump(&mut open(&one)), dump(&mut open(&other)));
}

/// The session of the caller stays as it was, in its database and with its settings.
fn the_session_is_as_before<K: Kind>() {
    let database = K::shared();
    let mut connector = open(&database);
    connector.execute_script("SET sql_mode = 'ANSI_QUOTES', time_zone = '+03:00'").unwrap();
    let mut state = || connector.execute("SELECT @@sql_mode, @@time_zone, DATABASE()", &[]).unwrap().rows;
    let before = state();
    connector.dump(&DumpOptions::default()).unwrap();
    let mut state = || connector.execute("SELECT @@sql_mode, @@time_zone, DATABASE()", &[]).unwrap().rows;
    assert_eq!(state(), before);
}

fn what_is_left_out_is_told<K: Kind>() {
    let database = K::shared();
    client::<K>(
        &database,
        "CREATE TABLE log (id int PRIMARY KEY); CREATE TABLE t (id int, a int, FOREIGN KEY (a) REFERENCES log (id));
         CREATE VIEW of_log AS SELECT * FROM log; CREATE VIEW of_view AS SELECT * FROM of_log;
         CREATE TRIGGER on_log BEFORE INSERT ON log FOR EACH ROW SET NEW.id = 1;
         CREATE TABLE lost (id int); CREATE VIEW broken AS SELECT * FROM lost; DROP TABLE lost;",
    )
    .unwrap();
    let mut connector = open(&database);
    let mut options = DumpOptions::default();
    options.without = vec!["log".to_owned()];
    let text = connector.dump(&options).unwrap();
    assert!(!text.contains("log") && !text.contains("of_view") && !text.contains("REFERENCES"), "{text}");
    assert!(text.contains("-- Left out: view `broken`, which reads what does not exist\n"), "{text}");
    assert!(text.contains("KEY `a` (`a`)\n)"), "{text}");
    let restored = K::shared();
    client::<K>(&restored, &text).unwrap();
    let text = connector.dump(&DumpOptions::default()).unwrap();
    for name in ["`log`", "`of_log`", "`of_view`", "on_log", "REFERENCES `log`"] {
        assert!(text.contains(name), "{name}: {text}");
    }
}

on_servers!([mariadb, mysql] [
    whatever_there_is,
    names_like_the_database,
    one_schema_is_one_text,
    the_session_is_as_before,
    what_is_left_out_is_told,
]);
