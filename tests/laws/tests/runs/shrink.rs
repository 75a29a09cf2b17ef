//! Makes a failing program smaller, so that a person can read it.

use crate::laws::from_environment;
use crate::net::{letter, peer};
use crate::random::peers;
use crate::tree::{Behind, N, program};

/// Smaller programs that are tried, unless the environment says otherwise: `LAWS_TRIES=0` where
/// only whether a law holds is asked.
const TRIES: u64 = 3000;

/// A smaller tree that fails in the same way.
pub(crate) fn shrink(tree: &N, fails: &dyn Fn(&N) -> bool) -> N {
    let most = from_environment("LAWS_TRIES", TRIES);
    let (mut smallest, mut tries) = (tree.clone(), 0);
    loop {
        let better = smaller(&smallest).into_iter().find(|candidate| {
            tries += 1;
            tries <= most
                && aquac_ir::VerifiedProgram::new(program(candidate)).is_ok()
                && fails(candidate)
        });
        match better {
            Some(better) => smallest = better,
            None => return smallest,
        }
    }
}

/// The tree with letters for peers.
pub(crate) fn shown(tree: &N) -> String {
    let mut text = format!("{tree:?}");
    for id in peers().into_iter().chain("cdst".chars().map(peer)) {
        text = text.replace(&id.to_string(), &letter(&id).to_string());
    }
    text.replace("[i, p, q, r, a, b]", "all")
}

/// All trees that are one step smaller.
fn smaller(tree: &N) -> Vec<N> {
    let mut all = Vec::new();
    if !matches!(tree, N::Null) {
        all.push(N::Null);
    }
    let boxed = |node: N| Box::new(node);
    match tree {
        N::Seq(nodes) | N::Par(nodes) => {
            let make = |nodes: Vec<N>| {
                if matches!(tree, N::Seq(_)) { N::Seq(nodes) } else { N::Par(nodes) }
            };
            all.extend(nodes.iter().cloned());
            for at in 0..nodes.len() {
                let mut fewer = nodes.clone();
                fewer.remove(at);
                all.push(make(fewer));
            }
            for (at, node) in nodes.iter().enumerate() {
                for less in smaller(node) {
                    let mut changed = nodes.clone();
                    changed[at] = less;
                    all.push(make(changed));
                }
            }
        }
        N::Try(a, b, error) => {
            all.extend([(**a).clone(), (**b).clone()]);
            all.extend(smaller(a).into_iter().map(|a| N::Try(boxed(a), b.clone(), *error)));
            all.extend(smaller(b).into_iter().map(|b| N::Try(a.clone(), boxed(b), *error)));
        }
        N::If(condition, a, b) => {
            all.extend([(**a).clone(), (**b).clone()]);
            let make = |a: Box<N>, b: Box<N>| N::If(condition.clone(), a, b);
            all.extend(smaller(a).into_iter().map(|a| make(boxed(a), b.clone())));
            all.extend(smaller(b).into_iter().map(|b| make(a.clone(), boxed(b))));
        }
        N::Match(equal, left, right, body) => {
            all.push((**body).clone());
            let make = |body| N::Match(*equal, left.clone(), right.clone(), boxed(body));
            all.extend(smaller(body).into_iter().map(make));
        }
        N::Scope(streams, body) => {
            all.push((**body).clone());
            all.extend(smaller(body).into_iter().map(|b| N::Scope(streams.clone(), boxed(b))));
        }
        N::On(place, body) => {
            all.push((**body).clone());
            all.extend(smaller(body).into_iter().map(|b| N::On(place.clone(), boxed(b))));
        }
        N::For(array, item, mode, behind, body) => {
            let make = |behind, body| N::For(array.clone(), *item, *mode, behind, boxed(body));
            all.extend(smaller(body).into_iter().map(|body| make(behind.clone(), body)));
            if let Behind::Body(last) = behind {
                all.push(make(Behind::Never, (**body).clone()));
                let less = smaller(last).into_iter();
                all.extend(less.map(|last| make(Behind::Body(boxed(last)), (**body).clone())));
            }
        }
        N::Live(stream, item, mode, behind, body) => {
            let make = |behind, body| N::Live(*stream, *item, *mode, behind, boxed(body));
            all.extend(smaller(body).into_iter().map(|body| make(behind.clone(), body)));
            if let Behind::Body(_) = behind {
                all.push(make(Behind::Never, (**body).clone()));
            }
        }
        N::Call(place, function, args, out) if !args.is_empty() => {
            all.push(N::Call(place.clone(), function, args[1..].to_vec(), *out));
        }
        _ => {}
    }
    all
}
