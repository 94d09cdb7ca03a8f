//! What the operations compute and read, by name: looked through once, not once for each field.

use std::collections::HashMap;

use crate::engine::names::{OTHER, Slot};
use crate::engine::ops::{Op, Set};

/// What is asked of the operations for each name.
pub(super) struct Facts {
    /// Of each operation the names that it computes, and those that it computes twice.
    pub(super) computed: Vec<Set>,
    pub(super) twice: Vec<Set>,
    /// The operations whose expressions read a name, each with the cell: in order.
    pub(super) readers: HashMap<Slot, Vec<(usize, usize)>>,
}

impl Facts {
    /// `cells` are the operation and the name of each value that an expression reads.
    pub(super) fn new(ops: &[Op], cells: &[(usize, Slot)]) -> Self {
        let mut facts = Self { computed: Vec::new(), twice: Vec::new(), readers: HashMap::new() };
        for op in ops {
            let (mut computed, mut twice) = (Set::default(), Set::default());
            if let Op::Set(set) = op {
                for (slot, ..) in &set.fields {
                    if computed.has(*slot) {
                        twice.add(*slot);
                    }
                    computed.add(*slot);
                }
            }
            facts.computed.push(computed);
            facts.twice.push(twice);
        }
        for (cell, (op, slot)) in cells.iter().enumerate().filter(|(_, (_, slot))| *slot != OTHER) {
            facts.readers.entry(*slot).or_default().push((*op, cell));
        }
        facts
    }
}
