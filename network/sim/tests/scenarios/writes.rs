//! A crash at every write: nothing that was acknowledged is lost, and nothing is done twice.

use aquac_ir::Value;
use aquac_sim::{Setup, World, Writing};

use crate::branches::{crowd, fan_out, workers};
use crate::stage::{MANY, assert_once, chain, returned, services, start};

const SERVICES: &str = r#"[["*/s/f",{"delay_ms":2,"then":"args"}]]"#;

struct Case {
    setup: Setup,
    program: Vec<u8>,
}

/// Plays a case in which one peer may die at one write. Gives what the run returned.
fn play(case: &Case, death: Option<(&str, u64, Writing)>) -> (World, Vec<Value>) {
    let mut world = World::new(&case.setup, services(SERVICES));
    if let Some((name, write, fate)) = death {
        let peer = world.names.id(name).unwrap();
        world.crash_at_write(peer, write, fate);
    }
    let id = start(&mut world, "client", case.program.clone(), vec![]);
    world.run_until_quiet(59_000, MANY);
    assert_once(&world);
    // Who dies between writing that it has the result and saying so has it all the same.
    let client = world.peer(world.names.id("client").unwrap()).unwrap();
    let result = client.run(&id).unwrap().result().unwrap_or_else(|| panic!("{death:?}"));
    if world.trace.endings.contains_key(&id) {
        assert_eq!(result.as_ref(), Ok(&returned(&world, id)));
    }
    (world, result.unwrap())
}

/// Kills each peer at each of its writes, before it is on the disk and after.
fn every_write(case: &Case) -> u64 {
    let (calm, values) = play(case, None);
    let mut deaths = 0;
    for name in &case.setup.peers {
        let writes = calm.writes(calm.names.id(name).unwrap());
        for (write, fate) in
            (1..=writes).flat_map(|write| [(write, Writing::Lands), (write, Writing::IsLost)])
        {
            // Who has said nothing to anybody has promised nothing: the client that loses its
            // first write has no run.
            if name == "client" && write == 1 && fate == Writing::IsLost {
                continue;
            }
            let (world, again) = play(case, Some((name.as_str(), write, fate)));
            assert_eq!(again, values, "{name} at write {write}: {fate:?}");
            assert_eq!(world.trace.calls.len(), calm.trace.calls.len());
            deaths += 1;
        }
    }
    deaths
}

#[test]
fn a_chain_through_a_relay_outlives_a_crash_at_every_write() {
    let mut setup = Setup::new(&["client", "relay", "bank", "telco"], 1);
    setup.clients.insert("client".to_owned(), "relay".to_owned());
    let places: &[(&str, &[&str])] = &[("bank", &[]), ("bank", &[]), ("telco", &["relay"])];
    let program = chain(&setup, places);
    assert!(every_write(&Case { setup, program }) > 30);
}

#[test]
fn a_fan_out_outlives_a_crash_at_every_write() {
    let setup = crowd(3, &["client"]);
    let program = fan_out(&setup, &workers(3), None);
    assert!(every_write(&Case { setup, program }) > 20);
}

#[test]
fn a_run_costs_each_peer_a_few_writes() {
    let setup = Setup::new(&["client", "bank", "telco"], 1);
    let program = chain(&setup, &[("bank", &[]), ("telco", &[])]);
    let (world, _) = play(&Case { setup, program }, None);
    let writes = |name| world.writes(world.names.id(name).unwrap());
    // What came and the intent to call; the answer with the parcel that carries it; that the
    // parcel arrived.
    assert_eq!([writes("client"), writes("bank"), writes("telco")], [3, 3, 3]);
}
