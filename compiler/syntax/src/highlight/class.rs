//! The classes of tokens, and what editors call them.

/// What a piece of text is, as far as the text itself tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// `--- …`
    DocComment,
    /// `-- …`
    Comment,
    /// `"…"`
    String,
    /// `12`
    Number,
    /// `1.5`
    Float,
    /// `true`, `false`
    Boolean,
    /// `nil`, `LAST_ERROR`, `PARTICLE_TTL`, `PARTICLE_TIMESTAMP`
    Builtin,
    /// `HOST_PEER_ID`, `INIT_PEER_ID`, `%init_peer_id%`
    Peer,
    /// `func`
    Func,
    /// `service`, `ability`, `data`, `alias`, `const`
    Declaration,
    /// `aqua`, `declares`, `import`, `use`, `export`, `from`, `as`
    Import,
    /// `if`, `else`, `otherwise`
    Conditional,
    /// `for`
    Loop,
    /// `par`, `co`, `join`, `parseq`, `rec`, and `try` behind a loop
    Flow,
    /// `try`, `catch`
    Exception,
    /// `on`, `via`
    Topology,
    /// `<-`
    Bind,
    /// `<<-`
    Push,
    /// `=`, `?=`
    Assignment,
    /// `->`
    Arrow,
    /// `==`, `!=`, `<`, `<=`, `>`, `>=`
    Comparison,
    /// `&&`, `||`, `!` before a value
    Logical,
    /// `+`, `-`, `*`, `/`, `%`, `**`
    Arithmetic,
    /// `!` behind a value
    StreamAccess,
    /// The `*` of `declares *`.
    Wildcard,
    /// `[]`, `?`, `*`, `%` in a type or before `[`
    Sigil,
    /// `u8` … `string`, `⊤`, `⊥`
    Primitive,
    /// A type where it is used.
    Type,
    /// The name behind `data` and `alias`.
    TypeDefinition,
    /// A service, or a module before a dot.
    Service,
    /// An ability.
    Ability,
    /// The name of a module.
    Namespace,
    /// A function or closure where it is written.
    Function,
    /// A function where it is called.
    FunctionCall,
    /// A method where it is declared.
    Method,
    /// A method where it is called.
    MethodCall,
    /// A parameter, or the name of a field in a constructor.
    Parameter,
    /// A variable.
    Variable,
    /// A field.
    Field,
    /// A name in upper case.
    Constant,
    /// `,`, `.`, `:`
    Delimiter,
    /// Brackets of all kinds.
    Bracket,
    /// What Aqua does not know.
    Invalid,
}

impl Class {
    /// The TextMate scope, without `.aqua` at its end.
    #[must_use]
    pub const fn textmate(self) -> &'static str {
        match self {
            Self::DocComment => "comment.line.documentation",
            Self::Comment => "comment.line.double-dash",
            Self::String => "string.quoted.double",
            Self::Number | Self::Float => "constant.numeric",
            Self::Boolean | Self::Builtin => "constant.language",
            Self::Peer => "constant.language.peer",
            Self::Func | Self::Declaration => "storage.type",
            Self::Import => "keyword.control.import",
            Self::Conditional => "keyword.control.conditional",
            Self::Loop | Self::Flow => "keyword.control.flow",
            Self::Exception => "keyword.control.exception",
            Self::Topology => "keyword.control.topology",
            Self::Bind => "keyword.operator.bind",
            Self::Push => "keyword.operator.push",
            Self::Assignment => "keyword.operator.assignment",
            Self::Arrow => "keyword.operator.arrow",
            Self::Comparison => "keyword.operator.comparison",
            Self::Logical => "keyword.operator.logical",
            Self::Arithmetic => "keyword.operator.arithmetic",
            Self::StreamAccess => "keyword.operator.stream-access",
            Self::Wildcard => "keyword.operator.wildcard",
            Self::Sigil => "storage.modifier.collection",
            Self::Primitive => "support.type.primitive",
            Self::Type | Self::TypeDefinition => "entity.name.type",
            Self::Service => "entity.name.type.service",
            Self::Ability => "entity.name.type.ability",
            Self::Namespace => "entity.name.namespace",
            Self::Function => "entity.name.function",
            Self::FunctionCall => "entity.name.function.call",
            Self::Method | Self::MethodCall => "support.function.method",
            Self::Parameter => "variable.parameter",
            Self::Variable => "variable.other",
            Self::Field => "variable.other.property",
            Self::Constant => "variable.other.constant",
            Self::Delimiter => "punctuation.separator",
            Self::Bracket => "punctuation.section",
            Self::Invalid => "invalid.illegal",
        }
    }

    /// The tree-sitter capture, without `@`.
    #[must_use]
    pub const fn capture(self) -> &'static str {
        match self {
            Self::DocComment => "comment.documentation",
            Self::Comment => "comment",
            Self::String => "string",
            Self::Number => "number",
            Self::Float => "number.float",
            Self::Boolean => "boolean",
            Self::Builtin | Self::Peer => "constant.builtin",
            Self::Func => "keyword.function",
            Self::Declaration => "keyword.type",
            Self::Import => "keyword.import",
            Self::Conditional => "keyword.conditional",
            Self::Loop => "keyword.repeat",
            Self::Flow => "keyword.coroutine",
            Self::Exception => "keyword.exception",
            Self::Topology => "keyword.directive",
            Self::Arrow | Self::Delimiter => "punctuation.delimiter",
            Self::Bind
            | Self::Push
            | Self::Assignment
            | Self::Comparison
            | Self::Logical
            | Self::Arithmetic
            | Self::StreamAccess
            | Self::Wildcard => "operator",
            Self::Sigil => "type.qualifier",
            Self::Primitive => "type.builtin",
            Self::Type => "type",
            Self::TypeDefinition => "type.definition",
            Self::Service | Self::Ability | Self::Namespace => "module",
            Self::Function => "function",
            Self::FunctionCall => "function.call",
            Self::Method => "function.method",
            Self::MethodCall => "function.method.call",
            Self::Parameter => "variable.parameter",
            Self::Variable => "variable",
            Self::Field => "variable.member",
            Self::Constant => "constant",
            Self::Bracket => "punctuation.bracket",
            Self::Invalid => "error",
        }
    }
}
