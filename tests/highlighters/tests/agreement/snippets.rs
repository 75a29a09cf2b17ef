//! What VS Code's snippets write is Aqua, in the one style.

use std::collections::BTreeMap;

use aquac_base::SourceId;
use aquac_syntax::{format, parse};
use serde_json::Value;

use crate::corpus;

/// A snippet as it is written when nothing is changed: `${1:name}` and `$1` are the name,
/// `${1/:.*//}` is the name up to a colon, and `$0` is where one goes on.
fn expanded(body: &str, defaults: &mut BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = body;
    while let Some((before, behind)) = rest.split_once('$') {
        out.push_str(before);
        let (inside, after) = match behind.strip_prefix('{') {
            Some(braced) => braced.split_once('}').unwrap(),
            None => behind.split_at(1),
        };
        let end = inside.find([':', '/']).unwrap_or(inside.len());
        let (number, what) = inside.split_at(end);
        if let Some(default) = what.strip_prefix(':') {
            defaults.insert(number.to_owned(), default.to_owned());
        }
        let value = defaults.get(number).map_or("nop()", String::as_str);
        let upto = if what.starts_with('/') { value.split(':').next() } else { None };
        out.push_str(upto.unwrap_or(value));
        rest = after;
    }
    out + rest
}

#[test]
fn what_snippets_write_is_aqua_in_the_one_style() {
    let json: Value =
        serde_json::from_str(&corpus::read("editors/vscode/snippets/aqua.json")).unwrap();
    for (name, snippet) in json.as_object().unwrap() {
        let lines = snippet["body"].as_array().unwrap().iter().map(|line| line.as_str().unwrap());
        let lines: Vec<&str> = lines.collect();
        let first = lines[0].split(' ').next().unwrap();
        let text = match first {
            "aqua" => lines.join("\n").replace("\n\n$0", ""),
            "func" | "service" | "ability" | "data" => format!("aqua A\n\n{}", lines.join("\n")),
            _ => format!("aqua A\n\nfunc f():\n  {}", lines.join("\n  ")),
        };
        let text = expanded(&text, &mut BTreeMap::new()) + "\n";
        assert_eq!(parse(SourceId(0), &text).diagnostics, [], "{name}\n{text}");
        assert_eq!(format(&text).unwrap(), text, "{name}");
    }
}
