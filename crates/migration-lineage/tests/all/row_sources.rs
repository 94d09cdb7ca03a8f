//! What a query reads its rows from, and where they go: tables that nobody has seen, queries of a `WITH`, names of the list;
//! and which tables count as read by a change.

use expect_test::{Expect, expect};
use migration_syntax::Dialect;

use crate::constructs::show;

fn check(sql: &str, dialect: Dialect, expected: &Expect) {
    let tables = "CREATE TABLE users (id int PRIMARY KEY, name text, email text, org_id int);
        CREATE TABLE orders (id int PRIMARY KEY, user_id int, amount int, status text);
        CREATE TABLE kv (k int PRIMARY KEY, v int, id int);
        CREATE TABLE docs (id int, d json);\n";
    expected.assert_eq(&show(&format!("{tables}{sql}"), dialect));
}

pub(crate) fn postgres(sql: &str, expected: &Expect) {
    check(sql, Dialect::Postgres, expected);
}

fn mysql(sql: &str, expected: &Expect) {
    check(sql, Dialect::Mysql, expected);
}

pub(crate) fn sqlite(sql: &str, expected: &Expect) {
    check(sql, Dialect::Sqlite, expected);
}

#[test]
fn stars_of_the_unknown_and_places() {
    postgres(
        "CREATE TABLE z AS SELECT a.*, kv.v FROM unknown AS a JOIN kv USING (id); INSERT INTO kv SELECT * FROM z",
        &expect![[r#"
            z -> kv
            kv.k <- z.* IDENTITY
            kv.v <- z.* IDENTITY
            kv.id <- z.* IDENTITY
        "#]],
    );
    postgres(
        "INSERT INTO kv SELECT a.*, users.name FROM unknown AS a, users",
        &expect![[r#"
        unknown, users -> kv
        kv.k <- unknown.* IDENTITY
        kv.v <- unknown.* IDENTITY, users.name IDENTITY
        kv.id <- users.name IDENTITY
    "#]],
    );
    mysql(
        "INSERT INTO kv SELECT a.*, users.name FROM unknown AS a, users",
        &expect![[r#"
        unknown, users -> kv
        kv.k <- unknown.* IDENTITY
        kv.v <- unknown.* IDENTITY
        kv.id <- users.name IDENTITY
    "#]],
    );
    postgres(
        "INSERT INTO kv (k, v, id) SELECT a.*, users.name FROM unknown AS a, users",
        &expect![[r#"
        unknown, users -> kv
        kv.k <- unknown.* IDENTITY
        kv.v <- unknown.* IDENTITY
        kv.id <- users.name IDENTITY
    "#]],
    );
    postgres(
        "INSERT INTO kv (k, v, id) SELECT * FROM (SELECT users.name, a.* FROM unknown AS a, users) AS q",
        &expect![[r#"
            unknown, users -> kv
            kv.k <- unknown.* IDENTITY, users.name IDENTITY
            kv.v <- unknown.* IDENTITY, users.name IDENTITY
            kv.id <- unknown.* IDENTITY, users.name IDENTITY
        "#]],
    );
    postgres(
        "WITH q (a, b, c) AS (SELECT unknown.*, users.name FROM unknown, users) SELECT a, b, c FROM q",
        &expect![[r#"
            unknown, users -> nothing
            a <- unknown.* IDENTITY
            b <- unknown.* IDENTITY, users.name IDENTITY
            c <- users.name IDENTITY
        "#]],
    );
    sqlite(
        "INSERT INTO kv SELECT * FROM unknown WHERE true ON CONFLICT (k) DO UPDATE SET v = excluded.v",
        &expect![[r#"
            unknown -> kv
            kv.k <- kv.k join, unknown.* IDENTITY, unknown.* join
            kv.v <- kv.k join, unknown.* IDENTITY, unknown.* join
            kv.id <- kv.k join, unknown.* IDENTITY, unknown.* join
        "#]],
    );
}

#[test]
fn names_for_the_columns_of_the_unknown() {
    postgres(
        "CREATE VIEW w (a, b, c) AS SELECT unknown.*, users.name FROM unknown, users; SELECT * FROM w",
        &expect![[r#"
            w -> nothing
            a <- w.a IDENTITY
            b <- w.b IDENTITY
            c <- w.c IDENTITY
        "#]],
    );
    postgres(
        "CREATE VIEW w (a, b, c) AS SELECT unknown.*, users.name FROM unknown, users",
        &expect![[r#"
        unknown, users -> w
        w.a <- unknown.* IDENTITY
        w.b <- unknown.* IDENTITY, users.name IDENTITY
        w.c <- users.name IDENTITY
    "#]],
    );
    postgres(
        "CREATE TABLE w (a, b) AS SELECT * FROM unknown; SELECT * FROM w AS x (c)",
        &expect![[r#"
        w -> nothing
        c <- w.a IDENTITY
        b <- w.b IDENTITY
    "#]],
    );
    sqlite(
        "CREATE VIEW w (a, b) AS SELECT users.name, unknown.* FROM unknown, users",
        &expect![[r#"
        unknown, users -> w
        w.a <- users.name IDENTITY
        w.b <- unknown.* IDENTITY
    "#]],
    );
}

#[test]
fn with_queries_further_behind() {
    postgres(
        "WITH RECURSIVE a AS (SELECT id FROM b), b AS (SELECT id FROM users) SELECT id FROM a",
        &expect![[r#"
            users -> nothing
            id <- users.id IDENTITY
        "#]],
    );
    sqlite(
        "WITH a AS (SELECT id FROM b), b AS (SELECT id FROM users) SELECT id FROM a",
        &expect![[r#"
        users -> nothing
        id <- users.id IDENTITY
    "#]],
    );
    mysql(
        "WITH RECURSIVE a AS (SELECT id FROM b), b AS (SELECT id FROM users) SELECT id FROM a",
        &expect![[r#"
            users -> nothing
            id <- users.id IDENTITY
        "#]],
    );
    mysql(
        "WITH RECURSIVE a AS (SELECT id FROM orders), orders AS (SELECT id FROM users) SELECT id FROM a",
        &expect![[r#"
            orders -> nothing
            id <- orders.id IDENTITY
        "#]],
    );
    postgres(
        "WITH a AS (SELECT id FROM b), b AS (SELECT id FROM users) SELECT id FROM a",
        &expect![[r#"
        b -> nothing
        id <- b.id IDENTITY
    "#]],
    );
    postgres(
        "WITH RECURSIVE a AS (SELECT id FROM b), b AS (SELECT id FROM users UNION SELECT id + 1 FROM b), c AS (SELECT id AS b FROM a) SELECT b FROM c",
        &expect![[r#"
            users -> nothing
            b <- users.id IDENTITY, users.id TRANSFORMATION
        "#]],
    );
    postgres(
        "WITH RECURSIVE a AS (SELECT id FROM b), b AS (SELECT id FROM a) SELECT id FROM a",
        &expect![[r#"
            nothing -> nothing
            ? not analysed: queries of a `WITH` that read each other
        "#]],
    );
}

#[test]
fn names_of_the_list_in_sqlite() {
    sqlite(
        "SELECT upper(status) AS s FROM orders WHERE s = 'X'",
        &expect![[r#"
        orders -> nothing
        s <- orders.status TRANSFORMATION, orders.status filter
    "#]],
    );
    sqlite(
        "SELECT upper(name) AS status FROM orders, users WHERE status = 'X'",
        &expect![[r#"
        orders, users -> nothing
        status <- orders.status filter, users.name TRANSFORMATION
    "#]],
    );
    sqlite(
        "SELECT upper(name) AS s FROM orders JOIN users ON s = status WHERE users.id > 1",
        &expect![[r#"
        orders, users -> nothing
        s <- orders.status join, users.id filter, users.name TRANSFORMATION, users.name join
    "#]],
    );
    sqlite(
        "SELECT upper(status) AS s FROM orders WHERE EXISTS (SELECT 1 FROM users WHERE name = s)",
        &expect![[r#"
            orders, users -> nothing
            s <- orders.status TRANSFORMATION, orders.status filter, users.name filter
        "#]],
    );
    sqlite(
        "SELECT * FROM (SELECT lower(name) AS n FROM users JOIN orders ON users.id = user_id AND n = status) AS q JOIN kv ON kv.k = q.n",
        &expect![[r#"
            kv, orders, users -> nothing
            n <- kv.k join, orders.status join, orders.user_id join, users.id join, users.name TRANSFORMATION, users.name join
            k <- kv.k IDENTITY, kv.k join, orders.status join, orders.user_id join, users.id join, users.name join
            v <- kv.k join, kv.v IDENTITY, orders.status join, orders.user_id join, users.id join, users.name join
            id <- kv.id IDENTITY, kv.k join, orders.status join, orders.user_id join, users.id join, users.name join
        "#]],
    );
    postgres(
        "SELECT upper(status) AS s FROM orders WHERE s = 'X'",
        &expect![[r#"
        orders -> nothing
        s <- s filter, orders.status TRANSFORMATION
    "#]],
    );
}

#[test]
fn rows_before_and_after() {
    postgres(
        "WITH u AS (UPDATE orders SET status = 'x' RETURNING old.status AS o, new.status AS n) INSERT INTO kv (k) SELECT o || n FROM u",
        &expect![[r#"
            orders -> orders, kv
            orders.status <- 
            kv.k <- orders.status TRANSFORMATION
        "#]],
    );
    postgres(
        "INSERT INTO kv (k) VALUES (1) ON CONFLICT (k) DO UPDATE SET v = excluded.v RETURNING old.*, new.v, v",
        &expect![[r#"
            nothing -> kv
            kv.k <- kv.k join
            kv.v <- kv.k join
            k <- kv.k IDENTITY
            v <- kv.v IDENTITY
            id <- kv.id IDENTITY
            v <- kv.v IDENTITY
            v <- kv.v IDENTITY
        "#]],
    );
    postgres(
        "DELETE FROM orders AS old USING users WHERE old.user_id = users.id RETURNING old.id, *",
        &expect![[r#"
            users -> orders
            id <- orders.id IDENTITY, orders.user_id filter, users.id filter
            id <- orders.id IDENTITY, orders.user_id filter, users.id filter
            user_id <- orders.user_id IDENTITY, orders.user_id filter, users.id filter
            amount <- orders.amount IDENTITY, orders.user_id filter, users.id filter
            status <- orders.status IDENTITY, orders.user_id filter, users.id filter
            id <- orders.user_id filter, users.id IDENTITY, users.id filter
            name <- orders.user_id filter, users.id filter, users.name IDENTITY
            email <- orders.user_id filter, users.email IDENTITY, users.id filter
            org_id <- orders.user_id filter, users.id filter, users.org_id IDENTITY
        "#]],
    );
}

#[test]
fn upserts_of_what_was_not_given() {
    postgres(
        "INSERT INTO kv (k) VALUES (1) ON CONFLICT (k) DO UPDATE SET v = excluded.v",
        &expect![[r#"
        nothing -> kv
        kv.k <- kv.k join
        kv.v <- kv.k join
    "#]],
    );
    sqlite(
        "INSERT INTO unknown (k) VALUES (1) ON CONFLICT (k) DO UPDATE SET v = excluded.v",
        &expect![[r#"
        nothing -> unknown
        unknown.k <- unknown.k join
        unknown.v <- unknown.k join
    "#]],
    );
    mysql(
        "INSERT INTO kv (k, v) VALUES (1, (SELECT max(name) FROM users)) AS n (i, m) ON DUPLICATE KEY UPDATE v = m",
        &expect![[r#"
            users -> kv
            kv.k <- kv.k join
            kv.v <- kv.k join, users.name AGGREGATION
        "#]],
    );
    mysql(
        "INSERT INTO kv (k, v) VALUES (1, (SELECT max(name) FROM users)) AS n ON DUPLICATE KEY UPDATE v = n.v",
        &expect![[r#"
            users -> kv
            kv.k <- kv.k join
            kv.v <- kv.k join, users.name AGGREGATION
        "#]],
    );
}

#[test]
fn tables_that_are_read_and_changed() {
    mysql(
        "UPDATE users AS u JOIN orders AS o ON o.user_id = u.id SET u.name = o.status, o.status = u.name",
        &expect![[r#"
            orders, users -> users, orders
            users.name <- orders.status IDENTITY, orders.user_id join, users.id join
            orders.status <- orders.user_id join, users.id join, users.name IDENTITY
        "#]],
    );
    mysql(
        "UPDATE users AS u JOIN orders AS o ON o.user_id = u.id SET u.name = o.status",
        &expect![[r#"
        orders -> users
        users.name <- orders.status IDENTITY, orders.user_id join, users.id join
    "#]],
    );
    mysql(
        "UPDATE orders AS o JOIN orders AS p ON p.id = o.user_id SET o.amount = p.amount",
        &expect![[r#"
        orders -> orders
        orders.amount <- orders.amount IDENTITY, orders.id join, orders.user_id join
    "#]],
    );
    mysql(
        "UPDATE orders AS o LEFT JOIN (SELECT user_id, sum(amount) AS s FROM orders GROUP BY user_id) AS x ON x.user_id = o.id SET o.amount = x.s",
        &expect![[r#"
            orders -> orders
            orders.amount <- orders.amount AGGREGATION, orders.id join, orders.user_id join, orders.user_id groupby
        "#]],
    );
    mysql(
        "UPDATE orders AS o JOIN users AS u ON u.id = o.user_id SET o.amount = 1 WHERE o.id IN (SELECT id FROM orders)",
        &expect![[r#"
            orders, users -> orders
            orders.amount <- orders.id filter, orders.user_id join, users.id join
        "#]],
    );
    postgres(
        "DELETE FROM orders AS o USING (SELECT user_id FROM orders GROUP BY user_id) AS x WHERE x.user_id = o.id",
        &expect![[r#"
            orders -> orders
            * <- orders.id Filter, orders.user_id Filter, orders.user_id GroupBy
            * <- orders.id Filter, orders.user_id Filter, orders.user_id GroupBy
        "#]],
    );
    mysql(
        "DELETE o FROM orders AS o JOIN (SELECT max(id) AS m FROM orders) AS x ON x.m = o.id",
        &expect![[r#"
            orders -> orders
            * <- orders.id Join
            * <- orders.id Join
        "#]],
    );
    mysql(
        "DELETE o, u FROM orders AS o JOIN users AS u ON u.id = o.user_id",
        &expect![[r#"
            nothing -> orders, users
            * <- orders.user_id Join, users.id Join
            * <- orders.user_id Join, users.id Join
            * <- orders.user_id Join, users.id Join
        "#]],
    );
    mysql(
        "DELETE FROM orders USING orders JOIN users ON users.id = orders.user_id",
        &expect![[r#"
        users -> orders
        * <- orders.user_id Join, users.id Join
        * <- orders.user_id Join, users.id Join
    "#]],
    );
}

#[test]
fn strings_as_columns() {
    mysql(
        "SELECT \"id\", 'it''s' FROM users",
        &expect![[r#"
        users -> nothing
        id <- 
        it's <- 
    "#]],
    );
}
