//! `cargo xtask lint`: formatting, clippy, every crate with each of its features alone, and whether fuzz targets compile.

use crate::features::{GRAMMAR, combinations};
use crate::fuzz;
use crate::metadata::{Package, Workspace};
use crate::provision::{self, Purpose};
use crate::step::{Result, Step};

const DENY_WARNINGS: [&str; 3] = ["--", "-D", "warnings"];

pub(crate) fn run() -> Result {
    Step::cargo(&["fmt", "--all", "--check"]).fix("`cargo fmt --all`").run()?;
    provision::ensure(Purpose::BuildAll)?;
    Step::cargo(&["clippy", "--workspace", "--all-targets", "--all-features"])
        .args(DENY_WARNINGS)
        .fix("follow the advice above; where a lint is wrong, `#[expect(…, reason = \"…\")]`")
        .run()?;
    for package in Workspace::load()?.packages.iter().filter(|package| package.is_for_users()) {
        each_alone(package)?;
    }
    fuzz::check()
}

/// Compiles a crate by itself, as it comes to those who pick only this one: nothing else in the workspace switches on a
/// feature that it forgot to ask for.
fn each_alone(package: &Package) -> Result {
    let mut features = package.features.clone();
    // What is only handed on is compiled alone where it lives: each combination of features of what a build script itself
    // depends on has it compile all of PostgreSQL's parser again.
    features.retain(|feature, _| !GRAMMAR[1..].contains(&(package.name.as_str(), feature.as_str())));
    for features in combinations(&features) {
        Step::cargo(&["clippy", "--quiet", "--package", &package.name])
            .args(features)
            .args(DENY_WARNINGS)
            .fix("a `#[cfg(feature = …)]` is missing or too many, or a feature doesn't switch on one that it needs")
            .run()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::features::GRAMMAR;
    use crate::metadata::Workspace;
    use crate::step::root;

    #[test]
    fn what_is_handed_on_does_nothing_else() {
        let workspace = Workspace::load().unwrap();
        for (crate_name, feature) in &GRAMMAR[1..] {
            let package = workspace.packages.iter().find(|package| package.name == *crate_name).unwrap();
            let parts = &package.features[*feature];
            assert!(parts.iter().any(|part| part.contains("postgres-grammar")), "{parts:?}");
            let mut open = vec![root().join("crates").join(crate_name).join("src")];
            while let Some(path) = open.pop() {
                if path.is_dir() {
                    open.extend(path.read_dir().unwrap().map(|entry| entry.unwrap().path()));
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                assert!(!text.contains(&format!("feature = \"{feature}\"")), "{}", path.display());
            }
        }
    }
}
