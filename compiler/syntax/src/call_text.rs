//! A call as it is given on the command line: `main("x", 3, [1, 2], {a: 1}, name)`.
//!
//! The same tokens as a module, but arguments are plain data, so a few lines of recursive descent
//! read it; how deep they go is bounded.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "there are seventy kinds of tokens, and each question is about a few"
)]

use aquac_base::{Diagnostic, Name, SourceId, Span};

use crate::ast::{CallText, Ident, Literal, LiteralKind, Path, Value, ValueKind};
use crate::error::{LayoutError, LineError, SyntaxError, TextError};
use crate::lex::{Kind, Tokens, lex};

/// The deepest nesting of arrays and objects in an argument; beyond it the call is refused.
pub const MAX_VALUE_NESTING: u32 = 64;

/// Reads a call.
///
/// # Errors
///
/// The first thing that is wrong with the text, with a place in it.
#[expect(clippy::result_large_err, reason = "a call is read once, and callers keep the diagnostic")]
pub fn parse_call(source: SourceId, text: &str) -> Result<CallText, Diagnostic> {
    let tokens = lex(text, source);
    let mut reader = Reader { tokens: &tokens, at: tokens.next_significant(0), depth: 0 };
    reader.call().map_err(|error| error.diagnostic(&tokens))
}

struct Reader<'t> {
    tokens: &'t Tokens<'t>,
    /// The next token that is not trivia.
    at: usize,
    depth: u32,
}

type Read<T> = Result<T, SyntaxError>;

impl Reader<'_> {
    fn kind(&self) -> Option<Kind> {
        self.tokens.kind(self.at)
    }

    /// The place of the next token; the end of the text behind the last.
    fn span(&self) -> Span {
        let end = self.tokens.text().trim_end().len();
        if self.kind().is_some() {
            self.tokens.span(self.at)
        } else {
            let end = crate::lex::offset(end);
            Span::new(self.tokens.source(), end, end)
        }
    }

    /// Takes the next token.
    fn take(&mut self) -> Span {
        let span = self.span();
        self.at = self.tokens.next_significant(self.at + 1);
        span
    }

    /// Takes the next token if it is of this kind.
    fn took(&mut self, kind: Kind) -> Option<Span> {
        if self.kind() == Some(kind) { Some(self.take()) } else { None }
    }

    fn expect(&mut self, kind: Kind, expected: &str) -> Read<Span> {
        self.took(kind).ok_or_else(|| self.unexpected(expected))
    }

    fn unexpected(&self, expected: &str) -> SyntaxError {
        let found = self.kind().map(|_| self.tokens.slice(self.at).to_owned());
        LineError::Unexpected { span: self.span(), found, expected: expected.to_owned() }.into()
    }

    fn text(&self, span: Span) -> Name {
        Name::new(self.tokens.bytes(span.start, span.end))
    }

    fn call(&mut self) -> Read<CallText> {
        let function = self.path()?;
        let open = self.expect(Kind::LeftParen, "`(` behind the name of the function")?;
        let (arguments, close) = self.items(Kind::RightParen, "`,` or `)`", Self::value)?;
        if self.kind().is_some() {
            return Err(self.unexpected("the end of the call"));
        }
        Ok(CallText { function, arguments, parentheses: open.to(close) })
    }

    fn path(&mut self) -> Read<Path> {
        let mut span = self.expect(Kind::Ident, "the name of a function")?;
        let mut name = self.text(span).to_string();
        while self.took(Kind::Dot).is_some() {
            let part = self.expect(Kind::Ident, "a name")?;
            name.push('.');
            name.push_str(&self.text(part));
            span = span.to(part);
        }
        Ok(Path { name: Name::new(&name), span })
    }

    /// Items between commas up to a closing bracket, whose place is given too.
    fn items<T>(
        &mut self,
        close: Kind,
        expected: &str,
        item: impl Fn(&mut Self) -> Read<T>,
    ) -> Read<(Vec<T>, Span)> {
        let mut items = Vec::new();
        loop {
            if let Some(end) = self.took(close) {
                return Ok((items, end));
            }
            items.push(item(self)?);
            if self.took(Kind::Comma).is_none() {
                let end = self.expect(close, expected)?;
                return Ok((items, end));
            }
        }
    }

    fn value(&mut self) -> Read<Value> {
        let span = self.span();
        let Some(kind) = self.kind() else { return Err(self.unexpected("a value")) };
        match kind {
            Kind::LeftBracket => self.nested(|reader| {
                let open = reader.take();
                let (items, close) = reader.items(Kind::RightBracket, "`,` or `]`", Self::value)?;
                Ok(Value { span: open.to(close), kind: ValueKind::Array(items) })
            }),
            Kind::LeftBrace => self.nested(|reader| {
                let open = reader.take();
                let (fields, close) = reader.items(Kind::RightBrace, "`,` or `}`", Self::field)?;
                Ok(Value { span: open.to(close), kind: ValueKind::Object(fields) })
            }),
            Kind::Ident => {
                self.take();
                Ok(Value { span, kind: self.word(span) })
            }
            Kind::Minus => {
                self.take();
                let digits = self.span();
                let number = matches!(self.kind(), Some(Kind::Integer | Kind::Float));
                if !number || digits.start != span.end {
                    return Err(self.unexpected("digits behind the minus"));
                }
                let float = self.kind() == Some(Kind::Float);
                self.take();
                let kind = if float { LiteralKind::Float } else { LiteralKind::Signed };
                Ok(self.literal(kind, span.to(digits)))
            }
            _ => self.simple(kind, span),
        }
    }

    /// A literal of one token.
    fn simple(&mut self, kind: Kind, span: Span) -> Read<Value> {
        let literal = match kind {
            Kind::Integer => LiteralKind::Unsigned,
            Kind::Float => LiteralKind::Float,
            Kind::String => LiteralKind::String,
            Kind::OpenString => return Err(TextError::OpenString { span }.into()),
            Kind::Quoted => return Err(TextError::ForeignQuotes { span }.into()),
            Kind::BadNumber => {
                let text = self.text(span).to_string();
                return Err(TextError::BadNumber { span, text }.into());
            }
            _ => return Err(self.unexpected("a value")),
        };
        self.take();
        Ok(self.literal(literal, span))
    }

    fn literal(&self, kind: LiteralKind, span: Span) -> Value {
        let text = match kind {
            LiteralKind::String => self.unquoted(span),
            LiteralKind::Bool(_)
            | LiteralKind::Unsigned
            | LiteralKind::Signed
            | LiteralKind::Float => self.text(span),
        };
        Value { span, kind: ValueKind::Literal(Literal { kind, text }) }
    }

    /// A string without its quotes, which are one byte each.
    fn unquoted(&self, span: Span) -> Name {
        Name::new(self.tokens.bytes(span.start + 1, span.end - 1))
    }

    fn word(&self, span: Span) -> ValueKind {
        let text = self.text(span);
        let kind = match text.as_str() {
            "true" => LiteralKind::Bool(true),
            "false" => LiteralKind::Bool(false),
            "null" | "nil" => return ValueKind::Null,
            _ => return ValueKind::Name(text),
        };
        ValueKind::Literal(Literal { kind, text })
    }

    /// `field: value`, where the field may be quoted.
    fn field(&mut self) -> Read<(Ident, Value)> {
        let span = self.span();
        let name = match self.kind() {
            Some(Kind::Ident) => self.text(span),
            Some(Kind::String) => self.unquoted(span),
            _ => return Err(self.unexpected("a field")),
        };
        self.take();
        self.expect(Kind::Colon, "`:` behind the field")?;
        Ok((Ident { name, span }, self.value()?))
    }

    /// One level deeper, if that is allowed.
    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Read<Value>) -> Read<Value> {
        if self.depth == MAX_VALUE_NESTING {
            let limit = MAX_VALUE_NESTING;
            return Err(LayoutError::NestsTooDeep { line: self.span(), limit }.into());
        }
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }
}

#[cfg(test)]
mod tests {
    use aquac_base::SourceId;

    use super::parse_call;
    use crate::ast::{Value, ValueKind};

    fn shown(value: &Value) -> String {
        let list = |items: &[Value]| items.iter().map(shown).collect::<Vec<_>>().join(" ");
        match &value.kind {
            ValueKind::Literal(literal) => format!("{:?}:{}", literal.kind, literal.text),
            ValueKind::Null => "null".to_owned(),
            ValueKind::Name(name) => format!("name:{name}"),
            ValueKind::Array(items) => format!("[{}]", list(items)),
            ValueKind::Object(fields) => {
                let fields = fields.iter().map(|(f, v)| format!("{}={}", f.name, shown(v)));
                format!("{{{}}}", fields.collect::<Vec<_>>().join(" "))
            }
        }
    }

    fn read(text: &str) -> String {
        match parse_call(SourceId(0), text) {
            Ok(call) => {
                let arguments: Vec<String> = call.arguments.iter().map(shown).collect();
                format!("{} {}", call.function.name, arguments.join(" "))
            }
            Err(diagnostic) => {
                let at = diagnostic.primary.map_or(0, |label| label.span.start);
                format!("{} {at}: {}", diagnostic.code, diagnostic.message)
            }
        }
    }

    #[test]
    fn arguments_are_literals_arrays_objects_and_names() {
        assert_eq!(
            read(r#"main("x", 3, -1.5, [1,2], {a: 1, "b c": [nil]}, name, true)"#),
            "main String:x Unsigned:3 Float:-1.5 [Unsigned:1 Unsigned:2] \
             {a=Unsigned:1 b c=[null]} name:name Bool(true):true"
        );
        assert_eq!(read(" Lib.main ( ) "), "Lib.main ");
    }

    #[test]
    fn a_wrong_call_is_refused_at_its_place() {
        assert_eq!(
            read("main"),
            "AQ0111 4: expected `(` behind the name of the function at the end of this line"
        );
        assert_eq!(read("main(1"), "AQ0111 6: expected `,` or `)` at the end of this line");
        assert_eq!(read("main(1))"), "AQ0111 7: expected the end of the call, found `)`");
        assert_eq!(read("main('a')"), "AQ0003 5: strings are written with double quotes");
        assert_eq!(read("main(f(1))"), "AQ0111 6: expected `,` or `)`, found `(`");
        let deep = format!("main({}", "[".repeat(100));
        assert_eq!(read(&deep), "AQ0008 69: this line nests more than 64 levels deep");
    }
}
