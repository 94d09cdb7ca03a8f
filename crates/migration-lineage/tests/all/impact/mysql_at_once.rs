//! Several actions in one `ALTER TABLE` of MySQL, as MariaDB 10.11 took them.

use expect_test::{Expect, expect};
use migration_lineage::Analyzer;
use migration_syntax::Dialect;

use super::check_all;

const SCHEMA: &str = "
    CREATE TABLE t (a int, b varchar(5), c int, d int, g int AS (d + 1));
    CREATE TABLE p (id int PRIMARY KEY);
    CREATE TABLE c (id int, pid int, CONSTRAINT f1 FOREIGN KEY (pid) REFERENCES p (id));
    CREATE VIEW v AS SELECT a, b FROM t;
";

fn check(changes: &[&str], expected: Expect) {
    check_all(Dialect::Mysql, SCHEMA, changes, &expected);
}

#[test]
fn names_that_change_places() {
    check(
        &[
            "ALTER TABLE t CHANGE a b int, CHANGE b a varchar(5)",
            "ALTER TABLE t RENAME COLUMN a TO b, RENAME COLUMN b TO a",
            "ALTER TABLE t RENAME COLUMN a TO b, RENAME COLUMN b TO c, RENAME COLUMN c TO e",
            "ALTER TABLE t RENAME COLUMN a TO b",
            "ALTER TABLE t RENAME COLUMN a TO e, RENAME COLUMN b TO e",
        ],
        expect![[r#"
            ALTER TABLE t CHANGE a b int, CHANGE b a varchar(5)
                nothing
                nothing
                nothing
                nothing
            ALTER TABLE t RENAME COLUMN a TO b, RENAME COLUMN b TO a
                nothing
                nothing
            ALTER TABLE t RENAME COLUMN a TO b, RENAME COLUMN b TO c, RENAME COLUMN c TO e
                broken: view v
                nothing
                nothing
            ALTER TABLE t RENAME COLUMN a TO b
                refused: t has a column b already
            ALTER TABLE t RENAME COLUMN a TO e, RENAME COLUMN b TO e
                refused: two columns of t are called e
                refused: two columns of t are called e
        "#]],
    );
}

#[test]
fn names_that_are_given_again() {
    check(
        &[
            "ALTER TABLE t DROP COLUMN b, ADD COLUMN b varchar(10)",
            "ALTER TABLE t ADD COLUMN b varchar(10), DROP COLUMN b",
            "ALTER TABLE t DROP COLUMN a, RENAME COLUMN c TO a",
            "ALTER TABLE t RENAME COLUMN c TO a, DROP COLUMN a",
            "ALTER TABLE t ADD COLUMN c int",
            "ALTER TABLE t DROP COLUMN c, DROP COLUMN c",
        ],
        expect![[r#"
            ALTER TABLE t DROP COLUMN b, ADD COLUMN b varchar(10)
                nothing
                nothing
            ALTER TABLE t ADD COLUMN b varchar(10), DROP COLUMN b
                nothing
                nothing
            ALTER TABLE t DROP COLUMN a, RENAME COLUMN c TO a
                nothing
                nothing
            ALTER TABLE t RENAME COLUMN c TO a, DROP COLUMN a
                nothing
                nothing
            ALTER TABLE t ADD COLUMN c int
                refused: t has a column c already
            ALTER TABLE t DROP COLUMN c, DROP COLUMN c
                unknown: t.c
                unknown: t.c
        "#]],
    );
}

#[test]
fn what_goes_with_it() {
    check(
        &[
            "ALTER TABLE c DROP COLUMN pid, DROP FOREIGN KEY f1",
            "ALTER TABLE t DROP COLUMN d",
            "ALTER TABLE t DROP COLUMN d, DROP COLUMN g",
        ],
        expect![[r#"
            ALTER TABLE c DROP COLUMN pid, DROP FOREIGN KEY f1
                vanished: index f1
                nothing
            ALTER TABLE t DROP COLUMN d
                refused by: column g
            ALTER TABLE t DROP COLUMN d, DROP COLUMN g
                nothing
                nothing
        "#]],
    );
}

#[test]
fn columns_that_are_not_there() {
    check(
        &[
            "ALTER TABLE t ALTER zz SET DEFAULT 1",
            "ALTER TABLE t ALTER a SET DEFAULT 1",
            "ALTER TABLE t ADD COLUMN q int AFTER zz",
            "ALTER TABLE t ADD COLUMN zz int, ADD COLUMN q int AFTER zz",
            "ALTER TABLE t MODIFY a int AFTER zz",
            "ALTER TABLE t CHANGE a e int AFTER zz",
        ],
        expect![[r#"
            ALTER TABLE t ALTER zz SET DEFAULT 1
                unknown: t.zz
            ALTER TABLE t ALTER a SET DEFAULT 1
            ALTER TABLE t ADD COLUMN q int AFTER zz
                unknown: t.zz
            ALTER TABLE t ADD COLUMN zz int, ADD COLUMN q int AFTER zz
                nothing
                nothing
            ALTER TABLE t MODIFY a int AFTER zz
                unknown: t.zz
            ALTER TABLE t CHANGE a e int AFTER zz
                broken: view v
                unknown: t.zz
        "#]],
    );
}

/// What the schema is afterwards.
#[test]
fn columns_afterwards() {
    let columns = |change: &str| {
        let mut analyzer = Analyzer::new(Dialect::Mysql);
        analyzer.analyze(SCHEMA).unwrap();
        analyzer.analyze(change).unwrap();
        let relation = analyzer.catalogue().relations().find(|relation| relation.name.to_string() == "t");
        let columns = relation.unwrap().columns.iter();
        columns.map(|column| format!("{} {}", column.name, column.data_type)).collect::<Vec<_>>().join(", ")
    };
    let exchanged = "b INT, a VARCHAR(5), c INT, d INT, g INT";
    assert_eq!(
        columns("ALTER TABLE t CHANGE a b int, CHANGE b a varchar(5)").to_uppercase(),
        exchanged.to_uppercase()
    );
    let renamed = columns("ALTER TABLE t RENAME COLUMN a TO b, RENAME COLUMN b TO a");
    assert_eq!(renamed.to_uppercase(), exchanged.to_uppercase());
    let shifted = columns("ALTER TABLE t RENAME COLUMN c TO a, DROP COLUMN a");
    assert_eq!(shifted.to_uppercase(), "B VARCHAR(5), A INT, D INT, G INT");
}

/// Of a table that couldn't be read nobody knows what its columns are guarded by.
#[test]
fn tables_that_were_not_understood() {
    let unknown = |dialect: Dialect, change: &str| {
        let mut analyzer = Analyzer::new(dialect);
        let text = "CREATE TABLE t (a int, b int WHATEVER 'x' y); CREATE VIEW v AS SELECT a FROM t";
        let analysis = analyzer.analyze(text).unwrap();
        assert_eq!(analysis.statements[0].unanalysed.len(), 1);
        analyzer.catalogue().impact(change).unwrap().into_iter().find_map(|impact| impact.unknown)
    };
    for dialect in [Dialect::Mysql, Dialect::Postgres] {
        assert_eq!(unknown(dialect, "ALTER TABLE t DROP COLUMN b").as_deref(), Some("t"));
        assert_eq!(unknown(dialect, "ALTER TABLE t RENAME COLUMN b TO c").as_deref(), Some("t"));
        assert_eq!(unknown(dialect, "ALTER TABLE t ADD COLUMN c int").as_deref(), Some("t"));
        assert_eq!(unknown(dialect, "DROP TABLE t"), None);
    }
}
