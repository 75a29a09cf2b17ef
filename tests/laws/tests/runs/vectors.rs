//! What scripts do by the rules of AIR: vectors of our own, in `tests/laws/vectors/air.txt`, where
//! their form is written down.

use aquac_ir::from_json;
use serde_json::Value as Json;

use crate::air::{Case, Story, id, named, plain, played, seen};

const VECTORS: &str = include_str!("../../vectors/air.txt");
const PEERS: [&str; 3] = ["A", "B", "C"];

/// A vector, and what is to be seen; nothing if it is to be refused.
struct Vector {
    name: &'static str,
    case: Case,
    expected: Option<Story>,
}

fn vectors() -> Vec<Vector> {
    VECTORS.split("\n# ").skip(1).map(vector).collect()
}

fn vector(text: &'static str) -> Vector {
    let (name, rest) = text.split_once('\n').unwrap();
    let peers: Vec<String> = PEERS.iter().map(ToString::to_string).collect();
    let mut case =
        Case { peers, initiator: "A".to_owned(), script: String::new(), answers: Vec::new() };
    let mut expected = Some(Story::new());
    for line in rest.lines() {
        if line == "> refused" {
            expected = None;
        } else if let Some(seen) = line.strip_prefix("> ") {
            expect(expected.as_mut().unwrap(), seen);
        } else if let Some((name, answer)) = line.split_once(" = ") {
            case.answers.push((name.to_owned(), serde_json::from_str::<Json>(answer).unwrap()));
        } else {
            case.script.push_str(line);
            case.script.push('\n');
        }
    }
    Vector { name, case, expected }
}

/// `peer = code` or `peer service.function[arguments]`.
fn expect(story: &mut Story, seen: &str) {
    let (peer, what) = seen.split_once(' ').unwrap();
    let entry = story.entry(peer.to_owned()).or_default();
    if let Some(code) = what.strip_prefix("= ") {
        entry.1 = code.parse().unwrap();
        return;
    }
    let (call, args) = what.split_at(what.find('[').unwrap());
    let args = from_json(&named(args, &PEERS)).unwrap();
    entry.0.push(format!("{call}{}", plain(&args)));
    entry.0.sort();
}

fn difference(vector: &Vector) -> Option<String> {
    match (played(&vector.case), &vector.expected) {
        (Err(_), None) => None,
        (Err(errors), Some(_)) => Some(format!("refused: {errors}")),
        (Ok(_), None) => Some("should be refused".to_owned()),
        (Ok(net), Some(expected)) => {
            let mut found = seen(&vector.case.peers, &net);
            found.retain(|peer, (calls, code)| {
                !calls.is_empty() || *code != 0 && (peer == "A" || expected.contains_key(peer))
            });
            // How the run ends is looked at where it is said, and at the initiator.
            for (peer, (_, code)) in &mut found {
                if peer != "A" && expected.get(peer).is_none_or(|(_, wanted)| *wanted == 0) {
                    *code = 0;
                }
            }
            (found != *expected).then(|| format!("{found:?} not {expected:?}"))
        }
    }
}

#[test]
fn scripts_do_what_the_rules_of_air_say() {
    let vectors = vectors();
    let wrong: Vec<String> = vectors
        .iter()
        .filter_map(|vector| Some(format!("{}: {}", vector.name, difference(vector)?)))
        .collect();
    let text = wrong.join("\n").replace(&id("A").to_string(), "@A");
    assert!(wrong.is_empty(), "{} of {} differ\n{text}", wrong.len(), vectors.len());
}
