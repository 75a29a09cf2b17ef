//! The checker: total, the same every time, silent about what is well formed when something is
//! wrong only once, and every place and edit is in the text.

#![no_main]

use aquac_base::{Diagnostic, Fix, Name, Source, SourceMap, Span};
use aquac_semantics::{Link, ModuleGraph, ParsedModule, check};
use aquac_syntax::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let found = diagnostics(text);
    found.iter().for_each(|found| inside(found, text));
    assert_eq!(diagnostics(text), found, "the same text is checked in the same way");
    // Repairs that are certain do not overlap within one diagnostic.
    for found in &found {
        if let Some(Fix::Certain(edits)) = &found.fix {
            let mut places: Vec<(u32, u32)> =
                edits.iter().map(|edit| (edit.span.start, edit.span.end)).collect();
            places.sort_unstable();
            assert!(places.windows(2).all(|two| two[0].1 <= two[1].0), "{found:?} overlaps itself");
        }
    }
});

fn diagnostics(text: &str) -> Vec<Diagnostic> {
    let mut sources = SourceMap::new();
    let source = sources.add(Source::new("main.aqua", text));
    let parsed = parse(source, text);
    let errors = parsed.diagnostics.iter().filter(|found| found.is_error());
    let damage: Vec<Span> =
        errors.filter_map(|found| found.primary.as_ref()).map(|label| label.span).collect();
    let links = parsed.module.head.iter().map(|_| Link::Broken).collect();
    let mut graph = ModuleGraph::new();
    let path = Name::new("main.aqua");
    let id = graph.add(ParsedModule { path, tree: parsed.module, links, entry: true });
    graph.note_damage(id, damage);
    let mut all = parsed.diagnostics;
    all.extend(check(&graph, &[], &sources).diagnostics);
    all
}

fn inside(found: &Diagnostic, text: &str) {
    let edits = match &found.fix {
        Some(Fix::Certain(edits) | Fix::Suggested(edits)) => edits.as_slice(),
        None => &[],
    };
    let labels = found.primary.iter().chain(&found.secondary).map(|label| label.span);
    for Span { start, end, .. } in labels.chain(edits.iter().map(|edit| edit.span)) {
        assert!(text.get(start as usize..end as usize).is_some(), "{found:?} is outside the text");
    }
}
