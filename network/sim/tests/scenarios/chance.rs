//! Many seeds: links that lose and double frames, peers that die and come back.

use aquac_sim::{Fault, Setup, World};

use crate::branches::{crowd, fan_out, workers};
use crate::stage::{assert_once, calls, chain, finish, returned, services, start};

fn faults(seed: u64, peers: [&str; 4]) -> Vec<Fault> {
    let [_, _, one, two] = peers;
    let victim = peers[usize::try_from(seed % 4).unwrap()];
    let at = 1 + seed % 40;
    let text = format!(
        r#"[{{"drop":{{"p":0.2}}}},{{"duplicate":{{"p":0.2}}}},{{"delay":{{"ms":[1,30]}}}},
            {{"at":{at},"crash":"{victim}"}},{{"at":{},"restart":"{victim}"}},
            {{"partition":{{"at":{},"until":{},"from":["{one}"],"to":["{two}"]}}}}]"#,
        at + 20 + seed % 13,
        seed % 50,
        seed % 50 + 100,
    );
    serde_json::from_str(&text).unwrap()
}

#[test]
fn whatever_the_network_does_the_result_is_the_same_and_nothing_happens_twice() {
    for seed in 0..300 {
        let mut setup = Setup::new(&["client", "relay", "bank", "telco"], seed);
        setup.clients.insert("client".to_owned(), "relay".to_owned());
        setup.faults = faults(seed, ["client", "relay", "bank", "telco"]);
        let script = r#"[["bank/s/f",{"delay_ms":5,"then":{"ok":7}}],["*/s/f","args"]]"#;
        let mut world = World::new(&setup, services(script));
        let places: &[(&str, &[&str])] = &[("bank", &[]), ("telco", &["relay"]), ("bank", &[])];
        let program = chain(&setup, places);
        let id = start(&mut world, "client", program, vec![]);
        finish(&mut world);
        assert_once(&world);
        assert_eq!(returned(&world, id)[0].to_string(), "7", "seed {seed}");
        let calls = calls(&world);
        assert_eq!(calls, [r#"bank: f("begin")"#, "telco: f(7)", "bank: f([7])"], "seed {seed}");
    }
}

#[test]
fn a_fan_out_gives_its_results_in_the_order_of_the_peers_whatever_happens_on_the_way() {
    for seed in 0..150 {
        let count = 5;
        let mut setup = crowd(count, &["client", "relay"]);
        setup.seed = seed;
        setup.clients.insert("client".to_owned(), "relay".to_owned());
        setup.faults = faults(seed, ["client", "relay", "w1", "w3"]);
        let script = r#"[["w2/s/f",{"delay_ms":30,"then":"echo"}],["*","echo"]]"#;
        let mut world = World::new(&setup, services(script));
        let program = fan_out(&setup, &workers(count), Some("relay"));
        let id = start(&mut world, "client", program, vec![]);
        finish(&mut world);
        assert_once(&world);
        let names = world.names.shorten(&returned(&world, id)[0].to_string());
        assert_eq!(names, r#"["@w0","@w1","@w2","@w3","@w4"]"#, "seed {seed}");
    }
}
