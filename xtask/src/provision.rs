//! Provides the programs and libraries that building and testing need: installs what is missing where that is safe to
//! do unasked (Debian and Ubuntu, as root), and elsewhere says what to install.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::step::{Failure, Result, Step};

/// What for something is needed; later ones need all that earlier ones do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Purpose {
    /// The program as it is built by default.
    Build,
    /// Every crate with all its features.
    BuildAll,
    Test,
    Fuzz,
}

/// Something that has to be on the machine.
#[derive(Debug)]
struct Tool {
    sign: Sign,
    /// What provides it on Debian and Ubuntu.
    packages: &'static [&'static str],
    purpose: Purpose,
    why: &'static str,
}

/// By what one sees that it is there.
#[derive(Debug)]
enum Sign {
    /// Programs on PATH, any of which will do.
    AnyOf(&'static [&'static str]),
    /// All of these programs, on PATH or where servers are installed.
    Server(&'static [&'static str]),
    /// Libraries as `pkg-config` knows them, any of which will do.
    Library(&'static [&'static str]),
    /// A library that `pkg-config` does not know, with what is needed to build against it.
    Shared(&'static str),
}

const TOOLS: &[Tool] = &[
    Tool {
        sign: Sign::AnyOf(&["cc", "gcc", "clang"]),
        packages: &["gcc", "libc6-dev"],
        purpose: Purpose::Build,
        why: "a C compiler: it links, and compiles SQLite into the program",
    },
    Tool {
        sign: Sign::AnyOf(&["pkg-config"]),
        packages: &["pkg-config"],
        purpose: Purpose::BuildAll,
        why: "it says where the client libraries of databases are",
    },
    Tool {
        sign: Sign::Library(&["libpq"]),
        packages: &["libpq-dev"],
        purpose: Purpose::BuildAll,
        why: "the client library of PostgreSQL: the feature `postgres` links it",
    },
    Tool {
        sign: Sign::Library(&["openssl"]),
        packages: &["libssl-dev"],
        purpose: Purpose::BuildAll,
        why: "OpenSSL: the feature `postgres-bundled` compiles libpq with it",
    },
    Tool {
        sign: Sign::Library(&["mysqlclient", "libmariadb"]),
        packages: &["libmariadb-dev"],
        purpose: Purpose::BuildAll,
        why: "the client library of MySQL or MariaDB: the feature `mysql` links it",
    },
    Tool {
        sign: Sign::Shared("libclang"),
        packages: &["libclang-dev"],
        purpose: Purpose::BuildAll,
        why: "it reads C headers: the feature `postgres-grammar` has it make the bindings to PostgreSQL's parser",
    },
    Tool {
        sign: Sign::AnyOf(&["sqlite3"]),
        packages: &["sqlite3"],
        purpose: Purpose::Test,
        why: "SQLite's own client: tests compare with what it does and says",
    },
    Tool {
        sign: Sign::Server(&["postgres", "initdb", "psql", "pg_isready", "pg_dump"]),
        packages: &["postgresql"],
        purpose: Purpose::Test,
        why: "the server and the client of PostgreSQL: tests start servers of their own",
    },
    // Not `mariadb-server`, which also sets up a data folder and a service that starts with the machine.
    Tool {
        sign: Sign::Server(&["mariadbd", "mariadb-install-db"]),
        packages: &["mariadb-server-core"],
        purpose: Purpose::Test,
        why: "the server of MariaDB: tests start servers of their own",
    },
    Tool {
        sign: Sign::Server(&["mariadb", "mariadb-admin", "mariadb-dump"]),
        packages: &["mariadb-client"],
        purpose: Purpose::Test,
        why: "the client of MariaDB: tests compare with what it does and says",
    },
    Tool {
        sign: Sign::AnyOf(&["chromium", "chromium-browser", "google-chrome"]),
        packages: &["chromium"],
        purpose: Purpose::Test,
        why: "a browser: tests use the page of `migration lineage` as a person would",
    },
    Tool {
        sign: Sign::AnyOf(&["chromedriver"]),
        packages: &["chromium-driver"],
        purpose: Purpose::Test,
        why: "the driver of that browser",
    },
    Tool {
        sign: Sign::AnyOf(&["c++", "g++", "clang++"]),
        packages: &["g++"],
        purpose: Purpose::Fuzz,
        why: "a C++ compiler: the fuzzer is compiled from its source",
    },
];

/// Where servers are installed beside PATH, which names no `sbin` for most users.
const SERVER_FOLDERS: &[&str] = &["/usr/sbin", "/usr/local/sbin", "/usr/libexec"];

/// Where shared libraries are, beside the folder that `LIBCLANG_PATH` names.
const LIBRARY_FOLDERS: &[&str] = &[
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/opt/homebrew/opt/llvm/lib",
    "/Library/Developer/CommandLineTools/usr/lib",
];

/// The folder that holds one for each version of LLVM, and how their names begin.
const LLVM_FOLDER: (&str, &str) = ("/usr/lib", "llvm");

/// The folders that hold one for each version of PostgreSQL, and how the names of those begin.
const POSTGRESQL_FOLDERS: &[(&str, &str)] = &[("/usr/lib/postgresql", ""), ("/usr", "pgsql-")];

/// Makes sure that all that `purpose` needs is there.
pub(crate) fn ensure(purpose: Purpose) -> Result {
    let missing = missing(purpose);
    if missing.is_empty() {
        return Ok(());
    }
    for tool in &missing {
        println!("missing: {} ({})", tool.sign, tool.why);
    }

    let advice = advice(&missing);
    if !can_install() {
        return Err(Failure::new("programs or libraries are missing, see above").fix(advice));
    }
    let packages: Vec<_> = missing.iter().flat_map(|tool| tool.packages).collect();
    let _no_cluster = packages.contains(&&"postgresql").then(NoCluster::while_installing).transpose()?;
    install(packages, &advice)?;

    match self::missing(purpose).as_slice() {
        [] => Ok(()),
        [tool, ..] => Err(Failure::new(format!(
            "{} is still not found after installing {}",
            tool.sign,
            tool.packages.join(", ")
        ))
        .fix("see that PATH contains the folder of system programs")),
    }
}

/// Whether this may install packages, and knows how.
pub(crate) fn can_install() -> bool {
    is_debian() && is_root()
}

/// Installs packages of the machine's system, or brings them up to date. `advice` is for when that fails.
pub(crate) fn install<S: AsRef<str>>(packages: impl IntoIterator<Item = S>, advice: &str) -> Result {
    apt_get(&["update", "-qq"]).fix(advice).run()?;
    apt_get(&["install", "-y", "-qq", "--no-install-recommends"]).args(packages).fix(advice).run()
}

fn apt_get(arguments: &[&str]) -> Step {
    Step::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive")
}

/// Keeps Debian's package `postgresql` from creating a database cluster with a service that runs from then on: the tests
/// have no use for it, and who runs them hasn't asked for it. See `create_main_cluster` in `pg_createcluster(1)`.
///
/// As long as this lives: a later installation of the package by somebody else is to do what it always does.
#[derive(Debug)]
struct NoCluster;

impl NoCluster {
    const FOLDER: &str = "/etc/postgresql-common/createcluster.d";
    const FILE: &str = "/etc/postgresql-common/createcluster.d/migration-tests.conf";

    fn while_installing() -> Result<Self> {
        println!("for the time of the installation: `create_main_cluster = false` in {}", Self::FILE);
        let written = fs::create_dir_all(Self::FOLDER)
            .and_then(|()| fs::write(Self::FILE, "create_main_cluster = false\n"));
        written.map(|()| Self).map_err(|error| Failure::new(format!("{}: {error}", Self::FILE)))
    }
}

impl Drop for NoCluster {
    fn drop(&mut self) {
        _ = fs::remove_file(Self::FILE);
        // Only if it is empty.
        _ = fs::remove_dir(Self::FOLDER);
    }
}

fn missing(purpose: Purpose) -> Vec<&'static Tool> {
    // On Windows, cargo finds the compiler without PATH and libraries without `pkg-config`.
    let is_found_otherwise = |tool: &Tool| cfg!(windows) && tool.purpose <= Purpose::BuildAll;
    let is_missing = |tool: &&Tool| !tool.sign.is_there() && !is_found_otherwise(tool);
    TOOLS.iter().filter(|tool| tool.purpose <= purpose).filter(is_missing).collect()
}

impl Sign {
    fn is_there(&self) -> bool {
        match self {
            Self::AnyOf(programs) => programs.iter().any(|name| is_on_path(name)),
            Self::Server(programs) => programs.iter().all(|name| find_server(name).is_some()),
            Self::Library(names) => names.iter().any(|name| is_library(name)),
            Self::Shared(name) => is_shared_library(name),
        }
    }
}

impl fmt::Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnyOf(names) => f.write_str(&names.join(" or ")),
            Self::Server(names) => f.write_str(&names.join(" and ")),
            Self::Library(names) => write!(f, "the library {}", names.join(" or ")),
            Self::Shared(name) => write!(f, "the library {name}"),
        }
    }
}

fn advice(missing: &[&Tool]) -> String {
    let packages: Vec<_> = missing.iter().flat_map(|tool| tool.packages).copied().collect();
    let signs: Vec<_> = missing.iter().map(|tool| tool.sign.to_string()).collect();
    format!(
        "on Debian and Ubuntu: `sudo apt-get install {}`; elsewhere install what provides {}",
        packages.join(" "),
        signs.join(", ")
    )
}

fn is_library(name: &str) -> bool {
    let mut question = Command::new("pkg-config");
    question.args(["--exists", name]).stdin(Stdio::null()).stderr(Stdio::null());
    question.status().is_ok_and(|status| status.success())
}

/// Without the number of a version in its name: that is there for those who build.
fn is_shared_library(name: &str) -> bool {
    let file = format!("{name}{}", std::env::consts::DLL_SUFFIX);
    let told = std::env::var_os("LIBCLANG_PATH").into_iter().flat_map(|path| {
        let path = PathBuf::from(path);
        [path.parent().unwrap_or(&path).to_owned(), path]
    });
    let usual = LIBRARY_FOLDERS.iter().map(PathBuf::from);
    let (parent, start) = LLVM_FOLDER;
    let versions = below(parent, start).map(|folder| folder.join("lib"));
    told.chain(usual).chain(versions).any(|folder| folder.join(&file).is_file())
}

/// The path of a program that is on PATH or where servers are installed.
pub(crate) fn find_server(name: &str) -> Option<PathBuf> {
    let mut folders = path().chain(server_folders());
    folders.find(|folder| has_program(folder, name)).map(|folder| folder.join(name))
}

fn server_folders() -> impl Iterator<Item = PathBuf> {
    let versions = POSTGRESQL_FOLDERS
        .iter()
        .flat_map(|(parent, start)| below(parent, start).map(|folder| folder.join("bin")));
    SERVER_FOLDERS.iter().map(PathBuf::from).chain(versions)
}

/// What is in a folder and has a name that begins so.
fn below(parent: &str, start: &'static str) -> impl Iterator<Item = PathBuf> {
    let entries = Path::new(parent).read_dir().into_iter().flatten().flatten();
    let is_one = move |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with(start);
    entries.filter(is_one).map(|entry| entry.path())
}

fn is_on_path(program: &str) -> bool {
    path().any(|folder| has_program(&folder, program))
}

fn path() -> impl Iterator<Item = PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).collect::<Vec<_>>().into_iter()
}

fn has_program(folder: &Path, name: &str) -> bool {
    folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)).is_file()
}

fn is_debian() -> bool {
    fs::read_to_string(Path::new("/etc/os-release")).is_ok_and(|text| names_debian(&text))
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
    use super::{Purpose, Sign, TOOLS, advice, is_on_path, names_debian};

    #[test]
    fn debian_and_its_children() {
        assert!(names_debian("PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n"));
        assert!(names_debian("ID=pop\nID_LIKE=\"ubuntu debian\"\n"));
        assert!(!names_debian("ID=fedora\nVERSION_ID=42\n"));
        assert!(!names_debian("ID=x\nHOME_URL=debian\n"));
    }

    #[test]
    fn advice_names_packages_and_programs() {
        let first: Vec<_> = TOOLS.iter().take(2).collect();
        assert_eq!(
            advice(&first),
            "on Debian and Ubuntu: `sudo apt-get install gcc libc6-dev pkg-config`; elsewhere install what provides \
             cc or gcc or clang, pkg-config"
        );
    }

    #[test]
    fn what_is_missing_is_seen() {
        assert!(Purpose::Build < Purpose::BuildAll && Purpose::BuildAll < Purpose::Test);
        assert!(!is_on_path("no-such-program"));
        assert!(!Sign::Library(&["no-such-library"]).is_there());
        assert!(!Sign::Shared("no-such-library").is_there());
        assert!(!Sign::Server(&["sh", "no-such-program"]).is_there());
        assert!(Sign::Server(&["sh"]).is_there() || cfg!(windows));
    }
}
