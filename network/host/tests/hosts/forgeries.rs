//! The policy of `examples/credit-sms`, with programs that try to get round it: the telco sends
//! an SMS only with a score that the bank's own `credit.check` gave in this run, for a run that the
//! client began. Forgeries on the wire are in `driver::mallory_on_loopback`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use aquac_host::{Declared, Event, Job};
use aquac_ir::{BinaryOp, Builder, Expr, ExprId, FaultCode, Node, PeerId, Value, encode};
use aquac_peer::Ending;
use aquac_services::config::AllowConfig;
use aquac_services::{Policy, Registry, Setup, Unlisted, native};
use tokio::time::timeout;

use super::network::{Network, PATIENCE, TTL, id};
use super::program::{call_many, on};

/// The rules that stand in the example.
fn rules() -> Vec<AllowConfig> {
    #[derive(serde::Deserialize)]
    struct Peers {
        telco: Telco,
    }
    #[derive(serde::Deserialize)]
    struct Telco {
        allow: Vec<AllowConfig>,
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/credit-sms/aqua.toml");
    let file: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
    file["peers"].clone().try_into::<Peers>().unwrap().telco.allow
}

/// `credit.check` and `credit.guess`, `other.check` on everybody; `sms.send` on the telco counts.
struct Cast {
    network: Network,
    sent: Arc<Mutex<Vec<String>>>,
}

impl Cast {
    async fn start() -> Self {
        let sent = Arc::<Mutex<Vec<String>>>::default();
        let mut network = Network::default();
        for name in ["bank", "eve", "telco"] {
            let sent = sent.clone();
            network
                .add(name, |shape| {
                    shape.config.listen = vec!["/ip4/127.0.0.1/tcp/0".parse().unwrap()];
                    shape.config.services = services(&sent);
                    if name == "telco" {
                        let find = |name: &str| Some(id(name));
                        let policy = Policy::new(&rules(), Unlisted::Deny, find).unwrap();
                        shape.config.policy = Box::new(Declared(policy));
                    }
                })
                .await;
        }
        network
            .add("client", |shape| {
                shape.config.keep = ["bank", "eve", "telco"].map(id).to_vec();
                shape.config.services = services(&sent);
            })
            .await;
        Self { network, sent }
    }

    /// Runs it from this peer. Gives why it was denied; `None` if the SMS was sent.
    async fn denied(&self, from: &str, program: Vec<u8>) -> Option<String> {
        let job = Job::new(program, Vec::new(), TTL);
        let mut running = self.network.hosts[from].run(job).await.unwrap();
        let ending = timeout(PATIENCE, running.ended()).await.unwrap().unwrap();
        let sent = std::mem::take(&mut *self.sent.lock().unwrap());
        match ending {
            Ending::Returned(_) => {
                assert_eq!(sent.len(), 1);
                None
            }
            Ending::Failed { fault, .. } => {
                assert_eq!(sent, Vec::<String>::new(), "nothing leaves");
                assert_eq!(fault.code, FaultCode::Denied, "{}", fault.message);
                Some(fault.message)
            }
            Ending::Expired { .. } => panic!("it ends"),
        }
    }
}

fn services(sent: &Arc<Mutex<Vec<String>>>) -> Registry {
    let sent = sent.clone();
    let score = || native(async |_| Ok(Value::from(700_i64)));
    let send = native(move |call| {
        sent.lock().unwrap().push(call.args[1].value.to_string());
        async { Ok(Value::text("sent")) }
    });
    let native = BTreeMap::from([
        ("credit".to_owned(), score()),
        ("other".to_owned(), score()),
        ("sms".to_owned(), send),
    ]);
    Registry::new(Setup { native, ..Setup::default() }).unwrap()
}

/// The score of `call` on `peer`, and an SMS with the arguments that `args` makes of it.
fn program(
    peer: PeerId,
    call: &'static str,
    args: impl FnOnce(&mut Builder, ExprId) -> Vec<ExprId>,
) -> Vec<u8> {
    let mut builder = Builder::new();
    let seq = builder.open(Node::Seq(0));
    let who = builder.constant(Value::text("al"));
    let score = call_many(&mut builder, &on(peer, call), vec![who]);
    let args = args(&mut builder, score);
    let receipt = call_many(&mut builder, &on(id("telco"), "sms.send"), args);
    builder.leaf(Node::Return { values: [receipt].into() });
    builder.close(seq);
    encode(&builder.finish())
}

fn phone(builder: &mut Builder) -> ExprId {
    builder.constant(Value::text("+1"))
}

fn as_it_should_be(builder: &mut Builder, score: ExprId) -> Vec<ExprId> {
    vec![phone(builder), score]
}

#[tokio::test]
async fn an_sms_leaves_only_with_a_score_that_really_comes_from_the_bank() {
    let cast = Cast::start().await;
    let honest = || program(id("bank"), "credit.check", as_it_should_be);
    assert_eq!(cast.denied("client", honest()).await, None, "the honest program");

    let from = |peer: &str, call| program(id(peer), call, as_it_should_be);
    let made_up = program(id("bank"), "credit.check", |builder, _| {
        vec![phone(builder), builder.constant(Value::from(700_i64))]
    });
    let computed = program(id("bank"), "credit.check", |builder, score| {
        let nothing = builder.constant(Value::from(0_i64));
        let sum = Expr::Binary { op: BinaryOp::Add, left: score, right: nothing };
        vec![phone(builder), builder.expr(sum)]
    });
    let swapped = program(id("bank"), "credit.check", |builder, score| vec![score, phone(builder)]);
    let wrapped = program(id("bank"), "credit.check", |builder, score| {
        let wrapped = builder.expr(Expr::Array([score].into()));
        vec![phone(builder), wrapped]
    });
    let missing = program(id("bank"), "credit.check", |builder, _| vec![phone(builder)]);
    let forgeries = [
        ("written in the program", "client", made_up, "comes from the program"),
        ("of another peer", "client", from("eve", "credit.check"), "comes from credit.check of"),
        ("of the client itself", "client", from("client", "credit.check"), "of 12D3"),
        ("of another service", "client", from("bank", "other.check"), "comes from other.check"),
        ("of another function", "client", from("bank", "credit.guess"), "comes from credit.guess"),
        ("computed", "client", computed, "comes from a computation"),
        ("wrapped", "client", wrapped, "argument 1 must come from credit.check of bank"),
        ("at another place", "client", swapped, "comes from the program"),
        ("left out", "client", missing, "has no argument 1"),
        ("for another initiator", "eve", honest(), "may not start it"),
    ];
    for (forgery, initiator, program, why) in forgeries {
        let denied = cast.denied(initiator, program).await;
        let denied = denied.unwrap_or_else(|| panic!("a score {forgery} is sent"));
        assert!(denied.contains(why), "{forgery}: {denied}");
    }
    let by_telco = |seen: &aquac_host::Observed| {
        let called = matches!(&seen.event, Event::Called { call, .. } if call.service == "sms");
        seen.host == id("telco") && called
    };
    let events = cast.network.seen.events.lock().unwrap();
    assert_eq!(events.iter().filter(|seen| by_telco(seen)).count(), 1, "the service is not asked");
}

#[tokio::test]
async fn the_rate_of_a_rule_holds_for_each_initiator() {
    let cast = Cast::start().await;
    let honest = || program(id("bank"), "credit.check", as_it_should_be);
    for _ in 0..10 {
        assert_eq!(cast.denied("client", honest()).await, None);
    }
    let denied = cast.denied("client", honest()).await.expect("the eleventh in a minute");
    assert!(denied.contains("has used up its 10/min"), "{denied}");
}
