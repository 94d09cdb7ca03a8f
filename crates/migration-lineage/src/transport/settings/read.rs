//! From variables and files to settings.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Map, Value};

use super::{
    ConfigError, FileSettings, HttpSettings, OpenLineageConfig, Retry, Secret, Surroundings,
    TransportSettings, written,
};
use crate::openlineage::facet::{JobName, Parent, RunName};

/// What the settings of a client have at their top, whether it means something here or not.
const KNOWN: &[&str] = &[
    "transport",
    "spool",
    "facets",
    "filters",
    "tags",
    "dataset",
    "job",
    "run",
    "circuitbreaker",
    "metrics",
    "metricsconfig",
    "timeout",
];

/// What variables begin with whose names are paths in the settings.
const PATHS: &str = "OPENLINEAGE__";

pub(super) fn config(surroundings: &Surroundings) -> Result<Option<OpenLineageConfig>, ConfigError> {
    if surroundings
        .variable("OPENLINEAGE_DISABLED")
        .is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
    {
        return Ok(None);
    }
    let mut settings = variables(surroundings);
    if let Some((path, text)) = file(surroundings)? {
        merge(&mut settings, mapping(&path, &text)?);
    }
    let Some(transport) = transport(&settings, surroundings)? else { return Ok(None) };
    let spool = inner(&settings, "spool", "spool")?.and_then(|spool| text(spool, "directory"));
    let spool = spool.map(|folder| surroundings.folder.join(folder)).or_else(|| state_folder(surroundings));
    Ok(Some(OpenLineageConfig {
        transport,
        namespace: surroundings.variable("OPENLINEAGE_NAMESPACE").unwrap_or("default").to_owned(),
        parent: surroundings.variable("OPENLINEAGE_PARENT_ID").map(parent).transpose()?,
        spool,
    }))
}

/// Where programs of this user keep what they have to remember.
fn state_folder(surroundings: &Surroundings) -> Option<PathBuf> {
    let own = surroundings.variable("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let state = own.or_else(|| Some(home(surroundings)?.join(".local/state")))?;
    Some(state.join("migration/openlineage"))
}

fn home(surroundings: &Surroundings) -> Option<PathBuf> {
    surroundings.variable("HOME").or_else(|| surroundings.variable("USERPROFILE")).map(PathBuf::from)
}

/// The settings that variables hold: `OPENLINEAGE__TRANSPORT__TYPE` is `transport.type`. A value that is JSON is taken as that.
fn variables(surroundings: &Surroundings) -> Map<String, Value> {
    let mut settings = Map::new();
    // The longer names first, so that what is given as JSON has precedence over its parts.
    for (name, value) in surroundings.variables.iter().rev() {
        let Some(path) = name.strip_prefix(PATHS) else { continue };
        let value = match serde_json::from_str(value) {
            Ok(shape @ (Value::Object(_) | Value::Array(_))) => written::as_written(value, shape),
            Ok(text @ (Value::String(_) | Value::Null)) => text,
            // A number has its own letters.
            _ => Value::String(value.clone()),
        };
        let nest = |value: Value, key: &str| Value::Object(Map::from_iter([(key.to_lowercase(), value)]));
        if let Value::Object(nested) = path.rsplit("__").fold(value, nest) {
            merge(&mut settings, nested);
        }
    }
    settings
}

/// The settings file: the one that is named, in the working folder, or in the user's.
fn file(surroundings: &Surroundings) -> Result<Option<(PathBuf, String)>, ConfigError> {
    let named = surroundings.variable("OPENLINEAGE_CONFIG").map(|path| surroundings.folder.join(path));
    let own = home(surroundings).map(|home| home.join(".openlineage/openlineage.yml"));
    let found = [Some(surroundings.folder.join("openlineage.yml")), own].into_iter().flatten();
    let path = match named {
        // Who names a file means it.
        Some(path) => path,
        None => match found.into_iter().find(|path| path.is_file()) {
            Some(path) => path,
            None => return Ok(None),
        },
    };
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some((path, text))),
        Err(source) => Err(ConfigError::Unreadable { path, source }),
    }
}

fn mapping(path: &Path, text: &str) -> Result<Map<String, Value>, ConfigError> {
    let invalid = |reason: &str| ConfigError::Invalid { path: path.to_owned(), reason: reason.to_owned() };
    // What the parser says quotes the text, which may hold a key.
    match written::read(text) {
        Ok(Value::Object(settings)) => Ok(settings),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(_) => Err(invalid("it holds no names with values")),
        Err(error) => Err(invalid(&match error.location() {
            Some(location) => {
                format!("it is no YAML: line {}, column {}", location.line(), location.column())
            }
            None => "it is no YAML".to_owned(),
        })),
    }
}

/// Puts settings over others: in the place of those of the same name, whose inner settings stay if both have some.
fn merge(below: &mut Map<String, Value>, above: Map<String, Value>) {
    for (name, value) in above {
        let known = below.keys().find(|known| normal(known) == normal(&name)).cloned().unwrap_or(name);
        match (below.get_mut(&known), value) {
            (Some(Value::Object(below)), Value::Object(above)) => merge(below, above),
            (_, value) => {
                below.insert(known, value);
            }
        }
    }
}

fn transport(
    settings: &Map<String, Value>,
    surroundings: &Surroundings,
) -> Result<Option<TransportSettings>, ConfigError> {
    let section = inner(settings, "transport", "transport")?;
    let Some((section, kind)) = section.and_then(|section| Some((section, text(section, "type")?))) else {
        // The simple way.
        if surroundings.variable("OPENLINEAGE_URL").is_some() {
            return Ok(Some(TransportSettings::Http(http(&Map::new(), surroundings)?)));
        }
        let missing = |name| Err(ConfigError::Setting { name, problem: "is missing" });
        return match section {
            Some(_) => missing("transport.type"),
            // Who has written settings that no client knows has meant something by them.
            None if settings.keys().any(|name| !KNOWN.contains(&&*normal(name))) => missing("transport"),
            _ => Ok(None),
        };
    };
    match kind.to_lowercase().as_str() {
        "http" | "async_http" => Ok(Some(TransportSettings::Http(http(section, surroundings)?))),
        "file" => Ok(Some(TransportSettings::File(to_file(section, surroundings)?))),
        "console" => Ok(Some(TransportSettings::Console)),
        "noop" => Ok(None),
        _ => Err(ConfigError::UnknownTransport { name: kind.chars().take(60).collect() }),
    }
}

fn http(section: &Map<String, Value>, surroundings: &Surroundings) -> Result<HttpSettings, ConfigError> {
    let wrong = |name, problem| ConfigError::Setting { name, problem };
    let url = text(section, "url");
    // These are about one server: a key for it is for no other.
    let is_simple = url.is_none();
    let variable = |name: &str| surroundings.variable(name).filter(|_| is_simple).map(str::to_owned);
    let url = url.or_else(|| variable("OPENLINEAGE_URL"));
    let url = url.ok_or_else(|| wrong("transport.url", "is missing"))?.trim().to_owned();
    let is_web = ["http://", "https://"].iter().any(|scheme| url.to_ascii_lowercase().starts_with(scheme));
    if !is_web {
        return Err(wrong("transport.url", "begins with neither http:// nor https://"));
    }
    let mut http = HttpSettings::new(url);
    if let Some(endpoint) = text(section, "endpoint").or_else(|| variable("OPENLINEAGE_ENDPOINT")) {
        http.endpoint = Secret::new(endpoint.trim());
    }
    http.timeout = match (number(section, "timeout"), number(section, "timeoutinmillis")) {
        (Some(seconds), _) => duration(seconds),
        (None, Some(milliseconds)) => duration(milliseconds / 1000.0),
        (None, None) => Some(http.timeout),
    }
    .ok_or_else(|| wrong("transport.timeout", "is no time"))?;
    http.verify = flag(section, "verify").unwrap_or(true);
    let tls = inner(section, "sslcontext", "transport.sslContext")?;
    http.ca_file = tls.and_then(|tls| text(tls, "cacertpath")).map(|path| surroundings.folder.join(path));
    http.api_key = match inner(section, "auth", "transport.auth")? {
        Some(auth) => Some(api_key(auth)?),
        None if find(section, "apikey").is_some() => {
            return Err(wrong("transport.apiKey", "belongs into `auth`, with `type: api_key`"));
        }
        None => variable("OPENLINEAGE_API_KEY").map(Secret::new),
    };
    http.gzip = match text(section, "compression").as_deref() {
        None => false,
        Some(name) if name.eq_ignore_ascii_case("gzip") => true,
        Some(_) => return Err(wrong("transport.compression", "names a way that isn't there; there is gzip")),
    };
    let headers = match inner(section, "customheaders", "transport.custom_headers")? {
        Some(headers) => Some(headers),
        None => inner(section, "headers", "transport.headers")?,
    };
    for (name, value) in headers.into_iter().flatten() {
        let value = shown(value).ok_or_else(|| wrong("transport.custom_headers", "holds what is no text"))?;
        http.headers.insert(name.clone(), Secret::new(value));
    }
    if let Some(section) = inner(section, "retry", "transport.retry")? {
        http.retry = retry(section).ok_or_else(|| wrong("transport.retry", "can't be understood"))?;
    }
    Ok(http)
}

fn api_key(auth: &Map<String, Value>) -> Result<Secret, ConfigError> {
    let wrong = |name, problem| Err(ConfigError::Setting { name, problem });
    match text(auth, "type").as_deref() {
        Some("api_key") => match text(auth, "apikey") {
            Some(key) => Ok(Secret::new(key)),
            None => wrong("transport.auth.apiKey", "is missing"),
        },
        None => wrong("transport.auth.type", "is missing; there is api_key"),
        Some("jwt") => wrong("transport.auth.type", "is jwt, which isn't there; there is api_key"),
        Some(_) => wrong("transport.auth.type", "names a way that isn't there; there is api_key"),
    }
}

fn retry(section: &Map<String, Value>) -> Option<Retry> {
    let mut retry = Retry::default();
    if let Some(total) = number(section, "total") {
        retry.total = if (0.0..=1000.0).contains(&total) { total as u32 } else { return None };
    }
    if let Some(seconds) = number(section, "backofffactor") {
        retry.pause = duration(seconds)?;
    }
    if let Some(statuses) = find(section, "statusforcelist") {
        let statuses = statuses.as_array()?;
        let status = |value: &Value| value.as_u64().and_then(|status| u16::try_from(status).ok());
        retry.statuses = statuses.iter().map(status).collect::<Option<_>>()?;
    }
    Some(retry)
}

fn to_file(section: &Map<String, Value>, surroundings: &Surroundings) -> Result<FileSettings, ConfigError> {
    let wrong = |problem| ConfigError::Setting { name: "transport.log_file_path", problem };
    // `location` is what the client for Java calls it; that one always appends.
    let (path, always) = match text(section, "logfilepath") {
        Some(path) => (path, false),
        None => (text(section, "location").ok_or_else(|| wrong("is missing"))?, true),
    };
    let path = path.strip_prefix("file://").unwrap_or(&path);
    if path.contains("://") {
        return Err(wrong("is no file of this machine"));
    }
    let append = always || flag(section, "append").unwrap_or(false);
    Ok(FileSettings { path: surroundings.folder.join(path), append })
}

/// `namespace/job/run`, as other integrations write it: a job's name may hold a slash, the others may not.
fn parent(text: &str) -> Result<Parent, ConfigError> {
    let problem = "is not of the form namespace/job/run";
    let wrong = || ConfigError::Setting { name: "OPENLINEAGE_PARENT_ID", problem };
    let (namespace, rest) = text.split_once('/').ok_or_else(wrong)?;
    let (name, run_id) = rest.rsplit_once('/').ok_or_else(wrong)?;
    let run_id = uuid::Uuid::parse_str(run_id).map_err(|_| wrong())?.to_string();
    let job = JobName { namespace: namespace.to_owned(), name: name.to_owned() };
    Ok(Parent { run: RunName { run_id }, job, root: None })
}

/// A setting, whichever way its name is written: `apiKey`, `api_key` and `apikey` are the same.
fn find<'a>(section: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    section.iter().find(|(known, _)| normal(known) == name).map(|(_, value)| value)
}

/// Settings within settings: none where nothing is said of them.
fn inner<'a>(
    settings: &'a Map<String, Value>,
    name: &str,
    full: &'static str,
) -> Result<Option<&'a Map<String, Value>>, ConfigError> {
    match find(settings, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(inner)) if inner.is_empty() => Ok(None),
        Some(Value::Object(inner)) => Ok(Some(inner)),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(_) => Err(ConfigError::Setting { name: full, problem: "holds no settings of its own" }),
    }
}

fn normal(name: &str) -> String {
    name.chars().filter(|c| *c != '_').collect::<String>().to_lowercase()
}

fn text(section: &Map<String, Value>, name: &str) -> Option<String> {
    find(section, name).and_then(shown).filter(|text| !text.is_empty())
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn number(section: &Map<String, Value>, name: &str) -> Option<f64> {
    text(section, name).map(|text| text.trim().parse().unwrap_or(f64::NAN))
}

fn flag(section: &Map<String, Value>, name: &str) -> Option<bool> {
    text(section, name).map(|text| !["false", "no", "0"].contains(&text.trim().to_lowercase().as_str()))
}

fn duration(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests;
