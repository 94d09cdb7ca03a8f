//! Functions in `FROM`: which columns they have, and where these come from.

use expect_test::expect;

use crate::row_sources::{postgres, sqlite};

#[test]
fn functions_in_from() {
    postgres(
        "SELECT * FROM docs, jsonb_each(docs.d)",
        &expect![[r#"
        docs -> nothing
        id <- docs.id IDENTITY
        d <- docs.d IDENTITY
        key <- docs.d TRANSFORMATION
        value <- docs.d TRANSFORMATION
    "#]],
    );
    postgres(
        "SELECT * FROM docs, jsonb_each(docs.d) AS e (k), jsonb_array_elements(docs.d) AS x",
        &expect![[r#"
            docs -> nothing
            id <- docs.id IDENTITY
            d <- docs.d IDENTITY
            k <- docs.d TRANSFORMATION
            value <- docs.d TRANSFORMATION
            value <- docs.d TRANSFORMATION
        "#]],
    );
    postgres(
        "SELECT e, e.value, jsonb_each.key FROM jsonb_array_elements_text((SELECT d FROM docs)) AS e, jsonb_each('{}')",
        &expect![[r#"
            docs -> nothing
            e <- docs.d TRANSFORMATION
            value <- docs.d TRANSFORMATION
            key <- 
        "#]],
    );
    sqlite(
        "SELECT *, json, e.root FROM docs, json_tree(docs.d) AS e",
        &expect![[r#"
        docs -> nothing
        id <- docs.id IDENTITY
        d <- docs.d IDENTITY
        key <- docs.d TRANSFORMATION
        value <- docs.d TRANSFORMATION
        type <- docs.d TRANSFORMATION
        atom <- docs.d TRANSFORMATION
        id <- docs.d TRANSFORMATION
        parent <- docs.d TRANSFORMATION
        fullkey <- docs.d TRANSFORMATION
        path <- docs.d TRANSFORMATION
        json <- docs.d TRANSFORMATION
        root <- docs.d TRANSFORMATION
    "#]],
    );
    sqlite(
        "SELECT * FROM generate_series(1, (SELECT id FROM users)) WHERE stop > 1",
        &expect![[r#"
        users -> nothing
        value <- users.id TRANSFORMATION, users.id filter
    "#]],
    );
    sqlite(
        "SELECT * FROM pragma_index_list('users') WHERE schema = 'main'",
        &expect![[r#"
        nothing -> nothing
        seq <- 
        name <- 
        unique <- 
        origin <- 
        partial <- 
    "#]],
    );
    postgres(
        "INSERT INTO kv (k, v, id) SELECT e.*, docs.id FROM docs, jsonb_each(docs.d) AS e",
        &expect![[r#"
            docs -> kv
            kv.k <- docs.d TRANSFORMATION
            kv.v <- docs.d TRANSFORMATION
            kv.id <- docs.id IDENTITY
        "#]],
    );
    sqlite(
        "INSERT INTO kv (k, v, id) SELECT e.key, e.value, docs.id FROM docs, json_each(docs.d) AS e",
        &expect![[r#"
            docs -> kv
            kv.k <- docs.d TRANSFORMATION
            kv.v <- docs.d TRANSFORMATION
            kv.id <- docs.id IDENTITY
        "#]],
    );
    postgres(
        "INSERT INTO orders (id, amount, status) SELECT s.*, u.org_id, u.name FROM generate_series(1, 10) AS s, users AS u",
        &expect![[r#"
            users -> orders
            orders.id <- 
            orders.amount <- users.org_id IDENTITY
            orders.status <- users.name IDENTITY
        "#]],
    );
    postgres(
        "INSERT INTO orders (id, amount) SELECT *, 1 FROM regexp_split_to_table((SELECT name FROM users), ',') AS s",
        &expect![[r#"
            users -> orders
            orders.id <- users.name TRANSFORMATION
            orders.amount <- 
        "#]],
    );
    postgres(
        "INSERT INTO orders (id, amount, status) SELECT *, 1 FROM regexp_split_to_table('a', ',') AS s, (SELECT id FROM users) AS u",
        &expect![[r#"
            users -> orders
            orders.id <- 
            orders.amount <- users.id IDENTITY
            orders.status <- 
        "#]],
    );
    postgres(
        "CREATE TABLE zz AS SELECT * FROM generate_series(1, 3); SELECT * FROM zz",
        &expect![[r#"
        zz -> nothing
        generate_series <- zz.generate_series IDENTITY
    "#]],
    );
    postgres(
        "SELECT * FROM users, unnest(string_to_array(name, ',')) WITH ORDINALITY",
        &expect![[r#"
        users -> nothing
        id <- users.id IDENTITY
        name <- users.name IDENTITY
        email <- users.email IDENTITY
        org_id <- users.org_id IDENTITY
        unnest <- users.name TRANSFORMATION
        ordinality <- users.name TRANSFORMATION
    "#]],
    );
    postgres(
        "SELECT x.*, n FROM users, regexp_split_to_table(name, ',') WITH ORDINALITY AS x (part, n)",
        &expect![[r#"
            users -> nothing
            part <- users.name TRANSFORMATION
            n <- users.name TRANSFORMATION
            n <- users.name TRANSFORMATION
        "#]],
    );
    postgres(
        "SELECT * FROM users, unnest(ARRAY[name], ARRAY[email]) AS z (x, y)",
        &expect![[r#"
        users -> nothing
        id <- users.id IDENTITY
        name <- users.name IDENTITY
        email <- users.email IDENTITY
        org_id <- users.org_id IDENTITY
        x <- users.name TRANSFORMATION
        y <- users.email TRANSFORMATION
    "#]],
    );
    postgres(
        "SELECT unnest.* FROM users, unnest(ARRAY[name])",
        &expect![[r#"
        users -> nothing
        unnest <- users.name TRANSFORMATION
    "#]],
    );
    postgres(
        "SELECT * FROM docs, jsonb_populate_recordset(NULL::kv, docs.d)",
        &expect![[r#"
        docs -> nothing
        id <- docs.id IDENTITY
        d <- docs.d IDENTITY
        k <- docs.d TRANSFORMATION
        v <- docs.d TRANSFORMATION
        id <- docs.d TRANSFORMATION
    "#]],
    );
    postgres(
        "SELECT * FROM docs, jsonb_to_recordset(docs.d) AS x (a int, b text)",
        &expect![[r#"
        docs -> nothing
        id <- docs.id IDENTITY
        d <- docs.d IDENTITY
        a <- docs.d TRANSFORMATION
        b <- docs.d TRANSFORMATION
    "#]],
    );
}

#[test]
fn functions_of_nobody() {
    postgres(
        "SELECT *, f, f.some, other FROM docs, who_knows(docs.d) AS f",
        &expect![[r#"
        docs -> nothing
        id <- docs.id IDENTITY
        d <- docs.d IDENTITY
        * <- docs.d TRANSFORMATION
        f <- docs.d TRANSFORMATION
        some <- docs.d TRANSFORMATION
        other <- docs.d TRANSFORMATION
    "#]],
    );
    postgres(
        "INSERT INTO kv SELECT f.*, docs.id FROM docs, who_knows(docs.d) AS f",
        &expect![[r#"
        docs -> kv
        kv.k <- docs.d TRANSFORMATION
        kv.v <- docs.d TRANSFORMATION, docs.id IDENTITY
        kv.id <- docs.id IDENTITY
    "#]],
    );
    postgres(
        "SELECT * FROM docs, who_knows(docs.d) AS f (a, b)",
        &expect![[r#"
        docs -> nothing
        id <- docs.id IDENTITY
        d <- docs.d IDENTITY
        a <- docs.d TRANSFORMATION
        b <- docs.d TRANSFORMATION
    "#]],
    );
    postgres(
        "CREATE FUNCTION own(x int) RETURNS TABLE (a int, b text) LANGUAGE sql AS $$ SELECT id, name FROM users WHERE id = x $$; SELECT * FROM docs, own(docs.id) AS o (first)",
        &expect![[r#"
            docs, users -> nothing
            id <- docs.id IDENTITY
            d <- docs.d IDENTITY
            first <- docs.id filter, users.id IDENTITY, users.id filter
            b <- docs.id filter, users.id filter, users.name IDENTITY
        "#]],
    );
    postgres(
        "CREATE FUNCTION one(x text) RETURNS int LANGUAGE sql AS $$ SELECT length(x) $$; SELECT * FROM docs, one(docs.d::text) WITH ORDINALITY AS o",
        &expect![[r#"
            docs -> nothing
            id <- docs.id IDENTITY
            d <- docs.d IDENTITY
            o <- docs.d TRANSFORMATION
            ordinality <- docs.d TRANSFORMATION
        "#]],
    );
    sqlite(
        "CREATE VIRTUAL TABLE found USING fts5(name, body); SELECT found.name FROM found('x') JOIN users ON users.id = found.rowid",
        &expect![[r#"
            found, users -> nothing
            name <- found.name IDENTITY, found.rowid join, users.id join
        "#]],
    );
}
