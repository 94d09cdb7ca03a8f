//! What keeps columns of MySQL from being dropped, as MariaDB 10.11 took it.

use expect_test::{Expect, expect};
use migration_syntax::Dialect;

use super::check_all;

fn check(schema: &str, changes: &[&str], expected: Expect) {
    check_all(Dialect::Mysql, schema, changes, &expected);
}

#[test]
fn keys_of_several_columns() {
    check(
        "CREATE TABLE t (a int, b int, c int, d int, e int, PRIMARY KEY (d, e), UNIQUE (a, b), KEY plain (b, c));
         CREATE TABLE one (a int);",
        &[
            "ALTER TABLE t DROP COLUMN b",
            "ALTER TABLE t DROP COLUMN b, DROP INDEX a",
            "ALTER TABLE t DROP COLUMN a, DROP COLUMN b",
            "ALTER TABLE t DROP COLUMN e",
            "ALTER TABLE t DROP COLUMN e, DROP PRIMARY KEY",
            "ALTER TABLE t DROP COLUMN c",
            "ALTER TABLE one DROP COLUMN a",
            "ALTER TABLE one DROP COLUMN a, ADD COLUMN b int",
        ],
        expect![[r#"
            ALTER TABLE t DROP COLUMN b
                refused by: index a
            ALTER TABLE t DROP COLUMN b, DROP INDEX a
                nothing
                nothing
            ALTER TABLE t DROP COLUMN a, DROP COLUMN b
                nothing
                nothing
            ALTER TABLE t DROP COLUMN e
                refused by: constraint primary
            ALTER TABLE t DROP COLUMN e, DROP PRIMARY KEY
                nothing
                nothing
            ALTER TABLE t DROP COLUMN c
                nothing
            ALTER TABLE one DROP COLUMN a
                refused: one would have no column
            ALTER TABLE one DROP COLUMN a, ADD COLUMN b int
                nothing
                nothing
        "#]],
    );
}

#[test]
fn defaults_and_hidden_columns() {
    check(
        "CREATE TABLE t (a int, b int DEFAULT (a + 1), c int INVISIBLE, d int DEFAULT 'a');
         CREATE VIEW every AS SELECT * FROM t; CREATE VIEW told AS SELECT c FROM t;",
        &[
            "ALTER TABLE t DROP COLUMN a",
            "ALTER TABLE t DROP COLUMN c",
            "ALTER TABLE t DROP COLUMN a, DROP COLUMN b",
        ],
        expect![[r#"
            ALTER TABLE t DROP COLUMN a
                refused by: column b
            ALTER TABLE t DROP COLUMN c
                broken: view told
            ALTER TABLE t DROP COLUMN a, DROP COLUMN b
                broken: view every
                broken: view every
        "#]],
    );
}

/// InnoDB's own names.
#[test]
fn keys_without_names() {
    let schema = "
        CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE q (id int PRIMARY KEY);
        CREATE TABLE c (pid int, qid int, FOREIGN KEY (pid) REFERENCES p (id), FOREIGN KEY (qid) REFERENCES q (id));
        ALTER TABLE c DROP FOREIGN KEY c_ibfk_1; ALTER TABLE c ADD FOREIGN KEY (pid) REFERENCES p (id);";
    check(
        schema,
        &["DROP TABLE p", "DROP TABLE q", "ALTER TABLE c DROP COLUMN pid"],
        expect![[r#"
        DROP TABLE p
            refused by: constraint c_ibfk_3
        DROP TABLE q
            refused by: constraint c_ibfk_2
        ALTER TABLE c DROP COLUMN pid
            refused by: constraint c_ibfk_3
    "#]],
    );
    let renamed =
        format!("{schema} RENAME TABLE c TO child; ALTER TABLE child DROP FOREIGN KEY child_ibfk_3;");
    check(
        &renamed,
        &["DROP TABLE p", "DROP TABLE q"],
        expect![[r#"
        DROP TABLE p
            nothing
        DROP TABLE q
            refused by: constraint child_ibfk_2
    "#]],
    );
}
