//! Tests that cross crates or need a process, in one binary.

mod adopt;
#[cfg(unix)]
mod bad_input;
mod busy;
mod concurrency;
mod convert;
mod crash;
mod diesel_interop;
mod directories;
mod docs;
mod dump_mysql;
#[cfg(unix)]
mod environments;
#[cfg(unix)]
mod every_server;
#[cfg(unix)]
mod faults;
mod histories;
mod impact;
mod impact_live;
mod kept_rollbacks;
mod layouts_page;
mod lifecycle;
mod lineage;
mod lineage_hooks;
#[cfg(unix)]
mod lineage_page;
#[cfg(unix)]
mod mysql;
mod mysql_schema;
mod openlineage;
mod out_of_order;
mod placeholders;
mod postgres;
mod python;
mod repeatable;
mod servers;
mod sessions;
mod splitter;
mod steps_in_rust;
#[cfg(unix)]
mod transform;
