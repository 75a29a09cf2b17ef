//! [`Lines`] → [`Module`]: which line is in the body of which, and how lines of one block group.
//!
//! Reads the lines one after the other with a stack of open blocks. Where a line stands decides
//! how its words are read, so reading and nesting happen together.

mod attach;
mod damage;
mod finish;
mod frame;
mod indent;
mod letters;

use aquac_base::{SourceId, Span};

use crate::ast::{
    DeclarationKind, HeadLine, Header, Ident, Member, MethodForm, Module, StatementKind,
};
use crate::error::{ForeignError, LineError, StructureError, SyntaxError};
use crate::layout::{Line, Lines};
use crate::lex::Tokens;
use crate::line::feed::{Mode, Place};
use crate::line::item::{Item, Prefix};
use crate::line::{Read, Reader};
use crate::words;

use frame::{Frame, Head};
use letters::Misnamed;

/// The deepest nesting of blocks. Lines of a deeper block are not read, with an error. Later
/// passes may recurse this deep into a tree.
pub const MAX_BLOCKS: usize = 100;

/// The longest alternation of `otherwise` and `par` that groups ever more of the lines above.
/// The lines behind it are not grouped, with an error.
pub const MAX_GROUPS: u32 = 100;

/// Nests the lines. `name` is what a missing header would call the module.
pub(crate) fn assemble(
    tokens: &Tokens<'_>,
    lines: &Lines,
    name: &str,
) -> (Module, Vec<SyntaxError>) {
    let source = tokens.source();
    let span = Span::new(source, 0, crate::lex::offset(tokens.text().len()));
    let module = Module {
        source,
        span,
        header: None,
        head: Vec::new(),
        declarations: Vec::new(),
        damaged: Vec::new(),
    };
    let mut assembler = Assembler {
        tokens,
        lines: lines.as_slice(),
        reader: Reader::new(tokens),
        module,
        frames: Vec::new(),
        errors: Vec::new(),
        misnamed: Vec::new(),
        stray: false,
        damaged_header: false,
    };
    for at in 0..assembler.lines.len() {
        assembler.line(at);
    }
    assembler.close_all();
    assembler.check_header(name);
    letters::report(tokens, &assembler.misnamed, &mut assembler.errors);
    (assembler.module, assembler.errors)
}

struct Assembler<'t> {
    tokens: &'t Tokens<'t>,
    lines: &'t [Line],
    reader: Reader<'t>,
    module: Module,
    frames: Vec<Frame>,
    errors: Vec<SyntaxError>,
    misnamed: Vec<Misnamed>,
    /// In indented lines that belong to no block, which have been reported.
    stray: bool,
    /// An `aqua` line could not be read, which has been reported.
    damaged_header: bool,
}

impl Assembler<'_> {
    fn source(&self) -> SourceId {
        self.tokens.source()
    }

    fn span(&self, line: Line) -> Span {
        Span::new(self.source(), line.start, line.end_byte(self.tokens))
    }

    /// Takes the next line.
    fn line(&mut self, at: usize) {
        let Some(line) = self.lines.get(at).copied() else { return };
        let before = self.errors.len();
        self.close_for(line);
        if self.frames.is_empty() && self.is_stray(line) {
            return;
        }
        let mode = match self.frames.last().map(Frame::mode) {
            Some(Some(mode)) => mode,
            Some(None) => return,
            None => Mode::Top,
        };
        let next = self.lines.get(at + 1).copied();
        let has_body = next.is_some_and(|next| self.is_deeper(next, line));
        let mut read = self.reader.read(Place { line, mode, has_body });
        if read.item.is_none() && self.is_misaligned(line, before) {
            // One problem for each line.
            read.errors.clear();
            self.lost(line.first as usize);
        }
        self.doubt(line, !read.errors.is_empty());
        self.take(line, read, has_body);
    }

    /// Whether the indentation of a line is among the latest problems.
    fn is_misaligned(&self, line: Line, before: usize) -> bool {
        let fresh = self.errors.get(before..).unwrap_or_default();
        fresh.iter().any(|error| error.span().start == line.indent_start)
    }

    /// Notes whether the first line of the innermost block has a problem.
    fn doubt(&mut self, line: Line, wrong: bool) {
        if let Some(frame) = self.frames.last_mut()
            && frame.child.is_some_and(|child| child.start == line.start)
        {
            frame.doubtful = wrong;
        }
    }

    /// Puts a line that has been read where it belongs.
    fn take(&mut self, line: Line, read: Read, has_body: bool) {
        let reported = !read.errors.is_empty();
        self.report(read.errors);
        let Some(item) = read.item else {
            self.damaged(line, has_body);
            return;
        };
        if read.misses_colon && !reported {
            let span = self.span(line);
            let what = frame::described(&item, self.tokens.bytes(span.start, span.end));
            self.errors.push(LineError::MissingColon { at: span.at_end(), what }.into());
        }
        self.check_names(&item);
        let quiet = reported || read.misses_colon;
        if self.frames.is_empty() {
            self.top_item(line, *item, quiet);
        } else {
            self.inner_item(line, *item, quiet, has_body);
        }
    }

    /// Adds the problems of a line. Who starts a function with a word of another language writes
    /// its body in that language too: that is one mistake, with one repair.
    fn report(&mut self, errors: Vec<SyntaxError>) {
        let outer = self.frames.first().and_then(|frame| frame.foreign_word);
        for error in errors {
            let outer = outer.and_then(|at| self.errors.get_mut(at));
            match (outer, error) {
                (
                    Some(SyntaxError::Foreign(ForeignError::ForeignWord { edits, .. })),
                    SyntaxError::Foreign(ForeignError::ForeignWord { edits: more, .. }),
                ) => edits.extend(more),
                (_, error) => self.errors.push(error),
            }
        }
    }

    /// The last problem, if it is a word of another language.
    fn foreign_word(&self) -> Option<usize> {
        let last = self.errors.len().checked_sub(1)?;
        let foreign = matches!(
            self.errors.get(last),
            Some(SyntaxError::Foreign(ForeignError::ForeignWord { .. }))
        );
        foreign.then_some(last)
    }

    /// A line outside of all blocks.
    fn top_item(&mut self, line: Line, item: Item, quiet: bool) {
        match item {
            Item::Header(header) => self.header(header),
            Item::Head(head) => self.head_line(head),
            Item::Declaration(keyword, kind) => self.declaration(line, keyword, kind, quiet),
            Item::Statement(..)
            | Item::Else(_)
            | Item::ElseIf(..)
            | Item::Otherwise(_)
            | Item::Catch(..)
            | Item::Member(_) => {
                // Reported as misplaced; its body goes with it. The first line was probably meant
                // to be the header.
                self.damaged_header |= self.module.declarations.is_empty() && self.is_first(line);
                self.open(line, Head::Skipped, true);
            }
        }
    }

    /// A line in a block.
    fn inner_item(&mut self, line: Line, item: Item, quiet: bool, has_body: bool) {
        let span = self.span(line);
        match item {
            Item::Statement(prefix, kind) => self.statement(line, prefix, kind, quiet, has_body),
            Item::Else(keyword) => self.open(line, Head::Else { span, keyword }, quiet),
            Item::ElseIf(keyword, kind) => {
                self.open(line, Head::ElseIf { span, keyword, kind }, true)
            }
            Item::Otherwise(keyword) => self.open(line, Head::Otherwise { span, keyword }, quiet),
            Item::Catch(keyword, name) => {
                self.open(line, Head::Catch { span, keyword, name }, quiet)
            }
            Item::Member(member) => self.member(line, member, quiet),
            Item::Declaration(keyword, kind) => self.declaration(line, keyword, kind, true),
            Item::Header(header) => self.header(header),
            Item::Head(head) => self.head_line(head),
        }
    }

    fn declaration(&mut self, line: Line, keyword: Span, kind: DeclarationKind, quiet: bool) {
        let span = self.span(line);
        let doc = line.doc.map(|(start, end)| Span::new(self.source(), start, end));
        let opens = !matches!(kind, DeclarationKind::Alias(_) | DeclarationKind::Const(_));
        let head = Head::Declaration { span, doc, keyword, kind };
        if opens {
            let foreign_word = if quiet { self.foreign_word() } else { None };
            self.open(line, head, quiet);
            if let Some(frame) = self.frames.last_mut() {
                frame.foreign_word = foreign_word;
            }
        } else {
            let frame = Frame::new(head, line, true);
            self.finish(frame);
        }
    }

    fn statement(
        &mut self,
        line: Line,
        prefix: Prefix,
        kind: StatementKind,
        quiet: bool,
        has_body: bool,
    ) {
        let span = self.span(line);
        if !quiet {
            self.check_prefix(prefix, span, &kind);
        }
        if let StatementKind::Return(_) = &kind {
            self.check_return(span);
        }
        let opens = frame::has_body(&kind);
        let head = Head::Statement { span, prefix, kind };
        if opens {
            self.open(line, head, quiet);
        } else if quiet && has_body {
            // What is below a damaged line is no second mistake.
            self.finish(Frame::new(head, line, true));
            self.open(line, Head::Damaged { span, binds: Vec::new() }, true);
        } else {
            self.finish(Frame::new(head, line, true));
        }
    }

    /// A member of the type whose body this is.
    fn member(&mut self, line: Line, mut member: Member, quiet: bool) {
        let doc = line.doc.map(|(start, end)| Span::new(self.source(), start, end));
        match &mut member {
            Member::Field(field) => field.doc = doc,
            Member::Method(method) => method.doc = doc,
        }
        let span = self.span(line);
        let Some(frame) = self.frames.last_mut() else { return };
        let misplaced = match (frame.declares(), &member) {
            (Some(DeclarationKind::Service(_)), Member::Field(_)) => Some((
                "a field",
                "in a service",
                "a method has an arrow: `name: -> type`, `name(argument: type)`",
            )),
            (Some(DeclarationKind::Data(_)), Member::Method(method))
                if matches!(method.form, MethodForm::Named(_)) =>
            {
                Some((
                    "a method",
                    "in a `data` type",
                    "methods stand in a `service` or an `ability`",
                ))
            }
            _ => None,
        };
        if let Some((what, place, help)) = misplaced {
            if quiet {
                return;
            }
            self.errors.push(StructureError::Misplaced { span, what, place, help }.into());
        } else {
            frame.members.push(member);
        }
    }

    fn header(&mut self, header: Header) {
        if self.tokens.bytes(header.keyword.start, header.keyword.end) == "module" {
            self.errors.push(StructureError::OutdatedHeader { keyword: header.keyword }.into());
        }
        let first = self.module.header.as_ref().map(|header| header.span);
        let late = !self.module.head.is_empty() || !self.module.declarations.is_empty();
        if late || first.is_some() || !self.frames.is_empty() {
            self.errors.push(StructureError::SecondHeader { line: header.span, first }.into());
        }
        self.module.header.get_or_insert(header);
    }

    fn head_line(&mut self, head: HeadLine) {
        let span = match &head {
            HeadLine::Import(import) => import.span,
            HeadLine::Use(used) => used.span,
            HeadLine::Export(export) => export.span,
        };
        if self.frames.is_empty() && !self.module.declarations.is_empty() {
            let what = "a header line";
            let place = "behind a declaration";
            let help = "move it to the top of the file";
            self.errors.push(StructureError::Misplaced { span, what, place, help }.into());
        }
        self.module.head.push(head);
    }

    /// The header is missing if no line was one, readable or not.
    fn check_header(&mut self, name: &str) {
        if self.module.header.is_some() || self.damaged_header {
            return;
        }
        let first = self.lines.first().map(|line| self.tokens.span(line.first as usize));
        let first = first.unwrap_or(Span::new(self.source(), 0, 0));
        let header = format!("aqua {name} declares *");
        self.errors.push(StructureError::NoHeader { first, header }.into());
    }

    /// Remembers a name that an unreadable line would have declared.
    fn lost(&mut self, at: usize) {
        let span = self.tokens.span(at);
        let name = aquac_base::Name::new(self.tokens.slice(at));
        self.module.damaged.push(Ident { name, span });
    }

    /// An indented line outside of all blocks. The first line of a file may be one, and a
    /// declaration keeps its meaning.
    fn is_stray(&mut self, line: Line) -> bool {
        let first_line = self.lines.first().is_some_and(|first| first.start == line.start);
        if line.indent_width() == 0 || first_line {
            self.stray = false;
            return false;
        }
        let declares = words::starts_declaration(self.tokens.slice(line.first as usize));
        if !self.stray || declares {
            let indent = Span::new(self.source(), line.indent_start, line.indent_end);
            let (first, line) = (line.first, self.span(line));
            self.errors.push(crate::error::LayoutError::Stray { indent, line }.into());
            self.lost(first as usize);
        }
        self.stray = !declares;
        !declares
    }
}
