//! A TCP proxy on the loopback interface that breaks connections after a given number of bytes.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Which stream of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    ToServer,
    ToClient,
}

/// How a connection breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// Both ends are told at once, by RST.
    Reset,
    /// The receiver sees the end of the stream; what is sent after that vanishes. The other stream goes on.
    HalfClose,
    /// Nothing passes for a while, in either direction, and nobody is told. Then what was held back is delivered.
    Hold(Duration),
    /// The same, but at the end of the while both ends are told by RST.
    HoldAndReset(Duration),
}

/// Where in a stream, counted over all connections.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Point {
    /// So many bytes still pass.
    Byte(u64),
    /// So many pieces still pass, and this part of the next one. What a client sends before it waits for an answer comes
    /// as one piece.
    Piece(u64, f64),
}

/// When and how to break what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    pub(crate) stream: Stream,
    pub(crate) after: Point,
    pub(crate) how: How,
    /// Whether all connections break, or the one on which the last byte passed.
    pub(crate) all: bool,
    /// Whether new connections are refused from then on.
    pub(crate) refuse: bool,
}

/// A proxy in front of a server on 127.0.0.1; gone with all its connections when it is dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    port: u16,
    state: Arc<State>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct State {
    server: u16,
    cut: Option<Cut>,
    /// Bytes that passed to the server and to the client.
    bytes: [AtomicU64; 2],
    /// Pieces that passed.
    pieces: [AtomicU64; 2],
    tripped: AtomicBool,
    closing: AtomicBool,
    links: Mutex<Vec<Arc<Link>>>,
}

/// One connection through the proxy.
#[derive(Debug)]
struct Link {
    client: TcpStream,
    server: TcpStream,
    /// Since when nothing passes, and for how long.
    held: Mutex<Option<(Instant, Duration)>>,
    broken: AtomicBool,
}

impl Proxy {
    /// Starts one in front of the server on that port.
    pub(crate) fn start(server: u16, cut: Option<Cut>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(State {
            server,
            cut,
            bytes: Default::default(),
            pieces: Default::default(),
            tripped: AtomicBool::new(false),
            closing: AtomicBool::new(false),
            links: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        let acceptor = std::thread::spawn(move || accept(&listener, &shared));
        Self { port, state, acceptor: Some(acceptor) }
    }

    /// Where it listens, on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Whether it has broken a connection yet.
    pub(crate) fn has_tripped(&self) -> bool {
        self.state.tripped.load(Ordering::SeqCst)
    }

    /// How many bytes have passed to the server and to the client.
    pub(crate) fn bytes(&self) -> [u64; 2] {
        self.state.bytes.each_ref().map(|count| count.load(Ordering::SeqCst))
    }

    /// How many pieces have passed to the server and to the client.
    pub(crate) fn pieces(&self) -> [u64; 2] {
        self.state.pieces.each_ref().map(|count| count.load(Ordering::SeqCst))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.state.closing.store(true, Ordering::SeqCst);
        // It waits in `accept`.
        _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(acceptor) = self.acceptor.take() {
            _ = acceptor.join();
        }
        lock(&self.state.links).drain(..).for_each(|link| link.reset());
    }
}

fn accept(listener: &TcpListener, state: &Arc<State>) {
    for client in listener.incoming().map_while(Result::ok) {
        if state.closing.load(Ordering::SeqCst) {
            return;
        }
        if state.tripped.load(Ordering::SeqCst) && state.cut.is_some_and(|cut| cut.refuse) {
            abort_on_close(&client);
            continue;
        }
        let Ok(server) = TcpStream::connect(("127.0.0.1", state.server)) else {
            abort_on_close(&client);
            continue;
        };
        // Small messages pass at once, as they would without the proxy.
        _ = client.set_nodelay(true).and_then(|()| server.set_nodelay(true));
        let link = Arc::new(Link { client, server, held: Mutex::default(), broken: AtomicBool::new(false) });
        lock(&state.links).push(Arc::clone(&link));
        for stream in [Stream::ToServer, Stream::ToClient] {
            let (state, link) = (Arc::clone(state), Arc::clone(&link));
            std::thread::spawn(move || pump(&state, &link, stream));
        }
    }
}

/// Passes the bytes of one stream until it ends or breaks.
fn pump(state: &State, link: &Arc<Link>, stream: Stream) {
    let (mut from, mut to) = match stream {
        Stream::ToServer => (&link.client, &link.server),
        Stream::ToClient => (&link.server, &link.client),
    };
    let mut buffer = [0; 16 * 1024];
    let mut swallows = false;
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if swallows {
            continue;
        }
        let allowed = state.admit(stream, count);
        let (before, after) = buffer[..count].split_at(allowed.unwrap_or(count));
        if !link.is_open() || to.write_all(before).is_err() {
            break;
        }
        if allowed.is_some() {
            swallows = state.trip(link, to);
            if !swallows && (!link.is_open() || to.write_all(after).is_err()) {
                break;
            }
        }
    }
    if !link.broken.load(Ordering::SeqCst) {
        _ = to.shutdown(Shutdown::Write);
    }
}

impl State {
    /// Counts a piece that is about to pass. Returns how many of its bytes may, if the connection is to break after those.
    fn admit(&self, stream: Stream, count: usize) -> Option<usize> {
        let length = count as u64;
        let byte = self.bytes[stream as usize].fetch_add(length, Ordering::SeqCst);
        let piece = self.pieces[stream as usize].fetch_add(1, Ordering::SeqCst);
        match self.cut.filter(|cut| cut.stream == stream)?.after {
            Point::Byte(after) if (byte..byte + length).contains(&after) => {
                usize::try_from(after - byte).ok()
            }
            Point::Piece(after, part) if piece == after => Some((count as f64 * part) as usize),
            Point::Byte(_) | Point::Piece(..) => None,
        }
    }

    /// Breaks what is to break. Returns whether the rest of the stream vanishes.
    fn trip(&self, link: &Arc<Link>, receiver: &TcpStream) -> bool {
        let Some(cut) = self.cut else { return false };
        self.tripped.store(true, Ordering::SeqCst);
        if cut.how == How::HalfClose {
            _ = receiver.shutdown(Shutdown::Write);
            return true;
        }
        let mut links = lock(&self.links);
        let affected: Vec<_> = links.extract_if(.., |other| cut.all || Arc::ptr_eq(other, link)).collect();
        match cut.how {
            How::Hold(time) => {
                affected.iter().for_each(|link| link.hold(time));
                links.extend(affected);
            }
            How::HoldAndReset(time) => {
                affected.iter().for_each(|link| link.hold(Duration::MAX));
                std::thread::spawn(move || {
                    std::thread::sleep(time);
                    affected.iter().for_each(|link| link.reset());
                });
            }
            How::Reset | How::HalfClose => affected.iter().for_each(|link| link.reset()),
        }
        false
    }
}

impl Link {
    fn hold(&self, time: Duration) {
        *lock(&self.held) = Some((Instant::now(), time));
    }

    /// Waits as long as nothing passes. Returns whether something does afterwards.
    fn is_open(&self) -> bool {
        let is_held = || lock(&self.held).is_some_and(|(since, time)| since.elapsed() < time);
        while is_held() && !self.broken.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
        !self.broken.load(Ordering::SeqCst)
    }

    /// RST goes out when the last of those who hold a socket closes it: this wakes them.
    fn reset(&self) {
        self.broken.store(true, Ordering::SeqCst);
        for socket in [&self.client, &self.server] {
            abort_on_close(socket);
            _ = socket.shutdown(Shutdown::Read);
        }
    }
}

/// Makes the end of a connection an abrupt one: SO_LINGER with no time, see socket(7).
fn abort_on_close(socket: &TcpStream) {
    rustix::net::sockopt::set_socket_linger(socket, Some(Duration::ZERO)).expect("an option of sockets");
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    /// Sends ten bytes to a server that sends back what it gets. Returns what came back, how it ended, and how long it took.
    fn echo(cut: Option<Cut>) -> (Vec<u8>, Option<ErrorKind>, Duration) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let proxy = Proxy::start(listener.local_addr().unwrap().port(), cut);
        std::thread::spawn(move || {
            let (connection, _) = listener.accept().unwrap();
            _ = std::io::copy(&mut &connection, &mut &connection);
        });
        let mut client = TcpStream::connect(("127.0.0.1", proxy.port())).unwrap();
        let started = Instant::now();
        client.write_all(b"0123456789").unwrap();
        let (mut received, mut buffer) = (Vec::new(), [0; 16]);
        let end = loop {
            match client.read(&mut buffer) {
                Ok(0) => break None,
                Ok(count) => received.extend(&buffer[..count]),
                Err(error) => break Some(error.kind()),
            }
            if received.len() == 10 {
                break None;
            }
        };
        assert_eq!(proxy.has_tripped(), cut.is_some());
        (received, end, started.elapsed())
    }

    fn cut(stream: Stream, after: Point, how: How) -> Option<Cut> {
        Some(Cut { stream, after, how, all: true, refuse: false })
    }

    #[test]
    fn connections_break_where_they_should() {
        let whole = b"0123456789".to_vec();
        assert_eq!(echo(None).0, whole);
        for stream in [Stream::ToServer, Stream::ToClient] {
            let (received, end, _) = echo(cut(stream, Point::Byte(4), How::HalfClose));
            assert_eq!((received.as_slice(), end), (&b"0123"[..], None));
            let (received, end, _) = echo(cut(stream, Point::Piece(0, 0.5), How::Reset));
            assert!(received.len() <= 5 && end == Some(ErrorKind::ConnectionReset), "{received:?} {end:?}");
            let time = Duration::from_millis(60);
            let (received, _, took) = echo(cut(stream, Point::Piece(0, 0.0), How::Hold(time)));
            assert!(received == whole && took >= time, "{received:?} {took:?}");
            let (received, end, took) = echo(cut(stream, Point::Byte(0), How::HoldAndReset(time)));
            assert!(
                received.is_empty() && end == Some(ErrorKind::ConnectionReset) && took >= time,
                "{end:?}"
            );
        }
    }
}
