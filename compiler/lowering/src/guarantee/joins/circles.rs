//! Circles of waits: which waits wait for each other.
//!
//! ```text
//! v over ⇒ w over,  w over ⇒ v over,  neither is over       v and w are in one circle
//! ```
//!
//! One circle is one mistake, told at its first wait.

use std::collections::BTreeMap;

use super::{Enough, Judge, Wait, is_over, mark};
use crate::guarantee::reach::{Reach, Ways};

/// Other waits of a circle that are looked at.
const MAX_CIRCLE: usize = 8;

impl Judge<'_> {
    /// The circles among those waits, each at its first wait, with the others of it. Those that are
    /// told are taken to be over afterwards: what only waits for a circle is not to blame.
    pub(super) fn circles(&self, held: &[usize], freed: &mut [bool]) -> BTreeMap<usize, Vec<Wait>> {
        let mut circles: BTreeMap<usize, Vec<Wait>> = BTreeMap::new();
        // If several waits must be over for one of them, none alone undoes the knot.
        for tight in [true, false] {
            for at in held {
                let Some((wait, _)) = self.at(*at) else { continue };
                let told = circles.values().flatten().any(|other| other.step == wait.step);
                if told || circles.contains_key(at) {
                    continue;
                }
                if let Some(others) = self.circle(*at, freed, tight) {
                    self.supply(freed, wait);
                    circles.insert(*at, others);
                }
            }
        }
        circles
    }

    /// The other waits that keep a wait from being over; if `tight`, those that it keeps too.
    fn circle(&self, at: usize, freed: &[bool], tight: bool) -> Option<Vec<Wait>> {
        let (wait, from) = self.at(at)?;
        let world = from.world();
        let freeing = |wait: Option<&Wait>| {
            let mut freed = freed.to_vec();
            if let Some(wait) = wait {
                self.supply(&mut freed, wait);
            }
            self.settle(freed, &[], &world, Enough::Perhaps)
        };
        let over = freeing(None);
        if is_over(&over, wait.step) {
            return None;
        }
        let own = freeing(Some(wait));
        let held = self.waits.iter().zip(&self.standpoints).filter(|(other, from)| {
            other.step != wait.step
                && !self.follows(other, wait)
                && !is_over(&over, other.step)
                && from.within(&world).is_some_and(|from| {
                    Reach::new(self.steps, &self.everything(), &from, Ways::Any).reached(other.step)
                })
        });
        let of_circle = held.map(|(other, _)| other).take(MAX_CIRCLE).filter(|other| {
            let frees = || is_over(&freeing(Some(other)), wait.step);
            !tight || is_over(&own, other.step) && frees()
        });
        let mut others: Vec<Wait> = Vec::new();
        for other in of_circle {
            if !others.iter().any(|earlier| self.follows(other, earlier)) {
                others.push(other.clone());
            }
        }
        (!tight || !others.is_empty()).then_some(others)
    }

    /// Takes a wait to be over, and with it those that follow.
    fn supply(&self, over: &mut [bool], wait: &Wait) {
        mark(over, wait.step, true);
        for other in self.waits.iter().filter(|other| self.follows(other, wait)) {
            mark(over, other.step, true);
        }
    }

    /// Whether a wait stands behind another one that wants as much: a read behind its `join`.
    fn follows(&self, wait: &Wait, earlier: &Wait) -> bool {
        wait.is_met_with(earlier) && self.steps.is_behind(wait.step, earlier.step)
    }
}
