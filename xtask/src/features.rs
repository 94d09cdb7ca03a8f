//! Which combinations of features are worth a compilation of their own.

use std::collections::BTreeMap;

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
    use super::combinations;

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
