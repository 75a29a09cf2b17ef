//! Who learns what: every value of a run is marked, and every frame is looked at.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use aquac_ir::{Call, Limits, PeerId, Value, encode};
use aquac_lowering::guarantee::flow::Flow;
use aquac_sim::adversary::Tamper;
use aquac_sim::{Names, Said, Services, Setup, World};

use crate::programs::{LISTED, PEERS, secrets};
use crate::programs_to_try;
use crate::runs::Checked;

/// What a service says begins so, so that what was asked is not taken for it.
const MARK: &str = "answer to ";

/// Answers with the mark and what it was asked.
struct Marking;

impl Services for Marking {
    fn answer(&mut self, _: &str, call: &Call) -> Said {
        let asked = call.args.first().and_then(|argument| argument.value.as_text());
        let said = format!("{MARK}{}!", asked.unwrap_or_default());
        (0, Ok(Value::from(said)))
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

/// The values that each peer had in clear, by name.
fn learned(checked: &Checked, seed: u64) -> BTreeSet<(String, String)> {
    let lowered = checked.lowered();
    let init = "init".to_owned();
    let peers: Vec<String> = PEERS
        .iter()
        .chain(&LISTED)
        .map(ToString::to_string)
        .chain([init, "relay".into()])
        .collect();
    let names: Vec<&str> = peers.iter().map(String::as_str).collect();
    let mut setup = Setup::new(&names, seed);
    setup.relays = BTreeMap::from([("init".to_owned(), "relay".to_owned())]);
    let ids =
        Names::new(peers.iter().map(|name| (name.clone(), setup.signing.keys(name).signer.peer())));
    let id = |name: &str| ids.id(name).map(|id| Value::from(id.to_string())).unwrap_or(Value::Null);
    let listed = Value::array(LISTED.iter().map(|name| id(name)).collect()).expect("it nests once");
    let args = vec![
        id("p0"),
        id("p1"),
        id("p2"),
        listed,
        Value::from(true),
        Value::from(false),
        Value::from(format!("{MARK}secret!")),
    ];
    let watch = Watch::default();
    let mut world = World::new(&setup, Box::new(Marking));
    world.tamper(Box::new(watch.clone()));
    let init = ids.id("init").expect("it is a peer");
    world.run(init, encode(&lowered.program), args, 60_000, Limits::default());
    world.run_until_quiet(60_000, 1_000_000);
    let seen = watch.0.borrow();
    seen.iter().map(|(peer, value)| (ids.name(*peer), value.clone())).collect()
}

/// The peers that the report says can hold a value; those of the list stand for each other.
fn allowed(flow: &Flow, value: &str) -> BTreeSet<String> {
    let mut allowed = BTreeSet::new();
    for found in flow.values.iter().filter(|found| names(&found.name, value)) {
        for holder in &found.holders {
            match holder.as_str() {
                "initiator" => _ = allowed.insert("init".to_owned()),
                "host" => _ = allowed.insert("relay".to_owned()),
                peer if PEERS.contains(&peer) => _ = allowed.insert(peer.to_owned()),
                // The item of a loop over a list of peers.
                _ => allowed.extend(LISTED.iter().chain(&PEERS).map(ToString::to_string)),
            }
        }
    }
    allowed
}

/// Whether a value of the report is the one that a mark names: `v1` for `v1`, `*s0` for `s0`.
fn names(found: &str, value: &str) -> bool {
    let plain = found.trim_start_matches('*');
    plain == value || plain.strip_prefix(value).is_some_and(|rest| rest.starts_with('_'))
}

#[test]
fn nobody_has_a_value_in_clear_whom_the_report_leaves_out() {
    let mut looked_at = 0;
    for seed in programs_to_try(400) {
        let text = secrets(seed);
        let Some(checked) = Checked::new(&text) else { panic!("{seed} is wrong\n{text}") };
        let flow = checked.flow();
        for (peer, value) in learned(&checked, seed) {
            looked_at += 1;
            let allowed = allowed(&flow, &value);
            let said = format!("{seed}: {peer} has {value}; {allowed:?} may\n{text}");
            assert!(allowed.contains(&peer), "{said}");
        }
    }
    println!("{looked_at} values at peers");
    assert!(looked_at > 0, "nothing travelled");
}
