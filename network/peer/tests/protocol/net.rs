//! A few peers whose frames are carried by hand, and programs for them.

use std::collections::{BTreeMap, VecDeque};

use aquac_ir::{
    Builder, Call, CallResult, Limits, Node, Nonce, Output as Goes, ParticleId, PeerId, Place,
    PlaceId, Value, development_seed, encode,
};
use aquac_peer::{Config, Durability, Input, Keys, Output, Peer, Policy, Reason, Report};

use crate::relay::START;

/// Who is who: the development key of a name.
pub(crate) fn who(name: &str) -> PeerId {
    Keys::ed25519(development_seed(name)).signer.peer()
}

/// A peer that stores nothing, changed.
pub(crate) fn peer(name: &str, change: impl FnOnce(&mut Config)) -> Peer {
    let mut config = Config::new("test");
    config.durability = Durability::Volatile;
    change(&mut config);
    Peer::new(config, Keys::unchecked(who(name)))
}

/// The same, with a policy.
pub(crate) fn peer_with(name: &str, policy: impl Policy + Send + 'static) -> Peer {
    let mut config = Config::new("test");
    config.durability = Durability::Volatile;
    Peer::with_policy(config, Keys::unchecked(who(name)), Box::new(policy))
}

/// Peers that are connected to whom they dial, and what they said.
pub(crate) struct Net {
    pub(crate) peers: BTreeMap<PeerId, Peer>,
    pub(crate) calls: Vec<(PeerId, Call)>,
    pub(crate) reports: Vec<(PeerId, Report)>,
    pub(crate) endings: Vec<aquac_peer::Ending>,
    todo: VecDeque<(PeerId, Output)>,
}

impl Net {
    pub(crate) fn new(peers: impl IntoIterator<Item = Peer>) -> Self {
        Self {
            peers: peers.into_iter().map(|peer| (peer.id(), peer)).collect(),
            calls: Vec::new(),
            reports: Vec::new(),
            endings: Vec::new(),
            todo: VecDeque::new(),
        }
    }

    pub(crate) fn tell(&mut self, to: PeerId, input: Input) {
        let Some(peer) = self.peers.get_mut(&to) else { return };
        peer.handle(START, input);
        self.todo.extend(std::iter::from_fn(|| peer.poll()).map(|output| (to, output)));
    }

    /// Starts a run and lets everything happen. Calls answer with nothing.
    pub(crate) fn play(&mut self, at: &str, program: Vec<u8>, number: u8) -> ParticleId {
        let me = who(at);
        let limits = Limits { fan_out: 2, ..Limits::default() };
        let nonce = Nonce([number; 16]);
        let start = self.peers[&me].draft(START, program, Vec::new(), nonce, 60_000, limits);
        let id = start.header.header.id();
        self.tell(me, Input::Start(Box::new(start)));
        while let Some((peer, output)) = self.todo.pop_front() {
            self.perform(peer, output);
        }
        id
    }

    fn perform(&mut self, me: PeerId, output: Output) {
        match output {
            Output::Send { to, bytes, .. } => self.tell(to, Input::Frame { from: me, bytes }),
            Output::Dial { peer } if self.peers.contains_key(&peer) => {
                self.tell(me, Input::Connected { peer });
                self.tell(peer, Input::Connected { peer: me });
            }
            Output::Dial { peer } => self.tell(me, Input::DialFailed { peer }),
            Output::HangUp { peer } => {
                self.tell(me, Input::Disconnected { peer });
                self.tell(peer, Input::Disconnected { peer: me });
            }
            Output::Call { call, .. } => {
                let (particle, key) = (call.particle, call.key);
                self.calls.push((me, *call));
                let result: CallResult = Ok(Value::Null);
                self.tell(me, Input::Answer { particle, key, result });
            }
            Output::Finished { ending, .. } => self.endings.push(ending),
            Output::Report(report) => self.reports.push((me, report)),
            Output::Cancel { .. } | Output::Store(_) | Output::Ended => {}
        }
    }

    /// Functions that were called, in order, with the arguments as text.
    pub(crate) fn called(&self) -> Vec<String> {
        let text = |call: &Call| {
            let args: Vec<String> = call.args.iter().map(|arg| arg.value.to_string()).collect();
            format!("{}({})", call.function, args.join(","))
        };
        self.calls.iter().map(|(_, call)| text(call)).collect()
    }

    pub(crate) fn was_refused(&self, by: &str, why: Reason) -> bool {
        let by = who(by);
        self.reports.iter().any(|(_, report)| {
            matches!(report, Report::Refused { by: peer, reason, .. } if *peer == by && *reason == why)
        })
    }
}

pub(crate) fn place(b: &mut Builder, peer: &str, via: &[&str]) -> PlaceId {
    let mut id = |name: &str| b.constant(Value::text(&who(name).to_string()));
    let peer = id(peer);
    let via = via.iter().map(|name| id(name)).collect();
    b.place(Place { peer, via })
}

/// `try: on PEER: g()`, and if that fails, `on client: h(code)`; one after the other.
pub(crate) fn tries(steps: &[(&str, &[&str])]) -> Vec<u8> {
    let mut b = Builder::new();
    let seq = b.open(Node::Seq(0));
    let service = b.constant(Value::text("s"));
    for (peer, via) in steps {
        let there = place(&mut b, peer, via);
        let client = place(&mut b, "client", &[]);
        let (g, h) = (b.constant(Value::text("g")), b.constant(Value::text("h")));
        let error = b.slot();
        let attempt = b.open(Node::Try { error: Some(error) });
        let call = |place, function, args| Node::Call {
            place,
            service,
            function,
            args,
            output: Goes::Nothing,
            returns: None,
        };
        b.leaf(call(there, g, Box::new([])));
        let error = b.expr(aquac_ir::Expr::Slot(error));
        b.leaf(call(client, h, Box::new([error])));
        b.close(attempt);
    }
    b.leaf(Node::Return { values: Box::new([]) });
    b.close(seq);
    encode(&b.finish())
}
