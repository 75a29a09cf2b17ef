//! Random programs: every slot has one writer and is read where it is in scope, often by another
//! branch; homes follow `On`.

use aquac_ir::{LoopMode, PeerId};

use crate::net::{Dice, peer};
use crate::tree::{Behind, E, N, Out};

/// Makes one program.
pub(crate) struct Maker {
    dice: Dice,
    slots: u32,
    streams: Vec<u32>,
    next_stream: u32,
    /// Elements of the explicit loops around, innermost last.
    loops: Vec<u32>,
    /// The last stream over which a live loop around goes, if there is one. In it only later streams
    /// are written, so that nothing goes round for ever.
    live: Option<u32>,
}

const DEPTH: u32 = 3;

/// A stream with keys.
const MAP: u32 = 2;

/// The peers that random programs name; the first is the initiator.
pub(crate) fn peers() -> Vec<PeerId> {
    "ipqrab".chars().map(peer).collect()
}

/// The program of a seed.
pub(crate) fn tree(seed: u64) -> N {
    let mut maker = Maker {
        dice: Dice(seed),
        slots: 0,
        streams: vec![0, 1],
        next_stream: MAP + 1,
        loops: Vec::new(),
        live: None,
    };
    let (body, out) = maker.block(&[], &E::Initiator, DEPTH);
    let results: Vec<E> = out.iter().take(3).map(|slot| E::Slot(*slot)).collect();
    let body = if results.is_empty() { body } else { N::Seq(vec![body, N::Return(results)]) };
    N::Scope(vec![0], Box::new(body))
}

impl Maker {
    fn slot(&mut self) -> u32 {
        self.slots += 1;
        self.slots - 1
    }

    fn expr(&mut self, slots: &[u32]) -> E {
        let literal = E::Int(self.dice.below(9).try_into().unwrap());
        if slots.is_empty() {
            return literal;
        }
        let slot = E::Slot(self.dice.pick(slots));
        match self.dice.below(10) {
            0..=4 => slot,
            5 => E::Add(Box::new(slot), 1),
            6 => E::Check(Box::new(slot)),
            7 => E::Array(vec![slot, E::Slot(self.dice.pick(slots))]),
            8 => E::Index(Box::new(slot), 1),
            _ => literal,
        }
    }

    fn place(&mut self, slots: &[u32], home: &E) -> E {
        match self.dice.below(100) {
            0..25 => home.clone(),
            25..75 => E::Peer(self.dice.pick(&peers())),
            _ if slots.is_empty() => E::Peer(self.dice.pick(&peers())),
            _ => E::OneOf(peers(), Box::new(E::Slot(self.dice.pick(slots)))),
        }
    }

    /// Some nodes in sequence, and the slots that what comes after may read.
    fn block(&mut self, slots: &[u32], home: &E, depth: u32) -> (N, Vec<u32>) {
        let mut known = slots.to_vec();
        let mut made = Vec::new();
        let mut nodes = Vec::new();
        for _ in 0..1 + self.dice.below(3) {
            let (node, out) = self.node(&known, home, depth);
            nodes.push(node);
            known.extend(&out);
            made.extend(out);
        }
        let node = if nodes.len() == 1 { nodes.remove(0) } else { N::Seq(nodes) };
        (node, made)
    }

    fn node(&mut self, slots: &[u32], home: &E, depth: u32) -> (N, Vec<u32>) {
        if !self.loops.is_empty() && self.dice.chance(6) {
            return (N::Next(self.dice.pick(&self.loops)), vec![]);
        }
        let choice = if depth == 0 { self.dice.below(58) } else { self.dice.below(100) };
        match choice {
            0..30 => self.call(slots, home),
            30..33 => (N::PushKey(MAP, self.expr(slots), self.expr(slots)), vec![]),
            33..37 => match self.target() {
                Some(stream) => (N::Push(stream, self.expr(slots)), vec![]),
                None => (N::Null, vec![]),
            },
            37..42 => {
                let slot = self.slot();
                (N::Let(slot, self.expr(slots)), vec![slot])
            }
            42..47 => {
                let slot = self.slot();
                let stream = if self.dice.chance(20) { MAP } else { self.stream() };
                (N::Snapshot(self.place(slots, home), stream, slot), vec![slot])
            }
            47..51 => {
                let slot = self.slot();
                let count = E::Int(self.dice.below(3).try_into().unwrap());
                (N::Await(self.place(slots, home), self.stream(), count, slot), vec![slot])
            }
            51..54 => (N::Visit(self.place(slots, home)), vec![]),
            54..58 => (self.leaf(slots), vec![]),
            58..70 => self.branches(slots, home, depth),
            70..78 => self.attempt(slots, home, depth),
            78..86 => (self.choice(slots, home, depth), vec![]),
            86..96 => (self.repeat(slots, home, depth), vec![]),
            _ => (self.fresh(slots, home, depth), vec![]),
        }
    }

    fn leaf(&mut self, slots: &[u32]) -> N {
        match self.dice.below(12) {
            0..4 => N::Fail(E::Error(5, "boom")),
            4..8 => N::Never,
            8..10 => N::Return(vec![self.expr(slots)]),
            _ => N::Null,
        }
    }

    fn stream(&mut self) -> u32 {
        self.dice.pick(&self.streams)
    }

    /// A stream to write, if there is one.
    fn target(&mut self) -> Option<u32> {
        let over = self.live;
        let open: Vec<u32> =
            self.streams.iter().copied().filter(|s| over.is_none_or(|over| *s > over)).collect();
        (!open.is_empty()).then(|| self.dice.pick(&open))
    }

    fn call(&mut self, slots: &[u32], home: &E) -> (N, Vec<u32>) {
        let place = self.place(slots, home);
        let function = self.dice.pick(&["f", "f", "f", "maybe", "g", "id", "list", "bad"]);
        let args = (0..self.dice.below(3)).map(|_| self.expr(slots)).collect();
        let (out, made) = match self.dice.below(10) {
            0..6 => {
                let slot = self.slot();
                (Out::Slot(slot), vec![slot])
            }
            6..8 => (self.target().map_or(Out::Nothing, Out::Stream), vec![]),
            _ => (Out::Nothing, vec![]),
        };
        (N::Call(place, function, args, out), made)
    }

    fn branches(&mut self, slots: &[u32], home: &E, depth: u32) -> (N, Vec<u32>) {
        let (mut seen, mut made, mut nodes) = (slots.to_vec(), Vec::new(), Vec::new());
        for _ in 0..2 + self.dice.below(2) {
            let across = self.dice.chance(50);
            let on = self.dice.chance(40).then(|| E::Peer(self.dice.pick(&peers())));
            let home = on.as_ref().unwrap_or(home);
            let known = if across { seen.clone() } else { slots.to_vec() };
            let (mut node, out) = self.block(&known, home, depth - 1);
            if self.dice.chance(30) {
                // As in AIR, where a branch says itself where it goes in the end.
                node = N::Seq(vec![node, N::Visit(self.place(slots, home))]);
            }
            nodes.push(match on.clone() {
                Some(place) => N::On(place, Box::new(node)),
                None => node,
            });
            seen.extend(&out);
            made.extend(out);
        }
        (N::Par(nodes), made)
    }

    fn attempt(&mut self, slots: &[u32], home: &E, depth: u32) -> (N, Vec<u32>) {
        let (body, _) = self.block(slots, home, depth - 1);
        let error = self.slot();
        let mut known = slots.to_vec();
        known.push(error);
        let (handler, _) = self.block(&known, home, depth - 1);
        (N::Try(Box::new(body), Box::new(handler), Some(error)), vec![])
    }

    fn choice(&mut self, slots: &[u32], home: &E, depth: u32) -> N {
        let (then, _) = self.block(slots, home, depth - 1);
        if slots.is_empty() {
            return then;
        }
        let on = E::Slot(self.dice.pick(slots));
        if self.dice.chance(50) {
            let equal = self.dice.chance(50);
            return N::Match(equal, on, E::Int(3), Box::new(then));
        }
        let (other, _) = self.block(slots, home, depth - 1);
        let other = if self.dice.chance(70) { other } else { N::Null };
        N::If(E::Odd(Box::new(on)), Box::new(then), Box::new(other))
    }

    fn repeat(&mut self, slots: &[u32], home: &E, depth: u32) -> N {
        let item = self.slot();
        let live = self.dice.chance(30);
        let stream = self.stream();
        let modes: &[LoopMode] = if live {
            &[LoopMode::Parallel, LoopMode::Explicit]
        } else {
            &[
                LoopMode::Sequential,
                LoopMode::Parallel,
                LoopMode::Parallel,
                LoopMode::UntilSuccess,
                LoopMode::Explicit,
                LoopMode::Explicit,
            ]
        };
        let mode = self.dice.pick(modes);
        let mut known = slots.to_vec();
        known.push(item);
        let was_live = self.live;
        // A `Next` of a loop around would go round for ever: behind the last one stands what may
        // add to the stream.
        let mut around = Vec::new();
        if live {
            self.live = Some(was_live.map_or(stream, |outer| outer.max(stream)));
            around = core::mem::take(&mut self.loops);
        }
        if mode == LoopMode::Explicit {
            self.loops.push(item);
        }
        let (mut body, _) = self.block(&known, home, depth - 1);
        if mode == LoopMode::Explicit {
            self.loops.pop();
            body = match self.dice.below(5) {
                0 | 1 => N::Seq(vec![body, N::Next(item)]),
                2 => N::Par(vec![N::Next(item), body]),
                _ => body,
            };
        }
        let behind = match self.dice.below(4) {
            0 => Behind::Complete,
            1 | 2 => Behind::Never,
            _ => Behind::Body(Box::new(self.block(&known, home, 0).0)),
        };
        self.live = was_live;
        if live {
            self.loops = around;
            let live = N::Live(stream, item, mode, behind, Box::new(body));
            // Mostly beside something that completes: else much of what follows never starts.
            return if self.dice.chance(55) { N::Par(vec![live, N::Null]) } else { live };
        }
        if self.dice.chance(8) {
            let map = self.slot();
            let entries = E::Entries(Box::new(E::Slot(map)));
            let each = N::For(entries, item, mode, behind, Box::new(body));
            return N::Seq(vec![N::Snapshot(self.place(slots, home), MAP, map), each]);
        }
        N::For(self.elements(slots), item, mode, behind, Box::new(body))
    }

    /// What a loop over an array runs over: numbers, or what may not be there yet.
    fn elements(&mut self, slots: &[u32]) -> E {
        if slots.is_empty() || self.dice.chance(80) {
            let number = |maker: &mut Self| i64::from(maker.dice.chance(50));
            return E::Ints((0..self.dice.below(4)).map(|_| number(self)).collect());
        }
        E::Array((0..2).map(|_| E::Slot(self.dice.pick(slots))).collect())
    }

    fn fresh(&mut self, slots: &[u32], home: &E, depth: u32) -> N {
        let stream = self.next_stream;
        self.next_stream += 1;
        self.streams.push(stream);
        let (body, _) = self.block(slots, home, depth - 1);
        self.streams.retain(|known| *known != stream);
        N::Scope(vec![stream], Box::new(body))
    }
}
