//! Events over HTTP to a server of this test, which can be away, slow, cross, or die in the middle.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use migration_lineage::openlineage::Emit;
use migration_lineage::openlineage::event::{Job, JobEvent};
use migration_lineage::transport::{
    Delivery, Dispatcher, OpenLineageConfig, Spool, Surroundings, TransportSettings, replay,
};

const LONG: Duration = Duration::from_secs(60);

/// What the server does with a request.
#[derive(Debug, Clone, Copy)]
enum Answer {
    Status(u16),
    /// Takes it, and is gone before it has answered.
    Die,
    /// Takes so long.
    Slow(Duration),
}

/// A request as the server saw it.
#[derive(Debug)]
struct Request {
    line: String,
    headers: Vec<String>,
    body: Vec<u8>,
}

/// A server that answers as it is told, and otherwise with 201.
struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn new(answers: &[Answer]) -> Self {
        Self::at("127.0.0.1:0".parse().unwrap(), answers)
    }

    fn at(address: SocketAddr, answers: &[Answer]) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let answers = Arc::new(Mutex::new(answers.iter().copied().collect::<VecDeque<_>>()));
        let stop = Arc::new(AtomicBool::new(false));
        let shared = (Arc::clone(&requests), Arc::clone(&answers), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.2.load(Ordering::SeqCst) {
                    return;
                }
                let (requests, answers) = (Arc::clone(&shared.0), Arc::clone(&shared.1));
                std::thread::spawn(move || serve(&stream.unwrap(), &requests, &answers));
            }
        });
        Self { address, requests, answers, stop, thread: Some(thread) }
    }

    /// The names of the jobs whose events came and were taken.
    fn names(&self) -> Vec<String> {
        let name = |request: &Request| {
            let event: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
            event["job"]["name"].as_str().unwrap().to_owned()
        };
        self.requests.lock().unwrap().iter().map(name).collect()
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        self.thread.take().unwrap().join().unwrap();
    }
}

fn serve(mut stream: &TcpStream, requests: &Mutex<Vec<Request>>, answers: &Mutex<VecDeque<Answer>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            let line = line.trim_end().to_owned();
            if line.is_empty() {
                break;
            }
            lines.push(line);
        }
        let length = lines.iter().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
        });
        let mut body = vec![0; length.unwrap()];
        reader.read_exact(&mut body).unwrap();
        let answer = answers.lock().unwrap().pop_front().unwrap_or(Answer::Status(201));
        let line = lines.remove(0);
        let keep = || requests.lock().unwrap().push(Request { line, headers: lines, body });
        let status = match answer {
            Answer::Status(status) => status,
            Answer::Slow(pause) => {
                std::thread::sleep(pause);
                201
            }
            Answer::Die => {
                let _ = stream.shutdown(Shutdown::Both);
                return;
            }
        };
        if status < 300 {
            keep();
        }
        let answer = format!("HTTP/1.1 {status} Answer\r\nContent-Length: 0\r\n\r\n");
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// The configuration for a server, with a spool of its own, as the environment would say it.
fn config(url: &str, folder: &tempfile::TempDir, further: &[(&str, &str)]) -> OpenLineageConfig {
    let spool = folder.path().display().to_string();
    let own = [
        ("OPENLINEAGE_URL", url),
        ("OPENLINEAGE__SPOOL__DIRECTORY", &spool),
        ("OPENLINEAGE__TRANSPORT__TYPE", "http"),
        ("OPENLINEAGE__TRANSPORT__RETRY__BACKOFF_FACTOR", "0.01"),
    ];
    let pairs = own.iter().chain(further).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let surroundings = Surroundings { variables: pairs.collect(), folder: folder.path().to_owned() };
    OpenLineageConfig::read(&surroundings).unwrap().unwrap()
}

fn send(config: &OpenLineageConfig, names: &[&str], limit: Duration) -> Delivery {
    let dispatcher = Dispatcher::start(config).unwrap();
    for name in names {
        dispatcher.emit(JobEvent::now(Job::new("n", *name), Vec::new(), Vec::new()).into());
    }
    // What is to be sent before the end is near is sent as if there were no end.
    let began = Instant::now();
    while began.elapsed() < limit / 20 {
        std::thread::sleep(Duration::from_millis(10));
    }
    dispatcher.close(limit)
}

const SHORT: Duration = Duration::from_secs(4);

#[test]
fn a_server_that_is_there() {
    let server = Server::new(&[]);
    let folder = tempfile::tempdir().unwrap();
    let further =
        [("OPENLINEAGE_API_KEY", "hunter2"), ("OPENLINEAGE__TRANSPORT__CUSTOM_HEADERS__X-TENANT", "a")];
    let delivery = send(&config(&server.url(), &folder, &further), &["a", "b"], SHORT);
    assert_eq!((delivery.sent, delivery.spooled, delivery.trouble), (2, 0, None));
    assert_eq!(server.names(), ["a", "b"]);
    let requests = server.requests.lock().unwrap();
    assert_eq!(requests[0].line, "POST /api/v1/lineage HTTP/1.1");
    let has = |header: &str| requests[0].headers.iter().any(|line| line.eq_ignore_ascii_case(header));
    assert!(
        has("authorization: Bearer hunter2") && has("content-type: application/json") && has("x-tenant: a")
    );
}

#[test]
fn compressed_events() {
    let server = Server::new(&[]);
    let folder = tempfile::tempdir().unwrap();
    let config = config(&server.url(), &folder, &[("OPENLINEAGE__TRANSPORT__COMPRESSION", "gzip")]);
    assert_eq!(send(&config, &["a"], SHORT).sent, 1);
    let requests = server.requests.lock().unwrap();
    assert!(requests[0].headers.iter().any(|line| line.eq_ignore_ascii_case("content-encoding: gzip")));
    // The magic number of gzip, and less than the event.
    assert_eq!(requests[0].body[..2], [0x1f, 0x8b]);
}

#[test]
fn a_server_that_is_down_and_comes_back() {
    let server = Server::new(&[]);
    let (url, address) = (server.url(), server.address);
    drop(server);
    let folder = tempfile::tempdir().unwrap();
    let config = config(&url, &folder, &[]);
    let began = Instant::now();
    let delivery = send(&config, &["a", "b"], SHORT);
    assert_eq!((delivery.sent, delivery.spooled), (0, 2));
    assert!(delivery.trouble.is_some());
    assert!(began.elapsed() < SHORT, "nobody waits for a server that isn't there");
    assert_eq!(replay(&config).unwrap().waiting, 2);
    let server = Server::at(address, &[]);
    let delivery = send(&config, &["c"], SHORT);
    assert_eq!((delivery.sent, delivery.replayed, delivery.spooled), (1, 2, 0));
    assert_eq!(server.names(), ["a", "b", "c"]);
    assert_eq!(replay(&config).unwrap().sent, 0, "nothing is sent twice");
}

#[test]
fn a_server_that_dies_in_the_middle() {
    let server = Server::new(&[Answer::Status(201), Answer::Die, Answer::Die]);
    let folder = tempfile::tempdir().unwrap();
    let no_retry = [("OPENLINEAGE__TRANSPORT__RETRY__TOTAL", "0")];
    let config = config(&server.url(), &folder, &no_retry);
    let delivery = send(&config, &["a", "b", "c"], SHORT);
    assert_eq!((delivery.sent, delivery.spooled), (1, 2));
    server.answers.lock().unwrap().clear();
    let replayed = replay(&config).unwrap();
    assert_eq!((replayed.sent, replayed.waiting, replayed.trouble), (2, 0, None));
    assert_eq!(server.names(), ["a", "b", "c"]);
}

#[test]
fn a_server_that_fails_for_a_moment() {
    let moment = [Answer::Status(500), Answer::Status(503), Answer::Status(429), Answer::Die];
    let server = Server::new(&moment);
    let folder = tempfile::tempdir().unwrap();
    let delivery = send(&config(&server.url(), &folder, &[]), &["a", "b"], SHORT);
    assert_eq!((delivery.sent, delivery.spooled, delivery.trouble), (2, 0, None));
    assert_eq!(server.names(), ["a", "b"]);
}

#[test]
fn a_server_that_fails_for_long() {
    let server = Server::new(&[Answer::Status(500); 3]);
    let folder = tempfile::tempdir().unwrap();
    let config = config(&server.url(), &folder, &[("OPENLINEAGE__TRANSPORT__RETRY__TOTAL", "2")]);
    let delivery = send(&config, &["a"], SHORT);
    assert_eq!((delivery.sent, delivery.spooled), (0, 1));
    assert!(delivery.trouble.unwrap().contains("500"));
    assert_eq!(replay(&config).unwrap().sent, 1);
}

#[test]
fn a_server_that_is_slow() {
    let server = Server::new(&[Answer::Slow(Duration::from_secs(3)); 9]);
    let folder = tempfile::tempdir().unwrap();
    let config = config(&server.url(), &folder, &[("OPENLINEAGE__TRANSPORT__RETRY__TOTAL", "0")]);
    let began = Instant::now();
    let delivery = send(&config, &["a", "b", "c"], Duration::from_millis(500));
    assert!(began.elapsed() < Duration::from_millis(2500), "{:?}", began.elapsed());
    assert_eq!((delivery.sent, delivery.spooled), (0, 3));
}

#[test]
fn a_wrong_key_keeps_events_and_shows_none() {
    let server = Server::new(&[Answer::Status(401); 2]);
    let folder = tempfile::tempdir().unwrap();
    let config = config(&server.url(), &folder, &[("OPENLINEAGE_API_KEY", "hunter2")]);
    let delivery = send(&config, &["a", "b"], SHORT);
    assert_eq!((delivery.sent, delivery.spooled), (0, 2));
    let trouble = delivery.trouble.unwrap();
    assert!(trouble.contains("401") && !trouble.contains("hunter2"), "{trouble}");
    assert_eq!(server.answers.lock().unwrap().len(), 1, "who is refused doesn't ask again at once");
    server.answers.lock().unwrap().clear();
    assert_eq!(replay(&config).unwrap().sent, 2);
    assert_eq!(server.names(), ["a", "b"]);
}

#[test]
fn an_event_that_is_refused_holds_up_no_other() {
    let server = Server::new(&[Answer::Status(422)]);
    let folder = tempfile::tempdir().unwrap();
    let config = config(&server.url(), &folder, &[]);
    let delivery = send(&config, &["a", "b"], SHORT);
    assert_eq!((delivery.sent, delivery.refused, delivery.spooled), (1, 1, 0));
    assert_eq!(server.names(), ["b"]);
    let spool = Spool::of(folder.path(), &config.transport);
    let refused = std::fs::read_to_string(spool.folder().join("refused.ndjson")).unwrap();
    assert!(refused.contains("\"name\":\"a\""));
}

#[test]
fn nobody_is_followed_elsewhere() {
    let server = Server::new(&[Answer::Status(307)]);
    let folder = tempfile::tempdir().unwrap();
    let delivery = send(&config(&server.url(), &folder, &[("OPENLINEAGE_API_KEY", "k")]), &["a"], SHORT);
    assert_eq!((delivery.sent, delivery.spooled), (0, 1));
}

#[test]
fn a_file_gets_a_line_for_each_event() {
    let folder = tempfile::tempdir().unwrap();
    let further = [(
        "OPENLINEAGE__TRANSPORT",
        "{\"type\": \"file\", \"log_file_path\": \"e.ndjson\", \"append\": true}",
    )];
    let config = config("http://unused", &folder, &further);
    assert!(matches!(config.transport, TransportSettings::File(_)));
    assert_eq!(send(&config, &["a", "b"], SHORT).sent, 2);
    assert_eq!(send(&config, &["c"], LONG / 60).sent, 1);
    let text = std::fs::read_to_string(folder.path().join("e.ndjson")).unwrap();
    assert_eq!(text.lines().count(), 3);
    let further = [("OPENLINEAGE__TRANSPORT", "{\"type\": \"file\", \"log_file_path\": \"one\"}")];
    let config = self::config("http://unused", &folder, &further);
    assert_eq!(send(&config, &["a", "b"], SHORT).sent, 2);
    let is_one = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with("one-");
    let files = std::fs::read_dir(folder.path()).unwrap().filter(|entry| is_one(entry.as_ref().unwrap()));
    assert_eq!(files.count(), 2);
}
