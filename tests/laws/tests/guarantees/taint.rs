//! Who learns what: every value of a run is marked, and every frame is looked at. Services fail,
//! frames are lost, come twice or late, peers crash and come back or stay away.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use aquac_ir::{Call, Limits, PeerId, Value, encode};
use aquac_lowering::guarantee::flow::{Flow, FlowValue, ValueKind};
use aquac_sim::adversary::Tamper;
use aquac_sim::{
    Delay, Ends, Fault, Names, Probability, Said, Services, Setup, Signing, World, error,
};

use crate::programs::{Dice, LISTED, PEERS};
use crate::programs_to_try;
use crate::runs::Checked;
use crate::secrets::{RELAYS, catcher, secrets};

/// What a service says begins so, so that what was asked is not taken for it.
const MARK: &str = "answer to ";

/// Answers with the mark and what it was asked, after some time; fails with the mark too.
struct Marking(Dice);

impl Services for Marking {
    fn answer(&mut self, _: &str, call: &Call) -> Said {
        let asked = call.args.first().and_then(|argument| argument.value.as_text());
        let asked = asked.unwrap_or_default();
        let takes = u64::try_from(self.0.roll(40)).unwrap_or_default();
        let fails = call.function == "fail" || (asked.starts_with('v') && self.0.roll(12) == 0);
        let answer = match call.function.as_str() {
            "put" => Ok(Value::from(format!("{MARK}nobody!"))),
            _ if fails => Err(error(1, format!("{MARK}failed {asked}!"))),
            _ => Ok(Value::from(format!("{MARK}{asked}!"))),
        };
        (takes, answer)
    }
}

/// Looks at every frame for marks.
#[derive(Clone, Default)]
struct Watch(Rc<RefCell<BTreeSet<(PeerId, String)>>>);

impl Tamper for Watch {
    fn frame(&mut self, from: PeerId, to: PeerId, bytes: Vec<u8>) -> Vec<Vec<u8>> {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for after in text.split(MARK).skip(1) {
            let name = after.split('!').next().unwrap_or_default().to_owned();
            let mut seen = self.0.borrow_mut();
            seen.insert((from, name.clone()));
            seen.insert((to, name));
        }
        vec![bytes]
    }
}

/// What goes wrong in a run: nothing in half of them.
fn faults(dice: &mut Dice) -> Vec<Fault> {
    let ends = |percent: u32| Ends {
        from: "*".to_owned(),
        to: "*".to_owned(),
        p: Probability(percent * 10_000),
    };
    let late = Delay { from: "*".to_owned(), to: "*".to_owned(), ms: (1, 60) };
    let peer = PEERS.get(dice.roll(PEERS.len())).map(ToString::to_string).unwrap_or_default();
    let at = u64::try_from(dice.roll(150)).unwrap_or_default();
    match dice.roll(8) {
        0 => vec![Fault::Drop { drop: ends(20) }, Fault::Duplicate { duplicate: ends(10) }],
        1 => vec![
            Fault::Crash { at, crash: peer.clone() },
            Fault::Restart { at: at + 300, restart: peer },
        ],
        2 => vec![Fault::Crash { at: 0, crash: peer }],
        3 | 4 => vec![Fault::Delay { delay: late }],
        _ => Vec::new(),
    }
}

/// Everybody who is in a run.
fn everybody() -> Vec<&'static str> {
    [&PEERS[..], &LISTED, &RELAYS, &["init", "relay"]].concat()
}

/// The values that each peer had in clear, by name.
fn learned(checked: &Checked, seed: u64) -> BTreeSet<(String, String)> {
    let lowered = checked.lowered();
    let mut dice = Dice::new(seed ^ 0x5eed);
    let mut setup = Setup::new(&everybody(), seed);
    setup.signing = Signing::Unchecked;
    setup.relays = BTreeMap::from([("init".to_owned(), "relay".to_owned())]);
    setup.faults = faults(&mut dice);
    let id_of = |name: &&str| ((*name).to_owned(), setup.signing.keys(name).signer.peer());
    let ids = Names::new(everybody().iter().map(id_of));
    let id = |name: &str| ids.id(name).map(|id| Value::from(id.to_string())).unwrap_or(Value::Null);
    let mut listed: Vec<&str> = LISTED.to_vec();
    listed.truncate(dice.roll(LISTED.len() + 1));
    listed.extend(PEERS.iter().filter(|_| dice.roll(3) == 0));
    let listed = Value::array(listed.into_iter().map(id).collect()).expect("it nests once");
    let [p0, p1, p2] = PEERS.map(id);
    let [r0, r1] = RELAYS.map(id);
    let (c, d) = (Value::from(dice.roll(2) == 0), Value::from(dice.roll(2) == 0));
    let args = vec![p0, p1, p2, listed, c, d, Value::from(format!("{MARK}secret!")), r0, r1];
    let watch = Watch::default();
    let mut world = World::new(&setup, Box::new(Marking(dice)));
    world.tamper(Box::new(watch.clone()));
    let init = ids.id("init").expect("it is a peer");
    world.run(init, encode(&lowered.program), args, 60_000, Limits::default());
    world.run_until_quiet(60_000, 1_000_000);
    let seen = watch.0.borrow();
    seen.iter().map(|(peer, value)| (ids.name(*peer), value.clone())).collect()
}

/// The rows of the report for the value that a mark names: `v1` for `v1`, `*s0` for `s0`; for a
/// failure that of the attempt that catches it.
fn rows<'a>(flow: &'a Flow, text: &str, mark: &str) -> Vec<&'a FlowValue> {
    let plain = |found: &FlowValue| found.name.trim_start_matches('*').to_owned();
    let named = |found: &FlowValue, name: &str| {
        let plain = plain(found);
        plain == name || plain.strip_prefix(name).is_some_and(|rest| rest.starts_with('_'))
    };
    let Some(failed) = mark.strip_prefix("failed ") else {
        let other = |found: &&FlowValue| found.kind != ValueKind::Error && named(found, mark);
        return flow.values.iter().filter(other).collect();
    };
    let asked = format!("(\"{failed}\")");
    let failing = text.lines().position(|line| line.contains(&asked));
    let line = failing.and_then(|line| catcher(text, line));
    let starts = |found: &FlowValue| {
        text.get(..found.span.start as usize).map(|before| before.matches('\n').count())
    };
    let error = |found: &&FlowValue| found.kind == ValueKind::Error && starts(found) == line;
    flow.values.iter().filter(error).collect()
}

/// The peers that a holder of the report can be; those of the list stand for each other.
fn peers_of(holder: &str) -> Vec<&str> {
    match holder {
        "initiator" => vec!["init"],
        "host" => vec!["relay"],
        peer if PEERS.contains(&peer) || RELAYS.contains(&peer) => vec![peer],
        // The item of a loop over a list of peers.
        _ => [&PEERS[..], &LISTED].concat(),
    }
}

/// What the reports say and what is seen, in pairs of values and holders.
#[derive(Default)]
struct Precision {
    /// By the kind of value and of holder: said, seen.
    pairs: BTreeMap<(String, String), (usize, usize)>,
    /// What is said of answers and streams that never left, and may not have been made at all.
    at_rest: usize,
}

impl Precision {
    fn add(&mut self, flow: &Flow, text: &str, seen: &BTreeSet<(String, String)>) {
        let mut held: BTreeSet<(usize, String)> = BTreeSet::new();
        let mut marked = BTreeSet::new();
        for (peer, mark) in seen {
            for row in rows(flow, text, mark) {
                let number = flow.values.iter().position(|other| std::ptr::eq(other, row));
                held.extend(number.map(|number| (number, peer.clone())));
                marked.extend(number);
            }
        }
        for (number, row) in flow.values.iter().enumerate() {
            if !marked.contains(&number) {
                // Other arguments have no mark, and most errors do not happen.
                let other = matches!(row.kind, ValueKind::Argument | ValueKind::Error);
                self.at_rest += if other { 0 } else { row.holders.len() };
                continue;
            }
            for holder in &row.holders {
                let happened = peers_of(holder)
                    .iter()
                    .any(|peer| held.contains(&(number, (*peer).to_owned())));
                let kind = if row.control { "deciding " } else { "" };
                let kind = format!("{kind}{:?}", row.kind);
                let who = match holder.as_str() {
                    "initiator" | "host" => holder.clone(),
                    named if PEERS.contains(&named) => "peer".to_owned(),
                    relay if RELAYS.contains(&relay) => "relay".to_owned(),
                    _ => "item".to_owned(),
                };
                let entry = self.pairs.entry((kind, who)).or_default();
                entry.0 += 1;
                entry.1 += usize::from(happened);
            }
        }
    }

    fn say(&self) {
        let sum = |of: fn(&(usize, usize)) -> usize| self.pairs.values().map(of).sum::<usize>();
        println!("{} pairs said, {} seen", sum(|pair| pair.0), sum(|pair| pair.1));
        println!("{} more said of what never left", self.at_rest);
        for ((kind, who), (said, seen)) in &self.pairs {
            println!("  {kind} at {who}: {said} said, {seen} seen");
        }
    }
}

/// Runs of each program, in other schedules and with other faults.
const RUNS: u64 = 3;

#[test]
fn nobody_has_a_value_in_clear_whom_the_report_leaves_out() {
    let (mut looked_at, mut failures) = (0, 0);
    let mut precision = Precision::default();
    for (seed, text) in programs_to_try(400).flat_map(|seed| secrets(seed).map(|text| (seed, text)))
    {
        let Some(checked) = Checked::new(&text) else { panic!("{seed} is wrong\n{text}") };
        let flow = checked.flow();
        let mut all = BTreeSet::new();
        for run in 0..RUNS {
            all.extend(learned(&checked, seed * RUNS + run));
        }
        for (peer, mark) in &all {
            looked_at += 1;
            failures += usize::from(mark.starts_with("failed "));
            let rows = rows(&flow, &text, mark);
            let allowed: BTreeSet<&str> =
                rows.iter().flat_map(|row| &row.holders).flat_map(|name| peers_of(name)).collect();
            let said = format!("{seed}: {peer} has {mark}; {allowed:?} may\n{text}");
            assert!(allowed.contains(&peer.as_str()), "{said}");
        }
        precision.add(&flow, &text, &all);
    }
    println!("{looked_at} values at peers, {failures} of them of failures");
    precision.say();
    assert!(looked_at > 0, "nothing travelled");
    assert!(failures > 0, "nothing failed");
}
