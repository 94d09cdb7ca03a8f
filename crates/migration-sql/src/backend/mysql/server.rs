//! Which server it is, and what differs by its version.

/// What is known of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) flavour: Flavour,
    /// Major and minor number.
    pub(super) version: (u32, u32),
    /// The version as the server names itself.
    pub(super) text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    Mysql,
    Mariadb,
}

impl Server {
    /// Reads `@@version`: `8.4.3`, `10.11.6-MariaDB-0+deb12u1`, or `5.5.5-10.6.12-MariaDB` of one that pretends for the
    /// sake of old replicas.
    pub(super) fn read(text: &str) -> Self {
        let flavour =
            if text.to_ascii_lowercase().contains("mariadb") { Flavour::Mariadb } else { Flavour::Mysql };
        let number = match flavour {
            Flavour::Mariadb => text.strip_prefix("5.5.5-").unwrap_or(text),
            Flavour::Mysql => text,
        };
        let mut parts = number.split(|c: char| !c.is_ascii_digit()).map(|part| part.parse().unwrap_or(0));
        let version = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
        Self { flavour, version, text: text.to_owned() }
    }

    /// The oldest version of its kind that this can work with: several locks of one session (MySQL 5.7, MariaDB 10.0.2),
    /// and what else is needed was tested no further back than the first that are still seen in use.
    pub(super) fn oldest(&self) -> (u32, u32) {
        match self.flavour {
            Flavour::Mysql => (5, 7),
            Flavour::Mariadb => (10, 2),
        }
    }

    pub(super) fn is_too_old(&self) -> bool {
        self.version < self.oldest()
    }

    /// What bounds the time that a statement takes, with the unit of a second or a millisecond.
    ///
    /// MySQL bounds only `SELECT` (<https://dev.mysql.com/doc/refman/en/server-system-variables.html#sysvar_max_execution_time>).
    pub(super) fn statement_timeout(&self, milliseconds: u128) -> String {
        match self.flavour {
            Flavour::Mysql => format!("SET SESSION max_execution_time = {milliseconds}"),
            Flavour::Mariadb => {
                format!("SET SESSION max_statement_time = {}.{:03}", milliseconds / 1000, milliseconds % 1000)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_both_kinds() {
        let read = |text| {
            let server = Server::read(text);
            (server.flavour, server.version)
        };
        assert_eq!(read("8.4.3"), (Flavour::Mysql, (8, 4)));
        assert_eq!(read("10.11.6-MariaDB-0+deb12u1"), (Flavour::Mariadb, (10, 11)));
        assert_eq!(read("5.5.5-10.6.12-MariaDB-log"), (Flavour::Mariadb, (10, 6)));
        assert!(Server::read("5.6.51").is_too_old());
        assert!(!Server::read("9.7.4-2").is_too_old());
    }
}
