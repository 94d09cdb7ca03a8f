//! `cargo xtask demo`: a tour of `migration` on a throw-away SQLite database, with the history in `docs/examples/shop`.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::metadata::Workspace;
use crate::program;
use crate::provision::{self, Purpose};
use crate::step::{Failure, Result, Step, root};

const MIGRATIONS: &str = "docs/examples/shop/migrations";

/// What is shown: a remark, the arguments of `migration`, and how many lines of its output are enough.
const TOUR: &[(&str, &[&str], usize)] = &[
    ("A new database: everything is pending.", &["status"], usize::MAX),
    ("What the first would do. Nothing is changed yet.", &["up", "--dry-run", "--steps", "1"], 20),
    ("Apply all.", &["up"], usize::MAX),
    ("Where that leaves us.", &["status"], usize::MAX),
    ("Take the newest back.", &["down"], usize::MAX),
    ("It is pending again.", &["status"], usize::MAX),
    ("The schema as it is now, as text to commit and compare.", &["dump"], 20),
];

pub(crate) fn run() -> Result {
    provision::ensure(Purpose::Build)?;
    let program = program::build()?;
    let target = Workspace::load()?.target_directory;
    let folder = target.join("demo");
    empty(&folder)?;
    let database = folder.join("shop.db");
    let url = url(&database, &root());
    let globals = ["--dir", MIGRATIONS, "--database-url", &url];

    for (remark, arguments, lines) in TOUR {
        println!("\n# {remark}");
        let step = Step::shown_as(&program, "migration").args(globals).args(*arguments);
        if *lines == usize::MAX {
            step.run()?;
        } else {
            print!("{}", beginning(&step.read()?, *lines));
        }
    }

    let again =
        format!("cargo run --quiet --package migration-cli -- --dir {MIGRATIONS} --database-url '{url}'");
    println!("\nThe database is {}, until the next demo. Try next:", shown(&database, &root()));
    println!("  {again} up");
    println!("  {again} plan --down --all");
    println!("  {again} status --json");
    println!("The migrations are in {MIGRATIONS}; docs/examples/shop/README.md says what each shows.");
    Ok(())
}

/// Makes a folder that has nothing in it.
fn empty(folder: &Path) -> Result {
    let failure = |error| Failure::new(format!("{}: {error}", folder.display()));
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(failure(error)),
        _ => {}
    }
    fs::create_dir_all(folder).map_err(failure)
}

/// The path as one types it in `root`.
fn shown(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

/// The URL of an SQLite file: relative to `root` if it is below, so that it stays readable.
fn url(database: &Path, root: &Path) -> String {
    format!("sqlite:///{}", shown(database, root))
}

/// The first lines of a text, and how many more there are.
fn beginning(text: &str, lines: usize) -> String {
    let mut kept: String = text.split_inclusive('\n').take(lines).collect();
    let more = text.lines().count().saturating_sub(lines);
    if more > 0 {
        kept.push_str(&format!("… and {more} more lines\n"));
    }
    kept
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{MIGRATIONS, beginning, url};
    use crate::step::root;

    #[test]
    fn three_slashes_for_a_relative_path_and_four_for_an_absolute_one() {
        assert_eq!(url(Path::new("/repo/target/a.db"), Path::new("/repo")), "sqlite:///target/a.db");
        assert_eq!(url(Path::new("/elsewhere/a.db"), Path::new("/repo")), "sqlite:////elsewhere/a.db");
    }

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        assert_eq!(beginning("a\nb\n", 2), "a\nb\n");
        assert_eq!(beginning("a\nb\nc\nd", 2), "a\nb\n… and 2 more lines\n");
    }

    #[test]
    fn the_migrations_are_there() {
        assert!(root().join(MIGRATIONS).is_dir());
    }
}
