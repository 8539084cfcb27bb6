//! The Merkle tree over the log's entries, as the writer keeps it.

pub(crate) mod edge;
