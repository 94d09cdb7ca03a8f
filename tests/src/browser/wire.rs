//! WebDriver's commands over HTTP: one connection each, to a driver on this machine.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// No command takes so long, but for a driver that has died.
const LIMIT: Duration = Duration::from_secs(120);

/// The way to a driver.
#[derive(Debug)]
pub(super) struct Wire {
    port: u16,
}

impl Wire {
    pub(super) fn new(port: u16) -> Self {
        Self { port }
    }

    /// Sends a command. Returns the value of the answer.
    ///
    /// # Errors
    /// What the driver says, or what became of the connection.
    pub(super) fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
        let (status, text) = self.exchange(method, path, body).map_err(|error| error.to_string())?;
        let mut answer: Value = serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))?;
        match answer.get_mut("value").map(Value::take) {
            Some(value) if status == 200 => Ok(value),
            _ => Err(text),
        }
    }

    fn exchange(&self, method: &str, path: &str, body: Option<&Value>) -> io::Result<(u16, String)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(LIMIT))?;
        let body = body.map(Value::to_string).unwrap_or_default();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\
             Content-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        )?;
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let odd = || io::Error::other("the driver's answer is no HTTP");
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(odd)?;
        let mut length = None;
        loop {
            line.clear();
            if reader.read_line(&mut line)? == 0 || line == "\r\n" {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(odd)?;
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().ok();
            }
        }
        let mut text = vec![0; length.ok_or_else(odd)?];
        reader.read_exact(&mut text)?;
        Ok((status, String::from_utf8(text).map_err(|_| odd())?))
    }
}
