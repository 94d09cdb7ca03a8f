//! Encryption, as far as the client library that is linked knows how.
//!
//! MySQL's own library has the modes of [`TlsMode`]. MariaDB's ignores them when it is asked through diesel: it encrypts
//! only if it is told whose certificates to trust, and then checks the server's chain but not its name. So what was asked
//! for is checked afterwards, and what can't be had is refused: a connection is never less safe than its URL says.

use mysqlclient_sys::SUPPORTS_MYSQL_SSL_MODE;

use crate::url::{Tls, TlsMode};

/// Parameters for diesel's URL.
///
/// # Errors
/// A sentence that says what can't be had.
pub(super) fn parameters(tls: &Tls) -> Result<Vec<(&'static str, String)>, String> {
    let mut parameters = Vec::new();
    if SUPPORTS_MYSQL_SSL_MODE {
        parameters.push(("ssl_mode", tls.mode.as_str().to_owned()));
    } else if tls.mode == TlsMode::VerifyIdentity {
        return Err("ssl_mode=verify_identity can't be had: the client library that is linked (MariaDB's) checks the \
                    certificate but not the name of the server; use verify_ca, or link MySQL's client library"
            .to_owned());
    } else if tls.mode == TlsMode::Required && tls.ca.is_none() {
        return Err(
            "ssl_mode=required needs ssl_ca=FILE here: the client library that is linked (MariaDB's) only \
                    encrypts if it knows whose certificates to trust; or link MySQL's client library"
                .to_owned(),
        );
    }
    if tls.mode >= TlsMode::VerifyCa && tls.ca.is_none() {
        return Err(format!("ssl_mode={} needs ssl_ca=FILE", tls.mode.as_str()));
    }
    if tls.mode != TlsMode::Disabled {
        let files = [("ssl_ca", &tls.ca), ("ssl_cert", &tls.certificate), ("ssl_key", &tls.key)];
        parameters.extend(files.into_iter().filter_map(|(name, file)| Some((name, file.clone()?))));
    }
    Ok(parameters)
}

/// Whether a connection without encryption is not what was asked for.
pub(super) fn must_encrypt(tls: &Tls) -> bool {
    tls.mode >= TlsMode::Required || (tls.ca.is_some() && tls.mode != TlsMode::Disabled)
}
