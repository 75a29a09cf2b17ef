//! From a job that breaks an expectation to a smaller one that breaks it too: fewer faults, fewer
//! services, fewer peers, smaller numbers.

use aquac_ir::Debug;

use crate::answer::Answer;
use crate::expect::Broken;
use crate::fault::{Fault, Probability};
use crate::job::{Job, JobError};
use crate::outcome::{Outcome, run_job};

/// Jobs that are tried while shrinking; then the smallest so far counts.
pub const MAX_TRIES: usize = 2_000;

/// A seed that breaks an expectation.
#[derive(Debug, Clone, PartialEq)]
pub struct Failing {
    /// The seed of the job as it was given.
    pub seed: u64,
    /// What it broke.
    pub broken: Broken,
    /// The smallest job that was found to break the same.
    pub job: Job,
    /// What that one breaks.
    pub still: Broken,
}

/// Runs a job and says what it broke.
///
/// # Errors
///
/// [`JobError`] if the job contradicts itself.
pub fn judge(
    job: &Job,
    program: &[u8],
    debug: Option<&Debug>,
) -> Result<(Outcome, Option<Broken>), JobError> {
    let outcome = run_job(job, program.to_vec(), debug)?;
    let broken = job.expect.clone().unwrap_or_default().broken_by(&outcome);
    Ok((outcome, broken))
}

/// The smallest job that can be found which breaks the same as this one.
#[must_use]
pub fn shrink(job: &Job, broken: &Broken, program: &[u8], debug: Option<&Debug>) -> Failing {
    let seed = job.seed;
    let mut best =
        Failing { seed, broken: broken.clone(), job: job.clone(), still: broken.clone() };
    // If it needs faults to break, so must the smaller ones: a job without its peers proves nothing.
    let holds_calm = |job: &Job| {
        let calm = Job { faults: Vec::new(), ..job.clone() };
        matches!(judge(&calm, program, debug), Ok((_, None)))
    };
    let needs_faults = holds_calm(job);
    let mut tries = 0;
    // After each that is smaller and breaks the same, from there on.
    'smaller: loop {
        for candidate in smaller(&best.job) {
            tries += 1;
            if tries > MAX_TRIES {
                return best;
            }
            let Ok((_, Some(still))) = judge(&candidate, program, debug) else { continue };
            if still.is_like(broken) && (!needs_faults || holds_calm(&candidate)) {
                best = Failing { job: candidate, still, ..best };
                continue 'smaller;
            }
        }
        return best;
    }
}

/// Jobs that are a little smaller, those first that lack most.
fn smaller(job: &Job) -> Vec<Job> {
    let mut all = Vec::new();
    let mut add = |change: &dyn Fn(&mut Job)| {
        let mut smaller = job.clone();
        change(&mut smaller);
        if smaller != *job {
            all.push(smaller);
        }
    };
    for at in 0..job.faults.len() {
        add(&|job| drop(job.faults.remove(at)));
    }
    for at in 0..job.services.len() {
        add(&|job| drop(job.services.remove(at)));
    }
    for at in 0..job.peers.len() {
        add(&|job| drop(job.peers.remove(at)));
    }
    for (at, fault) in job.faults.iter().enumerate() {
        for simpler in simpler(fault) {
            add(&|job| {
                if let Some(place) = job.faults.get_mut(at) {
                    *place = simpler.clone();
                }
            });
        }
    }
    for (at, (_, answer)) in job.services.iter().enumerate() {
        for simpler in simpler_answers(answer) {
            add(&|job| {
                if let Some((_, place)) = job.services.get_mut(at) {
                    *place = simpler.clone();
                }
            });
        }
    }
    for seed in towards(job.seed, 0) {
        add(&|job| job.seed = seed);
    }
    all
}

/// Numbers on the way to a simpler one: it, half of the way, and the next.
fn towards(from: u64, to: u64) -> Vec<u64> {
    let step = |distance: u64| if from > to { from - distance } else { from + distance };
    let distance = from.abs_diff(to);
    let mut all: Vec<u64> = [distance, distance / 2, 1]
        .into_iter()
        .filter(|step| *step > 0 && *step <= distance)
        .map(step)
        .collect();
    all.dedup();
    all
}

/// A probability that is simpler: always, if it is not so already.
fn simpler_probability(p: Probability) -> Option<Probability> {
    (p != Probability::ALWAYS).then_some(Probability::ALWAYS)
}

fn simpler(fault: &Fault) -> Vec<Fault> {
    match fault {
        Fault::Crash { at, crash } => towards(*at, 0)
            .into_iter()
            .map(|at| Fault::Crash { at, crash: crash.clone() })
            .collect(),
        Fault::Restart { at, restart } => towards(*at, 0)
            .into_iter()
            .map(|at| Fault::Restart { at, restart: restart.clone() })
            .collect(),
        Fault::Drop { drop } => simpler_probability(drop.p)
            .map(|p| Fault::Drop { drop: crate::Ends { p, ..drop.clone() } })
            .into_iter()
            .collect(),
        Fault::Duplicate { duplicate } => simpler_probability(duplicate.p)
            .map(|p| Fault::Duplicate { duplicate: crate::Ends { p, ..duplicate.clone() } })
            .into_iter()
            .collect(),
        Fault::Delay { delay } => {
            let (least, most) = delay.ms;
            let mut all: Vec<(u64, u64)> = vec![(least, least)];
            all.extend(towards(most, least).into_iter().map(|most| (least, most)));
            all.extend(towards(least, 1).into_iter().map(|least| (least, most.max(least))));
            all.into_iter()
                .filter(|ms| *ms != delay.ms)
                .map(|ms| Fault::Delay { delay: crate::Delay { ms, ..delay.clone() } })
                .collect()
        }
        Fault::Partition { partition } => {
            let earlier = towards(partition.at, 0).into_iter().map(|at| (at, partition.until));
            let until = partition.until.into_iter();
            let shorter = until
                .flat_map(|until| towards(until, partition.at))
                .map(|until| (partition.at, Some(until)));
            earlier
                .chain(shorter)
                .map(|(at, until)| Fault::Partition {
                    partition: crate::Partition { at, until, ..partition.clone() },
                })
                .collect()
        }
        Fault::Skew { skew } => towards(skew.ms.unsigned_abs(), 0)
            .into_iter()
            .filter_map(|ms| i64::try_from(ms).ok())
            .map(|ms| Fault::Skew {
                skew: crate::Skew { ms: ms * skew.ms.signum(), ..skew.clone() },
            })
            .collect(),
        Fault::TornWrite { .. } | Fault::Lie { .. } | Fault::Equivocate { .. } => Vec::new(),
    }
}

fn simpler_answers(answer: &Answer) -> Vec<Answer> {
    match answer {
        Answer::Delayed { delay, then } => {
            let sooner = towards(*delay, 0)
                .into_iter()
                .map(|delay| Answer::Delayed { delay, then: then.clone() });
            std::iter::once((**then).clone()).chain(sooner).collect()
        }
        Answer::Seq(answers) => answers.clone(),
        Answer::EchoOr(_) => vec![Answer::Echo],
        Answer::Echo
        | Answer::Args
        | Answer::Origins
        | Answer::Name
        | Answer::Ok(_)
        | Answer::Err(..)
        | Answer::Raw(_) => Vec::new(),
    }
}
