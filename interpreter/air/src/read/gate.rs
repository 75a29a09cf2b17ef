//! What the reference compiler writes in several instructions and means as one.
//!
//! A *visit* freezes an empty stream at a peer. A *gate* waits until a stream has grown to some
//! length: a fold copies each element to a stream of its own, freezes that and compares its
//! length. It relies on elements being handled one after the other, which they are not here, so
//! it must be recognised.

use crate::ast::{Kind, Lens, Operand, Variable, What};
use crate::read::tree::Tree;

/// What a `new` with everything below it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Form<'s, 'a> {
    /// What it says.
    Plain,
    /// Being at a peer.
    Visit(&'s Operand<'a>),
    /// Waiting for a stream to grow.
    Gate(Gate<'s, 'a>),
}

/// A wait for a stream to grow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Gate<'s, 'a> {
    pub(super) peer: &'s Operand<'a>,
    pub(super) stream: &'s Variable<'a>,
    pub(super) count: &'s Operand<'a>,
    /// Takes the elements.
    pub(super) result: &'s Variable<'a>,
    /// Takes them as a scalar.
    pub(super) copy: Option<&'s Variable<'a>>,
}

/// Recognises what stands at a node, whose children have been looked at.
pub(super) fn form<'s, 'a>(tree: &Tree<'s, 'a>, node: usize) -> Form<'s, 'a> {
    let Some(What::New(fresh)) = tree.what(node) else { return Form::Plain };
    let Some(body) = tree.children(node).first().copied() else { return Form::Plain };
    let visit = visit(tree, fresh, body).map(Form::Visit);
    visit.or_else(|| gate(tree, fresh, body).map(Form::Gate)).unwrap_or(Form::Plain)
}

fn visit<'s, 'a>(
    tree: &Tree<'s, 'a>,
    outer: &Variable<'a>,
    body: usize,
) -> Option<&'s Operand<'a>> {
    let What::New(inner) = tree.what(body)? else { return None };
    let What::Canon { peer, from, to } = tree.what(*tree.children(body).first()?)? else {
        return None;
    };
    let fresh = [(outer, inner), (inner, outer)].contains(&(from, to));
    (fresh && from.kind == Kind::Stream).then_some(peer)
}

fn gate<'s, 'a>(tree: &Tree<'s, 'a>, test: &Variable<'a>, body: usize) -> Option<Gate<'s, 'a>> {
    let What::Seq = tree.what(body)? else { return None };
    let (fold, freeze, copy) = match tree.children(body) {
        [fold, freeze] => (*fold, *freeze, None),
        [fold, freeze, copy] => (*fold, *freeze, Some(*copy)),
        _ => return None,
    };
    let What::Canon { peer, from, to: result } = tree.what(freeze)? else { return None };
    let copy = match copy.map(|copy| tree.what(copy)) {
        None => None,
        Some(Some(What::Ap { key: None, value: Operand::Variable(of, None), to }))
            if of == result && to.kind == Kind::Scalar =>
        {
            Some(to)
        }
        Some(_) => return None,
    };
    let (stream, count) = growing(tree, test, peer, fold)?;
    (from == test).then_some(Gate { peer, stream, count, result, copy })
}

/// The stream that a fold copies to `test`, and the length at which it stops.
fn growing<'s, 'a>(
    tree: &Tree<'s, 'a>,
    test: &Variable<'a>,
    at: &Operand<'a>,
    fold: usize,
) -> Option<(&'s Variable<'a>, &'s Operand<'a>)> {
    let What::Fold { iterable: Operand::Variable(stream, None), item, .. } = tree.what(fold)?
    else {
        return None;
    };
    let (body, last) = match tree.children(fold) {
        [body] => (*body, None),
        [body, last] => (*body, Some(*last)),
        _ => return None,
    };
    let never = last.is_none_or(|last| tree.what(last) == Some(&What::Never));
    let [copy, freeze, choice] = tree.children(body) else { return None };
    let What::Seq = tree.what(body)? else { return None };
    let What::Ap { key: None, value: Operand::Variable(copied, None), to } = tree.what(*copy)?
    else {
        return None;
    };
    let What::Canon { peer, from, to: frozen } = tree.what(*freeze)? else { return None };
    let copies = copied == item && to == test && from == test && peer == at;
    let (What::Xor, [equal, next]) = (tree.what(*choice)?, tree.children(*choice)) else {
        return None;
    };
    let What::Match { equal: true, left, right: count } = tree.what(*equal)? else { return None };
    let Operand::Variable(measured, Some(Lens::Length)) = left else { return None };
    let stops = measured == frozen
        && tree.children(*equal).first().and_then(|then| tree.what(*then)) == Some(&What::Null)
        && tree.what(*next) == Some(&What::Next(item.clone()));
    let positive = !matches!(count, Operand::Int(number) if *number <= 0);
    let is_stream = stream.kind == Kind::Stream;
    (never && copies && stops && positive && is_stream).then_some((stream, count))
}
