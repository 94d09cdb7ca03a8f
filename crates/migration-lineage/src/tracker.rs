//! Lineage as it happens: an observer of runs that keeps a graph.

mod work;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use migration_model::{Event, Observer, ObserverError};
use migration_syntax::Dialect;

use crate::graph::{GraphBuilder, History, LineageGraph, LineageNode, NodeId, NodeKind, Query};
use work::{Message, StepChange, Worker};

/// How many statements may wait to be analysed, unless another number is asked for.
const WAITING: usize = 100_000;

/// Watches runs of migrations and keeps a [`LineageGraph`] of what they did.
///
/// As an observer it never fails, waits for nothing and analyses nothing itself: texts go to a thread of its own. When more
/// texts wait there than may, the text at hand is left out and counted, see [`LineageTracker::lost`]. What a run did enters the
/// graph when the run is over, as only then it is known what took effect and still does.
///
/// A property `line` is counted within the statement, as a run doesn't tell where a statement stood.
#[derive(Debug)]
pub struct LineageTracker {
    shared: Arc<Shared>,
    sender: Sender<Message>,
}

#[derive(Debug)]
struct Shared {
    builder: Mutex<GraphBuilder>,
    namespace: String,
    capacity: usize,
    waiting: AtomicUsize,
    lost: AtomicU64,
}

impl LineageTracker {
    /// A tracker of an empty database.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Self::with_capacity(dialect, WAITING)
    }

    /// The same, with so many statements that may wait at most.
    #[must_use]
    pub fn with_capacity(dialect: Dialect, capacity: usize) -> Self {
        Self::after(GraphBuilder::new(dialect), dialect, capacity)
    }

    /// A tracker of a database in which migrations are in effect: their ids and texts, in the order in which they ran. Their
    /// names are known then, and their part of the graph is there.
    ///
    /// ```
    /// use migration_lineage::LineageTracker;
    /// use migration_syntax::Dialect;
    ///
    /// let applied = [("001_people", "CREATE TABLE people (id INTEGER, name TEXT)")];
    /// let tracker = LineageTracker::from_history(Dialect::Sqlite, applied);
    /// assert_eq!(tracker.graph().nodes().len(), 4); // the table, two columns, the statement
    /// ```
    #[must_use]
    pub fn from_history<I, T>(dialect: Dialect, applied: impl IntoIterator<Item = (I, T)>) -> Self
    where
        I: AsRef<str>,
        T: AsRef<str>,
    {
        let mut builder = GraphBuilder::new(dialect);
        for (id, text) in applied {
            builder.migration(id.as_ref(), text.as_ref());
        }
        Self::after(builder, dialect, WAITING)
    }

    fn after(builder: GraphBuilder, dialect: Dialect, capacity: usize) -> Self {
        let shared = Arc::new(Shared {
            builder: Mutex::new(builder),
            namespace: dialect.as_str().to_owned(),
            capacity,
            waiting: AtomicUsize::new(0),
            lost: AtomicU64::new(0),
        });
        let (sender, receiver): (Sender<Message>, Receiver<Message>) = channel();
        let worker = Worker::new(Arc::clone(&shared));
        // Without a thread every text is lost, and counted as such.
        let _ = std::thread::Builder::new().name("lineage".to_owned()).spawn(move || worker.run(&receiver));
        Self { shared, sender }
    }

    /// Notes a dataset, with its columns.
    pub fn register_dataset(&self, name: &str, columns: &[&str]) -> NodeId {
        let mut builder = self.shared.builder();
        let graph = builder.graph_mut();
        let dataset = graph.dataset(&self.shared.namespace, name);
        for column in columns {
            graph.column(dataset, column);
        }
        dataset
    }

    /// Notes something that reads some datasets and writes others.
    ///
    /// # Panics
    /// For an id that another graph gave out.
    pub fn register_transformation(&self, name: &str, inputs: &[NodeId], outputs: &[NodeId]) -> NodeId {
        self.shared.builder().declare(NodeKind::Transformation, name, inputs, outputs)
    }

    /// Notes something that uses others: a model, a dashboard, a report, something outside.
    ///
    /// # Panics
    /// For an id that another graph gave out.
    pub fn register_consumer(&self, kind: NodeKind, name: &str, uses: &[NodeId]) -> NodeId {
        self.shared.builder().declare(kind, name, uses, &[])
    }

    /// What something comes from as things are now, by its name: `table`, or `table.column`. Nearest first, over so many edges
    /// at most.
    #[must_use]
    pub fn get_origin(&self, name: &str, depth: Option<u32>) -> Vec<String> {
        self.ask(name, Query { depth, ..Query::upstream() })
    }

    /// What depends on something, likewise.
    #[must_use]
    pub fn get_impact(&self, name: &str, depth: Option<u32>) -> Vec<String> {
        self.ask(name, Query { depth, ..Query::downstream() })
    }

    /// The graph as it is now.
    #[must_use]
    pub fn graph(&self) -> LineageGraph {
        self.shared.builder().graph().clone()
    }

    /// Everything as it is now: the graph, the catalogue, what was not understood.
    #[must_use]
    pub fn history(&self) -> History {
        self.shared.builder().clone().finish()
    }

    /// How many statements were left out, as too many were waiting.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.shared.lost.load(Ordering::Relaxed)
    }

    /// Waits until what was told before is in the graph, but not longer than a time. Whether it is.
    pub fn flush(&self, limit: Duration) -> bool {
        let (done, wait) = channel();
        self.sender.send(Message::Flush(done)).is_ok() && wait.recv_timeout(limit).is_ok()
    }

    fn ask(&self, name: &str, query: Query) -> Vec<String> {
        let builder = self.shared.builder();
        let graph = builder.graph();
        let is_path = |node: &LineageNode| {
            let table = name.strip_suffix(&*node.name)?.strip_suffix('.')?;
            Some(*graph.get(node.parent?).name == *table)
        };
        // A column is called by its table, unless it is a path of its own.
        let is_called = |node: &LineageNode| {
            let by_name = *node.name == *name && (node.kind != NodeKind::Column || name.contains('.'));
            by_name || is_path(node) == Some(true)
        };
        let from: Vec<NodeId> = graph
            .nodes()
            .filter(|(_, node)| node.lifetime.is_open() && is_called(node))
            .map(|(id, _)| id)
            .collect();
        let query = query.as_of(graph.now());
        graph.reach(&from, &query).iter().map(|reached| graph.path_of(reached.node)).collect()
    }

    /// Hands a text on, if not too many wait.
    fn hand_on(&self, message: Message) {
        let shared = &self.shared;
        if shared.waiting.fetch_add(1, Ordering::Relaxed) >= shared.capacity
            || self.sender.send(message).is_err()
        {
            shared.waiting.fetch_sub(1, Ordering::Relaxed);
            shared.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Observer for LineageTracker {
    fn on_event(&self, event: &Event<'_>) -> Result<(), ObserverError> {
        match event {
            Event::StatementExecuted { migration, number, sql, .. } => {
                let (migration, sql) = ((*migration).to_owned(), (*sql).to_owned());
                self.hand_on(Message::Statement { migration, number: *number, sql });
            }
            Event::MigrationStarted { id, .. } => {
                let _ = self.sender.send(Message::Started((*id).to_owned()));
            }
            Event::StepFinished { migration, step, declared, .. } => {
                let what = StepChange::Done(declared.cloned());
                self.hand_on(Message::Step { migration: (*migration).into(), step: (*step).into(), what });
            }
            Event::StepRolledBack { migration, step, .. } => {
                let what = StepChange::Undone;
                self.hand_on(Message::Step { migration: (*migration).into(), step: (*step).into(), what });
            }
            Event::RecordsFinished { input, output, flow, .. } => {
                let (input, output) = ((*input).to_owned(), (*output).to_owned());
                self.hand_on(Message::Records { input, output, flow: (*flow).clone() });
            }
            Event::RunFinished { results } => {
                let results = results.iter().map(|r| (r.migration_id.clone(), r.steps_completed)).collect();
                let _ = self.sender.send(Message::Finished(results));
            }
            _ => {}
        }
        Ok(())
    }
}

impl Shared {
    /// A thread that panicked with the lock has left a graph that lacks something, no broken one.
    fn builder(&self) -> MutexGuard<'_, GraphBuilder> {
        self.builder.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
