//! The parser: total, the same every time, and every place that it speaks of is in the text.

#![no_main]

use aquac_base::{Diagnostic, Fix, SourceId, Span};
use aquac_syntax::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let parsed = parse(SourceId(0), text);
    parsed.diagnostics.iter().for_each(|found| check(found, text));
    assert_eq!(parse(SourceId(0), text), parsed, "the same text is read in the same way");
    assert_eq!(aquac_syntax::emit_ast(&parsed.module), aquac_syntax::emit_ast(&parsed.module));
});

fn check(found: &Diagnostic, text: &str) {
    let edits = match &found.fix {
        Some(Fix::Certain(edits) | Fix::Suggested(edits)) => edits.as_slice(),
        None => &[],
    };
    let labels = found.primary.iter().chain(&found.secondary).map(|label| label.span);
    for Span { start, end, .. } in labels.chain(edits.iter().map(|edit| edit.span)) {
        assert!(text.get(start as usize..end as usize).is_some(), "{found:?} is outside the text");
    }
}
