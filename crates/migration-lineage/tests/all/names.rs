//! What names mean: databases, schemas, temporary tables, and what becomes of them.

use expect_test::{Expect, expect};
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
