use std::cell::RefCell;
use std::time::{Duration, Instant};

use super::*;
use crate::transport::HttpSettings;

/// A transport that notes what it is sent, and is away after a number of events.
struct Notes {
    sent: Vec<String>,
    left: usize,
}

impl Transport for Notes {
    fn send(&mut self, event: &str, _limit: Duration) -> Result<(), SendError> {
        if event == "bad" {
            return Err(SendError::Refused { reason: "bad".into() });
        }
        if self.left == 0 {
            return Err(SendError::Away { reason: "gone".into(), soon: true });
        }
        self.left -= 1;
        self.sent.push(event.to_owned());
        Ok(())
    }

    fn is_remote(&self) -> bool {
        true
    }
}

fn spool(folder: &Path) -> Spool {
    Spool::of(folder, &TransportSettings::Http(HttpSettings::new("http://me:hunter2@h:5000?key=hunter2")))
}

/// Sends what waits, without a second attempt.
fn replay(spool: &Spool, transport: &mut dyn Transport) -> Replayed {
    let retry = Retry::never();
    spool.replay(transport, &Patience { retry: &retry, end: &|| None, pause: &|_| true }).unwrap()
}

fn events(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn events_come_back_in_order_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool(folder.path());
    assert!(!spool.has_events());
    spool.keep(&events(&["a", "b", "bad"])).unwrap();
    spool.keep(&events(&["c", "d"])).unwrap();
    assert_eq!(spool.waiting(), 5);
    let mut notes = Notes { sent: Vec::new(), left: 3 };
    let first = replay(&spool, &mut notes);
    assert_eq!((first.sent, first.refused, first.waiting, first.trouble.as_deref()), (3, 1, 1, Some("gone")));
    notes.left = 9;
    let second = replay(&spool, &mut notes);
    assert_eq!((second.sent, second.waiting, second.trouble), (1, 0, None));
    assert_eq!(notes.sent, ["a", "b", "c", "d"]);
    assert!(!spool.has_events());
    let refused = fs::read_to_string(spool.folder().join("refused.ndjson")).unwrap();
    assert_eq!(refused, "bad\n");
}

#[test]
fn what_is_half_written_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool(folder.path());
    spool.keep(&events(&["a"])).unwrap();
    fs::write(spool.folder().join("1.part"), "half").unwrap();
    assert_eq!(spool.waiting(), 1);
}

#[test]
fn two_at_a_time_send_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool(folder.path());
    spool.keep(&events(&["a"])).unwrap();
    let lock = private_file(&spool.folder().join("lock")).unwrap();
    lock.lock().unwrap();
    let mut notes = Notes { sent: Vec::new(), left: 9 };
    let replayed = replay(&spool, &mut notes);
    assert_eq!((replayed.sent, replayed.waiting), (0, 1));
    drop(lock);
    assert_eq!(replay(&spool, &mut notes).sent, 1);
}

#[test]
fn no_time_is_no_event() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool(folder.path());
    spool.keep(&events(&["a"])).unwrap();
    let mut notes = Notes { sent: Vec::new(), left: 9 };
    let (retry, end) = (Retry::never(), || Some(Instant::now()));
    let patience = Patience { retry: &retry, end: &end, pause: &|_| true };
    let replayed = spool.replay(&mut notes, &patience).unwrap();
    assert_eq!((replayed.sent, replayed.waiting), (0, 1));
}

/// A transport that fails a few times first.
struct Shaky(u32);

impl Transport for Shaky {
    fn send(&mut self, _event: &str, _limit: Duration) -> Result<(), SendError> {
        if self.0 == 0 {
            return Ok(());
        }
        self.0 -= 1;
        Err(SendError::Away { reason: "500".into(), soon: true })
    }

    fn is_remote(&self) -> bool {
        true
    }
}

#[test]
fn a_server_in_trouble_is_asked_again() {
    let check = |failures, total, pauses: &[u64], sent| {
        let folder = tempfile::tempdir().unwrap();
        let spool = spool(folder.path());
        spool.keep(&events(&["a"])).unwrap();
        let retry = Retry { total, ..Retry::default() };
        let paused = RefCell::new(Vec::new());
        let pause = |pause: Duration| {
            paused.borrow_mut().push(u64::try_from(pause.as_millis()).unwrap());
            true
        };
        let patience = Patience { retry: &retry, end: &|| None, pause: &pause };
        let replayed = spool.replay(&mut Shaky(failures), &patience).unwrap();
        assert_eq!((replayed.sent, &**paused.borrow()), (sent, pauses));
    };
    check(2, 5, &[300, 600], 1);
    check(4, 5, &[300, 600, 1200, 2400], 1);
    check(9, 3, &[300, 600, 1200], 0);
    check(1, 0, &[], 0);
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let spool = spool(folder.path());
    spool.keep(&events(&["a"])).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o077;
    assert_eq!((mode(spool.folder()), mode(&spool.files()[0])), (0, 0));
    assert!(!spool.folder().to_string_lossy().contains("hunter2"));
}
