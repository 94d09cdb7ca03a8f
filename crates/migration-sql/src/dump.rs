//! What a dump of the schema holds.

/// What a dump of the schema holds.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct DumpOptions {
    /// Tables left out of the dump: the tracking tables, unless the reader wants to see them.
    pub without: Vec<String>,
}
