//! From the text of a job to the job. Every mistake has its line and column and says what was
//! probably meant; what a job leaves out is as it usually is.

use std::collections::BTreeMap;

use aquac_ir::Value;

use crate::answer::Answer;
use crate::expect::Expectation;
use crate::fault::{Delay, Ends, Fault, Lie, Partition, Probability, Skew};
use crate::job::{DEFAULT_TIMESTAMP, DEFAULT_TTL, Job, JobLimits, Source};
use crate::json::{BadJob, Element, Fields, Problem};

const JOB: &[&str] = &[
    "peers",
    "init",
    "relay",
    "program",
    "args",
    "seed",
    "timestamp",
    "ttl",
    "limits",
    "services",
    "faults",
    "expect",
];
const LIMITS: &[&str] =
    &["turns_per_peer", "records_per_peer", "value_bytes", "stream_elements", "fan_out", "events"];
const EXPECTATION: &[&str] = &["response", "error", "calls", "ends", "within"];
/// What a fault can have; the first belongs to some of the others.
const FAULTS: &[&str] = &[
    "at",
    "crash",
    "restart",
    "drop",
    "duplicate",
    "delay",
    "partition",
    "skew",
    "torn_write",
    "lie",
    "equivocate",
];

/// The function of an Aqua module that runs if the job does not say which.
const DEFAULT_FUNCTION: &str = "main";

/// Reads a job.
///
/// # Errors
///
/// [`BadJob`] with the first mistake.
pub(crate) fn read_job(text: &str) -> Result<Job, BadJob> {
    // What some editors put before a text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let job = Element::of(text)?.fields("a job, an object,", JOB)?;
    let whole = |name, usual: u64| match job.get(name) {
        Some(found) => found.read("a whole number that is not negative"),
        None => Ok(usual),
    };
    Ok(Job {
        peers: job.get("peers").map_or(Ok(Vec::new()), |found| distinct_names(&found))?,
        init: name(&job.need("init")?)?,
        relay: job.get("relay").map(|found| name(&found)).transpose()?,
        program: source(&job.need("program")?)?,
        args: job.get("args").map_or(Ok(BTreeMap::new()), |found| args(&found))?,
        seed: whole("seed", 0)?,
        timestamp: whole("timestamp", DEFAULT_TIMESTAMP)?,
        ttl: match job.get("ttl") {
            Some(found) => found.read("a number of milliseconds below 2^32")?,
            None => DEFAULT_TTL,
        },
        limits: job.get("limits").map_or(Ok(JobLimits::default()), |found| limits(&found))?,
        services: job.get("services").map_or(Ok(Vec::new()), |found| services(&found))?,
        faults: match job.get("faults") {
            Some(found) => {
                found.items("a list of faults")?.iter().map(fault).collect::<Result<_, _>>()?
            }
            None => Vec::new(),
        },
        expect: job.get("expect").map(|found| expectation(&found)).transpose()?,
    })
}

/// Reads one fault.
///
/// # Errors
///
/// [`BadJob`] with the first mistake.
pub(crate) fn read_fault(text: &str) -> Result<Fault, BadJob> {
    fault(&Element::of(text)?)
}

/// The name of a peer, with or without `@`.
fn name(found: &Element<'_>) -> Result<String, BadJob> {
    let name = name_or_pattern(found)?;
    // In patterns of services and links these letters mean something else.
    let odd =
        |letter: char| matches!(letter, '*' | '?' | '/' | '@' | '"') || letter.is_whitespace();
    if name.contains(odd) {
        let what = "the name of one peer, without `*`, `?`, `/`, `@` and blanks,";
        return Err(found.expected(what));
    }
    Ok(name)
}

/// The name of a peer, or with `*` and `?` of several.
fn name_or_pattern(found: &Element<'_>) -> Result<String, BadJob> {
    let text = found.text("the name of a peer")?;
    let name = text.strip_prefix('@').unwrap_or(&text);
    if name.is_empty() { Err(found.expected("the name of a peer")) } else { Ok(name.to_owned()) }
}

/// Names of peers; one alone needs no brackets.
fn names(
    found: &Element<'_>,
    one: fn(&Element<'_>) -> Result<String, BadJob>,
) -> Result<Vec<String>, BadJob> {
    if !found.is_array() {
        return match found.text("a list of peers") {
            Ok(_) => one(found).map(|name| vec![name]),
            Err(why) => Err(why),
        };
    }
    found.items("")?.iter().map(one).collect()
}

/// Names of peers, each once.
fn distinct_names(found: &Element<'_>) -> Result<Vec<String>, BadJob> {
    let names = names(found, name)?;
    for (at, name) in names.iter().enumerate() {
        if names.iter().take(at).any(|other| other == name)
            && let Some(again) = found.items("")?.get(at)
        {
            let twice = format!("the peer \"{name}\" stands there twice");
            return Err(again.bad(Problem::Expected(twice)));
        }
    }
    Ok(names)
}

fn source(found: &Element<'_>) -> Result<Source, BadJob> {
    let fields = found.fields("a program, an object,", &["air", "aqua", "function"])?;
    match (fields.get("air"), fields.get("aqua"), fields.get("function")) {
        (Some(air), None, None) => Ok(Source::Air { air: air.text("AIR text")? }),
        (None, Some(aqua), function) => {
            let usual = || Ok(DEFAULT_FUNCTION.to_owned());
            let function = function.map_or_else(usual, |f| f.text("the name of a function"))?;
            Ok(Source::Aqua { aqua: aqua.text("the path of a module")?, function })
        }
        (Some(_), _, _) => {
            let why = "a program is either `air`, or `aqua` with its `function`";
            Err(found.bad(Problem::Expected(why.to_owned())))
        }
        (None, None, _) => {
            let why = "a program is {\"air\": text} or {\"aqua\": path, \"function\": name}";
            Err(found.bad(Problem::Expected(why.to_owned())))
        }
    }
}

fn args(found: &Element<'_>) -> Result<BTreeMap<String, Value>, BadJob> {
    if found.is_array() {
        let numbered = found.items("")?.into_iter().enumerate();
        return numbered.map(|(at, value)| Ok((at.to_string(), value.value()?))).collect();
    }
    let fields = found.any_fields("arguments, by name or as a list,")?;
    fields.into_iter().map(|field| Ok((field.name, field.value.value()?))).collect()
}

fn limits(found: &Element<'_>) -> Result<JobLimits, BadJob> {
    let fields = found.fields("limits, an object,", LIMITS)?;
    let bound = |name| {
        let read = |found: Element<'_>| found.read("a whole number below 2^32");
        fields.get(name).map(read).transpose()
    };
    Ok(JobLimits {
        turns_per_peer: bound("turns_per_peer")?,
        records_per_peer: bound("records_per_peer")?,
        value_bytes: bound("value_bytes")?,
        stream_elements: bound("stream_elements")?,
        fan_out: bound("fan_out")?,
        events: fields.get("events").map(|found| found.read("a whole number")).transpose()?,
    })
}

fn services(found: &Element<'_>) -> Result<Vec<(String, Answer)>, BadJob> {
    if found.is_object() {
        let fields = found.any_fields("")?;
        return fields.into_iter().map(|field| rule(&field.name, found, &field.value)).collect();
    }
    let rules = found.items("a list of [\"Peer/service/function\", answer]")?;
    let rules = rules.iter().map(|pair| match pair.items("a pattern and an answer")?.as_slice() {
        [pattern, answer] => rule(&pattern.text(PATTERN)?, pattern, answer),
        _ => Err(pair.expected("[\"Peer/service/function\", answer]")),
    });
    rules.collect()
}

/// What a call is named by in the rules of services.
const PATTERN: &str = "a pattern of `Peer/service/function`";

fn rule(pattern: &str, at: &Element<'_>, answer: &Element<'_>) -> Result<(String, Answer), BadJob> {
    let pattern = pattern.strip_prefix('@').unwrap_or(pattern).to_owned();
    // A star stands for any text, slashes too; without one there are two slashes.
    if !pattern.contains('*') && pattern.matches('/').count() < 2 {
        let why = format!("{PATTERN} should stand here, not `{pattern}`");
        return Err(at.bad(Problem::Expected(why)));
    }
    let read = Answer::of(&answer.value()?);
    Ok((pattern, read.map_err(|why| answer.bad(Problem::Expected(why)))?))
}

fn expectation(found: &Element<'_>) -> Result<Expectation, BadJob> {
    let fields = found.fields("what is expected, an object,", EXPECTATION)?;
    let value = |name| fields.get(name).map(|found| found.value()).transpose();
    let number = "a whole number";
    Ok(Expectation {
        response: value("response")?,
        error: value("error")?,
        calls: fields.get("calls").map(|found| found.read(number)).transpose()?,
        ends: fields.get("ends").map(|found| found.read("true or false")).transpose()?,
        within: fields.get("within").map(|found| found.read(number)).transpose()?,
    })
}

fn fault(found: &Element<'_>) -> Result<Fault, BadJob> {
    let all = found.any_fields("a fault, an object,")?;
    let kinds = FAULTS.iter().copied().skip(1);
    let kinds: Vec<&str> =
        kinds.filter(|kind| all.iter().any(|field| field.name == *kind)).collect();
    let of = |known| found.fields("", known);
    let [kind] = kinds.as_slice() else {
        // Says which field is none; of several faults, one alone should stand here.
        found.fields("", FAULTS)?;
        return Err(found.expected("one fault"));
    };
    match *kind {
        "crash" => {
            let (at, crash) = at_a_time(&of(&["at", "crash"])?, "crash")?;
            Ok(Fault::Crash { at, crash })
        }
        "restart" => {
            let (at, restart) = at_a_time(&of(&["at", "restart"])?, "restart")?;
            Ok(Fault::Restart { at, restart })
        }
        "drop" => Ok(Fault::Drop { drop: ends(&of(&["drop"])?.need("drop")?)? }),
        "duplicate" => {
            Ok(Fault::Duplicate { duplicate: ends(&of(&["duplicate"])?.need("duplicate")?)? })
        }
        "delay" => Ok(Fault::Delay { delay: delay(&of(&["delay"])?.need("delay")?)? }),
        "partition" => {
            let partition = partition(&of(&["partition"])?.need("partition")?)?;
            Ok(Fault::Partition { partition })
        }
        "skew" => {
            let skew =
                of(&["skew"])?.need("skew")?.fields("a skew, an object,", &["peer", "ms"])?;
            let ms = skew.need("ms")?.read("a number of milliseconds")?;
            Ok(Fault::Skew { skew: Skew { peer: name(&skew.need("peer")?)?, ms } })
        }
        "torn_write" => {
            Ok(Fault::TornWrite { torn_write: name(&of(&["torn_write"])?.need("torn_write")?)? })
        }
        "lie" => {
            let lie = of(&["lie"])?.need("lie")?;
            let lie = lie.fields("a lie, an object,", &["peer", "service"])?;
            let service = lie.need("service")?.text("the id of a service")?;
            Ok(Fault::Lie { lie: Lie { peer: name(&lie.need("peer")?)?, service } })
        }
        _ => Ok(Fault::Equivocate { equivocate: name(&of(&["equivocate"])?.need("equivocate")?)? }),
    }
}

fn at_a_time(fields: &Fields<'_>, kind: &'static str) -> Result<(u64, String), BadJob> {
    let at = fields.get("at").map_or(Ok(0), |at| at.read("a number of milliseconds"))?;
    Ok((at, name(&fields.need(kind)?)?))
}

/// A pattern of names; without one, anybody.
fn pattern(found: Option<Element<'_>>) -> Result<String, BadJob> {
    found.map_or_else(|| Ok("*".to_owned()), |found| name_or_pattern(&found))
}

fn ends(found: &Element<'_>) -> Result<Ends, BadJob> {
    let fields = found.fields("links, an object,", &["from", "to", "p"])?;
    let p = fields.get("p");
    let likely = |found: Element<'_>| found.read::<Probability>("a number from 0 to 1");
    let p = p.map_or(Ok(Probability::ALWAYS), likely)?;
    Ok(Ends { from: pattern(fields.get("from"))?, to: pattern(fields.get("to"))?, p })
}

fn delay(found: &Element<'_>) -> Result<Delay, BadJob> {
    let fields = found.fields("a delay, an object,", &["from", "to", "ms"])?;
    let given = fields.need("ms")?;
    let what = "milliseconds: [least, most]";
    let ms: (u64, u64) = if given.is_array() {
        given.read(what)?
    } else {
        let always: u64 = given.read(what)?;
        (always, always)
    };
    if ms.0 > ms.1 {
        return Err(given.expected(what));
    }
    Ok(Delay { from: pattern(fields.get("from"))?, to: pattern(fields.get("to"))?, ms })
}

fn partition(found: &Element<'_>) -> Result<Partition, BadJob> {
    let fields = found.fields("a partition, an object,", &["at", "until", "from", "to"])?;
    let time = |found: Element<'_>| found.read("a number of milliseconds");
    let at: u64 = fields.get("at").map_or(Ok(0), time)?;
    let until: Option<u64> = match fields.get("until") {
        None => None,
        Some(found) => match time(found)? {
            until if until < at => return Err(found.expected("a time not before `at`")),
            until => Some(until),
        },
    };
    let from = names(&fields.need("from")?, name_or_pattern)?;
    let to = names(&fields.need("to")?, name_or_pattern)?;
    Ok(Partition { at, until, from, to })
}
