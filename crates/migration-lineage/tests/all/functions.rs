//! Calls of functions: which of several a call means, and what it brings along.

use expect_test::{Expect, expect};
use migration_lineage::Analyzer;
use migration_syntax::Dialect;

use crate::constructs::show;

const TABLES: &str = "CREATE TABLE t (id int PRIMARY KEY, a int, b int);
    CREATE TABLE u (id int PRIMARY KEY, a int, c int);
    CREATE TABLE settings (name text, enabled int);\n";

fn check(sql: &str, expected: &Expect) {
    expected.assert_eq(&show(&format!("{TABLES}{sql}"), Dialect::Postgres));
}

/// Two that share a name, one writing `t`, one `u`.
const TWO: &str = "CREATE FUNCTION put(n int) RETURNS void LANGUAGE sql AS 'INSERT INTO t (a) VALUES (n)';
    CREATE FUNCTION put(s text) RETURNS void LANGUAGE sql AS 'UPDATE settings SET name = s';";

#[test]
fn what_a_function_does_its_call_does() {
    check(
        "CREATE FUNCTION total(of int) RETURNS int LANGUAGE sql AS 'SELECT sum(c) FROM u WHERE u.id = of'; SELECT total(a) AS x FROM t",
        &expect![[r#"
            t, u -> nothing
            x <- t.a filter, u.c AGGREGATION, u.id filter
        "#]],
    );
    check(
        "CREATE FUNCTION log(what int) RETURNS void LANGUAGE plpgsql AS $$ BEGIN INSERT INTO u (c) VALUES (what + 1); END $$;
         SELECT log(a) FROM t",
        &expect![[r#"
            t -> u
            u.c <- t.a TRANSFORMATION
            log <- t.a TRANSFORMATION
        "#]],
    );
    check(
        "CREATE FUNCTION pairs() RETURNS TABLE (x int, y int) LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY SELECT id, b FROM t WHERE a > 0; END $$;
         SELECT p.y, p.x FROM pairs() AS p",
        &expect![[r#"
            t -> nothing
            y <- t.a filter, t.b IDENTITY
            x <- t.a filter, t.id IDENTITY
        "#]],
    );
    check(
        "CREATE PROCEDURE move(least int) LANGUAGE sql AS $$ INSERT INTO u (id, c) SELECT id, b FROM t WHERE a > least $$; CALL move(3)",
        &expect![[r#"
            t -> u
            u.c <- t.a filter, t.b IDENTITY
            u.id <- t.a filter, t.id IDENTITY
        "#]],
    );
    check(
        "CREATE FUNCTION first() RETURNS int LANGUAGE plpgsql AS $$ BEGIN IF (SELECT enabled FROM settings) = 1 THEN RETURN (SELECT min(a) FROM t); END IF; RETURN 0; END $$;
         UPDATE u SET c = first()",
        &expect![[r#"
            settings, t -> u
            u.c <- settings.enabled conditional, t.a AGGREGATION
        "#]],
    );
}

#[test]
fn a_call_is_told_by_number_and_types() {
    check(
        &format!("{TWO} SELECT put(1)"),
        &expect![[r#"
        nothing -> t
        t.a <- 
        put <- 
    "#]],
    );
    check(
        &format!("{TWO} SELECT put('x')"),
        &expect![[r#"
        nothing -> settings
        settings.name <- 
        put <- 
    "#]],
    );
    check(
        &format!("{TWO} SELECT put(name) FROM settings"),
        &expect![[r#"
        settings -> settings
        settings.name <- settings.name IDENTITY
        put <- settings.name TRANSFORMATION
    "#]],
    );
    check(
        &format!("{TWO} SELECT put(a::bigint::text) FROM t"),
        &expect![[r#"
        t -> settings
        settings.name <- t.a TRANSFORMATION
        put <- t.a TRANSFORMATION
    "#]],
    );
    // What it is given has a type that nobody knows, so both may be meant.
    check(
        &format!("{TWO} SELECT put(lower(x)) FROM unknown"),
        &expect![[r#"
        unknown -> t, settings
        t.a <- unknown.x TRANSFORMATION
        settings.name <- unknown.x TRANSFORMATION
        put <- unknown.x TRANSFORMATION
        put may be put(int4) or put(text)
    "#]],
    );
    check(
        "CREATE FUNCTION g(x int) RETURNS int LANGUAGE sql AS 'SELECT max(a) FROM t';
         CREATE FUNCTION g(x int, y int DEFAULT 0, VARIADIC z int[] DEFAULT '{}') RETURNS int LANGUAGE sql AS 'SELECT max(c) FROM u';
         SELECT g(1, 2, 3, 4) AS r",
        &expect![[r#"
            u -> nothing
            r <- u.c AGGREGATION
        "#]],
    );
    check(
        "CREATE FUNCTION g(x int, y text) RETURNS int LANGUAGE sql AS 'SELECT max(a) FROM t';
         CREATE FUNCTION g(x int, z int) RETURNS int LANGUAGE sql AS 'SELECT max(c) FROM u';
         SELECT g(1, z => a) AS r FROM t",
        &expect![[r#"
            t, u -> nothing
            r <- u.c AGGREGATION
        "#]],
    );
}

#[test]
fn functions_are_replaced_renamed_and_dropped_one_by_one() {
    let left = |sql: &str| {
        let mut analyzer = Analyzer::new(Dialect::Postgres);
        analyzer.analyze(&format!("{TABLES}{TWO}{sql}")).unwrap();
        let left: Vec<_> =
            analyzer.catalogue().routines().map(migration_lineage::Routine::signature).collect();
        left.join(", ")
    };
    assert_eq!(left(""), "put(int4), put(text)");
    assert_eq!(
        left("CREATE OR REPLACE FUNCTION put(m integer) RETURNS void LANGUAGE sql AS 'SELECT 1'"),
        "put(int4), put(text)"
    );
    assert_eq!(
        left("CREATE FUNCTION put(numeric(10, 2)) RETURNS void LANGUAGE sql AS 'SELECT 1'"),
        "put(int4), put(text), put(numeric)"
    );
    assert_eq!(left("DROP FUNCTION put(int)"), "put(text)");
    assert_eq!(left("DROP FUNCTION IF EXISTS put(IN s text), put(bigint)"), "put(int4)");
    // Several have the name: PostgreSQL refuses.
    assert_eq!(left("DROP FUNCTION put"), "put(int4), put(text)");
    assert_eq!(left("ALTER FUNCTION put(text) RENAME TO note"), "note(text), put(int4)");
    assert_eq!(left("ALTER FUNCTION put(text) SET SCHEMA app"), "app.put(text), put(int4)");
    assert_eq!(
        left(
            "CREATE FUNCTION put(OUT a int, INOUT b double precision, c character varying(3) = 'x') LANGUAGE sql AS 'SELECT 1, 2'"
        ),
        "put(int4), put(text), put(float8, varchar)"
    );
}

#[test]
fn a_trigger_does_what_its_function_does_now() {
    let broken = |sql: &str| {
        let mut analyzer = Analyzer::new(Dialect::Postgres);
        analyzer.analyze(&format!("{TABLES}{sql}")).unwrap();
        let trigger = analyzer.catalogue().triggers().first().map(|trigger| trigger.body.outputs.clone());
        trigger.map(|outputs| outputs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
    };
    let first = "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO u (id) VALUES (NEW.id); RETURN NEW; END $$;
        CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();";
    let second = "CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM settings; RETURN NEW; END $$;";
    assert_eq!(broken(first).as_deref(), Some("u"));
    assert_eq!(broken(&format!("{first}{second}")).as_deref(), Some("settings"));
    assert_eq!(
        broken(&format!("{first} ALTER FUNCTION f() RENAME TO h; {}", second.replace("f()", "h()")))
            .as_deref(),
        Some("settings")
    );
    assert_eq!(broken(&format!("{first} DROP FUNCTION f() CASCADE")), None);
}

#[test]
fn a_view_depends_on_a_function_and_not_on_what_that_reads() {
    let mut analyzer = Analyzer::new(Dialect::Postgres);
    let made = format!(
        "{TABLES}CREATE FUNCTION f(x int) RETURNS int LANGUAGE sql AS 'SELECT max(c) FROM u WHERE id = x'; CREATE VIEW v AS SELECT f(a) AS m FROM t"
    );
    analyzer.analyze(&made).unwrap();
    let impact = analyzer.catalogue().impact("ALTER TABLE u DROP COLUMN c").unwrap();
    assert!(!impact[0].refused);
    let broken: Vec<_> = impact[0].broken.iter().map(|dependent| dependent.name.as_str()).collect();
    // It is not in the way, but it calls what fails.
    assert_eq!(broken, ["v", "f"]);
}
