//! One statement after the other, and what comes from where.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use migration_lineage::{Analyzer, Kind};
use migration_syntax::Dialect;

/// The lineage of the last statement: `inputs -> outputs`, a line per column, and what was not understood.
pub(crate) fn show(sql: &str, dialect: Dialect) -> String {
    let mut analyzer = Analyzer::new(dialect);
    let analysis = analyzer.analyze(sql).unwrap();
    let last = analysis.statements.last().unwrap();
    let names = |names: &[migration_lineage::ObjectName]| {
        if names.is_empty() {
            return "nothing".to_owned();
        }
        names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    let mut text = format!("{} -> {}\n", names(&last.inputs), names(&last.outputs));
    for column in &last.columns {
        let sources: Vec<_> = column
            .sources
            .iter()
            .map(|source| {
                let how = format!("{:?}", source.subtype);
                let how = if source.kind() == Kind::Direct { how.to_uppercase() } else { how.to_lowercase() };
                format!("{} {how}{}", source.column, if source.masking { " masked" } else { "" })
            })
            .collect();
        let _ = writeln!(text, "{} <- {}", column.target, sources.join(", "));
    }
    for dataset in last.dataset.iter().filter(|_| last.columns.is_empty()) {
        let sources: Vec<_> =
            dataset.sources.iter().map(|source| format!("{} {:?}", source.column, source.subtype)).collect();
        let _ = writeln!(text, "* <- {}", sources.join(", "));
    }
    for call in &last.ambiguous {
        let _ = writeln!(text, "{} may be {}", call.name, call.candidates.join(" or "));
    }
    for part in &last.unanalysed {
        let _ = writeln!(text, "? {}", part.reason);
    }
    text
}

fn check(sql: &str, dialect: Dialect, expected: &Expect) {
    let tables = "CREATE TABLE t (id int PRIMARY KEY, a int, b int);
                  CREATE TABLE u (id int PRIMARY KEY, a int, c int);\n";
    expected.assert_eq(&show(&format!("{tables}{sql}"), dialect));
}

pub(crate) fn postgres(sql: &str, expected: &Expect) {
    check(sql, Dialect::Postgres, expected);
}

fn mysql(sql: &str, expected: &Expect) {
    check(sql, Dialect::Mysql, expected);
}

fn sqlite(sql: &str, expected: &Expect) {
    check(sql, Dialect::Sqlite, expected);
}

#[test]
fn queries() {
    postgres(
        "SELECT *, a + b FROM t WHERE b > 0 ORDER BY id",
        &expect![[r#"
            t -> nothing
            id <- t.b filter, t.id IDENTITY, t.id sort
            a <- t.a IDENTITY, t.b filter, t.id sort
            b <- t.b IDENTITY, t.b filter, t.id sort
            ?column? <- t.a TRANSFORMATION, t.b TRANSFORMATION, t.b filter, t.id sort
        "#]],
    );
    postgres(
        "SELECT t.*, c FROM t JOIN u USING (id)",
        &expect![[r#"
            t, u -> nothing
            id <- t.id IDENTITY, t.id join, u.id join
            a <- t.a IDENTITY, t.id join, u.id join
            b <- t.b IDENTITY, t.id join, u.id join
            c <- t.id join, u.c IDENTITY, u.id join
        "#]],
    );
    postgres(
        "SELECT * FROM t NATURAL LEFT JOIN u",
        &expect![[r#"
            t, u -> nothing
            id <- t.a join, t.id IDENTITY, t.id join, u.a join, u.id IDENTITY, u.id join
            a <- t.a IDENTITY, t.a join, t.id join, u.a IDENTITY, u.a join, u.id join
            b <- t.a join, t.b IDENTITY, t.id join, u.a join, u.id join
            c <- t.a join, t.id join, u.a join, u.c IDENTITY, u.id join
        "#]],
    );
    postgres(
        "SELECT x FROM t, LATERAL (SELECT t.a + u.c AS x FROM u WHERE u.id = t.id) AS l",
        &expect![[r#"
            t, u -> nothing
            x <- t.a TRANSFORMATION, t.id filter, u.c TRANSFORMATION, u.id filter
        "#]],
    );
    postgres(
        "SELECT (SELECT max(c) FROM u WHERE u.id = t.id) AS m FROM t",
        &expect![[r#"
            t, u -> nothing
            m <- t.id filter, u.c AGGREGATION, u.id filter
        "#]],
    );
    postgres(
        "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.b)",
        &expect![[r#"
            t, u -> nothing
            a <- t.a IDENTITY, t.b filter, u.a filter
        "#]],
    );
    postgres(
        "SELECT a FROM t EXCEPT SELECT c FROM u",
        &expect![[r#"
            t, u -> nothing
            a <- t.a IDENTITY, t.a groupby, u.c filter
        "#]],
    );
    postgres(
        "SELECT a, md5(b::text) AS h, count(b) OVER w FROM t WINDOW w AS (PARTITION BY id)",
        &expect![[r#"
            t -> nothing
            a <- t.a IDENTITY
            h <- t.b TRANSFORMATION masked
            count <- t.b AGGREGATION masked, t.id window
        "#]],
    );
    postgres(
        "SELECT g, unknown.x FROM unknown, generate_series(1, 3) AS g",
        &expect![[r#"
            unknown -> nothing
            g <- 
            x <- unknown.x IDENTITY
        "#]],
    );
    postgres(
        "SELECT x FROM one, two",
        &expect![[r#"
            one, two -> nothing
            x <- x IDENTITY
        "#]],
    );
    mysql(
        "SELECT j.v FROM t, JSON_TABLE(t.a, '$[*]' COLUMNS (v INT PATH '$')) AS j",
        &expect![[r#"
            t -> nothing
            v <- t.a TRANSFORMATION
        "#]],
    );
    sqlite(
        "SELECT max(a, b) AS m, \"no such\" AS s FROM t",
        &expect![[r#"
            t -> nothing
            m <- t.a TRANSFORMATION, t.b TRANSFORMATION
            s <- 
        "#]],
    );
}

#[test]
fn with_queries() {
    postgres(
        "WITH w (x) AS (SELECT a FROM t), unused AS (SELECT * FROM u) SELECT x FROM w",
        &expect![[r#"
            t -> nothing
            x <- t.a IDENTITY
        "#]],
    );
    postgres(
        "WITH RECURSIVE r (n, m) AS (SELECT a, b FROM t UNION ALL SELECT m, n + c FROM r JOIN u ON u.id = r.n) SELECT * FROM r",
        &expect![[r#"
            t, u -> nothing
            n <- t.a IDENTITY, t.a TRANSFORMATION, t.a join, t.b IDENTITY, t.b TRANSFORMATION, t.b join, u.c TRANSFORMATION, u.c join, u.id join
            m <- t.a TRANSFORMATION, t.a join, t.b IDENTITY, t.b TRANSFORMATION, t.b join, u.c TRANSFORMATION, u.c join, u.id join
        "#]],
    );
    postgres(
        "WITH gone AS (DELETE FROM t WHERE a > 1 RETURNING id, b) INSERT INTO u (id, c) SELECT * FROM gone",
        &expect![[r#"
        t -> t, u
        u.id <- t.a filter, t.id IDENTITY
        u.c <- t.a filter, t.b IDENTITY
    "#]],
    );
}

#[test]
fn writes() {
    postgres(
        "INSERT INTO u (c, id) SELECT a, b FROM t",
        &expect![[r#"
        t -> u
        u.c <- t.a IDENTITY
        u.id <- t.b IDENTITY
    "#]],
    );
    postgres(
        "INSERT INTO u SELECT * FROM t ON CONFLICT (id) DO UPDATE SET c = excluded.a + u.c WHERE u.a > 0",
        &expect![[r#"
        t -> u
        u.id <- t.id IDENTITY, t.id join, u.a filter, u.id join
        u.a <- t.a IDENTITY, t.id join, u.a filter, u.id join
        u.c <- t.a TRANSFORMATION, t.b IDENTITY, t.id join, u.a filter, u.c TRANSFORMATION, u.id join
    "#]],
    );
    mysql(
        "INSERT INTO u (id, c) SELECT id, b FROM t ON DUPLICATE KEY UPDATE c = VALUES(c) + 1",
        &expect![[r#"
        t -> u
        u.id <- t.id IDENTITY, t.id join, u.id join
        u.c <- t.b IDENTITY, t.b TRANSFORMATION, t.id join, u.id join
    "#]],
    );
    sqlite(
        "REPLACE INTO u VALUES (1, 2, (SELECT max(b) FROM t))",
        &expect![[r#"
        t -> u
        u.id <- u.id join
        u.a <- u.id join
        u.c <- t.b AGGREGATION, u.id join
    "#]],
    );
    postgres(
        "UPDATE u SET c = t.b, (a) = (SELECT max(id) FROM t) FROM t WHERE t.id = u.id",
        &expect![[r#"
        t -> u
        u.c <- t.b IDENTITY, t.id filter, u.id filter
        u.a <- t.id AGGREGATION, t.id filter, u.id filter
    "#]],
    );
    mysql(
        "UPDATE t JOIN u ON u.id = t.id SET u.c = t.b WHERE t.a > 1",
        &expect![[r#"
        t -> u
        u.c <- t.a filter, t.b IDENTITY, t.id join, u.id join
    "#]],
    );
    postgres(
        "DELETE FROM t USING u WHERE t.id = u.id AND u.c > 1",
        &expect![[r#"
        u -> t
        * <- t.id Filter, u.c Filter, u.id Filter
        * <- t.id Filter, u.c Filter, u.id Filter
    "#]],
    );
    mysql(
        "DELETE x FROM t AS x JOIN u ON u.id = x.id",
        &expect![[r#"
        u -> t
        * <- t.id Join, u.id Join
        * <- t.id Join, u.id Join
    "#]],
    );
    postgres(
        "MERGE INTO u USING t ON t.id = u.id WHEN MATCHED AND t.a > 1 THEN UPDATE SET c = t.b WHEN NOT MATCHED THEN INSERT (id, c) VALUES (t.id, t.a)",
        &expect![[r#"
            t -> u
            u.c <- t.a IDENTITY, t.a filter, t.b IDENTITY, t.id join, u.id join
            u.id <- t.a filter, t.id IDENTITY, t.id join, u.id join
        "#]],
    );
    postgres(
        "COPY t (a, b) FROM '/tmp/x'",
        &expect![[r#"
            nothing -> t
            t.a <- 
            t.b <- 
        "#]],
    );
    postgres(
        "TRUNCATE t, u",
        &expect![[r#"
            nothing -> t, u
        "#]],
    );
}

#[test]
fn definitions() {
    postgres(
        "CREATE TABLE g (x int, y int GENERATED ALWAYS AS (x * 2) STORED)",
        &expect![[r#"
            nothing -> g
            g.x <- 
            g.y <- g.x TRANSFORMATION
        "#]],
    );
    postgres(
        "CREATE TABLE g (x int, y int GENERATED ALWAYS AS (x * 2) STORED); INSERT INTO g SELECT a FROM t",
        &expect![[r#"
        t -> g
        g.x <- t.a IDENTITY
        g.y <- t.a TRANSFORMATION
    "#]],
    );
    postgres(
        "CREATE TABLE n (k, l) AS SELECT a, b FROM t WHERE id > 1",
        &expect![[r#"
        t -> n
        n.k <- t.a IDENTITY, t.id filter
        n.l <- t.b IDENTITY, t.id filter
    "#]],
    );
    postgres(
        "CREATE TABLE n (LIKE t INCLUDING ALL)",
        &expect![[r#"
        t -> n
        n.id <- 
        n.a <- 
        n.b <- 
    "#]],
    );
    postgres(
        "CREATE VIEW v (x, y) AS SELECT a, count(*) FROM t GROUP BY a; SELECT x + y AS z FROM v",
        &expect![[r#"
            v -> nothing
            z <- v.x TRANSFORMATION, v.y TRANSFORMATION
        "#]],
    );
    postgres(
        "CREATE MATERIALIZED VIEW m AS SELECT a FROM t WITH NO DATA; REFRESH MATERIALIZED VIEW m",
        &expect![[r#"
        t -> m
        m.a <- t.a IDENTITY
    "#]],
    );
    postgres(
        "SELECT a, b INTO made FROM t; SELECT * FROM made",
        &expect![[r#"
            made -> nothing
            a <- made.a IDENTITY
            b <- made.b IDENTITY
        "#]],
    );
    mysql(
        "CREATE TABLE n LIKE t; INSERT INTO n SELECT * FROM u",
        &expect![[r#"
        u -> n
        n.id <- u.id IDENTITY
        n.a <- u.a IDENTITY
        n.b <- u.c IDENTITY
    "#]],
    );
}

#[test]
fn changes_of_tables_are_followed() {
    postgres(
        "ALTER TABLE t RENAME TO v; ALTER TABLE v RENAME COLUMN a TO z; SELECT * FROM v",
        &expect![[r#"
            v -> nothing
            id <- v.id IDENTITY
            z <- v.z IDENTITY
            b <- v.b IDENTITY
        "#]],
    );
    postgres(
        "ALTER TABLE t RENAME TO v",
        &expect![[r#"
        t -> v
        v.id <- t.id IDENTITY
        v.a <- t.a IDENTITY
        v.b <- t.b IDENTITY
    "#]],
    );
    postgres(
        "ALTER TABLE t RENAME COLUMN a TO z",
        &expect![[r#"
            nothing -> t
            t.z <- t.a IDENTITY
        "#]],
    );
    postgres(
        "ALTER TABLE t ALTER COLUMN a TYPE text USING b::text || 'x'",
        &expect![[r#"
            nothing -> t
            t.a <- t.b TRANSFORMATION
        "#]],
    );
    postgres(
        "ALTER TABLE t ADD COLUMN n int, DROP COLUMN b; SELECT * FROM t",
        &expect![[r#"
            t -> nothing
            id <- t.id IDENTITY
            a <- t.a IDENTITY
            n <- t.n IDENTITY
        "#]],
    );
    postgres(
        "CREATE SCHEMA s; ALTER TABLE t SET SCHEMA s; SELECT a FROM s.t",
        &expect![[r#"
            s.t -> nothing
            a <- s.t.a IDENTITY
        "#]],
    );
    postgres(
        "SET search_path = app; CREATE TABLE t (only_here int); SELECT * FROM t",
        &expect![[r#"
            app.t -> nothing
            only_here <- app.t.only_here IDENTITY
        "#]],
    );
    mysql(
        "ALTER TABLE t CHANGE a z bigint FIRST, ENGINE=InnoDB; SELECT * FROM t",
        &expect![[r#"
            t -> nothing
            z <- t.z IDENTITY
            id <- t.id IDENTITY
            b <- t.b IDENTITY
        "#]],
    );
    mysql(
        "RENAME TABLE t TO old, u TO t; SELECT * FROM t",
        &expect![[r#"
            t -> nothing
            id <- t.id IDENTITY
            a <- t.a IDENTITY
            c <- t.c IDENTITY
        "#]],
    );
    sqlite(
        "CREATE VIEW v AS SELECT a FROM t; ALTER TABLE t RENAME COLUMN a TO z; DROP TABLE u; SELECT T.Z FROM T",
        &expect![[r#"
            t -> nothing
            Z <- t.z IDENTITY
        "#]],
    );
    postgres(
        "CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT a FROM v; DROP TABLE t CASCADE; SELECT * FROM w",
        &expect![[r#"
            w -> nothing
            * <- w.* IDENTITY
        "#]],
    );
}

#[test]
fn children_follow_their_parents() {
    let columns = |sql: &str, table: &str| {
        let family = "CREATE TABLE p (a int, b int) PARTITION BY LIST (a);
            CREATE TABLE c PARTITION OF p FOR VALUES IN (1); CREATE TABLE d PARTITION OF c DEFAULT;
            CREATE TABLE i (own int) INHERITS (p);";
        let mut analyzer = Analyzer::new(Dialect::Postgres);
        analyzer.analyze(&format!("{family}{sql}")).unwrap();
        let relation = analyzer.catalogue().relations().find(|relation| relation.name.to_string() == table);
        relation
            .map(|relation| relation.columns.iter().map(|c| c.name.to_string()).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(columns("ALTER TABLE p ADD COLUMN z int", "d").as_deref(), Some("a b z"));
    assert_eq!(columns("ALTER TABLE p RENAME COLUMN b TO y", "i").as_deref(), Some("a y own"));
    assert_eq!(columns("ALTER TABLE p DROP COLUMN b", "c").as_deref(), Some("a"));
    assert_eq!(
        columns("ALTER TABLE p DETACH PARTITION c; ALTER TABLE p DROP COLUMN b", "d").as_deref(),
        Some("a b")
    );
    assert_eq!(
        columns("ALTER TABLE i NO INHERIT p; ALTER TABLE p DROP COLUMN b", "i").as_deref(),
        Some("a b own")
    );
    let attached = "CREATE TABLE e (a int, b int); ALTER TABLE p ATTACH PARTITION e FOR VALUES IN (2); ALTER TABLE p RENAME TO q; ALTER TABLE q ADD COLUMN z int";
    assert_eq!(columns(attached, "e").as_deref(), Some("a b z"));
    assert_eq!(columns("DROP TABLE p", "d"), None);
    assert_eq!(columns("DROP TABLE p", "i").as_deref(), Some("a b own"));
    assert_eq!(columns("DROP TABLE p CASCADE", "i"), None);
}

#[test]
fn bodies() {
    postgres(
        "CREATE FUNCTION log() RETURNS trigger AS $$ DECLARE n int; BEGIN
             SELECT max(c) INTO n FROM u; INSERT INTO u (id, c) VALUES (NEW.id, OLD.a + n); RETURN NEW; END $$ LANGUAGE plpgsql;
         CREATE TRIGGER logs AFTER UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION log()",
        &expect![[r#"
            t, u -> u
            u.c <- t.a TRANSFORMATION, u.c AGGREGATION
            u.id <- t.id IDENTITY
        "#]],
    );
    sqlite(
        "CREATE TRIGGER logs AFTER INSERT ON t WHEN NEW.a > 1 BEGIN INSERT INTO u (id, c) SELECT NEW.id, NEW.b; UPDATE t SET b = 0 WHERE id = NEW.id; END",
        &expect![[r#"
            t -> u, t
            u.id <- t.a conditional, t.id IDENTITY
            u.c <- t.a conditional, t.b IDENTITY
            t.b <- t.a conditional, t.id filter
        "#]],
    );
    mysql(
        "CREATE TRIGGER logs BEFORE INSERT ON t FOR EACH ROW BEGIN IF NEW.a > 1 THEN INSERT INTO u (id, c) VALUES (NEW.id, NEW.a); END IF; END",
        &expect![[r#"
            t -> u
            u.id <- t.a conditional, t.id IDENTITY
            u.c <- t.a IDENTITY, t.a conditional
        "#]],
    );
    mysql(
        "CREATE TRIGGER logs BEFORE INSERT ON t FOR EACH ROW BEGIN IF NEW.a > 1 THEN IF NEW.b > 1 THEN INSERT INTO u (id) VALUES (1); END IF; ELSEIF NEW.id > 1 THEN DELETE FROM u; END IF; INSERT INTO u (c) VALUES (1); END",
        &expect![[r#"
            t -> u
            u.id <- t.a conditional, t.b conditional, t.id conditional
            u.c <- t.a conditional, t.id conditional
        "#]],
    );
    postgres(
        "CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.b > 1 THEN INSERT INTO u (id) VALUES (NEW.id); END IF; RETURN NEW; END $$;
         CREATE TRIGGER logs AFTER UPDATE ON t FOR EACH ROW WHEN (OLD.a IS DISTINCT FROM NEW.a) EXECUTE FUNCTION log()",
        &expect![[r#"
            t -> u
            u.id <- t.a conditional, t.b conditional, t.id IDENTITY
        "#]],
    );
    postgres(
        "DO $$ BEGIN UPDATE t SET a = b; END $$",
        &expect![[r#"
            nothing -> t
            t.a <- t.b IDENTITY
        "#]],
    );
    postgres(
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT max(a) FROM t'",
        &expect![[r#"
            t -> nothing
        "#]],
    );
}

#[test]
fn what_is_not_understood_says_so() {
    postgres(
        "CREATE TRIGGER",
        &expect![[r#"
            nothing -> nothing
            ? not understood: the head of the trigger
        "#]],
    );
    let reason = show("SELECT a FROM t WHERE", Dialect::Postgres);
    let expected = if cfg!(feature = "postgres-grammar") {
        expect![[r#"
            nothing -> nothing
            ? not understood: syntax error at end of input
        "#]]
    } else {
        expect![[r#"
            nothing -> nothing
            ? not understood: Expected: an expression, found: EOF
        "#]]
    };
    expected.assert_eq(&reason);
    mysql(
        "PREPARE p FROM @text",
        &expect![[r#"
            nothing -> nothing
            ? not analysed: a text that is put together when it runs
        "#]],
    );
}

#[test]
fn json() {
    let mut analyzer = Analyzer::new(Dialect::Sqlite);
    let analysis = analyzer.analyze("CREATE TABLE n AS SELECT count(a) AS x FROM t WHERE b > 1").unwrap();
    let json = serde_json::to_string_pretty(&analysis.statements).unwrap();
    expect![[r#"
        [
          {
            "kind": "create_table",
            "start": 0,
            "end": 57,
            "line": 1,
            "inputs": [
              "t"
            ],
            "outputs": [
              "n"
            ],
            "columns": [
              {
                "target": "n.x",
                "sources": [
                  {
                    "column": "t.a",
                    "kind": "DIRECT",
                    "subtype": "AGGREGATION",
                    "masking": true,
                    "confidence": "parsed"
                  },
                  {
                    "column": "t.b",
                    "kind": "INDIRECT",
                    "subtype": "FILTER",
                    "masking": false,
                    "confidence": "parsed"
                  }
                ]
              }
            ],
            "dataset": [
              {
                "target": "n",
                "sources": [
                  {
                    "column": "t.b",
                    "kind": "INDIRECT",
                    "subtype": "FILTER",
                    "masking": false,
                    "confidence": "parsed"
                  }
                ]
              }
            ]
          }
        ]"#]]
    .assert_eq(&json);
}

#[test]
fn what_the_engine_takes_otherwise_than_it_looks() {
    // No table is called `only`.
    postgres(
        "SELECT t.a, u.c FROM ONLY t JOIN ONLY (u) ON u.id = t.id",
        &expect![[r#"
            t, u -> nothing
            a <- t.a IDENTITY, t.id join, u.id join
            c <- t.id join, u.c IDENTITY, u.id join
        "#]],
    );
    // The brackets are behind a name of two parts, not behind a field.
    postgres(
        "SELECT u.c[1] AS first, t.a FROM t, u",
        &expect![[r#"
        t, u -> nothing
        first <- u.c TRANSFORMATION
        a <- t.a IDENTITY
    "#]],
    );
    // `NOT` has no name.
    postgres(
        "CREATE VIEW v AS SELECT NOT EXISTS (SELECT 1), EXISTS (SELECT 1), 'x'::timestamp with time zone",
        &expect![[r#"
            nothing -> v
            v.?column? <- 
            v.exists <- 
            v.timestamptz <- 
        "#]],
    );
    // Of a name, 63 bytes count.
    let long = "x".repeat(70);
    postgres(
        &format!("CREATE TABLE n AS SELECT a AS {long} FROM t; SELECT {long} FROM n"),
        &expect![[r#"
        n -> nothing
        xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx <- n.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx IDENTITY
    "#]],
    );
}
