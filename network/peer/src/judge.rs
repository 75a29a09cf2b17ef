//! Turns and records that must not be: what gives them away, and under which reason.

use aquac_ir::{Expr, ExprId, Fact, FaultCode, Node, ParticleId, PeerId, PlaceId, Program};
use aquac_vm::{Absorbed, Entry, Position, Record, Refusal as TurnRefusal, Run, SignedTurn};

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

/// A peer of which nothing is known here may only speak of steps that can be its own: anybody can
/// make keys, and each would have a quota of its own. Turns of others are taken out.
pub(crate) fn take_strangers(
    run: &Run,
    turns: &mut Vec<Came<SignedTurn>>,
    me: PeerId,
) -> Result<(), Refusal> {
    let mut refusal = Ok(());
    let initiator = run.header().header.initiator;
    turns.retain(|turn| {
        let body = &turn.what.body;
        let author = body.author;
        let known = author == me || author == initiator || run.history().head(&author).is_some();
        // Who gives a step of another up has done the one that leads to it in the same turn.
        let own = |record: &Record| match place_of(run, &record.position) {
            Owner::Peer(place) => place == author,
            Owner::Nobody => false,
            Owner::Unknown => true,
        };
        let keep = known || body.records().any(own);
        if !keep {
            let detail = format!("{author} speaks of steps that are not its own");
            let named = names(run.program().program(), author, initiator);
            let reason = if named { Reason::WrongPosition } else { Reason::Stranger };
            refusal = Err(Refusal::new(reason, detail));
        }
        keep
    });
    refusal
}

pub(crate) fn refuted(particle: &Particle) -> usize {
    particle.run.as_ref().map_or(0, |run| run.refuted().len())
}

/// What others recorded, but for steps of somebody else that they gave up, as they may.
pub(crate) fn records_of_others(turns: &[Came<SignedTurn>], me: PeerId) -> Vec<(PeerId, Position)> {
    let others = turns.iter().map(|turn| &turn.what.body).filter(|body| body.author != me);
    others
        .flat_map(|body| body.records().map(|record| (body.author, record)))
        .filter(|(_, record)| !gives_up(record))
        .map(|(author, record)| (author, record.position.clone()))
        .collect()
}

fn gives_up(record: &Record) -> bool {
    matches!(record.outcome, Err(fault) if fault.code == FaultCode::Unreachable)
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
        let detail = format!("{} recorded {}", lie.author, lie.lie);
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
        ) => {
            // Read once for all runs, if it is written as an id.
            let written =
                || program.place(*place).and_then(|p| written_peer(program, p.peer, initiator));
            run.program().peer(*place).or_else(written).map_or(Owner::Unknown, Owner::Peer)
        }
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

/// Whether a place of the program names this peer in so many words.
fn names(program: &Program, peer: PeerId, initiator: PeerId) -> bool {
    let places = (0..).map_while(|number| program.place(PlaceId(number)));
    places.into_iter().any(|place| written_peer(program, place.peer, initiator) == Some(peer))
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
        TurnRefusal::NotItsToSay => Reason::WrongValue,
        TurnRefusal::OverQuota => Reason::Quota,
        TurnRefusal::Void => Reason::Equivocation,
        TurnRefusal::TooManyParked => Reason::Overloaded,
    }
}
