//! Every scenario under `scenarios/`, with many seeds: a job as `aquac sim` reads it, with what it
//! expects. `AQUAC_SEEDS=1000 cargo test -p aquac-suite` plays more of them; one that breaks what
//! it expects is shown as small as it can be.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the suite is files, and a test"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aquac_driver::{Options, Request, build_one, check};
use aquac_ir::{Debug, encode};
use aquac_sim::{Job, Source, judge, shrink};

/// Seeds of each scenario, unless the environment says otherwise.
const SEEDS: u64 = 25;

fn seeds() -> u64 {
    let wanted = std::env::var("AQUAC_SEEDS").ok();
    wanted.map_or(SEEDS, |wanted| wanted.parse().expect("AQUAC_SEEDS is a number"))
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

fn compiled(job: &Job) -> (Vec<u8>, Debug) {
    let Source::Aqua { aqua, function } = &job.program else { panic!("a scenario is in Aqua") };
    let text = std::fs::read_to_string(folder().join(aqua)).unwrap();
    let sources = BTreeMap::from([(aqua.clone(), text)]);
    let request = Request { entries: vec![aqua.clone()], ..Request::default() };
    let checked = check(&request, &sources);
    assert!(checked.is_ok(), "{:#?}", checked.diagnostics);
    let export = checked.exported_functions().find(|export| export.name == *function);
    let id = export.unwrap_or_else(|| panic!("{aqua} exports {function}")).id;
    let artifact = build_one(&checked, id, &Options::default()).unwrap();
    (encode(&artifact.program), artifact.debug)
}

#[test]
fn every_scenario_holds_with_every_seed() {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    assert!(files.len() >= 18, "{} scenarios", files.len());
    let mut wrong = Vec::new();
    for file in &files {
        let name = file.file_stem().unwrap().to_string_lossy().replace('-', " ");
        let mut job = Job::from_json(&std::fs::read_to_string(file).unwrap())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(job.expect.is_some(), "{name} expects nothing");
        let (program, debug) = compiled(&job);
        for seed in 0..seeds() {
            job.seed = seed;
            let (_, broken) = judge(&job, &program, Some(&debug)).unwrap();
            if let Some(broken) = broken {
                let small = shrink(&job, &broken, &program, Some(&debug));
                let job = small.job.to_json().unwrap();
                wrong.push(format!("{name}: seed {seed}: {broken}\n  {}: {job}", small.still));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
