//! From where the particle is to where it must go: out through my relays in reverse, then its
//! relays, then the peer.

use alloc::vec::Vec;

use aquac_ir::{NodeId, PeerId, PlaceId, Value};

use crate::eval::Trace;
use crate::path::PathId;
use crate::state::State;

/// The peers to pass from one place to another, the destination included. Only adjacent repeats
/// and the relays that both ends share are left out.
#[must_use]
pub fn route(from: &[PeerId], to: &[PeerId], peer: PeerId) -> Vec<PeerId> {
    let shared = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    let pivot = shared.saturating_sub(1);
    let out = from.iter().skip(shared).rev();
    let mut path: Vec<PeerId> = out.chain(to.iter().skip(pivot)).copied().collect();
    path.push(peer);
    path.dedup();
    path
}

impl State {
    /// The relays of a place, as far as they can be told.
    pub(crate) fn relays(&self, at: (NodeId, PathId), place: PlaceId) -> Vec<PeerId> {
        let program = self.program.program();
        let mut relays = Vec::new();
        for expr in program.place(place).map_or(&[][..], |place| &place.via) {
            let value = self.evaluate_value(at, *expr, &mut Trace::default());
            let texts = match &value {
                Ok(Value::Array(array)) => array.items(),
                Ok(one) => core::slice::from_ref(one),
                Err(_) => &[],
            };
            relays.extend(texts.iter().filter_map(|text| text.as_text()?.parse::<PeerId>().ok()));
        }
        relays
    }

    /// The initiator's relay, if it has one.
    pub(crate) fn initiator_relays(&self) -> Vec<PeerId> {
        let header = &self.header.header;
        header.relay.into_iter().filter(|relay| *relay != header.initiator).collect()
    }

    /// The relays between me and the world.
    pub(crate) fn own_relays(&self) -> Vec<PeerId> {
        match &self.my_relays {
            Some(relays) => relays.clone(),
            None if self.me == self.header.header.initiator => self.initiator_relays(),
            None => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peers(names: &str) -> Vec<PeerId> {
        names.bytes().map(|name| PeerId([name; 32])).collect()
    }

    fn routed(from: &str, to: &str, peer: &str) -> String {
        let path = route(&peers(from), &peers(to), peers(peer)[0]);
        path.iter().map(|peer| char::from(peer.0[0])).collect()
    }

    #[test]
    fn out_through_my_relays_and_in_through_theirs() {
        assert_eq!(routed("", "", "p"), "p");
        assert_eq!(routed("r", "s", "p"), "rsp");
        assert_eq!(routed("ab", "cd", "p"), "bacdp");
        assert_eq!(routed("r", "r", "p"), "rp");
        assert_eq!(routed("ab", "ab", "p"), "bp");
        assert_eq!(routed("ab", "ac", "p"), "bacp");
        assert_eq!(routed("r", "", "r"), "r");
        assert_eq!(routed("", "rh", "p"), "rhp");
    }
}
