//! What a chain of services costs: time, messages, and bytes at the client.

use aquac_sim::{Setup, World};

use crate::stage::{assert_once, chain, finish, hops, returned, services, start};

/// Milliseconds of one link.
const LINK: u64 = 10;

fn chain_of(length: usize) -> (Setup, Vec<u8>) {
    let names: Vec<String> = (0..length).map(|number| format!("p{number}")).collect();
    let mut setup = Setup::new(&["client"], 1);
    setup.peers.extend(names.clone());
    setup.faults =
        serde_json::from_str(&format!(r#"[{{"delay":{{"ms":[{LINK},{LINK}]}}}}]"#)).unwrap();
    let places: Vec<(&str, &[&str])> = names.iter().map(|name| (name.as_str(), &[][..])).collect();
    let program = chain(&setup, &places);
    (setup, program)
}

/// Milliseconds until the client has its result.
fn took(world: &mut World, id: aquac_ir::ParticleId) -> u64 {
    let began = world.elapsed();
    for elapsed in began.. {
        world.run_until(elapsed);
        if world.trace.endings.contains_key(&id) {
            return world.elapsed() - began;
        }
    }
    unreachable!("the range has no end")
}

#[test]
fn a_chain_takes_one_link_for_each_service_and_one_back() {
    for length in [1, 2, 4, 8, 16] {
        let (setup, program) = chain_of(length);
        let mut world = World::new(&setup, services(r#"[["*","echo"]]"#));
        let id = start(&mut world, "client", program, vec![]);
        let links = u64::try_from(length).unwrap() + 1;
        let took = took(&mut world, id);
        // The first time, all links have to be made.
        assert!(took * 10 <= links * LINK * 11, "{length} services: {took} ms");
        assert_eq!(hops(&world).len(), length + 1);
        let names = ["client->p0".to_owned(), format!("p{}->client", length - 1)];
        assert!(names.iter().all(|name| hops(&world).contains(name)));
        returned(&world, id);
        assert_once(&world);
    }
}

#[test]
fn over_links_that_are_up_it_takes_not_a_millisecond_more() {
    let (setup, program) = chain_of(8);
    let mut world = World::new(&setup, services(r#"[["*","echo"]]"#));
    start(&mut world, "client", program.clone(), vec![]);
    finish(&mut world);
    let id = start(&mut world, "client", program, vec![]);
    assert_eq!(took(&mut world, id), 9 * LINK);
}
