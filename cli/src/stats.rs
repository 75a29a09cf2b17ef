//! What a run cost, peer by peer: `--stats`.

use std::collections::BTreeMap;

use aquac_host::Counters;

/// The table, for people.
pub(crate) fn table(counted: &[(String, Counters)]) -> String {
    let wide = counted.iter().map(|(name, _)| name.len()).max().unwrap_or(0).max(4);
    let mut text = format!(
        "{:wide$}  {:>6}  {:>6}  {:>6}  {:>8}  {:>10}  {:>8}  {:>10}\n",
        "peer", "calls", "failed", "turns", "sent", "bytes", "received", "bytes"
    );
    let mut dropped: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, counters) in counted {
        let Counters { calls, failed_calls, turns, .. } = counters;
        let sum = |what: &dyn Fn(&aquac_host::LinkCounters) -> u64| -> u64 {
            counters.links.values().map(what).sum()
        };
        text.push_str(&format!(
            "{name:wide$}  {calls:>6}  {failed_calls:>6}  {turns:>6}  {:>8}  {:>10}  {:>8}  {:>10}\n",
            sum(&|link| link.sent.parcels),
            sum(&|link| link.sent.bytes),
            sum(&|link| link.received.parcels),
            sum(&|link| link.received.bytes),
        ));
        for (reason, count) in &counters.dropped {
            *dropped.entry(reason).or_default() += count;
        }
    }
    for (reason, count) in dropped {
        text.push_str(&format!("dropped ({reason}): {count}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_drop_is_said_with_its_reason() {
        let mut counters = Counters { calls: 2, turns: 1, ..Counters::default() };
        counters.dropped.insert("expired", 3);
        let text = table(&[("bank".to_owned(), counters)]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[1],
            "bank       2       0       1         0           0         0           0"
        );
        assert_eq!(lines[2], "dropped (expired): 3");
    }
}
