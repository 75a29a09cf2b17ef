//! Receipts, as a user makes, checks and reads them.

use crate::harness::{Folder, aquac, run};

const SOURCE: &str = "aqua Story declares *

export notify

service Credit(\"credit\"):
  check(customer: string) -> u32

service Sms(\"sms\"):
  send(phone: string, score: u32) -> string

func notify(customer: string) -> string:
  on BANK:
    score <- Credit.check(customer)
  on TELCO:
    receipt <- Sms.send(\"+1\", score)
  <- receipt
";

const MANIFEST: &str = "[peers.bank]
[[peers.bank.service]]
id = \"credit\"
kind = \"scripted\"
functions.check = { answer = { ok = 720 } }
[peers.telco]
[[peers.telco.service]]
id = \"sms\"
kind = \"scripted\"
functions.send = { answer = { ok = \"sent\" } }
";

fn made() -> Folder {
    let folder = Folder::with(&[("story.aqua", SOURCE), ("aqua.toml", MANIFEST)]);
    let call = ["run", "story.aqua", "-f", "notify(\"alice\")", "--receipt", "a.aqreceipt"];
    let ended = run(aquac(folder.path(), &call), 20);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "\"sent\"\n"), "{ended:?}");
    folder
}

#[test]
fn a_receipt_is_checked_alone_and_tells_the_story_by_lines() {
    let folder = made();
    let ended = run(aquac(folder.path(), &["receipt", "verify", "a.aqreceipt"]), 20);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("proved: 3 turns, every signature holds"), "{ended:?}");
    assert!(ended.stdout.contains("proved: the result is \"sent\""), "{ended:?}");
    let ended = run(aquac(folder.path(), &["receipt", "show", "a.aqreceipt"]), 20);
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert!(lines[0].starts_with("bank       line 13      credit.check(\"alice\")"), "{ended:?}");
    assert!(lines[1].starts_with("telco      line 15      sms.send(\"+1\", "), "{ended:?}");
    assert_eq!(lines[2], "client     line 16      took the result");
}

#[test]
fn a_receipt_of_which_any_byte_was_changed_is_refused() {
    let folder = made();
    let whole = std::fs::read(folder.path().join("a.aqreceipt")).unwrap();
    for at in (0..whole.len()).step_by(97) {
        let mut changed = whole.clone();
        changed[at] ^= 0x10;
        std::fs::write(folder.path().join("b.aqreceipt"), changed).unwrap();
        let ended = run(aquac(folder.path(), &["receipt", "verify", "b.aqreceipt"]), 20);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "byte {at}: {ended:?}");
        assert!(ended.stderr.contains("refused"), "byte {at}: {ended:?}");
    }
}

#[test]
fn a_receipt_has_a_json_form_of_its_verdict_and_its_story() {
    let folder = made();
    let told = |what: &str, file: &str| {
        let ended = run(aquac(folder.path(), &["receipt", what, file, "--format", "json"]), 20);
        let json: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        (ended.code, ended.stderr, json)
    };
    let (code, stderr, verdict) = told("verify", "a.aqreceipt");
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_eq!(verdict["schema"], "aquac.receipt/1");
    assert_eq!(verdict["refused"], serde_json::Value::Null);
    assert_eq!(verdict["initiator"], "client");
    assert_eq!(verdict["turns"], 3);
    assert_eq!(verdict["result"], serde_json::json!({ "ok": ["sent"] }));
    assert_eq!(verdict["believed"], serde_json::json!([]));

    let (_, _, story) = told("show", "a.aqreceipt");
    assert_eq!(story["schema"], "aquac.story/1");
    assert_eq!(story["particle"], verdict["particle"]);
    let first = &story["steps"][0];
    let named = ["peer", "did", "service", "function"].map(|key| first[key].as_str().unwrap());
    assert_eq!(named, ["bank", "call", "credit", "check"]);
    assert_eq!((&first["line"], &first["turn"]), (&13.into(), &1.into()));
    assert_eq!(first["args"], serde_json::json!([{ "value": "alice" }]));

    let mut damaged = std::fs::read(folder.path().join("a.aqreceipt")).unwrap();
    damaged[200] ^= 1;
    std::fs::write(folder.path().join("b.aqreceipt"), damaged).unwrap();
    for what in ["verify", "show"] {
        let (code, stderr, refusal) = told(what, "b.aqreceipt");
        assert_eq!((code, stderr.as_str()), (Some(1), ""));
        assert_eq!(refusal["schema"], "aquac.receipt/1");
        assert!(refusal["refused"].is_string(), "{refusal}");
    }
}

#[test]
fn what_is_no_receipt_is_refused_whatever_it_is() {
    let folder = made();
    let whole = std::fs::read(folder.path().join("a.aqreceipt")).unwrap();
    let files: [(&str, &[u8]); 3] = [
        ("empty", &[]),
        ("short", &whole[..whole.len() / 2]),
        ("long", &[&whole[..], b"x"].concat()),
    ];
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    for (file, words) in [
        ("empty", "empty is refused: this is not a receipt"),
        ("short", "short is refused: the receipt is damaged"),
        ("long", "long is refused: the receipt is damaged"),
        (".", "cannot read .: is a directory"),
        ("missing", "cannot read missing: no such file or directory"),
        // Never ends.
        ("/dev/zero", "cannot read /dev/zero: it has more than 268435456 bytes"),
    ] {
        for what in ["verify", "show"] {
            let ended = run(aquac(folder.path(), &["receipt", what, file]), 30);
            assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{file}: {ended:?}");
            assert_eq!(ended.stderr.trim_end(), format!("error: {words}"), "{file}");
        }
    }
}
