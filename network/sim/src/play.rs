//! What happens in a world: events in, what peers want done out.

use std::collections::BTreeSet;
use std::mem;

use aquac_ir::{Call, CallResult, PeerId};
use aquac_peer::{BatchId, Input, Lane, Output};

use crate::network::{DEFAULT_DELAY, skewed};
use crate::node::Wants;
use crate::world::World;

/// Milliseconds after which an end that must stay connected tries again.
const REDIAL: u64 = 50;

/// Milliseconds that a peer is away which died while it wrote.
const DEAD: u64 = 20;

#[derive(Debug, Clone)]
pub(crate) enum Event {
    Deliver { from: PeerId, to: PeerId, connection: u64, bytes: Vec<u8> },
    Dialled { from: PeerId, to: PeerId, life: u32 },
    Stored { peer: PeerId, life: u32, batch: BatchId },
    Answer { peer: PeerId, life: u32, call: Box<Call>, result: CallResult },
    Tick { peer: PeerId, life: u32 },
    Uplink { client: PeerId },
    Crash(PeerId),
    Restart(PeerId),
    Part,
}

impl Event {
    /// Whether it happens inside one peer: then it comes before what arrives at the same time.
    pub(crate) const fn is_local(&self) -> bool {
        match self {
            Self::Stored { .. } | Self::Answer { .. } => true,
            Self::Deliver { .. }
            | Self::Dialled { .. }
            | Self::Tick { .. }
            | Self::Uplink { .. }
            | Self::Crash(_)
            | Self::Restart(_)
            | Self::Part => false,
        }
    }

    /// Whether something is on its way because of it. The rest are alarms.
    pub(crate) const fn is_work(&self) -> bool {
        match self {
            Self::Deliver { .. }
            | Self::Dialled { .. }
            | Self::Stored { .. }
            | Self::Answer { .. }
            | Self::Crash(_)
            | Self::Restart(_)
            | Self::Part => true,
            Self::Tick { .. } | Self::Uplink { .. } => false,
        }
    }
}

impl World {
    pub(crate) fn happen(&mut self, event: Event) {
        match event {
            Event::Deliver { from, to, connection, bytes } => {
                if self.connections.get(&pair(from, to)) == Some(&connection) {
                    self.handle(to, Input::Frame { from, bytes });
                }
            }
            Event::Dialled { from, to, life } => {
                if self.lives(from, life) {
                    self.dialled(from, to);
                }
            }
            Event::Stored { peer, life, batch } => {
                if self.lives(peer, life) {
                    if let Some(node) = self.nodes.get_mut(&peer) {
                        node.disk.sync(batch);
                    }
                    self.handle(peer, Input::Stored { batch });
                }
            }
            Event::Answer { peer, life, call, result } => {
                if self.lives(peer, life) {
                    let (particle, key) = (call.particle, call.key);
                    self.trace.asked(self.elapsed(), peer, *call, result.clone());
                    self.handle(peer, Input::Answer { particle, key, result });
                }
            }
            Event::Tick { peer, life } => self.tick(peer, life),
            Event::Uplink { client } => self.uplink(client),
            Event::Crash(peer) => self.crash(peer),
            Event::Restart(peer) => self.restart(peer),
            Event::Part => self.part(),
        }
    }

    /// An alarm rings, unless it was set for another time meanwhile.
    fn tick(&mut self, peer: PeerId, life: u32) {
        let now = self.now;
        let Some(node) = self.nodes.get_mut(&peer) else { return };
        if node.life == life && node.wake == Some(now) {
            node.wake = None;
            self.handle(peer, Input::Tick);
        }
    }

    fn lives(&self, peer: PeerId, life: u32) -> bool {
        self.nodes.get(&peer).is_some_and(|node| node.life == life && node.peer.is_some())
    }

    pub(crate) fn handle(&mut self, peer: PeerId, input: Input) {
        let now = self.now;
        let Some(node) = self.nodes.get_mut(&peer) else { return };
        let Some(logic) = &mut node.peer else { return };
        logic.handle(skewed(now, node.skew), input);
        let wants = node.wants(now, mem::take(&mut self.spare));
        self.satisfy(peer, wants);
    }

    pub(crate) fn drain(&mut self, peer: PeerId) {
        let now = self.now;
        let Some(node) = self.nodes.get_mut(&peer) else { return };
        let wants = node.wants(now, mem::take(&mut self.spare));
        self.satisfy(peer, wants);
    }

    fn satisfy(&mut self, peer: PeerId, wants: Wants) {
        let Wants { life, mut outputs, wake } = wants;
        for output in outputs.drain(..) {
            // A write may kill it, and so may what happens when a link ends.
            let may_end = matches!(output, Output::Store(_) | Output::HangUp { .. });
            self.perform(peer, life, output);
            if may_end && !self.lives(peer, life) {
                return;
            }
        }
        self.spare = outputs;
        if let Some(due) = wake {
            self.at(due, Event::Tick { peer, life });
        }
    }

    fn perform(&mut self, peer: PeerId, life: u32, output: Output) {
        match output {
            Output::Send { to, lane, bytes } => self.send(peer, to, lane, bytes),
            Output::Dial { peer: to } => {
                self.at(self.now.after(1), Event::Dialled { from: peer, to, life });
            }
            Output::HangUp { peer: to } => {
                let link = pair(peer, to);
                self.disconnect_where(|a, b| (a, b) == link);
            }
            Output::Call { attempt, call, .. } => {
                self.trace.handed_out(attempt);
                self.ask(peer, life, *call);
            }
            Output::Cancel { .. } | Output::Ended => {}
            Output::Store(batch) => {
                let id = batch.id;
                let dies = self.nodes.get_mut(&peer).is_some_and(|node| node.disk.write(batch));
                if dies {
                    self.crash(peer);
                    self.at(self.now.after(DEAD), Event::Restart(peer));
                }
                self.at(self.now, Event::Stored { peer, life, batch: id });
            }
            Output::Finished { particle, ending } => self.trace.ended(particle, life, ending),
            Output::Report(report) => self.trace.report(self.elapsed(), peer, report),
        }
    }

    fn ask(&mut self, peer: PeerId, life: u32, call: Call) {
        let name = self.names.name(peer);
        let (wait, result) = match self.answered.get(&(peer, call.key)) {
            // The service knows the key: it has done this already.
            Some(result) => (0, result.clone()),
            None => {
                *self.trace.effects.entry((peer, call.key)).or_default() += 1;
                let logic = self.nodes.get(&peer).and_then(|node| node.peer.as_ref());
                let run = logic.and_then(|logic| logic.run(&call.particle));
                let (wait, mut result) = self.services.answer_in(&name, &call, run);
                for tamper in &mut self.tamper {
                    result = tamper.answer(peer, &call, result);
                }
                self.answered.insert((peer, call.key), result.clone());
                (wait, result)
            }
        };
        let event = Event::Answer { peer, life, call: Box::new(call), result };
        self.at(self.now.after(wait), event);
    }

    fn send(&mut self, from: PeerId, to: PeerId, lane: Lane, bytes: Vec<u8>) {
        let Some(connection) = self.connections.get(&pair(from, to)).copied() else { return };
        if self.tamper.is_empty() {
            return self.carry(from, to, connection, lane, bytes);
        }
        let mut frames = vec![bytes];
        for tamper in &mut self.tamper {
            frames = frames.into_iter().flat_map(|bytes| tamper.frame(from, to, bytes)).collect();
        }
        for bytes in frames {
            self.carry(from, to, connection, lane, bytes);
        }
    }

    /// A frame is on its way: once, twice or not at all.
    fn carry(&mut self, from: PeerId, to: PeerId, connection: u64, lane: Lane, bytes: Vec<u8>) {
        let copies = if self.rules.concern_frames() {
            self.rules.copies(&mut self.rng, &self.names.name(from), &self.names.name(to))
        } else {
            vec![DEFAULT_DELAY]
        };
        let mut bytes = Some(bytes);
        let last = copies.len().saturating_sub(1);
        for (copy, delay) in copies.into_iter().enumerate() {
            let mut time = self.now.after(delay);
            // Control frames overtake; a second copy is not part of the stream.
            if copy == 0 && lane == Lane::Bulk {
                let arrives = self.arrives.entry((from, to)).or_default();
                *arrives = time.max(*arrives);
                time = *arrives;
            }
            let bytes = if copy == last { bytes.take() } else { bytes.clone() };
            let Some(bytes) = bytes else { break };
            self.at(time, Event::Deliver { from, to, connection, bytes });
        }
    }

    fn dialled(&mut self, from: PeerId, to: PeerId) {
        let dialable = self.nodes.get(&to).is_some_and(|node| node.uplink.is_none());
        if self.connections.contains_key(&pair(from, to)) {
            return;
        }
        if dialable && self.can_reach(from, to) {
            self.connect(from, to);
        } else {
            self.handle(from, Input::DialFailed { peer: to });
        }
    }

    fn can_reach(&self, a: PeerId, b: PeerId) -> bool {
        let alive = |id| self.nodes.get(id).is_some_and(|node| node.peer.is_some());
        let together =
            || self.rules.are_together(self.elapsed(), &self.names.name(a), &self.names.name(b));
        a != b && alive(&a) && alive(&b) && together()
    }

    fn connect(&mut self, a: PeerId, b: PeerId) {
        self.made += 1;
        self.connections.insert(pair(a, b), self.made);
        self.handle(a, Input::Connected { peer: b });
        self.handle(b, Input::Connected { peer: a });
    }

    /// A client keeps the connection to its relay, which cannot dial it.
    pub(crate) fn uplink(&mut self, client: PeerId) {
        let Some(node) = self.nodes.get(&client).filter(|node| node.peer.is_some()) else {
            return;
        };
        let Some(relay) = node.uplink else { return };
        if !self.connections.contains_key(&pair(client, relay)) {
            if self.can_reach(client, relay) {
                self.connect(client, relay);
            } else {
                self.at(self.now.after(REDIAL), Event::Uplink { client });
            }
        }
    }

    /// Breaks the connections between groups that are apart now.
    fn part(&mut self) {
        let (names, rules, elapsed) = (self.names.clone(), self.rules.clone(), self.elapsed());
        self.disconnect_where(|a, b| !rules.are_together(elapsed, &names.name(a), &names.name(b)));
    }

    pub(crate) fn disconnect_where(&mut self, broken: impl Fn(PeerId, PeerId) -> bool) {
        let ends: BTreeSet<(PeerId, PeerId)> =
            self.connections.keys().copied().filter(|(a, b)| broken(*a, *b)).collect();
        for (a, b) in ends {
            self.connections.remove(&(a, b));
            self.arrives.remove(&(a, b));
            self.arrives.remove(&(b, a));
            for (end, peer) in [(a, b), (b, a)] {
                self.handle(end, Input::Disconnected { peer });
                if self.nodes.get(&end).is_some_and(|node| node.uplink == Some(peer)) {
                    self.at(self.now.after(REDIAL), Event::Uplink { client: end });
                }
            }
        }
    }
}

fn pair(a: PeerId, b: PeerId) -> (PeerId, PeerId) {
    if a < b { (a, b) } else { (b, a) }
}
