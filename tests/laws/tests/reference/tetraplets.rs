//! Where arguments come from, as the reference's interpreter has told its services; recorded with
//! the services of the random scripts.

use crate::oracle::{Script, outcome};
use crate::services::SERVICES;

const RECORDED: &str = include_str!("../../vectors/tetraplets.txt");

/// `[peer|service|function|lens …] …`, a bracket for each argument.
fn told(answer: &serde_json::Value) -> String {
    let one = |tetraplet: &serde_json::Value| {
        let fields = ["peer_pk", "service_id", "function_name", "lens"];
        fields.map(|field| tetraplet[field].as_str().unwrap()).join("|")
    };
    let argument = |all: &serde_json::Value| {
        let all: Vec<String> = all.as_array().unwrap().iter().map(one).collect();
        format!("[{}]", all.join(" "))
    };
    let arguments: Vec<String> = answer.as_array().unwrap().iter().map(argument).collect();
    arguments.join(" ")
}

#[test]
fn services_are_told_of_origins_what_the_reference_tells() {
    let scripts: Vec<&str> = RECORDED.lines().filter(|line| line.starts_with('(')).collect();
    assert!(scripts.len() > 50, "{} scripts", scripts.len());
    for text in scripts {
        let recorded = RECORDED.lines().skip_while(|line| *line != text).skip(1);
        let recorded: Vec<&str> = recorded.map_while(|line| line.strip_prefix("  ")).collect();
        let services = serde_json::from_str(SERVICES).unwrap();
        let outcome = outcome(&Script { name: String::new(), text: text.to_owned(), services }, 1);
        let calls = outcome.calls.iter().filter(|call| call.function == "tet");
        let mut ours: Vec<String> = calls
            .map(|call| {
                let origins: Vec<String> = call.origins.iter().map(ToString::to_string).collect();
                told(&serde_json::from_str(&format!("[{}]", origins.join(","))).unwrap())
            })
            .collect();
        ours.sort();
        assert_eq!(ours, recorded, "{text}");
    }
}
