//! The schema files of OpenLineage, and events held to them.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use jsonschema::{Retrieve, Uri, Validator};
use migration_tests::corpora;
use serde_json::{Value, json};

/// The schema files by their `$id`: nothing is fetched.
#[derive(Clone)]
struct Files(BTreeMap<String, Value>);

impl Retrieve for Files {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        self.0.get(uri.as_str()).cloned().ok_or_else(|| format!("there is no schema {uri}").into())
    }
}

/// What events are held to.
pub(super) struct Schemas {
    files: Files,
    compiled: BTreeMap<String, Validator>,
    /// The facets that were seen.
    pub(super) facets: BTreeSet<String>,
    /// The kinds of events that were seen.
    pub(super) kinds: BTreeSet<String>,
}

impl Schemas {
    /// Those of the corpora; `None`, with a line that says so, without them.
    pub(super) fn load() -> Option<Self> {
        let folder = corpora()?.join("openlineage-spec");
        let entries = std::fs::read_dir(folder.join("facets")).unwrap().map(|entry| entry.unwrap().path());
        let paths = entries.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
        let mut files = BTreeMap::new();
        for path in paths.chain([folder.join("OpenLineage.json")]) {
            let schema: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            files.insert(schema["$id"].as_str().unwrap().to_owned(), schema);
        }
        assert!(files.len() > 30, "{}", files.len());
        let (files, compiled) = (Files(files), BTreeMap::new());
        Some(Self { files, compiled, facets: BTreeSet::new(), kinds: BTreeSet::new() })
    }

    /// Holds an event to the schema of its kind, the schema of all events, and each facet to its own.
    pub(super) fn check(&mut self, event: &Value) {
        let kind = match (event.get("run"), event.get("job")) {
            (Some(_), _) => "RunEvent",
            (None, Some(_)) => "JobEvent",
            (None, None) => "DatasetEvent",
        };
        let all = "https://openlineage.io/spec/2-0-2/OpenLineage.json";
        assert_eq!(event["schemaURL"], format!("{all}#/$defs/{kind}"));
        self.hold(event, &format!("{all}#/$defs/{kind}"));
        self.hold(event, all);
        let state = event["eventType"].as_str().map(|state| format!(" {state}")).unwrap_or_default();
        self.kinds.insert(format!("{kind}{state}"));
        self.facets_of(&event["run"], "facets", "Run");
        self.facets_of(&event["job"], "facets", "Job");
        self.facets_of(&event["dataset"], "facets", "Dataset");
        for dataset in event["inputs"].as_array().into_iter().flatten() {
            self.facets_of(dataset, "facets", "Dataset");
            self.facets_of(dataset, "inputFacets", "InputDataset");
        }
        for dataset in event["outputs"].as_array().into_iter().flatten() {
            self.facets_of(dataset, "facets", "Dataset");
            self.facets_of(dataset, "outputFacets", "OutputDataset");
        }
    }

    fn facets_of(&mut self, holder: &Value, key: &str, what: &str) {
        for (name, facet) in holder[key].as_object().into_iter().flatten() {
            let url = facet["_schemaURL"].as_str().unwrap().to_owned();
            assert!(url.ends_with(&format!("{what}Facet")), "{url} in {key} of {what}");
            // The definition, and that the facet may have this name.
            self.hold(facet, &url);
            let file = url.split('#').next().unwrap();
            let known =
                &self.files.0.get(file).unwrap_or_else(|| panic!("no schema {file}"))["properties"][name];
            assert!(!known.is_null(), "{file} has no facet `{name}`");
            self.hold(&json!({name: facet}), file);
            self.facets.insert(format!("{what} {name}"));
        }
    }

    fn hold(&mut self, value: &Value, url: &str) {
        let files = &self.files;
        let compile = || {
            jsonschema::options()
                .with_retriever(files.clone())
                .should_validate_formats(true)
                .build(&json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": url}))
                .unwrap_or_else(|error| panic!("{url}: {error}"))
        };
        let validator = self.compiled.entry(url.to_owned()).or_insert_with(compile);
        let errors: Vec<String> =
            validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{url}\n{}\n{value:#}", errors.join("\n"));
    }
}
