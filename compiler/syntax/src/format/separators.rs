//! What stands between lines: comments and empty lines.

use crate::layout::Line;
use crate::lex::Kind;

use super::{Formatter, INDENT};

/// What stands above a line in the first column, as far as empty lines depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Above {
    /// The file starts.
    Nothing,
    /// The `aqua` line.
    Header,
    /// `import`, `use`, `export`
    HeadLine,
    /// `alias`, `const`
    OneLine,
    /// Anything with a body.
    Block,
}

impl Above {
    fn of(word: &str) -> Self {
        match word {
            "aqua" | "module" => Self::Header,
            "import" | "use" | "export" => Self::HeadLine,
            "alias" | "const" => Self::OneLine,
            _ => Self::Block,
        }
    }

    /// Whether an empty line belongs between this and what follows.
    fn parted_from(self, next: Self) -> bool {
        match (self, next) {
            (Self::Nothing, _) => false,
            (Self::HeadLine, Self::HeadLine) | (Self::OneLine, Self::OneLine) => false,
            (Self::Header | Self::HeadLine | Self::OneLine | Self::Block, _) => true,
        }
    }
}

/// A comment on a line of its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comment {
    /// Position of its token.
    token: usize,
    /// The deepest block that its column fits.
    depth: usize,
    /// Whether an empty line stands above it.
    spaced: bool,
}

impl Formatter<'_> {
    /// Takes what stands between two lines. Says whether an empty line ends it.
    pub(super) fn between(&mut self, from: usize, to: usize) -> bool {
        let mut ends = u32::from(self.out.is_empty());
        let mut column = 0;
        for at in from..to {
            let Some(kind) = self.tokens.kind(at) else { break };
            match kind {
                Kind::Newline => {
                    ends += 1;
                    column = 0;
                }
                Kind::Blank => column = self.tokens.slice(at).len(),
                Kind::Comment | Kind::ForeignComment => {
                    self.doubtful |= kind == Kind::ForeignComment;
                    if ends == 0 {
                        self.trailing(at);
                    } else {
                        let depth = self.depths.at_column(column);
                        self.comments.push(Comment { token: at, depth, spaced: ends > 1 });
                    }
                    ends = 0;
                }
                _ => {}
            }
        }
        ends > 1
    }

    /// A comment behind the line that has just been written.
    fn trailing(&mut self, at: usize) {
        self.out.pop();
        self.out.push_str("  ");
        self.out.push_str(self.tokens.slice(at).trim_end());
        self.out.push('\n');
    }

    /// Writes the comments above a line and the empty lines around them.
    pub(super) fn separate(&mut self, line: Line, depth: usize, mut spaced: bool) {
        if depth == 0 {
            if !spaced {
                self.attach();
            }
            let next = Above::of(self.tokens.slice(line.first as usize));
            if self.above.parted_from(next) {
                match self.comments.iter_mut().find(|comment| comment.depth == 0) {
                    Some(comment) => comment.spaced = true,
                    None => spaced = true,
                }
            }
            self.above = next;
        }
        self.flush_comments(depth);
        if spaced && !self.fresh() {
            self.out.push('\n');
        }
    }

    /// A comment for tools, such as `-- @budget …`, is about the line right below it, whatever its
    /// column. It takes along the comments between which and the line nothing is empty.
    fn attach(&mut self) {
        let spaced = self.comments.iter().rposition(|comment| comment.spaced);
        let adjacent = self.comments.get_mut(spaced.unwrap_or(0)..).unwrap_or_default();
        let tokens = self.tokens;
        let told = |comment: &Comment| {
            tokens.slice(comment.token).trim_start_matches('-').trim_start().starts_with('@')
        };
        if adjacent.iter().any(told) {
            adjacent.iter_mut().for_each(|comment| comment.depth = 0);
        }
    }

    /// Whether no empty line belongs here: at the start of the file and of a block.
    fn fresh(&self) -> bool {
        self.out.is_empty() || self.block_starts
    }

    /// Writes the comments that wait, none of them less deep than the line below.
    pub(super) fn flush_comments(&mut self, depth: usize) {
        let mut comments = std::mem::take(&mut self.comments);
        for comment in comments.drain(..) {
            if comment.spaced && !self.fresh() {
                self.out.push('\n');
            }
            self.indent(comment.depth.max(depth) * INDENT);
            self.out.push_str(self.tokens.slice(comment.token).trim_end());
            self.out.push('\n');
            self.block_starts = false;
        }
        self.comments = comments;
    }
}
