//! Parquet files: columns put together to records, and records taken apart to columns.
//!
//! Records come and go as NDJSON, as with every other source and sink; what each type is in JSON, and what can't be told in
//! the other, is in `docs/transform.md`.

mod base64;
mod read;
mod write;

pub(crate) use read::Reader;
pub(crate) use write::Writer;
