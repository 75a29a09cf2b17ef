//! A line that is lost or unreadable costs its own declaration, and what needs that.

use std::collections::BTreeSet;

use crate::corpus::{Program, Said, clean};

/// A declaration with a mistake, planted behind everything else: it must be found.
const PROBE: &str = "\nfunc planted_probe() -> u8:\n  <- \"planted\"\n";

#[test]
fn without_any_one_line_every_other_declaration_checks() {
    damage_every_line(|_| None);
}

#[test]
fn with_any_one_line_unreadable_every_other_declaration_checks() {
    damage_every_line(|line| {
        let indent = line.len() - line.trim_start().len();
        Some(format!("{}?? {} ?", &line[..indent], line.trim()))
    });
}

/// Replaces each line in turn (`None`: the line goes) and looks where that is noticed.
fn damage_every_line(damage: impl Fn(&str) -> Option<String>) {
    let mut tried = 0;
    for program in clean() {
        let lines: Vec<&str> = program.text.lines().collect();
        let owner = owners(&lines);
        for at in (0..lines.len()).filter(|at| !is_idle(lines[*at])) {
            let mut changed: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            let line = damage(lines[at]);
            // An emptied line keeps the numbers of the others.
            changed[at] = line.unwrap_or_default();
            let text = format!("{}\n{PROBE}", changed.join("\n"));
            check_mutant(&program, &text, at, &lines, &owner);
            tried += 1;
        }
    }
    assert!(tried > 1_000, "only {tried} lines were damaged");
}

fn check_mutant(program: &Program, text: &str, at: usize, lines: &[&str], owner: &[usize]) {
    let place = format!("{}:{} `{}`", program.path, at + 1, lines[at]);
    let said = program.check_as(text);
    let planted = said.iter().any(|said| {
        said.code == "AQ0302"
            && said.place.is_some_and(|(start, _)| start > text.rfind("<-").unwrap())
    });
    assert!(planted, "{place}: the planted mistake is not found\n{said:#?}");
    let touched = needing(owner[at], lines, owner);
    for Said { place: found, message, code, error } in &said {
        let Some((start, _)) = found.filter(|_| *error) else { continue };
        let line = text[..start].matches('\n').count();
        let Some(declaration) = owner.get(line) else { continue };
        assert!(
            touched.contains(declaration),
            "{place}: {code} {message} in line {}: `{}`",
            line + 1,
            lines[line]
        );
    }
}

/// Whether a line says nothing.
fn is_idle(line: &str) -> bool {
    line.trim().is_empty() || line.trim().starts_with("--")
}

/// For each line the first line of its declaration; 0 for the header lines.
fn owners(lines: &[&str]) -> Vec<usize> {
    let words = ["func ", "data ", "service ", "ability ", "alias ", "const "];
    let mut owner = 0;
    let starts = |line: &str| words.iter().any(|word| line.starts_with(word));
    let owners = lines.iter().enumerate().map(|(at, line)| {
        if starts(line) {
            owner = at;
        }
        owner
    });
    owners.collect()
}

/// Declarations that mention something of a declaration, and those that mention these.
fn needing(first: usize, lines: &[&str], owner: &[usize]) -> BTreeSet<usize> {
    // Header lines bring names, and are where names are asked for.
    if first == 0 {
        return owner.iter().copied().collect();
    }
    let mut needing = BTreeSet::from([first, 0]);
    loop {
        let mut names = BTreeSet::new();
        for (at, line) in lines.iter().enumerate() {
            if needing.contains(&owner[at]) && owner[at] != 0 {
                names.extend(declared(line, owner[at] == at));
            }
        }
        let mentions = |at: &usize| {
            let code = lines[*at].split("--").next().unwrap_or("");
            words(code).any(|word| names.contains(word))
        };
        let more: Vec<usize> = (0..lines.len()).filter(mentions).map(|at| owner[at]).collect();
        let before = needing.len();
        needing.extend(more);
        if needing.len() == before {
            return needing;
        }
    }
}

/// The names that a line of a declaration gives to others: the declaration's own, those of
/// members.
fn declared(line: &str, first: bool) -> Vec<&str> {
    let mut all = words(line);
    if first { all.nth(1).into_iter().collect() } else { all.next().into_iter().collect() }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}
