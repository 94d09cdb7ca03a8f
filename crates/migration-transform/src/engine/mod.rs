//! The engine.
pub(crate) mod simd;
