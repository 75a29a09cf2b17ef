//! First inputs: what the compiler makes of the repository's own programs, one file for each.
//!
//! `cargo run --bin seeds` writes `corpus/TARGET/`; texts need none, their target reads the
//! sources themselves.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use aquac_fuzz::{Chain, artifacts, stock};
use aquac_ir::{NodeId, PeerId, VerifiedProgram, encode, print, to_json};
use aquac_peer::wire::{self, Chunk, Credit, Frame, FrameId, Hello, Hop, Item, Push, Take, Want};
use aquac_vm::{Entry, Position, Record, SignedTurn, TurnBody, UncheckedSigner};

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = BTreeSet::new();
    for folder in ["examples", "tests/suite/cases"] {
        find(&root.join(folder), &mut files);
    }
    for file in &files {
        let text = fs::read_to_string(file).unwrap_or_default();
        // A golden file holds several texts, each before what is expected of it.
        for part in text.split("--- ") {
            let part = part.split("\n===").next().unwrap_or_default();
            let body = part.split_once('\n').map_or(part, |(_, body)| body);
            for target in ["lex", "parse", "check", "text"] {
                keep(target, part.as_bytes());
            }
            keep("format", part.as_bytes());
            for text in [part, body] {
                artifacts(text).into_iter().for_each(|artifact| program(artifact.program));
            }
        }
    }
    others();
}

fn program(program: aquac_ir::Program) {
    keep("ir_bytes", &encode(&program));
    keep("ir_text", print(&program).as_bytes());
    for constant in &program.constants {
        keep("value", &constant.to_bytes());
    }
    if let Ok(verified) = VerifiedProgram::new(program) {
        let names: Vec<String> = (0..32).map(|number| format!("arg{number}")).collect();
        if let Ok(text) = air(&verified, &names) {
            keep("air", text.as_bytes());
        }
    }
}

fn air(program: &VerifiedProgram, names: &[String]) -> Result<String, aquac_air::WriteError> {
    let parameters = names.get(..program.program().parameters.len()).unwrap_or_default();
    let frame = aquac_air::Frame::Function { parameters, relay: aquac_air::Relay::None };
    aquac_air::write(program, frame)
}

/// Values, calls, turns and frames, one of each kind.
fn others() {
    for value in stock() {
        keep("value", &value.value.to_bytes());
        keep("value", to_json(&value.value).as_bytes());
    }
    let call =
        r#"main("a\n", 3, -4, true, ["x"], {inner: {name: "n", tags: []}, rate: 1.5}, name)"#;
    keep("call_text", call.as_bytes());
    let chain = Chain::new();
    let particle = chain.header.header.id();
    let author = PeerId([2; 32]);
    let position = Position { node: NodeId(3), path: Vec::new() };
    let outcome = Ok(stock().first().map(aquac_vm::SaltedValue::digest).unwrap_or(particle.0));
    let record = Record { position, arguments: aquac_fuzz::no_arguments(), outcome };
    let saw = Entry::Saw { peer: PeerId([3; 32]), number: 1, digest: particle.0 };
    let entries = vec![saw, Entry::Record(record)];
    let body = TurnBody { particle, author, number: 1, previous: particle.0, entries };
    let turn = SignedTurn::sign(body, &UncheckedSigner(author));
    keep("turn", &turn.to_bytes());
    let want =
        Want { header: true, program: true, turns: vec![(author, 1)], values: vec![particle.0] };
    let items = [
        Item::Header((*chain.header).clone()),
        Item::Program(encode(chain.program.program())),
        Item::Turn(turn),
        Item::Knows(vec![(author, 1)]),
        Item::Want(want),
    ];
    let push = Push {
        id: FrameId(1),
        particle,
        expires: 60_000,
        trail: vec![author],
        take: Take::Some(vec![0, 2]),
        hops: vec![Hop { to: author, take: Take::All, branches: 0 }],
        items: items.iter().map(Item::to_bytes).collect(),
    };
    let hello = Hello {
        versions: (1, 1),
        network: "fuzz".into(),
        clock: 1_000,
        parcel_bytes: 1 << 20,
        credit: Credit::default(),
    };
    let frames = [
        Frame::Bundle(vec![wire::encode(&Frame::Push(push.clone()))]),
        Frame::Push(push),
        Frame::Hello(hello),
        Frame::Chunk(Chunk { of: FrameId(2), part: 0, total: 3, bytes: vec![1, 2, 3] }),
        Frame::Ack(wire::Ack(vec![FrameId(1)])),
        Frame::Credit(Credit::default()),
    ];
    for frame in frames {
        let bytes = wire::encode(&frame);
        keep("frame", &bytes);
        keep("frame", &wire::frame_to_stream(&bytes));
    }
}

fn find(folder: &Path, files: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            find(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "aqua") {
            files.insert(path);
        }
    }
}

/// Writes an input, named by its content.
fn keep(target: &str, bytes: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let name = aquac_ir::Digest::of(aquac_ir::Domain::Value, &[bytes]);
    fs::create_dir_all(&folder).expect("the folder can be made");
    fs::write(folder.join(name.to_string()), bytes).expect("the file can be written");
}
