//! A graph as lines of JSON, which `grep` and `jq` read as well.
//!
//! The first line says what it is, with the timeline. Then the nodes in the order of their ids, a line for each, or for the
//! columns that were added one after the other to one dataset; then the edges: those that follow one another and say the
//! same but for their ends share a line, as pairs of ids.

use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::LineageGraph;
use super::edge::{EdgeKind, LineageEdge};
use super::node::{LineageNode, NodeId, NodeKind, Properties};
use super::time::{Lifetime, Moment};
use crate::flow::Confidence;

/// The version of the format.
const FORMAT: u32 = 1;

/// So many pairs are in one line at most.
const PAIRS: usize = 4096;

/// Why a graph could not be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file could not be read.
    #[error("the graph can't be read")]
    Io(#[source] io::Error),
    /// A line is not what a graph's line is.
    #[error("line {line} is none of a lineage graph")]
    Malformed {
        /// Which, from 1.
        line: usize,
        /// Why not.
        #[source]
        source: serde_json::Error,
    },
    /// A line speaks of a node that no line before it made, or of a node as its own part.
    #[error("line {line} names node {node}, which is not there")]
    UnknownNode {
        /// Which line, from 1.
        line: usize,
        /// Which node.
        node: u32,
    },
    /// The file ends in the middle.
    #[error("the graph ends after {nodes} nodes and {edges} edges, of {of_nodes} and {of_edges}")]
    CutOff {
        /// Nodes that were read.
        nodes: usize,
        /// Edges that were read.
        edges: usize,
        /// Nodes that the first line speaks of.
        of_nodes: usize,
        /// Edges that the first line speaks of.
        of_edges: usize,
    },
    /// It was written by a later version.
    #[error("the graph is of format {found}, and formats up to {FORMAT} can be read")]
    Format {
        /// The format.
        found: u32,
    },
}

/// Why a graph could not be written.
#[derive(Debug, Error)]
#[error("the graph can't be written")]
pub struct WriteError(#[source] io::Error);

#[derive(Serialize, Deserialize)]
struct Head {
    lineage_graph: u32,
    nodes: usize,
    edges: usize,
    timeline: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct NodeLine<'a> {
    kind: NodeKind,
    #[serde(borrow, default, skip_serializing_if = "str_is_empty")]
    namespace: std::borrow::Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "str_is_empty")]
    name: std::borrow::Cow<'a, str>,
    /// In place of a name: those of several columns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    names: Vec<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent: Option<u32>,
    #[serde(default, skip_serializing_if = "is_start")]
    since: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Moment>,
    #[serde(default, skip_serializing_if = "Properties::is_empty")]
    properties: Properties,
}

/// Edges that say the same but for their ends.
#[derive(Serialize, Deserialize)]
struct EdgeLine {
    edge: EdgeKind,
    #[serde(default, skip_serializing_if = "is_false")]
    masking: bool,
    #[serde(default)]
    confidence: Confidence,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    via: Option<NodeId>,
    #[serde(default, skip_serializing_if = "is_start")]
    since: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Moment>,
    /// From, to, from, to, …
    ends: Vec<u32>,
}

impl EdgeLine {
    fn of(edge: &LineageEdge) -> Self {
        let (since, until) = (edge.lifetime.since(), edge.lifetime.until());
        let LineageEdge { kind, masking, confidence, via, .. } = *edge;
        Self { edge: kind, masking, confidence, via, since, until, ends: Vec::new() }
    }
}

impl LineageGraph {
    /// Writes the graph. The same graph comes to the same bytes.
    ///
    /// # Errors
    /// [`WriteError`] when it can't be written.
    pub fn write(&self, mut to: impl Write) -> Result<(), WriteError> {
        let head = Head {
            lineage_graph: FORMAT,
            nodes: self.nodes.len(),
            edges: self.edges.len(),
            timeline: self.timeline.clone(),
        };
        line(&mut to, &head)?;
        for group in self.nodes.chunk_by(columns_alike) {
            let [node, ..] = group else { continue };
            let names = if group.len() > 1 {
                group.iter().map(|node| node.name.clone()).collect()
            } else {
                Vec::new()
            };
            let node = NodeLine {
                kind: node.kind,
                namespace: (&*node.namespace).into(),
                name: if group.len() > 1 { "".into() } else { (&*node.name).into() },
                names,
                parent: node.parent.map(|parent| parent.0),
                since: node.lifetime.since(),
                until: node.lifetime.until(),
                properties: node.properties.clone(),
            };
            line(&mut to, &node)?;
        }
        let alike = |a: &LineageEdge, b: &LineageEdge| LineageEdge { from: b.from, to: b.to, ..*a } == *b;
        for group in self.edges.chunk_by(alike).flat_map(|group| group.chunks(PAIRS)) {
            let ends = group.iter().flat_map(|edge| [edge.from.0, edge.to.0]).collect();
            line(&mut to, &EdgeLine { ends, ..EdgeLine::of(&group[0]) })?;
        }
        to.flush().map_err(WriteError)
    }

    /// Reads a graph.
    ///
    /// # Errors
    /// [`ReadError`] for anything but what [`LineageGraph::write`] writes.
    pub fn read(mut from: impl BufRead) -> Result<Self, ReadError> {
        let mut text = Vec::new();
        let mut number = 0;
        let mut next = |text: &mut Vec<u8>| {
            text.clear();
            number += 1;
            from.read_until(b'\n', text).map_err(ReadError::Io).map(|_| number)
        };
        let at = next(&mut text)?;
        let head: Head = parse(&text, at)?;
        if head.lineage_graph > FORMAT {
            return Err(ReadError::Format { found: head.lineage_graph });
        }
        let mut graph = Self { timeline: head.timeline, ..Self::new() };
        // A file may claim any size: what is set aside beforehand is bounded.
        graph.nodes.reserve(head.nodes.min(1 << 20));
        graph.edges.reserve(head.edges.min(1 << 20));
        while graph.nodes.len() < head.nodes || graph.edges.len() < head.edges {
            let at = next(&mut text)?;
            if text.is_empty() {
                return Err(ReadError::CutOff {
                    nodes: graph.nodes.len(),
                    edges: graph.edges.len(),
                    of_nodes: head.nodes,
                    of_edges: head.edges,
                });
            }
            if graph.nodes.len() < head.nodes {
                graph.take_node(parse(&text, at)?, at)?;
            } else {
                let (edges, ends) = edge_line(&text, at)?;
                graph.take_edges(&edges, &ends, at)?;
            }
        }
        graph.index_all();
        Ok(graph)
    }

    fn take_node(&mut self, node: NodeLine<'_>, line: usize) -> Result<(), ReadError> {
        let before = self.nodes.len();
        let parent = node.parent.map(|parent| self.known(parent, line)).transpose()?;
        let namespace = self.namespace(&node.namespace);
        let lifetime = Lifetime::from(node.since).ended_at(node.until);
        let NodeLine { kind, name, names, properties, .. } = node;
        let all = LineageNode { kind, namespace, parent, name: "".into(), lifetime, properties };
        self.nodes.extend(names.into_iter().map(|name| LineageNode { name, ..all.clone() }));
        if self.nodes.len() == before {
            self.nodes.push(LineageNode { name: name.into(), ..all });
        }
        Ok(())
    }

    fn take_edges(&mut self, edges: &EdgeLine, ends: &[u32], line: usize) -> Result<(), ReadError> {
        let via = edges.via.map(|via| self.known(via.0, line)).transpose()?;
        let lifetime = Lifetime::from(edges.since).ended_at(edges.until);
        let EdgeLine { edge: kind, masking, confidence, .. } = *edges;
        self.unchanged.narrow(lifetime);
        for ends in ends.chunks(2) {
            let [from, to] = *ends else {
                let source = serde::de::Error::custom("an odd number of ends");
                return Err(ReadError::Malformed { line, source });
            };
            let (from, to) = (self.known(from, line)?, self.known(to, line)?);
            self.edges.push(LineageEdge { from, to, kind, masking, confidence, via, lifetime });
        }
        Ok(())
    }

    fn known(&self, node: u32, line: usize) -> Result<NodeId, ReadError> {
        if (node as usize) < self.nodes.len() {
            Ok(NodeId(node))
        } else {
            Err(ReadError::UnknownNode { line, node })
        }
    }
}

/// Whether two nodes are columns that differ in nothing but their names.
fn columns_alike(a: &LineageNode, b: &LineageNode) -> bool {
    a.kind == NodeKind::Column
        && (b.kind, b.parent, b.lifetime) == (a.kind, a.parent, a.lifetime)
        && a.namespace == b.namespace
        && a.properties.is_empty()
        && b.properties.is_empty()
}

/// The edges of a line, and their ends. Those are most of a graph: where they stand as they are written they are read by hand.
fn edge_line(text: &[u8], line: usize) -> Result<(EdgeLine, Vec<u32>), ReadError> {
    const ENDS: &[u8] = b"\"ends\":[";
    if let Some(at) = text.windows(ENDS.len()).position(|here| here == ENDS)
        && let Some(ends) = numbers(&text[at + ENDS.len()..])
    {
        let head = [&text[..at + ENDS.len()], b"]}"].concat();
        return Ok((parse(&head, line)?, ends));
    }
    let mut edges: EdgeLine = parse(text, line)?;
    let ends = std::mem::take(&mut edges.ends);
    Ok((edges, ends))
}

/// Numbers with nothing but commas between them, up to the end of the list and of the line; nothing for whatever else may be
/// there.
fn numbers(text: &[u8]) -> Option<Vec<u32>> {
    let list = text.trim_ascii_end().strip_suffix(b"]}")?;
    let mut found = Vec::with_capacity(list.len() / 6);
    let mut bytes = list.iter();
    loop {
        let (mut number, mut digits) = (0u64, 0);
        let end = loop {
            match bytes.next() {
                Some(byte @ b'0'..=b'9') => {
                    number = number * 10 + u64::from(byte - b'0');
                    digits += 1;
                }
                end => break end,
            }
            if digits > 10 {
                return None;
            }
        };
        // JSON has no number that begins with a zero.
        let leads = digits > 1 && number < 10u64.pow(digits - 1);
        if digits == 0 || leads {
            return None;
        }
        found.push(u32::try_from(number).ok()?);
        match end {
            Some(b',') => {}
            Some(_) => return None,
            None => return Some(found),
        }
    }
}

fn parse<'a, T: Deserialize<'a>>(text: &'a [u8], line: usize) -> Result<T, ReadError> {
    serde_json::from_slice(text).map_err(|source| ReadError::Malformed { line, source })
}

fn line(to: &mut impl Write, value: &impl Serialize) -> Result<(), WriteError> {
    serde_json::to_writer(&mut *to, value).map_err(|error| WriteError(error.into()))?;
    to.write_all(b"\n").map_err(WriteError)
}

fn str_is_empty(text: &str) -> bool {
    text.is_empty()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
fn is_start(moment: &Moment) -> bool {
    *moment == Moment::default()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
fn is_false(value: &bool) -> bool {
    !value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(ends: &str) -> Result<usize, ReadError> {
        let text = format!(
            "{{\"lineage_graph\":1,\"nodes\":2,\"edges\":2,\"timeline\":[]}}\n\
             {{\"kind\":\"dataset\",\"name\":\"a\"}}\n{{\"kind\":\"dataset\",\"name\":\"b\"}}\n\
             {{\"edge\":\"IDENTITY\",\"ends\":{ends}}}\n"
        );
        LineageGraph::read(text.as_bytes()).map(|graph| graph.edges().len())
    }

    #[test]
    fn numbers_by_hand_are_those_of_json() {
        assert_eq!(read("[0,1,1,0]").ok(), Some(2));
        assert_eq!(read("[ 0, 1 , 1,0 ]").ok(), Some(2));
        for wrong in
            ["[0,1,1,00]", "[0,1,1,]", "[0,1,1,-1]", "[0,1,1,1.0]", "[0,1,1,99999999999]", "[0,1,1,0"]
        {
            assert!(matches!(read(wrong), Err(ReadError::Malformed { line: 4, .. })), "{wrong}");
        }
        assert!(matches!(read("[0,1,1,2]"), Err(ReadError::UnknownNode { line: 4, node: 2 })));
        assert_eq!(numbers(b"1,20,4294967295]}\n"), Some(vec![1, 20, u32::MAX]));
        assert_eq!(numbers(b"4294967296]}"), None);
    }
}
