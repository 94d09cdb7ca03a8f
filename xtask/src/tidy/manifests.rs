//! What every `Cargo.toml` says of its crate.

use super::{Workspace, assert_none, shown};

/// Of this crate, and by inheritance that of the workspace.
const RUST_VERSION: &str = env!("CARGO_PKG_RUST_VERSION");

#[test]
fn a_folder_is_named_like_its_crate() {
    let workspace = Workspace::load();
    let other = workspace.crates().filter(|package| !package.folder().ends_with(&package.name));
    assert_none(
        &other
            .map(|p| format!("{}: rename the folder to `{}`", shown(p.folder()), p.name))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn every_crate_says_what_it_is() {
    let silent = |text: Option<&str>| text.is_none_or(|text| text.is_empty() || text.starts_with("TODO"));
    let workspace = Workspace::load();
    let found = workspace.packages.iter().filter(|package| silent(package.description.as_deref()));
    assert_none(
        &found.map(|p| format!("{}: `description` is missing", shown(&p.manifest_path))).collect::<Vec<_>>(),
    );
}

#[test]
fn all_crates_promise_the_same_compiler() {
    let workspace = Workspace::load();
    let other =
        workspace.packages.iter().filter(|package| package.rust_version.as_deref() != Some(RUST_VERSION));
    let complaint =
        |p: &super::Package| format!("{}: write `rust-version.workspace = true`", shown(&p.manifest_path));
    assert_none(&other.map(complaint).collect::<Vec<_>>());
}

#[test]
fn the_promised_compiler_builds_all_dependencies() {
    let workspace = Workspace::load_with_dependencies();
    let mut complaints = Vec::new();
    for package in &workspace.packages {
        let Some(needed) = &package.rust_version else { continue };
        if number(needed) > number(RUST_VERSION) {
            complaints.push(format!(
                "{} needs Rust {needed}, and the workspace promises {RUST_VERSION}",
                package.name
            ));
        }
    }
    assert_none(&complaints);
}

/// `1.95` and `1.95.0` are the same version.
fn number(version: &str) -> [u32; 3] {
    let mut parts = version.split('.').map(|part| part.parse().unwrap());
    [(); 3].map(|()| parts.next().unwrap_or(0))
}

#[test]
fn versions_compare_as_numbers() {
    assert!(number("1.100") > number("1.95.1"));
    assert_eq!(number("1.95"), number("1.95.0"));
}
