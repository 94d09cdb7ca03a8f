//! Runs over small inputs: whatever the threads and chunks, the same bytes.
