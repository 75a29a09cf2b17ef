//! The interpreter behind plain functions, as a page would load it: bytes go in and come out,
//! one run at a time. It exists to be weighed (see `run`), and to be played (see
//! `tests/laws/tests/browser.rs`); everything that a peer in a browser
//! asks of the interpreter is reachable from here, and nothing else is.

#![no_std]

extern crate alloc;

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::UnsafeCell;

use aquac_ir::{
    Header, PeerId, Reader, Salt, ServiceError, Signature, SignedHeader, Value, VerifiedProgram,
};
use aquac_vm::{
    Departure, Head, Heads, PendingCall, Run, SaltedValue, SignedTurn, Signer, Status, Verifier,
    check_header,
};

#[global_allocator]
// SAFETY: a module has one thread, and nothing else grows its memory.
static ALLOCATOR: talc::TalckWasm = unsafe { talc::TalckWasm::new_global() };

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

#[cfg(feature = "crypto")]
fn keys(seed: [u8; 32]) -> (Box<dyn Signer>, &'static dyn Verifier) {
    (Box::new(aquac_vm::Ed25519Signer::from_seed(seed)), &aquac_vm::Ed25519Verifier)
}

#[cfg(not(feature = "crypto"))]
fn keys(seed: [u8; 32]) -> (Box<dyn Signer>, &'static dyn Verifier) {
    (Box::new(aquac_vm::UncheckedSigner(PeerId(seed))), &aquac_vm::UncheckedVerifier)
}

/// A run, the key of the peer, and the calls that were handed out.
struct Open {
    run: Run,
    signer: Box<dyn Signer>,
    verifier: &'static dyn Verifier,
    calls: Vec<PendingCall>,
}

struct Only(UnsafeCell<(Option<Open>, Vec<u8>)>);
// SAFETY: a module has one thread.
unsafe impl Sync for Only {}
static ONLY: Only = Only(UnsafeCell::new((None, Vec::new())));

fn only() -> &'static mut (Option<Open>, Vec<u8>) {
    // SAFETY: a module has one thread, and no function here calls another that asks for it.
    unsafe { &mut *ONLY.0.get() }
}

/// Room for bytes that go in.
#[unsafe(no_mangle)]
pub extern "C" fn room(bytes: usize) -> *mut u8 {
    let (_, room) = only();
    room.clear();
    room.resize(bytes, 0);
    room.as_mut_ptr()
}

/// Where what came out stands.
#[unsafe(no_mangle)]
pub extern "C" fn given() -> *const u8 {
    only().1.as_ptr()
}

fn give(bytes: Vec<u8>) -> usize {
    let room = &mut only().1;
    *room = bytes;
    room.len()
}

/// Begins a run: the seed of the peer's key, and the program behind the header.
#[unsafe(no_mangle)]
pub extern "C" fn begin() -> u32 {
    let (open, room) = only();
    let mut bytes = Reader::new(room);
    let Some(seed) = bytes.array() else { return 1 };
    let Some(header) = read_header(&mut bytes) else { return 2 };
    let program = bytes.bytes(bytes.left()).unwrap_or_default();
    let Ok(program) = VerifiedProgram::from_bytes(program) else { return 3 };
    let (signer, verifier) = keys(seed);
    if program.digest() != header.header.program || check_header(&header, verifier).is_err() {
        return 4;
    }
    let run = Run::new(Arc::new(program), Arc::new(header), signer.peer());
    *open = Some(Open { run, signer, verifier, calls: Vec::new() });
    0
}

fn read_header(from: &mut Reader<'_>) -> Option<SignedHeader> {
    Some(SignedHeader { header: Header::read(from)?, signature: Signature(from.array()?) })
}

/// From whom a frame is, and what it carries: each list behind its length.
fn read_frame(from: &mut Reader<'_>) -> Option<(PeerId, Vec<SignedTurn>, Vec<SaltedValue>, Heads)> {
    let peer = PeerId(from.array()?);
    let (mut turns, mut values, mut heads) = (Vec::new(), Vec::new(), Heads::default());
    for _ in 0..from.number()? {
        turns.push(SignedTurn::read(from)?);
    }
    for _ in 0..from.number()? {
        let length = from.small()?;
        let value = Value::from_bytes(from.bytes(length)?).ok()?;
        values.push(SaltedValue { value, salt: Salt(from.array()?) });
    }
    for _ in 0..from.number()? {
        let author = PeerId(from.array()?);
        heads.raise(author, Head { number: from.small()?, digest: from.digest()? });
    }
    Some((peer, turns, values, heads))
}

/// The same, behind the peer to which it goes and the way there.
fn put_frame(to: &mut Vec<u8>, leaving: &Departure) {
    to.extend_from_slice(&leaving.to.0);
    put_number(to, leaving.route.len());
    leaving.route.iter().for_each(|peer| to.extend_from_slice(&peer.0));
    put_number(to, leaving.turns.len());
    leaving.turns.iter().for_each(|turn| to.extend_from_slice(&turn.to_bytes()));
    put_number(to, leaving.values.len());
    for value in &leaving.values {
        let bytes = value.value.to_bytes();
        put_number(to, bytes.len());
        to.extend_from_slice(&bytes);
        to.extend_from_slice(&value.salt.0);
    }
    put_number(to, leaving.heads.iter().len());
    for (author, head) in leaving.heads.iter() {
        to.extend_from_slice(&author.0);
        put_number(to, head.number as usize);
        to.extend_from_slice(&head.digest.0);
    }
}

/// Seven bits a byte, the lowest first.
fn put_number(to: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

/// What a frame carries; gives how many turns were refused or are missing.
#[unsafe(no_mangle)]
pub extern "C" fn absorb() -> usize {
    let (open, room) = only();
    let Some(open) = open else { return usize::MAX };
    let Some((from, turns, values, heads)) = read_frame(&mut Reader::new(room)) else {
        return usize::MAX;
    };
    let absorbed = open.run.absorb(turns, values, open.verifier);
    open.run.received(from, &heads);
    absorbed.refused.len() + absorbed.missing.len()
}

/// Goes on; gives how far the run is.
#[unsafe(no_mangle)]
pub extern "C" fn step(fuel: u64) -> u32 {
    let Some(open) = &mut only().0 else { return u32::MAX };
    let outcome = open.run.step(fuel);
    open.calls.extend(outcome.calls);
    match outcome.status {
        Status::OutOfFuel => 0,
        Status::Waiting => 1,
        Status::Complete => 2,
        Status::Failed => 3,
    }
}

/// The next call: the service, the function and the arguments as JSON; nothing if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn call() -> usize {
    let Some(open) = &only().0 else { return 0 };
    let Some(PendingCall { call, .. }) = open.calls.last() else { return 0 };
    let args = call.args.iter().map(|argument| argument.value.clone()).collect();
    let args = Value::array(args).map(|args| aquac_ir::to_json(&args)).unwrap_or_default();
    give(alloc::vec![&*call.service, &*call.function, &*args].join("\n").into_bytes())
}

/// The answer to that call, as JSON, or an error's text.
#[unsafe(no_mangle)]
pub extern "C" fn resolve(code: u32) -> u32 {
    let (Some(open), room) = only() else { return 1 };
    let (Some(call), Ok(text)) = (open.calls.pop(), core::str::from_utf8(room)) else { return 2 };
    let answer = match (code, aquac_ir::from_json(text)) {
        (0, Ok(value)) => Ok(value),
        (0, Err(_)) => return 3,
        (code, _) => Err(ServiceError { code: i64::from(code), message: text.into() }),
    };
    u32::from(open.run.resolve(&call.position, answer, &*open.signer).is_err())
}

/// Signs what was done; what leaves: for each peer the way, the turns, the values and the heads.
#[unsafe(no_mangle)]
pub extern "C" fn forward() -> usize {
    let Some(open) = &mut only().0 else { return 0 };
    if open.run.has_departures()
        && let Some(body) = open.run.seal()
    {
        open.run.add_own(aquac_vm::NamedTurn::sign(body, &*open.signer));
    }
    let mut bytes = Vec::new();
    open.run.forward().iter().for_each(|leaving| put_frame(&mut bytes, leaving));
    give(bytes)
}

/// The result as JSON, or the error's text.
#[unsafe(no_mangle)]
pub extern "C" fn result() -> usize {
    let Some(open) = &only().0 else { return 0 };
    let text = match open.run.result() {
        None => return 0,
        Some(Ok(values)) => {
            Value::array(values).map(|all| aquac_ir::to_json(&all)).unwrap_or_default()
        }
        Some(Err(fault)) => fault.message,
    };
    give(text.into_bytes())
}
