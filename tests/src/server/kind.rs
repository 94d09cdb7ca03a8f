//! Tests that are written once and run on several servers.

use std::sync::OnceLock;

use super::{Engine, Mariadb, Mysql, Postgres, Server, Shared};

/// A kind of server, for what is generic over them.
pub trait Kind: Engine + Sized + 'static {
    /// The variable with the URL of a superuser on the server that all tests share.
    const VARIABLE: &'static str;

    /// The server for the tests of this process where that variable isn't set. It ends with the process.
    fn own() -> &'static OnceLock<Server<Self>>;

    /// A fresh database on the server that the variable names, or else on that of this process, which is started when it
    /// is first needed.
    ///
    /// # Panics
    /// When there is no server, or it doesn't work.
    #[must_use]
    fn shared() -> Shared {
        Shared::new::<Self>()
    }
}

impl Kind for Postgres {
    const VARIABLE: &'static str = "MIGRATION_TEST_POSTGRES";

    fn own() -> &'static OnceLock<Server<Self>> {
        static OWN: OnceLock<Server<Postgres>> = OnceLock::new();
        &OWN
    }
}

impl Kind for Mariadb {
    const VARIABLE: &'static str = "MIGRATION_TEST_MARIADB";

    fn own() -> &'static OnceLock<Server<Self>> {
        static OWN: OnceLock<Server<Mariadb>> = OnceLock::new();
        &OWN
    }
}

impl Kind for Mysql {
    const VARIABLE: &'static str = "MIGRATION_TEST_MYSQL";

    fn own() -> &'static OnceLock<Server<Self>> {
        static OWN: OnceLock<Server<Mysql>> = OnceLock::new();
        &OWN
    }
}

/// Makes a test for each of some kinds of servers out of each of some functions that are generic over
/// [`Kind`](crate::server::Kind), in a module that has the name of the kind:
/// `on_servers!([mariadb, mysql] [survives_a_kill, takes_a_lock]);`.
///
/// Tests on MySQL are marked as ignored, since not every machine can have it: `cargo xtask test --mysql` runs them.
#[macro_export]
macro_rules! on_servers {
    ([$($server:ident),+ $(,)?] $tests:tt) => {
        $($crate::on_servers!(@$server $tests);)+
    };
    (@postgres [$($test:ident),+ $(,)?]) => {
        mod postgres {
            $(#[test] fn $test() { super::$test::<$crate::server::Postgres>(); })+
        }
    };
    (@mariadb [$($test:ident),+ $(,)?]) => {
        mod mariadb {
            $(#[test] fn $test() { super::$test::<$crate::server::Mariadb>(); })+
        }
    };
    (@mysql [$($test:ident),+ $(,)?]) => {
        mod mysql {
            $(
                #[test]
                #[ignore = "needs MySQL: `cargo xtask test --mysql` brings it and runs this"]
                fn $test() { super::$test::<$crate::server::Mysql>(); }
            )+
        }
    };
}
