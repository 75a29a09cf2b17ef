//! The arguments of a step as far as they are there, and the digest by which a record names them.

use alloc::vec::Vec;

use aquac_ir::{Digest, Domain, Expr, ExprId, NodeId, SlotId, Source};

use crate::activation::{ActId, Placed, Site, SiteKind};
use crate::cause::CauseId;
use crate::datum::{Datum, Holder};
use crate::eval::{CellKey, Stop, Trace};
use crate::path::PathId;
use crate::state::State;

/// Stands for a slot that cannot be written where it is read.
const NEVER_WRITTEN: CellKey = (SlotId(u32::MAX), PathId::ROOT);

/// Arguments as far as they are there.
pub(crate) struct Arguments {
    pub(crate) data: Vec<Datum>,
    pub(crate) missing: Vec<CellKey>,
    pub(crate) cause: CauseId,
}

/// The digest that stands in a record for no arguments.
pub(crate) fn no_arguments() -> Digest {
    Digest::of(Domain::Arguments, &[])
}

/// The digest that stands in a record for a list of arguments, if that of each is known.
pub(crate) fn arguments_digest(data: &[Datum]) -> Option<Digest> {
    let mut all_known = true;
    let digest = Digest::make(Domain::Arguments, |making| {
        for datum in data {
            match datum.digest() {
                Some(digest) => making.part(&digest.0),
                None => all_known = false,
            }
        }
    });
    all_known.then_some(digest)
}

impl State {
    /// The arguments of a step whose place is known; none if it stops for one of them.
    pub(crate) fn arguments(
        &mut self,
        id: ActId,
        placed: &Placed,
        args: &[ExprId],
    ) -> Option<Arguments> {
        let at = self.at(id);
        let mut data = Vec::with_capacity(args.len());
        let (mut missing, mut trace) = (Vec::new(), Trace::default());
        for arg in args {
            let read_before = trace.causes.len();
            let result = self.evaluate(at, *arg, &mut trace);
            match result {
                Ok(datum) => data.push(self.with_digest(*arg, datum)),
                Err(Stop::Missing(keys)) => {
                    if keys.is_empty() {
                        missing.push(NEVER_WRITTEN);
                    }
                    missing.extend(keys);
                    trace.causes.truncate(read_before);
                    self.note_inputs(at, *arg, &mut missing, &mut trace.causes);
                }
                Err(Stop::Absent(Some(lacks))) if !self.program.facts().is_fallible(*arg) => {
                    data.push(Datum::late(lacks, Holder::Slot(NEVER_WRITTEN.0, NEVER_WRITTEN.1)));
                }
                Err(stop) if missing.is_empty() => {
                    let read = self.causes.all(trace.causes.into_iter().chain([placed.cause]));
                    let peer = Some(placed.peer);
                    self.set_site(id, Site { place: peer, ..Site::new(SiteKind::Placed, read) });
                    self.stop(id, stop, read);
                    return None;
                }
                Err(_) => {}
            }
        }
        let cause = self.causes.all(trace.causes.into_iter().chain([placed.cause]));
        Some(Arguments { data, missing, cause })
    }

    /// What an argument that is not there yet reads: a peer may hold one part of it and another
    /// peer the other, and each has to say so.
    pub(crate) fn note_inputs(
        &self,
        at: (NodeId, PathId),
        arg: ExprId,
        missing: &mut Vec<CellKey>,
        causes: &mut Vec<CauseId>,
    ) {
        for source in self.program.facts().reads(arg) {
            let Source::Slot(slot) = source else { continue };
            let Some(key) = self.cell_key(at, *slot) else { continue };
            match self.cells.get(&key).filter(|cell| cell.datum.is_some()) {
                Some(cell) => causes.push(cell.cause),
                None if missing.contains(&key) => {}
                None => missing.push(key),
            }
        }
    }

    /// A constant's digest is computed once.
    fn with_digest(&mut self, arg: ExprId, mut datum: Datum) -> Datum {
        if let Some(Expr::Const(constant)) = self.program.program().expr(arg) {
            let known = self.constants.get(constant).copied();
            datum.digest = known.or_else(|| datum.digest());
            if let (None, Some(digest)) = (known, datum.digest) {
                self.constants.insert(*constant, digest);
            }
        }
        datum
    }
}
