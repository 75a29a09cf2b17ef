//! What two interpreters do with the same scripts, and whether they differ.

use std::collections::BTreeMap;

use crate::oracle::{Script, Story, ours, reference};
use crate::random::{Reach, SERVICES, script};
use crate::shrink::shrink;

/// Orders of delivery in which a script that differs is played again.
const ORDERS: u32 = 6;
/// Schedules of ours.
const SCHEDULES: u64 = 3;

#[expect(
    clippy::disallowed_methods,
    reason = "how much is played is said where the test is started"
)]
fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn scripts() -> Vec<Script> {
    let services: serde_json::Value = serde_json::from_str(SERVICES).unwrap();
    let count = number("AQUAC_SCRIPTS", 300);
    let first = number("AQUAC_FIRST", 0);
    let all = first..first + count;
    all.map(|seed| {
        let reach = if seed % 3 == 0 { Reach::Several } else { Reach::One };
        Script { name: seed.to_string(), text: script(seed, reach), services: services.clone() }
    })
    .collect()
}

/// How ours differs, if it does.
pub(crate) fn difference(ours: &Story, theirs: &Story) -> Option<String> {
    match (ours, theirs) {
        (Story::Refused(_), Story::Refused(_)) | (_, Story::Broken(_)) => None,
        (Story::Refused(why), _) => Some(format!("refused: {why}")),
        (_, Story::Refused(why)) => Some(format!("should be refused: {why}")),
        (Story::Played { calls, last }, Story::Played { calls: others, last: other_last }) => {
            if calls != others {
                let only = |one: &[String], other: &[String]| {
                    let mut left = other.to_vec();
                    let mut more = Vec::new();
                    for call in one {
                        match left.iter().position(|found| found == call) {
                            Some(at) => drop(left.remove(at)),
                            None => more.push(call.clone()),
                        }
                    }
                    more.join("  ")
                };
                return Some(format!(
                    "calls +[{}] -[{}]",
                    only(calls, others),
                    only(others, calls)
                ));
            }
            let none = (0, String::new());
            other_last.iter().find_map(|(peer, end)| {
                let own = last.get(peer).unwrap_or(&none);
                // Of an error that nothing can catch, the code is enough.
                let same = own == end || own.0 == end.0 && end.0 >= 20_000;
                (!same).then(|| format!("last at {peer}: {own:?} not {end:?}"))
            })
        }
        (Story::Broken(_), _) => Some("broken".to_owned()),
    }
}

#[test]
#[ignore = "needs npm packages in AQUAC_REFERENCE: see tests/end_to_end/reference/README.md"]
fn random_scripts_do_here_what_they_do_there() {
    let scripts = scripts();
    let theirs = reference(&scripts, 0);
    let mut wrong: BTreeMap<String, (Script, String)> = BTreeMap::new();
    let (mut refused, mut broken) = (0, 0);
    for script in scripts {
        let Some(story) = theirs.get(&script.name) else { continue };
        refused += usize::from(matches!(story, Story::Refused(_)));
        broken += usize::from(matches!(story, Story::Broken(_)));
        let schedules = if script.text.contains("@B") { SCHEDULES } else { 1 };
        let differs = (0..schedules).find_map(|seed| difference(&ours(&script, seed), story));
        if let Some(why) = differs {
            wrong.insert(script.name.clone(), (script, why));
        }
    }
    let first = wrong.len();
    // Where the order of deliveries decides, nothing is said.
    for order in 1..=ORDERS {
        let again: Vec<Script> = wrong.values().map(|(script, _)| script.clone()).collect();
        for (name, story) in reference(&again, order) {
            if Some(&story) != theirs.get(&name) {
                wrong.remove(&name);
            }
        }
    }
    println!("{} played, {refused} refused, {broken} broken there", theirs.len());
    println!("{first} differ, {} of them in every order", wrong.len());
    shrink(&mut wrong);
    let lines: Vec<String> = wrong
        .values()
        .map(|(script, why)| format!("{} {why}\n    {}", script.name, script.text))
        .collect();
    assert!(wrong.is_empty(), "{}", lines.join("\n"));
}
