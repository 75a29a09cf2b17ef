//! Frames that leave on one link at one moment travel as one.

use std::collections::{BTreeMap, BTreeSet};

use super::ways::Key;

/// When several branches begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(usize);

/// What left on a link.
#[derive(Default)]
struct Passed {
    moments: BTreeSet<Moment>,
    /// The last of what left alone.
    alone: Option<usize>,
}

/// What has left on all links.
#[derive(Default)]
pub(super) struct Moments {
    passed: BTreeMap<(Key, Key), Passed>,
    /// How many frames have left alone.
    alone: usize,
    /// How many of these had left before each moment.
    began: Vec<usize>,
}

impl Moments {
    /// Now.
    pub(super) fn begin(&mut self) -> Moment {
        self.began.push(self.alone);
        Moment(self.began.len() - 1)
    }

    /// Whether others left on a link a little earlier or later: they may travel together with what
    /// leaves at this moment, or not.
    pub(super) fn are_near(&self, link: &(Key, Key), moment: Option<Moment>) -> bool {
        let Some(passed) = self.passed.get(link) else { return false };
        let began = moment.and_then(|moment| self.began.get(moment.0));
        passed.moments.iter().any(|other| Some(*other) != moment)
            || began.zip(passed.alone).is_some_and(|(began, last)| *began <= last)
    }

    /// Notes what leaves on a link, at a moment or alone; whether it is the first there at this
    /// moment.
    pub(super) fn is_first(&mut self, link: (Key, Key), moment: Option<Moment>) -> bool {
        let passed = self.passed.entry(link).or_default();
        if let Some(moment) = moment {
            return passed.moments.insert(moment);
        }
        passed.alone = Some(self.alone);
        self.alone += 1;
        true
    }
}
