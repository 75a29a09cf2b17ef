//! Names mean nothing by themselves: with every name replaced, the same is said about the same
//! places.

use std::collections::BTreeSet;

use aquac_driver::Checked;

use crate::corpus::{Said, all};

#[test]
fn with_every_name_replaced_the_same_codes_stand_at_the_same_places() {
    let mut tried = 0;
    for program in all().into_iter().filter(crate::corpus::Program::is_alone) {
        let checked = program.compile(&program.text);
        let names = declared(&checked);
        if names.is_empty() {
            continue;
        }
        let (text, shifts) = renamed(&program.text, &names);
        let codes = |said: Vec<Said>| -> Vec<_> {
            said.into_iter().map(|said| (said.code, said.place)).collect()
        };
        let moved = codes(program.check()).into_iter().map(|(code, place)| {
            (code, place.map(|(start, end)| (shifted(start, &shifts), shifted(end, &shifts))))
        });
        let moved: Vec<_> = moved.collect();
        assert_eq!(codes(program.check_as(&text)), moved, "{}\n{text}", program.path);
        tried += 1;
    }
    assert!(tried > 100, "only {tried} programs were renamed");
}

/// Every name that the program itself gives to something.
fn declared(checked: &Checked) -> BTreeSet<String> {
    let program = &checked.typed.program;
    let mut names = BTreeSet::new();
    names.extend(program.functions.iter().map(|(_, function)| function.name.to_string()));
    names.extend(program.services.iter().map(|(_, service)| service.name.to_string()));
    names.extend(program.constants.iter().map(|(_, constant)| constant.name.to_string()));
    names.extend(program.type_declarations.iter().map(|declared| declared.name.to_string()));
    names.extend(program.locals.iter().map(|(_, local)| local.name.to_string()));
    // Some names are also words, or members of what nobody declares.
    names.retain(|name| {
        !name.contains('.')
            && !["message", "key", "value", "length", "copy", "get", "contains", "keys"]
                .contains(&name.as_str())
    });
    names
}

/// The text with longer names, and where it grew by how much.
fn renamed(text: &str, names: &BTreeSet<String>) -> (String, Vec<(usize, usize)>) {
    let mut result = String::with_capacity(text.len() * 2);
    let mut shifts = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let length = skipped(rest).unwrap_or_else(|| word(rest).len());
        let token = &rest[..length.max(next_char(rest))];
        result.push_str(token);
        at += token.len();
        if skipped(rest).is_none() && names.contains(token) {
            let lower = token.bytes().any(|byte| byte.is_ascii_lowercase());
            let suffix = if lower { "renamed" } else { "_RENAMED" };
            result.push_str(suffix);
            shifts.push((at, suffix.len()));
        }
    }
    (result, shifts)
}

/// The length of a string or comment that starts here; a budget has names in it.
fn skipped(text: &str) -> Option<usize> {
    const BUDGET: &str = "-- @budget";
    let line = text.find('\n').unwrap_or(text.len());
    if text.starts_with(BUDGET) {
        return Some(BUDGET.len());
    }
    if text.starts_with("--") {
        return Some(line);
    }
    if let Some(inside) = text.strip_prefix('"') {
        return Some(inside.find('"').map_or(line, |end| end + 2));
    }
    None
}

fn word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    &text[..end.unwrap_or(text.len())]
}

fn next_char(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

/// Where a place is after the change. What ends with a name ends with its new end.
fn shifted(place: usize, shifts: &[(usize, usize)]) -> usize {
    place + shifts.iter().filter(|(at, _)| *at <= place).map(|(_, by)| by).sum::<usize>()
}
