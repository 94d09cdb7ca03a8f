//! Programs, processes and users, as the operating system has them.

use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// `nobody`: servers refuse to run as root.
const UNPRIVILEGED: u32 = 65_534;

/// Where servers are installed beside PATH, which names no `sbin` for most users.
const FOLDERS: &[&str] = &["/usr/sbin", "/usr/local/sbin", "/usr/libexec"];

/// The folder that holds these programs: one on PATH, a usual one, or a `<prefix><version>/bin`, the highest version first.
pub(super) fn folder_with(programs: &[&str], prefixes: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.extend(FOLDERS.iter().map(PathBuf::from));
    folders.extend(prefixes.iter().flat_map(|prefix| versions(prefix)));
    folders.into_iter().find(|folder| programs.iter().all(|program| folder.join(program).is_file()))
}

fn versions(prefix: &str) -> Vec<PathBuf> {
    let Some((parent, start)) = prefix.rsplit_once('/') else { return Vec::new() };
    let version = |entry: std::fs::DirEntry| {
        let number = entry.file_name().to_str()?.strip_prefix(start)?.parse::<f32>().ok()?;
        Some((number, entry.path().join("bin")))
    };
    let entries = Path::new(parent).read_dir().into_iter().flatten().flatten();
    let mut found: Vec<_> = entries.filter_map(version).collect();
    found.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    found.into_iter().map(|(_, folder)| folder).collect()
}

/// A program in an environment that has nothing to say about databases, languages and time zones.
pub(super) fn program(path: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(path);
    let search = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", search).env("LC_ALL", "C").env("TZ", "UTC").stdin(Stdio::null());
    command
}

/// Makes it work in a folder that was handed over, as its owner.
pub(super) fn at_home(command: &mut Command, folder: &Path) {
    command.current_dir(folder).env("TMPDIR", folder);
    if is_root() {
        command.uid(UNPRIVILEGED).gid(UNPRIVILEGED);
    }
}

/// Gives a file or folder, without what is in it, to the user that servers run as.
pub(super) fn hand_over(path: &Path) -> io::Result<()> {
    if is_root() {
        std::os::unix::fs::chown(path, Some(UNPRIVILEGED), Some(UNPRIVILEGED))?;
    }
    Ok(())
}

/// Whether the user that servers run as may use what is in a folder: all may enter it, and all those that it is in.
pub(super) fn all_may_enter(folder: &Path) -> bool {
    const ENTER: u32 = 0o001;
    let is_open = |folder: &Path| std::fs::metadata(folder).is_ok_and(|found| found.mode() & ENTER != 0);
    !is_root() || folder.ancestors().all(is_open)
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|myself| myself.uid() == 0)
}

/// Runs a program to its end. Returns what it printed.
pub(super) fn run(command: &mut Command, input: &str) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let failed = |error: io::Error| format!("{name}: {error}");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(failed)?;
    let stdin = child.stdin.take();
    let output = std::thread::scope(|scope| {
        // Beside reading, as either pipe may fill up. A program that ends early says itself why.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input.as_bytes())));
        child.wait_with_output()
    });
    let output = output.map_err(failed)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        return Ok(text(&output.stdout));
    }
    Err(format!("{name}: {}\n{}{}", output.status, text(&output.stdout), text(&output.stderr)))
}

/// Whether a program that only answers by its exit code says yes.
pub(super) fn says_yes(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Sends a signal. To a process that has ended it is nothing.
pub(super) fn signal(name: &str, processes: &[u32]) {
    if !processes.is_empty() {
        let numbers = processes.iter().map(u32::to_string);
        // The shell's own `kill`: the program is missing on small systems.
        says_yes(program("sh").args(["-c", "kill -s \"$0\" \"$@\"", name]).args(numbers));
    }
}

/// The processes that work in a folder, which is what all of a server do in its data folder. None where there is no
/// `/proc`.
pub(super) fn processes_in(folder: &Path) -> Vec<u32> {
    let number = |entry: std::fs::DirEntry| {
        let number = entry.file_name().to_str()?.parse().ok()?;
        let home = std::fs::read_link(entry.path().join("cwd")).ok()?;
        (home == folder).then_some(number)
    };
    Path::new("/proc").read_dir().into_iter().flatten().flatten().filter_map(number).collect()
}

/// A port that nobody listens on, until somebody else asks for one.
pub(super) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Asks until the answer is yes or the time is over. Returns the last answer.
pub(crate) fn wait_until(limit: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    loop {
        if is_so() {
            return true;
        }
        if started.elapsed() > limit {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use super::{all_may_enter, is_root};

    #[test]
    fn a_closed_folder_anywhere_on_the_way_is_seen() {
        let outer = tempfile::tempdir().unwrap();
        let inner = outer.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        let set =
            |folder: &Path, mode| std::fs::set_permissions(folder, Permissions::from_mode(mode)).unwrap();
        set(&inner, 0o755);
        set(outer.path(), 0o700);
        assert_eq!(all_may_enter(&inner), !is_root());
        set(outer.path(), 0o755);
        assert!(all_may_enter(&inner) || !all_may_enter(&std::env::temp_dir()));
    }
}
