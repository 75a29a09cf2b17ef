//! Whether random programs are as random as the laws need them: every node stands under every
//! other often enough.

use std::collections::BTreeMap;

use aquac_ir::LoopMode;

use crate::random::tree;
use crate::tree::{Behind, N};

/// Programs that are looked at, at most; so many at a time.
const PROGRAMS: u64 = 1_000_000;
const AT_A_TIME: u64 = 50_000;

/// How often a node has to stand under another.
const OFTEN: u32 = 100;

const ABOVE: [&str; 9] =
    ["seq", "par", "try", "if", "match", "for", "live for", "explicit for", "scope"];

const BELOW: [&str; 21] = [
    "seq",
    "par",
    "try",
    "if",
    "match",
    "for",
    "live for",
    "explicit for",
    "scope",
    "never",
    "null",
    "fail",
    "call",
    "let",
    "push",
    "push by key",
    "snapshot",
    "await",
    "visit",
    "next",
    "return",
];

fn kind(node: &N) -> &'static str {
    match node {
        N::Seq(_) => "seq",
        N::Par(_) => "par",
        N::Try(..) => "try",
        N::If(..) => "if",
        N::Match(..) => "match",
        N::Never => "never",
        N::Null => "null",
        N::Fail(_) => "fail",
        N::Call(..) | N::CallVia(..) => "call",
        N::Let(..) => "let",
        N::Push(..) => "push",
        N::PushKey(..) => "push by key",
        N::Snapshot(..) => "snapshot",
        N::Await(..) => "await",
        N::Visit(_) => "visit",
        N::For(_, _, LoopMode::Explicit, ..) => "explicit for",
        N::For(..) => "for",
        N::Live(..) => "live for",
        N::Next(_) => "next",
        N::Scope(..) => "scope",
        N::Return(_) => "return",
        N::On(_, body) | N::OnVia(_, _, body) => kind(body),
    }
}

fn children(node: &N) -> Vec<&N> {
    match node {
        N::Seq(nodes) | N::Par(nodes) => nodes.iter().collect(),
        N::Try(one, other, _) | N::If(_, one, other) => vec![one, other],
        N::Match(.., body) | N::Scope(_, body) => vec![body],
        N::For(.., behind, body) | N::Live(.., behind, body) => match behind {
            Behind::Body(last) => vec![body, last],
            Behind::Complete | Behind::Never => vec![body],
        },
        N::On(_, body) | N::OnVia(_, _, body) => children(body),
        _ => Vec::new(),
    }
}

type Seen = BTreeMap<(&'static str, &'static str), u32>;

fn look(seed: u64, seen: &mut Seen) {
    let tree = tree(seed);
    let mut open = vec![&tree];
    while let Some(node) = open.pop() {
        for child in children(node) {
            *seen.entry((kind(child), kind(node))).or_default() += 1;
            open.push(child);
        }
    }
}

/// What was seen too rarely so far. Every pair is asked for: a verified program may have them all.
fn rare(seen: &Seen) -> Vec<String> {
    let pairs = BELOW.iter().flat_map(|below| ABOVE.iter().map(move |above| (*below, *above)));
    pairs
        .map(|pair| (pair, seen.get(&pair).copied().unwrap_or(0)))
        .filter(|(_, times)| *times < OFTEN)
        .map(|((below, above), times)| format!("{below} under {above}: {times}"))
        .collect()
}

#[test]
fn every_node_stands_under_every_other() {
    let mut seen = Seen::new();
    for from in (0..PROGRAMS).step_by(AT_A_TIME.try_into().unwrap()) {
        (from..from + AT_A_TIME).for_each(|seed| look(seed, &mut seen));
        if rare(&seen).is_empty() {
            return;
        }
    }
    panic!("{}", rare(&seen).join("\n"));
}
