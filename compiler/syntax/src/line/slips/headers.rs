//! Header lines and heads of declarations as other languages write them.

use aquac_base::Span;

use crate::error::{ForeignError, Form};
use crate::line::feed::{Fed, Tok};

use super::{Slip, Slipped};

impl Slipped<'_> {
    /// `import some/path`, without quotes.
    pub(super) fn import_path(&self) -> Option<Slip> {
        if self.fed.iter().any(|Fed(tok, _)| *tok == Tok::String) {
            return None;
        }
        let from = self.fed.iter().rposition(|Fed(tok, _)| *tok == Tok::From);
        let first = from.map_or(2, |from| from + 1);
        let end = self.place.line.end_byte(self.tokens);
        let start = self.get(first - 1).map_or(end, |Fed(_, span)| span.end);
        let rest = self.tokens.bytes(start, end);
        let path = rest.split(" as ").next().unwrap_or_default().trim();
        let indent = rest.len() - rest.trim_start().len();
        let start = start + crate::lex::offset(indent);
        let span = Span::new(self.tokens.source(), start, start + crate::lex::offset(path.len()));
        let better = (!path.is_empty() && !path.contains('"')).then(|| format!("\"{path}\""));
        let mut fed: Vec<Fed> = self.fed.iter().take(first).copied().collect();
        fed.push(Fed(Tok::String, span));
        let rest = self.fed.iter().skip(first).filter(|Fed(_, token)| token.start >= span.end);
        fed.extend(rest.copied());
        let error = ForeignError::ImportPath { path: span, better };
        Some(Slip { fed, error, else_if: None, certain: true })
    }

    /// `from "x" import y`
    pub(super) fn import_behind(&self) -> Option<Slip> {
        let imports = self.name(1)? == "from"
            && self.tok(2)? == Tok::String
            && self.name(3)? == "import"
            && self.get(4).is_some();
        if !imports {
            return None;
        }
        let items = 4..self.fed.len();
        let mut fed = vec![self.get(0)?, Fed(Tok::Import, self.get(3)?.1)];
        fed.extend(self.fed.get(items.clone())?);
        fed.extend([Fed(Tok::From, self.get(1)?.1), self.get(2)?]);
        let better = format!("import {} from {}", self.slice(items)?, self.slice(2..3)?);
        let edits = vec![(self.place(1..self.fed.len())?, better)];
        Some(self.form(Form::ImportBehind, self.get(1)?.1, edits, fed))
    }

    /// `import { x } from "y"`
    pub(super) fn import_in_braces(&self) -> Option<Slip> {
        if !matches!(self.tok(1)?, Tok::Import | Tok::Use) || self.tok(2)? != Tok::LeftBrace {
            return None;
        }
        let close = self.closed(2)?;
        let items = 3..close;
        let span = self.place(2..close + 1)?;
        let edits = vec![(span, self.slice(items.clone())?.to_owned())];
        let read = |fed: &Fed| match self.text(*fed) {
            "as" => Fed(Tok::As, fed.1),
            _ => *fed,
        };
        let fed = self.spliced(2..close + 1, self.fed.get(items)?.iter().map(read));
        Some(self.form(Form::ImportInBraces, span, edits, fed))
    }

    /// `import * as X from "y"`
    pub(super) fn import_of_all(&self) -> Option<Slip> {
        if !matches!(self.tok(1)?, Tok::Import | Tok::Use) || self.tok(2)? != Tok::Star {
            return None;
        }
        let last = self.fed.len() - 1;
        let path = self.get(last).filter(|Fed(tok, _)| *tok == Tok::String)?;
        let text = self.text(path);
        let alias = (3..last).find(|at| self.slice(*at..at + 1) == Some("as"));
        let word = Fed(if alias.is_some() { Tok::Use } else { Tok::Import }, self.get(1)?.1);
        let mut fed = vec![self.get(0)?, word, path];
        let better = match alias {
            Some(at) => {
                let name = self.get(at + 1)?;
                fed.extend([Fed(Tok::As, self.get(at)?.1), Fed(Tok::Name, name.1)]);
                format!("use {text} as {}", self.text(name))
            }
            None => format!("import {text}"),
        };
        let edits = vec![(self.place(1..last + 1)?, better)];
        Some(self.form(Form::ImportOfAll, self.get(2)?.1, edits, fed))
    }

    /// `alias X = T`
    pub(super) fn alias_equals(&self) -> Option<Slip> {
        if self.tok(1)? != Tok::Alias || self.tok(3)? != Tok::Equals {
            return None;
        }
        let (Fed(_, name), Fed(_, sign)) = (self.get(2)?, self.get(3)?);
        let edits = vec![(self.between(name.end, sign.end), ":".to_owned())];
        Some(self.form(Form::AliasEquals, sign, edits, self.changed(3, Tok::Colon)))
    }

    /// `service S = "id":`, `service S "id":`
    pub(super) fn service_id(&self) -> Option<Slip> {
        if self.tok(1)? != Tok::Service || self.tok(2)? != Tok::Name {
            return None;
        }
        let value = if self.tok(3)? == Tok::Equals { 4 } else { 3 };
        let id = self.get(value).filter(|Fed(tok, _)| matches!(tok, Tok::String | Tok::Name))?;
        let better = format!("({})", self.text(id));
        let edits = vec![(self.between(self.get(2)?.1.end, id.1.end), better)];
        let open = Fed(Tok::LeftParen, id.1.at_start());
        let close = Fed(Tok::RightParen, id.1.at_end());
        let fed = self.spliced(3..value + 1, [open, id, close]);
        Some(self.form(Form::ServiceId, self.place(3..value + 1)?, edits, fed))
    }
}
