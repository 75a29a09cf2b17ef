//! Where in a TOML text something stands, for problems that are found after it was read.

use std::ops::Range;

use aquac_base::{Code, Diagnostic, SourceId, Span};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A manifest or a peer's file says something that cannot be.
const BAD_MANIFEST: Code = Code("AQ0810");

/// One step into a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    /// The value of this key.
    Key(&'a str),
    /// The element with this number.
    Index(usize),
}

/// The problem, with the place at which the path ends. Where the path leads nowhere, because
/// something is missing, the place is the last thing on it that is there.
pub(crate) fn problem(
    source: SourceId,
    text: &str,
    path: &[Step<'_>],
    what: impl Into<String>,
) -> Diagnostic {
    let Range { start, end } = place(text, path);
    let at = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    Diagnostic::error(BAD_MANIFEST, what, Span::new(source, at(start), at(end)), "here")
}

fn place(text: &str, path: &[Step<'_>]) -> Range<usize> {
    let Ok(document) = DeTable::parse(text) else { return 0..0 };
    let Some((Step::Key(first), rest)) = path.split_first() else { return 0..0 };
    let Some(mut found) = document.get_ref().get(*first) else { return 0..0 };
    for step in rest {
        match inside(found, *step) {
            Some(deeper) => found = deeper,
            None => break,
        }
    }
    found.span()
}

fn inside<'a, 'i>(
    value: &'a Spanned<DeValue<'i>>,
    step: Step<'_>,
) -> Option<&'a Spanned<DeValue<'i>>> {
    match step {
        Step::Key(key) => value.get_ref().get(key),
        Step::Index(index) => value.get_ref().get(index),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "name = \"a\"\nlisten = [\"x\", \"yy\"]\n[network]\ndeny = [\"z\"]\n\
                        [[service]]\nid = \"s\"\n[service.functions.f]\npath = \"p\"\n";

    fn at(path: &[Step<'_>]) -> &'static str {
        &TEXT[place(TEXT, path)]
    }

    #[test]
    fn a_path_leads_to_a_value_or_to_the_last_thing_on_it() {
        use Step::{Index, Key};
        assert_eq!(at(&[Key("listen"), Index(1)]), "\"yy\"");
        assert_eq!(at(&[Key("network"), Key("deny"), Index(0)]), "\"z\"");
        let function = [Key("service"), Index(0), Key("functions"), Key("f")];
        assert_eq!(at(&[&function[..], &[Key("path")]].concat()), "\"p\"");
        assert_eq!(at(&[&function[..], &[Key("body")]].concat()), "[service.functions.f]");
        assert_eq!(at(&[Key("service"), Index(0), Key("url")]), "[[service]]");
        assert_eq!(place(TEXT, &[Key("key_file")]), 0..0);
    }
}
