//! Who may depend on whom, and where the heavy dependencies live.

use super::{Dependency, Package, Workspace, assert_none};

/// The layers, from the bottom: what each crate may depend on. Siblings never depend on each other.
const LAYERS: &[(&str, &[&str])] = &[
    ("migration-model", &[]),
    ("migration-syntax", &["migration-model"]),
    ("migration-runner", LANGUAGE),
    ("migration-transform", LANGUAGE),
    ("migration-sql", LANGUAGE),
    ("migration-lineage", LANGUAGE),
    (
        "migration-kit",
        &[
            "migration-model",
            "migration-syntax",
            "migration-runner",
            "migration-transform",
            "migration-sql",
            "migration-lineage",
        ],
    ),
    ("migration-cli", FACADE),
    ("migration-mcp", FACADE),
];

const LANGUAGE: &[&str] = &["migration-model", "migration-syntax"];
const FACADE: &[&str] = &["migration-kit"];

/// One heavy dependency, one home: who picks another crate doesn't pay for it.
const HOMES: &[(&[&str], &[&str])] = &[
    (&["diesel", "diesel_migrations", "libsqlite3-sys"], &["migration-sql"]),
    (&["rayon"], &["migration-transform"]),
    (&["sqlparser"], &["migration-syntax", "migration-lineage"]),
    (&["petgraph"], &["migration-lineage"]),
    (&["clap", "clap_complete", "clap_mangen", "indicatif"], &["migration-cli"]),
    (&["tokio", "rmcp"], &["migration-mcp"]),
];

#[test]
fn dependencies_point_down_only() {
    let mut complaints = Vec::new();
    for package in Workspace::load().crates() {
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == package.name) else {
            complaints.push(format!("{}: which layer is it in? Add it to the table of layers", package.name));
            continue;
        };
        let ours = package.dependencies.iter().filter(|d| d.path.is_some());
        let upward = ours.filter(|d| !allowed.contains(&d.name.as_str()));
        complaints.extend(upward.map(|d| {
            format!("{} must not depend on {}{}; it may on: {}", package.name, d.name, kind(d), list(allowed))
        }));
    }
    assert_none(&complaints);
}

#[test]
fn a_heavy_dependency_has_one_home() {
    let mut complaints = Vec::new();
    for package in Workspace::load().crates() {
        complaints
            .extend(package.dependencies.iter().filter_map(|dependency| not_at_home(package, dependency)));
    }
    assert_none(&complaints);
}

fn not_at_home(package: &Package, dependency: &Dependency) -> Option<String> {
    let (_, homes) = HOMES.iter().find(|(heavy, _)| heavy.contains(&dependency.name.as_str()))?;
    let (name, heavy) = (&package.name, &dependency.name);
    (!homes.contains(&name.as_str())).then(|| {
        format!("{name} must not depend on {heavy}{}; its home is {}", kind(dependency), list(homes))
    })
}

/// The table itself: an edge to an unknown crate or upward would allow what it should forbid.
#[test]
fn the_layers_are_in_order() {
    for (place, (name, allowed)) in LAYERS.iter().enumerate() {
        for lower in *allowed {
            assert!(LAYERS[..place].iter().any(|(other, _)| other == lower), "{name} -> {lower}");
        }
    }
}

fn kind(dependency: &Dependency) -> String {
    dependency.kind.as_ref().map(|kind| format!(" (as a {kind}-dependency)")).unwrap_or_default()
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}
