//! A program through the compiler and over simulated peers.

use std::collections::BTreeMap;

use aquac_base::{Diagnostic, Name, Source as Text, SourceMap};
use aquac_ir::{Value, encode};
use aquac_lowering::guarantee::check;
use aquac_lowering::guarantee::cost::{Cost, cost};
use aquac_lowering::guarantee::flow::{Flow, flow};
use aquac_lowering::{Lowered, Options, lower};
use aquac_semantics::hir::FunctionId;
use aquac_semantics::{Link, ModuleGraph, ParsedModule, Typed};
use aquac_sim::{Answer, Job, JobLimits, Outcome, Source, run_job};

use crate::programs::{LISTED, PEERS};

/// A program that the checker accepts.
pub(crate) struct Checked {
    typed: Typed,
    sources: SourceMap,
    main: FunctionId,
}

impl Checked {
    /// Parses and checks; `None` if the text is wrong.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let mut sources = SourceMap::new();
        let source = sources.add(Text::new("random.aqua", text));
        let parsed = aquac_syntax::parse(source, text);
        let links = parsed.module.head.iter().map(|_| Link::None).collect();
        let mut graph = ModuleGraph::new();
        let path = Name::new("random");
        graph.add(ParsedModule { path, tree: parsed.module, links, entry: true });
        let typed = aquac_semantics::check(&graph, &[], &sources);
        let good = typed.is_ok() && !parsed.diagnostics.iter().any(Diagnostic::is_error);
        let main = typed.exported_function("main").map(|(main, _)| main)?;
        good.then_some(Self { typed, sources, main })
    }

    /// What the compiler has to say about its waits.
    pub(crate) fn findings(&self) -> Vec<Diagnostic> {
        let mut found = check(&self.typed, &self.sources);
        found.retain(|found| ["AQ0601", "AQ0605"].contains(&found.code.0));
        found
    }

    /// What it should cost.
    pub(crate) fn cost(&self) -> Cost {
        cost(&self.typed, &self.sources, self.main, &Options::default())
            .expect("what is checked has a cost")
    }

    /// Who should learn what.
    pub(crate) fn flow(&self) -> Flow {
        flow(&self.typed, &self.sources, self.main, &Options::default())
            .expect("what is checked has a flow")
    }

    /// The program.
    pub(crate) fn lowered(&self) -> Lowered {
        lower(&self.typed, &self.sources, self.main, &Options::default())
            .expect("random programs are small and have only values")
    }
}

/// Runs a program with these answers to its two questions and the first few of the listed peers. Nothing fails but
/// what says so.
pub(crate) fn run_with(
    lowered: &Lowered,
    (c, d): (bool, bool),
    listed: usize,
    seed: u64,
) -> Outcome {
    let names = PEERS.iter().chain(&LISTED).map(ToString::to_string);
    let peers: Vec<String> = names.chain(["relay".to_owned()]).collect();
    let listed = LISTED.iter().take(listed).map(|name| Value::from(format!("@{name}")));
    let listed = Value::array(listed.collect()).expect("it nests once");
    let mut args: BTreeMap<String, Value> =
        PEERS.iter().map(|name| ((*name).to_owned(), Value::from(format!("@{name}")))).collect();
    args.extend([
        ("ps".to_owned(), listed),
        ("c".to_owned(), c.into()),
        ("d".to_owned(), d.into()),
    ]);
    let program = Source::Aqua { aqua: "random.aqua".to_owned(), function: "main".to_owned() };
    let job = Job {
        peers,
        init: "init".to_owned(),
        relay: Some("relay".to_owned()),
        program,
        args,
        seed,
        timestamp: 1_700_000_000_000,
        ttl: 60_000,
        limits: JobLimits::default(),
        services: vec![
            ("*/tool/fail".to_owned(), Answer::Err(1, Value::text("no"))),
            ("*/*/*".to_owned(), Answer::Ok(Value::text("answer"))),
        ],
        faults: Vec::new(),
        expect: None,
    };
    run_job(&job, encode(&lowered.program), Some(&lowered.debug)).expect("every name is given")
}
