//! The other tools: compiled in the versions that the figures are about, once.

use std::path::{Path, PathBuf};

use crate::step::{Result, Step};

/// Another tool.
#[derive(Debug)]
struct Peer {
    package: &'static str,
    version: &'static str,
    /// Our databases and no others; SQLite compiled in, as it is by us.
    features: &'static str,
    program: &'static str,
}

const PEERS: &[Peer] = &[
    Peer { package: "diesel_cli", version: "2.3.14", features: "sqlite-bundled,postgres", program: "diesel" },
    Peer { package: "sqlx-cli", version: "0.9.0", features: "sqlite,postgres", program: "sqlx" },
    Peer {
        package: "refinery_cli",
        version: "0.10.0",
        features: "sqlite-bundled,postgresql",
        program: "refinery",
    },
];

/// Installs what isn't there yet in these versions. Returns the folder of the programs.
pub(super) fn install(target: &Path) -> Result<PathBuf> {
    let root = target.join("peers");
    let (root_text, build) = (root.to_string_lossy(), root.join("build"));
    println!("The other tools are compiled into {root_text}; the first time this takes minutes.");
    for Peer { package, version, features, .. } in PEERS {
        let named = format!("{package}@{version}");
        Step::cargo(&["install", "--root", &root_text, "--locked", "--quiet", "--no-default-features"])
            .args(["--features", features, &named])
            .env("CARGO_TARGET_DIR", &build.to_string_lossy())
            .fix("see that the registry of crates and a C compiler can be reached")
            .run()?;
    }
    Ok(root.join("bin"))
}

/// How a tool is called in tables.
pub(super) fn title(program: &str) -> String {
    let peer = PEERS.iter().find(|peer| peer.program == program);
    peer.map_or_else(|| program.to_owned(), |peer| format!("{} {}", peer.package, peer.version))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_tool_is_known_by_its_program() {
        assert!(super::title("sqlx").starts_with("sqlx-cli 0."));
        assert_eq!(super::title("bare"), "bare");
    }
}
