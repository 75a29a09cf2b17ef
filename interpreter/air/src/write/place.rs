//! Places as operands, and the hops between them.

use alloc::string::ToString;
use alloc::vec::Vec;

use aquac_ir::{Expr, ExprId, Fact, PlaceId};

use crate::ast::{Kind, Operand, Variable, What};
use crate::write::code::Code;
use crate::write::shape::Texts;
use crate::write::{Frame, RELAY, Relay, Writer, Written, scalar, variable, whole};

/// A peer, as far as two can be told to be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peer {
    Initiator,
    /// The relay of the initiator.
    Host,
    /// Whatever the expression says.
    Named(ExprId),
    /// Each of those that the expression says.
    Each(ExprId),
}

/// Where control can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Location {
    pub(super) peer: Peer,
    /// From the outside to the peer.
    via: Vec<Peer>,
}

/// A relay to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hop {
    peer: Peer,
    /// The last of several relays is the first.
    backwards: bool,
}

impl Location {
    pub(super) fn initiator(frame: Frame<'_>) -> Self {
        let via = match frame {
            Frame::Function { relay: Relay::Loaded, .. } => alloc::vec![Peer::Host],
            Frame::Function { relay: Relay::None, .. } | Frame::Bare => Vec::new(),
        };
        Self { peer: Peer::Initiator, via }
    }

    /// The relays to pass on the way, without the peer itself.
    fn relays_to(&self, to: &Self) -> Vec<Hop> {
        if self == to {
            return Vec::new();
        }
        let shared = self.via.iter().zip(&to.via).take_while(|(a, b)| a == b).count();
        let out = self.via.iter().skip(shared).rev();
        let back = to.via.iter().skip(shared.saturating_sub(1));
        let out = out.map(|peer| Hop { peer: *peer, backwards: true });
        let back = back.map(|peer| Hop { peer: *peer, backwards: false });
        let mut hops: Vec<Hop> = out.chain(back).collect();
        hops.dedup_by_key(|hop| hop.peer);
        if hops.last().is_some_and(|last| last.peer == to.peer) {
            hops.pop();
        }
        if hops.first().is_some_and(|first| first.peer == self.peer) {
            hops.remove(0);
        }
        hops
    }
}

impl Writer<'_> {
    /// The location of a place; no place is the initiator.
    pub(super) fn location(&self, place: Option<PlaceId>) -> Location {
        let initiator = Location::initiator(self.frame);
        let Some(place) = place.and_then(|place| self.program.place(place)) else {
            return initiator;
        };
        let peer = self.peer(place.peer);
        if peer == Peer::Initiator && place.via.is_empty() {
            return initiator;
        }
        let mut via: Vec<Peer> = Vec::new();
        for relay in &place.via {
            match self.texts(*relay) {
                Texts::One => via.push(self.peer(*relay)),
                Texts::Many => via.push(Peer::Each(*relay)),
                Texts::Listed(parts) => via.extend(parts.iter().map(|part| self.peer(*part))),
            }
        }
        Location { peer, via }
    }

    fn peer(&self, expr: ExprId) -> Peer {
        match self.program.expr(expr) {
            Some(Expr::Fact(Fact::Initiator)) => Peer::Initiator,
            Some(Expr::Fact(Fact::Host)) => self.host(),
            Some(Expr::Named { of, .. }) => self.peer(*of),
            Some(_) | None => Peer::Named(expr),
        }
    }

    const fn host(&self) -> Peer {
        match self.frame {
            Frame::Function { relay: Relay::Loaded, .. } => Peer::Host,
            Frame::Function { relay: Relay::None, .. } | Frame::Bare => Peer::Initiator,
        }
    }

    /// What the initiator's relay is called.
    pub(super) fn relay(&mut self) -> Operand<'static> {
        match self.host() {
            Peer::Host => {
                self.uses_relay = true;
                whole(scalar(RELAY.to_string()))
            }
            Peer::Initiator | Peer::Named(_) | Peer::Each(_) => Operand::Initiator,
        }
    }

    /// A peer as an operand of a call.
    pub(super) fn peer_operand(
        &mut self,
        peer: Peer,
        out: &mut Vec<Code>,
    ) -> Written<Operand<'static>> {
        match peer {
            Peer::Initiator => Ok(Operand::Initiator),
            Peer::Host => Ok(self.relay()),
            Peer::Named(expr) | Peer::Each(expr) => {
                self.naming += 1;
                let named = self.name(expr, out);
                self.naming -= 1;
                named
            }
        }
    }

    /// Goes where expressions are computed: home, but for those that say where that is.
    pub(super) fn settle(&mut self, out: &mut Vec<Code>) -> Written<Operand<'static>> {
        if self.naming > 0 {
            return Ok(Operand::Initiator);
        }
        let home = self.home.clone();
        self.go(&home, out)
    }

    /// Goes to a location, up to the last relay before it: the step there attracts the particle.
    /// Gives the peer.
    pub(super) fn go(&mut self, to: &Location, out: &mut Vec<Code>) -> Written<Operand<'static>> {
        let peer = self.peer_operand(to.peer, out)?;
        self.pass_relays(to, out)?;
        self.here = to.clone();
        Ok(peer)
    }

    /// Goes home, up to the last relay.
    pub(super) fn towards_home(&mut self, out: &mut Vec<Code>) -> Written<()> {
        let home = self.home.clone();
        self.pass_relays(&home, out)?;
        self.here = home;
        Ok(())
    }

    /// Goes somewhere and tells the peer there what happened.
    pub(super) fn report(&mut self, to: &Location, out: &mut Vec<Code>) -> Written<()> {
        if self.here != *to {
            let peer = self.go(to, out)?;
            out.push(hop(peer));
        }
        Ok(())
    }

    /// Goes out of an `on`, up to the last relay.
    pub(super) fn leave(&mut self, from: &Location, to: &Location) -> Written<Vec<Code>> {
        let mut out = Vec::new();
        let here = core::mem::replace(&mut self.here, from.clone());
        self.pass_relays(to, &mut out)?;
        self.here = here;
        Ok(out)
    }

    fn pass_relays(&mut self, to: &Location, out: &mut Vec<Code>) -> Written<()> {
        for relay in self.here.relays_to(to) {
            self.count(3)?;
            let Peer::Each(expr) = relay.peer else {
                let peer = self.peer_operand(relay.peer, out)?;
                out.push(hop(peer));
                continue;
            };
            self.naming += 1;
            let relays = self.plain(expr, out);
            self.naming -= 1;
            let relays = relays?;
            let item = self.fresh(Kind::Scalar)?;
            let visit = hop(whole(item.clone()));
            let next = Code::leaf(What::Next(item.clone()));
            let body = if relay.backwards { [next, visit] } else { [visit, next] };
            out.push(Code::fold(relays, item, Code::seq(body.into()), Some(Code::null())));
        }
        Ok(())
    }
}

/// Being at a peer: freezes a fresh empty stream there.
pub(super) fn hop(peer: Operand<'static>) -> Code {
    let stream: Variable<'static> = variable(Kind::Stream, "$-hop-".to_string());
    let canon: Variable<'static> = variable(Kind::Canon, "#-hopc-".to_string());
    let freeze = Code::canon(peer, stream.clone(), canon.clone());
    Code::new(stream, Code::new(canon, freeze))
}
