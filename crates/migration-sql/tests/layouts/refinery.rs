//! refinery's files: one sequence of `V` and `U`, whole numbers of 64 bits.

use expect_test::expect;
use migration_sql::Layout;

use super::{check, check_as};

#[test]
fn both_letters_are_one_sequence() {
    check(
        "//- V10__c.sql\n//- U3__b.sql\n//- sub/V002__a.sql\n//- V9223372036854775807__d.sql\n",
        expect![[r#"
            refinery
            V002__a | 002 | a | V002__a.sql
            U3__b | 3 | b | U3__b.sql
            V10__c | 10 | c | V10__c.sql
            V9223372036854775807__d | 9223372036854775807 | d | V9223372036854775807__d.sql
        "#]],
    );
}

#[test]
fn placeholders_are_text() {
    check(
        "//- V1__a.sql\nSELECT '${x}';\n//- U2__b.sql\n",
        expect![[r#"
        refinery
        V1__a | 1 | a | V1__a.sql
        U2__b | 2 | b | U2__b.sql
    "#]],
    );
}

#[test]
fn what_is_ignored_is_named() {
    check_as(
        "//- V1__a.sql\n//- V2__b.rs\n//- mod.rs\n//- V3__a-b.sql\n//- V4_c.sql\n//- V5.sql\n//- x.json\n//- README.md\n",
        Some(Layout::Refinery),
        expect![[r#"
            refinery
            V1__a | 1 | a | V1__a.sql
            warning: `DIR/V2__b.rs` is ignored: refinery would run it, but it is no SQL
            warning: `DIR/V3__a-b.sql` is ignored: it is not `V1__name.sql` or `U1__name.sql`
            warning: `DIR/V4_c.sql` is ignored: it is not `V1__name.sql` or `U1__name.sql`
            warning: `DIR/V5.sql` is ignored: it is not `V1__name.sql` or `U1__name.sql`
            warning: `DIR/x.json` is ignored: it is not `V1__name.sql` or `U1__name.sql`
        "#]],
    );
}

#[test]
fn versions_that_are_none() {
    let check = |files, expected| check_as(files, Some(Layout::Refinery), expected);
    check(
        "//- V1.2__a.sql\n",
        expect![[r#"
        load.invalid_version: `DIR/V1.2__a.sql`: "1.2" is no version of a migration: it is no whole number
        at DIR/V1.2__a.sql
    "#]],
    );
    check(
        "//- V9223372036854775808__a.sql\n",
        expect![[r#"
        load.invalid_version: `DIR/V9223372036854775808__a.sql`: "9223372036854775808" is no version of a migration: it is no whole number of 64 bits
        at DIR/V9223372036854775808__a.sql
    "#]],
    );
    check(
        "//- V1__a.sql\n//- sub/U01__b.sql\n",
        expect![[r#"
        load.duplicate_version: more than one file has the version 1: `DIR/V1__a.sql`, `DIR/sub/U01__b.sql`
        at DIR/sub/U01__b.sql
    "#]],
    );
}
