//! Brings a MySQL server where the machine has none: Debian's stable releases don't package it, its unstable one does.
//!
//! `debootstrap` resolves what it needs there, downloads it from the mirror that the machine's own `apt` uses, and checks
//! it against the keys of Debian that the machine has. The packages are only unpacked, to a folder in cargo's: nothing of
//! them is installed, none of their scripts runs, and the tests start the server with the libraries that lie beside it.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::metadata::Workspace;
use crate::provision;
use crate::step::{Failure, Result, Step};

/// Below the folder that cargo builds to; also in `tests/src/server/mysql.rs`.
const FOLDER: &str = "mysql-server";

const RELEASE: &str = "sid";

/// The server, and the clients that are of one version with it. Their names are without a version in unstable.
const PACKAGES: &str = "mysql-server-core,mysql-client-core";

/// What it takes to bring them. The keys are brought up to date, so that they include those that sign unstable today.
const TOOLS: &[&str] = &["debootstrap", "debian-archive-keyring", "gpgv", "xz-utils"];

/// Where `debian-archive-keyring` has them.
const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Names a mirror of Debian where the machine's own is none: on a system made from it, such as Ubuntu.
const MIRROR: &str = "MIGRATION_DEBIAN_MIRROR";

const INSTALL: &str = "install MySQL 8.4 or newer, so that `mysqld`, `mysql`, `mysqladmin` and `mysqldump` are on PATH \
                       or in /usr/sbin, or run this as root on Debian or Ubuntu";

/// Makes sure that there is a MySQL server for the tests.
pub(crate) fn ensure() -> Result {
    let target = Workspace::load()?.target_directory;
    let folder = target.join(FOLDER);
    if folder.is_dir() || is_installed() {
        return Ok(());
    }
    if !provision::can_install() {
        return Err(Failure::new("MySQL is missing, and can't be brought here").fix(INSTALL));
    }
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", folder.display()));
    fs::create_dir_all(&target).map_err(failed)?;
    let lock = File::create(target.join(format!("{FOLDER}.lock"))).map_err(failed)?;
    lock.lock().map_err(failed)?;
    if folder.is_dir() {
        return Ok(());
    }

    println!("MySQL is brought to {} once; it goes with that folder.", folder.display());
    // Under this name it is never used, so what was cut off is not taken for the whole.
    let unfinished = target.join(format!("{FOLDER}.unfinished"));
    let downloads = target.join(format!("{FOLDER}.downloads"));
    for left_over in [&unfinished, &downloads] {
        if left_over.exists() {
            fs::remove_dir_all(left_over).map_err(failed)?;
        }
    }
    download(&downloads)?;
    unpack(&downloads, &unfinished)?;
    fs::remove_dir_all(&downloads).map_err(failed)?;
    fs::rename(&unfinished, &folder).map_err(failed)
}

/// MariaDB may have a program of the same name.
fn is_installed() -> bool {
    let found = provision::find_server("mysqld");
    let Some(program) = found.filter(|_| provision::find_server("mysqldump").is_some()) else { return false };
    let answer = Command::new(program).args(["--no-defaults", "--version"]).stdin(Stdio::null()).output();
    answer.is_ok_and(|answer| {
        answer.status.success() && !String::from_utf8_lossy(&answer.stdout).contains("MariaDB")
    })
}

fn download(folder: &Path) -> Result {
    provision::install(TOOLS, INSTALL)?;
    let sources = ["indextargets", "--format", "$(REPO_URI)|$(LABEL)", "Created-By: Packages"];
    let named = std::env::var(MIRROR).ok();
    let found = || Ok(mirror(&Step::new("apt-get").args(sources).read()?));
    let mirror = named.map_or_else(found, |mirror| Ok(Some(mirror)))?.ok_or_else(|| {
        Failure::new("none of the machine's sources of packages is a mirror of Debian")
            .fix(format!("name one in the variable {MIRROR}, or {INSTALL}"))
    })?;
    Step::new("debootstrap")
        .args(["--download-only", "--variant=minbase", &format!("--include={PACKAGES}")])
        // Without it, a missing key would only be a warning.
        .args(["--force-check-gpg", &format!("--keyring={KEYS}")])
        .args([RELEASE, &folder.to_string_lossy(), &mirror])
        .fix(
            "if a key is unknown, the system is too old to know those of today's unstable: install a newer \
             `debian-archive-keyring`; if a package is missing, the mirror is being updated: try again later",
        )
        .run()
}

/// The first mirror of Debian that `debootstrap` can read, in what `apt-get indextargets` says of the machine's sources.
fn mirror(targets: &str) -> Option<String> {
    let debian =
        targets.lines().filter_map(|line| line.rsplit_once('|')).filter(|(_, label)| *label == "Debian");
    let can_be_read =
        |address: &&str| ["http://", "https://", "file:"].iter().any(|kind| address.starts_with(kind));
    let first = debian.map(|(address, _)| address).find(can_be_read)?;
    Some(first.trim_end_matches('/').to_owned())
}

fn unpack(downloads: &Path, to: &Path) -> Result {
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", downloads.display()));
    fs::create_dir_all(to).map_err(failed)?;
    let archives = downloads.join("var/cache/apt/archives");
    // One command for all, as there are about a hundred packages.
    let script = r#"for package in "$0"/*.deb; do dpkg-deb --extract "$package" "$1" || exit 1; done"#;
    let folders = [&*archives.to_string_lossy(), &*to.to_string_lossy()];
    Step::new("sh").args(["-c", script]).args(folders).fix("see that there is 1 GB of room").run()
}

#[cfg(test)]
mod tests {
    use super::mirror;

    #[test]
    fn the_mirror_is_that_of_the_machine() {
        let targets = "https://packages.example.org/apt/|Example\n\
                       http://security.example.org/debian-security/|Debian-Security\n\
                       mirror+file:/etc/apt/mirrors/debian.list|Debian\n\
                       https://mirror.example.org/debian/|Debian\n\
                       http://other.example.org/debian/|Debian\n";
        assert_eq!(mirror(targets).as_deref(), Some("https://mirror.example.org/debian"));
        assert_eq!(mirror("http://archive.example.org/ubuntu/|Ubuntu\n"), None);
        assert_eq!(mirror(""), None);
    }
}
