//! Turns and records that must not be: what gives them away, and under which reason.

use aquac_ir::{Expr, ExprId, Fact, Node, ParticleId, PeerId, Program};
use aquac_vm::{Absorbed, Entry, Position, Refusal as TurnRefusal, Run, SignedTurn};

use crate::Reason;
use crate::admit::{Came, Maker, Refusal};
use crate::particle::Particle;
use crate::shared::Core;

/// What a peer saw stands before what it did because of it: nothing is seen after the last record.
/// Turns that say otherwise are taken out.
pub(crate) fn take_disorderly(turns: &mut Vec<Came<SignedTurn>>) -> Result<(), Refusal> {
    let mut refusal = Ok(());
    turns.retain(|turn| {
        let body = &turn.what.body;
        let orderly = matches!(body.entries.last(), Some(Entry::Record(_)));
        if !orderly {
            let detail = format!("turn {} of {}", body.number, body.author);
            refusal = Err(Refusal::new(Reason::WrongOrder, detail));
        }
        orderly
    });
    refusal
}

pub(crate) fn refuted(particle: &Particle) -> usize {
    particle.run.as_ref().map_or(0, |run| run.refuted().len())
}

pub(crate) fn records_of_others(turns: &[Came<SignedTurn>], me: PeerId) -> Vec<(PeerId, Position)> {
    let others = turns.iter().map(|turn| &turn.what.body).filter(|body| body.author != me);
    others
        .flat_map(|body| body.records().map(|record| (body.author, record)))
        .map(|(author, record)| (author, record.position.clone()))
        .collect()
}

/// Records that are signed and still not used, because the program gives other arguments there,
/// or names another peer.
pub(crate) fn judge_records(
    particle: &Particle,
    before: usize,
    named: &[(PeerId, Position)],
) -> Result<(), Refusal> {
    let Some(run) = &particle.run else { return Ok(()) };
    if let Some(lie) = run.refuted().get(before) {
        let detail = format!("{} recorded other arguments than it was given", lie.author);
        return Err(Refusal::new(Reason::WrongArguments, detail));
    }
    for (author, position) in named {
        match place_of(run, position) {
            Owner::Peer(place) if place != *author => {
                let detail = format!("{author} recorded a step of {place}");
                return Err(Refusal::new(Reason::WrongPosition, detail));
            }
            Owner::Nobody => {
                let detail = format!("{author} recorded something that is no step");
                return Err(Refusal::new(Reason::WrongPosition, detail));
            }
            Owner::Peer(_) | Owner::Unknown => {}
        }
    }
    Ok(())
}

/// Who may record at a position.
enum Owner {
    Peer(PeerId),
    /// Nobody: there is no step.
    Nobody,
    /// That depends on values, and the step is not reached.
    Unknown,
}

fn place_of(run: &Run, position: &Position) -> Owner {
    if let Some(peer) = run.place_of(position) {
        return Owner::Peer(peer);
    }
    let program = run.program().program();
    let initiator = run.header().header.initiator;
    match program.node(position.node) {
        Some(
            Node::Call { place, .. }
            | Node::Snapshot { place, .. }
            | Node::Await { place, .. }
            | Node::Visit { place },
        ) => program
            .place(*place)
            .and_then(|place| written_peer(program, place.peer, initiator))
            .map_or(Owner::Unknown, Owner::Peer),
        Some(Node::Return { .. }) => Owner::Peer(initiator),
        Some(
            Node::Seq(_)
            | Node::Par(_)
            | Node::Try { .. }
            | Node::If { .. }
            | Node::Match { .. }
            | Node::Never
            | Node::Null
            | Node::Fail { .. }
            | Node::Let { .. }
            | Node::Push { .. }
            | Node::For { .. }
            | Node::Next { .. }
            | Node::Scope { .. },
        )
        | None => Owner::Nobody,
    }
}

/// The peer that a place names in so many words.
fn written_peer(program: &Program, expr: ExprId, initiator: PeerId) -> Option<PeerId> {
    let expr = program.expr(expr)?;
    if let Expr::Const(id) = expr {
        return program.constant(*id)?.as_text()?.parse().ok();
    }
    (*expr == Expr::Fact(Fact::Initiator)).then_some(initiator)
}

/// The first thing that was not accepted.
pub(crate) fn verdict(
    core: &mut Core,
    id: ParticleId,
    maker: &Maker,
    absorbed: &Absorbed,
) -> Result<(), Refusal> {
    for fork in &absorbed.forks {
        let detail = format!("{} signed two turns with number {}", fork.author, fork.number);
        core.dropped(Reason::Equivocation, Some(id), Some(maker.peer), detail);
    }
    if let Some(refused) = absorbed.refused.first() {
        let detail = format!("turn {} of {}: {}", refused.number, refused.author, refused.why);
        return Err(Refusal::new(reason_of(refused.why), detail));
    }
    if absorbed.unwanted_values > 0 && absorbed.missing.is_empty() {
        let detail = format!("{} values that no turn speaks of", absorbed.unwanted_values);
        return Err(Refusal::new(Reason::WrongValue, detail));
    }
    Ok(())
}

const fn reason_of(refusal: TurnRefusal) -> Reason {
    match refusal {
        TurnRefusal::OtherParticle => Reason::Malformed,
        TurnRefusal::BadSignature => Reason::BadTurnSignature,
        TurnRefusal::NumberZero | TurnRefusal::BadStart => Reason::BrokenChain,
        TurnRefusal::OverQuota => Reason::Quota,
        TurnRefusal::Void => Reason::Equivocation,
        TurnRefusal::TooManyParked => Reason::Overloaded,
    }
}
