//! The whole state of a run as plain data: to compare runs with each other and with the
//! specification.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use aquac_ir::{Fault, SlotId, StreamId, Value};

use crate::activation::Phase;
use crate::run::Run;
use crate::{Iteration, Position};

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// It was started and is not finished.
    Waiting,
    /// It is complete.
    Complete,
    /// It failed, with this code.
    Failed(i64),
}

/// An instance of a slot or stream: its number and the iterations around it.
pub type Instance<Id> = (Id, Vec<Iteration>);

/// The state of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Everything that was started.
    pub steps: BTreeMap<Position, StepState>,
    /// The slots that were written; nothing for a value of which the bytes are not here.
    pub slots: BTreeMap<Instance<SlotId>, Option<Value>>,
    /// The streams that were used, each in its defined order.
    pub streams: BTreeMap<Instance<StreamId>, Vec<Option<Value>>>,
    /// As [`Run::result`].
    pub result: Option<Result<Vec<Value>, Fault>>,
}

impl Run {
    /// The state, as far as it is settled.
    pub fn picture(&mut self) -> Picture {
        let state = self.state_mut();
        state.settle_levels();
        let mut steps = BTreeMap::new();
        for id in state.act_ids() {
            let is = match &state.act(id).phase {
                Phase::Waiting => StepState::Waiting,
                Phase::Complete => StepState::Complete,
                Phase::Failed(failure) => StepState::Failed(failure.code.number()),
            };
            steps.insert(state.position(id), is);
        }
        let mut slots = BTreeMap::new();
        for ((slot, path), cell) in state.cells.iter() {
            if let Some(datum) = &cell.datum {
                let value = state.present(datum.clone()).value;
                slots.insert((*slot, state.paths.steps(*path)), value);
            }
        }
        let keys: Vec<_> = state.streams.iter().map(|(key, _)| *key).collect();
        let mut streams = BTreeMap::new();
        for key in keys {
            let count = state.streams.get(&key).map_or(0, |instance| instance.elements.len());
            let mut order: Vec<u32> = (0..u32::try_from(count).unwrap_or(u32::MAX)).collect();
            state.sort_elements(key, &mut order);
            let elements = state.streams.get(&key).map_or(&[][..], |i| &i.elements);
            let values = order
                .iter()
                .filter_map(|at| elements.get(*at as usize))
                .map(|element| state.present(element.datum.clone()).value)
                .collect::<Vec<_>>();
            if !values.is_empty() {
                streams.insert((key.0, state.paths.steps(key.1)), values);
            }
        }
        Picture { steps, slots, streams, result: self.result() }
    }
}
