//! The peer itself: its clock, what it knows of others, its signature.

use std::collections::BTreeMap;
use std::sync::Arc;

use aquac_ir::{PeerId, TooDeep, Value};

use super::arguments::Arguments;
use super::texts::{bytes_value, from_base58, hash};
use super::{Answer, Refusal, Surroundings};
use crate::time;

/// Peers in one answer if nothing else is asked, and at most.
const NEIGHBOURS: usize = 20;
/// Stands before what `sig.sign` signs, so that the signature can stand for nothing else.
const SIGNATURE_DOMAIN: &[u8] = b"aquac 2026 sig.sign v1";

pub(super) fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Value, TooDeep> {
    Value::array(texts.into_iter().map(Value::text).collect())
}

pub(super) fn object<const COUNT: usize>(fields: [(&str, Value); COUNT]) -> Answer {
    let fields: BTreeMap<Arc<str>, Value> =
        fields.into_iter().map(|(name, value)| (name.into(), value)).collect();
    Ok(Value::object(fields)?)
}

pub(super) fn identify(_: &Arguments<'_>, here: &dyn Surroundings) -> Answer {
    let addresses = here.addresses();
    object([
        ("external_addresses", texts(addresses.iter().map(String::as_str))?),
        ("node_version", Value::text(concat!("aquac-", env!("CARGO_PKG_VERSION")))),
        ("air_version", Value::text(concat!("aquac-", env!("CARGO_PKG_VERSION")))),
        ("spell_version", Value::text("")),
        ("allowed_binaries", texts([])?),
    ])
}

pub(super) fn timestamp_ms(_: &Arguments<'_>) -> Answer {
    Ok(Value::from(time::now()))
}

pub(super) fn timestamp_sec(_: &Arguments<'_>) -> Answer {
    Ok(Value::from(time::now() / 1000))
}

pub(super) fn is_connected(args: &Arguments<'_>, here: &dyn Surroundings) -> Answer {
    Ok(here.is_connected(args.peer(0)?).into())
}

/// An option: empty if no address is known.
pub(super) fn get_contact(args: &Arguments<'_>, here: &dyn Surroundings) -> Answer {
    let peer = args.peer(0)?;
    let addresses = here.contact(peer);
    if addresses.is_empty() {
        return Ok(texts([])?);
    }
    Ok(Value::array(vec![contact(&peer.to_string(), &addresses)?])?)
}

fn contact(peer: &str, addresses: &[String]) -> Answer {
    object([
        ("peer_id", Value::text(peer)),
        ("addresses", texts(addresses.iter().map(String::as_str))?),
    ])
}

/// The place of a peer or key in the space in which distance is exclusive or.
fn point(text: &str) -> Result<[u8; 32], Refusal> {
    Ok(hash(&from_base58(text)?))
}

fn distance(a: [u8; 32], b: [u8; 32]) -> [u8; 32] {
    std::array::from_fn(|at| a.get(at).unwrap_or(&0) ^ b.get(at).unwrap_or(&0))
}

fn nearest<'a>(
    target: [u8; 32],
    peers: impl IntoIterator<Item = &'a str>,
    args: &Arguments<'_>,
    count_at: usize,
) -> Result<Vec<&'a str>, Refusal> {
    let mut sorted = peers
        .into_iter()
        .map(|peer| Ok((distance(target, point(peer)?), peer)))
        .collect::<Result<Vec<_>, Refusal>>()?;
    sorted.sort_unstable();
    sorted.dedup();
    let count = match args.option(count_at)? {
        None => NEIGHBOURS,
        Some(count) => count
            .as_integer()
            .and_then(|count| count.try_into().ok())
            .ok_or_else(|| Refusal(format!("argument {count_at} is no count")))?,
    };
    Ok(sorted.into_iter().take(count.min(NEIGHBOURS)).map(|(_, peer)| peer).collect())
}

/// What the first argument names: a key, or its hash if the second says so.
fn target(args: &Arguments<'_>) -> Result<[u8; 32], Refusal> {
    let key = from_base58(args.text(0)?)?;
    if !args.flag(1)? {
        return Ok(hash(&key));
    }
    let digest = key.get(key.len().saturating_sub(32)..).unwrap_or_default();
    digest.try_into().map_err(|_| Refusal("argument 0 is no hash of 32 bytes".to_owned()))
}

fn known(here: &dyn Surroundings) -> Vec<String> {
    here.known().iter().map(PeerId::to_string).collect()
}

pub(super) fn neighborhood(args: &Arguments<'_>, here: &dyn Surroundings) -> Answer {
    let known = known(here);
    Ok(texts(nearest(target(args)?, known.iter().map(String::as_str), args, 2)?)?)
}

pub(super) fn neighbours_with_addresses(args: &Arguments<'_>, here: &dyn Surroundings) -> Answer {
    let known = known(here);
    let near = nearest(target(args)?, known.iter().map(String::as_str), args, 2)?;
    let contacts = near.into_iter().map(|id| {
        let addresses = id.parse().map(|peer| here.contact(peer)).unwrap_or_default();
        contact(id, &addresses)
    });
    Ok(Value::array(contacts.collect::<Result<_, _>>()?)?)
}

pub(super) fn merge(args: &Arguments<'_>) -> Answer {
    let both = args.array(1)?.iter().chain(args.array(2)?);
    let peers = both
        .map(|peer| peer.as_text().ok_or_else(|| Refusal("an element is no peer id".to_owned())));
    let peers = peers.collect::<Result<Vec<_>, _>>()?;
    Ok(texts(nearest(point(args.text(0)?)?, peers, args, 3)?)?)
}

fn message(data: &[u8]) -> Vec<u8> {
    [SIGNATURE_DOMAIN, &hash(data)].concat()
}

/// Only for programs that this peer has started itself.
pub(super) fn sign(args: &Arguments<'_>, here: &dyn Surroundings) -> Answer {
    let data = args.bytes(0)?;
    if args.initiator() != here.me() {
        return object([
            ("success", false.into()),
            ("error", texts(["only the peer's own programs may have it sign"])?),
            ("signature", texts([])?),
        ]);
    }
    let signature = bytes_value(&here.sign(&message(&data)))?;
    object([
        ("success", true.into()),
        ("error", texts([])?),
        ("signature", Value::array(vec![signature])?),
    ])
}

pub(super) fn verify(args: &Arguments<'_>, here: &dyn Surroundings) -> Answer {
    let (signature, data) = (args.bytes(0)?, args.bytes(1)?);
    Ok(here.verify(&message(&data), &signature).into())
}

pub(super) fn get_peer_id(_: &Arguments<'_>, here: &dyn Surroundings) -> Answer {
    Ok(Value::text(&here.me().to_string()))
}
