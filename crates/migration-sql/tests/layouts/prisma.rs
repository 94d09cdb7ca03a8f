//! Prisma's folders and the lock file beside them.

use expect_test::expect;
use migration_sql::Layout;

use super::{check, check_as};

#[test]
fn folders_in_the_order_of_their_names() {
    check(
        "//- 20240501120000_init/migration.sql\n//- 20240502000000_users/migration.sql\n//- 20240502_earlier/migration.sql
//- 20240502000000_users copy/migration.sql\n//- baseline/migration.sql\n//- migration_lock.toml\nprovider = \"sqlite\"\n",
        expect![[r#"
            prisma
            20240501120000_init | 20240501120000 | init | migration.sql
            20240502_earlier | 20240502 | earlier | migration.sql
            20240502000000_users | 20240502000000 | users | migration.sql
            20240502000000_users copy | 20240502000000 | users copy | migration.sql
            baseline | baseline | baseline | migration.sql
        "#]],
    );
}

#[test]
fn a_folder_without_a_script_is_an_error() {
    check(
        "//- 1_a/migration.sql\n//- 2_b/notes.md\n",
        expect![[r#"
        load.unreadable: can't read `DIR/2_b/migration.sql`
        cause: No such file or directory (os error 2)
        at DIR/2_b/migration.sql
    "#]],
    );
}

#[test]
fn what_is_ignored_is_named() {
    check(
        "//- 1_a/migration.sql\n//- 1_a/down.sql\n//- seed.sql\n//- schema.prisma\n//- README.md\n//- .tmp/x\n",
        expect![[r#"
            prisma
            1_a | 1 | a | migration.sql
            warning: `DIR/seed.sql` is ignored: it is not a folder with a `migration.sql`
            warning: `DIR/1_a/down.sql` is ignored: Prisma has no down parts
        "#]],
    );
}

#[test]
fn lock_files() {
    check(
        "//- migration_lock.toml\n# none yet\nprovider = \"postgresql\"\n",
        expect![[r#"
        prisma
    "#]],
    );
    check(
        "//- 1_a/migration.sql\n//- migration_lock.toml\n\nprovider = \"mongodb\"\n",
        expect![[r#"
        load.unsupported: `DIR/migration_lock.toml` line 2: the migrations are for "mongodb", which is no database that is known here
        at DIR/migration_lock.toml:2:12
    "#]],
    );
    check(
        "//- 1_a/migration.sql\n//- migration_lock.toml\nprovider = 1\n",
        expect![[r#"
        load.invalid_toml: `DIR/migration_lock.toml` line 1, column 12: not the metadata of a migration
        cause: invalid type: integer `1`, expected a string
        at DIR/migration_lock.toml:1:12
    "#]],
    );
    check(
        "//- 1_a/migration.sql\n//- migration_lock.toml\n",
        expect![[r#"
        prisma
        1_a | 1 | a | migration.sql
        warning: `DIR/migration_lock.toml` doesn't say which database the migrations are for
    "#]],
    );
    check_as(
        "//- 1_a/migration.sql\n//- migration_lock.toml\nprovider = \n",
        Some(Layout::Diesel),
        expect![[r#"
            diesel
            warning: `DIR/1_a` is ignored: it is not a migration, as it has no `up.sql`
        "#]],
    );
}

#[cfg(feature = "sqlite")]
#[test]
fn another_database_than_the_lock_file_names() {
    use migration_sql::{DatabaseConnector, MigrationManager, Request};

    for (provider, fits) in [("sqlite", true), ("mysql", false), ("postgresql", false)] {
        let lock = format!("//- migration_lock.toml\nprovider = \"{provider}\"\n");
        let there = super::directory(&format!("//- 1_a/migration.sql\nCREATE TABLE a (x);\n{lock}"));
        let mut manager = MigrationManager::new(DatabaseConnector::open("sqlite::memory:").unwrap());
        assert_eq!(manager.load_migrations_from_directory(there.path()).unwrap(), 1);
        assert_eq!(manager.plan(&Request::up()).is_ok(), fits, "{provider}");
        match manager.apply_pending_migrations() {
            Ok(report) => assert!(fits && report.results.len() == 1, "{provider}"),
            Err(error) => {
                assert!(!fits);
                assert_eq!(error.code(), "load.unsupported");
                let tables = manager.connector().execute("SELECT name FROM sqlite_schema", &[]).unwrap();
                assert!(tables.rows.is_empty());
            }
        }
    }
}
