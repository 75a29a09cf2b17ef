//! The interpreter as a page loads it: a module without a host, one in each of two peers that play
//! a run between them.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and reads what it has built"
)]

use std::path::Path;
use std::process::Command;

use aquac_ir::{Digest, Header, Limits, Nonce, PeerId, encode};
use aquac_vm::{Ed25519Signer, Signer, sign_header};
use wasmi::{Engine, Instance, Linker, Memory, Module, Store, WasmParams, WasmResults};

/// More than any step of these runs takes.
const FUEL: u64 = 1_000_000;
/// What the module calls a run that waits, and one that is complete.
const WAITING: u32 = 1;
const COMPLETE: u32 = 2;

fn signer(seed: u8) -> Ed25519Signer {
    Ed25519Signer::from_seed([seed; 32])
}

/// Builds the module as `tests/wasm/run` does, without the work for its size.
fn module() -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wasm");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "--target", "wasm32-unknown-unknown"])
        .args(["--features", "crypto", "--manifest-path"])
        .arg(root.join("tests/wasm/Cargo.toml"))
        .env("CARGO_TARGET_DIR", &target)
        .env_remove("RUSTFLAGS")
        .status();
    assert!(built.unwrap().success(), "the module cannot be built");
    std::fs::read(target.join("wasm32-unknown-unknown/debug/aquac_wasm.wasm")).unwrap()
}

/// A page: one instance of the module.
struct Page {
    store: Store<()>,
    instance: Instance,
    memory: Memory,
}

/// What leaves a page: for whom, and the frame as the other reads it.
struct Frame {
    to: PeerId,
    bytes: Vec<u8>,
}

impl Page {
    fn new(engine: &Engine, module: &Module) -> Self {
        let mut store = Store::new(engine, ());
        let linker = <Linker<()>>::new(engine);
        let instance = linker.instantiate_and_start(&mut store, module).unwrap();
        let memory = instance.get_memory(&store, "memory").unwrap();
        Self { store, instance, memory }
    }

    fn ask<P: WasmParams, R: WasmResults>(&mut self, function: &str, given: P) -> R {
        let function = self.instance.get_typed_func::<P, R>(&self.store, function).unwrap();
        function.call(&mut self.store, given).unwrap()
    }

    /// Bytes for the next function.
    fn give(&mut self, bytes: &[u8]) -> u32 {
        let room: u32 = self.ask("room", u32::try_from(bytes.len()).unwrap());
        self.memory.write(&mut self.store, room as usize, bytes).unwrap();
        room
    }

    /// What a function has put where bytes go in. There it stays, however many it has.
    fn take(&mut self, function: &str) -> Vec<u8> {
        let length: u32 = self.ask(function, ());
        let mut bytes = vec![0; length as usize];
        let at: u32 = self.ask("given", ());
        self.memory.read(&self.store, at as usize, &mut bytes).unwrap();
        bytes
    }

    fn begin(&mut self, seed: u8, header: &[u8], program: &[u8]) {
        self.give(&[&[seed; 32], header, program].concat());
        assert_eq!(self.ask::<_, u32>("begin", ()), 0);
    }

    fn step(&mut self) -> u32 {
        self.ask("step", FUEL)
    }

    /// What leaves, from this peer: the module says to whom and by which way.
    fn leaves(&mut self, from: PeerId) -> Option<Frame> {
        let bytes = self.take("forward");
        let (to, rest) = bytes.split_first_chunk::<32>()?;
        let (way, rest) = rest.split_first().unwrap();
        assert_eq!(*way, 1, "both can be dialled");
        let (last, rest) = rest.split_first_chunk::<32>().unwrap();
        assert_eq!(to, last);
        Some(Frame { to: PeerId(*to), bytes: [&from.0, rest].concat() })
    }

    /// Takes a frame in; gives how much of it was refused or is missing.
    fn absorb(&mut self, frame: &[u8]) -> u32 {
        self.give(frame);
        self.ask("absorb", ())
    }

    /// Answers the call that is open.
    fn resolve(&mut self, json: &[u8]) {
        self.give(json);
        assert_eq!(self.ask::<_, u32>("resolve", 0_u32), 0);
    }
}

/// A run that asks `bank` and tells `home`.
fn asked(home: PeerId, bank: PeerId) -> (Vec<u8>, Vec<u8>) {
    let air = format!(
        r#"(seq (call "{bank}" ("credit" "check") ["ada"] score)
                (call "{home}" ("callbackSrv" "response") [score]))"#
    );
    let program = encode(aquac_air::read(&air).unwrap().program.program());
    let header = Header {
        version: Header::VERSION,
        network: String::new(),
        initiator: home,
        relay: None,
        program: Digest::of(aquac_ir::Domain::Program, &[&program]),
        args: Vec::new(),
        nonce: Nonce([7; 16]),
        issued_at: 0,
        ttl: 60_000,
        limits: Limits::default(),
    };
    let signed = sign_header(header, &signer(1));
    ([signed.header.to_bytes(), signed.signature.0.to_vec()].concat(), program)
}

const RESPONSE: &[u8] = b"callbackSrv\nresponse\n[720]";

#[test]
fn two_pages_play_a_run_and_believe_no_changed_frame() {
    let engine = Engine::default();
    let module = Module::new(&engine, module()).unwrap();
    let (home, bank) = (signer(1).peer(), signer(2).peer());
    let (header, program) = asked(home, bank);
    let begun = |seed| {
        let mut page = Page::new(&engine, &module);
        page.begin(seed, &header, &program);
        page
    };
    let (mut asks, mut answers) = (begun(1), begun(2));

    assert_eq!(asks.step(), WAITING);
    let question = asks.leaves(home).unwrap();
    assert_eq!(question.to, bank);

    assert_eq!(answers.absorb(&question.bytes), 0);
    assert_eq!(answers.step(), WAITING);
    assert_eq!(answers.take("call"), b"credit\ncheck\n[\"ada\"]");
    answers.resolve(b"720");
    answers.step();
    let answer = answers.leaves(bank).unwrap();
    assert_eq!(answer.to, home);
    assert!(answers.leaves(bank).is_none(), "it is told once");

    let mut refused = 0;
    for at in (0..answer.bytes.len()).step_by(23) {
        let mut changed = answer.bytes.clone();
        changed[at] ^= 1;
        let mut deceived = begun(1);
        deceived.absorb(&changed);
        deceived.step();
        let call = deceived.take("call");
        assert!(call.is_empty() || call == RESPONSE, "byte {at}");
        refused += usize::from(call.is_empty());
    }
    assert!(refused > 0, "no byte mattered");

    assert_eq!(asks.absorb(&answer.bytes), 0);
    assert_eq!(asks.step(), WAITING);
    assert_eq!(asks.take("call"), RESPONSE);
    asks.resolve(b"null");
    assert_eq!(asks.step(), COMPLETE);
}
