//! Who waits for the runs that began at a host.

use std::collections::BTreeMap;

use aquac_ir::ParticleId;
use aquac_peer::{Ending, Reason};
use tokio::sync::oneshot;

use crate::RunError;

/// Where a run's beginning is told.
pub(crate) type Started = oneshot::Sender<Result<ParticleId, RunError>>;
/// Where its end is told.
pub(crate) type Ended = oneshot::Sender<Ending>;

/// Those who wait. A run leaves with its end; a run without one has a deadline, which is one.
#[derive(Default)]
pub(crate) struct Runs {
    ends: BTreeMap<ParticleId, Ended>,
    /// The peer did not take these; it says why in a report, which may have to wait for the store.
    refused: BTreeMap<ParticleId, Started>,
}

impl Runs {
    /// The peer has taken it.
    pub(crate) fn taken(&mut self, particle: ParticleId, started: Started, ended: Ended) {
        self.ends.insert(particle, ended);
        let _gave_up = started.send(Ok(particle));
    }

    /// The peer has not taken it.
    pub(crate) fn not_taken(&mut self, particle: ParticleId, started: Started) {
        self.refused.insert(particle, started);
    }

    /// The peer says why it dropped something about a particle.
    pub(crate) fn dropped(&mut self, particle: ParticleId, reason: Reason, detail: &str) {
        if let Some(started) = self.refused.remove(&particle) {
            let detail = detail.to_owned();
            let _gave_up = started.send(Err(RunError::Refused { reason, detail }));
        }
    }

    /// A run has ended.
    pub(crate) fn ended(&mut self, particle: ParticleId, ending: Ending) {
        if let Some(ended) = self.ends.remove(&particle) {
            let _gave_up = ended.send(ending);
        }
    }
}
