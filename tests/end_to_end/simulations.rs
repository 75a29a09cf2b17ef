//! Simulations: what is checked of a job before it runs, and what services are told of origins.

use serde_json::{Value as Json, json};

use crate::harness::{Ended, Folder, aquac, run};

const SOURCE: &str = "aqua P

service Echo(\"echo\"):
  say(x: u32, y: ?string) -> u32

func main(peer: string, x: u32, y: ?string, told: u32 -> ()) -> u32:
  on peer:
    z <- Echo.say(x, y)
  told(z)
  <- z
";

fn simulated(folder: &Folder, job: &Json) -> Ended {
    folder.write("job.json", &job.to_string());
    run(aquac(folder.path(), &["sim", "job.json"]), 20)
}

fn aqua(folder: &Folder, args: Json) -> Ended {
    let job = json!({
        "init": "A", "peers": ["A", "B"], "program": { "aqua": "p.aqua" }, "args": args,
        "services": [["B/echo/say", "echo"], ["A/callbackSrv/told", "echo"]],
    });
    simulated(folder, &job)
}

#[test]
fn arguments_of_a_job_are_checked_as_those_of_a_run() {
    let folder = Folder::with(&[("p.aqua", SOURCE)]);
    for fine in [json!({ "peer": "@B", "x": 3, "y": null }), json!(["@B", 3, "a"])] {
        let ended = aqua(&folder, fine);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let outcome: Json = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(outcome["response"], json!([3]));
        assert!(outcome["calls"][0]["args"][1].is_array(), "an option is an array: {outcome}");
    }
    let wrong = [
        (json!({ "peer": "@B", "x": "three", "y": null }), 1, "AQ0302"),
        (json!({ "peer": "@B", "x": -1, "y": null }), 1, "AQ0313"),
        (json!({ "peer": "@B", "x": 3, "y": 5 }), 1, "AQ0302"),
        (json!({ "peer": "@B", "y": null }), 2, "the argument \"x\" has no value"),
        (json!(["@B", 3, "a", 4, 5]), 2, "lists 5 arguments, and the program has 3"),
        (
            json!({ "peer": "@B", "x": 3, "y": null, "z": 4 }),
            2,
            "names \"z\", which is no argument of the function: it has \"peer\", \"x\", \"y\"",
        ),
    ];
    for (args, code, words) in wrong {
        let ended = aqua(&folder, args.clone());
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""), "{args}: {ended:?}");
        assert!(ended.stderr.contains(words), "{args}: {ended:?}");
    }
    let call = ["run", "p.aqua", "-f", "main(\"a\", \"three\", nil, told)"];
    let ended = run(aquac(folder.path(), &call), 20);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("AQ0302"), "{ended:?}");
}

#[test]
fn an_option_of_an_array_is_written_with_or_without_the_brackets_of_the_option() {
    let source = "aqua P\nexport main\nfunc main(o: ?[]u8) -> ?[]u8:\n  <- o\n";
    let folder = Folder::with(&[("p.aqua", source)]);
    let cases =
        [(json!([[3, 4]]), json!([[3, 4]])), (json!([3]), json!([[3]])), (json!([]), json!([]))];
    for (given, got) in cases {
        let job = json!({ "init": "A", "program": { "aqua": "p.aqua" }, "args": { "o": given } });
        let ended = simulated(&folder, &job);
        let outcome: Json = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(outcome["response"], json!([got]), "{ended:?}");
    }
}

#[test]
fn data_that_a_call_does_not_use_is_an_error() {
    let folder = Folder::with(&[("p.aqua", SOURCE)]);
    let data = r#"{"who": "a", "number": 3}"#;
    let call = ["run", "p.aqua", "-f", "main(who, 3, nil, told)", "--data", data];
    let ended = run(aquac(folder.path(), &call), 20);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
    assert!(ended.stderr.contains("error[AQ0304]: the call of `main` does not use `number`"));
    assert!(ended.stderr.contains("Help: leave `number` out of the data"), "{ended:?}");
}

#[test]
fn a_job_that_makes_no_sense_is_refused_with_its_place() {
    let folder = Folder::with(&[("p.aqua", SOURCE), ("empty.json", ""), ("list.json", "[1,\n2]")]);
    folder.write("folder.json", &json!({ "init": "A", "program": { "aqua": "." } }).to_string());
    folder.write("fine.json", &json!({ "init": "A", "program": { "air": "(null)" } }).to_string());
    let refused = [
        (vec!["sim", "empty.json"], "empty.json:1:1: this is no JSON"),
        (vec!["sim", "list.json"], "list.json:1:1: a job, an object, should stand here, not [1,"),
        (vec!["sim", "missing.json"], "missing.json: no such file"),
        (vec!["sim", "."], ".: is a directory"),
        (vec!["sim", "folder.json"], "program.aqua should be a module, and this is a folder"),
        (vec!["sim", "fine.json", "--seeds", "0"], "invalid value '0' for '--seeds <N>'"),
    ];
    for (arguments, words) in refused {
        let ended = run(aquac(folder.path(), &arguments), 20);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments:?}: {ended:?}");
        assert!(ended.stderr.contains(words), "{arguments:?}: {ended:?}");
    }
    let ended = run(aquac(folder.path(), &["sim", "fine.json", "--seeds", "2"]), 20);
    let seeds: Vec<Json> =
        ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&seeds[0]["seed"], &seeds[1]["seed"], seeds.len()), (&json!(0), &json!(1), 2));
}

#[test]
fn the_first_seed_that_breaks_an_expectation_is_told_with_the_smallest_job() {
    let folder = Folder::with(&[]);
    let air = r#"(seq (call "@B" ("s" "f") ["x"] y) (call "@A" ("callbackSrv" "response") [y]))"#;
    let job = json!({
        "init": "A", "peers": ["A", "B", "C"], "program": { "air": air }, "ttl": 500,
        "services": [["*/s/f", "echo"], ["C/s/g", "echo"]],
        "faults": [{ "drop": { "from": "A", "to": "B", "p": 0.6 } }, { "crash": "C" }],
        "expect": { "response": ["x"] },
    });
    folder.write("job.json", &job.to_string());
    let ended = run(aquac(folder.path(), &["sim", "job.json", "--seeds", "60"]), 60);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let played = ended.stdout.lines().count();
    let told = format!("job.json: seed {}: the response is", played - 1);
    assert!(ended.stderr.contains(&told), "{ended:?}");
    let smallest = ended.stderr.lines().find(|line| line.starts_with('{')).unwrap();
    let smallest: Json = serde_json::from_str(smallest).unwrap();
    assert!(!smallest.to_string().contains("\"C\""), "C has nothing to do with it: {smallest}");
    folder.write("smallest.json", &smallest.to_string());
    assert_eq!(run(aquac(folder.path(), &["sim", "smallest.json"]), 20).code, Some(1));
}

#[test]
fn services_of_an_air_program_are_told_tetraplets() {
    let folder = Folder::with(&[]);
    let air = r#"(seq (call "@B" ("s" "o") [] o) (call "@A" ("s" "tet") ["x" o.$.a[0]]))"#;
    for name in ["origins", "tet"] {
        let job = json!({
            "init": "A", "program": { "air": air },
            "services": [["*/s/o", { "ok": { "a": [1] } }], ["*/s/tet", name]],
        });
        let ended = simulated(&folder, &job);
        let outcome: Json = serde_json::from_str(&ended.stdout).unwrap();
        let from = |peer: &str, service: &str, function: &str, lens: &str| json!([{ "peer_pk": peer, "service_id": service, "function_name": function, "lens": lens }]);
        let told = json!([from("@A", "", "", ""), from("@B", "s", "o", ".$.a.[0]")]);
        assert_eq!(outcome["calls"][1]["origins"], told);
        assert_eq!(outcome["calls"][1]["result"], json!({ "ok": told }));
    }
}
