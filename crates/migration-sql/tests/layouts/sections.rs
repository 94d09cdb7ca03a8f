//! One file with both parts: dbmate's and goose's.

use expect_test::{Expect, expect};
use migration_model::Checksum;
use migration_sql::{Layout, MigrationSet, SqlMigration};

use super::{check, check_as, directory, outcome};

/// What comes of each of these files beside a sound one, errors without their places.
fn check_each(sound: &str, texts: &[&str], expected: Expect) {
    let outcome = |text: &&str| {
        let directory = directory(&format!("//- 1_a.sql\n{sound}//- 2_b.sql\n{text}"));
        outcome(directory.path(), None).lines().next().unwrap().to_owned() + "\n"
    };
    expected.assert_eq(&texts.iter().map(outcome).collect::<String>());
}

/// The only migration of a directory with this file.
fn only(file: &str) -> SqlMigration {
    let directory = directory(&format!("//- 1_a.sql\n{file}"));
    let set = MigrationSet::load(directory.path(), None).unwrap();
    assert_eq!(set.warnings, [""; 0]);
    set.migrations()[0].clone()
}

#[test]
fn goose_orders_by_number() {
    check(
        "//- 20240101000000_d.sql\n-- +goose Up\n//- 00010_c.sql\n-- +goose Up\n-- +goose Down\nDROP TABLE c;\n
//- 2_b.sql\n-- licence\n\n--+goose up\t\n-- +goose NO TRANSACTION\nCREATE TABLE b (x);\n//- 1_a.up.sql\n-- +goose Up
//- README.md\n//- sub/1_x.sql\n//- 3_go.go\n//- 3_go_test.go\n//- helpers.go\n//- helpers.sql\n//- x_y.sql\n//- 4_d.SQL\n",
        expect![[r#"
            goose
            1_a.up | 1 | a.up | 1_a.up.sql
            2_b | 2 | b | 2_b.sql | no transaction
            00010_c | 00010 | c | 00010_c.sql 00010_c.sql
            20240101000000_d | 20240101000000 | d | 20240101000000_d.sql
            warning: `DIR/3_go.go` is ignored: goose would run it, but it is written in Go
            warning: `DIR/4_d.SQL` is ignored: it is not `N_name.sql`
            warning: `DIR/helpers.sql` is ignored: it is not `N_name.sql`
            warning: `DIR/sub` is ignored: folders are not searched in this layout, and it holds `1_x.sql`
            warning: `DIR/x_y.sql` is ignored: it is not `N_name.sql`
        "#]],
    );
}

#[test]
fn goose_versions_that_are_none() {
    check(
        "//- 1_a.sql\n-- +goose Up\n//- 0_a.sql\n-- +goose Up\n",
        expect![[r#"
        load.invalid_version: `DIR/0_a.sql`: "0" is no version of a migration: it is no whole number of 64 bits greater than zero
        at DIR/0_a.sql
    "#]],
    );
    check(
        "//- 1_a.sql\n-- +goose Up\n//- 9223372036854775808_a.sql\n-- +goose Up\n",
        expect![[r#"
        load.invalid_version: `DIR/9223372036854775808_a.sql`: "9223372036854775808" is no version of a migration: it is no whole number of 64 bits greater than zero
        at DIR/9223372036854775808_a.sql
    "#]],
    );
    check(
        "//- 1_a.sql\n-- +goose Up\n//- 01_b.sql\n-- +goose Up\n",
        expect![[r#"
        load.duplicate_version: more than one file has the version 1: `DIR/01_b.sql`, `DIR/1_a.sql`
        at DIR/1_a.sql
    "#]],
    );
}

#[test]
fn parts_keep_their_places() {
    let migration =
        only("\u{feff}-- é\r\n-- +goose Up\r\nSELECT 'é';\r\n\r\n-- +goose Down\r\nSELECT 2;\r\n");
    let blank = |bytes: usize| " ".repeat(bytes);
    let up = format!("{}\r\n{}\r\nSELECT 'é';\r\n\r\n", blank(8), blank(12));
    assert_eq!(&*migration.up.text, up);
    let down =
        format!("{}\r\n{}\r\n{}\r\n\r\n{}\r\nSELECT 2;\r\n", blank(8), blank(12), blank(12), blank(14));
    assert_eq!(&*migration.down.unwrap().text, down);

    let migration = only("-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;");
    assert_eq!(&*migration.up.text, format!("{}\nSELECT 1;\n", blank(13)));
    assert_eq!(
        &*migration.down.unwrap().text,
        format!("{}\n{}\n{}\nSELECT 2;", blank(13), blank(9), blank(15))
    );
}

#[test]
fn the_end_of_a_block_is_the_end_of_a_statement() {
    let migration = only(
        "-- +goose Up\n-- +goose StatementBegin\nSELECT 1\n-- +goose StatementEnd\n-- +goose StatementBegin\nSELECT 2;
-- +goose StatementEnd\n",
    );
    let statements =
        migration_syntax::split(&migration.up.text, migration_syntax::Dialect::Postgres).unwrap();
    let found: Vec<_> = statements.iter().map(|statement| (statement.line, statement.text)).collect();
    assert_eq!(found, [(3, "SELECT 1"), (6, "SELECT 2")]);
}

#[test]
fn a_checksum_is_of_the_up_part() {
    let of = |file: &str| only(file).checksum;
    let goose = "-- +goose Up\nSELECT 1;\n";
    assert_eq!(of(goose), Checksum::of("SELECT 1;"));
    assert_eq!(of(goose), of(&format!("-- licence\n{goose}\n\n-- +goose Down\nSELECT 2;\n")));
    assert_eq!(of(goose), of(&goose.replace('\n', "\r\n")));
    assert_ne!(of(goose), of(&goose.replace('1', "2")));
    let dbmate = "-- migrate:up\nSELECT 1;\n-- migrate:down\n";
    assert_eq!(of(dbmate), of(goose));
    assert_eq!(of(dbmate), of(&format!("{dbmate}\nSELECT 2;")));
}

#[test]
fn what_is_no_down_script() {
    check(
        "//- 1_a.sql\n-- +goose Up\nSELECT 1;\n-- +goose Down\n-- nothing\n\n//- 2_b.sql\n-- +goose Up\nSELECT 1;\n",
        expect![[r#"
            goose
            1_a | 1 | a | 1_a.sql
            2_b | 2 | b | 2_b.sql
        "#]],
    );
    check(
        "//- 1_a.sql\n-- migrate:up\nSELECT 1;\n-- migrate:down\n\n//- 2_b.sql\n-- migrate:up\nSELECT 1;\n",
        expect![[r#"
            dbmate
            1_a | 1 | a | 1_a.sql
            2_b | 2 | b | 2_b.sql
            warning: `DIR/2_b.sql` line 1: dbmate 2 refuses a file without `-- migrate:down`
        "#]],
    );
}

#[test]
fn goose_annotations_that_are_none() {
    let texts = [
        "SELECT 1;\n",
        "SELECT 1;\n-- +goose Up\n",
        "-- +goose Up\n-- +goose Upp\n",
        "-- +goose Up\n -- +goose Down\n",
        "-- +goose Up\n-- +goose +goose Down\n",
        "-- +goose Up\n-- +goose Up\n",
        "-- +goose Down\n",
        "-- +goose Up\n-- +goose Down\n-- +goose Down\n",
        "-- +goose StatementBegin\n",
        "-- +goose Up\n-- +goose StatementEnd\n",
        "-- +goose Up\n-- +goose StatementBegin\n-- +goose StatementBegin\n",
        "-- +goose Up\n-- +goose StatementBegin\n-- +goose Down\n",
        "-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n",
        "-- +goose ENVSUB ON\n-- +goose Up\nSELECT '${HOME}';\n",
    ];
    check_each(
        "-- +goose Up\n",
        &texts,
        expect![[r#"
            load.invalid_annotation: `DIR/2_b.sql` line 1: goose takes nothing but comments before `-- +goose Up`
            load.invalid_annotation: `DIR/2_b.sql` line 1: goose takes nothing but comments before `-- +goose Up`
            load.invalid_annotation: `DIR/2_b.sql` line 2: goose knows no such annotation: it knows Up, Down, StatementBegin, StatementEnd, NO TRANSACTION, ENVSUB ON and ENVSUB OFF
            load.invalid_annotation: `DIR/2_b.sql` line 2: goose takes no blanks before an annotation
            load.invalid_annotation: `DIR/2_b.sql` line 2: goose knows no such annotation: it knows Up, Down, StatementBegin, StatementEnd, NO TRANSACTION, ENVSUB ON and ENVSUB OFF
            load.invalid_annotation: `DIR/2_b.sql` line 2: there is more than one `-- +goose Up`
            load.invalid_annotation: `DIR/2_b.sql` line 1: `-- +goose Down` stands before `-- +goose Up`
            load.invalid_annotation: `DIR/2_b.sql` line 3: there is more than one `-- +goose Down`
            load.invalid_annotation: `DIR/2_b.sql` line 1: a block begins before `-- +goose Up`
            load.invalid_annotation: `DIR/2_b.sql` line 2: a block ends that never began
            load.invalid_annotation: `DIR/2_b.sql` line 3: a block begins inside of a block
            load.invalid_annotation: `DIR/2_b.sql` line 3: `-- +goose Down` stands inside of a block
            load.invalid_annotation: `DIR/2_b.sql` line 2: the block that begins here has no `-- +goose StatementEnd`
            load.invalid_annotation: `DIR/2_b.sql` line 3: the file asks for values of the environment (`ENVSUB ON`), which it gets only on request
        "#]],
    );
    // What is not replaced may stand there.
    let text = "-- +goose ENVSUB ON\n-- +goose Up\nSELECT 1;\n-- +goose ENVSUB OFF\nSELECT '$x';\n";
    assert!(only(text).up.text.ends_with("SELECT '$x';\n"));
}

#[test]
fn dbmate_orders_by_name() {
    check(
        "//- 9_a.sql\n-- migrate:up\n-- migrate:down\nSELECT 1;\n//- 10-b.sql\n-- c\n\n--   migrate:up transaction:false
VACUUM;\n-- migrate:down\nSELECT 1;\n//- 20240101.sql\n-- migrate:up\n-- migrate:down transaction:false\nSELECT 2;
//- README.md\n//- a.sql\n//- seeds/1_a.sql\n",
        expect![[r#"
            dbmate
            10-b | 10 | b | 10-b.sql 10-b.sql | no transaction | down in one
            20240101 | 20240101 | 20240101 | 20240101.sql 20240101.sql | down in none
            9_a | 9 | a | 9_a.sql 9_a.sql
            warning: `DIR/20240101.sql` runs before `DIR/9_a.sql`: dbmate compares names as texts
            warning: `DIR/a.sql` is ignored: it is not a file `DIGITS_name.sql`
            warning: `DIR/seeds` is ignored: folders are not searched in this layout, and it holds `1_a.sql`
        "#]],
    );
    check(
        "//- 001.sql\n-- migrate:up\n-- migrate:down\n",
        expect![[r#"
        dbmate
        001 | 001 | 001 | 001.sql
    "#]],
    );
    check(
        "//- 1_a.sql\n-- migrate:up\n-- migrate:down\n//- 1_b.sql\n-- migrate:up\n-- migrate:down\n",
        expect![[r#"
            load.duplicate_version: more than one file has the version 1: `DIR/1_a.sql`, `DIR/1_b.sql`
            at DIR/1_b.sql
        "#]],
    );
}

#[test]
fn dbmate_options() {
    check(
        "//- 1_a.sql\n-- migrate:up transaction: false\n-- migrate:down transaction:False a:b\nSELECT 1;\n
//- 2_b.sql\n-- migrate:up transaction:false transaction:true\n-- migrate:down\ttransaction:false\r\nSELECT 1;\n",
        expect![[r#"
            dbmate
            1_a | 1 | a | 1_a.sql 1_a.sql
            2_b | 2 | b | 2_b.sql 2_b.sql | down in none
            warning: `DIR/1_a.sql` line 1: dbmate passes over the option `transaction:`
            warning: `DIR/1_a.sql` line 1: dbmate passes over the option `false`
            warning: `DIR/1_a.sql` line 2: dbmate passes over the option `transaction:False`
            warning: `DIR/1_a.sql` line 2: dbmate passes over the option `a:b`
        "#]],
    );
}

#[test]
fn dbmate_parts_that_are_none() {
    let texts = [
        "SELECT 1;\n",
        "SELECT 1;\n-- migrate:up\n",
        "-- migrate:down\n-- migrate:up\n",
        "-- migrate:up\n-- migrate:down\n-- migrate:up\n",
        "-- migrate:up\n-- migrate:down\n-- migrate:down\n",
        "-- migrate:up\n -- migrate:down\n",
        "-- migrate:up\n-- Migrate:Down\n",
        "-- migrate:up\n-- migrate:downwards\n",
    ];
    check_each(
        "-- migrate:up\n-- migrate:down\n",
        &texts,
        expect![[r#"
        load.invalid_annotation: `DIR/2_b.sql` line 1: dbmate takes nothing but comments before `-- migrate:up`
        load.invalid_annotation: `DIR/2_b.sql` line 1: dbmate takes nothing but comments before `-- migrate:up`
        load.invalid_annotation: `DIR/2_b.sql` line 1: `-- migrate:down` stands before `-- migrate:up`
        load.invalid_annotation: `DIR/2_b.sql` line 3: there is more than one `-- migrate:up`
        load.invalid_annotation: `DIR/2_b.sql` line 3: there is more than one `-- migrate:down`
        load.invalid_annotation: `DIR/2_b.sql` line 2: dbmate takes this for a comment only, and not for the beginning of a part
        load.invalid_annotation: `DIR/2_b.sql` line 2: dbmate takes this for a comment only, and not for the beginning of a part
        load.invalid_annotation: `DIR/2_b.sql` line 2: dbmate takes this for a comment only, and not for the beginning of a part
    "#]],
    );
}

#[test]
fn among_files_of_another_layout() {
    check(
        "//- 1_a.sql\nSELECT 1;\n//- 2_b.sql\n-- +goose Up\n",
        expect![[r#"
        load.foreign_layout: `DIR/2_b.sql` was written for goose: run whole, as its name asks for, it would undo itself
        at DIR/2_b.sql
    "#]],
    );
    check(
        "//- 1_a.sql\n-- migrate:up\n-- migrate:down\n//- 2_b.sql\n-- +goose Up\n",
        expect![[r#"
        load.invalid_annotation: `DIR/2_b.sql` line 1: dbmate needs a `-- migrate:up`
        at DIR/2_b.sql
    "#]],
    );
    check_as(
        "//- 1_a.sql\nSELECT 1;\n",
        Some(Layout::Goose),
        expect![[r#"
        load.invalid_annotation: `DIR/1_a.sql` line 1: goose takes nothing but comments before `-- +goose Up`
        at DIR/1_a.sql
    "#]],
    );
}
