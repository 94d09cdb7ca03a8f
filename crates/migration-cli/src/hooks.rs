//! The hooks of the settings file: SQL, and programs that are given the event as JSON.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use migration_kit::sql::{Hook, HookError, HookEvent, HookHandler, Interrupt};

use crate::config_file::{HookAction, HookSpec};
use crate::failure::{Failure, Result};
use crate::settings::located;
use crate::shell::quote;

/// How long a program may take unless told: as long as another run waits for this one.
const TIMEOUT: Duration = Duration::from_secs(600);

/// How often one that runs is looked at.
const POLL: Duration = Duration::from_millis(10);

/// The hook that is described; its file is read now.
///
/// # Errors
/// `hook.unreadable` for a file of SQL that can't be read.
pub(crate) fn hook(spec: &HookSpec) -> Result<Hook> {
    let (name, point) = (spec.name.clone(), spec.point);
    let hook = match &spec.action {
        HookAction::Sql(sql) => Hook::sql(name, point, sql),
        HookAction::SqlFile(path) => {
            let sql = fs::read_to_string(path).map_err(|error| {
                let message = format!("the hook `{name}` can't be read from {}", path.display());
                Failure::new("hook.unreadable", message).because(error.to_string())
            })?;
            Hook::sql(name, point, sql.trim_start_matches('\u{feff}'))
        }
        HookAction::Command { words, folder, timeout } => {
            let shown = words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ");
            let program =
                Program { words: words.clone(), folder: folder.clone(), timeout: timeout.unwrap_or(TIMEOUT) };
            Hook::call(name, point, program).shown_as(shown)
        }
    };
    let hook = hook.on_error(spec.policy);
    Ok(match spec.direction {
        Some(direction) => hook.only(direction),
        None => hook,
    })
}

/// A program that is started for each event.
#[derive(Debug)]
struct Program {
    words: Vec<String>,
    folder: PathBuf,
    timeout: Duration,
}

impl HookHandler for Program {
    fn call(&self, event: &HookEvent<'_>, interrupt: &Interrupt) -> std::result::Result<(), HookError> {
        let mut json = serde_json::to_vec(event)?;
        json.push(b'\n');
        let mut child = self.start(event)?;
        let stdin = child.stdin.take();
        // Beside the watch: a program that doesn't read leaves the pipe full. One that ends without reading is no error.
        let status = std::thread::scope(|scope| {
            scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(&json)));
            self.watch(&mut child, interrupt)
        })?;
        if status.success() { Ok(()) } else { Err(format!("it ended with {status}").into()) }
    }
}

impl Program {
    fn start(&self, event: &HookEvent<'_>) -> std::result::Result<Child, HookError> {
        let program = self.words.first().map(String::as_str).unwrap_or_default();
        let mut command = Command::new(located(program, &self.folder));
        command.args(self.words.get(1..).unwrap_or_default());
        command.env("MIGRATION_HOOK", event.when.as_str());
        if let Some(name) = event.environment {
            command.env("MIGRATION_ENV", name);
        }
        if !self.folder.as_os_str().is_empty() {
            command.current_dir(&self.folder);
        }
        // Standard output is for the report.
        command.stdin(Stdio::piped()).stdout(std::io::stderr()).stderr(Stdio::inherit());
        // What it starts is ended with it, and no shell's Ctrl-C gets there before us.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.spawn().map_err(|error| format!("{program} can't be started: {error}").into())
    }

    fn watch(&self, child: &mut Child, interrupt: &Interrupt) -> std::result::Result<ExitStatus, HookError> {
        let start = Instant::now();
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            let why = match (interrupt.is_triggered(), start.elapsed() >= self.timeout) {
                (true, _) => "it was interrupted".to_owned(),
                (false, true) => format!("it took longer than {:?}, and was ended", self.timeout),
                (false, false) => {
                    std::thread::sleep(POLL);
                    continue;
                }
            };
            end(child)?;
            return Err(why.into());
        }
    }
}

/// Ends a program with all that it has started.
fn end(child: &mut Child) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        if let Err(error) = kill_process_group(Pid::from_child(child), Signal::KILL) {
            tracing::debug!(%error, "no process group to end");
        }
    }
    // Where the system has no groups, what it has started goes on.
    child.kill()?;
    child.wait().map(|_| ())
}
