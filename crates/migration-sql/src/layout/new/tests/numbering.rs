//! The versions of new migrations go on from those that are there.

use super::*;

#[test]
fn numbers_with_prefixes_go_on() {
    for (files, layout, expected) in [
        (
            &["V1__a.sql", "V2__b.sql"][..],
            Layout::Flyway,
            expect![[r#"
            //- V3__it's_new.sql
            -- The SQL that applies this migration.
        "#]],
        ),
        (
            &["V1.9__a.sql", "V1.10__b.sql"],
            Layout::Flyway,
            expect![[r#"
            //- V1.11__it's_new.sql
            -- The SQL that applies this migration.
        "#]],
        ),
        (
            &["sub/V07_00_00_001__a.sql", "R__v.sql"],
            Layout::Flyway,
            expect![[r#"
            //- V07_00_00_002__it's_new.sql
            -- The SQL that applies this migration.
        "#]],
        ),
        (
            &["V009__a.sql", "U010__b.sql"],
            Layout::Refinery,
            expect![[r#"
            //- V011__it_s_new.sql
            -- The SQL that applies this migration.
        "#]],
        ),
        (
            &["20240501120059_a/migration.sql"],
            Layout::Prisma,
            expect![[r#"
            //- 20240501120100_it's_new/migration.sql
            -- The SQL that applies this migration.
        "#]],
        ),
        (
            &["01_a/migration.sql", "02_b/migration.sql"],
            Layout::Prisma,
            expect![[r#"
            //- 03_it's_new/migration.sql
            -- The SQL that applies this migration.
        "#]],
        ),
    ] {
        check(files, layout, &named("it's new"), expected);
    }
    check(
        &["V1__a.sql"],
        Layout::Flyway,
        &full(),
        expect![[r#"
        //- V2__Create_users.sql
        -- Accounts
        -- of people
        CREATE TABLE users (id INTEGER)
        //- U2__Create_users.sql
        DROP TABLE users"#]],
    );
    let dependent = NewMigration { dependencies: vec!["V1__a".into()], ..named("b") };
    check(
        &["V1__a.sql"],
        Layout::Flyway,
        &dependent,
        expect![[r#"
        new.no_place: the layout flyway has no place for dependencies
    "#]],
    );
    check(
        &["V1__a.sql"],
        Layout::Refinery,
        &dependent,
        expect![[r#"
        new.no_place: the layout refinery has no place for dependencies
    "#]],
    );
    check(
        &["1_a/migration.sql"],
        Layout::Prisma,
        &dependent,
        expect![[r#"
        load.missing_dependency: `DIR/b` depends on `V1__a`, which does not exist
    "#]],
    );
}

#[test]
fn the_numbering_goes_on() {
    let sequence = ["0001_a.up.sql", "0001_a.down.sql", "0002_b.up.sql"];
    check(
        &sequence,
        Layout::GolangMigrate,
        &named("c"),
        expect![[r#"
        //- 0003_c.up.sql
        -- The SQL that applies this migration.
        //- 0003_c.down.sql
        -- The SQL that undoes this migration.
    "#]],
    );
    check(
        &["20240501120059_a.up.sql"],
        Layout::GolangMigrate,
        &named("c"),
        expect![[r#"
        //- 20240501120100_c.up.sql
        -- The SQL that applies this migration.
        //- 20240501120100_c.down.sql
        -- The SQL that undoes this migration.
    "#]],
    );
    check(
        &["1_a.sql", "2_b.sql"],
        Layout::Sqlx,
        &named("c"),
        expect![[r#"
        //- 3_c.sql
        -- Add up migration script here
    "#]],
    );
    check(
        &["1_a.sql", "2_b.sql"],
        Layout::Sqlx,
        &full(),
        expect![[r#"
        //- 3_Create_users.up.sql
        -- Accounts
        -- of people
        CREATE TABLE users (id INTEGER)
        //- 3_Create_users.down.sql
        DROP TABLE users
    "#]],
    );
    check(
        &["2024-05-01-120059_a/up.sql", "20240501120100_b/up.sql"],
        Layout::Diesel,
        &named("c"),
        expect![[r#"
            //- 2024-05-01-120101_c/up.sql
            -- The SQL that applies this migration.
            //- 2024-05-01-120101_c/down.sql
            -- The SQL that undoes up.sql.
        "#]],
    );
}

#[test]
fn the_numbering_of_files_with_both_parts() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
    write("00001_a.sql", "-- +goose Up\n");
    write("00002_b.go", "");
    let sql = "SELECT 1; -- one\n\nSELECT 2 -- two\n";
    let request = NewMigration { sql: Some(sql.into()), ..named("c") };
    check_in(
        directory.path(),
        Layout::Goose,
        &request,
        expect![[r#"
        //- 00003_c.sql
        -- +goose Up
        SELECT 1; -- one

        SELECT 2 -- two
        ;
    "#]],
    );
    let request = NewMigration { sql: Some("-- +goose Up\n".into()), ..named("d") };
    check_in(
        directory.path(),
        Layout::Goose,
        &request,
        expect![[r#"
        load.invalid_annotation: `DIR/00004_d.sql` line 2: there is more than one `-- +goose Up`
    "#]],
    );
    check_in(
        directory.path(),
        Layout::Sqlx,
        &named("d"),
        expect![[r#"
        new.other_layout: `DIR` is in the layout goose: a migration in the layout sqlx would not be read with it
    "#]],
    );

    let directory = tempfile::tempdir().unwrap();
    let write =
        |name: &str| fs::write(directory.path().join(name), "-- migrate:up\n-- migrate:down\n").unwrap();
    write("1.sql");
    let request = NewMigration { sql: Some("SELECT 1;".into()), ..named("b") };
    check_in(
        directory.path(),
        Layout::Dbmate,
        &request,
        expect![[r#"
        //- 2_b.sql
        -- migrate:up
        SELECT 1;

        -- migrate:down
    "#]],
    );
    write("9.sql");
    check_in(
        directory.path(),
        Layout::Dbmate,
        &request,
        expect![[r#"
        load.invalid_version: `DIR`: "20240501120059" is no version of a migration: dbmate compares names as texts, by which it would not come last
    "#]],
    );
}
