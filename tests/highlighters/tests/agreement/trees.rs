//! tree-sitter grammar + query + text → the capture of every byte.

use tree_sitter::{Node, Parser, Query, QueryCursor, StreamingIterator, Tree};

/// A query of a grammar.
pub(crate) struct Highlighter {
    parser: Parser,
    query: Query,
}

impl Highlighter {
    /// With the text of a `.scm`.
    pub(crate) fn new(query: &str) -> Self {
        let language = tree_sitter_aqua::LANGUAGE.into();
        let mut parser = Parser::new();
        parser.set_language(&language).unwrap();
        Self { parser, query: Query::new(&language, query).unwrap() }
    }

    /// The tree of a text.
    pub(crate) fn tree(&mut self, text: &str) -> Tree {
        self.parser.parse(text, None).unwrap()
    }

    /// The name of each byte's capture. A node inside another one wins.
    pub(crate) fn captures(&self, tree: &Tree, text: &str) -> Vec<Option<&str>> {
        let mut cursor = QueryCursor::new();
        let mut all = cursor.captures(&self.query, tree.root_node(), text.as_bytes());
        let mut found = Vec::new();
        while let Some((matched, at)) = all.next() {
            let capture = matched.captures()[*at];
            let name = self.query.capture_names()[capture.index as usize];
            found.push((capture.node.byte_range(), name));
        }
        found.sort_by_key(|(range, _)| (range.start, usize::MAX - range.end));
        let mut bytes = vec![None; text.len()];
        for pair in found.windows(2) {
            let [(a, first), (b, second)] = pair else { unreachable!() };
            // Editors disagree about which of two would win.
            assert!(a != b || first == second, "{:?} is @{first} and @{second}", &text[a.clone()]);
        }
        for (range, name) in found {
            bytes[range].fill(Some(name));
        }
        bytes
    }
}

/// The lines that hold something which the grammar could not read, by number from 0.
pub(crate) fn broken_lines(tree: &Tree) -> Vec<usize> {
    let mut lines = Vec::new();
    let mut open = vec![tree.root_node()];
    while let Some(node) = open.pop() {
        if node.is_error() || node.is_missing() {
            lines.extend(rows(node));
        } else if node.has_error() {
            open.extend((0..node.child_count()).filter_map(|at| node.child(at)));
        }
    }
    lines
}

fn rows(node: Node<'_>) -> std::ops::RangeInclusive<usize> {
    node.start_position().row..=node.end_position().row
}
