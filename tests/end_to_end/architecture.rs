//! The levels of ARCHITECTURE.md, held against what cargo says the crates depend on.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Level of each of our crates. A dependency points to a lower level.
const LEVELS: &[(&str, u8)] = &[
    ("aquac-base", 0),
    ("aquac-ir", 0),
    ("aquac-stdlib", 0),
    ("aquac-syntax", 1),
    ("aquac-air", 1),
    ("aquac-vm", 1),
    ("aquac-semantics", 2),
    ("aquac-peer", 2),
    ("aquac-lowering", 3),
    ("aquac-sim", 3),
    ("aquac-services", 3),
    ("aquac-driver", 4),
    ("aquac-host", 4),
    ("aquac-project", 5),
    ("aquac", 7),
];

/// What a crate must never depend on, directly or through others, and why.
const NEVER: &[(&str, &[&str], &str)] = &[
    (
        "aquac-base",
        &["ariadne", "tokio"],
        "spans and diagnostics are data; rendering is the driver's",
    ),
    ("aquac-ir", &["std", "tokio", "libp2p"], "the contract needs no operating system"),
    ("aquac-air", &["aquac-base", "tokio"], "AIR is read where there is no compiler"),
    (
        "aquac-vm",
        &["aquac-base", "tokio", "libp2p", "rand"],
        "the interpreter has no I/O, clock or randomness",
    ),
    (
        "aquac-syntax",
        &["aquac-ir", "aquac-semantics", "tokio"],
        "reading text knows nothing of programs",
    ),
    (
        "aquac-semantics",
        &["aquac-ir", "aquac-vm", "aquac-lowering"],
        "checking knows nothing of running",
    ),
    (
        "aquac-lowering",
        &["aquac-vm", "aquac-peer", "tokio"],
        "lowering makes programs and runs none",
    ),
    ("aquac-peer", &["tokio", "libp2p"], "a peer's logic is sans-IO"),
    ("aquac-sim", &["tokio", "libp2p"], "the simulator has virtual time only"),
    ("aquac-services", &["aquac-vm", "libp2p"], "a service knows calls, not particles"),
    ("aquac-driver", &["libp2p", "aquac-vm", "aquac-peer"], "the compiler touches no network"),
    (
        "aquac-host",
        &["aquac-driver", "aquac-semantics", "aquac-syntax"],
        "a peer runs programs and compiles none",
    ),
    (
        "aquac-project",
        &["aquac-vm", "aquac-host", "aquac-peer", "aquac-services"],
        "a project is files, not networks",
    ),
];

/// The normal dependencies of each crate in the workspace's graph, by name.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: BTreeMap<&str, &str> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| (package["id"].as_str().unwrap(), package["name"].as_str().unwrap()))
        .collect();
    let normal = |dependency: &&Value| {
        dependency["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null())
    };
    metadata["resolve"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| {
            let direct = node["deps"].as_array().unwrap().iter().filter(normal);
            let direct = direct.map(|dep| names[dep["pkg"].as_str().unwrap()].to_owned());
            (names[node["id"].as_str().unwrap()].to_owned(), direct.collect())
        })
        .collect()
}

fn reachable(from: &str, graph: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(name) = open.pop() {
        for next in graph.get(&name).into_iter().flatten() {
            if found.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    found
}

#[test]
fn a_dependency_points_to_a_lower_level() {
    let graph = dependencies();
    let levels: BTreeMap<&str, u8> = LEVELS.iter().copied().collect();
    for (name, level) in LEVELS {
        let direct = graph.get(*name).unwrap_or_else(|| panic!("there is no crate {name}"));
        for dependency in direct.iter().filter(|dep| dep.starts_with("aquac")) {
            let below = levels.get(dependency.as_str());
            assert!(
                below.is_some_and(|below| below < level),
                "{name} (level {level}) depends on {dependency} (level {below:?})"
            );
        }
    }
}

#[test]
fn every_crate_has_its_level() {
    let known: BTreeSet<&str> = LEVELS.iter().map(|(name, _)| *name).collect();
    let tests_and_examples = ["aquac-suite", "aquac-laws", "aquac-examples", "aquac-highlighters"];
    for name in dependencies().keys().filter(|name| name.starts_with("aquac")) {
        assert!(
            known.contains(name.as_str()) || tests_and_examples.contains(&name.as_str()),
            "{name} has no level in ARCHITECTURE.md and here"
        );
    }
}

#[test]
fn what_must_not_be_known_is_not_known() {
    let graph = dependencies();
    for (name, never, why) in NEVER {
        let all = reachable(name, &graph);
        for forbidden in *never {
            assert!(!all.contains(*forbidden), "{name} depends on {forbidden}: {why}");
        }
    }
}
