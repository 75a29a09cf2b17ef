//! What the targets share: runs whose services answer everything, and a run for hostile turns.

use std::collections::BTreeMap;
use std::sync::Arc;

use aquac_driver::{Artifact, Options, Request, build, check};
use aquac_ir::{
    CallResult, Digest, Header, Limits, Nonce, PeerId, ServiceError, SignedHeader, Value,
    VerifiedProgram,
};
use aquac_vm::{
    Heads, Position, Receipt, Run, SaltedValue, SignedTurn, UncheckedSigner, UncheckedVerifier,
    sign_header,
};

/// Events of one step.
pub const FUEL: u64 = 20_000;

/// Steps and calls after which a run is left alone.
const MAX_STEPS: usize = 32;
const MAX_CALLS: usize = 128;

/// Whose knowledge is looked at.
pub const ME: PeerId = PeerId([1; 32]);

/// The programs that [`Chain`] knows: everything at which knowledge of others matters.
const PROGRAMS: &str = r#"aqua Main declares *
export main
service S("s"):
  get() -> u32
  flag() -> bool
  all(xs: []u32) -> []u32
func main() -> u32:
  found: *u32
  lucky: *bool
  for peer <- [PEER_A, PEER_B, PEER_C] par:
    try:
      on peer:
        found <- S.get()
    catch e:
      found <<- 7
  par on PEER_B:
    x <- S.flag()
    if x:
      on PEER_C:
        lucky <- S.flag()
    else:
      found <- S.get()
  par for f <- lucky par:
    on PEER_A:
      found <- S.get()
  join found[2]
  on PEER_C:
    a <- S.get()
    ys <- S.all(found)
  <- a + ys[0]
"#;

/// A program, its header, and who looks.
pub struct Chain {
    /// The program.
    pub program: Arc<VerifiedProgram>,
    /// Its header.
    pub header: Arc<SignedHeader>,
    /// Whose knowledge it is.
    pub me: PeerId,
}

impl Chain {
    /// A run over three peers.
    pub fn new() -> Self {
        static PROGRAM: std::sync::LazyLock<Arc<VerifiedProgram>> =
            std::sync::LazyLock::new(|| Arc::new(compile(PROGRAMS)));
        let program = PROGRAM.clone();
        let header = header(&program, &[]);
        Self { program, header, me: ME }
    }
}

impl Default for Chain {
    fn default() -> Self {
        Self::new()
    }
}

fn compile(text: &str) -> VerifiedProgram {
    let peers = [("PEER_A", 1), ("PEER_B", 2), ("PEER_C", 3)];
    let text = peers.iter().fold(text.to_owned(), |text, (name, key)| {
        text.replace(name, &format!("\"{}\"", PeerId([*key; 32])))
    });
    artifacts(&text)
        .into_iter()
        .next()
        .map(|one| VerifiedProgram::new(one.program).expect("it is compiled"))
        .expect("it has one function")
}

/// The programs of a text.
pub fn artifacts(text: &str) -> Vec<Artifact> {
    let sources = BTreeMap::from([("main.aqua".to_owned(), text.to_owned())]);
    let request = Request { entries: vec!["main.aqua".to_owned()], ..Request::default() };
    let checked = check(&request, &sources);
    build(&checked, &Options::default()).unwrap_or_default()
}

/// The header of a run that begins at [`ME`].
pub fn header(program: &VerifiedProgram, args: &[SaltedValue]) -> Arc<SignedHeader> {
    let limits = Limits {
        turns_per_peer: 64,
        records_per_peer: 256,
        value_bytes: 4096,
        stream_elements: 32,
        fan_out: 16,
    };
    let header = Header {
        version: Header::VERSION,
        network: "fuzz".into(),
        initiator: ME,
        relay: None,
        program: program.digest(),
        args: args.iter().map(SaltedValue::digest).collect(),
        nonce: Nonce([7; 16]),
        issued_at: 1,
        ttl: 60_000,
        limits,
    };
    Arc::new(sign_header(header, &UncheckedSigner(ME)))
}

/// Values that are worth having.
fn value(number: usize) -> Value {
    let ids = [PeerId([2; 32]), ME].map(|peer| Value::text(&peer.to_string()));
    match number % 7 {
        0 => Value::Bool(true),
        1 => Value::text("x"),
        2 => Value::array(ids.to_vec()).expect("it is flat"),
        3 => Value::Null,
        4 => ids.into_iter().nth(1).expect("there are two"),
        5 => aquac_ir::from_json(r#"{"error_code": 3, "message": "m", "a": [1, {"b": 2}]}"#)
            .expect("it is JSON"),
        _ => aquac_ir::from_json("2").expect("it is JSON"),
    }
}

fn answer(number: usize) -> CallResult {
    if number % 5 == 4 {
        Err(ServiceError { code: 1, message: "no".into() })
    } else {
        Ok(value(number))
    }
}

/// Runs a program at one peer, whose services answer everything, and then once more from what was
/// stored: a run is a function of its history.
pub fn run_alone(program: VerifiedProgram) {
    let program = Arc::new(program);
    let signer = UncheckedSigner(ME);
    let args: Vec<SaltedValue> = program
        .program()
        .parameters
        .iter()
        .take(16)
        .zip(0..)
        .map(|(_, index)| {
            SaltedValue::argument(&signer, &Nonce([7; 16]), index, value(index as usize))
        })
        .collect();
    let header = header(&program, &args);
    let mut run = Run::new(program.clone(), header.clone(), ME);
    run.absorb([], args.clone(), &UncheckedVerifier);
    let mut turns: Vec<SignedTurn> = Vec::new();
    let mut answered = 0;
    for _ in 0..MAX_STEPS {
        let outcome = run.step(FUEL);
        if let Some(body) = run.seal() {
            let turn = SignedTurn::sign(body, &signer);
            turns.push(turn.clone());
            run.add_own(turn);
        }
        run.forward();
        for call in outcome.calls {
            answered += 1;
            if answered < MAX_CALLS {
                run.resolve(&call.position, answer(answered), &signer).expect("it was asked");
            }
        }
        if answered >= MAX_CALLS {
            break;
        }
    }
    run.step(FUEL * 4);
    if let Some(body) = run.seal() {
        let turn = SignedTurn::sign(body, &signer);
        turns.push(turn.clone());
        run.add_own(turn);
    }
    let before = run.step(FUEL * 4);
    if before.status == aquac_vm::Status::OutOfFuel || !before.calls.is_empty() {
        return;
    }
    let mut again = Run::new(program, header, ME);
    let values: Vec<SaltedValue> = run.values().cloned().chain(args).collect();
    again.absorb(turns, values, &UncheckedVerifier);
    let after = again.step(FUEL * 200);
    if after.status != aquac_vm::Status::OutOfFuel {
        assert_eq!(seen(&again), seen(&run), "a run is a function of its history");
    }
}

/// What can be told of a run.
pub type Seen =
    (Vec<aquac_vm::Waiting>, Option<Result<Vec<Value>, aquac_ir::Fault>>, Vec<Position>);

/// What can be told of a run.
pub fn seen(run: &Run) -> Seen {
    let refuted = run.refuted().iter().map(|one| one.position.clone());
    let mut refuted: Vec<Position> = refuted.collect();
    refuted.sort();
    (run.waiting(), run.result(), refuted)
}

/// The digest that a call without arguments has for them.
pub fn no_arguments() -> Digest {
    Digest::of(aquac_ir::Domain::Arguments, &[])
}

/// Values that hostile turns speak of.
pub fn stock() -> Vec<SaltedValue> {
    (0..7)
        .map(|number| SaltedValue { value: value(number), salt: aquac_ir::Salt([3; 16]) })
        .collect()
}

/// The receipt of a run of [`Chain`] in which everybody is honest.
pub fn honest_receipt() -> &'static Receipt {
    static RECEIPT: std::sync::LazyLock<Receipt> = std::sync::LazyLock::new(|| {
        let chain = Chain::new();
        let mut runs: Vec<Run> = [1, 2, 3, 4]
            .map(|key| Run::new(chain.program.clone(), chain.header.clone(), PeerId([key; 32])))
            .into();
        for _ in 0..MAX_STEPS {
            runs.iter_mut().for_each(answer_all);
            let turns: Vec<SignedTurn> = runs.iter().flat_map(turns_of).collect();
            let values: Vec<SaltedValue> =
                runs.iter().flat_map(|run| run.values().cloned()).collect();
            for run in &mut runs {
                run.absorb(turns.clone(), values.clone(), &UncheckedVerifier);
            }
        }
        let receipt = Receipt::seal(&runs[0], &UncheckedSigner(ME));
        let proved = receipt.verify(&UncheckedVerifier).expect("everybody was honest");
        assert!(proved.steps.len() >= 8 && proved.result.is_some(), "{proved:#?}");
        receipt
    });
    &RECEIPT
}

/// Steps, answers what there is to answer, and seals it.
fn answer_all(run: &mut Run) {
    let signer = UncheckedSigner(run.me());
    let mut calls = run.step(FUEL).calls;
    while let Some(pending) = calls.pop() {
        let result = match pending.call.function.as_str() {
            "flag" => Ok(Value::Bool(true)),
            "all" => Ok(pending.call.args[0].value.clone()),
            _ if run.me() == PeerId([2; 32]) => answer(4),
            _ => Ok(7_i64.into()),
        };
        run.resolve(&pending.position, result, &signer).expect("it was pending");
        calls.extend(run.step(FUEL).calls);
    }
    if let Some(body) = run.seal() {
        run.add_own(SignedTurn::sign(body, &signer));
    }
}

fn turns_of(run: &Run) -> Vec<SignedTurn> {
    run.turns_since(&Heads::default()).iter().map(|turn| (**turn).clone()).collect()
}

/// Has the initiator seal what is there.
pub fn seal_again(receipt: &mut Receipt) {
    let chain = Chain::new();
    let header = Arc::new(receipt.header.clone());
    let mut run = Run::new(chain.program, header, receipt.header.header.initiator);
    run.absorb(receipt.turns.clone(), [], &UncheckedVerifier);
    let sealed = Receipt::seal(&run, &UncheckedSigner(receipt.header.header.initiator));
    (receipt.heads, receipt.seal) = (sealed.heads, sealed.seal);
}
