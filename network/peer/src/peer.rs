//! The state machine: inputs in, outputs out.

use std::collections::VecDeque;

use crate::{Config, Input, Output, Time};

/// One participant of a network.
#[derive(Debug)]
pub struct Peer {
    config: Config,
    outputs: VecDeque<Output>,
}

impl Peer {
    /// A peer that knows nothing yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self { config, outputs: VecDeque::new() }
    }

    /// Takes one input. Never blocks, never fails: bad input becomes a report.
    pub fn handle(&mut self, _now: Time, _input: Input) {
        let _ = &self.config;
    }

    /// The next thing to do. Ask until there is none.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Say [`Input::Tick`] at the latest then.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        None
    }
}
