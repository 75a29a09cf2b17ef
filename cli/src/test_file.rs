//! `*_test.toml`: what a program should do when it is simulated.

use std::collections::BTreeMap;

use aquac_ir::Value;
use aquac_services::config::{Answer, Period};
use aquac_sim::Fault;
use serde::Deserialize;

/// The end of such a file's name.
pub(crate) const SUFFIX: &str = "_test.toml";

/// A whole file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestFile {
    /// The program, below the file's folder; `flow.aqua` for `flow_test.toml` if absent.
    pub(crate) program: Option<String>,
    /// `[[test]]`
    #[serde(default)]
    pub(crate) test: Vec<TestTable>,
}

/// One `[[test]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestTable {
    /// A sentence.
    pub(crate) name: String,
    /// What to call, as with `run -f`.
    pub(crate) call: String,
    /// Values for names in the call.
    #[serde(default)]
    pub(crate) data: BTreeMap<String, Value>,
    /// How many seeds, from 1 up.
    pub(crate) seeds: Option<u32>,
    /// How long the particle lives.
    pub(crate) ttl: Option<Period>,
    /// The client's relay, by name.
    pub(crate) relay: Option<String>,
    /// Answers by `service.function` or `peer/service/function`, with `*` and `?`. They come
    /// before the scripted answers of `aqua.toml`.
    #[serde(default)]
    pub(crate) mock: BTreeMap<String, Answer>,
    /// What goes wrong.
    #[serde(default)]
    pub(crate) faults: Vec<Fault>,
    /// What must come of it.
    #[serde(default)]
    pub(crate) expect: Expect,
}

/// `[test.expect]`. Without `result`, `error` or `stuck` the function must only return.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Expect {
    /// The result; an array of several.
    pub(crate) result: Option<Value>,
    /// The run fails, and this is a part of what it says.
    pub(crate) error: Option<String>,
    /// Whether the run gives no result and no failure.
    pub(crate) stuck: bool,
    /// How often services are asked, by the same patterns as in `mock`.
    pub(crate) calls: BTreeMap<String, usize>,
    /// How many frames carry the particle, forwarding included.
    pub(crate) hops: Option<usize>,
    /// The same, at most.
    pub(crate) max_hops: Option<usize>,
}

/// `service.function` as a pattern of `peer/service/function`.
pub(crate) fn pattern(written: &str) -> String {
    match written.rsplit_once('.') {
        Some((service, function)) if !written.contains('/') => format!("*/{service}/{function}"),
        Some(_) | None => written.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_a_function_on_any_peer_or_on_one() {
        assert_eq!(pattern("credit.check"), "*/credit/check");
        assert_eq!(pattern("a.b.check"), "*/a.b/check");
        assert_eq!(pattern("bank/credit/check"), "bank/credit/check");
    }

    #[test]
    fn the_whole_form_is_read() {
        let file: TestFile = toml::from_str(
            r#"
            [[test]]
            name = "a bank is down"
            call = "ask(x)"
            data = { x = [1, 2] }
            seeds = 5
            ttl = "2s"
            mock."credit.check" = { ok = 1 }
            mock."bank/sms/send" = { delay_ms = 5, then = { err = [1, "no"] } }
            faults = [{ at = 5, crash = "bank" }, { drop = { from = "bank", p = 0.5 } }]
            [test.expect]
            result = { a = 1 }
            calls = { "credit.check" = 1 }
            max_hops = 3
            "#,
        )
        .unwrap();
        let test = &file.test[0];
        assert_eq!((test.mock.len(), test.faults.len()), (2, 2));
        assert_eq!(test.expect.calls["credit.check"], 1);
        assert!(toml::from_str::<TestFile>("[[test]]\nname = \"x\"\ncal = \"f()\"").is_err());
    }
}
