//! A record at some place of a chain: where each of its fields comes from.

use std::collections::BTreeMap;

use migration_model::{FieldFlow, FlowKind, RecordFlow};

use super::origin::{Origins, all_of, text_of};

/// Where a value comes from, and the fields in it that come from elsewhere.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shape {
    /// Where it comes from as a whole.
    pub(super) own: Origins,
    /// Fields of it of which something else is known than what `own` says.
    fields: BTreeMap<String, Shape>,
    /// Objects whose fields may be in it too, under names that nobody knows beforehand.
    dissolved: Vec<Dissolved>,
    /// Whether a step puts a value there, be it a constant.
    made: bool,
}

/// An object whose fields got a prefix.
#[derive(Clone, Debug, PartialEq)]
struct Dissolved {
    prefix: String,
    separator: String,
    object: Shape,
}

impl Dissolved {
    /// Where the field with a name comes from, if it comes from here.
    fn field(&self, name: &str) -> Option<Shape> {
        let rest = name.strip_prefix(&self.prefix)?;
        if self.separator.is_empty() || rest.contains(&self.separator) {
            // It may be of an object in the object, wherever the name is cut.
            return Some(Shape { own: self.object.collect(), ..Shape::default() });
        }
        Some(self.object.field(rest))
    }
}

impl Shape {
    /// The record as it goes in.
    pub(super) fn of_input() -> Self {
        Self { own: Origins::copy_of(Vec::new()), ..Self::default() }
    }

    /// A value that is there if what it comes from is.
    pub(super) fn of(own: Origins) -> Self {
        Self { own, ..Self::default() }
    }

    /// A value that a step puts there.
    pub(super) fn made_of(own: Origins) -> Self {
        Self { own, made: true, ..Self::default() }
    }

    /// A record that has nothing yet.
    pub(super) fn empty() -> Self {
        Self::default()
    }

    /// The field with a name.
    pub(super) fn field(&self, name: &str) -> Self {
        if let Some(known) = self.fields.get(name) {
            return known.clone();
        }
        let whole = Self { own: self.own.entered(&[name]), ..Self::default() };
        let more: Vec<Self> = self.dissolved.iter().filter_map(|object| object.field(name)).collect();
        if more.is_empty() {
            return whole;
        }
        more.into_iter().fold(whole.as_fallback(), Self::merged)
    }

    /// The field at a path.
    pub(super) fn at(&self, path: &[String]) -> Self {
        // Nothing is cloned but what is found: a record may have thousands of fields, and each is asked for.
        let mut here = self;
        for (depth, name) in path.iter().enumerate() {
            match here.fields.get(name) {
                Some(known) => here = known,
                None if here.dissolved.is_empty() => return Self::of(here.own.entered(&path[depth..])),
                None => {
                    return path[depth + 1..].iter().fold(here.field(name), |shape, name| shape.field(name));
                }
            }
        }
        here.clone()
    }

    /// Puts something at a path, in place of what was there.
    pub(super) fn put(&mut self, path: &[String], shape: Self) {
        let mut here = self;
        for name in path {
            let known = here.field(name);
            here = here.fields.entry(name.clone()).or_insert(known);
        }
        *here = shape;
    }

    /// Changes what is at a path.
    pub(super) fn edit(&mut self, path: &[String], change: impl FnOnce(Self) -> Self) {
        let before = self.at(path);
        self.put(path, change(before));
    }

    /// Everything that it comes from, whatever field of it.
    pub(super) fn collect(&self) -> Origins {
        let mut found = self.own.clone();
        let mut open: Vec<&Self> = self.fields.values().collect();
        open.extend(self.dissolved.iter().map(|dissolved| &dissolved.object));
        while let Some(shape) = open.pop() {
            found.add(shape.own.clone());
            open.extend(shape.fields.values());
            open.extend(shape.dissolved.iter().map(|dissolved| &dissolved.object));
        }
        found
    }

    /// One or the other.
    pub(super) fn merged(self, other: Self) -> Self {
        let names: Vec<String> = self.fields.keys().chain(other.fields.keys()).cloned().collect();
        let both = |name: &String| (name.clone(), self.field(name).merged(other.field(name)));
        let fields = names.iter().map(both).collect();
        let mut dissolved = self.dissolved;
        dissolved.extend(other.dissolved);
        Self { own: self.own.with(other.own), fields, dissolved, made: self.made || other.made }
    }

    /// The same, only where a step has nothing to do, or fails.
    pub(super) fn as_fallback(&self) -> Self {
        let fields = self.fields.iter().map(|(name, shape)| (name.clone(), shape.as_fallback())).collect();
        let object = |known: &Dissolved| Dissolved { object: known.object.as_fallback(), ..known.clone() };
        let dissolved = self.dissolved.iter().map(object).collect();
        Self { own: self.own.as_fallback(), fields, dissolved, made: self.made }
    }

    /// The same, or what it was before, if it isn't there. Something in it is enough for it to be there.
    pub(super) fn or(self, before: &Self) -> Self {
        let inside = Self { own: Origins::default(), ..self.clone() }.collect();
        self.merged(before.as_fallback()).decided_by(&inside)
    }

    /// The same, if fields so decide.
    pub(super) fn decided_by(mut self, by: &Origins) -> Self {
        self.own.add(by.through(FlowKind::Conditional, false).as_fallback());
        self
    }

    /// Puts the fields of an object into this one, with a prefix.
    pub(super) fn dissolve(&mut self, prefix: String, separator: &str, object: Self) {
        let dissolved = Dissolved { prefix, separator: separator.to_owned(), object };
        for (name, known) in &mut self.fields {
            if let Some(more) = dissolved.field(name) {
                *known = more.merged(known.as_fallback());
            }
        }
        self.dissolved.push(dissolved);
    }

    /// Whether fields that no step named come out as they went in.
    pub(super) fn passes_others(&self) -> bool {
        self.own.is_copy_of(&[])
    }

    /// Tells of all fields.
    pub(super) fn tell(&self, flow: &mut RecordFlow) {
        let mut open = vec![(Vec::new(), self)];
        while let Some((path, shape)) = open.pop() {
            for dissolved in &shape.dissolved {
                let field = all_of(&path, &dissolved.prefix);
                flow.fields.push(FieldFlow { field, sources: dissolved.object.collect().to_sources(true) });
            }
            for (name, field) in &shape.fields {
                let mut path = path.clone();
                path.push(name.clone());
                let others = flow.passes_others && field.own.is_copy_of(&path);
                if field.made || !field.own.is_empty() {
                    if !others {
                        let sources = field.own.to_sources(false);
                        flow.fields.push(FieldFlow { field: text_of(&path), sources });
                    }
                } else if field.fields.is_empty() && field.dissolved.is_empty() && !shape.own.is_empty() {
                    flow.removed.push(text_of(&path));
                }
                open.push((path, field));
            }
        }
    }
}
