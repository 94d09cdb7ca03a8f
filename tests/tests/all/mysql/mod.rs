//! What only MySQL and MariaDB have: statements that commit by themselves, and what follows from it.

mod connection;
mod engines;
mod in_flight;
mod partial;
mod scripts;
mod tls;
mod values;
