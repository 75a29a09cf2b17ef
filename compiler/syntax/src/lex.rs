//! Text → [`Tokens`]: total and lossless.
//!
//! Every byte belongs to exactly one token, blanks and comments included, so the slices of all
//! tokens joined together are the text again. Nothing is rejected here: what Aqua does not know
//! becomes a token too, and is reported when its line is read.

mod braces;
mod strings;

use aquac_base::{SourceId, Span};
use logos::Logos;

/// What a token is. Words are only [`Kind::Ident`] here: which of them mean something depends on
/// where they stand.
#[derive(Logos, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Spaces and tabs.
    #[regex(r"[ \t]+")]
    Blank,
    /// `LF`, `CR LF` or `LF CR`.
    #[regex(r"\r\n|\n\r?")]
    Newline,
    /// `-- …` up to the end of the line.
    #[regex(r"--[^\r\n]*", allow_greedy = true)]
    Comment,
    /// A comment of another language: `# …`, `// …`, `/* … */`.
    #[regex(r"(#|//)[^\r\n]*", allow_greedy = true)]
    #[regex(r"/\*([^*]|\*+[^*/])*\*+/")]
    ForeignComment,
    /// A `}` that ends a block, as other languages write it; made from [`Kind::RightBrace`] after
    /// the automaton. The `{` before it is a [`Kind::Colon`].
    ClosingBrace,
    /// A byte order mark.
    #[token("\u{feff}")]
    Mark,
    /// A name or a word.
    #[regex("[A-Za-z][A-Za-z0-9_]*")]
    Ident,
    /// A name with a leading underscore, which Aqua does not have.
    #[regex("_[A-Za-z0-9_]*")]
    Underscored,
    /// Digits without a leading zero.
    #[regex("0|[1-9][0-9]*")]
    Integer,
    /// `1.5`
    #[regex(r"(0|[1-9][0-9]*)\.[0-9]+")]
    Float,
    /// Something that starts like a number and is none: `007`, `0x1f`, `1_000`, `1e9`.
    #[regex(r"[0-9][A-Za-z0-9_]*(\.[0-9][A-Za-z0-9_]*)?", priority = 1)]
    BadNumber,
    /// `"…"`, possibly over several lines.
    #[token("\"", strings::take_string)]
    String,
    /// A string whose closing quote is missing; made from [`Kind::String`] after the automaton.
    OpenString,
    /// A string in the quotes of another language: `'…'`, `“…”`.
    #[regex(r"'[^'\r\n]*'|“[^”\r\n]*”|‘[^’\r\n]*’")]
    Quoted,
    /// `%init_peer_id%`
    #[token("%init_peer_id%")]
    InitPeer,
    /// `,`
    #[token(",")]
    Comma,
    /// `:`
    #[token(":")]
    Colon,
    /// `.`
    #[token(".")]
    Dot,
    /// `(`
    #[token("(")]
    LeftParen,
    /// `)`
    #[token(")")]
    RightParen,
    /// `[`
    #[token("[")]
    LeftBracket,
    /// `]`
    #[token("]")]
    RightBracket,
    /// `{`
    #[token("{")]
    LeftBrace,
    /// `}`
    #[token("}")]
    RightBrace,
    /// `<-`
    #[token("<-")]
    LeftArrow,
    /// `<<-`
    #[token("<<-")]
    PushArrow,
    /// `->`
    #[token("->")]
    RightArrow,
    /// `=`
    #[token("=")]
    Equals,
    /// `?=`
    #[token("?=")]
    QuestionEquals,
    /// `==`
    #[token("==")]
    EqualEqual,
    /// `!=`
    #[token("!=")]
    NotEqual,
    /// `!==`: the first element, compared.
    #[token("!==")]
    FirstEqual,
    /// `<`
    #[token("<")]
    Less,
    /// `<=`
    #[token("<=")]
    LessEqual,
    /// `>`
    #[token(">")]
    Greater,
    /// `>=`
    #[token(">=")]
    GreaterEqual,
    /// `&&`
    #[token("&&")]
    And,
    /// `||`
    #[token("||")]
    Or,
    /// `+`
    #[token("+")]
    Plus,
    /// `-`
    #[token("-")]
    Minus,
    /// `*`
    #[token("*")]
    Star,
    /// `**`
    #[token("**")]
    StarStar,
    /// `/`
    #[token("/")]
    Slash,
    /// `%`
    #[token("%")]
    Percent,
    /// `!`
    #[token("!")]
    Bang,
    /// `?`
    #[token("?")]
    Question,
    /// `⊤`
    #[token("⊤")]
    Top,
    /// `⊥`
    #[token("⊥")]
    Bottom,
    /// Anything else; a run of letters that Aqua does not know is one token.
    Unknown,
}

impl Kind {
    /// Whether it only separates: blanks, line ends, comments.
    #[must_use]
    pub const fn is_trivia(self) -> bool {
        matches!(
            self,
            Self::Blank
                | Self::Newline
                | Self::Comment
                | Self::ForeignComment
                | Self::ClosingBrace
                | Self::Mark
        )
    }

    /// Whether a value can end here, so that what follows is an operator or a separator.
    pub(crate) const fn ends_operand(self) -> bool {
        matches!(
            self,
            Self::Ident
                | Self::Underscored
                | Self::Integer
                | Self::Float
                | Self::BadNumber
                | Self::String
                | Self::OpenString
                | Self::Quoted
                | Self::InitPeer
                | Self::RightParen
                | Self::RightBracket
                | Self::RightBrace
                | Self::Bang
                | Self::Top
                | Self::Bottom
        )
    }

    /// Whether it stands between two operands.
    pub(crate) const fn is_binary_operator(self) -> bool {
        matches!(
            self,
            Self::EqualEqual
                | Self::NotEqual
                | Self::FirstEqual
                | Self::Less
                | Self::LessEqual
                | Self::Greater
                | Self::GreaterEqual
                | Self::And
                | Self::Or
                | Self::Plus
                | Self::Minus
                | Self::Star
                | Self::StarStar
                | Self::Slash
                | Self::Percent
        )
    }
}

/// A token: its kind and its first byte. It ends where the next one starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its first byte.
    pub start: u32,
}

/// Every token of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens<'text> {
    text: &'text str,
    source: SourceId,
    tokens: Vec<Token>,
}

/// The longest text that is read, in bytes. Of a longer one nothing is read, with an error.
pub const MAX_SOURCE_BYTES: usize = 64 << 20;

/// Splits a text into tokens. Never fails; a text above [`MAX_SOURCE_BYTES`] is one token.
#[must_use]
pub fn lex(text: &str, source: SourceId) -> Tokens<'_> {
    if text.len() > MAX_SOURCE_BYTES {
        let tokens = vec![Token { kind: Kind::Unknown, start: 0 }];
        return Tokens { text, source, tokens };
    }
    // A token of Aqua is 3 to 4 bytes long on average; reserving avoids most of the copying.
    let mut tokens = Vec::with_capacity(text.len() / 3 + 8);
    let mut lexer = Kind::lexer(text);
    let mut braces = false;
    while let Some(found) = lexer.next() {
        let start = offset(lexer.span().start);
        let kind = match found {
            Ok(Kind::String) if is_open(lexer.slice()) => Kind::OpenString,
            Ok(kind) => kind,
            Err(()) if continues_word(tokens.last(), lexer.slice()) => continue,
            Err(()) => Kind::Unknown,
        };
        braces |= kind == Kind::RightBrace || kind == Kind::LeftBrace;
        tokens.push(Token { kind, start });
    }
    let mut tokens = Tokens { text, source, tokens };
    if braces {
        braces::read_blocks(&mut tokens);
    }
    tokens
}

/// Whether this string token lacks its closing quote.
fn is_open(slice: &str) -> bool {
    slice.len() < 2 || !slice.ends_with('"')
}

/// Whether a foreign letter belongs to the token before it.
fn continues_word(last: Option<&Token>, letter: &str) -> bool {
    let foreign = !letter.is_ascii() && letter.chars().all(char::is_alphanumeric);
    foreign && last.is_some_and(|token| token.kind == Kind::Unknown)
}

/// A byte offset; texts are bounded by [`MAX_SOURCE_BYTES`].
pub(crate) fn offset(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

impl<'text> Tokens<'text> {
    /// The text that was split.
    #[must_use]
    pub fn text(&self) -> &'text str {
        self.text
    }

    /// The source that spans refer to.
    #[must_use]
    pub fn source(&self) -> SourceId {
        self.source
    }

    /// Number of tokens.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether the text is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The token at a position.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<Token> {
        self.tokens.get(at).copied()
    }

    /// The kind of the token at a position; `None` behind the last.
    #[must_use]
    pub fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    /// First byte of the token at a position; the end of the text behind the last.
    #[must_use]
    pub fn start(&self, at: usize) -> u32 {
        self.tokens.get(at).map_or(offset(self.text.len()), |token| token.start)
    }

    /// One past the last byte of the token at a position.
    #[must_use]
    pub fn end(&self, at: usize) -> u32 {
        self.start(at + 1)
    }

    /// The text of the token at a position; empty behind the last.
    #[must_use]
    pub fn slice(&self, at: usize) -> &'text str {
        self.bytes(self.start(at), self.end(at))
    }

    /// The text between two byte offsets.
    #[must_use]
    pub fn bytes(&self, start: u32, end: u32) -> &'text str {
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }

    /// The place of the token at a position.
    #[must_use]
    pub fn span(&self, at: usize) -> Span {
        Span::new(self.source, self.start(at), self.end(at))
    }

    /// Every token with its text, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, &'text str)> + '_ {
        self.tokens.iter().enumerate().map(|(at, token)| (token.kind, self.slice(at)))
    }

    /// The tokens themselves.
    pub(crate) fn as_slice(&self) -> &[Token] {
        &self.tokens
    }

    /// The first token at or behind a position that is not a blank or a comment. Line ends count.
    pub(crate) fn next_in_line(&self, mut at: usize) -> usize {
        while self.kind(at).is_some_and(|kind| kind.is_trivia() && kind != Kind::Newline) {
            at += 1;
        }
        at
    }

    /// The first token at or behind a position that is not trivia.
    pub(crate) fn next_significant(&self, mut at: usize) -> usize {
        while self.kind(at).is_some_and(Kind::is_trivia) {
            at += 1;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        let tokens = lex(text, SourceId(0));
        let joined: String = tokens.iter().map(|(_, slice)| slice).collect();
        assert_eq!(joined, text);
        tokens.iter().map(|(kind, _)| kind).filter(|kind| *kind != Kind::Blank).collect()
    }

    #[test]
    fn the_longest_operator_wins() {
        use Kind::{FirstEqual, Ident, Integer, LeftArrow, NotEqual, PushArrow, StarStar};
        assert_eq!(kinds("a!=1"), [Ident, NotEqual, Integer]);
        assert_eq!(kinds("a!==1"), [Ident, FirstEqual, Integer]);
        assert_eq!(
            kinds("a<-b<<-c**d"),
            [Ident, LeftArrow, Ident, PushArrow, Ident, StarStar, Ident]
        );
    }

    #[test]
    fn numbers_are_whole_words() {
        use Kind::{BadNumber, Bang, Dot, Float, Ident, Integer};
        assert_eq!(kinds("0 10 1.05 0.5"), [Integer, Integer, Float, Float]);
        assert_eq!(kinds("007 0x1f 1_000 1e9 1.2e3"), [BadNumber; 5]);
        assert_eq!(kinds("xs!0.field"), [Ident, Bang, Integer, Dot, Ident]);
    }

    #[test]
    fn two_minus_signs_start_a_comment_and_a_lone_carriage_return_is_unknown() {
        assert_eq!(kinds("a --1"), [Kind::Ident, Kind::Comment]);
        assert_eq!(kinds("a\r\nb\n\rc\rd").iter().filter(|k| **k == Kind::Newline).count(), 2);
        assert!(kinds("c\rd").contains(&Kind::Unknown));
    }

    #[test]
    fn foreign_letters_form_one_token() {
        assert_eq!(kinds("größe = 1")[1], Kind::Unknown);
        assert_eq!(kinds("имя"), [Kind::Unknown]);
    }
}
