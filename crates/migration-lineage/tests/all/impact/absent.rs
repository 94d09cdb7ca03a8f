//! Names of what nothing has made, and statements that are read by their words. As PostgreSQL 15 took them.

use expect_test::{Expect, expect};
use migration_syntax::Dialect;

use super::check_all;

fn check(schema: &str, changes: &[&str], expected: Expect) {
    check_all(Dialect::Postgres, schema, changes, &expected);
}

#[test]
fn what_is_not_there() {
    let schema = "
        CREATE TABLE t (id int PRIMARY KEY, b int UNIQUE, c int CHECK (c > 0));
        CREATE INDEX ON t (c); CREATE INDEX i ON t (c);
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
        CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();";
    check(
        schema,
        &[
            "ALTER TABLE t ALTER COLUMN zz SET NOT NULL",
            "ALTER TABLE t ALTER COLUMN zz SET DEFAULT 1",
            "ALTER TABLE t ALTER COLUMN zz DROP DEFAULT",
            "ALTER TABLE t ALTER COLUMN b SET NOT NULL, ALTER c DROP NOT NULL",
            "ALTER TABLE t ADD COLUMN zz int, ALTER COLUMN zz SET NOT NULL",
            "ALTER TABLE t ALTER COLUMN id DROP NOT NULL",
            "ALTER TABLE nope ADD COLUMN a int",
            "ALTER TABLE IF EXISTS nope ADD COLUMN a int",
            "CREATE INDEX j ON t (zz)",
            "CREATE INDEX j ON nope (a)",
            "CREATE INDEX j ON t (b, c)",
            "TRUNCATE nope",
            "TRUNCATE t",
            "DROP INDEX nope",
            "DROP INDEX IF EXISTS nope",
            "DROP INDEX i",
            "DROP INDEX t_c_idx",
            "ALTER TABLE t DROP CONSTRAINT nope",
            "ALTER TABLE t DROP CONSTRAINT t_c_check",
            "ALTER TABLE t DROP CONSTRAINT IF EXISTS nope",
            "DROP TRIGGER nope ON t",
            "DROP TRIGGER tr ON t",
            "DROP TRIGGER tr ON nope",
            "DROP TRIGGER IF EXISTS nope ON t",
        ],
        expect![[r#"
            ALTER TABLE t ALTER COLUMN zz SET NOT NULL
                unknown: t.zz
            ALTER TABLE t ALTER COLUMN zz SET DEFAULT 1
                unknown: t.zz
            ALTER TABLE t ALTER COLUMN zz DROP DEFAULT
                unknown: t.zz
            ALTER TABLE t ALTER COLUMN b SET NOT NULL, ALTER c DROP NOT NULL
            ALTER TABLE t ADD COLUMN zz int, ALTER COLUMN zz SET NOT NULL
                nothing
                nothing
            ALTER TABLE t ALTER COLUMN id DROP NOT NULL
                refused: id is in the primary key of t
            ALTER TABLE nope ADD COLUMN a int
                unknown: nope
            ALTER TABLE IF EXISTS nope ADD COLUMN a int
                nothing
            CREATE INDEX j ON t (zz)
                unknown: t.zz
            CREATE INDEX j ON nope (a)
                unknown: nope
            CREATE INDEX j ON t (b, c)
            TRUNCATE nope
                unknown: nope
            TRUNCATE t
            DROP INDEX nope
                unknown: nope
            DROP INDEX IF EXISTS nope
                nothing
            DROP INDEX i
                nothing
            DROP INDEX t_c_idx
                nothing
            ALTER TABLE t DROP CONSTRAINT nope
                unknown: t.nope
            ALTER TABLE t DROP CONSTRAINT t_c_check
                nothing
            ALTER TABLE t DROP CONSTRAINT IF EXISTS nope
                nothing
            DROP TRIGGER nope ON t
                unknown: t.nope
            DROP TRIGGER tr ON t
            DROP TRIGGER tr ON nope
                unknown: nope
            DROP TRIGGER IF EXISTS nope ON t
        "#]],
    );
}

#[test]
fn statements_about_no_column() {
    let schema = "
        CREATE TABLE p (a int, c int) PARTITION BY RANGE (a);
        CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
        CREATE VIEW v AS SELECT a, c FROM p; CREATE VIEW w AS SELECT a FROM v;
        CREATE MATERIALIZED VIEW m AS SELECT a FROM p;
        CREATE FUNCTION f() RETURNS SETOF int LANGUAGE sql AS $$ SELECT c FROM v $$;
        CREATE SEQUENCE s;";
    check(
        schema,
        &[
            "ALTER TABLE p DETACH PARTITION p1",
            "ALTER TABLE nope DETACH PARTITION p1",
            "ALTER VIEW v RENAME COLUMN c TO d",
            "ALTER VIEW v RENAME COLUMN zz TO d",
            "ALTER MATERIALIZED VIEW m RENAME COLUMN a TO b",
            "ALTER SEQUENCE s RENAME TO r",
        ],
        expect![[r#"
            ALTER TABLE p DETACH PARTITION p1
            ALTER TABLE nope DETACH PARTITION p1
                unknown: nope
            ALTER VIEW v RENAME COLUMN c TO d
                broken: function f
            ALTER VIEW v RENAME COLUMN zz TO d
                unknown: v.zz
            ALTER MATERIALIZED VIEW m RENAME COLUMN a TO b
                nothing
            ALTER SEQUENCE s RENAME TO r
        "#]],
    );
}
