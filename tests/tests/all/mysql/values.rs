//! Values on their way to the server and back.

use migration_kit::sql::{DatabaseConnector, Value};
use migration_tests::server::Kind;
use migration_tests::{Project, on_servers};

use crate::every_server::migration;

on_servers!([mariadb, mysql] [parameters_come_back, types_of_columns, rows_are_counted, binary_collations, types_that_can_not_be_read]);

fn connector<K: Kind>() -> (migration_tests::Shared, DatabaseConnector) {
    let database = K::shared();
    let connector = DatabaseConnector::open(&database.url()).unwrap();
    (database, connector)
}

fn parameters_come_back<K: Kind>() {
    let (_database, mut connector) = connector::<K>();
    connector
        .execute_script("CREATE TABLE t (b varbinary(9), ok boolean, d double, n bigint unsigned, s text)")
        .unwrap();
    let row: [Value; 5] =
        [vec![0_u8, 255].into(), true.into(), f64::MAX.into(), i64::MAX.into(), "'\\\"`\0\n".into()];
    connector.execute("INSERT INTO t VALUES (?, ?, ?, ?, ?)", &row).unwrap();
    let found = connector.execute("SELECT * FROM t WHERE b = ?", &[vec![0_u8, 255].into()]).unwrap();
    assert_eq!(found.columns, ["b", "ok", "d", "n", "s"]);
    let nothing = [const { Value::Null }; 5];
    connector.execute("INSERT INTO t VALUES (?, ?, ?, ?, ?)", &nothing).unwrap();
    assert_eq!(connector.execute("SELECT * FROM t WHERE b IS NULL", &[]).unwrap().rows, [nothing]);
    // There are no truths but 0 and 1.
    assert_eq!(found.rows, [[row[0].clone(), 1.into(), row[2].clone(), row[3].clone(), row[4].clone()]]);
}

fn types_of_columns<K: Kind>() {
    let (_database, mut connector) = connector::<K>();
    connector
        .execute_script(
            "CREATE TABLE t (ti tinyint, si smallint, mi mediumint, i int, bi bigint, u bigint unsigned, b bit(10), \
             f float, d decimal(12,4), da date, ti2 time(3), dt datetime(6), ye year, c char(3), e enum('a','b'), \
             s set('x','y'), j json, bl blob, te text);
             INSERT INTO t VALUES (-1, -2, -3, -4, -5, 18446744073709551615, b'1100000001', 0.1, 12345.67, '2024-02-29', \
             '-101:02:03.5', '2024-02-29 12:00:00.25', 2024, 'abc', 'b', 'x,y', '{\"a\": 1}', x'00ff', 'naïve');",
        )
        .unwrap();
    let found = connector.execute("SELECT * FROM t", &[]).unwrap();
    let expected: Vec<Value> = vec![
        (-1).into(),
        (-2).into(),
        (-3).into(),
        (-4).into(),
        (-5).into(),
        "18446744073709551615".into(),
        769.into(),
        0.1.into(),
        "12345.6700".into(),
        "2024-02-29".into(),
        "-101:02:03.5".into(),
        "2024-02-29T12:00:00.25".into(),
        2024.into(),
        "abc".into(),
        "b".into(),
        "x,y".into(),
        // On MariaDB a text of a binary collation.
        "{\"a\": 1}".into(),
        vec![0_u8, 255].into(),
        "naïve".into(),
    ];
    assert_eq!(found.rows, [expected]);
    let empty = connector.execute("SELECT ti, c FROM t WHERE ti > ?", &[0.into()]).unwrap();
    assert!(empty.rows.is_empty());
}

/// The tracking tables have the database's collation, and their texts are texts all the same.
fn binary_collations<K: Kind>() {
    let database = K::shared();
    let name = database.name();
    database.query(&format!("ALTER DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"));
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE a (x int);\nCREATE TABLE b (x int);\nCREATE TABLE a (x int);\n\
         //- migrations/1_a.down.sql\nDROP TABLE a, b;\n",
    );
    _ = migration(&project, &database, &["up"]).run().expect(8);
    project.write("//- migrations/1_a.up.sql\nCREATE TABLE a (x int);\nCREATE TABLE b (x int);\n");
    _ = migration(&project, &database, &["up"]).run().expect(0);
    let status = migration(&project, &database, &["status", "--json"]).run().expect(0).json();
    assert_eq!(status["data"]["migrations"][0]["status"], "applied");
    _ = migration(&project, &database, &["down"]).run().expect(0);
}

fn rows_are_counted<K: Kind>() {
    let (_database, mut connector) = connector::<K>();
    let script = "CREATE TABLE t (x int PRIMARY KEY, y int); INSERT INTO t VALUES (1, 1), (2, 2), (3, 3); \
                  UPDATE t SET y = 9 WHERE x > 1; DELETE FROM t WHERE x = 3; REPLACE INTO t VALUES (1, 5); SELECT * FROM t;";
    let output = connector.execute_script(script).unwrap();
    // A replaced row counts as one deleted and one inserted: the server's own rule.
    assert_eq!((output.statements_executed, output.rows_affected), (6, 3 + 2 + 1 + 2));
    assert_eq!(connector.execute("DELETE FROM t WHERE x > ?", &[0.into()]).unwrap().rows_affected, 2);
}

fn types_that_can_not_be_read<K: Kind>() {
    let (_database, mut connector) = connector::<K>();
    connector.execute_script("CREATE TABLE t (place point); INSERT INTO t VALUES (POINT(1, 2))").unwrap();
    let error = connector.execute("SELECT place FROM t", &[]).unwrap_err();
    let why = std::error::Error::source(&error).unwrap().to_string();
    assert!(why.contains("`place` can't be read"), "{why}");
    let found = connector.execute("SELECT ST_AsText(place) FROM t", &[]).unwrap();
    assert_eq!(found.rows, [["POINT(1 2)".into()]]);
}
