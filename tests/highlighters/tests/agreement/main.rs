//! Every highlighter says the same about every Aqua text of the repository.
//!
//! For each character that is no blank, the TextMate scope and the tree-sitter capture must be
//! those that [`aquac_syntax::Class`] names for it. On lines that a grammar or the parser cannot
//! read, and only there, highlighters may guess differently.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test of files"
)]

mod corpus;
mod snippets;
mod textmate;
mod trees;
mod vim;

use std::collections::BTreeSet;
use std::fmt::Write;

use aquac_base::{Fix, SourceId};
use aquac_syntax::{Class, highlight, parse};

use corpus::Text;
use textmate::Grammar;
use trees::{Highlighter, broken_lines};

/// The class of each byte.
fn classes(text: &str) -> Vec<Option<Class>> {
    let mut bytes = vec![None; text.len()];
    for one in highlight(SourceId(0), text) {
        bytes[one.span.start as usize..one.span.end as usize].fill(Some(one.class));
    }
    bytes
}

/// Compares two classifications; `unread` are lines that do not count. What differs, a line each.
fn differences(
    Text { name, text }: &Text,
    unread: &BTreeSet<usize>,
    ours: impl Fn(usize) -> Option<&'static str>,
    theirs: impl Fn(usize) -> Option<String>,
) -> Vec<String> {
    let mut found = Vec::new();
    let mut start = 0;
    for (row, line) in text.split('\n').enumerate() {
        for (column, _) in line.char_indices().filter(|(_, c)| !c.is_whitespace()) {
            let (ours, theirs) = (ours(start + column), theirs(start + column));
            if !unread.contains(&row) && ours != theirs.as_deref() {
                let at = format!("{name}:{}:{}", row + 1, column + 1);
                found.push(format!("{at}: {ours:?}, but {theirs:?}: {}", line.trim()));
            }
        }
        start += line.len() + 1;
    }
    found
}

/// The lines on which the parser reports something or would put something right, and the blocks
/// below them: what a block is depends on its head.
fn mistaken_lines(text: &str) -> BTreeSet<usize> {
    let row = |byte: u32| text[..byte as usize].matches('\n').count();
    let wrong = parse(SourceId(0), text).diagnostics;
    let wrong: Vec<_> = wrong.iter().filter(|one| one.is_error()).collect();
    let shown = wrong.iter().filter_map(|one| one.primary.as_ref()).map(|label| label.span);
    let fixes = wrong.iter().filter_map(|one| one.fix.as_ref()).map(|fix| match fix {
        Fix::Certain(edits) | Fix::Suggested(edits) => edits,
    });
    let edited = fixes.flatten().map(|edit| edit.span);
    let heads: BTreeSet<usize> =
        shown.chain(edited).flat_map(|span| row(span.start)..=row(span.end)).collect();
    let lines: Vec<&str> = text.split('\n').collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let below = |head: usize| {
        let deeper = |line: &&&str| line.trim().is_empty() || indent(line) > indent(lines[head]);
        lines[head + 1..].iter().take_while(deeper).count()
    };
    heads.iter().flat_map(|head| *head..=*head + below(*head)).collect()
}

fn hold(all: &[String]) {
    let mut shown = String::new();
    for one in all.iter().take(60) {
        writeln!(shown, "{one}").unwrap();
    }
    assert!(all.is_empty(), "{} differences\n{shown}", all.len());
}

#[test]
fn tree_sitter_agrees() {
    let mut highlighter = Highlighter::new(tree_sitter_aqua::HIGHLIGHTS_QUERY);
    let mut all = Vec::new();
    let mut clean = 0;
    for text in corpus::texts() {
        let tree = highlighter.tree(&text.text);
        let mut unread = mistaken_lines(&text.text);
        let broken = broken_lines(&tree);
        if unread.is_empty() {
            clean += 1;
            for row in &broken {
                all.push(format!("{}:{}: no tree", text.name, row + 1));
            }
        }
        unread.extend(broken);
        let captures = highlighter.captures(&tree, &text.text);
        let classes = classes(&text.text);
        all.extend(differences(
            &text,
            &unread,
            |at| classes[at].map(Class::capture),
            |at| captures[at].map(str::to_owned),
        ));
    }
    assert!(clean > 100, "only {clean} texts without a mistake");
    hold(&all);
}

#[test]
fn textmate_agrees() {
    let grammar = Grammar::read(&corpus::read("editors/textmate/aqua.tmLanguage.json"));
    let mut all = Vec::new();
    let texts = corpus::texts();
    let known: BTreeSet<&str> = texts.iter().flat_map(|text| known_scopes(&text.text)).collect();
    for text in texts {
        let unread = mistaken_lines(&text.text);
        let mut scopes: Vec<Option<String>> = Vec::with_capacity(text.text.len());
        for (line, tokens) in text.text.split('\n').zip(grammar.lines(&text.text)) {
            let start = scopes.len();
            scopes.resize(start + line.len() + 1, None);
            for token in tokens {
                scopes[start + token.start..start + token.end].fill(scope(&known, &token.scopes));
            }
        }
        let classes = classes(&text.text);
        all.extend(differences(
            &text,
            &unread,
            |at| classes[at].map(Class::textmate),
            |at| scopes[at].clone(),
        ));
    }
    hold(&all);
}

/// The scopes that classes of this text have.
fn known_scopes(text: &str) -> Vec<&'static str> {
    highlight(SourceId(0), text).iter().map(|one| one.class.textmate()).collect()
}

/// What the scopes of a token amount to: the innermost that is a class.
fn scope(known: &BTreeSet<&str>, scopes: &[String]) -> Option<String> {
    scopes.iter().rev().find_map(|scope| {
        let scope = scope.strip_suffix(".aqua")?;
        let same = |known: &str| scope == known || scope.starts_with(&format!("{known}."));
        if ["punctuation.separator", "punctuation.accessor"].into_iter().any(same) {
            return Some("punctuation.separator".to_owned());
        }
        if [
            "punctuation.section",
            "punctuation.definition.parameters",
            "punctuation.definition.abilities",
        ]
        .into_iter()
        .any(same)
        {
            return Some("punctuation.section".to_owned());
        }
        let classes = known.iter().copied().filter(|known| same(known));
        classes.max_by_key(|known| known.len()).map(str::to_owned)
    })
}

/// What the real engine says about the samples is what this one says.
#[test]
fn the_textmate_engine_is_the_one_of_vs_code() {
    for (name, grammar) in [("aqua", "aqua"), ("air", "air"), ("aqirt", "aqir")] {
        let grammar =
            Grammar::read(&corpus::read(&format!("editors/textmate/{grammar}.tmLanguage.json")));
        let sample = corpus::read(&format!("editors/textmate/test/snapshots/sample.{name}"));
        let golden = corpus::read(&format!("editors/textmate/test/snapshots/sample.{name}.snap"));
        let mut snapshot = String::new();
        for (line, tokens) in sample.split('\n').zip(grammar.lines(&sample)) {
            writeln!(snapshot, ">{line}").unwrap();
            for token in tokens.iter().filter(|_| !line.trim().is_empty()) {
                let width = |piece: &str| piece.encode_utf16().count();
                let before = " ".repeat(width(&line[..token.start]));
                let marks = "^".repeat(width(&line[token.start..token.end]));
                writeln!(snapshot, "#{before}{marks} {}", token.scopes.join(" ")).unwrap();
            }
        }
        assert_eq!(snapshot.trim_end(), golden.trim_end(), "{name}");
    }
}

/// Every word and sign of AIR and of the IR's text form has a scope, and none is a mistake.
#[test]
fn nothing_in_air_and_in_the_text_of_programs_is_left_plain() {
    for (heading, grammar) in [("ir", "aqir"), ("air", "air")] {
        let path = format!("editors/textmate/{grammar}.tmLanguage.json");
        let grammar = Grammar::read(&corpus::read(&path));
        let mut texts = corpus::sections(heading);
        // A program that cannot be built has mistakes there.
        texts.retain(|text| !text.text.contains("─["));
        let sample = format!(
            "editors/textmate/test/snapshots/sample.{}",
            if heading == "ir" { "aqirt" } else { "air" }
        );
        texts.push(Text { text: corpus::read(&sample), name: sample });
        for Text { name, text } in texts {
            for (line, tokens) in text.split('\n').zip(grammar.lines(&text)) {
                for token in tokens {
                    let piece = line[token.start..token.end].trim();
                    let plain = token.scopes.len() == 1 && !piece.is_empty();
                    let wrong = token.scopes.iter().any(|scope| scope.starts_with("invalid"));
                    assert!(!plain && !wrong, "{name}: {piece:?} in {line}");
                }
            }
        }
    }
}

/// Every query of every editor is one that the grammar understands.
#[test]
fn the_queries_of_all_editors_fit_the_grammar() {
    let queries = corpus::files("scm");
    assert!(queries.len() >= 20, "only {} queries", queries.len());
    for path in queries {
        let text = std::fs::read_to_string(&path).unwrap();
        let language = tree_sitter_aqua::LANGUAGE.into();
        if let Err(why) = tree_sitter::Query::new(&language, &text) {
            panic!("{}: {why}", path.display());
        }
    }
}
