//! Flyway's files: versions of several parts, undo scripts, repeatable migrations, settings of scripts.

use std::fs;

use expect_test::expect;
use migration_sql::{Layout, detect};

use super::{check, check_as, directory};

#[test]
fn versions_compare_part_by_part() {
    check(
        "//- V1.10__c.sql\n//- V1_9__b.sql\n//- V1__a.sql\n//- V2.0.1__d e .sql\n//- V10.sql\n//- V20240101000000__f.sql\n",
        expect![[r#"
            flyway
            V1__a | 1 | a | V1__a.sql
            V1_9__b | 1.9 | b | V1_9__b.sql
            V1.10__c | 1.10 | c | V1.10__c.sql
            V2.0.1__d e | 2.0.1 | d e | V2.0.1__d e .sql
            V10 | 10 | V10 | V10.sql
            V20240101000000__f | 20240101000000 | f | V20240101000000__f.sql
        "#]],
    );
}

#[test]
fn folders_are_searched() {
    check(
        "//- ddl/schema.sql\n//- b/V1__a.sql\n//- a/deep/V2__b.sql\n//- .git/V3__c.sql\n",
        expect![[r#"
        flyway
        V1__a | 1 | a | V1__a.sql
        V2__b | 2 | b | V2__b.sql
        warning: `DIR/ddl/schema.sql` is ignored: it is not `V1__name.sql`, `U1__name.sql` or `R__name.sql`
    "#]],
    );
    check(
        "//- README.md\n//- b/c/d/V1.1__a.sql\n",
        expect![[r#"
        flyway
        V1.1__a | 1.1 | a | V1.1__a.sql
    "#]],
    );
}

#[test]
fn undo_scripts_pair_by_version() {
    check(
        "//- V1.0__a.sql\n//- U1__other_name.sql\n//- U2__b.sql\n//- V3_1__c.sql\n",
        expect![[r#"
        flyway
        V1.0__a | 1.0 | a | V1.0__a.sql U1__other_name.sql
        V3_1__c | 3.1 | c | V3_1__c.sql
        warning: `DIR/U2__b.sql` is ignored: there is no versioned migration that it undoes
    "#]],
    );
}

#[test]
fn repeatable_migrations_come_last_in_the_order_of_their_descriptions() {
    check(
        "//- R__b_view.sql\n//- R__a view.sql\n//- V2__a.sql\n//- R__a_table.sql\n",
        expect![[r#"
            flyway
            V2__a | 2 | a | V2__a.sql
            R__a_table | - | a_table | R__a_table.sql | repeatable
            R__a view | - | a view | R__a view.sql | repeatable
            R__b_view | - | b_view | R__b_view.sql | repeatable
        "#]],
    );
    check(
        "//- R__a_b.sql\n//- sub/R__a b.sql\n",
        expect![[r#"
        load.duplicate_id: more than one file has the id `R__a b`: `DIR/R__a_b.sql`, `DIR/sub/R__a b.sql`
        at DIR/sub/R__a b.sql
    "#]],
    );
}

#[test]
fn what_is_ignored_is_named() {
    check_as(
        "//- V1__a.sql\n//- V366_remove.sql\n//- v2__b.sql\n//- V3__c.java\n//- V4__d.SQL\n//- R__e.py\n//- beforeMigrate.sql
//- afterEachMigrate__x.sql\n//- createSchema.sql\n//- notes.json\n//- README.md\n//- V9__x.sql.conf\n//- sub/drop.sql\n",
        Some(Layout::Flyway),
        expect![[r#"
            flyway
            V1__a | 1 | a | V1__a.sql
            warning: `DIR/R__e.py` is ignored: its name is that of a migration, but doesn't end in `.sql`
            warning: `DIR/V366_remove.sql` is ignored: it is not `V1__name.sql`, `U1__name.sql` or `R__name.sql`
            warning: `DIR/V3__c.java` is ignored: its name is that of a migration, but doesn't end in `.sql`
            warning: `DIR/V4__d.SQL` is ignored: its name is that of a migration, but doesn't end in `.sql`
            warning: `DIR/afterEachMigrate__x.sql` is ignored: Flyway would run it as a callback
            warning: `DIR/beforeMigrate.sql` is ignored: Flyway would run it as a callback
            warning: `DIR/createSchema.sql` is ignored: Flyway would run it as a callback
            warning: `DIR/notes.json` is ignored: it is not `V1__name.sql`, `U1__name.sql` or `R__name.sql`
            warning: `DIR/sub/drop.sql` is ignored: it is not `V1__name.sql`, `U1__name.sql` or `R__name.sql`
            warning: `DIR/v2__b.sql` is ignored: it is not `V1__name.sql`, `U1__name.sql` or `R__name.sql`
            warning: `DIR/V9__x.sql.conf` is ignored: there is no script of its name
        "#]],
    );
}

#[test]
fn one_version_twice() {
    check(
        "//- V1__a.sql\n//- sub/V1.0__b.sql\n",
        expect![[r#"
        load.duplicate_version: more than one file has the version 1: `DIR/V1__a.sql`, `DIR/sub/V1.0__b.sql`
        at DIR/sub/V1.0__b.sql
    "#]],
    );
    check(
        "//- V1__a.sql\n//- U1__a.sql\n//- U1__b.sql\n",
        expect![[r#"
        load.duplicate_version: more than one file has the version 1: `DIR/U1__a.sql`, `DIR/U1__b.sql`
        at DIR/U1__b.sql
    "#]],
    );
}

#[test]
fn settings_of_scripts() {
    check(
        "//- V1__a.sql\n//- V1__a.sql.conf\nexecuteInTransaction=false\n//- U1__a.sql\n//- V2__b.sql\n${x}
//- V2__b.sql.conf\n# as it stands\nplaceholderReplacement=false\n",
        expect![[r#"
            flyway
            V1__a | 1 | a | V1__a.sql U1__a.sql | no transaction
            V2__b | 2 | b | V2__b.sql
            warning: `DIR/U1__a.sql`: runs in no transaction, as the script that it undoes
        "#]],
    );
    check(
        "//- V1__a.sql\n//- V1__a.sql.conf\n\nshouldExecute=${x}\n",
        expect![[r#"
        load.unsupported: `DIR/V1__a.sql.conf` line 2: `shouldExecute`, a condition that Flyway evaluates, is not known here
        at DIR/V1__a.sql.conf:2:1
    "#]],
    );
}

#[test]
fn placeholders_are_refused() {
    check(
        "//- V1__a.sql\nSELECT 1;\n-- é ${flyway:user} and ${x}\n",
        expect![[r#"
            load.unsupported: `DIR/V1__a.sql` line 2: the placeholder `${flyway:user}` is replaced only where values are given; if the text is meant as it stands, say `placeholderReplacement=false` in `V1__a.sql.conf`
            at DIR/V1__a.sql:2:6
        "#]],
    );
    check(
        "//- V1.1__a.sql\n//- U1.1__a.sql\n${never\nended",
        expect![[r#"
            load.unsupported: `DIR/U1.1__a.sql` line 1: the placeholder `${never` is replaced only where values are given; if the text is meant as it stands, say `placeholderReplacement=false` in `U1.1__a.sql.conf`
            at DIR/U1.1__a.sql:1:1
        "#]],
    );
    check(
        "//- V1__a.sql\nSELECT '$', '{', $$ $ {x} $$;\n",
        expect![[r#"
        flyway
        V1__a | 1 | a | V1__a.sql
    "#]],
    );
}

#[test]
fn baselines() {
    check(
        "//- V1__a.sql\n//- V5__b.sql\n//- B5__all.sql\n//- V6__c.sql\n",
        expect![[r#"
        flyway
        V1__a | 1 | a | V1__a.sql
        V5__b | 5 | b | V5__b.sql
        V6__c | 6 | c | V6__c.sql
        warning: `DIR/B5__all.sql` is ignored: in a new database Flyway would run it in the place of all versions up to its own, which run here
    "#]],
    );
    check(
        "//- B5__all.sql\n//- V6__c.sql\n",
        expect![[r#"
        load.unsupported: `DIR/B5__all.sql`: a baseline script with no versioned migration before it can't be run: only Flyway knows which databases need it
        at DIR/B5__all.sql
    "#]],
    );
}

#[test]
fn flyway_or_refinery() {
    let layout = |files: &str| detect(directory(files).path()).unwrap();
    assert_eq!(layout("//- V1__a.sql\n"), Some(Layout::Flyway));
    assert_eq!(layout("//- V1__a.sql\n//- U1__a.sql\n"), Some(Layout::Flyway));
    assert_eq!(layout("//- V1__a.sql\n//- V2__b.rs\n"), Some(Layout::Refinery));
    assert_eq!(layout("//- V1__a.sql\n//- U2__b.sql\n"), Some(Layout::Refinery));
    assert_eq!(layout("//- V1.1__a.sql\n//- U2__b.sql\n"), Some(Layout::Flyway));
    assert_eq!(layout("//- V1__a.sql\n//- U2__b.sql\n//- V1__a.sql.conf\n"), Some(Layout::Flyway));
    assert_eq!(layout("//- V1__a.sql\n//- U2__b.sql\n//- R__c.sql\n"), Some(Layout::Flyway));
    assert_eq!(layout("//- V1__a-b.sql\n//- U2__b.sql\n"), Some(Layout::Flyway));
    assert_eq!(layout("//- sub/V1__a.sql\n"), Some(Layout::Flyway));
    check(
        "//- V1__a.sql\n//- V2__b.rs\n//- R__c.sql\n",
        expect![[r#"
        load.ambiguous_layout: `DIR` holds files of more than one layout: `DIR/R__c.sql` (flyway), `DIR/V1__a.sql` (refinery)
        at DIR
    "#]],
    );
    // What is beside another layout's files is no reason for doubt.
    assert_eq!(layout("//- 1_a/up.sql\n//- old/V1__a.sql\n"), Some(Layout::Diesel));
    assert_eq!(layout("//- 1_a.sql\n//- old/V1__a.sql\n"), Some(Layout::Sqlx));
}

#[cfg(unix)]
#[test]
fn links_to_folders() {
    use std::os::unix::fs::symlink;
    let elsewhere = directory("//- V2.1__b.sql\n");
    let there = directory("//- V1__a.sql\n//- sub/V3__c.sql\n");
    symlink(elsewhere.path(), there.path().join("link")).unwrap();
    symlink("..", there.path().join("sub/back")).unwrap();
    expect![[r#"
        flyway
        V1__a | 1 | a | V1__a.sql
        V2.1__b | 2.1 | b | V2.1__b.sql
        V3__c | 3 | c | V3__c.sql
    "#]]
    .assert_eq(&super::outcome(there.path(), None));
    expect![[r#"
        refinery
        V1__a | 1 | a | V1__a.sql
        V3__c | 3 | c | V3__c.sql
        warning: `DIR/link` is ignored: it is not `V1__name.sql` or `U1__name.sql`
        warning: `DIR/sub/back` is ignored: it is not `V1__name.sql` or `U1__name.sql`
    "#]]
    .assert_eq(&super::outcome(there.path(), Some(Layout::Refinery)));
    fs::remove_file(there.path().join("link")).unwrap();
    symlink("nowhere", there.path().join("V4__d.sql")).unwrap();
    expect![[r#"
        load.unreadable: can't read `DIR/V4__d.sql`
        cause: No such file or directory (os error 2)
        at DIR/V4__d.sql
    "#]]
    .assert_eq(&super::outcome(there.path(), None));
}
