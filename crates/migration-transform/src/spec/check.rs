//! What a step may not say although each part of it is all right.

use std::collections::{HashMap, HashSet};
use std::iter;

use super::Fields;
use super::step::{Hash, Lookup, Nest, Rename, Step};
use crate::path::Path;
use crate::value::MAX_DEPTH;

impl Step {
    /// Whether the step makes sense.
    ///
    /// # Errors
    /// What doesn't, in a sentence that begins with the operation.
    pub fn check(&self) -> Result<(), String> {
        let deepest =
            self.paths().into_iter().find(|(path, inside)| path.segments().len() + inside > MAX_DEPTH);
        if let Some((path, _)) = deepest {
            let name: String = path.text().chars().take(20).collect();
            let operation = self.operation();
            return Err(format!(
                "`{operation}`: the path `{name}…` is deeper than the {MAX_DEPTH} levels that a record may have"
            ));
        }
        let checked = match self {
            Self::Rename(step) => rename(step),
            Self::Nest(step) => nest(step),
            Self::Split(step) => some(&step.into, "into").and(if step.separator.is_empty() {
                Err("`separator` is empty".to_owned())
            } else {
                unique(step.into.iter())
            }),
            Self::Merge(step) => some(&step.fields, "the list of fields"),
            Self::Flatten(step) if step.depth == Some(0) => Err("`depth` is at least 1".to_owned()),
            Self::Select(step) => some(&step.fields, "the list of fields"),
            Self::Hash(step) => hash(step),
            Self::Lookup(step) => lookup(step),
            _ => Ok(()),
        };
        checked.map_err(|why| format!("`{}`: {why}", self.operation()))
    }

    /// All paths that it has, each with how many levels it puts there.
    fn paths(&self) -> Vec<(&Path, usize)> {
        fn of<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Vec<(&'p Path, usize)> {
            paths.into_iter().map(|path| (path, 0)).collect()
        }
        fn keys<V>(fields: &Fields<V>) -> impl Iterator<Item = &Path> {
            fields.iter().map(|(path, _)| path)
        }
        match self {
            Self::Rename(step) => of(step.fields.iter().flat_map(|(old, new)| [old, new])),
            Self::Convert(step) => of(keys(&step.fields)),
            Self::Drop(step) => of(&step.fields),
            Self::Select(step) => of(&step.fields),
            Self::KeepWhere(step) => of(step.condition.paths()),
            Self::Set(step) => of(step
                .fields
                .iter()
                .flat_map(|(path, expression)| iter::once(path).chain(expression.paths()))),
            Self::Default(step) => of(keys(&step.fields)),
            Self::Split(step) => of(iter::once(&step.field).chain(&step.into)),
            Self::Merge(step) => of(step.fields.iter().chain([&step.into])),
            Self::Flatten(step) => of(&step.fields),
            Self::Nest(step) => {
                let targets = keys(&step.fields).map(|path| (path, 1));
                targets.chain(of(step.fields.iter().flat_map(|(_, sources)| sources))).collect()
            }
            Self::Map(step) => of(keys(&step.fields)),
            Self::Lookup(step) => of(iter::once(&step.field).chain(keys(&step.take))),
            Self::Hash(step) => of(&step.fields),
            Self::Mask(step) => of(&step.fields),
        }
    }
}

/// The paths of one step must be independent of each other.
fn rename(step: &Rename) -> Result<(), String> {
    unique(step.fields.iter().map(|(_, new)| new))?;
    let all: Vec<&Path> = step.fields.iter().flat_map(|(old, new)| [old, new]).collect();
    apart(&all)
}

fn nest(step: &Nest) -> Result<(), String> {
    let sources = step.fields.iter().flat_map(|(_, sources)| sources);
    unique(sources.clone())?;
    for (target, sources) in &step.fields {
        some(sources, "the list of fields")?;
        for source in sources {
            if within(source, target) || within(target, source) || source == target {
                return Err(format!("`{source}` can't be put into `{target}`: one contains the other"));
            }
        }
    }
    let targets = step.fields.iter().map(|(target, _)| target);
    apart(&targets.chain(sources).collect::<Vec<_>>())
}

fn hash(step: &Hash) -> Result<(), String> {
    let both = step.key_env.is_some() && step.key_file.is_some();
    if both { Err("`key_env` and `key_file` exclude each other".to_owned()) } else { Ok(()) }
}

fn lookup(step: &Lookup) -> Result<(), String> {
    if step.take.is_empty() { Err("`take` is empty".to_owned()) } else { Ok(()) }
}

fn some<T>(list: &[T], what: &str) -> Result<(), String> {
    if list.is_empty() { Err(format!("{what} is empty")) } else { Ok(()) }
}

fn unique<'a>(paths: impl Iterator<Item = &'a Path>) -> Result<(), String> {
    let mut seen = HashSet::new();
    for path in paths {
        if !seen.insert(path) {
            return Err(format!("two fields would become `{path}`"));
        }
    }
    Ok(())
}

fn apart(paths: &[&Path]) -> Result<(), String> {
    let all: HashMap<&[String], &Path> = paths.iter().map(|path| (path.segments(), *path)).collect();
    for inner in paths {
        let mut around = (1..inner.segments().len()).filter_map(|len| all.get(&inner.segments()[..len]));
        if let Some(outer) = around.next() {
            return Err(format!("`{inner}` lies in `{outer}`: make two steps of this one"));
        }
    }
    Ok(())
}

/// Whether a field lies in an object.
fn within(inner: &Path, outer: &Path) -> bool {
    inner != outer && inner.segments().starts_with(outer.segments())
}
