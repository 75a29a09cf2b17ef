//! Who tells whom of what branches make: where that is decided by the program, and where by what
//! comes first.

use std::collections::BTreeSet;

use aquac_ir::LoopMode;

use super::amount::Chain;
use super::doubt::Doubt;
use super::walk::{Open, Walk, steps_between};
use super::ways::Site;
use crate::guarantee::count::Count;
use crate::guarantee::steps::{StepId, happens, written};
use crate::placed::PlacedKind;
use crate::plan::{Over, PlaceId, StreamId};
use crate::terms::SlotId;

impl<'a> Walk<'a> {
    /// Whether a step in a branch writes what nobody will read that might have.
    pub(super) fn tells_in_vain(&self, id: StepId) -> bool {
        let placed = self.steps.get(id).placed;
        let might = written(placed).is_some_and(|slot| self.unread.contains(&slot))
            || placed.pushed().is_some() && self.reads_streams;
        let beside = self.unreached.iter().copied().filter(|reader| self.is_beside(id, *reader));
        might && self.are_read(std::iter::once(id), beside)
    }

    /// Whether a step reads what nobody will write in a branch that might have: it may tell in vain
    /// that it waits.
    pub(super) fn waits_in_vain(&self, id: StepId) -> bool {
        self.pushes(id).iter().any(|by| self.is_dead(*by) && self.is_beside(*by, id))
    }

    /// Whether one of two steps is in a branch that the other is not in.
    fn is_beside(&self, one: StepId, other: StepId) -> bool {
        let steps = self.steps;
        let apart = |inside: StepId, outside: StepId| {
            let mut around =
                steps.around(inside).take_while(|step| !steps.contains(*step, outside));
            around.any(|step| steps.is_fork(step))
        };
        apart(one, other)
            || apart(other, one)
            || steps.fork(one, other).is_some_and(|(fork, ..)| steps.is_fork(fork))
    }

    /// When everything is at a place that a step reads there.
    pub(super) fn awaited(&mut self, id: StepId, here: &Site) -> Chain {
        let slots: Vec<StepId> =
            self.steps.needs(id).into_iter().filter_map(|slot| self.steps.writer(slot)).collect();
        let mut chain = Chain::default();
        let mut surely = true;
        let needs_all = self.needs_all(id);
        let mut over = std::mem::take(&mut self.over);
        for open in over.iter_mut().filter(|open| !self.steps.contains(open.branch, id)) {
            let made = |step: &StepId| self.steps.contains(open.branch, *step);
            let pushed = self.steps.frozen(id).is_some_and(|stream| {
                self.steps.producers(stream).iter().any(|by| made(by) && !self.is_dead(*by))
            });
            let read = slots.iter().any(made);
            if !pushed && !read {
                continue;
            }
            surely &= !pushed || needs_all;
            // Where nothing happens in a branch, the first who comes there is enough.
            surely &= !open.passes.is_empty() || open.ends.len() < 2;
            open.is_over |= (read || needs_all)
                && slots
                    .iter()
                    .chain(self.pushes(id))
                    .filter(|step| made(step))
                    .any(|step| self.ends_its_branch(*step, open.branch));
            for (place, leaving) in &open.ends {
                chain = chain.or(&leaving.at.then(&steps_between(place, here)));
            }
        }
        self.over = over;
        self.late |= !surely;
        chain
    }

    /// Whether the branches that end at a place, of those that lead to a step, make nothing that is
    /// read behind them, and the step has nothing yet of what it waits for.
    pub(super) fn has_nothing_for(&self, id: StepId, place: &Site) -> bool {
        let steps = self.steps;
        let slots = steps.needs(id).into_iter().filter_map(|slot| steps.writer(slot));
        let makers: Vec<StepId> = slots.chain(self.pushes(id).iter().copied()).collect();
        let leads = |branch: &StepId| {
            let before = makers.iter().filter_map(|made| steps.fork(*made, id));
            before.into_iter().any(|(_, before, _)| steps.contains(before, *branch))
        };
        let comes = |made: &StepId| {
            self.over.iter().any(|open| steps.contains(open.branch, *made))
                || self.is_dead(*made)
                || matches!(steps.kind(*made), PlacedKind::Let { .. })
        };
        if !makers.iter().filter(|made| !steps.is_behind(**made, id)).all(comes) {
            return false;
        }
        let ends_here = self.over.iter().filter(|open| open.ends.contains_key(place));
        let ending: Vec<StepId> = ends_here.map(|open| open.branch).filter(leads).collect();
        let is_innermost = |branch: &StepId| {
            !ending.iter().any(|inner| inner != branch && steps.contains(*branch, *inner))
        };
        let is_read = |branch: &StepId| {
            let around = ending.iter().filter(|outer| steps.contains(**outer, *branch)).min();
            self.is_read(around.copied().unwrap_or(*branch), *branch)
        };
        !ending.is_empty() && !ending.iter().filter(|one| is_innermost(one)).any(is_read)
    }

    /// Whether something behind a branch, or in a loop around it, reads what is made in a branch of
    /// it, or behind that.
    fn is_read(&self, outer: StepId, branch: StepId) -> bool {
        let steps = self.steps;
        let made = steps.below(outer).filter(|made| {
            let follows = steps.contains(branch, *made) || steps.is_behind(*made, branch);
            follows && !self.is_dead(*made)
        });
        let is_loop = |step: &StepId| matches!(steps.kind(*step), PlacedKind::For(_));
        let again = steps.around(outer).filter(is_loop).last().unwrap_or(outer);
        let outside = steps.all().filter(|one| again < *one && !steps.contains(outer, *one));
        self.are_read(made, outside)
    }

    /// Whether one of these readers reads what one of these steps makes.
    pub(super) fn are_read(
        &self,
        made: impl Iterator<Item = StepId>,
        mut readers: impl Iterator<Item = StepId>,
    ) -> bool {
        let (slots, streams) = self.written_by(made);
        readers.any(|reader| self.reads(reader, &slots, &streams))
    }

    /// The slots and streams to which these steps write.
    fn written_by(
        &self,
        made: impl Iterator<Item = StepId>,
    ) -> (BTreeSet<SlotId>, BTreeSet<StreamId>) {
        let placed = made.map(|made| self.steps.get(made).placed);
        let (slots, streams): (Vec<_>, Vec<_>) =
            placed.map(|placed| (written(placed), placed.pushed())).unzip();
        (slots.into_iter().flatten().collect(), streams.into_iter().flatten().collect())
    }

    /// Whether a step reads one of these.
    fn reads(
        &self,
        reader: StepId,
        slots: &BTreeSet<SlotId>,
        streams: &BTreeSet<StreamId>,
    ) -> bool {
        let followed = if let PlacedKind::For(each) = self.steps.kind(reader)
            && let Over::Live(stream) = each.over
        {
            Some(stream)
        } else {
            None
        };
        let read = self.steps.frozen(reader).or(followed);
        read.is_some_and(|stream| streams.contains(&stream))
            || self.steps.needed(reader).iter().any(|slot| slots.contains(slot))
    }

    /// What writes to the stream that a step freezes.
    fn pushes(&self, id: StepId) -> &'a [StepId] {
        self.steps.frozen(id).map_or(&[], |stream| self.steps.producers(stream))
    }

    /// Whether a branch has a step at a place.
    pub(super) fn passes(&self, open: &Open, place: &Site) -> bool {
        let peer = self.alias(place.peer.clone());
        open.passes.iter().any(|end| {
            self.alias(end.peer.clone()).term() == peer.term()
                && (end.peer.differs() || *end == *place)
        })
    }

    /// Whether a wait wants as many elements as there are.
    fn needs_all(&self, id: StepId) -> bool {
        let PlacedKind::Await { stream, count, .. } = self.steps.kind(id) else { return false };
        let mut all = Count::number(0);
        for by in self.steps.producers(*stream).iter().filter(|by| !self.is_dead(**by)) {
            let mut times = Count::number(1);
            for around in self.steps.around(*by) {
                let PlacedKind::For(each) = self.steps.kind(around) else { continue };
                let Over::Array(list) = each.over else { return false };
                times = times.times(&self.steps.length_of(list));
            }
            all = all.plus(&times);
        }
        self.steps.count_of(*count) == all
    }

    /// Whether everything that a step reads was made before it in sequence, or in branches that
    /// began where it happens. Otherwise who tells whom depends on what comes first.
    pub(super) fn meets_at_home(&self, id: StepId, to: PlaceId) -> bool {
        let stream = self.steps.frozen(id);
        if stream.is_some_and(|stream| self.is_mixed(stream, id) || self.is_hurried(stream, id, to))
        {
            return false;
        }
        let slots = self.steps.needs(id).into_iter().filter_map(|slot| self.steps.writer(slot));
        let pushes = stream.map_or(&[][..], |stream| self.steps.producers(stream));
        slots
            .chain(pushes.iter().copied())
            .filter(|made| !self.is_dead(*made))
            .all(|made| self.is_met(id, made, to))
    }

    fn is_met(&self, id: StepId, made: StepId, to: PlaceId) -> bool {
        if self.steps.contains(made, id) {
            return true;
        }
        let Some((fork, ..)) = self.steps.fork(made, id) else { return true };
        if !matches!(self.steps.kind(fork), PlacedKind::Seq(_)) {
            return false;
        }
        let outermost = |step: StepId| {
            let inside = self.steps.around(step).take_while(|step| *step != fork);
            inside.filter(|step| self.steps.is_fork(*step)).last()
        };
        if id < made {
            // A branch that goes on beside what comes behind it reads what is made there; an
            // iteration does not show what it has read.
            let is_loop = |step: StepId| matches!(self.steps.kind(step), PlacedKind::For(_));
            let mut around = self.steps.around(id).take_while(|step| *step != fork);
            return outermost(id).is_none() && (outermost(made).is_none() || !around.any(is_loop));
        }
        outermost(made).is_none_or(|fork| {
            self.steps.get(fork).placed.home == to
                && self.ends_its_branch(made, fork)
                && self.knows_its_reader(id, made, fork)
        })
    }

    /// Whether who writes in a branch of a fork knows that the reader is reached, or tells its
    /// place in any case: branches that write to a stream meet at the home of its scope.
    fn knows_its_reader(&self, id: StepId, made: StepId, fork: StepId) -> bool {
        let Some(stream) = self.steps.get(made).placed.pushed() else { return true };
        let home = |step: StepId| self.steps.get(step).placed.home;
        let inside = |step: &StepId| self.steps.contains(fork, *step);
        let mut between = self.steps.all().filter(|step| fork < *step && *step < id);
        home(self.steps.scope(stream)) == home(fork)
            || !between.any(|step| {
                !inside(&step) && !self.is_dead(step) && happens(self.steps.get(step).placed)
            })
    }

    /// Whether a branch is over with this step. Otherwise it tells of it at once, and again when
    /// it is over.
    fn ends_its_branch(&self, made: StepId, fork: StepId) -> bool {
        let mut below = made;
        for above in self.steps.around(made).skip(1).take_while(|_| made != fork) {
            let later = self.steps.children(above).skip_while(|child| *child != below).skip(1);
            let goes_on = match self.steps.kind(above) {
                PlacedKind::Seq(_) => later
                    .flat_map(|child| self.steps.below(child))
                    .any(|step| self.is_something(step) && !self.is_dead(step)),
                PlacedKind::For(each) => above != fork && each.mode != LoopMode::Parallel,
                PlacedKind::Par(_)
                | PlacedKind::Try { .. }
                | PlacedKind::If { .. }
                | PlacedKind::Scope { .. }
                | PlacedKind::Null
                | PlacedKind::Call { .. }
                | PlacedKind::Let { .. }
                | PlacedKind::Wait(_)
                | PlacedKind::Push { .. }
                | PlacedKind::Snapshot { .. }
                | PlacedKind::Await { .. }
                | PlacedKind::Return(_) => false,
            };
            if goes_on || above == fork {
                return !goes_on;
            }
            below = above;
        }
        true
    }

    /// Whether what comes before a step is not known to be over by who knows of that alone.
    fn is_something(&self, step: StepId) -> bool {
        let makes =
            matches!(self.steps.kind(step), PlacedKind::Push { .. } | PlacedKind::Let { .. });
        makes || happens(self.steps.get(step).placed)
    }

    /// Whether iterations beside each other use one stream.
    fn is_mixed(&self, stream: StreamId, id: StepId) -> bool {
        let scope = self.steps.scope(stream);
        let mut around = self.steps.around(id).take_while(|step| *step != scope);
        around.any(|step| {
            let is_loop = matches!(self.steps.kind(step), PlacedKind::For(_));
            let writes = |by: &StepId| self.steps.contains(step, *by) && !self.is_dead(*by);
            is_loop && self.steps.is_fork(step) && self.steps.producers(stream).iter().any(writes)
        })
    }

    /// Whether what is read is told before control goes on from where it is made: a stream that
    /// branches write to is told of between the rounds of a loop, in each round of one that it is
    /// older than, where control parts behind who writes to it, and where only some of its elements
    /// come from branches, elsewhere than at the root.
    fn is_hurried(&self, stream: StreamId, id: StepId, to: PlaceId) -> bool {
        let live = self.steps.producers(stream).iter().filter(|by| !self.is_dead(**by));
        let beside = |by: StepId| {
            let Some((fork, ..)) = self.steps.fork(by, id) else { return false };
            let mut around = self.steps.around(by).take_while(|step| *step != fork);
            around.any(|step| self.steps.is_fork(step))
        };
        let forked = live.clone().filter(|by| beside(**by)).count();
        if forked == 0 {
            return false;
        }
        let some = live.clone().any(|by| !beside(*by));
        let elsewhere = some && (to != self.steps.inlined().root || !self.needs_all(id));
        let scope = self.steps.scope(stream);
        let is_loop = |step: StepId| matches!(self.steps.kind(step), PlacedKind::For(_));
        let rounds = |by: &StepId| {
            let from = self.steps.around(*by).filter(|step| is_loop(*step)).last();
            let from = from.unwrap_or(*by).min(*by);
            let between = self.steps.all().filter(|step| from <= *step && *step < id);
            let mut loops = between.filter(|step| !self.steps.contains(*step, id));
            loops.any(|step| is_loop(step) && !self.steps.is_fork(step))
        };
        let again = |by: &StepId| {
            let mut around = self.steps.around(id).take_while(|step| *step != scope);
            around.any(|step| {
                is_loop(step) && !self.steps.is_fork(step) && self.steps.contains(step, *by)
            })
        };
        let parts = |by: &StepId| {
            let mut next = self.steps.all().filter(|step| by < step && *step < id);
            let next =
                next.find(|step| !self.is_dead(*step) && happens(self.steps.get(*step).placed));
            let fork = next.and_then(|next| self.steps.fork(*by, next).map(|fork| (fork, next)));
            fork.is_some_and(|((fork, ..), next)| {
                let mut around = self.steps.around(next).take_while(|step| *step != fork);
                around.any(|step| self.steps.is_fork(step))
            })
        };
        let mut before = live.clone().filter(|by| **by < id && !beside(**by));
        elsewhere
            || live.clone().any(again)
            || before.any(parts)
            || live.filter(|by| **by < id).any(rounds)
    }

    /// What arrives from branches that nobody waited for, because this step reads what they make.
    pub(super) fn arrivals_for(&mut self, id: StepId) -> Vec<Open> {
        let needs = self.steps.needs(id);
        let stream = self.steps.frozen(id);
        let steps = self.steps;
        let not_taken = self.unreached.clone();
        let dead = |step: StepId| not_taken.contains(&step);
        let makes = |branch: StepId| {
            steps.below(branch).filter(|step| !dead(*step)).any(|step| {
                let placed = steps.get(step).placed;
                written(placed).is_some_and(|slot| needs.contains(&slot))
                    || placed.pushed().is_some_and(|made| Some(made) == stream)
            })
        };
        let (read, open): (Vec<Open>, Vec<Open>) = std::mem::take(&mut self.open)
            .into_iter()
            .partition(|open| !steps.contains(open.branch, id) && makes(open.branch));
        self.open = open;
        // Everything that is read is told of as soon as it is made.
        let writes = |open: &Open| {
            let written = |step: &StepId| {
                let placed = steps.get(*step).placed;
                written(placed).is_some_and(|slot| needs.contains(&slot))
                    || placed.pushed().is_some_and(|made| Some(made) == stream)
            };
            steps.below(open.branch).filter(|step| !dead(*step)).filter(written).count()
        };
        // What is made in a branch of a branch is told of from there, and the others are silent.
        let forks_inside = |open: &Open| {
            let inside = |step: &StepId| steps.contains(open.branch, *step) && !dead(*step);
            let slots = needs.iter().filter_map(|slot| steps.writer(*slot));
            let made = slots.chain(self.pushes(id).iter().copied()).filter(inside);
            let between = made.flat_map(|made| steps.around(made).skip(1));
            let is_par = |step| matches!(steps.kind(step), PlacedKind::Par(_));
            between.filter(inside).any(|step| is_par(step) && steps.is_fork(step))
        };
        let awaits = matches!(self.steps.kind(id), PlacedKind::Await { .. });
        let early = awaits && !self.needs_all(id)
            || read.iter().any(|open| writes(open) != 1 || forks_inside(open));
        self.unless(read.is_empty() || !early, Doubt::Early, id);
        // A snapshot takes what is there; what comes later comes for nobody.
        if !read.is_empty() && matches!(self.steps.kind(id), PlacedKind::Snapshot { .. }) {
            self.unless(false, Doubt::Frozen, id);
        }
        read
    }

    /// Whether a step waits, and all that it waits for is written in these branches: where the
    /// header alone leads to it, there is nothing to do at its place and nothing to tell.
    pub(super) fn is_told_by_branches(&self, id: StepId, branches: &[Open]) -> bool {
        let made =
            |step: StepId| branches.iter().any(|open| self.steps.contains(open.branch, step));
        let is_known = |step: StepId| {
            matches!(self.steps.kind(step), PlacedKind::Let { .. }) || self.steps.contains(step, id)
        };
        let needs = self.steps.needs(id);
        let mut writers = needs.iter().filter_map(|slot| self.steps.writer(*slot));
        let waits =
            matches!(self.steps.kind(id), PlacedKind::Await { .. }) || writers.clone().any(made);
        let missing = |step: &StepId| self.is_dead(*step) || made(*step);
        !branches.is_empty()
            && waits
            && writers.all(|step| is_known(step) || made(step))
            && self.pushes(id).iter().all(missing)
    }
}
