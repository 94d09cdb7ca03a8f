//! What names mean: databases, schemas, temporary tables, and what becomes of them.

use expect_test::{Expect, expect};
use migration_lineage::Analyzer;
use migration_syntax::Dialect;

use super::constructs::show;

/// Tables that are named without a schema, and a statement behind them.
fn check(dialect: Dialect, sql: &str, expected: &Expect) {
    let tables = "CREATE TABLE users (id int PRIMARY KEY, name text);
                  CREATE TABLE orders (id int PRIMARY KEY, user_id int);\n";
    expected.assert_eq(&show(&format!("{tables}{sql}"), dialect));
}

#[test]
fn databases_that_are_several() {
    check(
        Dialect::Mysql,
        "INSERT INTO db2.users SELECT * FROM db1.users",
        &expect![[r#"
        db1.users -> db2.users
        db2.users.* <- db1.users.* IDENTITY
    "#]],
    );
    check(
        Dialect::Mysql,
        "INSERT INTO archive.orders SELECT * FROM orders",
        &expect![[r#"
        orders -> archive.orders
        archive.orders.id <- orders.id IDENTITY
        archive.orders.user_id <- orders.user_id IDENTITY
    "#]],
    );
    check(
        Dialect::Mysql,
        "INSERT INTO archive.orders SELECT * FROM orders; SELECT * FROM archive.orders, shop.users",
        &expect![[r#"
            archive.orders, users -> nothing
            * <- archive.orders.* IDENTITY
            id <- users.id IDENTITY
            name <- users.name IDENTITY
        "#]],
    );
    check(
        Dialect::Mysql,
        "INSERT INTO users SELECT o.* FROM shop.orders AS o",
        &expect![[r#"
        orders -> users
        users.id <- orders.id IDENTITY
        users.name <- orders.user_id IDENTITY
    "#]],
    );
    check(
        Dialect::Mysql,
        "DELETE FROM shop.users; INSERT INTO db2.users (id) SELECT id FROM shop.users",
        &expect![[r#"
            users -> db2.users
            db2.users.id <- users.id IDENTITY
        "#]],
    );
}

#[test]
fn columns_with_a_schema() {
    check(
        Dialect::Postgres,
        "SELECT public.users.name FROM public.users",
        &expect![[r#"
        users -> nothing
        name <- users.name IDENTITY
    "#]],
    );
    check(
        Dialect::Postgres,
        "SELECT public.users.name FROM users",
        &expect![[r#"
        users -> nothing
        name <- users.name IDENTITY
    "#]],
    );
    check(
        Dialect::Postgres,
        "SELECT public.users.*, count(public.users.*) FROM users",
        &expect![[r#"
        users -> nothing
        id <- users.id IDENTITY
        name <- users.name IDENTITY
        count <- users.id AGGREGATION masked, users.name AGGREGATION masked
    "#]],
    );
    check(
        Dialect::Postgres,
        "DELETE FROM public.users USING public.orders WHERE public.orders.user_id = public.users.id",
        &expect![[r#"
            orders -> users
            * <- orders.user_id Filter, users.id Filter
            * <- orders.user_id Filter, users.id Filter
        "#]],
    );
    check(
        Dialect::Postgres,
        "SELECT public.users.name FROM other.users",
        &expect![[r#"
        other.users -> nothing
        name <- "public.users.name" IDENTITY
    "#]],
    );
    check(
        Dialect::Sqlite,
        "SELECT main.users.*, main.users.id + 1 AS next FROM users",
        &expect![[r#"
        users -> nothing
        id <- users.id IDENTITY
        name <- users.name IDENTITY
        next <- users.id TRANSFORMATION
    "#]],
    );
    check(
        Dialect::Mysql,
        "SELECT shop.users.name FROM shop.users",
        &expect![[r#"
        users -> nothing
        name <- users.name IDENTITY
    "#]],
    );
    check(
        Dialect::Mysql,
        "UPDATE shop.users SET shop.users.name = shop.users.id",
        &expect![[r#"
        nothing -> users
        users.name <- users.id IDENTITY
    "#]],
    );
    check(
        Dialect::Postgres,
        "CREATE TABLE public.t (a int); SELECT t.a, public.t.a AS b FROM public.t",
        &expect![[r#"
            public.t -> nothing
            a <- public.t.a IDENTITY
            b <- public.t.a IDENTITY
        "#]],
    );
}

#[test]
fn schemas_of_which_all_is_taken_along() {
    check(
        Dialect::Postgres,
        "CREATE SCHEMA s; CREATE TABLE s.o (id int); ALTER SCHEMA s RENAME TO s2; SELECT * FROM s2.o",
        &expect![[r#"
            s2.o -> nothing
            id <- s2.o.id IDENTITY
        "#]],
    );
    check(
        Dialect::Postgres,
        "CREATE VIEW v AS SELECT name FROM users; ALTER SCHEMA public RENAME TO old",
        &expect![[r#"
            orders, users, v -> old.orders, old.users, old.v
            old.orders.id <- orders.id IDENTITY
            old.orders.user_id <- orders.user_id IDENTITY
            old.users.id <- users.id IDENTITY
            old.users.name <- users.name IDENTITY
            old.v.name <- v.name IDENTITY
        "#]],
    );
    check(
        Dialect::Postgres,
        "CREATE TABLE s.o (id int); CREATE VIEW s.v AS SELECT id FROM s.o; CREATE VIEW w AS SELECT id FROM s.v;
         DROP SCHEMA s CASCADE",
        &expect![[r#"
            nothing -> s.o, s.v, w
        "#]],
    );
    check(
        Dialect::Postgres,
        "DROP SCHEMA public CASCADE; SELECT * FROM users",
        &expect![[r#"
        users -> nothing
        * <- users.* IDENTITY
    "#]],
    );
    check(
        Dialect::Mysql,
        "CREATE TABLE d1.t (a int); CREATE VIEW d2.v AS SELECT a FROM d1.t; DROP DATABASE IF EXISTS d1",
        &expect![[r#"
            nothing -> d1.t
        "#]],
    );
    check(
        Dialect::Postgres,
        "CREATE FUNCTION s.f() RETURNS int LANGUAGE sql AS 'SELECT max(id) FROM users'; ALTER SCHEMA s RENAME TO s2;
         SELECT s2.f() AS most",
        &expect![[r#"
            users -> nothing
            most <- users.id AGGREGATION
        "#]],
    );
}

#[test]
fn views_that_go_with_what_they_read() {
    let views = "CREATE VIEW v AS SELECT name FROM users; CREATE VIEW w AS SELECT name FROM v;\n";
    let postgres =
        |sql: &str, expected: &Expect| check(Dialect::Postgres, &format!("{views}{sql}"), expected);
    postgres(
        "DROP TABLE users CASCADE",
        &expect![[r#"
        nothing -> users, v, w
    "#]],
    );
    postgres(
        "ALTER TABLE users DROP COLUMN name CASCADE",
        &expect![[r#"
        nothing -> users, v, w
        users.name <- 
    "#]],
    );
    postgres(
        "ALTER TABLE users DROP COLUMN id CASCADE",
        &expect![[r#"
        nothing -> users
        users.id <- 
    "#]],
    );
}

#[test]
fn what_a_schema_is_made_with() {
    check(
        Dialect::Postgres,
        "CREATE SCHEMA app CREATE TABLE t (a int, CHECK (a > 0)) CREATE VIEW v AS SELECT a FROM t; SELECT * FROM app.v",
        &expect![[r#"
            app.v -> nothing
            a <- app.v.a IDENTITY
        "#]],
    );
    check(
        Dialect::Postgres,
        "CREATE SCHEMA IF NOT EXISTS AUTHORIZATION joe CREATE TABLE t AS SELECT id FROM users GRANT ALL ON t TO joe",
        &expect![[r#"
            users -> joe.t
            joe.t.id <- users.id IDENTITY
        "#]],
    );
    let text = "CREATE SCHEMA app CREATE TABLE t (a int) CREATE VIEW v AS FROB";
    let analysis = Analyzer::new(Dialect::Postgres).analyze(text).unwrap();
    let [statement] = analysis.statements.as_slice() else { panic!("{analysis:?}") };
    assert_eq!(statement.outputs.iter().map(ToString::to_string).collect::<Vec<_>>(), ["app.t", "app.v"]);
    let [part] = statement.unanalysed.as_slice() else { panic!("{statement:?}") };
    assert_eq!(&text[part.start..part.end], "CREATE VIEW v AS FROB");
}

#[test]
fn what_is_there_already_stays() {
    check(
        Dialect::Sqlite,
        "CREATE VIEW v AS SELECT id FROM users; CREATE VIEW IF NOT EXISTS v AS SELECT name FROM users; SELECT * FROM v",
        &expect![[r#"
            v -> nothing
            id <- v.id IDENTITY
        "#]],
    );
    check(
        Dialect::Sqlite,
        "CREATE VIEW IF NOT EXISTS v AS SELECT name FROM users",
        &expect![[r#"
        users -> v
        v.name <- users.name IDENTITY
    "#]],
    );
}

#[test]
fn what_nobody_has_made_is_changed() {
    check(
        Dialect::Sqlite,
        "ALTER TABLE legacy RENAME TO current",
        &expect![[r#"
        legacy -> current
    "#]],
    );
    check(
        Dialect::Postgres,
        "ALTER VIEW IF EXISTS nope RENAME TO nope2",
        &expect![[r#"
        nothing -> nothing
    "#]],
    );
    check(
        Dialect::Postgres,
        "ALTER TABLE IF EXISTS zap ADD COLUMN x int; SELECT x FROM zap",
        &expect![[r#"
        zap -> nothing
        x <- zap.x IDENTITY
    "#]],
    );
}

#[test]
fn temporary_tables_come_first() {
    let shadow = |sql: &str| format!("CREATE TEMPORARY TABLE users AS SELECT 1 AS a; {sql}");
    check(
        Dialect::Mysql,
        &shadow("SELECT * FROM users"),
        &expect![[r#"
        users -> nothing
        a <- users.a IDENTITY
    "#]],
    );
    for (dialect, own, all) in [(Dialect::Postgres, "pg_temp", "public"), (Dialect::Sqlite, "temp", "main")] {
        let named = |text: &str| text.replace("pg_temp", own).replace("public", all);
        let check = |sql: &str, expected: &str| {
            let found = show(&format!("CREATE TABLE users (id int, name text); {}", named(sql)), dialect);
            assert_eq!(found, named(expected), "{sql}");
        };
        let (temporary, lasting) = (
            "pg_temp.users -> nothing\na <- pg_temp.users.a IDENTITY\n",
            "users -> nothing\nid <- users.id IDENTITY\nname <- users.name IDENTITY\n",
        );
        check(&shadow("SELECT * FROM users"), temporary);
        check(&shadow("SELECT * FROM pg_temp.users"), temporary);
        check(&shadow("SELECT public.users.* FROM public.users"), lasting);
        check(&shadow("DROP TABLE users; SELECT * FROM users"), lasting);
        check(&shadow("DROP TABLE pg_temp.users; SELECT * FROM users"), lasting);
        check(&shadow("DROP TABLE public.users; SELECT * FROM users"), temporary);
        check(
            "CREATE VIEW v AS SELECT id FROM users; CREATE TEMP TABLE users (a int); SELECT * FROM v",
            "v -> nothing\nid <- v.id IDENTITY\n",
        );
        check("CREATE TEMP VIEW users AS SELECT 1 AS a; SELECT * FROM users", temporary);
        check(
            "CREATE TEMP TABLE tt (a int); SELECT * FROM pg_temp.tt",
            "tt -> nothing\na <- tt.a IDENTITY\n",
        );
        check(
            "CREATE TABLE pg_temp.tt (a int); SELECT * FROM tt",
            "pg_temp.tt -> nothing\na <- pg_temp.tt.a IDENTITY\n",
        );
        check(
            &shadow("INSERT INTO public.users SELECT a, 'n' FROM users"),
            "pg_temp.users -> users\nusers.id <- pg_temp.users.a IDENTITY\nusers.name <- \n",
        );
        check(
            &shadow("ALTER TABLE public.users ADD COLUMN z int; SELECT z FROM public.users"),
            "users -> nothing\nz <- users.z IDENTITY\n",
        );
    }
}
