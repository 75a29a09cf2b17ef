//! Random statements.

use proptest::prelude::*;

/// The peers that a program may use, as its parameters.
pub(crate) const PEERS: [&str; 3] = ["p0", "p1", "p2"];
/// Relays: parameters too, but nothing is done there.
pub(crate) const RELAYS: [&str; 2] = ["r0", "r1"];
/// Functions beside `main`; each may call those before it.
pub(crate) const FUNCTIONS: usize = 3;

/// A statement.
#[derive(Debug, Clone)]
pub(crate) enum Line {
    /// Tells a service where it is.
    Call,
    /// Names a value.
    Let,
    /// Waits for an element of a stream and pushes it to another that the whole program shares.
    Push,
    /// Waits for a plain value.
    Join,
    /// `on` one of the peers, perhaps through a relay.
    On(usize, Option<&'static str>, Vec<Line>),
    /// Only the second block runs.
    If(Vec<Line>, Vec<Line>),
    /// Over three elements, in one of the modes.
    Loop(&'static str, Vec<Line>),
    /// Nothing fails, so the handler never runs.
    Try(Vec<Line>, Vec<Line>),
    /// A call at a peer fails in the end, so the handler runs.
    Fail(usize, Vec<Line>, Vec<Line>),
    /// A call on the right side of an operator; it counts or it does not.
    Maybe(bool),
    /// Side by side for three elements, at a peer.
    Parseq(usize, Vec<Line>),
    /// Over a stream with two elements, as they come.
    Live(Vec<Line>),
    /// Two branches at two peers.
    Par(usize, usize, Vec<Line>, Vec<Line>),
    /// Detached, at a peer.
    Co(usize, Vec<Line>),
    /// A function that was declared before, or a call of a service if there is none.
    Function(usize),
    /// A closure that is called at a peer.
    Closure {
        /// Whether it runs where it is called.
        detached: bool,
        /// Where it is called.
        at: usize,
    },
    /// Calls back to the initiator.
    Callback,
}

/// The bodies of the functions, `main` last, nested at most so deep.
pub(crate) fn bodies(depth: u32) -> impl Strategy<Value = Vec<Vec<Line>>> {
    prop::collection::vec(lines(depth), FUNCTIONS + 1)
}

fn lines(depth: u32) -> impl Strategy<Value = Vec<Line>> {
    let closure = (any::<bool>(), 0..PEERS.len());
    let leaf = prop_oneof![
        3 => Just(Line::Call),
        1 => Just(Line::Let),
        1 => Just(Line::Push),
        1 => Just(Line::Join),
        1 => (0..FUNCTIONS).prop_map(Line::Function),
        1 => closure.prop_map(|(detached, at)| Line::Closure { detached, at }),
        1 => Just(Line::Callback),
        1 => any::<bool>().prop_map(Line::Maybe),
    ];
    let line = leaf.prop_recursive(depth, 40, 4, |inner| {
        let body = || prop::collection::vec(inner.clone(), 1..4);
        let peer = || 0..PEERS.len();
        let mode = prop::sample::select(vec!["", " par", " try"]);
        let relay = prop::option::of(prop::sample::select(RELAYS.to_vec()));
        prop_oneof![
            3 => (peer(), relay, body()).prop_map(|(at, via, body)| Line::On(at, via, body)),
            1 => (peer(), body(), body()).prop_map(|(at, body, other)| Line::Fail(at, body, other)),
            1 => (peer(), body()).prop_map(|(at, body)| Line::Parseq(at, body)),
            1 => body().prop_map(Line::Live),
            1 => (body(), body()).prop_map(|(then, other)| Line::If(then, other)),
            1 => (mode, body()).prop_map(|(mode, body)| Line::Loop(mode, body)),
            1 => (body(), body()).prop_map(|(tried, other)| Line::Try(tried, other)),
            1 => (peer(), peer(), body(), body()).prop_map(|(a, b, x, y)| Line::Par(a, b, x, y)),
            1 => (peer(), body()).prop_map(|(at, body)| Line::Co(at, body)),
        ]
    });
    prop::collection::vec(line, 1..5)
}
