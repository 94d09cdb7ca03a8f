//! Which combinations of features are worth a compilation of their own.

use std::collections::BTreeMap;

use crate::metadata::Workspace;

/// PostgreSQL's grammar, in the crate that has it and in those that hand it on. What it compiles shares names with the libpq of
/// the feature `postgres-bundled`, so that no program can have both.
pub(crate) const GRAMMAR: [(&str, &str); 3] = [
    ("migration-lineage", "postgres-grammar"),
    ("migration-kit", "lineage-postgres-grammar"),
    ("migration-cli", "postgres-grammar"),
];

/// The arguments for cargo that switch on all features of some crates which programs can have together; of all crates, if none
/// are named.
pub(crate) fn together(workspace: &Workspace, names: &[&str]) -> Vec<String> {
    if names == [GRAMMAR[0].0] {
        return vec!["--all-features".to_owned()];
    }
    let chosen =
        workspace.packages.iter().filter(|package| names.is_empty() || names.contains(&&*package.name));
    let features = chosen.flat_map(|package| {
        let name = package.name.as_str();
        let features = package.features.keys().filter(move |feature| !GRAMMAR.contains(&(name, feature)));
        features.map(move |feature| format!("{name}/{feature}"))
    });
    vec!["--features".to_owned(), features.collect::<Vec<_>>().join(",")]
}

/// The arguments for cargo that select each of them: none, each alone, and the default if that is another one.
///
/// All together are compiled anyway, and a pair that breaks while each alone works has not been seen yet.
pub(crate) fn combinations(features: &BTreeMap<String, Vec<String>>) -> Vec<Vec<String>> {
    let none = vec!["--no-default-features".to_owned()];
    let alone = |name: &String| [none.clone(), vec!["--features".to_owned(), name.clone()]].concat();

    let mut combinations = vec![none.clone()];
    combinations.extend(features.keys().filter(|name| *name != "default").map(alone));
    if features.get("default").is_some_and(|default| default.len() > 1) {
        combinations.push(Vec::new());
    }
    combinations
}

#[cfg(test)]
mod tests {
    use super::{GRAMMAR, combinations, together};
    use crate::metadata::Workspace;

    #[test]
    fn all_but_one() {
        let workspace = Workspace::load().unwrap();
        for (name, feature) in GRAMMAR {
            assert!(workspace.packages.iter().any(|p| p.name == name && p.features.contains_key(feature)));
        }
        let all = together(&workspace, &[]).concat();
        assert!(all.contains("migration-sql/postgres-bundled") && !all.contains("grammar"), "{all}");
        let some = together(&workspace, &["migration-cli"]).concat();
        assert!(some.contains("migration-cli/parquet") && !some.contains("migration-sql/"), "{some}");
        assert_eq!(together(&workspace, &["migration-lineage"]), ["--all-features"]);
    }

    #[track_caller]
    fn check(features: &[(&str, &[&str])], expected: &[&str]) {
        let features = features
            .iter()
            .map(|(name, parts)| ((*name).to_owned(), parts.iter().map(ToString::to_string).collect()))
            .collect();
        let found: Vec<_> = combinations(&features).iter().map(|arguments| arguments.join(" ")).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn none_each_and_default() {
        check(&[], &["--no-default-features"]);
        check(
            &[("default", &["sqlite"]), ("sqlite", &[])],
            &["--no-default-features", "--no-default-features --features sqlite"],
        );
        check(
            &[("a", &[]), ("b", &["a"]), ("default", &["a", "b"])],
            &[
                "--no-default-features",
                "--no-default-features --features a",
                "--no-default-features --features b",
                "",
            ],
        );
    }
}
