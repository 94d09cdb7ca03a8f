use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::*;
use crate::openlineage::event::{Job, JobEvent};

/// What a [`Fake`] and its test share.
#[derive(Default)]
struct Server {
    sent: Mutex<Vec<String>>,
    is_away: AtomicBool,
    pause: Duration,
    /// How many attempts come to nothing first.
    failures: AtomicU32,
}

struct Fake(Arc<Server>, bool);

impl Transport for Fake {
    fn send(&mut self, event: &str, limit: Duration) -> Result<(), SendError> {
        if self.0.is_away.load(Ordering::SeqCst) {
            return Err(SendError::Away { reason: "nobody is there".into(), soon: true });
        }
        let fails = |left: u32| left.checked_sub(1);
        if self.0.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fails).is_ok() {
            return Err(SendError::Away { reason: "it is in trouble".into(), soon: true });
        }
        if self.0.pause > limit {
            std::thread::sleep(limit);
            return Err(SendError::Away { reason: "too slow".into(), soon: true });
        }
        std::thread::sleep(self.0.pause);
        if event.contains("\"bad\"") {
            return Err(SendError::Refused { reason: "it is bad".into() });
        }
        let event: serde_json::Value = serde_json::from_str(event).unwrap();
        self.0.sent.lock().unwrap().push(event["job"]["name"].as_str().unwrap().to_owned());
        Ok(())
    }

    fn is_remote(&self) -> bool {
        self.1
    }
}

fn spool(folder: &tempfile::TempDir) -> Spool {
    Spool::of(folder.path(), &TransportSettings::Console)
}

fn retry(total: u32) -> Retry {
    Retry { total, pause: Duration::from_millis(1), ..Retry::default() }
}

fn emit(dispatcher: &Dispatcher, names: impl IntoIterator<Item = impl ToString>) {
    for name in names {
        dispatcher.emit(JobEvent::now(Job::new("n", name.to_string()), Vec::new(), Vec::new()).into());
    }
}

const LONG: Duration = Duration::from_secs(60);

#[test]
fn events_are_sent_in_order() {
    let server = Arc::new(Server::default());
    let folder = tempfile::tempdir().unwrap();
    let dispatcher =
        Dispatcher::with(Box::new(Fake(Arc::clone(&server), true)), retry(0), Some(spool(&folder)), 1000);
    emit(&dispatcher, 0..100);
    emit(&dispatcher, ["bad"]);
    let delivery = dispatcher.close(LONG);
    assert_eq!((delivery.sent, delivery.refused, delivery.spooled, delivery.lost), (100, 1, 0, 0));
    let expected: Vec<String> = (0..100).map(|name| name.to_string()).collect();
    assert_eq!(*server.sent.lock().unwrap(), expected);
}

#[test]
fn what_cant_be_sent_waits_for_the_next_run() {
    let server = Arc::new(Server { is_away: true.into(), ..Server::default() });
    let folder = tempfile::tempdir().unwrap();
    let start =
        || Dispatcher::with(Box::new(Fake(Arc::clone(&server), true)), retry(2), Some(spool(&folder)), 1000);
    let first = start();
    emit(&first, ["a", "b"]);
    let delivery = first.close(LONG);
    assert_eq!((delivery.sent, delivery.spooled), (0, 2));
    assert_eq!(delivery.trouble.as_deref(), Some("nobody is there"));
    server.is_away.store(false, Ordering::SeqCst);
    let second = start();
    emit(&second, ["c"]);
    let delivery = second.close(LONG);
    assert_eq!((delivery.sent, delivery.replayed, delivery.spooled, delivery.trouble), (1, 2, 0, None));
    assert_eq!(*server.sent.lock().unwrap(), ["a", "b", "c"]);
    assert!(!spool(&folder).has_events());
}

#[test]
fn a_server_in_trouble_is_asked_again_at_the_end() {
    let check = |failures: u32, limit, expected| {
        let server = Arc::new(Server { failures: failures.into(), ..Server::default() });
        let folder = tempfile::tempdir().unwrap();
        let retry = Retry { pause: Duration::from_millis(20), ..Retry::default() };
        let transport = Box::new(Fake(Arc::clone(&server), true));
        let dispatcher = Dispatcher::with(transport, retry, Some(spool(&folder)), 1000);
        emit(&dispatcher, ["a", "b"]);
        let delivery = dispatcher.close(limit);
        assert_eq!((delivery.sent, delivery.spooled), expected, "{delivery:?}");
    };
    check(2, LONG, (2, 0));
    check(5, LONG, (2, 0));
    // As often as the settings say.
    check(6, LONG, (0, 2));
    // A pause that is longer than what is left makes no sense.
    check(4, Duration::from_millis(90), (0, 2));
}

#[test]
fn events_that_can_be_kept_nowhere_say_why() {
    let server = Arc::new(Server { is_away: true.into(), ..Server::default() });
    let file = tempfile::NamedTempFile::new().unwrap();
    let spool = Spool::of(file.path(), &TransportSettings::Console);
    let dispatcher = Dispatcher::with(Box::new(Fake(server, true)), retry(0), Some(spool), 1000);
    emit(&dispatcher, ["a"]);
    let delivery = dispatcher.close(LONG);
    assert_eq!((delivery.lost, delivery.trouble.as_deref()), (1, Some("nobody is there")));
    let why = delivery.unkept.unwrap();
    assert!(why.starts_with("can't use ") && why.contains(": "), "{why}");
}

#[test]
fn a_slow_server_holds_nobody_up() {
    let server = Arc::new(Server { pause: Duration::from_secs(30), ..Server::default() });
    let folder = tempfile::tempdir().unwrap();
    let dispatcher =
        Dispatcher::with(Box::new(Fake(Arc::clone(&server), true)), retry(5), Some(spool(&folder)), 1000);
    emit(&dispatcher, ["a", "b", "c"]);
    let began = Instant::now();
    let delivery = dispatcher.close(Duration::from_millis(200));
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!((delivery.sent, delivery.spooled), (0, 3));
    assert_eq!(spool(&folder).waiting(), 3);
}

#[test]
fn too_many_at_once_keep_their_order() {
    let server = Arc::new(Server { pause: Duration::from_millis(2), ..Server::default() });
    let folder = tempfile::tempdir().unwrap();
    let dispatcher =
        Dispatcher::with(Box::new(Fake(Arc::clone(&server), true)), retry(0), Some(spool(&folder)), 4);
    emit(&dispatcher, 0..100);
    let delivery = dispatcher.close(LONG);
    let expected: Vec<String> = (0..100).map(|name| name.to_string()).collect();
    assert_eq!(*server.sent.lock().unwrap(), expected);
    assert_eq!((delivery.sent, delivery.replayed, delivery.spooled, delivery.lost), (100, 0, 0, 0));
}

#[test]
fn without_a_folder_events_are_lost_and_counted() {
    let server = Arc::new(Server { is_away: true.into(), ..Server::default() });
    let dispatcher = Dispatcher::with(Box::new(Fake(Arc::clone(&server), true)), retry(0), None, 2);
    emit(&dispatcher, 0..5);
    let delivery = dispatcher.close(LONG);
    assert_eq!((delivery.sent, delivery.spooled, delivery.lost), (0, 0, 5));
    assert_eq!(delivery.trouble.as_deref(), Some("nobody is there"));
    assert_eq!(delivery.unkept.as_deref(), Some("there is no folder to keep them in"));
}

#[test]
fn what_is_local_is_tried_each_time() {
    let server = Arc::new(Server { is_away: true.into(), ..Server::default() });
    let dispatcher = Dispatcher::with(Box::new(Fake(Arc::clone(&server), false)), retry(0), None, 100);
    emit(&dispatcher, 0..3);
    while dispatcher.shared.state().delivery.lost < 3 {
        std::thread::yield_now();
    }
    server.is_away.store(false, Ordering::SeqCst);
    emit(&dispatcher, [3]);
    let delivery = dispatcher.close(LONG);
    assert_eq!((delivery.sent, delivery.lost), (1, 3));
}

#[test]
fn nobody_closes_it() {
    let server = Arc::new(Server { is_away: true.into(), ..Server::default() });
    let folder = tempfile::tempdir().unwrap();
    let retry = Retry { total: 9, pause: LONG, ..Retry::default() };
    let dispatcher = Dispatcher::with(Box::new(Fake(server, true)), retry, Some(spool(&folder)), 100);
    emit(&dispatcher, 0..3);
    drop(dispatcher);
    assert_eq!(spool(&folder).waiting(), 3);
}
