//! What a file system can hold besides well-behaved files.

use std::fs;
use std::path::Path;

use expect_test::expect;
use migration_model::Checksum;
use migration_sql::MigrationSet;

use super::{check, directory, outcome};

#[test]
fn a_directory_that_is_none() {
    let there = directory("//- file\n");
    expect![[r#"
        load.directory_missing: there is no directory `DIR`
        at DIR
    "#]]
    .assert_eq(&outcome(&there.path().join("missing"), None));
    expect![[r#"
        load.not_a_directory: `DIR` is not a directory
        at DIR
    "#]]
    .assert_eq(&outcome(&there.path().join("file"), None));
    expect![[r#"
        load.not_a_directory: `DIR` is not a directory
        at DIR
    "#]]
    .assert_eq(&outcome(&there.path().join("file/deeper"), None));
}

#[test]
fn a_directory_in_place_of_a_file() {
    check(
        "//- 1_a.up.sql/x\n",
        expect![[r#"
        load.unreadable: can't read `DIR/1_a.up.sql`
        cause: Is a directory (os error 21)
        at DIR/1_a.up.sql
    "#]],
    );
    check(
        "//- 1_a/up.sql\n//- 1_a/down.sql/x\n",
        expect![[r#"
        load.unreadable: can't read `DIR/1_a/down.sql`
        cause: Is a directory (os error 21)
        at DIR/1_a/down.sql
    "#]],
    );
    check(
        "//- a.json/x\n",
        expect![[r#"
        load.unreadable: can't read `DIR/a.json`
        cause: Is a directory (os error 21)
        at DIR/a.json
    "#]],
    );
}

#[test]
fn not_utf8() {
    let there = directory("//- 1_a.up.sql\n");
    fs::write(there.path().join("1_a.up.sql"), b"-- \xc3\xa9\n-- \xc3\xa9\xff").unwrap();
    expect![[r#"
        load.not_utf8: `DIR/1_a.up.sql` is not UTF-8: byte 11 (line 2, column 5) can't be decoded
        at DIR/1_a.up.sql:2:5
    "#]]
    .assert_eq(&outcome(there.path(), None));
}

#[test]
fn marks_and_line_ends_stay_in_the_text_and_out_of_the_checksum() {
    let there =
        directory("//- 1_a.up.sql\n\u{feff}SELECT 1;\r\nSELECT 2;\r\n//- 2_b.up.sql\nSELECT 1;\nSELECT 2;\n");
    let set = MigrationSet::load(there.path(), None).unwrap();
    let [a, b] = set.migrations() else { unreachable!("two files") };
    assert_eq!(&*a.up.text, "\u{feff}SELECT 1;\r\nSELECT 2;\r\n");
    assert_eq!(a.checksum, b.checksum);
    assert_eq!(b.checksum, Checksum::of("SELECT 1;\nSELECT 2;\n"));
}

#[test]
fn names_with_quotes_emoji_and_blanks() {
    check(
        "//- 1_o'brien \"x\".up.sql\n//- 2_🦀.up.sql\n//- 2_🦀.down.sql\n//- 3_a;b$c`d.up.sql\n",
        expect![[r#"
            golang-migrate
            1_o'brien "x" | 1 | o'brien "x" | 1_o'brien "x".up.sql
            2_🦀 | 2 | 🦀 | 2_🦀.up.sql 2_🦀.down.sql
            3_a;b$c`d | 3 | a;b$c`d | 3_a;b$c`d.up.sql
        "#]],
    );
}

#[test]
fn ids_that_differ_only_in_case() {
    check(
        "//- a.json\n{\"id\": \"a\", \"name\": \"\", \"sql\": \"\"}\n//- A.json\n{\"id\": \"A\", \"name\": \"\", \"sql\": \"\"}\n",
        expect![[r#"
            json
            A | - |  | A.json
            a | - |  | a.json
            warning: the ids `A` and `a` differ only in case: not every system tells them apart
        "#]],
    );
}

#[cfg(unix)]
mod links {
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;

    use super::*;

    /// Root reads every file, so that a link to nowhere has to stand in for a file that can't be read.
    #[test]
    fn links_that_lead_nowhere() {
        for (name, expected) in [
            (
                "1_a.up.sql",
                expect![[r#"
                load.unreadable: can't read `DIR/1_a.up.sql`
                cause: No such file or directory (os error 2)
                at DIR/1_a.up.sql
            "#]],
            ),
            (
                "2_b",
                expect![[r#"
                load.unreadable: can't read `DIR/2_b`
                cause: No such file or directory (os error 2)
                at DIR/2_b
            "#]],
            ),
            (
                "a.json",
                expect![[r#"
                load.unreadable: can't read `DIR/a.json`
                cause: No such file or directory (os error 2)
                at DIR/a.json
            "#]],
            ),
        ] {
            let there = directory(if name == "2_b" { "//- 1_a/up.sql\n" } else { "//- README\n" });
            symlink("nowhere", there.path().join(name)).unwrap();
            expected.assert_eq(&outcome(there.path(), None));
        }
        let there = directory("//- 1_a/up.sql\n");
        symlink("nowhere", there.path().join("1_a/metadata.toml")).unwrap();
        expect![[r#"
            load.unreadable: can't read `DIR/1_a/metadata.toml`
            cause: No such file or directory (os error 2)
            at DIR/1_a/metadata.toml
        "#]]
        .assert_eq(&outcome(there.path(), None));
    }

    #[test]
    fn links_that_lead_to_themselves() {
        let there = directory("//- 1_a/up.sql\n");
        let looped = there.path().join("loop");
        symlink("loop", &looped).unwrap();
        expect![[r#"
            load.symlink_loop: `DIR` is a symbolic link that leads nowhere but to itself
            cause: Too many levels of symbolic links (os error 40)
            at DIR
        "#]]
        .assert_eq(&outcome(&looped, None));
        expect![[r#"
            load.symlink_loop: `DIR/loop` is a symbolic link that leads nowhere but to itself
            cause: Too many levels of symbolic links (os error 40)
            at DIR/loop
        "#]]
        .assert_eq(&outcome(there.path(), None));
        fs::remove_file(&looped).unwrap();
        symlink(".", &looped).unwrap();
        expect![[r#"
            diesel
            1_a | 1 | a | up.sql
        "#]]
        .assert_eq(&outcome(there.path(), None));
    }

    #[test]
    fn links_that_lead_somewhere() {
        let there = directory("//- real/1_a/up.sql\n//- shared/up.sql\n");
        symlink("real", there.path().join("link")).unwrap();
        symlink("../shared", there.path().join("real/2_b")).unwrap();
        expect![[r#"
            diesel
            1_a | 1 | a | up.sql
            2_b | 2 | b | up.sql
        "#]]
        .assert_eq(&outcome(&there.path().join("link"), None));
    }

    #[test]
    fn a_pipe_is_not_waited_for() {
        let there = directory("//- 1_a.up.sql\n");
        let made =
            std::process::Command::new("mkfifo").arg(there.path().join("2_b.up.sql")).status().unwrap();
        assert!(made.success());
        expect![[r#"
            load.unreadable: can't read `DIR/2_b.up.sql`
            cause: not a regular file
            at DIR/2_b.up.sql
        "#]]
        .assert_eq(&outcome(there.path(), None));
    }

    #[test]
    fn names_that_are_not_utf8() {
        let there = directory("//- 1_a.up.sql\n");
        fs::write(there.path().join(Path::new(std::ffi::OsStr::from_bytes(b"notes-\xff.txt"))), "").unwrap();
        expect![[r#"
            golang-migrate
            1_a | 1 | a | 1_a.up.sql
        "#]]
        .assert_eq(&outcome(there.path(), None));
        fs::write(there.path().join(Path::new(std::ffi::OsStr::from_bytes(b"2_\xff.up.sql"))), "").unwrap();
        expect![[r#"
            load.not_utf8: the name of `DIR/2_�.up.sql` is not UTF-8
            at DIR/2_�.up.sql
        "#]]
        .assert_eq(&outcome(there.path(), None));
    }
}
