//! What a change would break, by dialect.

mod absent;
mod counted;
mod mysql_at_once;
mod mysql_columns;
mod mysql_rules;
mod postgres_families;
mod postgres_rules;
mod sqlite_renamed;
mod sqlite_rules;
mod texts;
mod told;

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use migration_lineage::{Analyzer, Dependent};
use migration_syntax::Dialect;

const SCHEMA: &str = "
    CREATE TABLE owners (id INT PRIMARY KEY, name VARCHAR(20), email VARCHAR(20));
    CREATE TABLE cars (id INT PRIMARY KEY, owner_id INT, price INT, tax INT, plate VARCHAR(9),
        CONSTRAINT belongs FOREIGN KEY (owner_id) REFERENCES owners (id), CONSTRAINT cheap CHECK (price < 100));
    CREATE INDEX by_plate ON cars (plate);
    CREATE VIEW names AS SELECT id, name FROM owners;
    CREATE VIEW plates AS SELECT plate, name FROM cars JOIN names ON names.id = cars.owner_id;
    CREATE VIEW everything AS SELECT * FROM cars;
";

fn check(dialect: Dialect, more: &str, change: &str, expected: &Expect) {
    expected.assert_eq(&impact_of(dialect, &format!("{SCHEMA}{more}"), change));
}

/// Several changes, each of the same schema.
fn check_all(dialect: Dialect, schema: &str, changes: &[&str], expected: &Expect) {
    let told = |change: &&str| {
        let text = impact_of(dialect, schema, change);
        let lines: Vec<_> = text.lines().map(|line| format!("    {line}\n")).collect();
        format!("{change}\n{}", lines.concat())
    };
    expected.assert_eq(&changes.iter().map(told).collect::<String>());
}

fn impact_of(dialect: Dialect, schema: &str, change: &str) -> String {
    let mut analyzer = Analyzer::new(dialect);
    let analysis = analyzer.analyze(schema).unwrap();
    assert_eq!(analysis.coverage.ratio, 1.0, "{:#?}", analysis.statements);
    let before = format!("{:?}", analyzer.catalogue());
    let mut text = String::new();
    for impact in analyzer.catalogue().impact(change).unwrap() {
        let list = |dependents: &BTreeSet<Dependent>| {
            let name = |d: &Dependent| format!("{:?} {}", d.kind, d.name).to_lowercase();
            dependents.iter().map(name).collect::<Vec<_>>().join(", ")
        };
        let parts = [
            ("refused by", &impact.refused_by),
            ("broken", &impact.broken),
            ("reshaped", &impact.reshaped),
            ("vanished", &impact.vanished),
        ];
        let parts = parts.iter().filter(|(_, list)| !list.is_empty());
        let mut lines: Vec<_> =
            parts.map(|(what, dependents)| format!("{what}: {}\n", list(dependents))).collect();
        lines.extend(impact.reason.iter().map(|why| format!("refused: {why}\n")));
        lines.extend(impact.unknown.iter().map(|name| format!("unknown: {name}\n")));
        assert_eq!(impact.refused, impact.reason.is_some() || !impact.refused_by.is_empty());
        text += &if lines.is_empty() { "nothing\n".to_owned() } else { lines.concat() };
    }
    assert_eq!(format!("{:?}", analyzer.catalogue()), before, "asking changes nothing");
    text
}

#[test]
fn postgres() {
    let more = "
        CREATE FUNCTION mail(n int) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT email FROM owners WHERE id = n); END $$;
        CREATE FUNCTION total() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT sum(price) FROM cars; END;
        CREATE POLICY own ON cars USING (tax > 0);
        CREATE TABLE sums (id int, a int, b int GENERATED ALWAYS AS (a * 2) STORED);
        CREATE VIEW doubled AS SELECT b FROM sums;";
    let check = |change: &str, expected: Expect| check(Dialect::Postgres, more, change, &expected);
    check(
        "DROP TABLE owners",
        expect![[r#"
        refused by: view names, view plates, constraint belongs
    "#]],
    );
    check(
        "DROP TABLE owners CASCADE",
        expect![[r#"
        broken: function mail
        vanished: view names, view plates, constraint belongs
    "#]],
    );
    check(
        "ALTER TABLE owners DROP COLUMN name",
        expect![[r#"
        refused by: view names, view plates
    "#]],
    );
    check(
        "ALTER TABLE owners DROP COLUMN email",
        expect![[r#"
        broken: function mail
    "#]],
    );
    check(
        "ALTER TABLE cars DROP COLUMN price, DROP COLUMN tax",
        expect![[r#"
        refused by: view everything, function total
        refused by: view everything, policy own
    "#]],
    );
    check(
        "ALTER TABLE sums DROP COLUMN a",
        expect![[r#"
        refused by: view doubled, column b
    "#]],
    );
    check(
        "ALTER TABLE sums ALTER COLUMN a TYPE bigint",
        expect![[r#"
        refused by: column b
    "#]],
    );
    check(
        "ALTER TABLE owners RENAME TO people",
        expect![[r#"
        broken: function mail
    "#]],
    );
    check(
        "ALTER TABLE cars ADD COLUMN colour text",
        expect![[r#"
        nothing
    "#]],
    );
    check("INSERT INTO cars VALUES (1)", expect![[""]]);
}

#[test]
fn mysql() {
    let more = "
        CREATE TRIGGER notes AFTER UPDATE ON cars FOR EACH ROW INSERT INTO owners (id, email) VALUES (NEW.id, NEW.plate);";
    let check = |change: &str, expected: Expect| check(Dialect::Mysql, more, change, &expected);
    check(
        "DROP TABLE owners",
        expect![[r#"
        refused by: constraint belongs
    "#]],
    );
    check(
        "ALTER TABLE cars DROP COLUMN owner_id",
        expect![[r#"
        refused by: constraint belongs
    "#]],
    );
    check(
        "ALTER TABLE cars DROP COLUMN plate",
        expect![[r#"
        broken: view everything, view plates, trigger notes
        vanished: index by_plate
    "#]],
    );
    check(
        "ALTER TABLE cars DROP COLUMN price",
        expect![[r#"
        broken: view everything
        vanished: constraint cheap
    "#]],
    );
    check(
        "ALTER TABLE cars MODIFY plate int",
        expect![[r#"
        reshaped: view everything, view plates
    "#]],
    );
    check(
        "ALTER TABLE cars MODIFY plate varchar(99)",
        expect![[r#"
        nothing
    "#]],
    );
    check(
        "ALTER TABLE owners CHANGE email mail varchar(20)",
        expect![[r#"
        broken: trigger notes
        nothing
    "#]],
    );
    check(
        "DROP VIEW names",
        expect![[r#"
        broken: view plates
    "#]],
    );
}

#[test]
fn sqlite() {
    let more = "
        CREATE TRIGGER notes AFTER UPDATE ON owners BEGIN INSERT INTO cars (id, plate) SELECT NEW.id, NEW.email; END;";
    let check = |change: &str, expected: Expect| check(Dialect::Sqlite, more, change, &expected);
    check(
        "DROP TABLE cars",
        expect![[r#"
        broken: view everything, view plates, trigger notes
        vanished: index by_plate
    "#]],
    );
    check(
        "ALTER TABLE owners RENAME COLUMN name TO called",
        expect![[r#"
        refused by: view plates
    "#]],
    );
    check(
        "ALTER TABLE owners RENAME COLUMN email TO mail",
        expect![[r#"
        nothing
    "#]],
    );
    check(
        "ALTER TABLE cars RENAME COLUMN plate TO sign",
        expect![[r#"
        reshaped: view everything, view plates
    "#]],
    );
    check(
        "ALTER TABLE cars ADD COLUMN colour TEXT",
        expect![[r#"
        reshaped: view everything
    "#]],
    );
    check(
        "ALTER TABLE cars DROP COLUMN tax",
        expect![[r#"
        reshaped: view everything
    "#]],
    );
    check(
        "ALTER TABLE cars DROP COLUMN plate",
        expect![[r#"
        refused by: view plates, index by_plate
    "#]],
    );
    check(
        "ALTER TABLE owners DROP COLUMN email",
        expect![[r#"
        refused by: trigger notes
    "#]],
    );
    check(
        "ALTER TABLE owners RENAME TO people",
        expect![[r#"
        nothing
    "#]],
    );
}

/// A dump has functions before the tables that they name, and names those with their schema.
#[test]
fn a_function_older_than_its_table() {
    let more = "
        CREATE FUNCTION mail(n int) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT email FROM people WHERE id = n); END $$;
        CREATE FUNCTION note(n int) RETURNS void LANGUAGE plpgsql AS $$ BEGIN INSERT INTO people (id) VALUES (n); END $$;
        CREATE TABLE public.people (id int, email text);";
    let check = |change: &str, expected: Expect| check(Dialect::Postgres, more, change, &expected);
    check(
        "ALTER TABLE people RENAME COLUMN email TO mail",
        expect![[r#"
            broken: function mail
        "#]],
    );
    check(
        "DROP TABLE public.people",
        expect![[r#"
            broken: function mail, function note
        "#]],
    );
}

#[test]
fn a_block_changes_what_its_statements_change() {
    let more = "CREATE FUNCTION shorten() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'ALTER TABLE cars DROP COLUMN plate'; END $$;";
    let check = |change: &str, expected: Expect| check(Dialect::Postgres, more, change, &expected);
    check(
        "DO $$ BEGIN ALTER TABLE owners DROP COLUMN email; ALTER TABLE owners DROP COLUMN name; END $$",
        expect![[r#"
            nothing
            refused by: view names, view plates
        "#]],
    );
    check(
        "SELECT shorten()",
        expect![[r#"
        refused by: view everything, view plates
    "#]],
    );
    check("SELECT count(*) FROM cars", expect![[""]]);
    let unknown = |change: &str| {
        let mut analyzer = Analyzer::new(Dialect::Postgres);
        analyzer.analyze(SCHEMA).unwrap();
        analyzer.catalogue().impact(change).map(|impacts| impacts[0].unknown.clone())
    };
    assert_eq!(
        unknown("DO $$ BEGIN ALTER TABLE cars DROP COLUMN x; END $$").unwrap().as_deref(),
        Some("cars.x")
    );
    // It is dropped where there is one.
    let asked = "DO $$ BEGIN IF (SELECT true FROM information_schema.columns) THEN ALTER TABLE cars DROP COLUMN x; END IF; END $$";
    assert_eq!(unknown(asked).unwrap(), None);
    let untold =
        "DO $$ DECLARE n text; BEGIN SELECT name INTO n FROM owners; EXECUTE 'DROP TABLE ' || n; END $$";
    assert!(unknown(untold).is_err());
}
