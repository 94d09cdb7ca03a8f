//! Files of Rust code: none forgotten, none without a word of introduction, none too long.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::{Workspace, assert_none, read, shown, sources};

const MAX_LINES: usize = 600;

#[test]
fn no_file_is_forgotten() {
    let mut reached = HashSet::new();
    let targets = Workspace::load().packages.into_iter().flat_map(|package| package.targets);
    for target in targets {
        reach(target.src_path, true, &mut reached);
    }
    let forgotten: Vec<_> = sources().into_iter().filter(|path| !reached.contains(path)).collect();
    assert_none(
        &forgotten.iter().map(|path| format!("{}: no `mod` declares it", shown(path))).collect::<Vec<_>>(),
    );
}

/// Follows the `mod` declarations from a file on.
fn reach(file: PathBuf, is_root: bool, reached: &mut HashSet<PathBuf>) {
    let text = read(&file);
    let folder = folder_of_modules(&file, is_root);
    let own_folder = file.parent().unwrap().to_path_buf();
    if !reached.insert(file) {
        return;
    }
    for module in declared(&text) {
        let candidates = match module {
            Module::Named(name) => {
                vec![folder.join(format!("{name}.rs")), folder.join(name).join("mod.rs")]
            }
            Module::At(path) => vec![own_folder.join(path)],
        };
        for file in candidates.into_iter().filter(|file| file.is_file()) {
            reach(file, false, reached);
        }
    }
}

/// Where the modules of a file lie: beside it for a crate's root and `mod.rs`, else in the folder of its name.
fn folder_of_modules(file: &Path, is_root: bool) -> PathBuf {
    if is_root || file.ends_with("mod.rs") {
        file.parent().unwrap().to_path_buf()
    } else {
        file.with_extension("")
    }
}

#[derive(Debug, PartialEq)]
enum Module<'a> {
    /// `mod name;`
    Named(&'a str),
    /// With `#[path = "…"]`.
    At(&'a str),
}

/// The modules that a text declares to lie in other files. Those that `mod name { … }` declares within are not looked
/// for: nobody nests files so.
fn declared(text: &str) -> Vec<Module<'_>> {
    let mut modules = Vec::new();
    let mut path = None;
    for line in text.lines().map(str::trim) {
        if let Some(attribute) = line.strip_prefix("#[path = \"") {
            path = attribute.split('"').next();
        } else if let Some(name) = module_name(line) {
            modules.push(path.take().map_or(Module::Named(name), Module::At));
        }
    }
    modules
}

fn module_name(line: &str) -> Option<&str> {
    let line = line.strip_prefix("pub").map_or(line, |rest| {
        let rest = rest.trim_start();
        if rest.starts_with('(') {
            rest.split_once(')').map_or(rest, |(_, rest)| rest.trim_start())
        } else {
            rest
        }
    });
    line.strip_prefix("mod ")?.split_once(';').map(|(name, _)| name.trim())
}

#[test]
fn declarations_are_found() {
    let text =
        "mod a;\npub mod b; // why\npub(crate) mod c;\nmod d { }\n#[path = \"x/e.rs\"]\nmod e;\n// mod f;\n";
    let named = |name| Module::Named(name);
    assert_eq!(declared(text), [named("a"), named("b"), named("c"), Module::At("x/e.rs")]);
}

#[test]
fn every_file_says_what_it_is() {
    let is_test =
        |path: &Path| path.ends_with("tests.rs") || path.components().any(|c| c.as_os_str() == "tests");
    let relative = |path: &PathBuf| PathBuf::from(shown(path));
    let below_crate = |path: &PathBuf| relative(path).components().skip(1).collect::<PathBuf>();
    let silent = |path: &PathBuf| !is_test(&below_crate(path)) && !read(path).starts_with("//!");
    let found: Vec<_> = sources().into_iter().filter(silent).collect();
    assert_none(
        &found.iter().map(|path| format!("{}: begin it with `//! …`", shown(path))).collect::<Vec<_>>(),
    );
}

#[test]
fn no_file_is_too_long() {
    let lines = |path: &Path| read(path).lines().count();
    let long: Vec<_> = sources().into_iter().filter(|path| lines(path) > MAX_LINES).collect();
    let complaint = |path: &PathBuf| format!("{}: {} lines; split it", shown(path), lines(path));
    assert_none(&long.iter().map(complaint).collect::<Vec<_>>());
}
