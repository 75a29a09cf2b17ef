//! Snapshots of a stream that is as it was when the same place froze it before.
//!
//! If everything that writes to the stream stands before or behind in the same order of steps, it
//! is as it was until the next of them. If something beside these steps writes to it, a snapshot
//! says how far it had come; two of them in a row, with nothing between that takes time, say the
//! same. So the later one becomes another name for the earlier one's content.

use std::collections::{HashMap, HashSet};

use aquac_ir::LoopMode;

use crate::placed::{Placed, PlacedKind};
use crate::plan::{PlaceId, StreamId};
use crate::terms::{SlotId, Terms};

/// Replaces snapshots by names.
pub(super) fn snapshots(mut placed: Placed, terms: &mut Terms) -> Placed {
    let mut writers = Writers::default();
    writers.find(&placed);
    writers.stack.clear();
    writers.next = 0;
    let mut walk =
        Walk { writers, taken: Vec::new(), versions: HashMap::new(), time: 0, last: None };
    walk.construct(&mut placed, terms);
    placed
}

/// A part that runs beside others: a branch, or the iterations of a loop that overlap.
type Branch = u32;

/// Who writes to each stream.
#[derive(Default)]
struct Writers {
    /// The innermost branches that write to a stream, below the stream's scope.
    branches: HashMap<StreamId, HashSet<Branch>>,
    /// Streams that iterations beside each other write to.
    shared: HashSet<StreamId>,
    /// How many branches are around the scope of a stream.
    declared: HashMap<StreamId, usize>,
    /// The branches around here; whether each is a loop's body.
    stack: Vec<(Branch, bool)>,
    next: Branch,
}

impl Writers {
    fn find(&mut self, placed: &Placed) {
        if let PlacedKind::Scope { streams, .. } = &placed.kind {
            let depth = self.stack.len();
            self.declared.extend(streams.iter().map(|stream| (*stream, depth)));
        }
        if let Some(stream) = placed.pushed() {
            let depth = self.declared.get(&stream).copied().unwrap_or(0);
            let inside = self.stack.get(depth..).unwrap_or_default();
            if inside.iter().any(|(_, repeats)| *repeats) {
                self.shared.insert(stream);
            } else if let Some((branch, _)) = inside.last() {
                self.branches.entry(stream).or_default().insert(*branch);
            }
        }
        let kind = beside(placed);
        for child in placed.children() {
            let entered = self.enter(kind);
            self.find(child);
            self.leave(entered);
        }
    }

    /// Enters a child of a construct; both walks give branches the same numbers.
    fn enter(&mut self, kind: Beside) -> bool {
        let repeats = match kind {
            Beside::Nothing => return false,
            Beside::Branches => false,
            Beside::Iterations => true,
        };
        self.stack.push((self.next, repeats));
        self.next += 1;
        true
    }

    fn leave(&mut self, entered: bool) {
        if entered {
            self.stack.pop();
        }
    }

    /// Whether everything that writes to a stream is in one order with what happens here.
    fn in_order(&self, stream: StreamId) -> bool {
        let around = |branch: &Branch| self.stack.iter().any(|(one, _)| one == branch);
        !self.shared.contains(&stream)
            && self.branches.get(&stream).is_none_or(|branches| branches.iter().all(around))
    }
}

/// What the children of a construct run beside.
#[derive(Clone, Copy)]
enum Beside {
    /// Nothing in it.
    Nothing,
    /// Each other.
    Branches,
    /// Other iterations of themselves.
    Iterations,
}

fn beside(placed: &Placed) -> Beside {
    match &placed.kind {
        PlacedKind::Par(_) => Beside::Branches,
        PlacedKind::For(each) => match each.mode {
            LoopMode::Sequential | LoopMode::UntilSuccess => Beside::Nothing,
            LoopMode::Parallel | LoopMode::Explicit | LoopMode::InOrder => Beside::Iterations,
        },
        PlacedKind::Null
        | PlacedKind::Seq(_)
        | PlacedKind::Try { .. }
        | PlacedKind::If { .. }
        | PlacedKind::Call { .. }
        | PlacedKind::Let { .. }
        | PlacedKind::Wait(_)
        | PlacedKind::Push { .. }
        | PlacedKind::Snapshot { .. }
        | PlacedKind::Await { .. }
        | PlacedKind::Scope { .. }
        | PlacedKind::Return(_) => Beside::Nothing,
    }
}

/// A snapshot that was certainly taken when control is here.
struct Taken {
    place: PlaceId,
    stream: StreamId,
    slot: SlotId,
    /// How often the stream had been written to in the text.
    version: u32,
    /// How many steps before it take time.
    time: u32,
}

struct Walk {
    writers: Writers,
    taken: Vec<Taken>,
    versions: HashMap<StreamId, u32>,
    time: u32,
    /// Where the last snapshot was taken.
    last: Option<PlaceId>,
}

impl Walk {
    fn construct(&mut self, placed: &mut Placed, terms: &mut Terms) {
        if let PlacedKind::Snapshot { place, stream, slot } = placed.kind {
            self.snapshot((place, stream, slot), placed, terms);
            return;
        }
        if takes_time(placed) {
            self.time += 1;
        }
        if let Some(stream) = placed.pushed() {
            self.write(stream);
        }
        if matches!(placed.kind, PlacedKind::For(_)) {
            // What an iteration writes stands before the next one.
            self.write_all(placed);
        }
        let keeps = matches!(placed.kind, PlacedKind::Seq(_) | PlacedKind::Scope { .. });
        let kind = beside(placed);
        for child in placed.children_mut() {
            let before = self.taken.len();
            let entered = self.writers.enter(kind);
            self.construct(child, terms);
            self.writers.leave(entered);
            if !keeps {
                self.taken.truncate(before);
                self.time += 1;
            }
        }
    }

    fn snapshot(
        &mut self,
        (place, stream, slot): (PlaceId, StreamId, SlotId),
        placed: &mut Placed,
        terms: &mut Terms,
    ) {
        if self.last.replace(place).is_some_and(|last| last != place) {
            self.time += 1;
        }
        let version = self.versions.get(&stream).copied().unwrap_or(0);
        let in_order = self.writers.in_order(stream);
        let same = self.taken.iter().find(|taken| {
            (taken.place, taken.stream, taken.version) == (place, stream, version)
                && (in_order || taken.time == self.time)
        });
        if let Some(same) = same {
            let value = terms.read(same.slot);
            placed.kind = PlacedKind::Let { slot, value };
        } else {
            self.taken.push(Taken { place, stream, slot, version, time: self.time });
        }
    }

    fn write(&mut self, stream: StreamId) {
        *self.versions.entry(stream).or_default() += 1;
    }

    fn write_all(&mut self, placed: &Placed) {
        let mut rest = vec![placed];
        while let Some(placed) = rest.pop() {
            if let Some(stream) = placed.pushed() {
                self.write(stream);
            }
            rest.extend(placed.children());
        }
    }
}

/// Whether something can happen elsewhere between the steps before and behind.
fn takes_time(placed: &Placed) -> bool {
    match &placed.kind {
        PlacedKind::Call { .. }
        | PlacedKind::Wait(_)
        | PlacedKind::Await { .. }
        | PlacedKind::Par(_)
        | PlacedKind::Try { .. }
        | PlacedKind::If { .. }
        | PlacedKind::For(_)
        | PlacedKind::Return(_) => true,
        PlacedKind::Null
        | PlacedKind::Seq(_)
        | PlacedKind::Let { .. }
        | PlacedKind::Push { .. }
        | PlacedKind::Snapshot { .. }
        | PlacedKind::Scope { .. } => false,
    }
}
