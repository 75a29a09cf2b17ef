//! What people need to understand a program and peers do not: names and places in the source.
//! Kept in a file beside the program; it does not travel.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::NodeId;

/// A source file that the program was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DebugSource {
    /// As messages name it.
    pub name: String,
}

/// Where a node comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeSpan {
    /// The node.
    pub node: NodeId,
    /// Index into [`Debug::sources`].
    pub source: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// Line, from 1.
    pub line: u32,
}

/// The names of a program and the places of its nodes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debug {
    /// The function.
    pub function: String,
    /// Its parameters that are values, in order: the names of the program's arguments.
    pub parameters: Vec<String>,
    /// Its parameters that are functions, each a callback to the initiator.
    pub callbacks: Vec<String>,
    /// The source files.
    pub sources: Vec<DebugSource>,
    /// Places, sorted by node. A node that is not here belongs to the nearest one before it.
    pub spans: Vec<NodeSpan>,
    /// Names of slots, by number; empty for those the compiler invented.
    pub slots: Vec<String>,
    /// Names of streams, by number.
    pub streams: Vec<String>,
}

/// Why bytes are no debug table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the debug table is damaged: {0}")]
pub struct DebugDecodeError(postcard::Error);

impl Debug {
    /// As bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("a debug table has only texts and numbers")
    }

    /// Reads the bytes.
    ///
    /// # Errors
    ///
    /// [`DebugDecodeError`] if they are damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DebugDecodeError> {
        postcard::from_bytes(bytes).map_err(DebugDecodeError)
    }

    /// Where a node comes from.
    #[must_use]
    pub fn span(&self, node: NodeId) -> Option<&NodeSpan> {
        let behind = self.spans.partition_point(|span| span.node <= node);
        self.spans.get(behind.checked_sub(1)?)
    }
}
