//! Terms with other parts.

use aquac_base::Name;

use super::{Term, TermId, Terms};

impl Terms {
    /// The term with every part replaced, in their order, and its constants folded again. A fold that would
    /// overflow leaves the operation to the run.
    pub(crate) fn rebuild(
        &mut self,
        id: TermId,
        mut replace: impl FnMut(TermId) -> TermId,
    ) -> TermId {
        let mut each = |parts: Vec<TermId>| parts.into_iter().map(&mut replace).collect();
        match self.get(id).clone() {
            Term::Array(items) => self.array(each(items)),
            Term::First(items) => self.first(each(items)),
            Term::Either(items) => self.intern(Term::Either(each(items))),
            Term::Object(fields) => {
                let fields = replaced(fields, replace);
                self.object(fields)
            }
            Term::Update { of, fields } => {
                let of = replace(of);
                let fields = replaced(fields, replace);
                self.update(of, fields)
            }
            fixed @ (Term::Const(_)
            | Term::Arg(_)
            | Term::Slot(_)
            | Term::Fact(_)
            | Term::Field { .. }
            | Term::Index { .. }
            | Term::Length(_)
            | Term::Not(_)
            | Term::And(..)
            | Term::Or(..)
            | Term::Binary { .. }
            | Term::Contains { .. }
            | Term::Keys(_)) => self.rebuild_fixed(id, fixed, replace),
        }
    }

    /// Terms with a fixed number of parts.
    fn rebuild_fixed(
        &mut self,
        id: TermId,
        term: Term,
        mut replace: impl FnMut(TermId) -> TermId,
    ) -> TermId {
        match term {
            Term::Field { of, name } => self.field(replace(of), &name),
            Term::Index { of, index, kind } => self.index(replace(of), replace(index), kind),
            Term::Length(of) => self.length(replace(of)),
            Term::Not(of) => self.not(replace(of)),
            Term::Keys(of) => self.intern(Term::Keys(replace(of))),
            Term::And(left, right) => self.and(replace(left), replace(right)),
            Term::Or(left, right) => self.or(replace(left), replace(right)),
            Term::Contains { map, key } => {
                self.intern(Term::Contains { map: replace(map), key: replace(key) })
            }
            Term::Binary { op, left, right } => {
                let (left, right) = (replace(left), replace(right));
                self.binary(op, left, right)
                    .unwrap_or_else(|_| self.intern(Term::Binary { op, left, right }))
            }
            Term::Const(_)
            | Term::Arg(_)
            | Term::Slot(_)
            | Term::Fact(_)
            | Term::Array(_)
            | Term::First(_)
            | Term::Either(_)
            | Term::Object(_)
            | Term::Update { .. } => id,
        }
    }
}

fn replaced(
    fields: Vec<(Name, TermId)>,
    mut replace: impl FnMut(TermId) -> TermId,
) -> Vec<(Name, TermId)> {
    fields.into_iter().map(|(name, of)| (name, replace(of))).collect()
}
