//! How deep a line nests, counted without recursion.
//!
//! The tree of an expression is as deep as its brackets plus the operators in the longest item
//! of each. Types count in the same way: each prefix is an operator.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "there are seventy kinds of tokens, and each question is about a few"
)]

use crate::lex::{Kind, Token, Tokens};

/// The items of one pair of brackets, or of the whole line.
#[derive(Default, Clone, Copy)]
struct Level {
    operators: u32,
    inner: u32,
    deepest: u32,
}

impl Level {
    fn end_item(&mut self) {
        self.deepest = self.deepest.max(self.operators + self.inner);
        self.operators = 0;
        self.inner = 0;
    }
}

/// Whether the tokens from `first` to `end` nest deeper than `limit`.
pub(super) fn nests_deeper(tokens: &Tokens<'_>, first: usize, end: usize, limit: u32) -> bool {
    if end - first <= limit as usize {
        return false;
    }
    let line = tokens.as_slice().get(first..end).unwrap_or_default();
    depth(line) > limit
}

fn depth(line: &[Token]) -> u32 {
    let mut outer: Vec<Level> = Vec::new();
    let mut level = Level::default();
    for token in line {
        match token.kind {
            Kind::LeftParen | Kind::LeftBracket | Kind::LeftBrace => {
                outer.push(std::mem::take(&mut level));
            }
            Kind::RightParen | Kind::RightBracket | Kind::RightBrace => {
                level.end_item();
                let inside = level.deepest + 1;
                level = outer.pop().unwrap_or_default();
                level.inner = level.inner.max(inside);
                level.operators += u32::from(token.kind == Kind::RightBracket);
            }
            Kind::Comma => level.end_item(),
            kind if nests(kind) => level.operators += 1,
            _ => {}
        }
    }
    // Brackets that were never closed nest as well.
    while let Some(above) = outer.pop() {
        level.end_item();
        let inside = level.deepest + 1;
        level = above;
        level.inner = level.inner.max(inside);
    }
    level.end_item();
    level.deepest
}

/// Whether each of these makes the tree one deeper.
fn nests(kind: Kind) -> bool {
    kind.is_binary_operator() || matches!(kind, Kind::Bang | Kind::Question | Kind::RightArrow)
}

#[cfg(test)]
mod tests {
    use aquac_base::SourceId;

    use super::nests_deeper;
    use crate::lex::lex;

    fn deeper(text: &str, limit: u32) -> bool {
        let tokens = lex(text, SourceId(0));
        nests_deeper(&tokens, 0, tokens.len(), limit)
    }

    #[test]
    fn depth_counts_and_width_does_not() {
        assert!(deeper(&"(".repeat(300), 200));
        assert!(deeper(&"[]".repeat(300), 200));
        assert!(deeper(&"a+".repeat(300), 200));
        assert!(deeper(&"!".repeat(300), 200));
        assert!(!deeper(&format!("f({})", "a+1,".repeat(3000)), 200));
    }
}
