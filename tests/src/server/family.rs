//! What MariaDB and MySQL have in common: options, clients, SQL.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Options, PASSWORD, Place, USER, system};

/// The SQL that makes our superuser.
pub(super) fn create_user() -> String {
    format!(
        "CREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}';\n\
         GRANT ALL PRIVILEGES ON *.* TO '{USER}'@'%' WITH GRANT OPTION;\n"
    )
}

/// The option that says where the data is.
pub(super) fn data_folder(place: &Place) -> String {
    format!("--datadir={}", place.data().display())
}

/// The option that says where the socket is.
pub(super) fn socket_option(place: &Place) -> String {
    format!("--socket={}", socket(place).display())
}

fn socket(place: &Place) -> PathBuf {
    place.folder().join("socket")
}

/// Adds what a server needs to serve: `fast` are the options of one that may lose commits.
pub(super) fn serve(server: &mut Command, place: &Place, options: &Options, fast: &[&str]) {
    server.arg(data_folder(place)).arg(socket_option(place));
    server.arg(format!("--pid-file={}", place.folder().join("pid").display()));
    server.arg(format!("--port={}", place.port()));
    server.args(["--bind-address=127.0.0.1", "--skip-name-resolve", "--character-set-server=utf8mb4"]);
    if options.volatile {
        server.arg("--innodb-flush-log-at-trx-commit=0").args(fast);
    }
    for (name, value) in &options.settings {
        server.arg(format!("--{name}={value}"));
    }
}

/// The URL over TCP.
pub(super) fn url(port: u16, database: &str) -> String {
    format!("mysql://{USER}:{PASSWORD}@127.0.0.1:{port}/{database}")
}

/// The URL over the socket.
pub(super) fn socket_url(place: &Place, database: &str) -> String {
    format!("mysql://{USER}:{PASSWORD}@localhost/{database}?socket={}", socket(place).display())
}

/// Runs SQL through a client such as `mysql`. Returns the rows, values separated by `|`.
pub(super) fn query(mut client: Command, url: &str, sql: &str) -> Result<Vec<String>, String> {
    let login = Login::parse(url)?;
    login.give_to(&mut client);
    client.args(["--default-character-set=utf8mb4", "--comments", "--batch", "--skip-column-names"]);
    client.arg(login.database);
    Ok(system::run(&mut client, sql)?.lines().map(|line| line.replace('\t', "|")).collect())
}

/// The schema of a database as a program such as `mysqldump` writes it.
pub(super) fn dump(mut program: Command, url: &str) -> Result<String, String> {
    let login = Login::parse(url)?;
    login.give_to(&mut program);
    program.args(["--default-character-set=utf8mb4", "--no-data", "--skip-comments"]);
    program.args(["--routines", "--events", "--triggers", login.database]);
    system::run(&mut program, "")
}

/// Who connects, and to what.
#[derive(Debug, PartialEq, Eq)]
struct Login<'a> {
    user: &'a str,
    password: &'a str,
    address: Address<'a>,
    database: &'a str,
}

#[derive(Debug, PartialEq, Eq)]
enum Address<'a> {
    Tcp { host: &'a str, port: &'a str },
    Socket(&'a Path),
}

impl<'a> Login<'a> {
    fn parse(url: &'a str) -> Result<Self, String> {
        Self::parts(url).ok_or_else(|| format!("no URL as it is used here: {url}"))
    }

    fn parts(url: &'a str) -> Option<Self> {
        let (login, rest) = url.strip_prefix("mysql://")?.rsplit_once('@')?;
        let (user, password) = login.split_once(':')?;
        let (address, rest) = rest.split_once('/')?;
        let (database, address) = match rest.split_once("?socket=") {
            Some((database, socket)) => (database, Address::Socket(Path::new(socket))),
            None => {
                let (host, port) = address.split_once(':')?;
                (rest, Address::Tcp { host, port })
            }
        };
        Some(Self { user, password, address, database })
    }

    fn give_to(&self, client: &mut Command) {
        client.env("MYSQL_PWD", self.password).args(["--user", self.user]);
        match self.address {
            Address::Tcp { host, port } => {
                client.args(["--protocol=tcp", "--host", host, "--port", port]);
            }
            Address::Socket(path) => {
                client.arg("--protocol=socket").arg("--socket").arg(path);
            }
        }
    }
}

/// A name as an identifier.
pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// The SQL that drops a database after ending the connections to it.
///
/// The server waits for transactions that have used a table in it, by default for a day or a year. A loop needs a
/// procedure, which goes with the database; while it runs, this connection itself counts as one to that database. Error
/// 1094: a connection has ended by itself.
pub(super) fn drop_database(name: &str) -> String {
    let text = name.replace('\\', "\\\\").replace('\'', "''");
    let name = quoted(name);
    format!(
        "DELIMITER //\n\
         CREATE PROCEDURE {name}.disconnect_all()\n\
         BEGIN\n\
         DECLARE client BIGINT;\n\
         DECLARE is_over BOOLEAN DEFAULT FALSE;\n\
         DECLARE clients CURSOR FOR SELECT id FROM information_schema.processlist\n\
         WHERE db = '{text}' AND id <> CONNECTION_ID();\n\
         DECLARE CONTINUE HANDLER FOR NOT FOUND SET is_over = TRUE;\n\
         DECLARE CONTINUE HANDLER FOR 1094 BEGIN END;\n\
         OPEN clients;\n\
         each_one: LOOP\n\
         FETCH clients INTO client;\n\
         IF is_over THEN LEAVE each_one; END IF;\n\
         KILL client;\n\
         END LOOP;\n\
         END //\n\
         DELIMITER ;\n\
         SET lock_wait_timeout = 30;\n\
         CALL {name}.disconnect_all();\n\
         DROP DATABASE {name};\n"
    )
}

#[cfg(test)]
mod tests {
    use super::{Address, Login};

    #[test]
    fn both_kinds_of_url_are_read() {
        let login = Login::parse("mysql://me:se@cret@127.0.0.1:3307/shop").unwrap();
        let address = Address::Tcp { host: "127.0.0.1", port: "3307" };
        assert_eq!(login, Login { user: "me", password: "se@cret", address, database: "shop" });
        let login = Login::parse("mysql://me:secret@localhost/shop?socket=/tmp/x/socket").unwrap();
        assert_eq!(login.address, Address::Socket("/tmp/x/socket".as_ref()));
        assert_eq!(login.database, "shop");
        assert!(Login::parse("mysql://localhost/shop").is_err());
    }
}
