//! A script that differs into a short one that still does.

use std::collections::BTreeMap;

use crate::compare::difference;
use crate::oracle::{Script, ours, reference};

/// Tries of one script in one round.
const TRIES: usize = 60;
/// Rounds.
const ROUNDS: usize = 40;

/// A part of a text.
type Part = (usize, usize);

/// Where the instructions of a script begin and end, each with those directly inside it.
fn instructions(text: &str) -> Vec<(Part, Vec<Part>)> {
    let words = [
        "call", "canon", "ap", "seq", "par", "xor", "match", "mismatch", "fold", "next", "new",
        "fail", "never", "null",
    ];
    let mut open: Vec<(usize, bool, Vec<Part>)> = Vec::new();
    let mut all = Vec::new();
    let mut quoted = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '(' if !quoted => {
                let word = text[at + 1..].split([' ', ')']).next().unwrap_or_default();
                open.push((at, words.contains(&word), Vec::new()));
            }
            ')' if !quoted => {
                let Some((start, real, inside)) = open.pop() else { continue };
                if real {
                    all.push(((start, at + 1), inside));
                    if let Some((_, _, inside)) = open.last_mut() {
                        inside.push((start, at + 1));
                    }
                }
            }
            _ => {}
        }
    }
    all
}

/// Shorter scripts: without an instruction, or with one of its parts for it, or without an argument.
fn shorter(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    for ((start, end), inside) in instructions(text) {
        let mut put =
            |instead: &str| all.push(format!("{}{instead}{}", &text[..start], &text[end..]));
        if end - start > "(null)".len() {
            put("(null)");
        }
        for (start, end) in &inside {
            put(&text[*start..*end]);
        }
        let own = &text[start..end];
        if own.starts_with("(call")
            && let (Some(from), Some(to)) = (own.find(") [").map(|at| at + 3), own.rfind(']'))
        {
            let arguments: Vec<&str> = own[from..to].split(' ').collect();
            for left_out in 0..arguments.len() {
                let mut fewer = arguments.clone();
                fewer.remove(left_out);
                put(&format!("{}{}{}", &own[..from], fewer.join(" "), &own[to..]));
            }
        }
    }
    all.retain(|shorter| shorter.len() < text.len());
    all.sort_by_key(String::len);
    all.dedup();
    all
}

/// Makes all of them as short as they go.
pub(crate) fn shrink(scripts: &mut BTreeMap<String, (Script, String)>) {
    let mut tried: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..ROUNDS {
        let mut tries = Vec::new();
        for (name, (script, _)) in scripts.iter() {
            let from = tried.get(name).copied().unwrap_or(0);
            let found = shorter(&script.text).into_iter().enumerate().skip(from).take(TRIES);
            tries.extend(found.map(|(at, text)| {
                let services = script.services.clone();
                Script { name: format!("{name}/{at}"), text, services }
            }));
        }
        if tries.is_empty() {
            return;
        }
        let (first, other, third) =
            (reference(&tries, 0), reference(&tries, 3), reference(&tries, 4));
        let mut better: BTreeMap<&str, (&Script, String)> = BTreeMap::new();
        for script in &tries {
            let (name, _) = script.name.split_once('/').unwrap();
            *tried.entry(name.to_owned()).or_default() += 1;
            if better.contains_key(name) {
                continue;
            }
            let Some(story) = first.get(&script.name) else { continue };
            if Some(story) != other.get(&script.name) || Some(story) != third.get(&script.name) {
                continue;
            }
            if let Some(why) = difference(&ours(script, 0), story) {
                better.insert(name, (script, why));
            }
        }
        for (name, (script, why)) in better {
            tried.remove(name);
            if let Some(found) = scripts.get_mut(name) {
                *found = (Script { name: name.to_owned(), ..script.clone() }, why);
            }
        }
    }
}
