//! What our programs do, beside what was recorded of the reference; see `reference/README.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value as Json, json};

use crate::harness::{Folder, aquac, run};

mod scripts;
mod table;

use self::table::different;

/// Who answers what in the recorded runs.
const ANSWERS: &str = r#"[
    ["callbackSrv", "list", {"ok": ["l1", "l2"]}],
    ["callbackSrv", "two", {"first": ["l1", "l2"]}],
    ["callbackSrv", "opt", {"first": [7]}],
    ["callbackSrv", "*", {"first": "cbv"}],
    ["db", "id_*", {"ok": {"name": "n", "tags": ["t0", "t1"]}}],
    ["db", "echo", {"ok": {"name": "n", "tags": ["t0", "t1"]}}],
    ["db", "run", {"ok": {"name": "n", "tags": ["t0", "t1"]}}],
    ["db", "get", {"ok": {"name": "n", "tags": ["t0", "t1"]}}],
    ["*", "id_*", {"first": "v"}],
    ["*", "echo", {"first": "v"}],
    ["*", "run", {"first": "v"}],
    ["*", "get", {"first": "v"}],
    ["*", "names", {"ok": "n1"}],
    ["*", "lines", {"ok": "n1"}],
    ["*", "maybe", {"ok": ["m"]}],
    ["*", "opt", {"ok": ["m"]}],
    ["*", "*", {"ok": {}}]
]"#;

const PEERS: [&str; 13] =
    ["p", "q", "r", "a", "b", "c", "ra", "rb", "rc", "r1", "r2", "rq", "peer"];

/// A recorded program.
struct Case {
    name: String,
    file: PathBuf,
    recorded: Json,
}

fn folder(variable: &str) -> PathBuf {
    let told = std::env::var_os(variable);
    PathBuf::from(told.unwrap_or_else(|| panic!("{variable} names no folder: see README.md")))
}

fn cases() -> Vec<Case> {
    let programs = folder("AQUAC_CASES").join("programs");
    let runs = std::fs::read_to_string(programs.join("RUNS.json")).unwrap();
    let runs: BTreeMap<String, Json> = serde_json::from_str(&runs).unwrap();
    let case = |(name, recorded): (String, Json)| {
        let file = programs.join(format!("{name}.aqua"));
        Case { name, file, recorded }
    };
    let cases: Vec<Case> = runs.into_iter().map(case).filter(|case| case.file.is_file()).collect();
    assert!(cases.len() > 40, "only {} programs", cases.len());
    cases
}

/// What a run came to.
#[derive(Debug, PartialEq)]
struct Story {
    response: Json,
    error_code: Json,
    /// Of each peer, in any order.
    calls: Vec<String>,
    messages: usize,
}

/// `peer: service.function[args]` of every call that the text of the program asks for.
fn call(peer: &str, name: &str, args: &str, failed: bool) -> Option<String> {
    let own = ["getDataSrv.", "callbackSrv.response", "errorHandlingSrv.", "math.", "cmp."];
    if own.iter().chain(&["op.concat_strings"]).any(|own| name.starts_with(own)) {
        return None;
    }
    let args: Json = serde_json::from_str(&format!("[{args}]")).unwrap();
    let args = args.to_string().replace("\"@", "\"");
    Some(format!("{peer}: {name}{args}{}", if failed { " FAIL" } else { "" }))
}

fn recorded(case: &Case) -> Story {
    let run = &case.recorded;
    let calls = run["calls"].as_array().unwrap().iter().filter_map(|line| {
        let line = line.as_str().unwrap();
        let (peer, rest) = line.split_once(": ")?;
        let failed = rest.ends_with(" FAIL");
        let (name, args) = rest.trim_end_matches(" FAIL").split_once('(')?;
        call(peer, name, args.strip_suffix(')')?, failed)
    });
    Story {
        response: run["response"].clone(),
        error_code: run["error"]["error_code"].clone(),
        calls: sorted(calls.collect()),
        messages: run["messages"].as_array().unwrap().len(),
    }
}

fn sorted(mut calls: Vec<String>) -> Vec<String> {
    calls.sort();
    calls
}

/// A story as `aquac sim` and `host.mjs` tell it.
fn told(outcome: &Json, failed: impl Fn(&Json) -> bool) -> Story {
    let calls = outcome["calls"].as_array().unwrap().iter().filter_map(|one| {
        let name = |key: &str| one[key].as_str().unwrap();
        let args = one["args"].to_string();
        let args = args.strip_prefix('[').and_then(|args| args.strip_suffix(']')).unwrap();
        call(name("peer"), &format!("{}.{}", name("service"), name("function")), args, failed(one))
    });
    Story {
        response: outcome["response"].clone(),
        error_code: outcome["error"]["error_code"].clone(),
        calls: sorted(calls.collect()),
        messages: outcome["messages"].as_array().unwrap().len(),
    }
}

/// How a story is not what was recorded, if it is not.
fn difference(ours: &Story, theirs: &Story) -> Option<String> {
    if ours.response != theirs.response {
        return Some(format!("response {} not {}", ours.response, theirs.response));
    }
    if ours.error_code != theirs.error_code {
        return Some(format!("error {} not {}", ours.error_code, theirs.error_code));
    }
    if ours.calls != theirs.calls {
        return Some(format!("calls {:?} not {:?}", ours.calls, theirs.calls));
    }
    let more = ours.messages > theirs.messages;
    more.then(|| format!("{} messages, not {}", ours.messages, theirs.messages))
}

/// Compares all stories; what differs must be among the named, and what is named must differ.
fn compare(
    stories: impl IntoIterator<Item = (Case, Story)>,
    named: &[(&'static str, &'static str)],
) {
    let defects = different("Programs that show defects");
    let (mut wrong, mut differ) = (Vec::new(), BTreeSet::new());
    let (mut compared, mut as_defects) = (0, 0);
    for (case, ours) in stories {
        let number = case.name.get(..3).unwrap_or_default().to_owned();
        if defects.iter().any(|(name, _)| *name == number) {
            as_defects += 1;
            continue;
        }
        compared += 1;
        if let Some(why) = difference(&ours, &recorded(&case)) {
            if named.iter().any(|(name, _)| *name == number) {
                differ.insert(number);
            } else {
                wrong.push(format!("{}: {why}", case.name));
            }
        }
    }
    println!("{compared} compared, {as_defects} where the reference is wrong");
    assert!(wrong.is_empty(), "{} of {compared} differ\n{}", wrong.len(), wrong.join("\n"));
    for (name, why) in named {
        assert!(differ.contains(*name), "{name} does not differ any more, although {why}");
    }
}

/// The time of a run, which a program may return.
fn timestamp(case: &Case) -> Json {
    let values = case.recorded["response"].as_array().cloned().unwrap_or_default();
    let time =
        values.into_iter().find(|value| value.as_u64().is_some_and(|n| n > 1_000_000_000_000));
    time.unwrap_or_else(|| json!(1_700_000_000_000_u64))
}

/// The rules as a job has them.
fn services() -> Vec<Json> {
    let rules: Vec<(String, String, Json)> = serde_json::from_str(ANSWERS).unwrap();
    let answer = |rule: &Json| match rule.get("first") {
        Some(value) => json!({ "echo_or": value }),
        None => rule.clone(),
    };
    rules
        .iter()
        .map(|(service, function, rule)| json!([format!("*/{service}/{function}"), answer(rule)]))
        .collect()
}

fn simulated(case: &Case, folder: &Folder) -> Story {
    let job = json!({
        "peers": PEERS, "init": "init", "relay": "relay", "seed": 1,
        "program": { "aqua": case.file, "function": "main" },
        "args": case.recorded["args"], "timestamp": timestamp(case), "services": services(),
    });
    folder.write("job.json", &job.to_string());
    let ended = run(aquac(folder.path(), &["sim", "job.json"]), 60);
    let outcome: Json =
        serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{}: {ended:?}", case.name));
    told(&outcome, |call| call["result"].get("err").is_some())
}

#[test]
#[ignore = "needs the recorded cases in AQUAC_CASES: see tests/end_to_end/reference/README.md"]
fn our_programs_do_in_our_interpreter_what_was_recorded() {
    let folder = Folder::with(&[]);
    let stories = cases().into_iter().map(|case| {
        let story = simulated(&case, &folder);
        (case, story)
    });
    let stories: Vec<_> = stories.collect();
    compare(
        stories,
        &[different("Our programs"), different("Our programs in our interpreter")].concat(),
    );
}

/// The AIR of `main`, without a line of its own for each constant.
fn air(case: &Case, folder: &Folder) -> String {
    let file = case.file.to_str().unwrap();
    let built = run(aquac(folder.path(), &["build", "--target", "air", file]), 20);
    assert_eq!(built.code, Some(0), "{}: {built:?}", case.name);
    let path = folder.path().join(format!("out/{}.main.air", case.name));
    std::fs::read_to_string(path).unwrap()
}

/// Plays jobs with the packages in `AQUAC_REFERENCE`.
fn on_the_reference(cases: &[Case], folder: &Folder) -> BTreeMap<String, Json> {
    let jobs = cases.iter().map(|case| {
        json!({ "name": case.name, "air": air(case, folder), "args": case.recorded["args"] })
    });
    let jobs: Vec<String> = jobs.map(|job| job.to_string()).collect();
    folder.write("jobs.jsonl", &jobs.join("\n"));
    folder.write("rules.json", ANSWERS);
    let packages = self::folder("AQUAC_REFERENCE");
    let host = Copied::into(&packages);
    let mut node = Command::new("node");
    node.arg("--stack-size=4000").arg(&host.0).current_dir(folder.path());
    node.args(["jobs.jsonl", "rules.json"]);
    let ended = run(node, 600);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let stories = ended.stdout.lines().map(|line| {
        let story: Json = serde_json::from_str(line).unwrap();
        (story["name"].as_str().unwrap().to_owned(), story)
    });
    stories.collect()
}

/// `host.mjs` where Node finds the packages, removed at the end.
struct Copied(PathBuf);

impl Copied {
    fn into(packages: &Path) -> Self {
        let path = packages.join(format!("aquac-host-{}.mjs", std::process::id()));
        std::fs::write(&path, include_str!("reference/host.mjs")).unwrap();
        Self(path)
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        let _gone = std::fs::remove_file(&self.0);
    }
}

#[test]
#[ignore = "needs npm packages in AQUAC_REFERENCE: see tests/end_to_end/reference/README.md"]
fn our_air_does_on_the_reference_interpreter_what_was_recorded() {
    let folder = Folder::with(&[]);
    let cases = cases();
    let mut stories = on_the_reference(&cases, &folder);
    let stories = cases.into_iter().map(|case| {
        let outcome = stories.remove(&case.name).unwrap_or_else(|| panic!("no {}", case.name));
        assert_eq!(outcome["refused"], Json::Null, "{}", case.name);
        let mut story = told(&outcome, |call| call["failed"] == json!(true));
        if story.response.is_array() {
            story.response = untimed(&story.response, &case);
        }
        (case, story)
    });
    let stories: Vec<_> = stories.collect();
    compare(stories, &[different("Our programs"), different("Our programs as AIR")].concat());
}

/// The response with the recorded time in the place of today's.
fn untimed(response: &Json, case: &Case) -> Json {
    let is_time = |value: &Json| value.as_u64().is_some_and(|n| n > 1_000_000_000_000);
    let values = response.as_array().into_iter().flatten();
    values.map(|value| if is_time(value) { timestamp(case) } else { value.clone() }).collect()
}
