//! Vim says the same. Only where Vim is: `cargo test -p aquac-highlighters -- --ignored`, which
//! `editors/check` does.

use std::process::{Command, Stdio};

use aquac_syntax::Class;

use crate::{classes, corpus, hold, mistaken_lines};

/// What a group of `editors/vim/syntax/aqua.vim` stands for, as tree-sitter calls it. Vim tells
/// fewer classes apart.
fn captures(group: &str) -> &'static [&'static str] {
    match group {
        "aquaComment" => &["comment"],
        "aquaDocComment" => &["comment.documentation"],
        "aquaTodo" => &["comment", "comment.documentation"],
        "aquaString" => &["string"],
        "aquaNumber" => &["number", "number.float"],
        "aquaBoolean" => &["boolean"],
        "aquaNil" | "aquaBuiltin" | "aquaPeer" => &["constant.builtin"],
        "aquaConstant" => &["constant"],
        "aquaType" => &["type", "module"],
        "aquaTypeName" => &["type", "module", "constant"],
        "aquaTypeWord" => &["type"],
        "aquaDataName" => &["type.definition"],
        "aquaPrimitive" => &["type.builtin"],
        "aquaSigil" | "aquaSigilType" => &["type.qualifier"],
        "aquaServiceName" | "aquaAbility" => &["module"],
        "aquaService" | "aquaModuleName" => &["module", "punctuation.delimiter"],
        "aquaFunction" => &["function"],
        "aquaMethodName" => &["function.method"],
        "aquaMethodCall" => &["function.method.call"],
        "aquaCall" => &["function.call"],
        "aquaVariable" | "aquaHeaderName" => &["variable"],
        "aquaParameter" | "aquaNamed" => &["variable.parameter"],
        "aquaMemberName" | "aquaField" => &["variable.member"],
        "aquaOperator" | "aquaWildcard" => &["operator", "punctuation.delimiter"],
        "aquaTypeArrow" => &["punctuation.delimiter"],
        "aquaFunc" => &["keyword.function"],
        "aquaDeclaration" => &["keyword.type", "keyword.function"],
        "aquaInclude" | "aquaDeclares" | "aquaFrom" | "aquaAs" => &["keyword.import"],
        "aquaConditional" => &["keyword.conditional"],
        "aquaException" => &["keyword.exception"],
        "aquaRepeat" => &["keyword.repeat"],
        "aquaFlow" => &["keyword.coroutine"],
        "aquaTopology" => &["keyword.directive"],
        "aquaError" => &["error"],
        // None, or a region: what is in it and has no group of its own.
        _ => &["punctuation.delimiter", "punctuation.bracket"],
    }
}

/// The groups of each line's bytes, as `editors/vim/test/dump.vim` prints them.
fn groups(path: &std::path::Path) -> Vec<Vec<String>> {
    let dump = corpus::top().join("editors/vim/test/dump.vim");
    let mut vim = Command::new("vim");
    vim.args(["-es", "-u", "NONE", "-S"]).arg(dump).arg(path).stdin(Stdio::null());
    let ended = vim.output().unwrap();
    let text = String::from_utf8(ended.stdout).unwrap();
    let mut lines: Vec<Vec<String>> = Vec::new();
    for line in text.lines() {
        if let Some(source) = line.strip_prefix('>') {
            lines.push(vec![String::new(); source.len()]);
        } else if let Some((range, rest)) =
            line.strip_prefix('#').and_then(|run| run.split_once(' '))
        {
            let (from, to) = range.split_once('-').unwrap();
            let (from, to): (usize, usize) = (from.parse().unwrap(), to.parse().unwrap());
            let group = rest.split(' ').next().unwrap();
            lines.last_mut().unwrap()[from - 1..to].fill(group.to_owned());
        }
    }
    lines
}

#[test]
#[ignore = "needs vim"]
fn vim_agrees() {
    let mut all = Vec::new();
    let files = corpus::files("aqua");
    for path in files.iter().filter(|path| !path.starts_with(corpus::top().join("tests/suite"))) {
        let text = std::fs::read_to_string(path).unwrap();
        let (classes, unread, groups) = (classes(&text), mistaken_lines(&text), groups(path));
        let mut start = 0;
        for (row, line) in text.split('\n').enumerate() {
            for (column, _) in line.char_indices().filter(|(_, c)| !c.is_whitespace()) {
                let ours = classes[start + column].map_or("", Class::capture);
                let group =
                    groups.get(row).and_then(|row| row.get(column)).map_or("", String::as_str);
                if !unread.contains(&row) && !captures(group).contains(&ours) {
                    let at = format!("{}:{}:{}", path.display(), row + 1, column + 1);
                    all.push(format!("{at}: {ours}, but {group}: {}", line.trim()));
                }
            }
            start += line.len() + 1;
        }
    }
    hold(&all);
}
