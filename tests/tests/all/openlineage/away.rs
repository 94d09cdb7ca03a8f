//! Servers that don't answer, and folders that can't be used: what a call waits for, and what it says.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use migration_tests::{Command, Project};

use super::{FILES, Server, told};

/// A server that takes connections and says nothing.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

fn to(project: &Project, url: &str, arguments: &[&str]) -> Command {
    project.migration(arguments).env("OPENLINEAGE_URL", url).env("HOME", project.path("home"))
}

#[test]
fn tenants_are_waited_for_once() {
    let project = Project::new(FILES);
    project.write("//- tenants.txt\nsqlite:///a.db\nsqlite:///b.db\nsqlite:///c.db\nsqlite:///d.db\n");
    let (listener, url) = silent();
    let address = listener.local_addr().unwrap();
    let began = Instant::now();
    let arguments = ["up", "--quiet", "--for-each-url", "tenants.txt", "--jobs", "2"];
    let output = to(&project, &url, &arguments).run().expect(0);
    assert!(began.elapsed() < Duration::from_secs(10), "each of them waits for five seconds");
    let said: Vec<&str> = output.stderr.lines().filter(|line| line.starts_with("openlineage")).collect();
    assert!(said.len() == 1 && said[0].starts_with("openlineage: 24 events for http://"), "{said:?}");
    drop(listener);
    let server = Server::at(address);
    let _ = to(&project, &url, &["lineage", "replay"]).run().expect(0);
    let told = told(&server.events());
    assert_eq!(told.iter().filter(|line| line.starts_with("COMPLETE")).count(), 12, "{told:?}");
}

#[test]
fn what_is_lost_has_its_reasons() {
    let project = Project::new(FILES);
    project.write("//- home\nno folder\n");
    let output = to(&project, "http://127.0.0.1:9", &["up"]).run().expect(0);
    let said = output.stderr;
    assert!(said.starts_with("openlineage: 6 events for http://127.0.0.1:9/api/v1/lineage lost: "), "{said}");
    assert!(said.contains("; not kept: can't use "), "{said}");
}
