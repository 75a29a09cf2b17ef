//! A problem, described as data.
//!
//! Each pass has error types of its own and turns them into a [`Diagnostic`] beside their
//! definition; `aquac-driver` renders it for a terminal, as JSON, or for an editor. A message
//! says what is wrong in the user's words, the primary label what *this* is, secondary labels
//! why something else was expected, and help lines are things that one can paste.

use std::fmt;

use crate::Span;

/// A stable code such as `AQ0201`; `aquac explain` has a page for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub &'static str);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What is known about a code: `aquac explain` shows it, and tests hold it.
#[derive(Debug, Clone, Copy)]
pub struct CodePage {
    /// The code.
    pub code: Code,
    /// What it means, in one line.
    pub meaning: &'static str,
    /// A whole module with this problem and no other.
    pub wrong: &'static str,
    /// The same module without it.
    pub right: &'static str,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The program cannot be compiled.
    Error,
    /// The program can be compiled and probably does not do what was meant.
    Warning,
}

/// A place in the source with a few words about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What it is, or why it matters here.
    pub message: String,
}

/// One replacement of a fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

/// Edits that together repair the problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// Certain to be what was meant: `aquac check --fix` applies it.
    Certain(Vec<Edit>),
    /// A good guess: offered by editors, never applied unasked.
    Suggested(Vec<Edit>),
}

/// One problem: exactly one is made for one mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its stable code.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// One sentence, without a full stop.
    pub message: String,
    /// The place to look at first. `None` for problems without a place, such as a cycle of imports.
    pub primary: Option<Label>,
    /// Other places that explain it.
    pub secondary: Vec<Label>,
    /// At most two things to do.
    pub help: Vec<String>,
    /// At most one reason that lies in how programs run.
    pub notes: Vec<String>,
    /// A repair that a tool can apply.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// An error at a place; `label` says what this place is.
    #[must_use]
    pub fn error(
        code: Code,
        message: impl Into<String>,
        span: Span,
        label: impl Into<String>,
    ) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            primary: Some(Label { span, message: label.into() }),
            secondary: Vec::new(),
            help: Vec::new(),
            notes: Vec::new(),
            fix: None,
        }
    }

    /// A warning at a place.
    #[must_use]
    pub fn warning(
        code: Code,
        message: impl Into<String>,
        span: Span,
        label: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message, span, label) }
    }

    /// Adds a second place that explains the first.
    #[must_use]
    pub fn with_label(mut self, span: Span, message: impl Into<String>) -> Self {
        self.secondary.push(Label { span, message: message.into() });
        self
    }

    /// Adds something to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Adds the reason that lies in how programs run.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds the repair.
    #[must_use]
    pub fn with_fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    /// Whether it stops the compilation.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
