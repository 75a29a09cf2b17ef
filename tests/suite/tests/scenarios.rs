//! Every scenario under `scenarios/`, with many seeds: a job as `aquac sim` reads it, with what it
//! expects. And every scenario in which nothing goes wrong, with every pair of faults.
//! `AQUAC_SEEDS=1000 cargo test -p aquac-suite --test scenarios` plays more of them; one that
//! breaks what it expects is shown as small as it can be.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the suite is files, and a test"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aquac_driver::{Options, Request, build_one, check};
use aquac_ir::{Debug, encode};
use aquac_sim::{Delay, Ends, Fault, Job, Partition, Probability, Skew, Source, judge, shrink};

/// Seeds of each scenario, unless the environment says otherwise.
const SEEDS: u64 = 10;
/// Calls of a scenario that counts as one; a larger one counts for several, and is played with
/// fewer seeds.
const CALLS: usize = 20;
/// The same, of bytes between peers.
const BYTES: usize = 100_000;

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

struct Scenario {
    name: String,
    job: Job,
    program: Vec<u8>,
    debug: Debug,
    /// For how many small ones it counts.
    weight: usize,
}

fn scenarios() -> Vec<Scenario> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let scenario = |file: &PathBuf| {
        let name = file.file_stem().unwrap().to_string_lossy().replace('-', " ");
        let job = Job::from_json(&std::fs::read_to_string(file).unwrap())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(job.expect.is_some(), "{name} expects nothing");
        let (program, debug) = compiled(&job);
        let calm = Job { faults: Vec::new(), ..job.clone() };
        let (calm, _) = judge(&calm, &program, Some(&debug)).unwrap();
        let weight = 1 + calm.calls.len() / CALLS + calm.bytes / BYTES;
        Scenario { name, job, program, debug, weight }
    };
    files.iter().map(scenario).collect()
}

impl Scenario {
    /// Plays it; says what it broke, and how little of it breaks the same.
    fn broken(&self, job: &Job) -> Option<String> {
        let (_, broken) = judge(job, &self.program, Some(&self.debug)).unwrap();
        let broken = broken?;
        let small = shrink(job, &broken, &self.program, Some(&self.debug));
        let text = small.job.to_json().unwrap();
        Some(format!("{}: seed {}: {broken}\n  {}: {text}", self.name, job.seed, small.still))
    }
}

#[test]
fn every_scenario_holds_with_every_seed() {
    let scenarios = scenarios();
    assert!(scenarios.len() >= 74, "{} scenarios", scenarios.len());
    let seeded = |scenario: &Scenario| {
        let jobs = (0..seeds().div_ceil(scenario.weight as u64))
            .map(|seed| Job { seed, ..scenario.job.clone() });
        jobs.into_iter().find_map(|job| scenario.broken(&job))
    };
    let wrong: Vec<String> = scenarios.iter().filter_map(seeded).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What goes wrong in a pair. Each heals, so that what a scenario expects on a good day is still
/// what comes of it.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Drop,
    Duplicate,
    Delay,
    Crash,
    TornWrite,
    Partition,
    Skew,
    CrashOfTheClient,
}

const KINDS: [Kind; 8] = [
    Kind::Drop,
    Kind::Duplicate,
    Kind::Delay,
    Kind::Crash,
    Kind::TornWrite,
    Kind::Partition,
    Kind::Skew,
    Kind::CrashOfTheClient,
];

/// The faults of a kind, to one of the peers, at a time that the seed says.
fn faults(kind: Kind, job: &Job, seed: u64) -> Vec<Fault> {
    let ends = || Ends { from: "*".to_owned(), to: "*".to_owned(), p: Probability(250_000) };
    let number = usize::try_from(seed).unwrap();
    let peer = job.peers.iter().cycle().nth(number).unwrap_or(&job.init).clone();
    let at = 1 + seed * 7 % 30;
    let dies = |who: String| {
        let back = Fault::Restart { at: at + 25, restart: who.clone() };
        [Fault::Crash { at, crash: who }, back]
    };
    match kind {
        Kind::Drop => vec![Fault::Drop { drop: ends() }],
        Kind::Duplicate => vec![Fault::Duplicate { duplicate: ends() }],
        Kind::Delay => {
            let delay = Delay { from: "*".to_owned(), to: "*".to_owned(), ms: (1, 20) };
            vec![Fault::Delay { delay }]
        }
        Kind::Crash => dies(peer).to_vec(),
        Kind::TornWrite => {
            let torn = Fault::TornWrite { torn_write: peer.clone() };
            dies(peer).into_iter().chain([torn]).collect()
        }
        Kind::Partition => {
            let (from, to) = (vec![peer], vec!["*".to_owned()]);
            vec![Fault::Partition { partition: Partition { at, until: Some(at + 200), from, to } }]
        }
        Kind::Skew => vec![Fault::Skew { skew: Skew { peer, ms: 4000 - (at as i64) * 250 } }],
        Kind::CrashOfTheClient => dies(job.init.clone()).to_vec(),
    }
}

/// Programs whose result depends on what can be reached, or on what comes first: faults may
/// change it, and only what must never be is looked for.
const WHAT_COMES_FIRST: [&str; 4] = ["fallbacks", "patient", "careful", "handled"];

/// Time enough for links that lose every second frame.
const HOURS: u32 = 12 * 3_600_000;

#[test]
fn every_calm_scenario_comes_to_the_same_under_every_pair_of_faults() {
    let mut wrong = Vec::new();
    let mut calm = 0;
    for scenario in scenarios() {
        let Source::Aqua { function, .. } = &scenario.job.program else { continue };
        if !scenario.job.faults.is_empty() || scenario.job.expect.as_ref().unwrap().ends.is_none() {
            continue;
        }
        calm += 1;
        let mut job = Job { ttl: HOURS, ..scenario.job.clone() };
        if let Some(expect) = &mut job.expect {
            expect.within = None;
            if WHAT_COMES_FIRST.contains(&function.as_str()) {
                (expect.response, expect.calls) = (None, None);
            }
        }
        let pairs = KINDS.iter().enumerate();
        let pairs = pairs.flat_map(|(at, one)| KINDS[at..].iter().map(move |other| (one, other)));
        // A large one takes as long as many small ones, and meets some of the pairs.
        let pairs = pairs.step_by(scenario.weight);
        'pairs: for (one, other) in pairs {
            for seed in 0..seeds().div_ceil(8 * scenario.weight as u64) {
                let mut job = Job { seed, ..job.clone() };
                job.faults = faults(*one, &job, seed);
                // Of two crashes of one peer the second would come while it is away.
                job.faults.extend(faults(*other, &job, seed + 1));
                if let Some(broken) = scenario.broken(&job) {
                    wrong.push(format!("{one:?} and {other:?}: {broken}"));
                    break 'pairs;
                }
            }
        }
    }
    assert!(calm >= 18, "{calm} calm scenarios");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
