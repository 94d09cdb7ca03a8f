//! What an expression reads, and in which way.

use std::collections::BTreeMap;

use migration_model::FlowKind;

use super::Expression;
use super::function::Function;
use super::node::Node;
use crate::path::Path;

impl Expression {
    /// The field that it passes on as it is, if it is nothing but that.
    pub(crate) fn copied(&self) -> Option<&Path> {
        match &self.root {
            Node::Field(slot) => self.paths.get(*slot),
            _ => None,
        }
    }

    /// Whether there may be records for which it can't be computed.
    pub(crate) fn may_fail(&self) -> bool {
        !matches!(self.root, Node::Literal(_) | Node::Field(_))
    }

    /// The fields that it reads: those that its value is computed from, and those that decide which value it is. A field may
    /// be both.
    pub(crate) fn sources(&self) -> Vec<(&Path, FlowKind)> {
        let mut found = BTreeMap::new();
        let mut open = vec![(&self.root, FlowKind::Transformation)];
        while let Some((node, kind)) = open.pop() {
            if let Node::Field(slot) = node {
                found.insert((*slot, kind), ());
            }
            parts(node, &mut |part, role| open.push((part, role.after(kind))));
        }
        found.keys().filter_map(|(slot, kind)| Some((self.paths.get(*slot)?, *kind))).collect()
    }
}

/// Tells of the parts of a node, each with what it is good for.
fn parts<'n>(node: &'n Node, tell: &mut dyn FnMut(&'n Node, FlowKind)) {
    const VALUE: FlowKind = FlowKind::Transformation;
    const CONDITION: FlowKind = FlowKind::Conditional;
    match node {
        Node::Literal(_) | Node::Field(_) => {}
        Node::Not(one) | Node::Negate(one) | Node::IsNull(one) | Node::Cast(one, ..) => tell(one, VALUE),
        Node::And(all) | Node::Or(all) | Node::Join(all) => all.iter().for_each(|one| tell(one, VALUE)),
        Node::Calculate(_, a, b) | Node::Compare(_, a, b) | Node::Like(a, b, _) => {
            tell(a, VALUE);
            tell(b, VALUE);
        }
        Node::In(one, all) => {
            tell(one, VALUE);
            all.iter().for_each(|one| tell(one, VALUE));
        }
        Node::Between(a, b, c) => [a, b, c].into_iter().for_each(|one| tell(one, VALUE)),
        Node::Case(case) => {
            case.subject.iter().for_each(|subject| tell(subject, CONDITION));
            for (condition, value) in &case.arms {
                tell(condition, CONDITION);
                tell(value, VALUE);
            }
            case.otherwise.iter().for_each(|value| tell(value, VALUE));
        }
        Node::Call(function, arguments) => {
            for (place, argument) in arguments.iter().enumerate() {
                let decides = match function {
                    Function::Iif => place == 0,
                    Function::NullIf => place == 1,
                    _ => false,
                };
                tell(argument, if decides { CONDITION } else { VALUE });
            }
        }
    }
}
