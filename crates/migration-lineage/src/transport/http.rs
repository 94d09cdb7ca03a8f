//! Events over HTTP: one `POST` for each.

use std::fs;
use std::io::{ErrorKind, Write};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use ureq::http::StatusCode;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Error};

use super::{ConfigError, HttpSettings, SendError, Transport};

/// As fast as it gets: events are small.
const GZIP_LEVEL: u32 = 3;

pub(super) struct HttpTransport {
    agent: Agent,
    settings: HttpSettings,
}

impl HttpTransport {
    pub(super) fn new(settings: &HttpSettings) -> Result<Self, ConfigError> {
        let mut tls = TlsConfig::builder().disable_verification(!settings.verify);
        if let Some(path) = &settings.ca_file {
            let unreadable = |reason: String| ConfigError::Certificates { path: path.clone(), reason };
            let text = fs::read(path).map_err(|error| unreadable(error.to_string()))?;
            let mut roots: Vec<Certificate<'static>> = Vec::new();
            for item in parse_pem(&text) {
                match item {
                    Ok(PemItem::Certificate(certificate)) => roots.push(certificate),
                    Ok(_) => {}
                    Err(error) => return Err(unreadable(error.to_string())),
                }
            }
            if roots.is_empty() {
                return Err(unreadable("there is no certificate in it".to_owned()));
            }
            tls = tls.root_certs(RootCerts::new_with_certs(&roots));
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // Whoever is sent elsewhere would send the key there, too.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls.build());
        Ok(Self { agent: config.build().into(), settings: settings.clone() })
    }
}

impl Transport for HttpTransport {
    fn send(&mut self, event: &str, limit: Duration) -> Result<(), SendError> {
        let limit = limit.min(self.settings.timeout).max(Duration::from_millis(1));
        let mut request = self
            .agent
            .post(self.settings.address().as_str())
            .config()
            .timeout_global(Some(limit))
            .build()
            .header("Content-Type", "application/json");
        if let Some(key) = &self.settings.api_key {
            request = request.header("Authorization", format!("Bearer {}", key.reveal()));
        }
        for (name, value) in &self.settings.headers {
            request = request.header(name, value.reveal());
        }
        let sent = if self.settings.gzip {
            request.header("Content-Encoding", "gzip").send(&compressed(event))
        } else {
            request.send(event)
        };
        let response = sent.map_err(|error| away(&error))?;
        let status = response.status();
        let reason = format!("the server answered {status}");
        match status {
            _ if status.is_success() => Ok(()),
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
                Err(SendError::Away { reason, soon: true })
            }
            _ if status.is_server_error() => {
                let soon = self.settings.retry.statuses.contains(&status.as_u16());
                Err(SendError::Away { reason, soon })
            }
            // These are about the address or the key, and not about the event.
            StatusCode::UNAUTHORIZED
            | StatusCode::PAYMENT_REQUIRED
            | StatusCode::FORBIDDEN
            | StatusCode::NOT_FOUND
            | StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::PROXY_AUTHENTICATION_REQUIRED
            | StatusCode::GONE => Err(SendError::Away { reason, soon: false }),
            _ if status.is_client_error() => Err(SendError::Refused { reason }),
            _ => Err(SendError::Away { reason, soon: false }),
        }
    }

    fn is_remote(&self) -> bool {
        true
    }
}

/// Without the address, which may hold a key.
fn away(error: &Error) -> SendError {
    let (reason, soon) = match error {
        // Where nobody is, nobody will be in a moment.
        Error::Io(error) => (error.to_string(), !is_nobody(error.kind())),
        Error::Timeout(_) => ("the server took too long".to_owned(), true),
        Error::HostNotFound => ("the host was not found".to_owned(), false),
        Error::ConnectionFailed => ("the connection failed".to_owned(), false),
        Error::BadUri(_) | Error::Http(_) => ("the address or a header is not valid".to_owned(), false),
        Error::Protocol(_) => ("what the server answered is no HTTP".to_owned(), true),
        // TLS, for the most part.
        other => (other.to_string(), false),
    };
    SendError::Away { reason, soon }
}

fn is_nobody(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionRefused | ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable)
}

fn compressed(event: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(GZIP_LEVEL));
    // Into memory: there is nothing that could fail.
    let _ = encoder.write_all(event.as_bytes());
    encoder.finish().unwrap_or_default()
}
