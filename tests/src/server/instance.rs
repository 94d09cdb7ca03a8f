//! One server, from its start to its end.

use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::process::Child;
use std::time::Duration;

use super::guard::Guard;
use super::{Engine, Options, Place, system, template};

/// How long a server may take to start or to stop. Recovery after a kill can take its time on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often a start is tried again when something that the server needs is still or already in use.
const ATTEMPTS: usize = 10;

/// A throw-away server; its processes and its folder are gone when it is dropped, and also when this process is killed.
///
/// Its methods panic, with what the server or its client said, when that doesn't do what it is asked to.
#[derive(Debug)]
pub struct Server<E: Engine> {
    engine: E,
    options: Options,
    place: Place,
    process: Option<Child>,
    guard: Guard,
}

impl<E: Engine> Server<E> {
    /// Starts one that flushes every commit.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(Options::default())
    }

    /// Starts one.
    #[must_use]
    pub fn start_with(options: Options) -> Self {
        let engine = E::find().unwrap_or_else(|missing| panic!("{missing}"));
        let folder = tempfile::tempdir().expect("a temporary folder").keep();
        let guard = Guard::new(&folder, engine.abandon_signal());
        system::hand_over(&folder).expect("a folder that can be given to another user");
        let place = Place { folder, port: 0 };
        template::copy(&engine, &place).unwrap_or_else(|error| panic!("{}: {error}", engine.name()));
        let mut server = Self { engine, options, place, process: None, guard };
        server.launch_patiently(|place| place.port = system::free_port().expect("a free port"));
        server
    }

    /// Where it is.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The URL of a database for the superuser. It stays the same over stops and kills.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.engine.url(self.place.port, database)
    }

    /// The same over the server's socket.
    #[must_use]
    pub fn socket_url(&self, database: &str) -> String {
        self.engine.socket_url(&self.place, database)
    }

    /// The name of the database that it has from the start.
    #[must_use]
    pub fn first_database(&self) -> &'static str {
        self.engine.first_database()
    }

    /// Creates an empty database.
    pub fn create_database(&self, name: &str) {
        self.query(self.engine.first_database(), &self.engine.create_database(name));
    }

    /// Drops a database.
    pub fn drop_database(&self, name: &str) {
        self.query(self.engine.first_database(), &self.engine.drop_database(name));
    }

    /// Runs SQL through the server's own client. Returns the rows, values separated by `|`.
    pub fn query(&self, database: &str, sql: &str) -> Vec<String> {
        self.engine.query(&self.url(database), sql).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The schema of a database, without data, as the server's own program for that writes it.
    #[must_use]
    pub fn dump(&self, database: &str) -> String {
        self.engine.dump(&self.url(database)).unwrap_or_else(|error| panic!("{error}"))
    }

    /// What the server said of itself.
    #[must_use]
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.place.log()).unwrap_or_default()).into_owned()
    }

    /// Stops it in order, although clients may be connected.
    pub fn stop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        system::signal(self.engine.stop_signal(), &[process.id()]);
        let has_ended = system::wait_until(PATIENCE, || process.try_wait().is_ok_and(|end| end.is_some()));
        self.process = (!has_ended).then_some(process);
        assert!(has_ended, "{} doesn't stop\n{}", self.engine.name(), self.log());
        self.guard.watch(None);
    }

    /// Kills all its processes, without any chance to clean up.
    pub fn kill(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        _ = process.kill();
        _ = process.wait();
        let data = self.place.data();
        // Those that it had started last are seen only now; most have noticed that they are alone and are gone.
        system::wait_until(PATIENCE, || {
            let left = system::processes_in(&data);
            system::signal("KILL", &left);
            left.is_empty()
        });
        self.guard.watch(None);
    }

    /// Starts it again where it was, after stopping it if it runs.
    pub fn restart(&mut self) {
        self.stop();
        self.launch_patiently(|_| std::thread::sleep(Duration::from_millis(200)));
    }

    /// Tries again, after a preparation each, as long as an address or a lock is in use.
    fn launch_patiently(&mut self, prepare: impl Fn(&mut Place)) {
        for left in (0..ATTEMPTS).rev() {
            prepare(&mut self.place);
            match self.launch() {
                Ok(()) => return,
                Err(error) if left > 0 && error.contains("in use") => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    fn launch(&mut self) -> Result<(), String> {
        let before = self.log().len();
        let mut process = self.spawn().map_err(|error| format!("{}: {error}", self.engine.name()))?;
        self.guard.watch(Some(process.id()));
        let mut end = None;
        system::wait_until(PATIENCE, || {
            end = process.try_wait().ok().flatten();
            end.is_some() || self.engine.is_ready(&self.place)
        });
        self.process = Some(process);
        if end.is_none() && self.engine.is_ready(&self.place) {
            return Ok(());
        }
        self.kill();
        let how = end.map_or_else(|| "it isn't ready in time".to_owned(), |end| end.to_string());
        let said = self.log().split_off(before);
        Err(format!("{} doesn't start: {how}\n{said}", self.engine.name()))
    }

    /// In a process group of its own, so that Ctrl-C in a terminal leaves its end to us.
    fn spawn(&self) -> std::io::Result<Child> {
        let log = File::options().create(true).append(true).open(self.place.log())?;
        let mut command = self.engine.serve(&self.place, &self.options);
        system::at_home(&mut command, &self.place.folder);
        command.stdout(log.try_clone()?).stderr(log).process_group(0).spawn()
    }
}

/// The guard, which is dropped after this, removes the folder.
impl<E: Engine> Drop for Server<E> {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            system::signal(self.engine.abandon_signal(), &[process.id()]);
            system::wait_until(Duration::from_secs(5), || process.try_wait().is_ok_and(|end| end.is_some()));
        }
        self.kill();
        self.engine.tidy(&self.place);
    }
}
