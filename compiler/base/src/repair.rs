//! Applying the fixes that are certain.

use crate::{Diagnostic, Edit, Fix, SourceId};

/// A text after its certain fixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// The text.
    pub text: String,
    /// How many diagnostics were repaired.
    pub fixed: usize,
}

/// Applies the fixes that are certain to the text of one source. A fix that overlaps one already
/// taken is left for the next time.
pub fn repair<'d>(
    source: SourceId,
    text: &str,
    found: impl IntoIterator<Item = &'d Diagnostic>,
) -> Repaired {
    let mut edits: Vec<&Edit> = Vec::new();
    let mut fixed = 0;
    for repair in found.into_iter().filter_map(certain) {
        let apart = repair.iter().all(|edit| {
            edits
                .iter()
                .all(|taken| edit.span.end <= taken.span.start || taken.span.end <= edit.span.start)
        });
        if apart && repair.iter().all(|edit| edit.span.source == source) {
            edits.extend(repair);
            fixed += 1;
        }
    }
    Repaired { text: edited(&mut edits, text), fixed }
}

fn certain(diagnostic: &Diagnostic) -> Option<&[Edit]> {
    match &diagnostic.fix {
        Some(Fix::Certain(edits)) => Some(edits),
        Some(Fix::Suggested(_)) | None => None,
    }
}

/// The text after the edits, which do not overlap.
fn edited(edits: &mut [&Edit], text: &str) -> String {
    edits.sort_by_key(|edit| edit.span.start);
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        result.push_str(text.get(at..edit.span.start as usize).unwrap_or_default());
        result.push_str(&edit.text);
        at = edit.span.end as usize;
    }
    result.push_str(text.get(at..).unwrap_or_default());
    result
}
