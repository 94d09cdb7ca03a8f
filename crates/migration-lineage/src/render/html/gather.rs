//! The model of a page, gathered from a graph and, for keys and the order of columns, a catalogue.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::model::{Column, Edge, Key, Model, Past, Statement, Table};
use crate::catalogue::{Catalogue, ConstraintKind, Relation};
use crate::graph::{EdgeKind, EdgeKinds, LineageEdge, LineageGraph, Moment, NodeId, NodeKind};
use crate::name::Ident;
use crate::render::excerpt::{Excerpt, Selection};

/// Gathers what of a graph is selected: whole tables, and all edges between them. The catalogue is that of the moment.
pub(super) fn gather(graph: &LineageGraph, catalogue: &Catalogue, selection: &Selection) -> Model {
    let moment = selection.as_of.unwrap_or_else(|| graph.now());
    let table = |id: NodeId| graph.get(id).parent.unwrap_or(id);
    let selected: BTreeSet<NodeId> =
        Excerpt::of(graph, selection).nodes.iter().map(|n| table(n.id)).collect();
    let mut tables: Vec<NodeId> = selected.into_iter().collect();
    tables.sort_by_key(|id| (&graph.get(*id).name, *id));
    let mut gathering = Gathering {
        graph,
        moment,
        numbers: HashMap::new(),
        statements: BTreeMap::new(),
        model: Model::default(),
    };
    gathering.number_statements();
    gathering.tables(&tables, catalogue);
    gathering.edges();
    gathering.drop_unused_statements();
    let Gathering { mut model, numbers, .. } = gathering;
    model.focus = selection.focus.iter().filter_map(|id| numbers.get(id).copied()).collect();
    model
}

struct Gathering<'a> {
    graph: &'a LineageGraph,
    moment: Moment,
    /// What is shown, with its number.
    numbers: HashMap<NodeId, usize>,
    /// Every statement, with its place.
    statements: BTreeMap<NodeId, usize>,
    model: Model,
}

impl Gathering<'_> {
    fn number_statements(&mut self) {
        let all = self.graph.nodes().filter(|(_, node)| node.kind == NodeKind::Transformation);
        for (id, node) in all {
            let said = |name| node.properties.get(name).unwrap_or_default().to_owned();
            self.statements.insert(id, self.model.statements.len());
            self.model.statements.push(Statement {
                migration: said("migration"),
                line: said("line").parse().ok(),
                sql: node.properties.get("sql").unwrap_or(&node.name).to_owned(),
            });
        }
    }

    fn tables(&mut self, tables: &[NodeId], catalogue: &Catalogue) {
        let known: HashMap<String, &Relation> = catalogue
            .relations()
            .map(|relation| (catalogue.canonical(&relation.name).to_string(), relation))
            .collect();
        for (number, id) in tables.iter().enumerate() {
            self.numbers.insert(*id, number);
        }
        for id in tables {
            let node = self.graph.get(*id);
            let relation = known.get(&*node.name).copied();
            let first = self.model.columns.len();
            for column in self.columns_in_order(*id, relation) {
                self.numbers.insert(column, tables.len() + self.model.columns.len());
                let data = self.graph.get(column);
                let data_type = data.properties.get("type").unwrap_or_default().to_owned();
                let key = relation.map(|relation| key_of(relation, &data.name)).unwrap_or_default();
                let past = self.past(column);
                self.model.columns.push(Column { name: data.name.to_string(), data_type, key, past });
            }
            let kind = match node.kind {
                NodeKind::Dataset => node.properties.get("relation").unwrap_or("table"),
                other => other.as_str(),
            };
            self.model.tables.push(Table {
                name: node.name.to_string(),
                kind: kind.to_owned(),
                columns: first..self.model.columns.len(),
                statements: Vec::new(),
                past: self.past(*id),
            });
        }
    }

    /// The columns of a table at the moment: as its definition has them, then those that only their use tells of.
    fn columns_in_order(&self, table: NodeId, relation: Option<&Relation>) -> Vec<NodeId> {
        let is_there = |column: &NodeId| self.graph.get(*column).lifetime.contains(self.moment);
        let mut columns: Vec<NodeId> = self.graph.children(table).filter(is_there).collect();
        let place: HashMap<&str, usize> = relation
            .into_iter()
            .flat_map(|relation| relation.columns.iter().enumerate())
            .map(|(place, column)| (column.name.as_str(), place))
            .collect();
        columns.sort_by_key(|column| {
            (place.get(&*self.graph.get(*column).name).copied().unwrap_or(usize::MAX), *column)
        });
        columns
    }

    /// The names that something had, if there were others than the one it has.
    fn past(&self, node: NodeId) -> Vec<Past> {
        let past = self.graph.history(node);
        if past.len() < 2 {
            return Vec::new();
        }
        let until_now = past.into_iter().filter(|past| self.since(past.node) <= self.moment);
        until_now
            .map(|past| Past {
                name: self.graph.path_of(past.node),
                by: past.by,
                migration: self.graph.migration_at(self.since(past.node)).map(str::to_owned),
            })
            .collect()
    }

    fn since(&self, node: NodeId) -> Moment {
        self.graph.get(node).lifetime.since()
    }

    /// The edges of the moment. What a statement reads without any of it flowing into a column leads to the whole table.
    fn edges(&mut self) {
        let mut found: BTreeMap<(usize, usize), Edge> = BTreeMap::new();
        let mut reads: BTreeMap<NodeId, Vec<usize>> = BTreeMap::new();
        let mut writes: Vec<(NodeId, usize)> = Vec::new();
        let graph = self.graph;
        for (_, edge) in graph.edges().filter(|(_, edge)| edge.lifetime.contains(self.moment)) {
            let (from, to) = (self.numbers.get(&edge.from).copied(), self.numbers.get(&edge.to).copied());
            match (from, to, edge.kind) {
                (Some(from), Some(to), EdgeKind::Reference) => self.model.references.push((from, to)),
                (Some(from), Some(to), kind) if from != to && EdgeKinds::LINEAGE.contains(kind) => {
                    let known = found.entry((from, to)).or_insert_with(|| Edge::between(from, to, edge));
                    known.kinds.insert(kind);
                    known.masking &= edge.masking;
                    known.statements.extend(edge.via.and_then(|via| self.statements.get(&via)));
                }
                (Some(from), None, EdgeKind::Read) => reads.entry(edge.to).or_default().push(from),
                (None, Some(to), EdgeKind::Write) => writes.push((edge.from, to)),
                _ => {}
            }
        }
        let mut found = self.without_what_columns_say(found);
        let joined: BTreeSet<(usize, usize)> =
            found.keys().map(|(from, to)| (self.model.table_of(*from), self.model.table_of(*to))).collect();
        for (id, to) in writes {
            let Some(statement) = self.statements.get(&id).copied() else { continue };
            if let Some(table) = self.model.tables.get_mut(to) {
                table.statements.push(statement);
            }
            for from in reads.get(&id).into_iter().flatten().copied() {
                if from != to && !joined.contains(&(from, to)) {
                    let edge = found.entry((from, to)).or_insert_with(|| Edge::read(from, to));
                    edge.statements.insert(statement);
                }
            }
        }
        for table in &mut self.model.tables {
            table.statements.sort_unstable();
            table.statements.dedup();
        }
        self.model.references.sort_unstable();
        self.model.references.dedup();
        for (_, to) in &self.model.references {
            if let Some(column) = to.checked_sub(self.model.tables.len()) {
                self.model.columns[column].key.foreign = true;
            }
        }
        self.model.edges = found.into_values().collect();
    }

    /// Without edges from a column to a whole table of which the columns have such an edge themselves: what decides on rows
    /// is said of each column.
    fn without_what_columns_say(
        &self,
        mut found: BTreeMap<(usize, usize), Edge>,
    ) -> BTreeMap<(usize, usize), Edge> {
        let tables = self.model.tables.len();
        let said: BTreeSet<(usize, usize)> = found
            .keys()
            .filter(|(_, to)| *to >= tables)
            .map(|(from, to)| (*from, self.model.table_of(*to)))
            .collect();
        found.retain(|(from, to), _| *to >= tables || !said.contains(&(*from, *to)));
        found
    }

    fn drop_unused_statements(&mut self) {
        let model = &mut self.model;
        let of_tables = model.tables.iter().flat_map(|table| &table.statements);
        let used: BTreeSet<usize> =
            of_tables.chain(model.edges.iter().flat_map(|edge| &edge.statements)).copied().collect();
        let places: HashMap<usize, usize> = used.iter().enumerate().map(|(new, old)| (*old, new)).collect();
        let mut old = 0;
        model.statements.retain(|_| {
            old += 1;
            used.contains(&(old - 1))
        });
        for table in &mut model.tables {
            table.statements.iter_mut().for_each(|statement| *statement = places[statement]);
        }
        for edge in &mut model.edges {
            edge.statements = edge.statements.iter().map(|statement| places[statement]).collect();
        }
    }
}

impl Edge {
    fn between(from: usize, to: usize, edge: &LineageEdge) -> Self {
        Self { from, to, kinds: BTreeSet::new(), masking: edge.masking, statements: BTreeSet::new() }
    }

    fn read(from: usize, to: usize) -> Self {
        let kinds = BTreeSet::from([EdgeKind::Read]);
        Self { from, to, kinds, masking: false, statements: BTreeSet::new() }
    }
}

/// What a column is to its table; keys of several columns make none of them unique.
fn key_of(relation: &Relation, column: &str) -> Key {
    let in_key = |kind: ConstraintKind| {
        let keys = relation.constraints.iter().filter(move |key| key.kind == kind);
        keys.map(|key| &key.columns).filter(move |columns| columns.iter().any(|c| c.as_str() == column))
    };
    let alone = |columns: &Vec<Ident>| columns.len() == 1;
    Key {
        primary: in_key(ConstraintKind::PrimaryKey).next().is_some(),
        unique: in_key(ConstraintKind::Unique).any(alone),
        foreign: in_key(ConstraintKind::ForeignKey).next().is_some(),
        required: relation.columns.iter().any(|known| known.name.as_str() == column && !known.nullable),
    }
}
