//! Sets of fields that something comes from.

use std::collections::BTreeMap;

use migration_model::{FieldSource, FlowKind};

/// A field that goes in, and the way in which something comes from it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Origin {
    /// The file of a table; none for the record that goes in.
    pub(super) dataset: Option<String>,
    pub(super) path: Vec<String>,
    pub(super) kind: FlowKind,
    pub(super) masking: bool,
}

/// Several, each with whether it only counts where a step has nothing to do, or fails.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Origins(BTreeMap<Origin, bool>);

impl Origins {
    /// A field of the record that goes in, as it is.
    pub(super) fn copy_of(path: Vec<String>) -> Self {
        Self::one(Origin { dataset: None, path, kind: FlowKind::Identity, masking: false })
    }

    /// A column of a table.
    pub(super) fn column(dataset: String, column: &str) -> Self {
        let (path, kind) = (vec![column.to_owned()], FlowKind::Identity);
        Self::one(Origin { dataset: Some(dataset), path, kind, masking: false })
    }

    fn one(origin: Origin) -> Self {
        Self([(origin, false)].into())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is nothing but a copy of a field.
    pub(super) fn is_copy_of(&self, path: &[String]) -> bool {
        let same = |(origin, fallback): (&Origin, &bool)| {
            !fallback
                && origin.dataset.is_none()
                && origin.path == path
                && origin.kind == FlowKind::Identity
                && !origin.masking
        };
        self.0.len() == 1 && self.0.iter().all(same)
    }

    pub(super) fn add(&mut self, others: Self) {
        for (origin, fallback) in others.0 {
            *self.0.entry(origin).or_insert(true) &= fallback;
        }
    }

    pub(super) fn with(mut self, others: Self) -> Self {
        self.add(others);
        self
    }

    /// What comes of something that comes from these in some way.
    pub(super) fn through(&self, kind: FlowKind, masking: bool) -> Self {
        let mut found = Self::default();
        for (origin, fallback) in &self.0 {
            let (kind, masking) = (kind.after(origin.kind), masking || origin.masking);
            found.add(Self([(Origin { kind, masking, ..origin.clone() }, *fallback)].into()));
        }
        found
    }

    /// Those of the field at a path in it: a copy of an object has copies of its fields.
    pub(super) fn entered<S: AsRef<str>>(&self, names: &[S]) -> Self {
        let enter = |(origin, fallback): (&Origin, &bool)| {
            let mut origin = origin.clone();
            if origin.kind == FlowKind::Identity && origin.dataset.is_none() {
                origin.path.extend(names.iter().map(|name| name.as_ref().to_owned()));
            }
            (origin, *fallback)
        };
        Self(self.0.iter().map(enter).collect())
    }

    pub(super) fn as_fallback(&self) -> Self {
        Self(self.0.keys().map(|origin| (origin.clone(), true)).collect())
    }

    /// As plain data; `all` for the fields of what is copied and not for it itself.
    pub(super) fn to_sources(&self, all: bool) -> Vec<FieldSource> {
        let source = |(origin, fallback): (&Origin, &bool)| {
            let copied = all && origin.dataset.is_none() && origin.kind == FlowKind::Identity;
            let field = match (&origin.dataset, copied) {
                (Some(_), _) => origin.path.join("."),
                (None, true) => all_of(&origin.path, ""),
                (None, false) => text_of(&origin.path),
            };
            let (kind, masking, fallback) = (origin.kind, origin.masking, *fallback);
            FieldSource { dataset: origin.dataset.clone(), field, kind, masking, fallback }
        };
        self.0.iter().map(source).collect()
    }
}

/// A path as it is written in a chain. The record itself is `*`.
pub(super) fn text_of(path: &[String]) -> String {
    if path.is_empty() {
        return "*".to_owned();
    }
    path.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(".")
}

/// All fields of an object whose names begin with a prefix.
pub(super) fn all_of(path: &[String], prefix: &str) -> String {
    let prefix = if prefix.is_empty() { String::new() } else { quoted(prefix) };
    let parents = path.iter().map(|name| quoted(name));
    parents.chain([format!("{prefix}*")]).collect::<Vec<_>>().join(".")
}

fn quoted(name: &str) -> String {
    if name.contains('*') {
        return format!("\"{}\"", name.replace('"', "\"\""));
    }
    crate::path::quoted(name)
}
