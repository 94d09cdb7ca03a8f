//! What bodies do: of functions, procedures, triggers and blocks; conditions, loops, variables, texts that are run.

use expect_test::{Expect, expect};
use migration_syntax::Dialect;

use crate::constructs::show;

const TABLES: &str = "CREATE TABLE t (id int PRIMARY KEY, a int, b int);
    CREATE TABLE u (id int PRIMARY KEY, a int, c int);
    CREATE TABLE settings (name text, enabled int);\n";

/// The lineage of the last statement.
fn check(sql: &str, dialect: Dialect, expected: &Expect) {
    expected.assert_eq(&show(&format!("{TABLES}{sql}"), dialect));
}

fn block(body: &str, expected: &Expect) {
    check(&format!("DO $$ {body} $$"), Dialect::Postgres, expected);
}

fn mysql_trigger(body: &str, expected: &Expect) {
    check(&format!("CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW {body}"), Dialect::Mysql, expected);
}

/// The columns of a table at the end, in order.
fn columns(sql: &str, dialect: Dialect, table: &str) -> String {
    let text = show(&format!("{TABLES}{sql}; SELECT * FROM {table}"), dialect);
    let names = text.lines().skip(1).filter_map(|line| line.split_once(" <-")).map(|(name, _)| name);
    names.collect::<Vec<_>>().join(", ")
}

#[test]
fn conditions_decide() {
    block(
        "BEGIN IF (SELECT max(a) FROM t) > 3 THEN INSERT INTO u (id) VALUES (1); ELSIF EXISTS (SELECT 1 FROM settings WHERE enabled = 1)
         THEN UPDATE u SET c = 2; ELSE DELETE FROM u; END IF; INSERT INTO t (id) VALUES (1); END",
        &expect![[r#"
            settings, t -> u, t
            u.id <- settings.enabled conditional, t.a conditional
            u.c <- settings.enabled conditional, t.a conditional
            t.id <- 
        "#]],
    );
    block(
        "BEGIN CASE (SELECT a FROM t LIMIT 1) WHEN 1 THEN INSERT INTO u (a) VALUES (1); WHEN 2, 3 THEN UPDATE u SET c = 1; END CASE; END",
        &expect![[r#"
            t -> u
            u.a <- t.a conditional
            u.c <- t.a conditional
        "#]],
    );
    block(
        "DECLARE n int := 0; BEGIN WHILE n < (SELECT enabled FROM settings) LOOP INSERT INTO u (id) VALUES (n); n := n + 1; END LOOP; END",
        &expect![[r#"
            settings -> u
            u.id <- settings.enabled conditional
        "#]],
    );
    block(
        "DECLARE n int := 0; BEGIN LOOP INSERT INTO u (id) VALUES (n); n := (SELECT max(a) FROM t); EXIT WHEN n > 3; END LOOP; END",
        &expect![[r#"
            t -> u
            u.id <- t.a AGGREGATION, t.a conditional
        "#]],
    );
    mysql_trigger(
        "BEGIN CASE WHEN NEW.a > 1 THEN INSERT INTO u (c) VALUES (1); ELSE DELETE FROM settings WHERE enabled = NEW.b; END CASE; END",
        &expect![[r#"
            t -> u, settings
            u.c <- t.a conditional
        "#]],
    );
    mysql_trigger(
        "BEGIN DECLARE n INT DEFAULT 0; w: WHILE n < NEW.a DO SET n = n + 1; IF OLD.b = n THEN LEAVE w; END IF; INSERT INTO u (c) VALUES (n); END WHILE; END",
        &expect![[r#"
            t -> u
            u.c <- t.a conditional, t.b conditional
        "#]],
    );
    mysql_trigger(
        "BEGIN DECLARE n INT DEFAULT 0; REPEAT INSERT INTO u (id) VALUES (n); SET n = n + 1; UNTIL n > NEW.b END REPEAT; END",
        &expect![[r#"
            t -> u
            u.id <- t.b conditional
        "#]],
    );
    check(
        "CREATE TRIGGER g AFTER INSERT ON t WHEN (SELECT enabled FROM settings WHERE name = 'log') = 1 AND NEW.a > 1 BEGIN INSERT INTO u (id) VALUES (NEW.id); END",
        Dialect::Sqlite,
        &expect![[r#"
            settings, t -> u
            u.id <- settings.enabled conditional, settings.name conditional, t.a conditional, t.id IDENTITY
        "#]],
    );
}

#[test]
fn leaving_early_decides_on_the_rest() {
    check(
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.a IS NULL THEN RETURN NEW; END IF; INSERT INTO u (id) VALUES (NEW.id); RETURN NEW; END $$;
         CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
        Dialect::Postgres,
        &expect![[r#"
            t -> u
            u.id <- t.a conditional, t.id IDENTITY
        "#]],
    );
}

#[test]
fn variables_carry_what_flows_into_them() {
    block(
        "DECLARE n int; m int; BEGIN SELECT max(a) INTO STRICT n FROM t; m := n + 1; INSERT INTO u (id, c) VALUES (m, 3); END",
        &expect![[r#"
            t -> u
            u.id <- t.a AGGREGATION
            u.c <- 
        "#]],
    );
    block(
        "DECLARE r record; BEGIN FOR r IN SELECT id, a AS x FROM t WHERE b > 1 LOOP INSERT INTO u (id, c) VALUES (r.id, r.x * 2); END LOOP; END",
        &expect![[r#"
            t -> u
            u.id <- t.b conditional, t.id IDENTITY
            u.c <- t.a TRANSFORMATION, t.b conditional
        "#]],
    );
    block(
        "DECLARE c CURSOR FOR SELECT id, b FROM t; x int; y int; BEGIN OPEN c; LOOP FETCH c INTO x, y; EXIT WHEN NOT FOUND; UPDATE u SET c = y WHERE id = x; END LOOP; END",
        &expect![[r#"
            t -> u
            u.c <- t.b IDENTITY, t.id filter, u.id filter
        "#]],
    );
    // What a branch puts into it, it has only behind that branch; a new value takes the place of the old one.
    block(
        "DECLARE n int; BEGIN n := (SELECT max(a) FROM t); n := 1; IF (SELECT enabled FROM settings) = 1 THEN n := (SELECT max(b) FROM t); END IF; UPDATE u SET c = n; END",
        &expect![[r#"
            settings, t -> u
            u.c <- settings.enabled conditional, t.b AGGREGATION
        "#]],
    );
    // A value comes back to the beginning of a loop.
    block(
        "DECLARE x int := 0; y int := 0; BEGIN FOR i IN 1..3 LOOP INSERT INTO u (id) VALUES (x); x := y; y := (SELECT max(a) FROM t); END LOOP; END",
        &expect![[r#"
            t -> u
            u.id <- t.a AGGREGATION
        "#]],
    );
    mysql_trigger(
        "SET NEW.b = NEW.a + OLD.b",
        &expect![[r#"
        t -> t
        t.b <- t.a TRANSFORMATION, t.b TRANSFORMATION
    "#]],
    );
    mysql_trigger(
        "BEGIN DECLARE a INT; SELECT max(c) INTO a FROM u; UPDATE settings SET enabled = a; END",
        &expect![[r#"
            t, u -> settings
            settings.enabled <- u.c AGGREGATION
        "#]],
    );
    check(
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.b := NEW.a * 2; RETURN NEW; END $$;
         CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
        Dialect::Postgres,
        &expect![[r#"
            t -> t
            t.b <- t.a TRANSFORMATION
        "#]],
    );
}

#[test]
fn texts_that_can_be_told_are_run() {
    block(
        "DECLARE q text; BEGIN q := 'INSERT INTO u (id, c) SELECT id, ' || 'a FROM t'; EXECUTE q; END",
        &expect![[r#"
            t -> u
            u.id <- t.id IDENTITY
            u.c <- t.a IDENTITY
        "#]],
    );
    block(
        "BEGIN EXECUTE format('UPDATE %I SET c = %L WHERE id = $1', 'u', (SELECT max(b) FROM t)) USING (SELECT min(a) FROM t); END",
        &expect![[r#"
            t -> u
            u.c <- t.a filter, t.b AGGREGATION, t.b conditional, u.id filter
        "#]],
    );
    block(
        "DECLARE q text := 'INSERT INTO '; BEGIN IF (SELECT enabled FROM settings) = 1 THEN q := q || 'u (id)'; ELSE q := q || 't (a)'; END IF; EXECUTE q || ' VALUES (1)'; END",
        &expect![[r#"
            settings -> t, u
            t.a <- settings.enabled conditional
            u.id <- settings.enabled conditional
        "#]],
    );
    block(
        "DECLARE q text; BEGIN SELECT name INTO q FROM settings; EXECUTE 'DELETE FROM ' || q; EXECUTE 'DROP INDEX ' || q; END",
        &expect![[r#"
            settings -> nothing
            ? not analysed: a text that is put together when it runs
        "#]],
    );
    check(
        "SET @n = 'u'; SET @q := CONCAT('UPDATE ', @n, ' SET c = ?'); PREPARE p FROM @q; EXECUTE p USING @n",
        Dialect::Mysql,
        &expect![[r#"
            nothing -> u
            u.c <- 
        "#]],
    );
    check(
        "PREPARE p (int) AS INSERT INTO u (id, c) SELECT id, $1 FROM t; EXECUTE p ((SELECT max(b) FROM t))",
        Dialect::Postgres,
        &expect![[r#"
            t -> u
            u.id <- t.id IDENTITY
            u.c <- t.b AGGREGATION
        "#]],
    );
}

#[test]
fn what_a_block_makes_of_the_schema_is_there_afterwards() {
    let postgres = |sql: &str, table: &str| columns(sql, Dialect::Postgres, table);
    let mysql = |sql: &str, table: &str| columns(sql, Dialect::Mysql, table);
    assert_eq!(
        postgres(
            "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM information_schema.columns WHERE column_name = 'z') THEN ALTER TABLE t ADD COLUMN z int; END IF;
             EXECUTE 'ALTER TABLE ' || quote_ident('t') || ' DROP COLUMN b'; END $$",
            "t"
        ),
        "id, a, z"
    );
    assert_eq!(
        mysql(
            "SET @q = (SELECT IF((SELECT count(*) FROM information_schema.columns) > 0, 'SELECT 1', 'ALTER TABLE t ADD z int'));
             PREPARE p FROM @q; EXECUTE p; DEALLOCATE PREPARE p",
            "t"
        ),
        "id, a, b, z"
    );
    // A function does so when it is called, not when it is made.
    let function = "CREATE FUNCTION more(tab text, col text, twice boolean DEFAULT false) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        EXECUTE format('ALTER TABLE %I ADD COLUMN %I int', tab, col);
        IF twice THEN EXECUTE 'ALTER TABLE ' || tab || ' ADD COLUMN ' || col || '_2 int'; END IF; END $$";
    assert_eq!(postgres(function, "t"), "id, a, b");
    assert_eq!(postgres(&format!("{function}; SELECT more('t', 'z')"), "t"), "id, a, b, z");
    assert_eq!(postgres(&format!("{function}; SELECT more('t', 'z', true)"), "t"), "id, a, b, z, z_2");
    assert_eq!(postgres(&format!("{function}; SELECT more(col => 'y', tab => 't')"), "t"), "id, a, b, y");
    let procedures = "DELIMITER //
        CREATE PROCEDURE inner_one(q TEXT) BEGIN SET @q = q; PREPARE p FROM @q; EXECUTE p; END //
        CREATE PROCEDURE outer_one(tab TEXT) BEGIN CALL inner_one(CONCAT('ALTER TABLE ', DATABASE(), '.', tab, ' ADD z INT')); END //
        DELIMITER ;
        CALL outer_one(\"t\")";
    assert_eq!(mysql(procedures, "t"), "id, a, b, z");
    // A loop that runs over itself is no text that can be told.
    let grows = "DO $$ DECLARE q text := 'x'; BEGIN FOR i IN 1..3 LOOP q := q || 'y'; END LOOP; EXECUTE 'ALTER TABLE t ADD COLUMN ' || q || ' int'; END $$";
    assert_eq!(postgres(grows, "t"), "id, a, b");
}

#[test]
fn a_table_that_a_function_makes_is_there_for_the_rest_of_it() {
    check(
        "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN CREATE TEMP TABLE kept AS SELECT id, a FROM t; INSERT INTO u SELECT *, 1 FROM kept; END $$",
        Dialect::Postgres,
        &expect![[r#"
            kept, t -> kept, u
            kept.id <- t.id IDENTITY
            kept.a <- t.a IDENTITY
            u.id <- kept.id IDENTITY
            u.a <- kept.a IDENTITY
            u.c <- 
        "#]],
    );
    assert_eq!(
        columns(
            "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN CREATE TABLE kept (x int); END $$",
            Dialect::Postgres,
            "kept"
        ),
        "*"
    );
}

#[test]
fn what_a_database_does_by_itself() {
    let postgres = |sql: &str, expected: &Expect| check(sql, Dialect::Postgres, expected);
    let mysql = |sql: &str, expected: &Expect| check(sql, Dialect::Mysql, expected);
    postgres(
        "CREATE RULE r AS ON INSERT TO t WHERE NEW.a > 3 DO INSTEAD INSERT INTO u (id, c) VALUES (NEW.id, NEW.b)",
        &expect![[r#"
            t -> u
            u.id <- t.a conditional, t.id IDENTITY
            u.c <- t.a conditional, t.b IDENTITY
        "#]],
    );
    postgres(
        "CREATE OR REPLACE RULE r AS ON UPDATE TO t DO ALSO (DELETE FROM settings; UPDATE u SET c = NEW.b WHERE id = OLD.id;)",
        &expect![[r#"
            t -> settings, u
            u.c <- t.b IDENTITY, t.id filter, u.id filter
        "#]],
    );
    postgres(
        "CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING",
        &expect![[r#"
        nothing -> nothing
    "#]],
    );
    mysql(
        "CREATE DEFINER = x EVENT e ON SCHEDULE EVERY 1 DAY COMMENT 'do' DO INSERT INTO u (id) SELECT id FROM t",
        &expect![[r#"
            t -> u
            u.id <- t.id IDENTITY
        "#]],
    );
    mysql(
        "ALTER EVENT e DO BEGIN IF (SELECT enabled FROM settings) THEN DELETE FROM u; END IF; END",
        &expect![[r#"
            settings -> u
            * <- settings.enabled Conditional
        "#]],
    );
    mysql(
        "ALTER EVENT e DISABLE",
        &expect![[r#"
        nothing -> nothing
    "#]],
    );
}

#[test]
fn what_a_cursor_reads_is_read() {
    check(
        "DECLARE c CURSOR FOR SELECT a FROM t WHERE b > 1",
        Dialect::Postgres,
        &expect![[r#"
        t -> nothing
        a <- t.a IDENTITY, t.b filter
    "#]],
    );
}

#[test]
fn a_dump_marks_its_triggers() {
    let marked =
        "/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER g BEFORE INSERT ON t FOR EACH ROW";
    check(
        &format!("{marked} SET NEW.b = upper(NEW.a) */"),
        Dialect::Mysql,
        &expect![[r#"
        t -> t
        t.b <- t.a TRANSFORMATION
    "#]],
    );
    check(
        "/*!50106 CREATE*/ /*!50117 DEFINER=`a`@`b`*/ /*!50106 EVENT e ON SCHEDULE EVERY 1 DAY DO INSERT INTO u (id) SELECT id FROM t */",
        Dialect::Mysql,
        &expect![[r#"
            t -> u
            u.id <- t.id IDENTITY
        "#]],
    );
}
