//! Statements that the parser doesn't read as they stand.

use migration_lineage::Analyzer;
use migration_syntax::Dialect;

/// All tables with the types of their columns, or why the text was not understood.
fn tables(sql: &str, dialect: Dialect) -> String {
    let mut analyzer = Analyzer::new(dialect);
    let analysis = analyzer.analyze(sql).unwrap();
    if let Some(part) = analysis.statements.iter().flat_map(|statement| &statement.unanalysed).next() {
        return part.reason.clone();
    }
    let column = |column: &migration_lineage::Column| format!("{} {}", column.name, column.data_type);
    let table = |relation: &migration_lineage::Relation| {
        let columns: Vec<_> = relation.columns.iter().map(column).collect();
        format!("{} ({}) {} constraints", relation.name, columns.join(", "), relation.constraints.len())
    };
    analyzer.catalogue().relations().map(table).collect::<Vec<_>>().join("; ")
}

/// What the last statement writes and reads.
fn flows(sql: &str, dialect: Dialect) -> String {
    let mut analyzer = Analyzer::new(dialect);
    let analysis = analyzer.analyze(sql).unwrap();
    let last = analysis.statements.last().unwrap();
    if let Some(part) = last.unanalysed.first() {
        return part.reason.clone();
    }
    let column = |column: &migration_lineage::ColumnLineage| {
        let direct = column.sources.iter().filter(|source| source.kind() == migration_lineage::Kind::Direct);
        format!(
            "{} <- {}",
            column.target,
            direct.map(|source| source.column.to_string()).collect::<Vec<_>>().join(" ")
        )
    };
    last.columns.iter().map(column).collect::<Vec<_>>().join("; ")
}

#[test]
fn types_of_several_words() {
    assert_eq!(
        tables(
            "CREATE TABLE x (a TINY INT NOT NULL, b NATIVE CHARACTER(70), c DOUBLE PRECISION DEFAULT 1, d BIGINT AUTO_INCREMENT UNIQUE, e, PRIMARY KEY (a, d))",
            Dialect::Sqlite
        ),
        "x (a TINY INT, b NATIVE CHARACTER(70), c DOUBLE PRECISION, d BIGINT AUTO_INCREMENT, e ) 2 constraints"
    );
    assert_eq!(
        tables("CREATE TABLE x (a INT); ALTER TABLE x ADD COLUMN b LONG LONG INT DEFAULT 3", Dialect::Sqlite),
        "x (a INT, b LONG LONG INT) 0 constraints"
    );
}

#[test]
fn constraints_without_commas() {
    assert_eq!(
        tables(
            "CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE x (a INT, b INT, FOREIGN KEY (a) REFERENCES p (id) ON DELETE CASCADE FOREIGN KEY (b) REFERENCES p (id) CONSTRAINT n CHECK (a > 0) UNIQUE (a, b))",
            Dialect::Sqlite
        ),
        "p (id INT) 1 constraints; x (a INT, b INT) 4 constraints"
    );
}

#[test]
fn conflicts() {
    let tables = "CREATE TABLE t (id int PRIMARY KEY, a int);";
    for dialect in [Dialect::Postgres, Dialect::Sqlite] {
        let select =
            format!("{tables} INSERT INTO t (id, a) SELECT 1, (SELECT max(a) FROM t) ON CONFLICT DO NOTHING");
        assert_eq!(flows(&select, dialect), "t.id <- ; t.a <- t.a");
        let partial = format!(
            "{tables} INSERT INTO t (id, a) VALUES (1, 2) ON CONFLICT (id) WHERE a > 0 DO UPDATE SET a = excluded.a + t.a"
        );
        assert_eq!(flows(&partial, dialect), "t.id <- ; t.a <- t.a");
    }
}

#[test]
fn columns_in_brackets() {
    assert_eq!(
        tables(
            "CREATE TABLE x (a INT); ALTER TABLE x ADD COLUMN (b DECIMAL(10, 2), c INT DEFAULT 3), ADD (d INT), ENGINE = InnoDB",
            Dialect::Mysql
        ),
        "x (a INT, b DECIMAL(10,2), c INT, d INT) 0 constraints"
    );
}

#[test]
fn trims_and_foreign_tables() {
    assert_eq!(
        flows(
            "CREATE TABLE t (a text); CREATE VIEW v AS SELECT trim(BOTH FROM a) AS b, trim(LEADING FROM a) AS c FROM t",
            Dialect::Postgres
        ),
        "v.b <- t.a; v.c <- t.a"
    );
    assert_eq!(
        tables(
            "CREATE FOREIGN TABLE x (a int OPTIONS (name 'b'), c text) SERVER s OPTIONS (schema_name 'p', table_name 'q')",
            Dialect::Postgres
        ),
        "x (a INT, c TEXT) 0 constraints"
    );
}

#[test]
fn directives_of_tools() {
    assert_eq!(
        tables(
            "delimiter d//\nCREATE TABLE x (a int);\nCREATE FUNCTION f() RETURNS void AS $$ BEGIN ALTER TABLE x ADD COLUMN b int; END $$ LANGUAGE plpgsql;\nd//\ndelimiter ;\nSELECT f();\ndelimiter d//\nd//",
            Dialect::Postgres
        ),
        "x (a INT, b INT) 0 constraints"
    );
}

#[test]
fn clauses_of_queries() {
    let given = "CREATE TABLE t (id int, a int); CREATE TABLE u (id int, b int);";
    let check = |dialect: Dialect, cases: &[(&str, &str)]| {
        for (sql, expected) in cases {
            assert_eq!(flows(&format!("{given} {sql}"), dialect), *expected, "{sql}");
        }
    };
    check(
        Dialect::Mysql,
        &[
            ("SELECT a FROM t WHERE id = 1 LOCK IN SHARE MODE", "a <- t.a"),
            ("SELECT a, b FROM t LEFT JOIN (u, u AS v) ON u.id = t.id", "a <- t.a; b <- u.b"),
            (
                "SELECT a, b INTO OUTFILE 'x.csv' CHARACTER SET utf8 FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' LINES TERMINATED BY '\\n' FROM t, u",
                "a <- t.a; b <- u.b",
            ),
            ("SELECT a FROM t INTO DUMPFILE 'x'", "a <- t.a"),
        ],
    );
    check(
        Dialect::Sqlite,
        &[
            ("SELECT b FROM t LEFT JOIN (u, (u AS v, t AS w)) ON u.id = t.id", "b <- u.b"),
            ("SELECT a ISNULL, a NOTNULL FROM t WHERE id ISNULL", "a IS NULL <- t.a; a IS NOT NULL <- t.a"),
            ("SELECT a FROM t WHERE id IN u AND a NOT IN main.u AND a IN json_each('[1]')", "a <- t.a"),
            (
                "CREATE VIRTUAL TABLE f USING fts5(a, b UNINDEXED, content='t', tokenize = 'porter ascii'); SELECT b FROM f",
                "b <- f.b",
            ),
            (
                "CREATE VIRTUAL TABLE f USING fts5(a, content=t); INSERT INTO f (a) SELECT a FROM t",
                "f.a <- t.a",
            ),
        ],
    );
    check(
        Dialect::Postgres,
        &[
            (
                "UPDATE t SET a = 1 RETURNING WITH (OLD AS o, NEW AS n) o.a, n.a + o.id AS c",
                "t.a <- ; a <- t.a; c <- t.a t.id",
            ),
            (
                "WITH x AS (UPDATE t SET a = 1 RETURNING WITH (OLD AS o) (o.a)::text AS p, o.id) INSERT INTO u SELECT o.id, p || o.id FROM x AS o",
                "t.a <- ; u.id <- t.id; u.b <- t.a t.id",
            ),
        ],
    );
}

#[test]
fn what_dumps_write() {
    let schema = "
        CREATE TABLE app.t (i bigint NOT NULL, n text, k integer GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME app.t_k_seq START WITH 1 NO MAXVALUE CACHE 1));
        ALTER TABLE app.t ALTER COLUMN i ADD GENERATED ALWAYS AS IDENTITY (
            SEQUENCE NAME app.t_i_seq START WITH 1 INCREMENT BY 1 NO MINVALUE NO MAXVALUE CACHE 1);
        ALTER TABLE app.t ALTER COLUMN i SET GENERATED BY DEFAULT;
        ALTER TABLE app.t ALTER COLUMN i RESTART WITH 5;
        ALTER TABLE app.t ALTER COLUMN k DROP IDENTITY IF EXISTS;";
    assert_eq!(tables(schema, Dialect::Postgres), "app.t (i BIGINT, n TEXT, k INTEGER) 0 constraints");
    assert_eq!(
        flows(
            "CREATE TABLE app.t (a int, b int); CREATE VIEW v AS SELECT t.*::app.t AS t FROM app.t",
            Dialect::Postgres
        ),
        "v.t <- app.t.a app.t.b"
    );
}

/// How MariaDB keeps rows says nothing about its columns.
#[test]
fn partitions_versions_and_widths() {
    let check = |sql: &str, expected: &str| assert_eq!(tables(sql, Dialect::Mysql), expected, "{sql}");
    check(
        "CREATE TABLE `a` (`i` int(11) NOT NULL, `b` int) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4
            PARTITION BY RANGE (`i`) (PARTITION `p0` VALUES LESS THAN (10) ENGINE = InnoDB, PARTITION `p1` VALUES LESS THAN MAXVALUE);",
        "a (i INT(11), b INT) 0 constraints",
    );
    check("CREATE TABLE a (i int, UNIQUE (i)) PARTITION BY HASH (i) PARTITIONS 4", "a (i INT) 1 constraints");
    check(
        "CREATE TABLE a (i int, b int) PARTITION BY LIST (i) (PARTITION p VALUES IN (1, 2)) AS SELECT 1 AS i, 2 AS b",
        "a (i INT, b INT) 0 constraints",
    );
    check(
        "CREATE TABLE a (i int unsigned zerofill NOT NULL); ALTER TABLE a ADD COLUMN z int(5) zerofill, MODIFY i bigint zerofill",
        "a (i BIGINT, z INT(5)) 0 constraints",
    );
    check(
        "CREATE TABLE a (i int WITHOUT SYSTEM VERSIONING, s timestamp(6) GENERATED ALWAYS AS ROW START,
            e timestamp(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (s, e)) WITH SYSTEM VERSIONING",
        "a (i INT, s TIMESTAMP(6), e TIMESTAMP(6)) 0 constraints",
    );
    check(
        "CREATE TABLE a (i int, x date, y date, PERIOD FOR p (x, y), UNIQUE (i, p WITHOUT OVERLAPS))",
        "a (i INT, x DATE, y DATE) 1 constraints",
    );
    check(
        "CREATE TABLE a (i int); ALTER TABLE a ADD SYSTEM VERSIONING; ALTER TABLE a ADD COLUMN period int, DROP SYSTEM VERSIONING",
        "a (i INT, period INT) 0 constraints",
    );
}

#[test]
fn queries_of_mariadb() {
    let tables = "CREATE TABLE p (f text, g text, i int); CREATE TABLE q (i int, k int);";
    let check = |sql: &str, expected: &str| {
        assert_eq!(flows(&format!("{tables}{sql}"), Dialect::Mysql), expected, "{sql}");
    };
    check("CREATE VIEW v AS SELECT i FROM q FOR SYSTEM_TIME ALL WHERE k > 1", "v.i <- q.i");
    check(
        "CREATE VIEW v AS SELECT x.i, y.f FROM q FOR SYSTEM_TIME AS OF TIMESTAMP '2020-01-01' x
            JOIN p FOR SYSTEM_TIME BETWEEN NOW() - INTERVAL 1 DAY AND (NOW()) AS y ON x.i = y.i",
        "v.i <- q.i; v.f <- p.f",
    );
    check("INSERT INTO q (i, k) SELECT NEXT VALUE FOR s, i FROM p", "q.i <- ; q.k <- p.i");
    check(
        "CREATE VIEW v AS select match `p`.`f`,`p`.`g` against ('x' in boolean mode) AS `r` from `p`",
        "v.r <- p.f p.g",
    );
}
