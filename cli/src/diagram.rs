//! Who talked to whom, as a Mermaid sequence diagram.

use aquac_ir::{Value, to_json};

/// Something that happened in a run, in the order in which it was seen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Event {
    /// The particle went over a link.
    Hop {
        /// From whom.
        from: String,
        /// To whom.
        to: String,
        /// Whether `from` only passed it on.
        forwarded: bool,
    },
    /// A service was asked.
    Call {
        /// On which peer.
        peer: String,
        /// `service.function`.
        function: String,
        /// The arguments.
        args: Vec<Value>,
    },
    /// A service answered.
    Answer {
        /// On which peer.
        peer: String,
        /// `service.function`.
        function: String,
        /// The value as JSON, or the error in words.
        result: Result<Value, String>,
    },
}

/// Longest text of an argument or result in a diagram; longer ones are cut.
const MAX_TEXT: usize = 40;

/// The diagram of these events; the participants in the order of their first appearance.
pub(crate) fn mermaid(events: &[Event]) -> String {
    let mut participants: Vec<&str> = Vec::new();
    let mut see = |name| {
        if !participants.contains(&name) {
            participants.push(name);
        }
    };
    for event in events {
        match event {
            Event::Hop { from, to, .. } => {
                see(from);
                see(to);
            }
            Event::Call { peer, .. } | Event::Answer { peer, .. } => see(peer),
        }
    }
    let mut text = "sequenceDiagram\n".to_owned();
    for name in participants {
        text.push_str(&format!("    participant {name}\n"));
    }
    for event in events {
        text.push_str(&line(event));
    }
    text
}

fn line(event: &Event) -> String {
    match event {
        Event::Hop { from, to, forwarded: false } => format!("    {from}->>{to}: particle\n"),
        Event::Hop { from, to, forwarded: true } => format!("    {from}-->>{to}: passed on\n"),
        Event::Call { peer, function, args } => {
            let args: Vec<String> = args.iter().map(|value| cut(&to_json(value))).collect();
            format!("    Note over {peer}: {function}({})\n", args.join(", "))
        }
        Event::Answer { peer, function, result } => match result {
            Ok(value) => format!("    Note over {peer}: {function} = {}\n", cut(&to_json(value))),
            Err(why) => format!("    Note over {peer}: {function} failed, {}\n", cut(why)),
        },
    }
}

/// Short, and without what Mermaid reads as its own: line breaks, `;` and `#`.
fn cut(text: &str) -> String {
    let plain = |c: char| if matches!(c, ';' | '#' | '\n' | '\r') { ' ' } else { c };
    let short: String = text.chars().take(MAX_TEXT).map(plain).collect();
    if text.chars().nth(MAX_TEXT).is_some() { format!("{short}…") } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn participants_stand_in_the_order_of_their_appearance() {
        let hop = |from: &str, to: &str, forwarded| Event::Hop {
            from: from.to_owned(),
            to: to.to_owned(),
            forwarded,
        };
        let call = Event::Call {
            peer: "bank".to_owned(),
            function: "credit.check".to_owned(),
            args: vec![Value::text("alice; #1")],
        };
        let events = [hop("client", "bank", false), call, hop("bank", "relay", true)];
        assert_eq!(
            mermaid(&events),
            "sequenceDiagram\n    participant client\n    participant bank\n    participant relay\n    \
             client->>bank: particle\n    Note over bank: credit.check(\"alice   1\")\n    \
             bank-->>relay: passed on\n"
        );
    }
}
