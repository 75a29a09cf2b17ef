//! The shape of a program's tree: parents, ends and homes, found in one pass over the nodes.

use alloc::vec::Vec;

use crate::limits::MAX_NODE_DEPTH;
use crate::{NodeId, PlaceId, Program, VerifyError};

/// For each node its parent, its end and its home.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tree(Vec<TreeNode>);

#[derive(Debug, Clone, Copy, PartialEq)]
struct TreeNode {
    parent: Option<NodeId>,
    /// One past the last node below.
    end: NodeId,
    home: Option<PlaceId>,
}

/// A number of things as an id; more than fit are refused before anything is counted.
pub(crate) fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

impl Tree {
    /// Finds parents and ends without recursion.
    pub(crate) fn grow(program: &Program) -> Result<Self, VerifyError> {
        let mut tree: Vec<TreeNode> = Vec::with_capacity(program.nodes.len());
        // Open nodes with the number of children that are still to come.
        let mut open: Vec<(NodeId, u32)> = Vec::new();
        for (at, node) in program.nodes.iter().enumerate() {
            let id = NodeId(count(at));
            let parent = open.last().map(|(parent, _)| *parent);
            if at > 0 && parent.is_none() {
                return Err(VerifyError::BadTree(id));
            }
            if let Some((_, missing)) = open.last_mut() {
                *missing -= 1;
            }
            tree.push(TreeNode { parent, end: NodeId(id.0 + 1), home: None });
            open.push((id, node.arity()));
            if open.len() > MAX_NODE_DEPTH {
                return Err(VerifyError::TooLarge("nested nodes"));
            }
            while let Some((done, _)) = open.pop_if(|(_, missing)| *missing == 0) {
                if let Some(entry) = tree.get_mut(done.index()) {
                    entry.end = NodeId(id.0 + 1);
                }
            }
        }
        open.last().map_or(Ok(Self(tree)), |(unfinished, _)| Err(VerifyError::BadTree(*unfinished)))
    }

    /// Hands the homes down the tree.
    pub(crate) fn settle(&mut self, program: &Program) -> Result<(), VerifyError> {
        if !program.homes.is_sorted_by(|a, b| a.node < b.node) {
            return Err(VerifyError::UnsortedHomes);
        }
        let mut homes = program.homes.iter().peekable();
        for index in 0..self.0.len() {
            let node = NodeId(count(index));
            let inherited = self.parent(node).and_then(|parent| self.home(parent));
            let own = homes.next_if(|home| home.node == node).map(|home| home.place);
            if let Some(place) = own
                && program.place(place).is_none()
            {
                return Err(VerifyError::Dangling { what: "place", number: place.0 });
            }
            if let Some(entry) = self.0.get_mut(index) {
                entry.home = own.or(inherited);
            }
        }
        homes
            .next()
            .map_or(Ok(()), |home| Err(VerifyError::Dangling { what: "node", number: home.node.0 }))
    }

    pub(crate) fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.0.get(node.index())?.parent
    }

    pub(crate) fn end(&self, node: NodeId) -> NodeId {
        self.0.get(node.index()).map_or(node, |entry| entry.end)
    }

    pub(crate) fn home(&self, node: NodeId) -> Option<PlaceId> {
        self.0.get(node.index())?.home
    }
}
