//! Numbered files: golang-migrate's and sqlx's.

use expect_test::expect;
use migration_sql::Layout;

use super::{check, check_as};

#[test]
fn numbers_of_any_width_compare_as_numbers() {
    check(
        "//- 20240101000000_d.up.sql\n//- 0002_b.up.sql\n//- 0002_b.down.sql\n//- 10_c.up.sql\n//- 1_a.up.sql
//- 2_other.name.down.sql.bak\n//- 18446744073709551615_z.up.sql\n//- 3_.up.sql\n",
        expect![[r#"
            golang-migrate
            1_a | 1 | a | 1_a.up.sql
            0002_b | 0002 | b | 0002_b.up.sql 0002_b.down.sql
            3_ | 3 | 3_ | 3_.up.sql
            10_c | 10 | c | 10_c.up.sql
            20240101000000_d | 20240101000000 | d | 20240101000000_d.up.sql
            18446744073709551615_z | 18446744073709551615 | z | 18446744073709551615_z.up.sql
            warning: `DIR/2_other.name.down.sql.bak` is ignored: golang-migrate would run it, but its name doesn't end in `.up.sql` or `.down.sql`
        "#]],
    );
}

#[test]
fn the_files_of_a_migration_are_told_by_their_version() {
    check(
        "//- 1_a..up.sql\n//- 01_b.down.sql\n",
        expect![[r#"
        golang-migrate
        1_a. | 1 | a. | 1_a..up.sql 01_b.down.sql
    "#]],
    );
}

#[test]
fn golang_migrate_names_what_it_leaves_out() {
    check_as(
        "//- 1_a.up.sql\n//- 2_b.sql\n//- c.up.sql\n//- 3_c.UP.sql\n//- 4_d.up.json\n//- 5_e.up.postgres.sql
//- 6_f.up.go\n//- README.md\n",
        Some(Layout::GolangMigrate),
        expect![[r#"
            golang-migrate
            1_a | 1 | a | 1_a.up.sql
            warning: `DIR/2_b.sql` is ignored: it is not `N_name.up.sql` or `N_name.down.sql`
            warning: `DIR/3_c.UP.sql` is ignored: it is not `N_name.up.sql` or `N_name.down.sql`
            warning: `DIR/4_d.up.json` is ignored: golang-migrate would run it, but its name doesn't end in `.up.sql` or `.down.sql`
            warning: `DIR/5_e.up.postgres.sql` is ignored: golang-migrate would run it, but its name doesn't end in `.up.sql` or `.down.sql`
            warning: `DIR/6_f.up.go` is ignored: golang-migrate would run it, but its name doesn't end in `.up.sql` or `.down.sql`
            warning: `DIR/c.up.sql` is ignored: it is not `N_name.up.sql` or `N_name.down.sql`
        "#]],
    );
}

#[test]
fn sqlx_files_whole_and_in_pairs() {
    check(
        "//- 1_create_users.sql\n//- 20240101_b.sql\n-- no-transaction\nVACUUM;\n//- 3_c.up.sql\n//- 3_c.down.sql\n",
        expect![[r#"
            sqlx
            1_create_users | 1 | create_users | 1_create_users.sql
            3_c | 3 | c | 3_c.up.sql 3_c.down.sql
            20240101_b | 20240101 | b | 20240101_b.sql | no transaction
        "#]],
    );
}

#[test]
fn pairs_that_only_sqlx_writes_are_of_sqlx() {
    check(
        "//- 1_a.up.sql\n-- no-transaction\n//- 1_a.down.sql\n",
        expect![[r#"
            sqlx
            1_a | 1 | a | 1_a.up.sql 1_a.down.sql | no transaction
            warning: `DIR/1_a.down.sql`: runs in no transaction, as its up script asks for none
        "#]],
    );
    check(
        "//- 1_a.up.sql\n//- 1_a.down.sql\n-- Add down migration script here\n",
        expect![[r#"
        sqlx
        1_a | 1 | a | 1_a.up.sql 1_a.down.sql
    "#]],
    );
    check(
        "//- 1_a.up.sql\n -- no-transaction\n//- 1_a.down.sql\n",
        expect![[r#"
        golang-migrate
        1_a | 1 | a | 1_a.up.sql 1_a.down.sql
    "#]],
    );
}

#[test]
fn the_marker_counts_at_the_very_first_byte_only() {
    check(
        "//- 1_a.sql\n\u{feff}-- no-transaction\n//- 2_b.sql\n\n-- no-transaction\n//- 3_c.sql\n--no-transaction
//- 4_d.sql\n-- no-transaction-at-all\n",
        expect![[r#"
            sqlx
            1_a | 1 | a | 1_a.sql
            2_b | 2 | b | 2_b.sql
            3_c | 3 | c | 3_c.sql
            4_d | 4 | d | 4_d.sql | no transaction
            warning: `DIR/1_a.sql`: `-- no-transaction` doesn't count after a byte-order mark
        "#]],
    );
}

#[test]
fn a_version_that_is_no_number() {
    check_as(
        "//- x_a.sql\n",
        Some(Layout::Sqlx),
        expect![[r#"
        load.invalid_version: `DIR/x_a.sql`: "x" is no version of a migration: it is no whole number of 64 bits
        at DIR/x_a.sql
    "#]],
    );
    check(
        "//- 1_a.sql\n//- 9223372036854775808_b.sql\n",
        expect![[r#"
        load.invalid_version: `DIR/9223372036854775808_b.sql`: "9223372036854775808" is no version of a migration: it is no whole number of 64 bits
        at DIR/9223372036854775808_b.sql
    "#]],
    );
    check(
        "//- 1_a.up.sql\n//- 18446744073709551616_b.up.sql\n",
        expect![[r#"
        load.invalid_version: `DIR/18446744073709551616_b.up.sql`: "18446744073709551616" is no version of a migration: it has more than 64 bits
        at DIR/18446744073709551616_b.up.sql
    "#]],
    );
    check_as(
        "//- -1_a.sql\n//- +2_b.sql\n//- a.sql\n//- 0_c.sql\n",
        Some(Layout::Sqlx),
        expect![[r#"
            sqlx
            -1_a | -1 | a | -1_a.sql
            0_c | 0 | c | 0_c.sql
            +2_b | +2 | b | +2_b.sql
            warning: `DIR/a.sql` is ignored: it is not `N_name.sql`
        "#]],
    );
}

#[test]
fn slips_of_the_pen_do_not_make_another_layout() {
    check(
        "//- 1_a.up.sql\n//- 1_a.down.sql\n//- 2_b_up.sql\n//- 2_b_down.sql\n",
        expect![[r#"
        golang-migrate
        1_a | 1 | a | 1_a.up.sql 1_a.down.sql
        warning: `DIR/2_b_down.sql` is ignored: it is not `N_name.up.sql` or `N_name.down.sql`
        warning: `DIR/2_b_up.sql` is ignored: it is not `N_name.up.sql` or `N_name.down.sql`
    "#]],
    );
    check(
        "//- 1_scale_up.sql\n",
        expect![[r#"
        sqlx
        1_scale_up | 1 | scale_up | 1_scale_up.sql
    "#]],
    );
}

#[test]
fn versions_of_several_files() {
    check(
        "//- 1_a.up.sql\n//- 01_b.up.sql\n",
        expect![[r#"
            golang-migrate
            01_b | 01 | b | 01_b.up.sql
            1_a | 1 | a | 1_a.up.sql
            warning: 2 migrations have the version 01, from `DIR/01_b.up.sql` to `DIR/1_a.up.sql`: they run in the order of their names
        "#]],
    );
    check(
        "//- 1_a.sql\n//- 1_a.up.sql\n",
        expect![[r#"
        load.duplicate_version: more than one file has the version 1: `DIR/1_a.sql`, `DIR/1_a.up.sql`
        at DIR/1_a.up.sql
    "#]],
    );
    check(
        "//- 1_a.up.sql\n//- 1_a.down.sql\n//- 1_b.down.sql\n",
        expect![[r#"
            golang-migrate
            1_a | 1 | a | 1_a.up.sql 1_a.down.sql
            warning: `DIR/1_b.down.sql` is ignored: there is no up script that it undoes
        "#]],
    );
    check(
        "//- 1_a.up.sql\n//- 2_b.down.sql\n",
        expect![[r#"
            golang-migrate
            1_a | 1 | a | 1_a.up.sql
            warning: `DIR/2_b.down.sql` is ignored: there is no up script that it undoes
        "#]],
    );
}
