//! Who may call what, decided before a service is asked, from what the service would see:
//! initiator, function, arguments and where each comes from.

use std::collections::BTreeMap;

use aquac_ir::{Call, Origin, PeerId};

use crate::builtin::{Access, access};
use crate::config::{AllowConfig, FromConfig, Rate};

/// Initiators whose rate is remembered per rule. Beyond it, those that have called least lately
/// are forgotten, in favour of the caller.
const MAX_REMEMBERED: usize = 10_000;

/// What happens to calls that no rule names. Builtins without any effect are always allowed then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlisted {
    /// They are allowed: for networks on loopback.
    Allow,
    /// They are denied.
    Deny,
}

/// Why a rule cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// `call` is not `service.function`.
    #[error("\"{0}\" names no call: write service.function, or service.* for all of a service")]
    Call(String),
    /// A name that no peer has, and that is no id.
    #[error("\"{0}\" is no peer of this project and no peer id")]
    UnknownPeer(String),
    /// An argument is not named by its number.
    #[error("`args.{0}`: arguments are named by their number, from 0")]
    Argument(String),
}

/// A rule that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct BadRule {
    /// Which one, from 0.
    pub rule: usize,
    /// Why.
    pub problem: PolicyError,
}

impl PolicyError {
    /// The field that is meant.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Call(_) => Some("call"),
            Self::UnknownPeer(_) => None,
            Self::Argument(_) => Some("args"),
        }
    }
}

/// The rules of one peer.
#[derive(Debug)]
pub struct Policy {
    rules: Vec<Rule>,
    unlisted: Unlisted,
}

#[derive(Debug)]
struct Rule {
    service: String,
    /// `None` is all of them.
    function: Option<String>,
    initiators: Option<Vec<PeerId>>,
    args: BTreeMap<usize, From>,
    max_bytes: Option<u32>,
    rate: Option<Limiter>,
}

#[derive(Debug)]
struct From {
    peer: Option<PeerId>,
    written: FromConfig,
}

impl Policy {
    /// Reads the rules. `find` gives the id of a peer that has this name.
    ///
    /// # Errors
    ///
    /// [`BadRule`] for the first rule that cannot be understood.
    pub fn new(
        rules: &[AllowConfig],
        unlisted: Unlisted,
        find: impl Fn(&str) -> Option<PeerId>,
    ) -> Result<Self, BadRule> {
        let find = |name: &str| {
            let found = find(name).or_else(|| name.parse().ok());
            found.ok_or_else(|| PolicyError::UnknownPeer(name.to_owned()))
        };
        let read =
            |(rule, config)| Rule::new(config, &find).map_err(|problem| BadRule { rule, problem });
        let rules = rules.iter().enumerate().map(read).collect::<Result<_, _>>()?;
        Ok(Self { rules, unlisted })
    }

    /// Decides about a call on peer `me` at a time in milliseconds since 1970. An allowed call
    /// counts against the rate of the rule that allowed it.
    ///
    /// # Errors
    ///
    /// Why it is denied, for the record and for whoever reads the fault.
    pub fn check(&mut self, me: PeerId, call: &Call, now: u64) -> Result<(), String> {
        let mut first = None;
        for rule in self.rules.iter_mut().filter(|rule| rule.names(call)) {
            match rule.check(call, now) {
                Ok(()) => return Ok(()),
                Err(reason) => {
                    first.get_or_insert(reason);
                }
            }
        }
        let name = format!("{}.{}", call.service, call.function);
        if let Some(reason) = first {
            return Err(format!("{name} is denied: {reason}"));
        }
        match (access(&call.service, &call.function), self.unlisted) {
            (Some(Access::Anyone), _) => Ok(()),
            (Some(Access::Own), _) if call.initiator == me => Ok(()),
            (Some(Access::Own), _) => {
                Err(format!("{name} is denied: only the peer's own programs may ask for it"))
            }
            (Some(Access::Ruled) | None, Unlisted::Deny) => {
                Err(format!("{name} is denied: no rule allows it"))
            }
            (Some(Access::Ruled) | None, Unlisted::Allow) => Ok(()),
        }
    }
}

impl Rule {
    fn new(
        config: &AllowConfig,
        find: &impl Fn(&str) -> Result<PeerId, PolicyError>,
    ) -> Result<Self, PolicyError> {
        let wrong = || PolicyError::Call(config.call.clone());
        let (service, function) = config.call.rsplit_once('.').ok_or_else(wrong)?;
        if service.is_empty() || function.is_empty() {
            return Err(wrong());
        }
        let mut args = BTreeMap::new();
        for (number, argument) in &config.args {
            let at = number.parse().map_err(|_| PolicyError::Argument(number.clone()))?;
            if let Some(written) = argument.from.clone() {
                let peer = written.peer.as_deref().map(find).transpose()?;
                args.insert(at, From { peer, written });
            }
        }
        let initiators = config.initiator.as_ref();
        let initiators =
            initiators.map(|names| names.iter().map(|name| find(name)).collect()).transpose()?;
        Ok(Self {
            service: service.to_owned(),
            function: (function != "*").then(|| function.to_owned()),
            initiators,
            args,
            max_bytes: config.max_bytes,
            rate: config.rate.map(Limiter::new),
        })
    }

    fn names(&self, call: &Call) -> bool {
        let function = self.function.as_ref();
        self.service == call.service && function.is_none_or(|name| *name == call.function)
    }

    fn check(&mut self, call: &Call, now: u64) -> Result<(), String> {
        if self.initiators.as_ref().is_some_and(|allowed| !allowed.contains(&call.initiator)) {
            return Err(format!("{} may not start it", call.initiator));
        }
        for (at, from) in &self.args {
            let argument = call.args.get(*at);
            let argument = argument.ok_or_else(|| format!("it has no argument {at}"))?;
            if !from.matches(&argument.origin) {
                return Err(format!(
                    "argument {at} must come from {}, and comes from {}",
                    from.describe(),
                    describe(&argument.origin)
                ));
            }
        }
        if let Some(most) = self.max_bytes {
            let bytes: usize = call.args.iter().map(|arg| arg.value.to_bytes().len()).sum();
            if bytes > most as usize {
                return Err(format!("its arguments have {bytes} bytes, more than {most}"));
            }
        }
        self.rate.as_mut().map_or(Ok(()), |rate| rate.take(call.initiator, now))
    }
}

impl From {
    fn matches(&self, origin: &Origin) -> bool {
        let Origin::Result { peer, service, function, path } = origin else { return false };
        let equal = |wanted: &Option<String>, is: &String| {
            wanted.as_ref().is_none_or(|wanted| wanted == is)
        };
        self.peer.is_none_or(|wanted| wanted == *peer)
            && equal(&self.written.service, service)
            && equal(&self.written.function, function)
            && equal(&self.written.path, path)
    }

    fn describe(&self) -> String {
        let part = |part: &Option<String>| part.clone().unwrap_or_else(|| "*".to_owned());
        let FromConfig { peer, service, function, path } = &self.written;
        let path = path.clone().unwrap_or_default();
        format!("{}.{}{path} of {}", part(service), part(function), part(peer))
    }
}

fn describe(origin: &Origin) -> String {
    match origin {
        Origin::Literal { .. } => "the program".to_owned(),
        Origin::Result { peer, service, function, path } => {
            format!("{service}.{function}{path} of {peer}")
        }
        Origin::Snapshot { peer } => format!("a stream as {peer} saw it"),
        Origin::Derived => "a computation".to_owned(),
    }
}

/// Counts calls of each initiator: a bucket that fills evenly.
#[derive(Debug)]
struct Limiter {
    rate: Rate,
    /// When each initiator's bucket will be full again, in milliseconds since 1970.
    full_at: BTreeMap<PeerId, u64>,
}

impl Limiter {
    fn new(rate: Rate) -> Self {
        Self { rate, full_at: BTreeMap::new() }
    }

    fn take(&mut self, initiator: PeerId, now: u64) -> Result<(), String> {
        let one = self.rate.per.millis().div_ceil(u64::from(self.rate.calls));
        let full_at = self.full_at.get(&initiator).copied().unwrap_or(0).max(now);
        let after = full_at.saturating_add(one);
        if after - now > self.rate.per.millis().max(one) {
            return Err(format!("{initiator} has used up its {}", self.rate));
        }
        if self.full_at.len() >= MAX_REMEMBERED && !self.full_at.contains_key(&initiator) {
            self.forget(now);
        }
        self.full_at.insert(initiator, after);
        Ok(())
    }

    fn forget(&mut self, now: u64) {
        self.full_at.retain(|_, full_at| *full_at > now);
        if self.full_at.len() >= MAX_REMEMBERED {
            let least = self.full_at.iter().min_by_key(|(_, full_at)| **full_at);
            if let Some(least) = least.map(|(initiator, _)| *initiator) {
                self.full_at.remove(&least);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use aquac_ir::{Argument, Digest, IdempotencyKey, ParticleId, Value};

    use super::*;

    const ME: PeerId = PeerId([9; 32]);
    const CLIENT: PeerId = PeerId([1; 32]);
    const BANK: PeerId = PeerId([2; 32]);
    const EVE: PeerId = PeerId([3; 32]);

    fn policy(rules: &str) -> Result<Policy, PolicyError> {
        #[derive(serde::Deserialize)]
        struct Table {
            allow: Vec<AllowConfig>,
        }
        let table: Table = toml::from_str(rules).unwrap();
        Policy::new(&table.allow, Unlisted::Deny, |name| match name {
            "client" => Some(CLIENT),
            "bank" => Some(BANK),
            _ => None,
        })
        .map_err(|bad| bad.problem)
    }

    #[test]
    fn a_rule_that_is_not_understood_is_said_with_its_number() {
        let rule = |call: &str| AllowConfig {
            call: call.to_owned(),
            initiator: None,
            args: BTreeMap::new(),
            rate: None,
            max_bytes: None,
        };
        let bad = Policy::new(&[rule("a.b"), rule("ab")], Unlisted::Deny, |_| None).unwrap_err();
        assert_eq!((bad.rule, bad.problem.field()), (1, Some("call")));
    }

    fn result(peer: PeerId, service: &str, function: &str, path: &str) -> Origin {
        let [service, function, path] = [service, function, path].map(str::to_owned);
        Origin::Result { peer, service, function, path }
    }

    /// `sms.send("+1", TEXT)` with the text from `credit.check.ok` of the bank.
    fn send() -> Call {
        let argument = |text, origin| Argument { value: Value::text(text), origin };
        Call {
            particle: ParticleId(Digest([0; 32])),
            initiator: CLIENT,
            service: "sms".to_owned(),
            function: "send".to_owned(),
            args: vec![
                argument("+1", Origin::Literal { peer: CLIENT }),
                argument("yes", result(BANK, "credit", "check", ".ok")),
            ],
            deadline: 0,
            key: IdempotencyKey(Digest([0; 32])),
        }
    }

    const RULE: &str = r#"
        [[allow]]
        call = "sms.send"
        initiator = ["client"]
        args.1.from = { peer = "bank", service = "credit", function = "check", path = ".ok" }
        rate = "2/min"
        max_bytes = 40
    "#;

    fn verdict(change: impl Fn(&mut Call)) -> String {
        let mut call = send();
        change(&mut call);
        let mut policy = policy(RULE).unwrap();
        policy.check(ME, &call, 0).map_or_else(|reason| reason, |()| "allowed".to_owned())
    }

    fn from(origin: Origin) -> String {
        verdict(|call| call.args[1].origin = origin.clone())
    }

    #[test]
    fn what_a_rule_demands_must_hold_in_every_part() {
        assert_eq!(verdict(|_| {}), "allowed");
        let denied = [
            verdict(|call| call.initiator = EVE),
            from(result(EVE, "credit", "check", ".ok")),
            from(result(BANK, "other", "check", ".ok")),
            from(result(BANK, "credit", "guess", ".ok")),
            from(result(BANK, "credit", "check", "")),
            from(Origin::Literal { peer: CLIENT }),
            from(Origin::Snapshot { peer: BANK }),
            from(Origin::Derived),
            verdict(|call| drop(call.args.pop())),
            verdict(|call| call.args[0].value = Value::text(&"1".repeat(50))),
        ];
        let denied = denied.join("\n");
        let denied = denied.replace(&EVE.to_string(), "EVE").replace(&BANK.to_string(), "BANK");
        insta::assert_snapshot!(denied, @r"
        sms.send is denied: EVE may not start it
        sms.send is denied: argument 1 must come from credit.check.ok of bank, and comes from credit.check.ok of EVE
        sms.send is denied: argument 1 must come from credit.check.ok of bank, and comes from other.check.ok of BANK
        sms.send is denied: argument 1 must come from credit.check.ok of bank, and comes from credit.guess.ok of BANK
        sms.send is denied: argument 1 must come from credit.check.ok of bank, and comes from credit.check of BANK
        sms.send is denied: argument 1 must come from credit.check.ok of bank, and comes from the program
        sms.send is denied: argument 1 must come from credit.check.ok of bank, and comes from a stream as BANK saw it
        sms.send is denied: argument 1 must come from credit.check.ok of bank, and comes from a computation
        sms.send is denied: it has no argument 1
        sms.send is denied: its arguments have 57 bytes, more than 40
        ");
    }

    #[test]
    fn what_no_rule_names_is_denied_or_allowed_as_a_whole() {
        let mut call = send();
        call.function = "list".to_owned();
        let mut strict = policy(RULE).unwrap();
        assert_eq!(
            strict.check(ME, &call, 0),
            Err("sms.list is denied: no rule allows it".to_owned())
        );
        let mut pure = send();
        (pure.service, pure.function) = ("op".to_owned(), "noop".to_owned());
        assert_eq!(strict.check(ME, &pure, 0), Ok(()));
        strict.unlisted = Unlisted::Allow;
        assert_eq!(strict.check(ME, &call, 0), Ok(()));
        let mut own = send();
        (own.service, own.function) = ("peer".to_owned(), "connect".to_owned());
        let denied = "peer.connect is denied: only the peer's own programs may ask for it";
        assert_eq!(strict.check(ME, &own, 0), Err(denied.to_owned()), "even where all is allowed");
        assert_eq!(strict.check(CLIENT, &own, 0), Ok(()), "by the peer itself");
        let mut named = policy("[[allow]]\ncall = \"peer.connect\"").unwrap();
        assert_eq!(named.check(ME, &own, 0), Ok(()), "by a rule");
        let mut whole = policy("[[allow]]\ncall = \"sms.*\"").unwrap();
        assert_eq!(whole.check(ME, &call, 0), Ok(()));
    }

    #[test]
    fn a_rate_is_per_initiator_and_fills_up_again() {
        let rule = "[[allow]]\ncall = \"sms.send\"\nrate = \"2/min\"";
        let mut policy = policy(rule).unwrap();
        let (call, mut other) = (send(), send());
        other.initiator = EVE;
        let allowed = |policy: &mut Policy, call, at| policy.check(ME, call, at).is_ok();
        assert_eq!([0, 0, 0].map(|at| allowed(&mut policy, &call, at)), [true, true, false]);
        assert!(allowed(&mut policy, &other, 0));
        assert_eq!(
            [29_999, 30_000, 30_001].map(|at| allowed(&mut policy, &call, at)),
            [false, true, false]
        );
        assert!(policy.check(ME, &call, 30_001).unwrap_err().ends_with("has used up its 2/min"));
    }

    #[test]
    fn a_rule_that_cannot_be_understood_is_an_error() {
        let error = |fields| policy(&format!("[[allow]]\n{fields}")).unwrap_err().to_string();
        insta::assert_snapshot!(error("call = \"sms\""), @r#""sms" names no call: write service.function, or service.* for all of a service"#);
        insta::assert_snapshot!(error("call = \"a.b\"\ninitiator = [\"eve\"]"), @r#""eve" is no peer of this project and no peer id"#);
        insta::assert_snapshot!(error("call = \"a.b\"\nargs.x.from = {}"), @"`args.x`: arguments are named by their number, from 0");
    }
}
