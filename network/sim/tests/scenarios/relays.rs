//! Relays: what they promise, and what they keep for those who are away.

use aquac_sim::{Setup, World};

use crate::stage::{assert_once, calls, chain, finish, returned, services, start};

const SERVICES: &str = r#"[["*/s/f",{"delay_ms":3,"then":"echo"}]]"#;

fn behind_a_relay(volatile: bool, faults: &str) -> Setup {
    let mut setup = Setup::new(&["client", "relay", "bank", "telco"], 1);
    setup.clients.insert("client".to_owned(), "relay".to_owned());
    if volatile {
        setup.volatile.insert("relay".to_owned());
    }
    setup.faults = serde_json::from_str(faults).unwrap();
    setup
}

#[test]
fn a_relay_that_dies_at_any_time_loses_nothing_with_a_store_or_without() {
    for volatile in [false, true] {
        for at in 0..30 {
            let faults = format!(
                r#"[{{"at":{at},"crash":"relay"}},{{"at":{},"restart":"relay"}}]"#,
                at + 40
            );
            let setup = behind_a_relay(volatile, &faults);
            let mut world = World::new(&setup, services(SERVICES));
            let program = chain(&setup, &[("bank", &[]), ("telco", &["relay"])]);
            let id = start(&mut world, "client", program, vec![]);
            finish(&mut world);
            returned(&world, id);
            assert_eq!(calls(&world).len(), 2, "at {at}");
            assert_once(&world);
        }
    }
}

#[test]
fn a_client_that_was_away_finds_its_result_at_the_relay() {
    for volatile in [false, true] {
        let faults = r#"[{"at":4,"crash":"client"},{"at":8000,"restart":"client"}]"#;
        let setup = behind_a_relay(volatile, faults);
        let mut world = World::new(&setup, services(SERVICES));
        let program = chain(&setup, &[("bank", &[]), ("telco", &[])]);
        let id = start(&mut world, "client", program, vec![]);
        finish(&mut world);
        returned(&world, id);
        assert!((8_000..12_000).contains(&world.elapsed()), "{}", world.elapsed());
        assert_once(&world);
    }
}
