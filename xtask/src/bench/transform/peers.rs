//! The other tools. What they can't convert they make null, which is less work than to keep it.

use std::fs;
use std::path::{Path, PathBuf};

use super::jobs::Job;
use super::{shapes, text, trouble};
use crate::bench::measure::Invocation;
use crate::provision;
use crate::step::{Result, Step};

/// The versions that the figures are about.
const PACKAGES: &[&str] = &["duckdb==2.0.0", "polars==2.1.0", "datafusion==55.0.0", "pyarrow==26.0.1"];

/// Programs, and the packages of Debian and Ubuntu that have them.
const SYSTEM_TOOLS: &[(&str, &str)] = &[("jq", "jq"), ("mlr", "miller")];

/// A tool that does some of the jobs.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) name: &'static str,
    pub(super) title: String,
    program: PathBuf,
    script: fn(&Job) -> Option<String>,
}

/// The tools that are there.
#[derive(Debug)]
pub(super) struct Peers(Vec<Peer>);

impl Peers {
    pub(super) fn none() -> Self {
        Self(Vec::new())
    }

    /// Installs the packages for Python into `target/peers/venv`, and the tools of the system where that is known how;
    /// elsewhere those that are on PATH are used.
    pub(super) fn install(target: &Path, skip: &[String]) -> Result<Self> {
        let venv = target.join("peers").join("venv");
        let python = venv.join("bin").join("python3");
        if !python.exists() {
            Step::new("python3").args(["-m", "venv", text(&venv)]).fix("install Python with `venv`").run()?;
        }
        Step::new(&python)
            .args(["-m", "pip", "install", "--quiet"])
            .args(PACKAGES.iter().copied())
            .fix("see that the registry of Python packages can be reached")
            .run()?;
        let of = |name, title: &str, script| Peer {
            name,
            title: title.to_owned(),
            program: python.clone(),
            script,
        };
        install_system_tools()?;
        let mut peers = vec![
            of("duckdb", PACKAGES[0], |job| duckdb(job).or_else(|| shapes::duckdb(job))),
            of("polars", PACKAGES[1], |job| polars(job).or_else(|| shapes::polars(job))),
            of("datafusion", PACKAGES[2], |job| datafusion(job).or_else(|| shapes::datafusion(job))),
            of("python", "a loop in Python", python_loop),
        ];
        for (name, script) in [("jq", jq as fn(&Job) -> Option<String>), ("mlr", miller)] {
            let Ok(version) = Step::new(name).args(["--version"]).read() else { continue };
            let title = version.lines().next().unwrap_or(name).to_owned();
            peers.push(Peer { name, title, program: "sh".into(), script });
        }
        peers.retain(|peer| !skip.iter().any(|name| name == peer.name));
        Ok(Self(peers))
    }

    /// Those that do a job.
    pub(super) fn of<'a>(&'a self, job: &'a Job) -> impl Iterator<Item = &'a Peer> {
        self.0.iter().filter(|peer| (peer.script)(job).is_some())
    }
}

impl Peer {
    pub(super) fn invocation(
        &self,
        job: &Job,
        input: &Path,
        output: &Path,
        folder: &Path,
    ) -> Result<Invocation> {
        let script = folder.join(format!("{}-{}.script", self.name, job.name));
        let program = (self.script)(job).unwrap_or_default();
        let program = program.replace("INPUT", text(input)).replace("OUTPUT", text(output));
        fs::write(&script, program).map_err(|error| trouble(&script, &error))?;
        Ok(Invocation::new(&self.program, folder).args([script]))
    }
}

/// jq and Miller, where they can be installed and aren't.
fn install_system_tools() -> Result {
    let absent = |program: &&(&str, &str)| Step::new(program.0).args(["--version"]).read().is_err();
    let packages: Vec<_> = SYSTEM_TOOLS.iter().filter(absent).map(|(_, package)| *package).collect();
    if packages.is_empty() || !provision::can_install() {
        return Ok(());
    }
    let advice = format!("install {}", packages.join(" and "));
    provision::install(packages, &advice)
}

/// The columns of the jobs on flat records, in SQL.
fn columns(job: &Job, time: &str) -> Option<String> {
    let rest = match job.name {
        "j1" | "j3" => "notes, discount",
        "j2" => "full_name || ' / ' || country AS label",
        _ => return None,
    };
    Some(format!(
        "customer_id AS id, full_name AS name, email, TRY_CAST(quantity AS BIGINT) AS quantity, \
         TRY_CAST(amount AS DOUBLE) AS amount, TRY_CAST(active AS BOOLEAN) AS active, {time} AS created, country, {rest}"
    ))
}

fn condition(job: &Job) -> &'static str {
    if job.name == "j2" { " WHERE country IN ('DE', 'US', 'FR', 'GB', 'PL', 'ES', 'IT', 'NL')" } else { "" }
}

const FIELDS: &str = "customer_id full_name email quantity amount active created_at country notes discount";

/// From CSV without `type_pushdown`: with it version 2.0.0 ends at the first malformed value, in spite of `TRY_CAST`.
fn duckdb(job: &Job) -> Option<String> {
    let columns = columns(job, "TRY_CAST(created_at AS TIMESTAMP)")?;
    let types: Vec<_> = FIELDS.split(' ').map(|field| format!("'{field}': 'VARCHAR'")).collect();
    let types = types.join(", ");
    let from = if job.name == "j3" {
        format!(
            "read_csv('INPUT', columns = {{{types}}}, header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', new_line = '\\\\n')"
        )
    } else {
        format!("read_json('INPUT', format = 'newline_delimited', columns = {{{types}}})")
    };
    let condition = condition(job);
    let setting =
        if job.name == "j3" { "duckdb.sql(\"SET disabled_optimizers='type_pushdown'\")\n" } else { "" };
    Some(format!(
        "import duckdb\n{setting}duckdb.sql(\"\"\"COPY (SELECT {columns} FROM {from}{condition}) TO 'OUTPUT' (FORMAT json)\"\"\")\n"
    ))
}

fn datafusion(job: &Job) -> Option<String> {
    let columns = columns(job, "TRY_CAST(created_at AS TIMESTAMP)")?;
    let read = if job.name == "j3" {
        "register_csv('t', 'INPUT', schema=s)"
    } else {
        "register_json('t', 'INPUT', schema=s, file_extension='.ndjson')"
    };
    let condition = condition(job);
    Some(format!(
        "import pyarrow as pa, datafusion\ns = pa.schema([(f, pa.string()) for f in '{FIELDS}'.split()])\n\
         c = datafusion.SessionContext(datafusion.SessionConfig().with_target_partitions(2))\nc.{read}\n\
         c.sql(\"\"\"COPY (SELECT {columns} FROM t{condition}) TO 'OUTPUT' STORED AS JSON\"\"\").collect()\n"
    ))
}

fn polars(job: &Job) -> Option<String> {
    columns(job, "")?;
    let scan =
        if job.name == "j3" { "scan_csv('INPUT', schema=s)" } else { "scan_ndjson('INPUT', schema=s)" };
    let last = if job.name == "j2" {
        ".drop('notes', 'discount').with_columns(label=pl.col('name') + ' / ' + pl.col('country'))\
         .filter(pl.col('country').is_in(['DE', 'US', 'FR', 'GB', 'PL', 'ES', 'IT', 'NL']))"
    } else {
        ""
    };
    Some(format!(
        "import polars as pl\ns = {{f: pl.String for f in '{FIELDS}'.split()}}\nt = pl.{scan}\n\
         t = t.rename({{'customer_id': 'id', 'full_name': 'name', 'created_at': 'created'}}).with_columns(\n\
         pl.col('quantity').cast(pl.Int64, strict=False), pl.col('amount').cast(pl.Float64, strict=False),\n\
         pl.col('active').replace_strict({{'true': True, 'false': False}}, default=None, return_dtype=pl.Boolean),\n\
         pl.col('created').str.replace('T', ' ').str.replace('Z', '').str.to_datetime('%Y-%m-%d %H:%M:%S', strict=False))\n\
         t{last}.sink_ndjson('OUTPUT')\n"
    ))
}

fn python_loop(job: &Job) -> Option<String> {
    let records = if job.input.ends_with(".csv") { "csv.DictReader(f)" } else { "map(json.loads, f)" };
    let pairs = |pairs: &[(&str, &str)], value: fn(&str) -> String| -> String {
        pairs.iter().map(|(key, text)| format!("'{key}': {}, ", value(text))).collect()
    };
    let renames = pairs(job.renames, |name| format!("'{name}'"));
    let conversions = pairs(job.conversions, |kind| match kind {
        "bool" => "B.__getitem__".to_owned(),
        "timestamp" => "T".to_owned(),
        kind => kind.to_owned(),
    });
    let rest = if job.more {
        "    if r['country'] not in K: continue\n    del r['notes'], r['discount']\n    r['label'] = r['name'] + ' / ' + r['country']\n"
    } else {
        ""
    };
    Some(format!(
        "import csv, json\nfrom datetime import datetime\nK = {{'DE', 'US', 'FR', 'GB', 'PL', 'ES', 'IT', 'NL'}}\n\
         R = {{{renames}}}\nB = {{'true': True, 'false': False}}\n\
         def T(t): datetime.fromisoformat(t); return t.replace(' ', 'T')\nC = {{{conversions}}}\n\
         f, g = open('INPUT', encoding='utf-8', newline=''), open('OUTPUT', 'w', encoding='utf-8')\n\
         for r in {records}:\n    r = {{R.get(k, k): v for k, v in r.items()}}\n    for k, c in C.items():\n\
         \x20       try: r[k] = c(r[k])\n        except (ValueError, TypeError, KeyError): pass\n{rest}    \
         g.write(json.dumps(r, ensure_ascii=False, separators=(',', ':')) + '\\n')\ng.close()\n"
    ))
}

/// Assignments: in jq 1.6 a `try` to the right of `|=` doesn't do what it says.
fn jq(job: &Job) -> Option<String> {
    let last = match job.name {
        "j1" | "j1-events" | "j1-wide" => "",
        "j2" => {
            " | del(.notes, .discount) | .label = .name + \" / \" + .country | select(.country | IN(\"DE\", \"US\", \"FR\", \"GB\", \"PL\", \"ES\", \"IT\", \"NL\"))"
        }
        _ => return None,
    };
    let renames: Vec<_> = job.renames.iter().map(|(old, new)| format!("{old}: \"{new}\"")).collect();
    let conversion = |(name, kind): &(&str, &str)| match *kind {
        "bool" => {
            format!(" | .{name} |= (if . == \"true\" then true elif . == \"false\" then false else . end)")
        }
        "timestamp" => format!(" | .{name} |= (if . then sub(\" \"; \"T\") else . end)"),
        _ => format!(" | .{name} = (.{name} as $v | try ($v | tonumber) catch $v)"),
    };
    Some(format!(
        "jq -c 'with_entries(.key |= ({{{}}}[.] // .)){}{last}' 'INPUT' > 'OUTPUT'\n",
        renames.join(", "),
        job.conversions.iter().map(conversion).collect::<String>()
    ))
}

/// Texts in JSON stay texts for Miller, whatever they look like: only those that are numbers are made such. What is nested it
/// would take apart and put together again, so that it isn't asked to.
fn miller(job: &Job) -> Option<String> {
    let (format, last) = match job.name {
        "j1" | "j1-wide" => ("--ijsonl", ""),
        "j2" => (
            "--ijsonl",
            " then cut -x -f notes,discount then put '$label = $name . \" / \" . $country' \
             then filter '$country =~ \"^(DE|US|FR|GB|PL|ES|IT|NL)$\"'",
        ),
        "j3" => ("-S --icsv", ""),
        _ => return None,
    };
    let renames: Vec<_> = job.renames.iter().map(|(old, new)| format!("{old},{new}")).collect();
    let conversion = |(name, kind): &(&str, &str)| match *kind {
        "int" => {
            format!("if (is_string(${name}) && ${name} =~ \"^[+-]?[0-9]+$\") {{${name} = int(${name})}} ")
        }
        "float" => {
            format!(
                "if (is_string(${name}) && ${name} =~ \"^[+-]?[0-9]+[.]?[0-9]*$\") {{${name} = float(${name})}} "
            )
        }
        "bool" => format!("if (${name} == \"true\" || ${name} == \"false\") {{${name} = boolean(${name})}} "),
        _ => format!("if (is_string(${name})) {{${name} = sub(${name}, \" \", \"T\")}} "),
    };
    Some(format!(
        "mlr {format} --ojsonl rename {} then put '{}'{last} 'INPUT' > 'OUTPUT'\n",
        renames.join(","),
        job.conversions.iter().map(conversion).collect::<String>()
    ))
}
