//! The end of a server whose starter is gone.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Stdio};

use super::system;

/// Waits for the end of its input, ends the server and removes its folder.
const SCRIPT: &str = r#"
while read -r line; do server=$line; done
if [ -n "$server" ]; then
    kill -s "$0" "$server"
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        kill -s 0 "$server" || break
        sleep 0.1
    done
    kill -s KILL "$server"
fi
rm -rf "$1" || { sleep 1; rm -rf "$1"; }
"#;

/// A shell that outlives this process, however that ends: killed, it can't clean up after itself.
///
/// A signal at the death of the parent (`PR_SET_PDEATHSIG`) would be simpler, but comes at the end of the thread that
/// started the server, is only known to Linux and needs unsafe code. The end of a pipe always comes: only this process
/// has the other end. The shell is in a process group of its own, so that what ends this one's (Ctrl-C in a terminal, a
/// test runner's time limit) doesn't end the shell.
#[derive(Debug)]
pub(crate) struct Guard {
    shell: Child,
}

impl Guard {
    /// Begins to look after a folder.
    pub(crate) fn new(folder: &Path, signal: &str) -> Self {
        let mut shell = system::program("sh");
        shell.args(["-c", SCRIPT, signal]).arg(folder).process_group(0);
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Self { shell: shell.spawn().expect("a shell can be started") }
    }

    /// Says which process is to be ended, if any.
    pub(crate) fn watch(&mut self, process: Option<u32>) {
        let line = process.map(|number| number.to_string()).unwrap_or_default();
        if let Some(stdin) = &mut self.shell.stdin {
            _ = writeln!(stdin, "{line}");
        }
    }
}

/// Lets it do its work, and waits until it is done.
impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        _ = self.shell.wait();
    }
}
