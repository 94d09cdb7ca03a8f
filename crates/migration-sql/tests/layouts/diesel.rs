//! Folders with `up.sql`, `down.sql` and `metadata.toml`.

use expect_test::expect;

use super::check;

#[test]
fn ordered_by_version_without_dashes() {
    check(
        "//- 20240502000000_b/up.sql\n//- 2024-05-01-120000_users/up.sql\n//- 2024-05-01-120000_users/down.sql
//- 2023-05-23-1715-no-underscore/up.sql\n//- 00000000000000_diesel_initial_setup/up.sql\n//- 9_last/up.sql\n",
        expect![[r#"
            diesel
            00000000000000_diesel_initial_setup | 00000000000000 | diesel_initial_setup | up.sql
            2023-05-23-1715-no-underscore | 202305231715nounderscore | 2023-05-23-1715-no-underscore | up.sql
            2024-05-01-120000_users | 20240501120000 | users | up.sql down.sql
            20240502000000_b | 20240502000000 | b | up.sql
            9_last | 9 | last | up.sql
        "#]],
    );
}

#[test]
fn metadata() {
    check(
        "//- 1_a/up.sql\n//- 2_b/up.sql\n//- 2_b/metadata.toml\nrun_in_transaction = false\n//- 3_c/up.sql
//- 3_c/metadata.toml\nrun_in_transaction = true\ndescription = \"what \\\"c\\\" is for\"\ndepends_on = [\"5_e\", \"4\"]
//- 4_d/up.sql\n//- 5_e/up.sql\n",
        expect![[r#"
            diesel
            1_a | 1 | a | up.sql
            2_b | 2 | b | up.sql | no transaction
            4_d | 4 | d | up.sql
            5_e | 5 | e | up.sql
            3_c | 3 | c | up.sql | "what \"c\" is for" | needs 5_e, 4_d
        "#]],
    );
}

#[test]
fn a_version_with_dashes_names_a_dependency() {
    check(
        "//- 2024-01-01-000000_a/up.sql\n//- 2024-01-01-000000_a/metadata.toml\nrun_in_transaction = true
depends_on = [\"2024-02-02-000000\"]\n//- 2024-02-02-000000_b/up.sql\n",
        expect![[r#"
            diesel
            2024-02-02-000000_b | 20240202000000 | b | up.sql
            2024-01-01-000000_a | 20240101000000 | a | up.sql | needs 2024-02-02-000000_b
        "#]],
    );
}

#[test]
fn odd_metadata_is_reported() {
    check(
        "//- 1_a/up.sql\n//- 1_a/metadata.toml\nrun_in_transation = false\n",
        expect![[r#"
        diesel
        1_a | 1 | a | up.sql
        warning: `DIR/1_a/metadata.toml`: unknown key `run_in_transation` (known: run_in_transaction, description, depends_on)
        warning: `DIR/1_a/metadata.toml` does not say `run_in_transaction`: taken for true, but diesel's own runner takes it for false
    "#]],
    );
    check(
        "//- 1_a/up.sql\n//- 1_a/metadata.toml\ndescription = \"é\"\nrun_in_transaction = \"no\"\n",
        expect![[r#"
            load.invalid_toml: `DIR/1_a/metadata.toml` line 2, column 22: not the metadata of a migration
            cause: invalid type: string "no", expected a boolean
            at DIR/1_a/metadata.toml:2:22
        "#]],
    );
    check(
        "//- 1_a/up.sql\n//- 1_a/metadata.toml\ndepends_on = \"2\"\n",
        expect![[r#"
        load.invalid_toml: `DIR/1_a/metadata.toml` line 1, column 14: not the metadata of a migration
        cause: invalid type: string "2", expected a sequence
        at DIR/1_a/metadata.toml:1:14
    "#]],
    );
    check(
        "//- 1_a/up.sql\n//- 1_a/metadata.toml\n\n  = 3\n",
        expect![[r#"
        load.invalid_toml: `DIR/1_a/metadata.toml` line 2, column 3: not the metadata of a migration
        cause: unquoted keys cannot be empty, expected letters, numbers, `-`, `_`
        at DIR/1_a/metadata.toml:2:3
    "#]],
    );
}

#[test]
fn what_is_ignored_is_named() {
    check(
        "//- 1_a/up.sql\n//- README.md\n//- schema.sql\n//- notes/readme.md\n//- .hidden/up.sql\n//- 2_b/Up.sql
//- 3_c/up.sql\n//- 3_c/Down.sql\n",
        expect![[r#"
            diesel
            1_a | 1 | a | up.sql
            3_c | 3 | c | up.sql
            warning: `DIR/schema.sql` is ignored: it is not a folder with an `up.sql`
            warning: `DIR/2_b/Up.sql` is ignored: it would have to be named `up.sql`
            warning: `DIR/3_c/Down.sql` is ignored: it would have to be named `down.sql`
            warning: `DIR/notes` is ignored: it is not a migration, as it has no `up.sql`
        "#]],
    );
}

#[test]
fn duplicates_and_orphans_are_refused() {
    check(
        "//- 2024-01-01_a/up.sql\n//- 20240101_b/up.sql\n",
        expect![[r#"
        load.duplicate_version: more than one file has the version 20240101: `DIR/2024-01-01_a`, `DIR/20240101_b`
        at DIR/20240101_b
    "#]],
    );
    check(
        "//- 1_a/up.sql\n//- 2_b/down.sql\n",
        expect![[r#"
        load.missing_up: `DIR/2_b/down.sql` rolls back a migration that has no up script
        at DIR/2_b/down.sql
    "#]],
    );
    check(
        "//- 1_a/up.sql\n//- 1_a/metadata.toml\ndepends_on = [\"2_b\", \"x\"]\n",
        expect![[r#"
            load.missing_dependency: `DIR/1_a/metadata.toml` depends on `2_b`, which does not exist; `DIR/1_a/metadata.toml` depends on `x`, which does not exist
            at DIR/1_a/metadata.toml
        "#]],
    );
    check(
        "//- 1_a/up.sql\n//- 1_a/metadata.toml\nrun_in_transaction = true\ndepends_on = [\"2\"]
//- 2_b/up.sql\n//- 2_b/metadata.toml\nrun_in_transaction = true\ndepends_on = [\"1_a\"]\n//- 3_c/up.sql\n",
        expect![[r#"
            load.cycle: the dependencies form a cycle: 1_a -> 2_b -> 1_a (in `DIR/1_a/metadata.toml`, `DIR/2_b/metadata.toml`)
            at DIR/2_b/metadata.toml
        "#]],
    );
}

#[test]
fn a_folder_name_that_is_no_id_is_refused() {
    check(
        "//- 1_a /up.sql\n",
        expect![[r#"
        load.invalid_id: `DIR/1_a /up.sql` can't be a migration
        cause: "1_a " can't be a migration id: it begins or ends with a blank
        at DIR/1_a /up.sql
    "#]],
    );
}
