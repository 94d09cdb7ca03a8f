//! `ID.json` files.

use std::path::Path;

use expect_test::expect;
use migration_model::Checksum;
use migration_sql::MigrationSet;

use super::{check, outcome};

#[test]
fn the_files_of_the_python_system() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/python_json");
    expect![[r#"
        json
        migration_1714564800_create_users | - | Create users | migration_1714564800_create_users.json migration_1714564800_create_users.json | "Accounts of people"
        migration_1714651200_create_roles | - | Create roles | migration_1714651200_create_roles.json migration_1714651200_create_roles.json | needs migration_1714564800_create_users
        migration_1714564700_seed_roles | - | Seed roles | migration_1714564700_seed_roles.json | needs migration_1714651200_create_roles
    "#]].assert_eq(&outcome(&directory, None));
    let set = MigrationSet::load(&directory, None).unwrap();
    let roles = set.get("migration_1714564700_seed_roles").unwrap();
    assert_eq!(&*roles.up.text, "INSERT INTO roles (name) VALUES ('reader'), ('rédacteur');");
    assert_eq!(roles.checksum, Checksum::of(&*roles.up.text));
    assert_eq!(roles.created_at.as_deref(), Some("2024-05-01T11:58:20+00:00"));
}

#[test]
fn little_is_enough() {
    check(
        "//- 2.json\n{\"id\": \"2\", \"name\": \"two\", \"sql\": \"\", \"dependencies\": null, \"author\": \"me\"}
//- 1.json\n\u{feff}{\"sql\": \"SELECT 1\", \"id\": \"1\", \"name\": \"\", \"checksum\": null, \"rollback_sql\": \"\",
\"description\": \"\", \"dependencies\": [\"2\"]}\n//- README.md\n//- .package.json\n//- notes.JSON\n",
        expect![[r#"
            json
            2 | - | two | 2.json
            1 | - |  | 1.json | needs 2
            warning: `DIR/2.json`: unknown key `author`
            warning: `DIR/notes.JSON` is ignored: it is not `ID.json`
        "#]],
    );
}

#[test]
fn an_edited_file_is_refused() {
    check(
        "//- a.json\n{\"id\": \"a\", \"name\": \"a\", \"sql\": \"SELECT 2\", \"checksum\": \"e004ebd5b5532a4b\"}\n",
        expect![[r#"
            load.checksum_mismatch: the SQL in `DIR/a.json` was changed after the file was written: its checksum is ebbb5b332060a3ed, the file states `e004ebd5b5532a4b`
            at DIR/a.json
        "#]],
    );
    check(
        "//- a.json\n{\"id\": \"a\", \"name\": \"a\", \"sql\": \"SELECT 2\", \"checksum\": \"\"}\n",
        expect![[r#"
            load.checksum_mismatch: the SQL in `DIR/a.json` was changed after the file was written: its checksum is ebbb5b332060a3ed, the file states ``
            at DIR/a.json
        "#]],
    );
}

#[test]
fn malformed_files_are_located() {
    check(
        "//- a.json\n{\"id\": \"é\",,\n",
        expect![[r#"
        load.invalid_json: `DIR/a.json` line 1, column 12: not a migration
        cause: key must be a string
        at DIR/a.json:1:12
    "#]],
    );
    check(
        "//- a.json\n",
        expect![[r#"
        load.invalid_json: `DIR/a.json` line 1, column 1: not a migration
        cause: EOF while parsing a value
        at DIR/a.json:1:1
    "#]],
    );
    check(
        "//- a.json\n[1]\n",
        expect![[r#"
        load.invalid_json: `DIR/a.json` line 1, column 1: not a migration
        cause: invalid type: sequence, expected an object that describes a migration
        at DIR/a.json:1:1
    "#]],
    );
    check(
        "//- a.json\n{\n  \"id\": \"a\",\n  \"sql\": \"\"\n}\n",
        expect![[r#"
        load.invalid_json: `DIR/a.json` line 4, column 1: not a migration
        cause: missing field `name`
        at DIR/a.json:4:1
    "#]],
    );
    check(
        "//- a.json\n{\n  \"id\": \"a\",\n  \"name\": 7,\n  \"sql\": \"\"\n}\n",
        expect![[r#"
        load.invalid_json: `DIR/a.json` line 3, column 11: not a migration
        cause: invalid type: integer `7`, expected a string
        at DIR/a.json:3:11
    "#]],
    );
    check(
        "//- a.json\n{\"id\": \"a\", \"name\": \"\", \"sql\": \"\",\n\"id\": \"b\"}\n",
        expect![[r#"
        load.invalid_json: `DIR/a.json` line 2, column 4: not a migration
        cause: duplicate field `id`
        at DIR/a.json:2:4
    "#]],
    );
    check(
        "//- a.json\n{\"id\": \"a\", \"name\": \"\", \"sql\": null}\n",
        expect![[r#"
        load.invalid_json: `DIR/a.json` line 1, column 35: not a migration
        cause: invalid type: null, expected a string
        at DIR/a.json:1:35
    "#]],
    );
    check(
        "//- a.json\n{\"id\": \"a\", \"name\": \"\", \"sql\": \"\",\n\"created_at\": \"yesterday\"}\n",
        expect![[r#"
            load.invalid_json: `DIR/a.json` line 2, column 26: not a migration
            cause: `created_at` is no ISO 8601 time: "yesterday"
            at DIR/a.json:2:26
        "#]],
    );
}

#[test]
fn a_json_file_that_is_no_migration() {
    check(
        "//- package.json\n{\"name\": \"app\", \"version\": \"1.0.0\"}\n",
        expect![[r#"
        load.invalid_json: `DIR/package.json` line 1, column 35: not a migration
        cause: missing field `sql`
        at DIR/package.json:1:35
    "#]],
    );
}

#[test]
fn ids_and_file_names() {
    check(
        "//- a.json\n{\"id\": \"b\", \"name\": \"\", \"sql\": \"\"}\n",
        expect![[r#"
        load.id_mismatch: `DIR/a.json` states the id `b`: its name should be `b.json`
        at DIR/a.json
    "#]],
    );
    check(
        "//- a.json\n{\"id\": \"../a\", \"name\": \"\", \"sql\": \"\"}\n",
        expect![[r#"
        load.invalid_id: `DIR/a.json` can't be a migration
        cause: "../a" can't be a migration id: it contains a path separator
        at DIR/a.json
    "#]],
    );
    check(
        "//- a.json\n{\"id\": \"a\", \"name\": \"\", \"sql\": \"\"}\n//- b.json\n{\"id\": \"a\", \"name\": \"\", \"sql\": \"\"}\n",
        expect![[r#"
            load.duplicate_id: more than one file has the id `a`: `DIR/a.json`, `DIR/b.json`
            at DIR/b.json
        "#]],
    );
}

#[test]
fn dependencies_that_lead_nowhere_or_round_and_round() {
    let file = |id: &str, needs: &str| {
        format!(
            "//- {id}.json\n{{\"id\": \"{id}\", \"name\": \"\", \"sql\": \"\", \"dependencies\": [\"{needs}\"]}}\n"
        )
    };
    check(
        &(file("a", "nowhere") + &file("b", "a")),
        expect![[r#"
        load.missing_dependency: `DIR/a.json` depends on `nowhere`, which does not exist
        at DIR/a.json
    "#]],
    );
    check(
        &(file("a", "b") + &file("b", "c") + &file("c", "b")),
        expect![[r#"
        load.cycle: the dependencies form a cycle: b -> c -> b (in `DIR/b.json`, `DIR/c.json`)
        at DIR/c.json
    "#]],
    );
    check(
        &file("a", "a"),
        expect![[r#"
        load.cycle: the dependencies form a cycle: a -> a (in `DIR/a.json`)
        at DIR/a.json
    "#]],
    );
}
