//! Meeting places: where the branch that writes a variable and the branch that reads it find each
//! other, when neither can see how far the other is.
//!
//! A reader is concurrent if control can reach it without passing the writer. The two meet at the
//! home of the outermost construct between them that lets control do so; for streams, at the home
//! of the stream's scope. A stream that is older than a loop has readers in every iteration.

use alloc::vec::Vec;

use super::brought::is_brought;
use super::{Facts, is_concurrent};
use crate::sort::distinct;
use crate::tree::count;
use crate::{LoopMode, Node, NodeId, SlotId, StreamId, VerifiedProgram};

/// Pairs of writers and readers of one stream that are looked at; with more, every reader counts
/// as concurrent, which is always safe.
const MAX_STREAM_PAIRS: usize = 1 << 12;

pub(super) fn find_meetings(facts: &mut Facts, program: &VerifiedProgram) {
    let beside = iterated_beside(program);
    for at in 0..facts.slots.len() {
        let slot = SlotId(count(at));
        let Some(writer) = program.writer(slot) else { continue };
        if matches!(program.program().node(writer), Some(Node::For { .. })) {
            continue; // An iteration starts with its element.
        }
        let (mut concurrent, mut brought, mut meetings) = (Vec::new(), Vec::new(), Vec::new());
        let depth = facts.slot(slot).depth;
        for reader in &facts.slot(slot).readers {
            if let Some(meeting) = separator(program, &beside, writer, *reader) {
                if is_brought(facts, program, depth, writer, *reader) {
                    brought.push(*reader);
                } else {
                    concurrent.push(*reader);
                    meetings.push(meeting);
                }
            }
        }
        let meetings = distinct(&meetings);
        if let Some(facts) = facts.slots.get_mut(at) {
            (facts.concurrent, facts.brought, facts.meetings) = (concurrent, brought, meetings);
        }
    }
    find_stream_meetings(facts, program, &beside);
}

fn find_stream_meetings(facts: &mut Facts, program: &VerifiedProgram, beside: &[NodeId]) {
    let mut writers: Vec<Vec<NodeId>> = alloc::vec![Vec::new(); facts.streams.len()];
    for (id, node) in super::nodes(program) {
        let writes = matches!(node, Node::Call { .. } | Node::Push { .. });
        if let Some(stream) = node.used_stream().filter(|_| writes)
            && let Some(writers) = writers.get_mut(stream.index())
        {
            writers.push(id);
        }
    }
    for (at, writers) in writers.iter().enumerate() {
        let stream = StreamId(count(at));
        let scope = program.scope(stream);
        let (readers, depth) = (&facts.stream(stream).readers, facts.stream(stream).depth);
        let many = writers.len().saturating_mul(readers.len()) > MAX_STREAM_PAIRS;
        let (mut concurrent, mut brought) = (Vec::new(), Vec::new());
        for reader in readers {
            let missed = |writer: &&NodeId| {
                Pair { writer: **writer, reader: *reader, scope }.can_miss(program, beside)
            };
            let brings = |writer: &NodeId| is_brought(facts, program, depth, *writer, *reader);
            let mut missed = writers.iter().filter(missed).peekable();
            if many {
                concurrent.push(*reader);
            } else if missed.peek().is_some() {
                let group = if missed.all(brings) { &mut brought } else { &mut concurrent };
                group.push(*reader);
            }
        }
        if let Some(facts) = facts.streams.get_mut(at) {
            if !concurrent.is_empty() {
                facts.meetings = alloc::vec![scope.unwrap_or(NodeId(0))];
            }
            (facts.concurrent, facts.brought) = (concurrent, brought);
        }
    }
}

/// Loops of which one iteration goes on while another does.
fn iterated_beside(program: &VerifiedProgram) -> Vec<NodeId> {
    let concurrent = |id: &NodeId| program.program().node(*id).is_some_and(is_concurrent);
    let loops = super::nodes(program).filter_map(|(id, node)| {
        if let Node::Next { of } = node {
            let mut within = program.ancestors(id).take_while(|above| above != of);
            return within.any(|above| concurrent(&above)).then_some(*of);
        }
        let beside = matches!(node, Node::For { mode, .. } if *mode != LoopMode::InOrder);
        (beside && concurrent(&id)).then_some(id)
    });
    distinct(&loops.collect::<Vec<_>>())
}

/// Who adds to a stream and who reads it.
struct Pair {
    writer: NodeId,
    reader: NodeId,
    scope: Option<NodeId>,
}

impl Pair {
    /// Whether the reader may be reached without passing the writer: it is in another branch, or in
    /// a branch that still goes on when control has gone past it, to the writer. The writer of one
    /// iteration writes for the readers of all.
    fn can_miss(&self, program: &VerifiedProgram, beside: &[NodeId]) -> bool {
        let Self { writer, reader, scope } = *self;
        let is_shared = |id: &NodeId| *id != reader && program.contains(*id, reader);
        let is_loop = |id: &NodeId| matches!(program.program().node(*id), Some(Node::For { .. }));
        let within = program.ancestors(writer).take_while(|id| Some(*id) != scope);
        let mut around = within.filter(|id| is_loop(id) && is_shared(id)).peekable();
        let again = around.peek().is_some();
        separator(program, beside, writer, reader).is_some()
            || ((again || reader < writer) && separator(program, beside, reader, writer).is_some())
            || around.any(|each| beside.binary_search(&each).is_ok())
    }
}

/// The outermost construct that lets the reader go on without the writer. A loop whose iterations
/// go on beside each other may be complete before all of them are.
fn separator(
    program: &VerifiedProgram,
    beside: &[NodeId],
    writer: NodeId,
    reader: NodeId,
) -> Option<NodeId> {
    let concurrent = |id: &NodeId| program.program().node(*id).is_some_and(is_concurrent);
    let mut outermost = None;
    for id in program.ancestors(writer) {
        if program.contains(id, reader) {
            return if concurrent(&id) { Some(id) } else { outermost };
        }
        if concurrent(&id) || beside.binary_search(&id).is_ok() {
            outermost = Some(id);
        }
    }
    outermost
}
