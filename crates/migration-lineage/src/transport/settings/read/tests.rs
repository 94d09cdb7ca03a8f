use std::collections::BTreeMap;

use super::*;

/// Surroundings with a home of their own; a text for each file.
struct Place(tempfile::TempDir, BTreeMap<String, String>);

impl Place {
    fn new(variables: &[(&str, &str)]) -> Self {
        let pairs = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let folder = tempfile::tempdir().unwrap();
        let mut place = Self(folder, pairs.collect());
        let home = place.0.path().join("home");
        place.1.insert("HOME".to_owned(), home.display().to_string());
        place
    }

    fn file(self, path: &str, text: &str) -> Self {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn read(&self) -> Result<Option<OpenLineageConfig>, ConfigError> {
        let surroundings = Surroundings { variables: self.1.clone(), folder: self.0.path().to_owned() };
        OpenLineageConfig::read(&surroundings)
    }

    fn http(&self) -> HttpSettings {
        match self.read().unwrap().unwrap().transport {
            TransportSettings::Http(http) => http,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn nothing_is_set() {
    assert!(Place::new(&[]).read().unwrap().is_none());
    assert!(Place::new(&[("OPENLINEAGE_NAMESPACE", "n")]).read().unwrap().is_none());
    let set = [("OPENLINEAGE_URL", "http://h"), ("OPENLINEAGE_DISABLED", "True")];
    assert!(Place::new(&set).read().unwrap().is_none());
    assert!(Place::new(&[("OPENLINEAGE__TRANSPORT__TYPE", "noop")]).read().unwrap().is_none());
    assert!(Place::new(&[]).file("openlineage.yml", "").read().unwrap().is_none());
}

#[test]
fn the_simple_way() {
    let set = [
        ("OPENLINEAGE_URL", "https://h:5000"),
        ("OPENLINEAGE_ENDPOINT", "events"),
        ("OPENLINEAGE_API_KEY", "hunter2"),
        ("OPENLINEAGE_NAMESPACE", "shop"),
    ];
    let place = Place::new(&set);
    let http = place.http();
    assert_eq!(http.address(), "https://h:5000/events");
    assert_eq!(http.api_key, Some(Secret::new("hunter2")));
    let config = place.read().unwrap().unwrap();
    assert_eq!(config.namespace, "shop");
    assert_eq!(config.spool.unwrap(), place.0.path().join("home/.local/state/migration/openlineage"));
    assert!(!format!("{:?}", place.read()).contains("hunter2"));
}

#[test]
fn variables_are_paths() {
    let http = Place::new(&[
        ("OPENLINEAGE__TRANSPORT__TYPE", "http"),
        ("OPENLINEAGE__TRANSPORT__URL", "http://h"),
        ("OPENLINEAGE__TRANSPORT__TIMEOUT", "1.5"),
        ("OPENLINEAGE__TRANSPORT__VERIFY", "false"),
        ("OPENLINEAGE__TRANSPORT__AUTH", "{\"type\": \"api_key\", \"apiKey\": \"k\"}"),
        ("OPENLINEAGE__TRANSPORT__COMPRESSION", "gzip"),
        ("OPENLINEAGE__TRANSPORT__RETRY__TOTAL", "7"),
        ("OPENLINEAGE__TRANSPORT__RETRY__STATUS_FORCELIST", "[500, 429]"),
        ("OPENLINEAGE__TRANSPORT__CUSTOM_HEADERS__X_TENANT", "a"),
    ])
    .http();
    assert_eq!((http.timeout, http.verify, http.gzip), (Duration::from_millis(1500), false, true));
    assert_eq!((http.retry.total, http.retry.statuses), (7, vec![500, 429]));
    assert_eq!(http.api_key, Some(Secret::new("k")));
    assert_eq!(http.headers.keys().collect::<Vec<_>>(), ["x_tenant"]);
}

#[test]
fn a_whole_has_precedence_over_its_parts() {
    let http = Place::new(&[
        ("OPENLINEAGE__TRANSPORT", "{\"type\": \"http\", \"url\": \"http://whole\"}"),
        ("OPENLINEAGE__TRANSPORT__URL", "http://part"),
    ])
    .http();
    assert_eq!(http.address(), "http://whole/api/v1/lineage");
}

const FILE: &str =
    "transport:\n  type: http\n  url: http://file\n  auth:\n    type: api_key\n    api_key: k\n";

#[test]
fn files_have_precedence_and_an_order() {
    let variables =
        [("OPENLINEAGE__TRANSPORT__URL", "http://variable"), ("OPENLINEAGE_URL", "http://simple")];
    let place = Place::new(&variables).file("openlineage.yml", FILE);
    assert_eq!(place.http().address(), "http://file/api/v1/lineage");
    assert_eq!(place.http().api_key, Some(Secret::new("k")));
    let place = Place::new(&[]).file("home/.openlineage/openlineage.yml", FILE);
    assert_eq!(place.http().address(), "http://file/api/v1/lineage");
    let other = FILE.replace("file", "other");
    let place = Place::new(&[("OPENLINEAGE_CONFIG", "a/o.yml")])
        .file("openlineage.yml", FILE)
        .file("a/o.yml", &other);
    assert_eq!(place.http().address(), "http://other/api/v1/lineage");
}

#[test]
fn a_key_is_for_its_own_server() {
    let simple = [
        ("OPENLINEAGE_URL", "http://simple"),
        ("OPENLINEAGE_ENDPOINT", "q/r"),
        ("OPENLINEAGE_API_KEY", "hunter2"),
    ];
    let of = |text: &str| Place::new(&simple).file("openlineage.yml", text).http();
    let other = of("transport: {type: http, url: 'http://other'}");
    assert_eq!((other.address(), other.api_key), ("http://other/api/v1/lineage".to_owned(), None));
    let same = of("transport: {type: http, compression: gzip}");
    assert_eq!(same.address(), "http://simple/q/r");
    assert_eq!((same.api_key, same.gzip), (Some(Secret::new("hunter2")), true));
    let own = of("transport: {type: http, endpoint: e, auth: {type: api_key, apiKey: own}}");
    assert_eq!((own.address(), own.api_key), ("http://simple/e".to_owned(), Some(Secret::new("own"))));
}

#[test]
fn digits_stay_as_they_are() {
    let keys =
        ["123456789012345678901234", "1234567890.10", "0123", "0x1F", "1e5", "1_000", "-0.0", "True", ".5"];
    for key in keys {
        let yaml =
            format!("transport:\n  type: http\n  url: http://h\n  auth: {{type: api_key, apiKey: {key}}}");
        let file = Place::new(&[]).file("openlineage.yml", &yaml).http();
        assert_eq!(file.api_key, Some(Secret::new(key)), "in a file");
        let set = [
            ("OPENLINEAGE__TRANSPORT__TYPE", "http"),
            ("OPENLINEAGE__TRANSPORT__URL", "http://h"),
            ("OPENLINEAGE__TRANSPORT__AUTH__TYPE", "api_key"),
            ("OPENLINEAGE__TRANSPORT__AUTH__APIKEY", key),
            ("OPENLINEAGE__TRANSPORT__RETRY", "{\"total\": 2, \"status_forcelist\": [500]}"),
        ];
        let http = Place::new(&set).http();
        assert_eq!(http.api_key, Some(Secret::new(key)), "in a variable");
        assert_eq!((http.retry.total, http.retry.statuses), (2, vec![500]));
    }
    let json = "{\"type\": \"http\", \"url\": \"http://h\",\n\t\"auth\": {\"type\": \"api_key\", \"apiKey\": 123456789012345678901234}}";
    let http = Place::new(&[("OPENLINEAGE__TRANSPORT", json)]).http();
    assert_eq!(http.api_key, Some(Secret::new("123456789012345678901234")));
}

#[test]
fn what_was_meant_otherwise_is_said() {
    let of_file = |text: &str| Place::new(&[]).file("openlineage.yml", text).read();
    let check = |text: &str, message: &str| {
        assert_eq!(of_file(text).unwrap_err().to_string(), message, "{text}");
    };
    check("transport: {url: 'http://h'}", "the setting `transport.type` is missing");
    check("transport: http", "the setting `transport` holds no settings of its own");
    check("transports: {type: http, url: 'http://h'}", "the setting `transport` is missing");
    let http = |more: &str| format!("transport: {{type: http, url: 'http://h', {more}}}");
    check(&http("auth: hunter2"), "the setting `transport.auth` holds no settings of its own");
    check(&http("auth: {apiKey: hunter2}"), "the setting `transport.auth.type` is missing; there is api_key");
    check(
        &http("apiKey: hunter2"),
        "the setting `transport.apiKey` belongs into `auth`, with `type: api_key`",
    );
    check(&http("retry: 5"), "the setting `transport.retry` holds no settings of its own");
    check(&http("retry: {status_forcelist: 500}"), "the setting `transport.retry` can't be understood");
    check(&http("custom_headers: {a: [b]}"), "the setting `transport.custom_headers` holds what is no text");
    check(&(http("") + "\nspool: waiting"), "the setting `spool` holds no settings of its own");
    // Settings of a client that makes its transport otherwise.
    assert!(of_file("facets: {environment_variables: [A]}").unwrap().is_none());
    assert!(of_file("transport:").unwrap().is_none());
    let url = [("OPENLINEAGE_URL", "http://h")];
    assert!(Place::new(&url).file("openlineage.yml", "transport: {timeout: 3}").read().unwrap().is_some());
}

#[test]
fn files_for_events() {
    let text =
        "transport: {type: file, log_file_path: out/e.ndjson, append: true}\nspool: {directory: waiting}\n";
    let place = Place::new(&[]).file("openlineage.yml", text);
    let config = place.read().unwrap().unwrap();
    let path = place.0.path().join("out/e.ndjson");
    assert_eq!(config.transport, TransportSettings::File(FileSettings { path, append: true }));
    assert_eq!(config.spool.unwrap(), place.0.path().join("waiting"));
    let text = "transport: {type: file, location: e.ndjson}\n";
    let config = Place::new(&[]).file("openlineage.yml", text).read().unwrap().unwrap();
    assert!(matches!(config.transport, TransportSettings::File(FileSettings { append: true, .. })));
    let config = Place::new(&[("OPENLINEAGE__TRANSPORT__TYPE", "console")]).read().unwrap().unwrap();
    assert_eq!(config.transport, TransportSettings::Console);
}

#[test]
fn what_cant_be_followed_is_said_without_values() {
    let cases: &[(&[(&str, &str)], &str)] = &[
        (
            &[("OPENLINEAGE__TRANSPORT__TYPE", "kafka")],
            "there is no transport `kafka`; there are http, file and console",
        ),
        (&[("OPENLINEAGE__TRANSPORT__TYPE", "http")], "the setting `transport.url` is missing"),
        (
            &[("OPENLINEAGE_URL", "hunter2")],
            "the setting `transport.url` begins with neither http:// nor https://",
        ),
        (&[("OPENLINEAGE__TRANSPORT__TYPE", "file")], "the setting `transport.log_file_path` is missing"),
        (
            &[("OPENLINEAGE_URL", "http://h"), ("OPENLINEAGE_PARENT_ID", "hunter2")],
            "the setting `OPENLINEAGE_PARENT_ID` is not of the form namespace/job/run",
        ),
        (
            &[(
                "OPENLINEAGE__TRANSPORT",
                "{\"type\": \"http\", \"url\": \"http://h\", \"timeout\": \"hunter2\"}",
            )],
            "the setting `transport.timeout` is no time",
        ),
        (
            &[(
                "OPENLINEAGE__TRANSPORT",
                "{\"type\": \"http\", \"url\": \"http://h\", \"auth\": {\"type\": \"jwt\"}}",
            )],
            "the setting `transport.auth.type` is jwt, which isn't there; there is api_key",
        ),
    ];
    for (variables, message) in cases {
        assert_eq!(Place::new(variables).read().unwrap_err().to_string(), *message);
    }
    let missing = Place::new(&[("OPENLINEAGE_CONFIG", "none.yml")]).read().unwrap_err().to_string();
    assert!(missing.starts_with("can't read ") && missing.ends_with("none.yml"), "{missing}");
    let broken = Place::new(&[]).file("openlineage.yml", "transport: {api_key: hunter2").read().unwrap_err();
    assert!(
        broken.to_string().contains("it is no YAML") && !broken.to_string().contains("hunter2"),
        "{broken}"
    );
}

#[test]
fn a_parent() {
    let run = "01890000-0000-7000-8000-000000000001";
    let set = format!("airflow/dag/task/{run}");
    let place = Place::new(&[("OPENLINEAGE_URL", "http://h"), ("OPENLINEAGE_PARENT_ID", &set)]);
    let parent = place.read().unwrap().unwrap().parent.unwrap();
    assert_eq!(
        (&*parent.job.namespace, &*parent.job.name, &*parent.run.run_id),
        ("airflow", "dag/task", run)
    );
}

#[test]
fn addresses() {
    let address = |url: &str, endpoint: &str| {
        let mut http = HttpSettings::new(url);
        http.endpoint = Secret::new(endpoint);
        (http.address(), http.shown())
    };
    assert_eq!(address("http://h", "a/b").0, "http://h/a/b");
    assert_eq!(address("http://h/", "a/b").0, "http://h/a/b");
    assert_eq!(address("http://h/base/", "a").0, "http://h/base/a");
    assert_eq!(address("http://h/base", "a").0, "http://h/a");
    assert_eq!(address("http://h/base/", "/a").0, "http://h/a");
    let (address, shown) = address("http://u:hunter2@h:1", "a?key=hunter2");
    assert_eq!((&*address, &*shown), ("http://u:hunter2@h:1/a?key=hunter2", "http://h:1/a"));
}
