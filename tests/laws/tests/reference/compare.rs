//! What two interpreters do with the same scripts, and whether they differ.

use std::collections::BTreeMap;

use crate::oracle::{Script, Story, ours, reference};
use crate::random::{Reach, script};
use crate::services::SERVICES;
use crate::shrink::shrink;
use crate::table::different;

/// Orders of delivery in which a script that differs is played again.
const ORDERS: u32 = 6;
/// Schedules of ours.
const SCHEDULES: u64 = 3;

/// The error of a name that is bound twice.
const BOUND_TWICE: i64 = 20_007;

#[expect(
    clippy::disallowed_methods,
    reason = "how much is played is said where the test is started"
)]
pub(crate) fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn scripts() -> Vec<Script> {
    let services: serde_json::Value = serde_json::from_str(SERVICES).unwrap();
    let count = number("AQUAC_SCRIPTS", 300);
    let first = number("AQUAC_FIRST", 0);
    let all = first..first + count;
    all.map(|seed| {
        // One peer, several, or both.
        let several = [false, true, seed % 3 == 0][number("AQUAC_REACH", 2).min(2) as usize];
        let reach = if several { Reach::Several } else { Reach::One };
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
                let twice = last.values().any(|(code, _)| *code == BOUND_TWICE);
                return Some(format!(
                    "calls +[{}] -[{}]{}",
                    only(calls, others),
                    only(others, calls),
                    if twice { ", and (20007, " } else { "" }
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

/// Where the reference loses results or is at odds with itself: no script can rely on that.
fn is_defect(story: &Story) -> bool {
    let Story::Played { last, .. } = story else { return false };
    last.values().any(|(code, _)| matches!(code, 9 | 20_000..20_003 | 20_017 | 30_000))
}

/// What is different on purpose, as it shows in a script that is as short as it goes: a name in
/// the table of "Random scripts".
fn on_purpose(script: &str, why: &str) -> Option<&'static str> {
    let more = why.starts_with("calls +[") && why.ends_with("-[]");
    // By its name, inside of a value, or as a variable.
    let several = ["@B", "@C", ".$.p", "(call x"].iter().any(|peer| script.contains(peer));
    let live = script.contains("(fold $") || script.contains("(fold %");
    if several && why.contains("not (0, ") {
        return Some("elsewhere");
    }
    if several && more {
        return Some("wait");
    }
    if live && more {
        return Some("live");
    }
    if live && why.contains("(20013, ") {
        return Some("endless");
    }
    if script.contains("\"tet\"") {
        return Some("origin");
    }
    if why.contains("not (20005, ") {
        return Some("next");
    }
    if script.contains("(canon") && script.contains("(par") && more {
        return Some("snapshot");
    }
    let swallowed = script.contains("(par") || live;
    let read = script.contains(":error:") || script.contains("%last_error%");
    if swallowed && read && why.contains("error_code") | why.contains("calls +") {
        return Some("register");
    }
    if script.contains("(fold ") && script.contains("(xor") && read {
        return Some("iteration");
    }
    if script.contains("(par") && why.contains("(20007, ") {
        return Some("twice");
    }
    None
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
    wrong.retain(|name, _| theirs.get(name).is_none_or(|story| !is_defect(story)));
    println!("{} of them where the reference is not at odds with itself", wrong.len());
    shrink(&mut wrong);
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (script, why) in wrong.into_values() {
        let reason = on_purpose(&script.text, &why).unwrap_or_default();
        reasons
            .entry(reason)
            .or_default()
            .push(format!("{} {why}\n    {}", script.name, script.text));
    }
    let unexplained = reasons.remove("").unwrap_or_default();
    let named = different("Random scripts");
    for (name, scripts) in reasons {
        let (_, why) = named.iter().find(|(named, _)| *named == name).expect("a row of the table");
        println!("{} {name}: {why}", scripts.len());
        if number("AQUAC_SHOW", 0) > 0 {
            println!("  {}", scripts.join("\n  "));
        }
    }
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
}
