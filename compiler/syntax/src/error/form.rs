//! Forms of other languages, each with what is said about it: AQ0105.

use aquac_base::Fix;

/// A form that another language has, where Aqua has another or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `x := 1`
    ColonEquals,
    /// `x: T = 1`, `const X: T = 1`
    TypedBinding,
    /// `(a, b) <- f()`
    NamesInParentheses,
    /// `x += 1`, `x++`
    Change,
    /// `x <- await f()`
    Awaited,
    /// `f() -> x`
    BoundBehind,
    /// `a === b`
    TripleEquals,
    /// `a is b`
    Is,
    /// `xs << x`
    Shift,
    /// `c ? a : b`, `a if c else b`
    Choice,
    /// `"a" ++ b`, `f"a {b}"`
    Text,
    /// `-x`
    Negation,
    /// `(x) => y`, `lambda x: y`
    Lambda,
    /// `T[]`, `[T]`
    ArrayBehind,
    /// `T?`
    OptionBehind,
    /// `Array<T>`
    CollectionByName,
    /// `Map<K, V>`
    TypeArguments,
    /// `func f<T>(…)`
    TypeParameters,
    /// `T x`
    TypeFirst,
    /// `f(): T`, `f() => T`, `f() T`
    ResultType,
    /// `P { x: 1 }`, `P(x: 1)`
    Fields,
    /// `{ x: 1 }`
    NamelessFields,
    /// `x: T,`
    CommaBehindMember,
    /// `from "x" import y`
    ImportBehind,
    /// `import { x } from "y"`
    ImportInBraces,
    /// `import * as X from "y"`
    ImportOfAll,
    /// `export func f():`
    ExportedDeclaration,
    /// `service S = "id":`
    ServiceId,
    /// `alias X = T`
    AliasEquals,
    /// `for (x <- xs):`
    LoopInParentheses,
    /// `via r on p:`
    ViaFirst,
    /// `f() if c`, `f() on p`
    HeadBehind,
}

/// What is said about a form.
pub(super) struct Words {
    /// What is wrong, in one line.
    pub(super) title: &'static str,
    /// What stands at the place.
    pub(super) label: &'static str,
    /// What to do, where the line as it was meant is not known.
    pub(super) help: Option<&'static str>,
}

impl Words {
    const fn new(title: &'static str, label: &'static str) -> Self {
        Self { title, label, help: None }
    }

    const fn help(self, help: &'static str) -> Self {
        Self { help: Some(help), ..self }
    }
}

impl Form {
    #[expect(clippy::too_many_lines, reason = "a table of the forms and their words")]
    pub(super) const fn words(self) -> Words {
        match self {
            Self::ColonEquals => Words::new("a name is given to a value with `=`", "expected `=`"),
            Self::TypedBinding => Words::new("a value brings its own type", "no type is needed"),
            Self::NamesInParentheses => {
                Words::new("several names are bound without parentheses", "not needed")
            }
            Self::Change => Words::new("a name keeps its value", "would change it"),
            Self::Awaited => Words::new("every call is waited for", "not needed"),
            Self::BoundBehind => {
                Words::new("the names of results stand before the call", "expected before the call")
            }
            Self::TripleEquals => Words::new("equality is written `==`", "expected `==`"),
            Self::Is => Words::new("equality is written `==`", "expected `==`"),
            Self::Shift => Words::new("a value is pushed to a stream with `<<-`", "expected `<<-`"),
            Self::Choice => {
                Words::new("a value cannot be chosen within a line", "expected one value")
                    .help("choose with `if` and `else`, where each branch pushes to a stream")
            }
            Self::Text => Words::new("texts are joined by a service", "strings have no operators")
                .help("call `concat(a, b)`, with `import concat from \"aqua/texts.aqua\"`"),
            Self::Negation => Words::new("only a number has a sign", "this is no number"),
            Self::Lambda => Words::new("a function within a function has a name", "has no name")
                .help("write `name = func (x: type) -> type:` and its body below it"),
            Self::ArrayBehind => Words::new(
                "`[]` stands before the type of the elements",
                "expected before the type",
            ),
            Self::OptionBehind => {
                Words::new("`?` stands before the type", "expected before the type")
            }
            Self::CollectionByName => Words::new(
                "collections are written with a sign before the type",
                "not a type of Aqua",
            ),
            Self::TypeArguments => Words::new("types have no arguments", "not arguments")
                .help("collections are `[]T`, `?T`, `*T`; a stream of pairs is `%T`"),
            Self::TypeParameters => {
                Words::new("functions have no type parameters", "not expected here")
                    .help("declare a function for each type that it is used with")
            }
            Self::TypeFirst => Words::new("a name stands before its type", "a type and a name"),
            Self::ResultType => {
                Words::new("the type of a result stands behind `->`", "expected `->`")
            }
            Self::Fields => {
                Words::new("fields are given in parentheses, with `=`", "fields and values")
            }
            Self::NamelessFields => Words::new(
                "a value with fields starts with the name of its type",
                "fields of which type?",
            )
            .help("write `Type(field = value)`"),
            Self::CommaBehindMember => Words::new("no comma ends this line", "not needed"),
            Self::ImportBehind => {
                Words::new("the path of an import comes last", "expected `import`")
            }
            Self::ImportInBraces => Words::new("names are imported without braces", "not needed"),
            Self::ImportOfAll => Words::new("a whole module is imported without `*`", "not needed")
                .help("write `import \"path\"`, or `use \"path\" as Name`"),
            Self::ExportedDeclaration => {
                Words::new("functions are exported by name", "a declaration is not exported here")
                    .help("write `export name` at the top of the file")
            }
            Self::ServiceId => {
                Words::new("the id of a service stands in parentheses", "expected `(`")
            }
            Self::AliasEquals => {
                Words::new("the type of an alias stands behind `:`", "expected `:`")
            }
            Self::LoopInParentheses => Words::new("`for` takes no parentheses", "not needed"),
            Self::ViaFirst => Words::new("`via` stands behind the peer", "expected `on`"),
            Self::HeadBehind => {
                Words::new("this starts a line of its own", "expected at the start of a line")
                    .help("write it above this line, with `:`, and indent this line")
            }
        }
    }

    /// The repair, unless what it makes of the line may be another thing than what was meant.
    pub(super) fn trusted(self, fix: Fix) -> Fix {
        match (self, fix) {
            (Self::TypedBinding | Self::Negation, Fix::Certain(edits)) => Fix::Suggested(edits),
            (_, fix) => fix,
        }
    }
}
