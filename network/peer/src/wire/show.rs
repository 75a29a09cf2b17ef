//! Frames as JSON, for people: what can be printed of a frame that somebody has kept.
//!
//! Keys and digests are texts, bytes are counted, values stand as the text of their JSON: a value
//! may be as deep as a value can be. It is not a second encoding, and nothing reads it.

use std::sync::Arc;

use aquac_ir::{Digest, Domain, Header, Limits, PeerId, SignedHeader, Value};
use aquac_vm::{Entry, Record, SaltedValue, SignedTurn};

use super::{Ack, Chunk, Credit, Frame, Hello, Item, Nack, Push, Take, Want};

/// A frame as a value whose JSON says what is in it. Items that cannot be read are said to be
/// damaged.
#[must_use]
pub fn show(frame: &Frame) -> Value {
    match frame {
        Frame::Hello(hello) => named("hello", show_hello(hello)),
        Frame::Push(push) => named("push", show_push(push)),
        Frame::Chunk(Chunk { of, part, total, bytes }) => named(
            "chunk",
            object([
                ("of", of.0.into()),
                ("part", number(*part)),
                ("total", number(*total)),
                ("bytes", count(bytes.len())),
            ]),
        ),
        Frame::Ack(Ack(ids)) => named("ack", list(ids.iter().map(|id| id.0.into()))),
        Frame::Nack(nack) => named("nack", show_nack(nack)),
        Frame::Credit(credit) => named("credit", show_credit(credit)),
        Frame::Bundle(parts) => named(
            "bundle",
            list(parts.iter().map(|bytes| match super::decode(bytes) {
                Ok(Frame::Push(push)) => show_push(&push),
                Ok(_) => damaged("a frame that is no parcel", bytes),
                Err(error) => damaged(&error.to_string(), bytes),
            })),
        ),
    }
}

fn show_hello(hello: &Hello) -> Value {
    let (oldest, newest) = hello.versions;
    object([
        ("versions", list([oldest, newest].map(|version| number(version.into())))),
        ("network", text(&hello.network)),
        ("clock", hello.clock.into()),
        ("parcel_bytes", number(hello.parcel_bytes)),
        ("credit", show_credit(&hello.credit)),
    ])
}

fn show_credit(credit: &Credit) -> Value {
    object([("parcels", number(credit.parcels)), ("bytes", number(credit.bytes))])
}

fn show_nack(nack: &Nack) -> Value {
    object([
        ("parcel", nack.parcel.0.into()),
        ("destination", peer(&nack.destination)),
        ("reason", text(nack.reason.label())),
        ("retry_after", number(nack.retry_after)),
    ])
}

fn show_push(push: &Push) -> Value {
    let hop = |hop: &super::Hop| {
        object([
            ("to", peer(&hop.to)),
            ("take", show_take(&hop.take)),
            ("branches", number(hop.branches.into())),
        ])
    };
    let item = |bytes: &Vec<u8>| match Item::from_bytes(bytes, push.particle) {
        Ok(item) => show_item(&item),
        Err(error) => damaged(&error.to_string(), bytes),
    };
    object([
        ("id", push.id.0.into()),
        ("particle", text(&push.particle.to_string())),
        ("expires", push.expires.into()),
        ("trail", list(push.trail.iter().map(peer))),
        ("take", show_take(&push.take)),
        ("hops", list(push.hops.iter().map(hop))),
        ("items", list(push.items.iter().map(item))),
    ])
}

fn show_take(take: &Take) -> Value {
    match take {
        Take::Nothing => text("nothing"),
        Take::All => text("all"),
        Take::Some(items) => list(items.iter().map(|item| number((*item).into()))),
    }
}

fn show_item(item: &Item) -> Value {
    match item {
        Item::Header(header) => named("header", show_header(header)),
        Item::Program(bytes) => named(
            "program",
            object([
                ("digest", digest(&Digest::of(Domain::Program, &[bytes]))),
                ("bytes", count(bytes.len())),
            ]),
        ),
        Item::Turn(turn) => named("turn", show_turn(turn)),
        Item::Value(value) => named("value", show_value(value)),
        Item::Knows(heads) => named("knows", list(heads.iter().map(numbered))),
        Item::Want(want) => named("want", show_want(want)),
        Item::Have(values) => named("have", list(values.iter().map(digest))),
    }
}

fn show_header(signed: &SignedHeader) -> Value {
    let header: &Header = &signed.header;
    object([
        ("version", number(header.version.into())),
        ("network", text(&header.network)),
        ("initiator", peer(&header.initiator)),
        ("relay", header.relay.as_ref().map_or(Value::Null, peer)),
        ("program", digest(&header.program)),
        ("args", list(header.args.iter().map(digest))),
        ("nonce", text(&hex(&header.nonce.0))),
        ("issued_at", header.issued_at.into()),
        ("ttl", number(header.ttl)),
        ("limits", show_limits(&header.limits)),
        ("signature", text(&hex(&signed.signature.0))),
    ])
}

fn show_limits(limits: &Limits) -> Value {
    object([
        ("turns_per_peer", number(limits.turns_per_peer)),
        ("records_per_peer", number(limits.records_per_peer)),
        ("value_bytes", number(limits.value_bytes)),
        ("stream_elements", number(limits.stream_elements)),
        ("fan_out", number(limits.fan_out)),
    ])
}

fn show_turn(turn: &SignedTurn) -> Value {
    let entry = |entry: &Entry| match entry {
        Entry::Saw { peer: author, number, digest } => {
            named("saw", list([peer(author), (u64::from(*number)).into(), self::digest(digest)]))
        }
        Entry::Record(record) => named("record", show_record(record)),
    };
    object([
        ("author", peer(&turn.body.author)),
        ("number", number(turn.body.number)),
        ("digest", digest(&turn.body.digest())),
        ("previous", digest(&turn.body.previous)),
        ("entries", list(turn.body.entries.iter().map(entry))),
        ("signature", text(&hex(&turn.signature.0))),
    ])
}

fn show_record(record: &Record) -> Value {
    let (label, outcome) = match &record.outcome {
        Ok(result) => ("result", digest(result)),
        Err(fault) => {
            let code = fault.code.number().into();
            ("fault", object([("code", code), ("message", digest(&fault.message))]))
        }
    };
    object([
        ("node", number(record.position.node.0)),
        ("path", text(&format!("{:?}", record.position.path))),
        ("arguments", digest(&record.arguments)),
        (label, outcome),
    ])
}

fn show_value(value: &SaltedValue) -> Value {
    object([("digest", digest(&value.digest())), ("json", text(&value.value.to_string()))])
}

fn show_want(want: &Want) -> Value {
    object([
        ("header", want.header.into()),
        ("program", want.program.into()),
        ("turns", list(want.turns.iter().map(numbered))),
        ("values", list(want.values.iter().map(digest))),
    ])
}

fn damaged(why: &str, bytes: &[u8]) -> Value {
    object([("damaged", text(why)), ("bytes", count(bytes.len()))])
}

fn object(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::object_of(fields.into_iter().map(|(name, value)| (Arc::from(name), value)))
        .expect("what is shown of a frame is less deep than a value may be")
}

fn named(name: &'static str, value: Value) -> Value {
    object([(name, value)])
}

fn list(items: impl IntoIterator<Item = Value>) -> Value {
    Value::array(items.into_iter().collect())
        .expect("what is shown of a frame is less deep than a value may be")
}

fn numbered((author, last): &(PeerId, u32)) -> Value {
    list([peer(author), number(*last)])
}

fn peer(peer: &PeerId) -> Value {
    text(&peer.to_string())
}

fn digest(digest: &Digest) -> Value {
    text(&digest.to_string())
}

fn text(text: &str) -> Value {
    Value::text(text)
}

fn number(number: u32) -> Value {
    u64::from(number).into()
}

fn count(count: usize) -> Value {
    (count as u64).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
