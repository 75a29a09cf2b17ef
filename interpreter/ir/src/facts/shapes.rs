//! Which expressions can fail. With declared types most cannot: a result that does not fit its
//! type is an error of its call, so a field of it is there.

use alloc::vec::Vec;

use super::Facts;
use crate::{
    BinaryOp, Expr, ExprId, Iterable, Node, Output, Shape, ShapeId, SlotId, SnapshotForm, TextId,
    VerifiedProgram,
};

/// What is known of a value's type.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Known {
    /// It fits this type.
    Fits(ShapeId),
    /// It is an array of something.
    SomeArray,
    Nothing,
}

pub(super) fn find_fallible(facts: &mut Facts, program: &VerifiedProgram) {
    let mut slots = alloc::vec![Known::Nothing; program.program().slots as usize];
    // Slots are typed by their writers, whose expressions read other slots: a second look finds
    // what was written further down. What is still unknown then counts as able to fail.
    for _ in 0..2 {
        let (types, fallible) = judge(program, &slots);
        slots = slot_types(program, &types, slots.len());
        facts.fallible = fallible;
    }
}

fn slot_types(program: &VerifiedProgram, exprs: &[Known], count: usize) -> Vec<Known> {
    let mut slots = alloc::vec![Known::Nothing; count];
    for (_, node) in super::nodes(program) {
        let known = |expr: ExprId| exprs.get(expr.index()).copied().unwrap_or(Known::Nothing);
        let typed: Option<(SlotId, Known)> = match node {
            Node::Call { output: Output::Slot(slot), returns: Some(shape), .. } => {
                Some((*slot, Known::Fits(*shape)))
            }
            Node::Let { slot, expr } => Some((*slot, known(*expr))),
            Node::Snapshot { slot, form: SnapshotForm::Elements, .. }
            | Node::Await { slot, .. } => Some((*slot, Known::SomeArray)),
            Node::For { iterable: Iterable::Array(expr), item, .. } => {
                Some((*item, element(program, known(*expr))))
            }
            Node::Call { .. }
            | Node::Snapshot { form: SnapshotForm::Object, .. }
            | Node::For { iterable: Iterable::Entries(_) | Iterable::Live(_), .. }
            | Node::Seq(_)
            | Node::Par(_)
            | Node::Try { .. }
            | Node::If { .. }
            | Node::Match { .. }
            | Node::Never
            | Node::Null
            | Node::Fail { .. }
            | Node::Push { .. }
            | Node::Visit { .. }
            | Node::Next { .. }
            | Node::Scope { .. }
            | Node::Return { .. } => None,
        };
        if let Some((slot, known)) = typed
            && let Some(entry) = slots.get_mut(slot.index())
        {
            *entry = known;
        }
    }
    slots
}

fn element(program: &VerifiedProgram, of: Known) -> Known {
    let Known::Fits(shape) = of else { return Known::Nothing };
    match program.program().shape(shape) {
        Some(Shape::Array(of) | Shape::Option(of)) => Known::Fits(*of),
        Some(_) | None => Known::Nothing,
    }
}

fn field(program: &VerifiedProgram, of: Known, name: TextId) -> Known {
    let Known::Fits(shape) = of else { return Known::Nothing };
    match program.program().shape(shape) {
        Some(Shape::Object(fields)) => fields
            .iter()
            .find(|field| field.name == name)
            .map_or(Known::Nothing, |field| Known::Fits(field.shape)),
        Some(_) | None => Known::Nothing,
    }
}

fn is_array(program: &VerifiedProgram, of: Known) -> bool {
    match of {
        Known::SomeArray => true,
        Known::Fits(shape) => {
            matches!(program.program().shape(shape), Some(Shape::Array(_) | Shape::Option(_)))
        }
        Known::Nothing => false,
    }
}

fn is_bool(program: &VerifiedProgram, of: Known) -> bool {
    matches!(of, Known::Fits(shape) if matches!(program.program().shape(shape), Some(Shape::Bool)))
}

/// For each expression its type and whether it can fail.
fn judge(program: &VerifiedProgram, slots: &[Known]) -> (Vec<Known>, Vec<bool>) {
    let (mut types, mut fallible): (Vec<Known>, Vec<bool>) = (Vec::new(), Vec::new());
    for expr in &program.program().exprs {
        let of = |id: &ExprId| types.get(id.index()).copied().unwrap_or(Known::Nothing);
        let parts_fail =
            expr.parts().any(|part| fallible.get(part.index()).copied().unwrap_or(true));
        let (known, fails) = match expr {
            Expr::Slot(slot) => (slots.get(slot.index()).copied().unwrap_or(Known::Nothing), false),
            Expr::Arg(arg) => (
                program
                    .program()
                    .parameters
                    .get(arg.index())
                    .map_or(Known::Nothing, |shape| Known::Fits(*shape)),
                false,
            ),
            Expr::Field { of: object, name } => {
                let known = field(program, of(object), *name);
                (known, known == Known::Nothing)
            }
            Expr::Length(array) => (Known::Nothing, !is_array(program, of(array))),
            Expr::Not(part) => (of(part), !is_bool(program, of(part))),
            // Which parts count depends on what the others are, so all must be at hand.
            Expr::And(left, _) | Expr::Or(left, _) => (of(left), true),
            Expr::First(_) => (Known::SomeArray, true),
            Expr::Named { of: part, .. } => (of(part), false),
            Expr::Array(_) => (Known::SomeArray, false),
            Expr::Const(_)
            | Expr::Fact(_)
            | Expr::Object(_)
            | Expr::Either(_)
            | Expr::Binary { op: BinaryOp::Equal | BinaryOp::Different, .. } => {
                (Known::Nothing, false)
            }
            Expr::Index { of: array, .. } => (element(program, of(array)), true),
            Expr::Binary { .. }
            | Expr::Update { .. }
            | Expr::Choose { .. }
            | Expr::Contains { .. }
            | Expr::Keys(_)
            | Expr::Grouped(_)
            | Expr::Raise(_)
            | Expr::Thrown(_) => (Known::Nothing, true),
        };
        types.push(known);
        fallible.push(fails || parts_fail);
    }
    (types, fallible)
}
