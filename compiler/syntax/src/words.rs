//! The words that mean something somewhere. None is reserved.

/// Whether a declaration or a header line may start with this word.
pub(crate) fn starts_declaration(word: &str) -> bool {
    matches!(
        word,
        "func"
            | "data"
            | "service"
            | "ability"
            | "alias"
            | "const"
            | "import"
            | "use"
            | "export"
            | "aqua"
            | "module"
    )
}

/// Whether a statement starts with this word and a value behind it.
pub(crate) fn takes_value(word: &str) -> bool {
    matches!(word, "if" | "on" | "join" | "par" | "co")
}

/// Whether names that are being bound stand behind this word.
pub(crate) fn precedes_names(word: &str) -> bool {
    matches!(word, "for" | "parseq" | "catch" | "par" | "co")
}

/// Whether the word is a type that needs no declaration.
pub(crate) fn is_scalar(word: &str) -> bool {
    crate::ast::Scalar::ALL.iter().any(|scalar| scalar.as_str() == word)
}

/// Whether a line with this word in front has a body below it.
pub(crate) fn opens_body(word: &str) -> bool {
    matches!(
        word,
        "func"
            | "data"
            | "service"
            | "ability"
            | "if"
            | "else"
            | "on"
            | "for"
            | "parseq"
            | "try"
            | "catch"
            | "otherwise"
    )
}

/// Whether a line with this word in front has its body in braces in some language.
pub(crate) fn opens_braces(word: &str) -> bool {
    opens_body(word)
        || matches!(
            word,
            "par"
                | "co"
                | "parallel"
                | "seq"
                | "while"
                | "loop"
                | "foreach"
                | "match"
                | "switch"
                | "finally"
                | "elif"
                | "elsif"
                | "def"
                | "fn"
                | "fun"
                | "function"
                | "struct"
                | "record"
                | "class"
                | "message"
                | "interface"
                | "trait"
                | "protocol"
        )
}

/// Whether a string with this in front of its quotes is one of a special kind in some language.
pub(crate) fn is_string_prefix(word: &str) -> bool {
    matches!(word, "f" | "r" | "b" | "u" | "fr" | "rf" | "br" | "rb" | "s" | "raw")
}
