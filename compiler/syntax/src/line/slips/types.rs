//! Types as other languages write them.

use aquac_base::Span;

use crate::error::Form;
use crate::line::feed::{Fed, Mode, Tok};

use super::colons::is_prefix;
use super::{Slip, Slipped};

/// Collections of other languages, with the sign that makes one here.
fn collection(name: &str) -> Option<(&'static str, &'static [Tok])> {
    Some(match name {
        "Array" | "List" | "Vec" | "Vector" | "Seq" | "Sequence" | "array" | "list" | "vec" => {
            ("[]", &[Tok::LeftBracket, Tok::RightBracket])
        }
        "Option" | "Optional" | "Maybe" | "Nullable" | "option" => ("?", &[Tok::Question]),
        "Stream" | "stream" => ("*", &[Tok::Star]),
        _ => return None,
    })
}

impl Slipped<'_> {
    /// `Array<T>`, `Option<T>`
    pub(super) fn collection_by_name(&self) -> Option<Slip> {
        let mut fed: Vec<Fed> = Vec::with_capacity(self.fed.len());
        let mut edits = Vec::new();
        let mut place = None;
        let mut open = 0_u32;
        let mut at = 0;
        while let Some(one) = self.get(at) {
            let named = self.name(at).and_then(collection);
            at += 1;
            if let Some((sign, toks)) = named
                && self.tok(at) == Some(Tok::Less)
            {
                edits.push((self.place(at - 1..at + 1)?, sign.to_owned()));
                fed.extend(toks.iter().map(|tok| Fed(*tok, one.1)));
                place = place.or(Some(one.1));
                open += 1;
                at += 1;
            } else if one.0 == Tok::Greater && open > 0 {
                edits.push((one.1, String::new()));
                open -= 1;
            } else {
                fed.push(one);
            }
        }
        Some(self.form(Form::CollectionByName, place?, edits, fed))
    }

    /// `T[]`, `T?`, `[T]`
    pub(super) fn collection_sign_behind(&self) -> Option<Slip> {
        let mut fed: Vec<Fed> = Vec::with_capacity(self.fed.len());
        let mut edits = Vec::new();
        let mut found: Option<(Form, Span)> = None;
        let mut at = 0;
        while let Some(one) = self.get(at) {
            let behind_sign = at > 0 && self.tok(at - 1).is_some_and(precedes_type);
            let around = behind_sign
                && one.0 == Tok::LeftBracket
                && self.get(at + 1).is_some_and(|of| self.names_type(of))
                && self.tok(at + 2) == Some(Tok::RightBracket);
            let signs = if self.names_type(one) { self.signs_behind(at + 1) } else { 0 };
            if around {
                let (of, close) = (self.get(at + 1)?, self.get(at + 2)?);
                edits.push((self.place(at..at + 3)?, format!("[]{}", self.text(of))));
                fed.extend([one, close, of]);
                found = found.or(Some((Form::ArrayBehind, self.place(at..at + 3)?)));
                at += 3;
            } else if signs > 0 && self.path_behind_sign(at) {
                let first = self.path_start(at);
                let rest = at + 1..at + 1 + signs;
                let better = format!("{}{}", self.slice(rest.clone())?, self.slice(first..at + 1)?);
                edits.push((self.place(first..rest.end)?, better));
                let start = fed.len() - (at - first);
                fed.splice(start..start, self.fed.get(rest.clone())?.iter().copied());
                fed.push(one);
                let form = match self.tok(at + 1)? {
                    Tok::Question => Form::OptionBehind,
                    _ => Form::ArrayBehind,
                };
                found = found.or(Some((form, self.place(rest.clone())?)));
                at = rest.end;
            } else {
                fed.push(one);
                at += 1;
            }
        }
        let (form, span) = found?;
        Some(self.form(form, span, edits, fed))
    }

    /// How many terminals `[]` or `?` has here; 0 if neither stands here.
    fn signs_behind(&self, at: usize) -> usize {
        match (self.tok(at), self.tok(at + 1)) {
            (Some(Tok::LeftBracket), Some(Tok::RightBracket)) => 2,
            (Some(Tok::Question), _) => 1,
            _ => 0,
        }
    }

    /// Where the dotted name that ends here starts.
    fn path_start(&self, at: usize) -> usize {
        let mut first = at;
        while first > 1 && self.tok(first - 1) == Some(Tok::Dot) {
            first -= 2;
        }
        first
    }

    fn path_behind_sign(&self, at: usize) -> bool {
        let first = self.path_start(at);
        first > 0 && self.tok(first - 1).is_some_and(precedes_type)
    }

    /// `Map<K, V>`: read as if its type were any.
    pub(super) fn type_arguments(&self) -> Option<Slip> {
        let open = (2..self.fed.len()).find(|at| {
            self.tok(*at) == Some(Tok::Less)
                && self.get(at - 1).is_some_and(|name| self.names_type(name))
                && self.path_behind_sign(at - 1)
        })?;
        let close = self.angle_closed(open)?;
        let first = self.path_start(open - 1);
        let top = Fed(Tok::Top, self.place(first..open)?);
        let fed = self.spliced(first..close + 1, [top]);
        Some(self.form(Form::TypeArguments, self.place(open..close + 1)?, Vec::new(), fed))
    }

    /// `func f<T>(x: T):`: read as if the type could be any.
    pub(super) fn type_parameters(&self) -> Option<Slip> {
        if self.tok(1)? != Tok::Func || self.tok(3)? != Tok::Less {
            return None;
        }
        let close = self.angle_closed(3)?;
        let names: Vec<&str> = (4..close).filter_map(|at| self.name(at)).collect();
        let any = |fed: &Fed| match fed.0 {
            Tok::Name if names.contains(&self.text(*fed)) => Fed(Tok::Top, fed.1),
            _ => *fed,
        };
        let mut fed = self.fed.get(..3)?.to_vec();
        fed.extend(self.fed.get(close + 1..)?.iter().map(any));
        Some(self.form(Form::TypeParameters, self.place(3..close + 1)?, Vec::new(), fed))
    }

    fn angle_closed(&self, open: usize) -> Option<usize> {
        let mut depth = 0_u32;
        (open..self.fed.len()).find(|at| {
            match self.tok(*at) {
                Some(Tok::Less) => depth += 1,
                Some(Tok::Greater) => depth -= 1,
                _ => {}
            }
            depth == 0
        })
    }

    /// `f(string x)`
    pub(super) fn type_first(&self) -> Option<Slip> {
        let mut fed: Vec<Fed> = Vec::with_capacity(self.fed.len() + 4);
        let mut edits = Vec::new();
        let mut place = None;
        let mut at = 0;
        while let Some(one) = self.get(at) {
            let starts = at > 0 && matches!(self.tok(at - 1), Some(Tok::LeftParen | Tok::Comma));
            let mut last = at;
            while self.tok(last).is_some_and(is_prefix) {
                last += 1;
            }
            let typed = starts && self.get(last).is_some_and(|of| self.names_type(of));
            if typed && self.tok(last + 1) == Some(Tok::Name) {
                let name = self.get(last + 1)?;
                let whole = self.place(at..last + 2)?;
                if let Some(Fed(comma @ Tok::Comma, _)) = fed.last_mut() {
                    *comma = Tok::ParameterComma;
                }
                fed.extend([name, Fed(Tok::Colon, name.1.at_end())]);
                fed.extend(self.fed.get(at..last + 1)?);
                edits.push((whole, format!("{}: {}", self.text(name), self.slice(at..last + 1)?)));
                place = place.or(Some(whole));
                at = last + 2;
            } else {
                fed.push(one);
                at += 1;
            }
        }
        Some(self.form(Form::TypeFirst, place?, edits, fed))
    }

    /// `f(): T`, `f() => T`, `f() T`, `f() returns T`
    pub(super) fn result_type(&self) -> Option<Slip> {
        let first = if self.place.mode == Mode::Members { 2 } else { 3 };
        let declares = self.place.mode == Mode::Members || self.tok(1)? == Tok::Func;
        let open = self.find(first, Tok::LeftParen).filter(|_| declares)?;
        let close = self.closed(open)?;
        let signs = match (self.tok(close + 1)?, self.tok(close + 2)) {
            (Tok::Equals, Some(Tok::Greater)) => 2,
            (Tok::Colon, _) => 1,
            (Tok::Name, _) if matches!(self.name(close + 1), Some("returns" | "as" | "yields")) => {
                1
            }
            _ => 0,
        };
        let result = self.get(close + 1 + signs)?;
        if !self.starts_type(result) {
            return None;
        }
        let end = self.get(close)?.1.end;
        let span = if signs > 0 { self.place(close + 1..close + 1 + signs)? } else { result.1 };
        let better = vec![(self.between(end, result.1.start), " -> ".to_owned())];
        let fed = self.spliced(close + 1..close + 1 + signs, [Fed(Tok::RightArrow, span)]);
        Some(self.form(Form::ResultType, span, better, fed))
    }
}

/// Whether a type stands behind this.
fn precedes_type(tok: Tok) -> bool {
    is_prefix(tok) || matches!(tok, Tok::Colon | Tok::RightArrow | Tok::Comma | Tok::LeftParen)
}
