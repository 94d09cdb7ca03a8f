//! Provides the programs that building and testing need: installs what is missing where that is safe to do unasked
//! (Debian and Ubuntu, as root), and elsewhere says what to install.

use std::path::Path;
use std::process::Command;

use crate::step::{Failure, Result, Step};

/// What for a program is needed; later ones need all that earlier ones do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Purpose {
    Build,
    Test,
}

/// Something that has to be on the machine.
#[derive(Debug)]
struct Tool {
    /// Programs, any of which will do.
    any_of: &'static [&'static str],
    /// What provides one of them on Debian and Ubuntu.
    packages: &'static [&'static str],
    purpose: Purpose,
    why: &'static str,
}

const TOOLS: &[Tool] = &[
    Tool {
        any_of: &["cc", "gcc", "clang"],
        packages: &["gcc", "libc6-dev"],
        purpose: Purpose::Build,
        why: "a C compiler: it links, and compiles SQLite into the program",
    },
    Tool {
        any_of: &["sqlite3"],
        packages: &["sqlite3"],
        purpose: Purpose::Test,
        why: "SQLite's own client: tests compare with what it does and says",
    },
];

/// Makes sure that all that `purpose` needs is there.
pub(crate) fn ensure(purpose: Purpose) -> Result {
    let missing = missing(purpose);
    if missing.is_empty() {
        return Ok(());
    }
    for tool in &missing {
        println!("missing: {} ({})", tool.any_of.join(" or "), tool.why);
    }

    let advice = advice(&missing);
    if !(is_debian() && is_root()) {
        return Err(Failure::new("programs are missing, see above").fix(advice));
    }
    apt_get(&["update", "-qq"]).fix(&advice).run()?;
    let packages = missing.iter().flat_map(|tool| tool.packages);
    apt_get(&["install", "-y", "-qq", "--no-install-recommends"]).args(packages).fix(&advice).run()?;

    match self::missing(purpose).as_slice() {
        [] => Ok(()),
        [tool, ..] => {
            let what = tool.any_of.join(" or ");
            Err(Failure::new(format!(
                "{what} is still not found after installing {}",
                tool.packages.join(", ")
            ))
            .fix("see that PATH contains the folder of system programs"))
        }
    }
}

fn apt_get(arguments: &[&str]) -> Step {
    Step::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive")
}

fn missing(purpose: Purpose) -> Vec<&'static Tool> {
    // On Windows, cargo finds the compiler without PATH.
    let is_found_otherwise = |tool: &Tool| cfg!(windows) && tool.purpose == Purpose::Build;
    let is_there = |tool: &Tool| tool.any_of.iter().any(|name| is_on_path(name)) || is_found_otherwise(tool);
    TOOLS.iter().filter(|tool| tool.purpose <= purpose && !is_there(tool)).collect()
}

fn advice(missing: &[&Tool]) -> String {
    let packages: Vec<_> = missing.iter().flat_map(|tool| tool.packages).copied().collect();
    let programs: Vec<_> = missing.iter().map(|tool| tool.any_of.join(" or ")).collect();
    format!(
        "on Debian and Ubuntu: `sudo apt-get install {}`; elsewhere install what provides {}",
        packages.join(" "),
        programs.join(", ")
    )
}

fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path).any(|folder| folder.join(&file).is_file())
}

fn is_debian() -> bool {
    std::fs::read_to_string(Path::new("/etc/os-release")).is_ok_and(|text| names_debian(&text))
        && is_on_path("apt-get")
}

/// Whether an `os-release(5)` file is that of Debian or of a system made from it, such as Ubuntu.
fn names_debian(os_release: &str) -> bool {
    let values =
        os_release.lines().filter_map(|line| line.strip_prefix("ID=").or(line.strip_prefix("ID_LIKE=")));
    values
        .flat_map(|value| value.trim_matches(['"', '\'']).split(' '))
        .any(|id| id == "debian" || id == "ubuntu")
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::{Purpose, TOOLS, advice, is_on_path, names_debian};

    #[test]
    fn debian_and_its_children() {
        assert!(names_debian("PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n"));
        assert!(names_debian("ID=pop\nID_LIKE=\"ubuntu debian\"\n"));
        assert!(!names_debian("ID=fedora\nVERSION_ID=42\n"));
        assert!(!names_debian("ID=x\nHOME_URL=debian\n"));
    }

    #[test]
    fn advice_names_packages_and_programs() {
        let all: Vec<_> = TOOLS.iter().collect();
        assert_eq!(
            advice(&all),
            "on Debian and Ubuntu: `sudo apt-get install gcc libc6-dev sqlite3`; elsewhere install what provides \
             cc or gcc or clang, sqlite3"
        );
    }

    #[test]
    fn testing_needs_what_building_needs() {
        assert!(Purpose::Build < Purpose::Test);
        assert!(!is_on_path("no-such-program"));
    }
}
