//! `migration transform` as a process: killed, interrupted, without room, with nobody who reads.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use migration_tests::Project;

/// A chain that leaves something to do for each record.
const SPEC: &str = "[[step]]\nrename = { a = \"b\" }\n[[step]]\nconvert = { n = \"int\" }\n";

fn project() -> Project {
    let project = Project::new("");
    fs::write(project.path("spec.toml"), SPEC).unwrap();
    project
}

fn lines(number: usize) -> String {
    (0..number)
        .map(|n| format!("{{\"a\":\"{n}\",\"n\":\"{n}\",\"text\":\"{}\"}}\n", "x".repeat(60)))
        .collect()
}

fn files(project: &Project) -> Vec<String> {
    let names = fs::read_dir(project.root()).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.retain(|name| !["migrations", "spec.toml", "in.ndjson"].contains(&name.as_str()));
    names.sort();
    names
}

/// A run that waits for more to come on its standard input, of which it has got much already.
fn waiting(project: &Project) -> (std::process::Child, std::process::ChildStdin) {
    let words = ["transform", "spec.toml", "--output", "out.ndjson"];
    let program = std::env::var_os("MIGRATION_BIN").expect("MIGRATION_BIN names the command");
    let mut child = Command::new(program)
        .args(words)
        .current_dir(project.root())
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(lines(20_000).as_bytes()).unwrap();
    let started = Instant::now();
    let partial = project.path(".out.ndjson.partial");
    while fs::metadata(&partial).map_or(0, |known| known.len()) == 0 {
        assert!(started.elapsed() < Duration::from_secs(60), "nothing is written");
        std::thread::sleep(Duration::from_millis(10));
    }
    (child, input)
}

#[test]
fn killed() {
    let project = project();
    let (mut child, input) = waiting(&project);
    child.kill().unwrap();
    child.wait().unwrap();
    drop(input);
    assert_eq!(files(&project), [".out.ndjson.partial"]);
    // The next run takes its place.
    fs::write(project.path("in.ndjson"), "{\"a\":1}\n").unwrap();
    let words = ["transform", "spec.toml", "--input", "in.ndjson", "--output", "out.ndjson"];
    let _ = project.migration(&words).run().expect(0);
    assert_eq!(files(&project), ["out.ndjson"]);
    assert_eq!(fs::read_to_string(project.path("out.ndjson")).unwrap(), "{\"b\":1}\n");
}

#[test]
fn interrupted_while_nothing_comes() {
    let project = project();
    let (mut child, input) = waiting(&project);
    // Another run to the same file is refused meanwhile.
    let words = ["transform", "spec.toml", "--output", "out.ndjson", "--json"];
    let refused = project.migration(&words).run().expect(7).json();
    assert_eq!(refused["error"]["code"], "transform.output_busy");
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    drop(input);
    // Not even the partial file.
    assert!(files(&project).is_empty(), "{:?}", files(&project));
}

#[test]
fn no_room() {
    let project = project();
    fs::write(project.path("in.ndjson"), lines(20_000)).unwrap();
    fs::write(project.path("out.ndjson"), "what was there\n").unwrap();
    for flag in ["--overwrite", "--append"] {
        let words =
            ["transform", "spec.toml", "--input", "in.ndjson", "--output", "out.ndjson", flag, "--json"];
        // `ulimit -f` counts blocks of 512 bytes.
        let output = project.migration(&words).through("ulimit -f 128; trap '' XFSZ").run();
        let report = output.expect(7).json();
        assert_eq!(report["error"]["code"], "transform.output_failed", "{report:#}");
        assert_eq!(report["error"]["effects"]["state"], "none");
        assert_eq!(files(&project), ["out.ndjson"], "{flag}");
        assert_eq!(fs::read_to_string(project.path("out.ndjson")).unwrap(), "what was there\n", "{flag}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn no_room_on_standard_output() {
    let project = project();
    fs::write(project.path("in.ndjson"), lines(100)).unwrap();
    let full = File::options().write(true).open("/dev/full").unwrap();
    let words = ["transform", "spec.toml", "--input", "in.ndjson"];
    let output = project.migration(&words).stdout(full).run().expect(7);
    assert!(output.stderr.contains("transform.output_failed"), "{output:?}");
    assert!(output.stderr.contains("No space left"), "{output:?}");
}

#[test]
fn a_reader_that_goes_away() {
    let project = project();
    fs::write(project.path("in.ndjson"), lines(50_000)).unwrap();
    let line = "{ migration transform spec.toml --input in.ndjson; echo \"code $?\" >&2; } | head -n 1";
    let output = project.migration(&[]).line(line).run();
    assert_eq!(output.stderr, "code 0\n");
    assert!(output.stdout.starts_with("{\"b\":\"0\",\"n\":0,"), "{}", output.stdout);
    assert_eq!(output.stdout.lines().count(), 1);
}

/// What goes to stdout by another name is nothing else.
#[cfg(target_os = "linux")]
#[test]
fn standard_output_by_its_name() {
    let project = project();
    fs::write(project.path("in.ndjson"), "{\"a\":1}\nx\n").unwrap();
    let transform = "migration transform spec.toml --input in.ndjson";
    for name in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
        for after in ["| cat", "> kept; cat kept", "2> said >> kept; cat kept"] {
            let line = format!("rm -f kept; {transform} --output {name} {after}");
            let output = project.migration(&[]).line(&line).run().expect(0);
            assert_eq!(output.stdout, "{\"b\":1}\n", "{line}");
            assert_eq!(output.stderr.contains("2 records in"), !after.starts_with('2'), "{line}: {output:?}");
        }
        let line = format!("{transform} --output {name} --json | cat");
        let report = project.migration(&[]).line(&line).run().json();
        assert_eq!(report["error"]["code"], "usage.argument_conflict");
        let line = format!("{transform} --output out.ndjson --overwrite --rejects {name} | cat");
        let output = project.migration(&[]).line(&line).run();
        assert!(output.stdout.starts_with("{\"record\":2,") && output.stdout.lines().count() == 1);
    }
    // By its own name a file is one like others, and so is a device.
    let line = format!("{transform} --output kept --to ndjson > kept");
    let output = project.migration(&[]).line(&line).run().expect(2);
    assert!(output.stderr.contains("transform.output_exists"), "{output:?}");
    let line = format!("{transform} --output /dev/null --to ndjson --json > /dev/null");
    let _ = project.migration(&[]).line(&line).run().expect(0);
}

#[test]
fn strict_publishes_nothing() {
    let project = project();
    let text = format!("{}{{\"n\":\"x\"}}\nnonsense\n", lines(10_000));
    fs::write(project.path("in.ndjson"), text).unwrap();
    let words = ["transform", "spec.toml", "--input", "in.ndjson", "--output", "out.ndjson", "--json"];
    let report = project.migration(&[&words[..], &["--strict"]].concat()).run().expect(7).json();
    assert_eq!(report["error"]["code"], "transform.strict");
    assert_eq!(report["error"]["message"], "record 10001, line 10001: `n`: malformed");
    assert_eq!(files(&project), [""; 0]);
    let report = project.migration(&words).run().expect(0).json();
    let data = &report["data"];
    assert_eq!((&data["records_in"], &data["records_out"]), (&10_002.into(), &10_001.into()));
    assert_eq!((&data["rejected"], &data["warnings"]), (&1.into(), &1.into()));
    assert_eq!(data["warnings_by"][0]["field"], "n");
}

#[test]
fn what_can_not_be_is_refused() {
    let project = project();
    fs::write(project.path("in.ndjson"), "{}\n").unwrap();
    fs::write(project.path("bad.toml"), "[[step]]\nrenam = {}\n").unwrap();
    let check = |words: &[&str], exit: i32, code: &str| {
        let words = [&["transform"], words, &["--json"]].concat();
        let report = project.migration(&words).run().expect(exit).json();
        assert_eq!(report["error"]["code"], code, "{report:#}");
    };
    check(&["bad.toml", "--output", "x.ndjson"], 2, "transform.invalid_spec");
    check(&["none.toml", "--output", "x.ndjson"], 2, "file.unreadable");
    check(&["spec.toml", "--input", "none.ndjson", "--output", "x.ndjson"], 2, "transform.input_unreadable");
    check(&["spec.toml", "--input", "in.ndjson", "--output", "in.ndjson"], 2, "transform.same_file");
    check(&["spec.toml", "--input", "in.ndjson", "--output", "x.toml"], 2, "transform.unknown_format");
    let chain = ["spec.toml", "--input", "in.ndjson", "--overwrite", "--to", "ndjson"];
    check(&[&chain[..], &["--output", "./spec.toml"]].concat(), 2, "transform.same_file");
    check(&[&chain[..], &["--output", "x", "--rejects", "spec.toml"]].concat(), 2, "transform.same_file");
    let to_file = ["spec.toml", "--input", "in.ndjson", "--output", "x.ndjson"];
    check(&[&to_file[..], &["--rejects", "./x.ndjson"]].concat(), 2, "transform.same_file");
    check(&[&to_file[..], &["--rejects", "-"]].concat(), 2, "usage.argument_conflict");
    check(&[&to_file[..], &["--rejects", ".x.ndjson.partial"]].concat(), 2, "transform.same_file");
    check(&["spec.toml", "--input", "in.ndjson", "--output", "x.ndjson/"], 2, "transform.output_not_created");
    check(&["spec.toml", "--input", "in.ndjson"], 2, "usage.argument_conflict");
    check(&["spec.toml", "--output", "x", "--shard", "2/2"], 2, "usage.invalid_value");
    check(&["spec.toml", "--output", "x", "--shard", "1/2"], 2, "transform.unsupported");
    assert_eq!(files(&project), ["bad.toml"]);
}

/// What a chain names is beside its file, and is not written to.
#[test]
fn files_of_a_chain() {
    let project = project();
    fs::create_dir(project.path("chains")).unwrap();
    fs::write(project.path("chains/t.csv"), "k,v\na,1\n").unwrap();
    let step = "[[step]]\nlookup = \"a\"\ntable = \"t.csv\"\nkey = \"k\"\ntake = { b = \"v\" }\n";
    fs::write(project.path("chains/spec.toml"), step).unwrap();
    fs::write(project.path("in.ndjson"), "{\"a\":\"a\"}\n").unwrap();
    let chain = ["transform", "chains/spec.toml", "--input", "in.ndjson", "--overwrite", "--to", "csv"];
    let _ = project.migration(&[&chain[..], &["--output", "out.csv"]].concat()).run().expect(0);
    assert_eq!(fs::read_to_string(project.path("out.csv")).unwrap(), "a,b\na,1\n");
    for words in [&["--output", "chains/t.csv"][..], &["--output", "x.csv", "--rejects", "chains/t.csv"]] {
        let report = project.migration(&[&chain[..], words, &["--json"]].concat()).run().expect(2).json();
        assert_eq!(report["error"]["code"], "transform.same_file");
    }
    assert_eq!(fs::read_to_string(project.path("chains/t.csv")).unwrap(), "k,v\na,1\n");
    // Not even by the name that an output has until it is complete.
    fs::rename(project.path("chains/spec.toml"), project.path("chains/.y.csv.partial")).unwrap();
    std::os::unix::fs::symlink(".y.csv.partial", project.path("chains/spec.toml")).unwrap();
    let report = project
        .migration(&[&chain[..], &["--output", "chains/y.csv", "--json"]].concat())
        .run()
        .expect(2)
        .json();
    assert_eq!(report["error"]["code"], "transform.same_file");
    assert_eq!(fs::read_to_string(project.path("chains/.y.csv.partial")).unwrap(), step);
    let told = || {
        let words = [&chain[..], &["--output", "out.csv", "--json"]].concat();
        let report = project.migration(&words).run().expect(2).json();
        assert_eq!(report["error"]["code"], "transform.table_unreadable", "{report:#}");
        report["error"]["message"].as_str().unwrap().to_owned()
    };
    fs::write(project.path("chains/t.csv"), "k,v\na,\"open\n2,x\n").unwrap();
    assert!(told().ends_with("t.csv`: line 2: unclosed-quote"), "{}", told());
    fs::write(project.path("chains/t.csv"), "k\na\n").unwrap();
    assert!(told().ends_with("t.csv`: there is no column `v`"), "{}", told());
    fs::remove_file(project.path("chains/t.csv")).unwrap();
    assert!(told().ends_with("t.csv` can't be read"), "{}", told());
    fs::create_dir(project.path("chains/t.csv")).unwrap();
    assert!(told().ends_with("t.csv` can't be read"), "{}", told());
}

#[test]
fn every_odd_line_comes_through() {
    let Some(corpora) = migration_tests::corpora() else { return };
    let project = project();
    let edge = corpora.join("transform/edge.ndjson");
    let number = fs::read_to_string(&edge).unwrap().lines().count();
    let edge = Path::new(&edge).to_str().unwrap();
    let words = ["transform", "spec.toml", "--input", edge, "--output", "out.ndjson", "--json"];
    let report = project.migration(&words).run().expect(0).json();
    assert_eq!(report["data"]["records_out"], number);
    assert_eq!(fs::read_to_string(project.path("out.ndjson")).unwrap().lines().count(), number);
}
