//! Encryption: what a URL asks for is had, or refused.

use std::error::Error as _;
use std::path::Path;
use std::process::Command;

use migration_kit::sql::{DatabaseConnector, Value};
use migration_tests::on_servers;
use migration_tests::server::{Kind, MariadbServer, Options, Server};

on_servers!([mariadb, mysql][encrypted_or_refused]);

/// An authority, another one, and a server's certificate by the first; in files that every user may read.
fn certificates(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let openssl = |arguments: &str| {
        let output = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output();
        let output = output.expect("the program `openssl`");
        assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    };
    for name in ["ca", "other"] {
        openssl(&format!(
            "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={name} -keyout {name}.key -out {name}.pem"
        ));
    }
    openssl("req -newkey rsa:2048 -nodes -subj /CN=elsewhere.example -keyout server.key -out server.csr");
    openssl("x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out server.pem");
    for entry in std::fs::read_dir(folder).unwrap() {
        std::fs::set_permissions(entry.unwrap().path(), std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// The cipher of a session, empty without one; or why there is none.
fn cipher(url: &str) -> Result<String, String> {
    let mut connector = match DatabaseConnector::open(url) {
        Ok(connector) => connector,
        Err(error) => {
            assert_eq!(error.code(), "connect.refused");
            return Err(error.source().map(ToString::to_string).unwrap_or_default());
        }
    };
    let output = connector.execute("SHOW SESSION STATUS LIKE 'Ssl_cipher'", &[]).unwrap();
    Ok(output.get(0, "Value").and_then(Value::as_str).unwrap_or_default().to_owned())
}

fn encrypted_or_refused<K: Kind>() {
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let path = |name: &str| folder.path().join(name).display().to_string();
    let settings = [("ssl-ca", "ca.pem"), ("ssl-cert", "server.pem"), ("ssl-key", "server.key")];
    let settings = settings.map(|(name, file)| (name.to_owned(), path(file))).to_vec();
    let server = Server::<K>::start_with(Options { volatile: true, settings });
    server.create_database("shop");
    let (ca, other) = (path("ca.pem"), path("other.pem"));
    let url = |parameters: &str| format!("{}?{parameters}", server.url("shop"));
    let check = |parameters: &str, encrypted: bool| {
        let cipher = cipher(&url(parameters)).unwrap_or_else(|why| panic!("{parameters}: {why}"));
        assert_eq!(!cipher.is_empty(), encrypted, "{parameters}: {cipher}");
    };
    let refused = |parameters: &str, word: &str| {
        let why = cipher(&url(parameters)).expect_err(parameters);
        assert!(why.contains(word), "{parameters}: {why}");
    };
    check("ssl_mode=disabled", false);
    check(&format!("ssl_mode=verify_ca&ssl_ca={ca}"), true);
    check(&format!("ssl-mode=REQUIRED&ssl-ca={ca}"), true);
    check(&format!("ssl_ca={ca}"), true);
    refused(&format!("ssl_mode=verify_ca&ssl_ca={other}"), "");
    refused("ssl_mode=verify_ca", "ssl_ca");
    refused(&format!("ssl_mode=verify_ca&ssl_ca={}", path("nothing.pem")), "");
    // The certificate is another host's; a library that can't see that must not try.
    refused(&format!("ssl_mode=verify_identity&ssl_ca={ca}"), "");
}

/// MariaDB of before 11.4 has no certificate unless it is given one.
#[test]
fn without_encryption_on_the_server() {
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let settings = vec![("skip-ssl".to_owned(), "1".to_owned())];
    let server = MariadbServer::start_with(Options { volatile: true, settings });
    server.create_database("shop");
    let ca = folder.path().join("ca.pem").display().to_string();
    for mode in ["required", "verify_ca", "verify_identity"] {
        let url = format!("{}?ssl_mode={mode}&ssl_ca={ca}", server.url("shop"));
        assert!(cipher(&url).is_err(), "{mode}");
    }
    assert_eq!(cipher(&server.url("shop")), Ok(String::new()));
    assert_eq!(cipher(&format!("{}?ssl_mode=preferred", server.url("shop"))), Ok(String::new()));
}
