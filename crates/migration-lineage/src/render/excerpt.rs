//! The part of a graph that a picture shows.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::graph::{
    Direction, EdgeKind, LineageEdge, LineageGraph, LineageNode, Moment, NodeId, NodeKind, Query,
};

/// What is shown as one thing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// A table with all its columns.
    #[default]
    Table,
    /// A column.
    Column,
}

/// What of a graph is shown.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Selection {
    /// The nodes that are asked about, datasets with all their columns; none for the whole graph.
    pub focus: Vec<NodeId>,
    /// Whether to show what they come from, or what comes from them; none for both.
    pub direction: Option<Direction>,
    /// Over how many edges at most.
    pub depth: Option<u32>,
    /// As everything was at a moment; none for now.
    pub as_of: Option<Moment>,
    /// What is shown as one thing.
    pub level: Level,
}

/// Nodes and the edges between them, numbered from 0, the same every time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Excerpt {
    /// The nodes, in the order of the graph.
    pub nodes: Vec<ExcerptNode>,
    /// The edges, by their ends.
    pub edges: Vec<ExcerptEdge>,
}

/// A node that is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ExcerptNode {
    /// `table` or `table.column`.
    pub name: String,
    /// What it stands for.
    pub kind: NodeKind,
    /// Of a column: its table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Whether it was asked about.
    pub focus: bool,
    /// Which node of the graph it is.
    #[serde(skip)]
    pub(super) id: NodeId,
}

/// All edges between two nodes that are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ExcerptEdge {
    /// The number of the node that it comes from.
    pub from: usize,
    /// The number of the node that it goes to.
    pub to: usize,
    /// In which ways.
    pub kinds: BTreeSet<EdgeKind>,
    /// Whether none of them lets the value be told.
    pub masking: bool,
    /// The migrations that have made them.
    pub migrations: BTreeSet<String>,
}

impl Excerpt {
    /// Selects a part of a graph.
    ///
    /// # Panics
    /// For an id that another graph gave out.
    #[must_use]
    pub fn of(graph: &LineageGraph, selection: &Selection) -> Self {
        let moment = selection.as_of.unwrap_or_else(|| graph.now());
        let focus = |id: NodeId, node: &LineageNode| {
            selection.focus.contains(&id) || node.parent.is_some_and(|table| selection.focus.contains(&table))
        };
        let mut all = Self::default();
        let mut places: BTreeMap<NodeId, usize> = BTreeMap::new();
        for (id, node) in graph.nodes().filter(|(_, node)| node.lifetime.contains(moment)) {
            let Some(shown) = shown_as(graph, id, moment, selection.level) else { continue };
            let place = *places.entry(shown).or_insert_with(|| {
                let table = graph.get(shown).parent.map(|parent| graph.get(parent).name.to_string());
                let (name, kind) = (graph.path_of(shown), graph.get(shown).kind);
                all.nodes.push(ExcerptNode { name, kind, table, focus: false, id: shown });
                all.nodes.len() - 1
            });
            all.nodes[place].focus |= focus(id, node);
        }
        let place = |node| places.get(&shown_as(graph, node, moment, selection.level)?).copied();
        all.edges = edges(graph, moment, place);
        if selection.focus.is_empty() { all } else { all.around_focus(selection) }
    }

    /// What is reached from the focus, and the edges on the ways there.
    fn around_focus(self, selection: &Selection) -> Self {
        let mut shown = vec![false; self.nodes.len()];
        let mut on_way = vec![false; self.edges.len()];
        for way in [Direction::Upstream, Direction::Downstream] {
            if selection.direction.is_some_and(|only| only != way) {
                continue;
            }
            let next = self.neighbours(way);
            let mut found: Vec<bool> = self.nodes.iter().map(|node| node.focus).collect();
            let mut level: Vec<usize> = (0..self.nodes.len()).filter(|node| found[*node]).collect();
            let mut distance = 0;
            while !level.is_empty() && selection.depth.is_none_or(|depth| distance < depth) {
                distance += 1;
                let below = level.iter().flat_map(|node| &next[*node]).map(|(node, _)| *node);
                level = below.filter(|node| !std::mem::replace(&mut found[*node], true)).collect();
            }
            for (edge, on_way) in self.edges.iter().zip(&mut on_way) {
                *on_way |= found[edge.from] && found[edge.to];
            }
            shown.iter_mut().zip(&found).for_each(|(shown, found)| *shown |= found);
        }
        let mut numbers = vec![0; self.nodes.len()];
        let mut part = Self::default();
        for (place, node) in self.nodes.into_iter().enumerate().filter(|(place, _)| shown[*place]) {
            numbers[place] = part.nodes.len();
            part.nodes.push(node);
        }
        for (edge, _) in self.edges.into_iter().zip(on_way).filter(|(_, on_way)| *on_way) {
            part.edges.push(ExcerptEdge { from: numbers[edge.from], to: numbers[edge.to], ..edge });
        }
        part
    }

    /// The edges that lead to each node, or from each, with the node at the other end.
    pub(super) fn neighbours(&self, direction: Direction) -> Vec<Vec<(usize, &ExcerptEdge)>> {
        let mut all = vec![Vec::new(); self.nodes.len()];
        for edge in &self.edges {
            match direction {
                Direction::Upstream => all[edge.to].push((edge.from, edge)),
                Direction::Downstream => all[edge.from].push((edge.to, edge)),
            }
        }
        all
    }
}

/// The edges between what is shown, by their ends. A statement that reads one table and writes another is an edge between
/// them, though no column of the one may flow into a column of the other: it may count rows.
fn edges(graph: &LineageGraph, moment: Moment, place: impl Fn(NodeId) -> Option<usize>) -> Vec<ExcerptEdge> {
    let mut found: BTreeMap<(usize, usize), ExcerptEdge> = BTreeMap::new();
    let mut reads: BTreeMap<NodeId, Vec<usize>> = BTreeMap::new();
    let mut writes: Vec<(NodeId, usize)> = Vec::new();
    let lineage = Query::upstream().kinds;
    let counts = |edge: &LineageEdge| edge.lifetime.contains(moment) && lineage.contains(edge.kind);
    for (_, edge) in graph.edges().filter(|(_, edge)| counts(edge)) {
        let (from, to) = match (place(edge.from), place(edge.to)) {
            (Some(from), Some(to)) if from != to => (from, to),
            (Some(from), None) if edge.kind == EdgeKind::Read => {
                reads.entry(edge.to).or_default().push(from);
                continue;
            }
            (None, Some(to)) if edge.kind == EdgeKind::Write => {
                writes.push((edge.from, to));
                continue;
            }
            _ => continue,
        };
        let known = found.entry((from, to)).or_insert_with(|| ExcerptEdge::new(from, to, edge.masking));
        known.kinds.insert(edge.kind);
        known.masking &= edge.masking;
        known.migrations.extend(migration_of(graph, edge.via, edge.lifetime.since()));
    }
    for (statement, to) in writes {
        let since = graph.get(statement).lifetime.since();
        for from in reads.get(&statement).into_iter().flatten().copied().filter(|from| *from != to) {
            let known = found.entry((from, to)).or_insert_with(|| ExcerptEdge::new(from, to, false));
            if known.kinds.is_empty() || known.kinds.contains(&EdgeKind::Read) {
                known.kinds.insert(EdgeKind::Read);
                known.migrations.extend(migration_of(graph, Some(statement), since));
            }
        }
    }
    found.into_values().collect()
}

/// The migration of the statement that makes an edge; of one that none makes, the migration at whose time it began.
fn migration_of(graph: &LineageGraph, via: Option<NodeId>, since: Moment) -> Option<String> {
    let said = via.and_then(|via| graph.get(via).properties.get("migration"));
    said.or_else(|| graph.migration_at(since)).map(str::to_owned)
}

/// The node that stands for another at a level: none for statements and jobs, which are said at the edges that they make,
/// and none for a table whose columns are shown.
fn shown_as(graph: &LineageGraph, node: NodeId, moment: Moment, level: Level) -> Option<NodeId> {
    let data = graph.get(node);
    match (level, data.kind, data.parent) {
        (_, NodeKind::Job | NodeKind::Run | NodeKind::Transformation, _) => None,
        (Level::Table, NodeKind::Column, Some(table)) => Some(table),
        (Level::Column, NodeKind::Dataset, _) => {
            let is_there = |column| graph.get(column).lifetime.contains(moment);
            (!graph.children(node).any(is_there)).then_some(node)
        }
        _ => Some(node),
    }
}

impl ExcerptEdge {
    fn new(from: usize, to: usize, masking: bool) -> Self {
        Self { from, to, kinds: BTreeSet::new(), masking, migrations: BTreeSet::new() }
    }
}
