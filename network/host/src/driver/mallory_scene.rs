//! A real host, and a peer with a valid key that says to it what it likes, frame by frame.

use std::time::Duration;

use aquac_ir::{Header, Limits, Nonce, ParticleId, SignedHeader, Value};
use aquac_peer::vm::sign_header;
use aquac_peer::wire::{Frame, FrameId, Item, Push, Take, decode, encode};
use aquac_peer::{Config as PeerConfig, Ending, Keys, Peer};
use tokio::time::timeout;

use super::links_on_loopback::Seen;
use super::mallory::{Mallory, Victim, id};
use super::program::{End, chain, on};
use crate::{AddressBook, Config, Job, clock};

pub(super) const BANK: u8 = 11;
pub(super) const MALLORY: u8 = 12;
pub(super) const CLIENT: u8 = 13;
/// Long enough for everything on loopback.
pub(super) const A_WHILE: Duration = Duration::from_millis(300);
/// How long a particle lives that says nothing else.
pub(super) const TTL: u32 = 30_000;

pub(super) fn keys(number: u8) -> Keys {
    Keys::ed25519([number; 32])
}

/// A bank, and Mallory with a link to it.
pub(super) struct Scene {
    pub(super) book: AddressBook,
    pub(super) bank: Victim,
    pub(super) mallory: Mallory,
    pub(super) number: u64,
}

/// A particle of Mallory's, in pieces.
#[derive(Clone)]
pub(super) struct Pieces {
    pub(super) header: SignedHeader,
    pub(super) program: Vec<u8>,
}

impl Pieces {
    pub(super) fn new(change: impl FnOnce(&mut Header)) -> Self {
        Self::of(chain(vec![on(id(BANK), "echo.say")], End::Return), change)
    }

    pub(super) fn of(program: Vec<u8>, change: impl FnOnce(&mut Header)) -> Self {
        let peer = Peer::new(PeerConfig::new("test"), keys(MALLORY));
        let no_args = Vec::<Value>::new();
        let nonce = Nonce([9; 16]);
        let limits = Limits::default();
        let start = peer.draft(clock::now(), program, no_args, nonce, TTL, limits);
        let mut header = start.header.header;
        change(&mut header);
        let header = sign_header(header, &*keys(MALLORY).signer);
        Self { header, program: start.program }
    }

    pub(super) fn id(&self) -> ParticleId {
        self.header.header.id()
    }

    pub(super) fn items(&self) -> Vec<Item> {
        vec![Item::Header(self.header.clone()), Item::Program(self.program.clone())]
    }
}

impl Scene {
    pub(super) async fn new() -> Self {
        let book = AddressBook::default();
        let bank = Victim::start(BANK, &book, None).await;
        let mut mallory = Mallory::honest(MALLORY, &book).await;
        mallory.link(id(BANK)).await;
        Self { book, bank, mallory, number: 1 << 20 }
    }

    pub(super) fn say(&mut self, frame: &Frame) {
        self.mallory.say(id(BANK), &encode(frame));
    }

    /// A parcel of these items for the bank.
    pub(super) fn push(&mut self, particle: ParticleId, items: &[Item]) {
        let items = items.iter().map(Item::to_bytes).collect();
        self.push_bytes(particle, items);
    }

    pub(super) fn push_bytes(&mut self, particle: ParticleId, items: Vec<Vec<u8>>) {
        self.number += 1;
        let push = Push {
            id: FrameId(self.number),
            particle,
            expires: clock::now().0 + u64::from(TTL),
            trail: Vec::new(),
            take: Take::All,
            hops: Vec::new(),
            items,
        };
        self.say(&Frame::Push(push));
    }

    pub(super) async fn live(&mut self) {
        self.mallory.live(A_WHILE).await;
    }

    pub(super) async fn dropped(&self, label: &str) -> u64 {
        let counters = self.bank.host.counters().await.unwrap();
        counters.dropped.get(label).copied().unwrap_or_default()
    }

    /// The bank counts this reason, and has called nobody.
    pub(super) async fn refuses(&mut self, label: &str) {
        self.bank.drops(label).await;
        assert!(self.dropped(label).await > 0, "{label} is in the metrics");
        assert_eq!(self.bank.calls(), Vec::<String>::new(), "{:?}", self.bank.dropped());
        self.others_are_served().await;
    }

    pub(super) async fn others_are_served(&self) {
        let mut config = Config::new([CLIENT; 32], PeerConfig::new("test"));
        config.book = self.book.clone();
        config.keep = vec![id(BANK)];
        let client = crate::start(config).await.unwrap();
        let program = chain(vec![on(id(BANK), "echo.say")], End::Return);
        let mut running = client.run(Job::new(program, Vec::new(), TTL)).await.unwrap();
        let ending = timeout(Duration::from_secs(10), running.ended()).await;
        let ending = ending.expect("others are served").unwrap();
        assert_eq!(ending, Ending::Returned(vec![Value::text("start")]));
    }

    /// Reads what the bank says for a while, and answers each parcel so.
    pub(super) async fn answering(&mut self, answer: impl Fn(&Push) -> Option<Frame>) -> Vec<Push> {
        let mut parcels = Vec::new();
        let until = tokio::time::Instant::now() + 3 * A_WHILE;
        while let Ok(seen) = tokio::time::timeout_at(until, self.mallory.node.next()).await {
            let Seen::Frame(_, bytes) = seen else { continue };
            let frames = match decode(&bytes) {
                Ok(Frame::Bundle(parts)) => parts,
                Ok(_) | Err(_) => vec![bytes],
            };
            for bytes in frames {
                let Ok(Frame::Push(push)) = decode(&bytes) else { continue };
                if let Some(frame) = answer(&push) {
                    self.say(&frame);
                }
                parcels.push(push);
            }
        }
        parcels
    }
}
