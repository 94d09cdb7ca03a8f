//! `cargo xtask bench transform`: records through a chain, file to file, beside other tools and beside a copy of the file.
//!
//! Three jobs (`jobs.rs`), each a process from start to exit; the programs take turns. Then what no peer has: the same bytes
//! with any number of threads, and the memory of a run over more input than any memory holds.

mod compare;
pub(super) mod copy;
mod data;
mod jobs;
mod options;
mod peers;
mod shapes;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::measure::{Cost, Invocation};
use super::{median, milliseconds};
use crate::metadata::Workspace;
use crate::program;
use crate::provision::{self, Purpose};
use crate::step::{Failure, Result};
use data::Data;
use jobs::Job;
use options::Options;
use peers::Peers;

pub(super) fn run(arguments: &[String]) -> Result {
    let options = Options::parse(arguments)?;
    provision::ensure(Purpose::Build)?;
    let target = Workspace::load()?.target_directory;
    let ours = program::build_release()?;
    let peers = if options.peers { Peers::install(&target, &options.skip)? } else { Peers::none() };
    let folder = target.join("bench").join("transform");
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", folder.display()));
    fs::create_dir_all(&folder).map_err(failed)?;
    let data = Data::provide(&folder, options.data.as_deref())?;

    println!("\n{}\nMedians of {} runs, in which the programs take turns.", machine(), options.rounds);
    let wanted = |job: &&Job| options.only.is_empty() || options.only.iter().any(|name| name == job.name);
    for job in jobs::ALL.iter().filter(wanted) {
        let Some(input) = data.file(job.input) else {
            println!("\n{}: there is no {}", job.title, job.input);
            continue;
        };
        println!("{}", measure(job, &input, &folder, &ours, &peers, options.rounds)?);
    }
    let flat = data.file(jobs::ALL[0].input).ok_or_else(|| Failure::new("no data"))?;
    println!("{}", threads(&flat, &folder, &ours, options.rounds)?);
    if options.pipe_gigabytes > 0 {
        println!("{}", pipe(&flat, &folder, &ours, options.pipe_gigabytes)?);
    }
    Ok(())
}

/// The table of one job.
fn measure(
    job: &Job,
    input: &Path,
    folder: &Path,
    ours: &Path,
    peers: &Peers,
    rounds: usize,
) -> Result<String> {
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", folder.display()));
    let spec = folder.join(format!("{}.toml", job.name));
    fs::write(&spec, job.spec()).map_err(failed)?;
    let output = |name: &str| folder.join(format!("out-{name}.ndjson"));
    let transform = |name: &str, more: &[&str]| {
        let words =
            [text(&spec), "--input", text(input), "--output", text(&output(name)), "--overwrite", "--quiet"]
                .map(str::to_owned);
        Invocation::new(ours, folder)
            .args(["transform"])
            .args(words)
            .args(more.iter().map(ToString::to_string))
    };
    let mut candidates = vec![
        ("migration `--no-sync`".to_owned(), transform("ours", &["--no-sync"]), output("ours")),
        ("migration, flushed to the disk".to_owned(), transform("synced", &[]), output("synced")),
        (
            "a copy of the file, two threads".to_owned(),
            copy::invocation(input, &output("copy"), folder, 0)?,
            output("copy"),
        ),
    ];
    if job.name == jobs::ALL[0].name {
        let name = "the same copy, a byte further on".to_owned();
        candidates.push((name, copy::invocation(input, &output("shifted"), folder, 1)?, output("shifted")));
    }
    for peer in peers.of(job) {
        let place = output(peer.name);
        candidates.push((peer.title.clone(), peer.invocation(job, input, &place, folder)?, place));
    }
    let mut costs = vec![Vec::new(); candidates.len()];
    for round in 0..rounds {
        // Another one is first in each round, so that nobody always comes after the same one.
        for turn in 0..candidates.len() {
            let number = (round + turn) % candidates.len();
            let (name, invocation, place) = &candidates[number];
            eprintln!("{}, round {}/{rounds}: {name}", job.name, round + 1);
            costs[number].push(alone(invocation, place).map_err(failed)??);
        }
    }
    let bytes = fs::metadata(input).map_err(failed)?.len();
    let mut table = format!("\n### {}\n\n{}, {} MB.\n\n", job.title, job.input, bytes / 1_000_000);
    table.push_str("| program | wall | CPU | memory | output |\n|---|---:|---:|---:|---|\n");
    let first = typical(&costs[0]);
    let ours = fs::read(&candidates[0].2).map_err(failed)?;
    let is_copy = |place: &PathBuf| [output("copy"), output("shifted")].contains(place);
    for ((name, _, place), costs) in candidates.iter().zip(&costs) {
        let cost = typical(costs);
        let theirs = fs::read(place).map_err(failed)?;
        let note = if is_copy(place) { "the input".to_owned() } else { compare::compare(&ours, &theirs) };
        _ = writeln!(
            table,
            "| {name} | {} ({:.2}) | {} ({:.2}) | {:.1} MiB | {note} |",
            milliseconds(cost.wall),
            ratio(cost.wall, first.wall),
            milliseconds(cost.cpu),
            ratio(cost.cpu, first.cpu),
            cost.peak_kib as f64 / 1024.0
        );
        fs::remove_file(place).map_err(failed)?;
    }
    Ok(table)
}

/// What a run costs that makes a file anew; the disk has it before the next run begins.
fn alone(invocation: &Invocation, output: &Path) -> std::io::Result<Result<Cost>> {
    if output.exists() {
        fs::remove_file(output)?;
    }
    let cost = invocation.measure();
    if cost.is_ok() {
        fs::File::open(output)?.sync_all()?;
    }
    Ok(cost)
}

/// The first job with 1, 2, 4 and 8 threads: how long, and whether the bytes are the same.
fn threads(input: &Path, folder: &Path, ours: &Path, rounds: usize) -> Result<String> {
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", folder.display()));
    let (spec, output) = (folder.join("threads.toml"), folder.join("out-threads.ndjson"));
    fs::write(&spec, jobs::ALL[0].spec()).map_err(failed)?;
    let numbers = ["1", "2", "4", "8"];
    let (mut costs, mut first) = (vec![Vec::new(); numbers.len()], None);
    for _ in 0..rounds {
        for (number, costs) in numbers.iter().zip(&mut costs) {
            let words = [text(&spec), "--input", text(input), "--output", text(&output), "--threads", number]
                .map(str::to_owned);
            let invocation = Invocation::new(ours, folder).args(["transform"]).args(words);
            let invocation = invocation.args(["--overwrite", "--quiet", "--no-sync"]);
            costs.push(alone(&invocation, &output).map_err(failed)??);
            let bytes = fs::read(&output).map_err(failed)?;
            if first.get_or_insert_with(|| bytes.clone()) != &bytes {
                return Err(Failure::new(format!("with {number} threads the bytes are others")));
            }
        }
    }
    let one = typical(&costs[0]).wall;
    let mut table =
        "\n### Threads\n\nThe same bytes with each number.\n\n| threads | wall | times one |\n|---|---:|---:|\n".to_owned();
    for (number, costs) in numbers.iter().zip(&costs) {
        let wall = typical(costs).wall;
        _ = writeln!(table, "| {number} | {} | {:.2} |", milliseconds(wall), ratio(one, wall));
    }
    Ok(table)
}

/// Peak memory of a run over a pipe that says the same records over and over.
fn pipe(input: &Path, folder: &Path, ours: &Path, gigabytes: u64) -> Result<String> {
    let line = format!(
        "while cat '{}'; do :; done 2>/dev/null | head -c {}000000000 | '{}' transform threads.toml --quiet > /dev/null",
        input.display(),
        gigabytes,
        ours.display()
    );
    let cost = Invocation::new(Path::new("sh"), folder).args(["-c", line.as_str()]).measure()?;
    let peak = cost.peak_kib as f64 / 1024.0;
    Ok(format!("\n{gigabytes} GB through a pipe: {} ms, at most {peak:.1} MiB.\n", milliseconds(cost.wall)))
}

fn typical(costs: &[Cost]) -> Cost {
    Cost {
        wall: median(costs.iter().map(|cost| cost.wall).collect()),
        cpu: median(costs.iter().map(|cost| cost.cpu).collect()),
        peak_kib: median(costs.iter().map(|cost| cost.peak_kib).collect()),
    }
}

fn ratio(time: Duration, ours: Duration) -> f64 {
    time.as_secs_f64() / ours.as_secs_f64().max(1e-9)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}

/// What the machine says of itself.
fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map(|(_, name)| name);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("unknown").to_owned();
    format!("{}, {cores} cores, load {load} at the start.", model.unwrap_or("unknown processor"))
}

/// A path for messages of the modules below.
fn trouble(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("{}: {error}", path.display()))
}
