//! Names that other languages have and Aqua does not, with what to do instead.

/// The name that is meant, where there is only one.
pub(crate) fn value_meant(name: &str) -> Option<&'static str> {
    Some(match name {
        "null" | "Null" | "NULL" | "None" | "none" | "undefined" | "Nil" | "nothing" => "nil",
        "True" | "TRUE" => "true",
        "False" | "FALSE" => "false",
        _ => return None,
    })
}

/// The type that is meant, where there is only one.
pub(crate) fn type_meant(name: &str) -> Option<&'static str> {
    Some(match name {
        "str" | "Str" | "text" | "char" | "Char" => "string",
        "boolean" | "Boolean" => "bool",
        "double" | "Double" => "f64",
        "byte" | "Byte" => "u8",
        _ => return None,
    })
}

/// Whether a name is written as constants are, and the peers of a project.
pub(crate) fn is_constant(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    name.len() > 1 && name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(plain)
}

/// What to do where no name is meant.
pub(super) fn instead_of_value(name: &str) -> Option<String> {
    if is_constant(name) {
        let peer = name.to_ascii_lowercase();
        return Some(format!(
            "`[peers.{peer}]` in aqua.toml makes it a peer, `const {name} = …` here a constant"
        ));
    }
    let instead = match name {
        "print" | "println" | "printf" | "echo" | "console" | "log" | "puts" => {
            "return the value with `<-`, or give it to a service that shows it"
        }
        "break" | "continue" => {
            "a loop goes over all elements; `for x <- xs try:` ends with the first that succeeds"
        }
        "pass" | "skip" | "noop" => "leave the line out",
        "self" | "this" => "a function knows its arguments, the constants and its services only",
        "len" | "length" | "size" | "count" => {
            "call `Op.array_length(xs)`, with `import Op from \"@fluencelabs/aqua-lib/builtin.aqua\"`"
        }
        _ => return None,
    };
    Some(instead.to_owned())
}

/// What to do where no type, or more than one, is meant.
pub(super) fn instead_of_type(name: &str) -> Option<String> {
    let instead = match name {
        "int" | "Int" | "integer" | "Integer" | "long" | "Long" | "short" | "number" | "Number"
        | "num" | "uint" | "usize" | "isize" => {
            "whole numbers name their size: `i8` to `i64`, and `u8` to `u64` without a sign"
        }
        "float" | "Float" | "real" => "fractions name their size: `f32` or `f64`",
        "any" | "Any" | "object" | "Object" | "unknown" | "dynamic" | "T" => {
            "name the type; `⊤` takes values of any type"
        }
        "void" | "Void" | "unit" | "Unit" | "None" | "null" => {
            "a function that returns nothing has no `->`"
        }
        "Map" | "map" | "dict" | "Dict" => "declare the fields with `data`; `%T` collects pairs",
        _ => return None,
    };
    Some(instead.to_owned())
}
