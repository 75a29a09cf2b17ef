//! Why a run gave no result, as a diagnostic with the lines that are waiting.

use std::collections::BTreeMap;

use aquac_base::{Code, Diagnostic, SourceId, SourceMap, Span};
use aquac_driver::Artifact;
use aquac_ir::{Fault, NodeId, PeerId};
use aquac_vm::service_error;

use crate::network::plan::distinct;
use crate::project::Project;
use crate::waiting::{Step, Waits};

/// The program cannot go on.
const STUCK: Code = Code("AQ0901");
/// A peer on which the run waits cannot be dialled.
const UNREACHABLE: Code = Code("AQ0901");
/// The deadline passed first.
const EXPIRED: Code = Code("AQ0902");
/// The program failed and nothing caught it.
const FAILED: Code = Code("AQ0903");

/// Waiting steps that are shown beside the first.
const MAX_SHOWN: usize = 3;

/// What is needed to say where something is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    /// The program and its debug table.
    pub(crate) artifact: &'a Artifact,
    /// The texts.
    pub(crate) sources: &'a SourceMap,
    /// The names of peers.
    pub(crate) project: &'a Project,
}

/// What the client knows when a run gives no result.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// The unfinished steps.
    pub(crate) waiting: Vec<Step>,
    /// Steps that failed without an end of the run: another branch went on.
    pub(crate) failed: BTreeMap<NodeId, Fault>,
    /// Peers that could not be reached.
    pub(crate) unreached: Vec<PeerId>,
    /// Peers of a local network that do not even say how they are.
    pub(crate) silent: Vec<PeerId>,
}

impl Known {
    /// With peers of whom it is known that they were away.
    pub(crate) fn and_away(mut self, away: &[PeerId]) -> Self {
        let away = away.iter().copied().filter(|peer| !self.silent.contains(peer));
        self.unreached = distinct(self.unreached.into_iter().chain(away));
        self
    }
}

impl Scene<'_> {
    /// Nothing is in flight and the program has not returned.
    pub(crate) fn stuck(&self, known: &Known) -> Diagnostic {
        let function = &self.artifact.function;
        let headline =
            format!("the run is stuck: nothing is in flight and `{function}` has not returned");
        self.unfinished(STUCK, &headline, known)
    }

    /// Everything waits for peers that could not be dialled even once.
    pub(crate) fn out_of_reach(&self, known: &Known, reasons: &[(PeerId, &str)]) -> Diagnostic {
        let names: Vec<PeerId> = reasons.iter().map(|(peer, _)| *peer).collect();
        let headline = format!("cannot reach the network: {}", self.names(&names));
        let diagnostic = self.unfinished(UNREACHABLE, &headline, known);
        reasons.iter().fold(diagnostic, |diagnostic, (peer, why)| {
            diagnostic.with_note(format!("`{}`: {why}", self.project.name(*peer)))
        })
    }

    /// The deadline is over and the program has not returned.
    pub(crate) fn expired(&self, known: &Known, ttl: u64) -> Diagnostic {
        let function = &self.artifact.function;
        let headline = format!("the deadline is over: `{function}` has not returned in {ttl} ms");
        self.unfinished(EXPIRED, &headline, known).with_help(
            "give the run more time with `--ttl` or `[run] ttl`, or race the step with a timer",
        )
    }

    /// The program failed.
    pub(crate) fn failed(&self, fault: &Fault, node: Option<NodeId>) -> Diagnostic {
        let said = service_error(fault);
        let message = said.as_ref().map_or(&fault.message, |error| &error.message);
        let diagnostic =
            self.at(FAILED, &format!("the run failed: {message}"), node, "this failed");
        let code = fault.code.number();
        diagnostic.with_note(match said {
            Some(error) => format!(
                "the service's code is {}; to the program it is the fault {code}, which \
                 `try … catch e:` can handle",
                error.code
            ),
            None => format!("the fault has the code {code}; `try … catch e:` can handle it"),
        })
    }

    fn unfinished(&self, code: Code, headline: &str, known: &Known) -> Diagnostic {
        let mut steps = known.waiting.iter();
        let first = steps.next();
        let label = first.map_or("it waits here".to_owned(), |step| self.explain(step, known));
        let mut diagnostic = self.at(code, headline, first.map(|step| step.position.node), &label);
        for step in steps.take(MAX_SHOWN) {
            if let Some(span) = self.span(step.position.node)
                && diagnostic.primary.as_ref().is_none_or(|label| label.span != span)
            {
                diagnostic = diagnostic.with_label(span, self.explain(step, known));
            }
        }
        for (node, fault) in known.failed.iter().take(MAX_SHOWN) {
            if let Some(span) = self.span(*node) {
                let said = service_error(fault).map_or(fault.message.clone(), |said| said.message);
                diagnostic = diagnostic.with_label(span, format!("failed: {said}"));
            }
        }
        let unanswered = self.unanswered(known);
        let absent: [(&str, &[PeerId]); 3] = [
            ("cannot be reached", &known.unreached),
            ("gives no sign of life", &known.silent),
            ("has not answered", &unanswered),
        ];
        for (what, peers) in absent.into_iter().filter(|(_, peers)| !peers.is_empty()) {
            diagnostic = diagnostic.with_note(format!("{what}: {}", self.names(peers)));
        }
        diagnostic
    }

    /// Peers that have a step to do and could do it.
    fn unanswered(&self, known: &Known) -> Vec<PeerId> {
        let there = |peer: &PeerId| !known.unreached.contains(peer) && !known.silent.contains(peer);
        let due = known.waiting.iter().filter(|step| step.waits_for == Waits::Place);
        distinct(due.filter_map(|step| step.place).filter(there))
    }

    fn names(&self, peers: &[PeerId]) -> String {
        let names: Vec<String> =
            peers.iter().map(|peer| format!("`{}`", self.project.name(*peer))).collect();
        names.join(", ")
    }

    /// What one step waits for.
    fn explain(&self, step: &Step, known: &Known) -> String {
        let place = step.place.map(|peer| self.project.name(peer));
        let here = place.as_ref().map_or(String::new(), |name| format!(" on `{name}`"));
        match &step.waits_for {
            Waits::Place => match (place, step.place) {
                (Some(name), Some(peer)) if known.unreached.contains(&peer) => {
                    format!("waits for `{name}`, which cannot be reached")
                }
                (Some(name), Some(peer)) if known.silent.contains(&peer) => {
                    format!("waits for `{name}`, which gives no sign of life")
                }
                (Some(name), _) => format!("waits for `{name}`, which has not answered"),
                (None, _) => "waits to be done".to_owned(),
            },
            Waits::Value => format!("waits{here} for a value that nothing has made"),
            Waits::Elements { have, need } => {
                format!("waits{here} for {}", elements(*have, *need))
            }
            Waits::Element => format!("waits{here} for another value on a stream"),
            Waits::Bytes => format!("waits{here} for a value that has not arrived"),
            Waits::NoPeer(text) => format!("is on `{text}`, and no peer can have that id"),
            Waits::Forever => "is written so that it never ends".to_owned(),
        }
    }

    fn at(&self, code: Code, headline: &str, node: Option<NodeId>, label: &str) -> Diagnostic {
        let span = node.and_then(|node| self.span(node));
        let nowhere = Span::new(SourceId(0), 0, 0);
        let diagnostic = Diagnostic::error(code, headline, span.unwrap_or(nowhere), label);
        if span.is_some() { diagnostic } else { Diagnostic { primary: None, ..diagnostic } }
    }

    /// Where a node comes from.
    fn span(&self, node: NodeId) -> Option<Span> {
        let debug = &self.artifact.debug;
        let found = debug.span(node)?;
        let name = &debug.sources.get(found.source as usize)?.name;
        let (source, _) = self.sources.iter().find(|(_, source)| source.name == *name)?;
        Some(Span::new(source, found.start, found.end))
    }
}

/// So many values of a stream, as one says it.
fn elements(have: usize, need: usize) -> String {
    match (have, need) {
        (0, 1) => "a value; none has arrived".to_owned(),
        (0, need) => format!("{need} values; none has arrived"),
        (1, need) => format!("{need} values; 1 has arrived"),
        (have, need) => format!("{need} values; {have} have arrived"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_values_are_said_as_one_says_them() {
        assert_eq!(elements(0, 1), "a value; none has arrived");
        assert_eq!(elements(0, 3), "3 values; none has arrived");
        assert_eq!(elements(1, 3), "3 values; 1 has arrived");
        assert_eq!(elements(2, 3), "3 values; 2 have arrived");
    }
}
