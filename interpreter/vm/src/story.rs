//! What happened in a run, step by step: for receipts, diagrams and lists of calls.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use aquac_ir::{FaultCode, Node, PeerId, Value};

use crate::Position;
use crate::activation::{ActId, Phase};
use crate::eval::Trace;
use crate::run::Run;
use crate::state::State;
use crate::turn::{Entry, Record, RecordedFault};

/// What kind of step it was.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// A call.
    Call {
        /// The service.
        service: String,
        /// The function.
        function: String,
        /// The arguments, those whose bytes are here.
        args: Vec<Option<Value>>,
    },
    /// The content of a stream was fixed.
    Snapshot,
    /// The particle was at a peer.
    Visit,
    /// The initiator took the result.
    Return,
    /// A record at a position that the run has not reached, or by another peer than the program
    /// names there, or a second one: it is not used.
    Unused,
}

/// A step that was done.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// Who did it.
    pub peer: PeerId,
    /// In which of its turns.
    pub turn: u32,
    /// Where in the run.
    pub position: Position,
    /// What it was.
    pub deed: Deed,
    /// The result, if its bytes are here; or the error with its message.
    pub outcome: Result<Option<Value>, (FaultCode, Option<String>)>,
}

impl Run {
    /// What was recorded, in an order in which each step stands behind those on which it rests.
    #[must_use]
    pub fn story(&self) -> Vec<Done> {
        let mut story = Vec::new();
        for turn in self.history().since(|_| 0) {
            let body = &turn.body;
            for (entry, at) in body.entries.iter().zip(0..) {
                if let Entry::Record(record) = entry {
                    story.push(self.state().done(body.author, (body.number, at), record));
                }
            }
        }
        story
    }
}

impl State {
    fn done(&self, peer: PeerId, at: (u32, u32), record: &Record) -> Done {
        let value = |digest| self.values.get(digest).map(|salted| salted.value.clone());
        let outcome = match &record.outcome {
            Ok(digest) => Ok(value(digest)),
            Err(RecordedFault { code, message }) => {
                let text = value(message);
                Err((*code, text.and_then(|text| text.as_text().map(ToString::to_string))))
            }
        };
        let used = self.user_of(peer, at, &record.position);
        let deed = used.map_or(Deed::Unused, |id| self.deed(id));
        Done { peer, turn: at.0, position: record.position.clone(), deed, outcome }
    }

    /// The activation that uses a record.
    fn user_of(&self, peer: PeerId, at: (u32, u32), position: &Position) -> Option<ActId> {
        let path = self.paths.find(&position.path)?;
        let key = (position.node, path);
        let id = self.act_at(key)?;
        if self.act(id).phase == Phase::Waiting {
            return None;
        }
        let placed = self.placed(id)?;
        if let Some(verdict) = self.given_up(id, placed) {
            return ((verdict.author, verdict.at) == (peer, at)).then_some(id);
        }
        let own = self.filed(key).filter(|filed| filed.author == placed.peer);
        (placed.peer == peer && own.map(|filed| filed.at).min() == Some(at)).then_some(id)
    }

    fn deed(&self, id: ActId) -> Deed {
        let at = self.at(id);
        let (service, function) = self.placed(id).map_or_else(Default::default, |placed| {
            (placed.service.to_string(), placed.function.to_string())
        });
        match self.program.program().node(at.0) {
            Some(Node::Call { args, .. }) => {
                let value = |arg| {
                    let datum = self.evaluate(at, arg, &mut Trace::default()).ok()?;
                    self.present(datum).value
                };
                let args = args.iter().map(|arg| value(*arg)).collect();
                Deed::Call { service, function, args }
            }
            Some(Node::Snapshot { .. } | Node::Await { .. }) => Deed::Snapshot,
            Some(Node::Return { .. }) => Deed::Return,
            Some(_) | None => Deed::Visit,
        }
    }
}
