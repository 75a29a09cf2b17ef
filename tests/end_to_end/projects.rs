//! From `aquac new` to a tested project, and the commands around it.

use std::path::Path;

use crate::console::words;
use crate::harness::{Ended, Folder, aquac, run};

fn call(folder: &Path, arguments: &[&str]) -> Ended {
    run(aquac(folder, arguments), 60)
}

#[test]
fn what_new_prints_works_for_every_template() {
    for template in ["hello", "chain", "fanout", "service"] {
        let folder = Folder::with(&[]);
        let made = call(folder.path(), &["new", "my project", "--template", template]);
        assert_eq!(made.code, Some(0), "{made:?}");
        let next: Vec<Vec<String>> = made
            .stdout
            .lines()
            .filter_map(|line| line.strip_prefix("  aquac "))
            .map(words)
            .collect();
        assert_eq!(next.len(), 2, "{made:?}");
        for arguments in next {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let ended = call(folder.path(), &arguments);
            assert_eq!(ended.code, Some(0), "{template}: {arguments:?}: {ended:?}");
            assert!(!ended.stdout.is_empty(), "{template}: {arguments:?} says nothing");
        }
        let project = folder.path().join("my project");
        for quiet in [&["check", "--deny", "warnings"][..], &["fmt", "--check"]] {
            let ended = call(&project, quiet);
            assert_eq!((ended.code, ended.stdout + &ended.stderr), (Some(0), String::new()));
        }
    }
}

#[test]
fn new_does_not_touch_what_is_there() {
    let folder = Folder::with(&[("mine/notes.txt", "keep")]);
    let ended = call(folder.path(), &["new", "mine"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(!folder.path().join("mine/aqua.toml").exists());
}

#[test]
fn a_failed_test_names_the_seed_and_the_command_that_plays_it_again() {
    let folder = Folder::with(&[]);
    assert_eq!(call(folder.path(), &["new", "shop", "--template", "chain"]).code, Some(0));
    folder.write(
        "shop/src/main_test.toml",
        "[[test]]\nname = \"it's the other order\"\ncall = 'pay(\"ada\", 30)'\n\
         [test.expect]\nresult = \"order-2\"\n",
    );
    let ended = call(folder.path(), &["test"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let again = ended.stdout.lines().find_map(|line| line.trim().strip_prefix("again: aquac "));
    let again = again.unwrap_or_else(|| panic!("no command in {ended:?}"));
    assert_eq!(again, "test shop/src/main_test.toml --only 'it'\\''s the other order' --seed 1");
    let arguments = ["test", "--only", "it's the other order", "--seed", "1", "--diagram", "-"];
    let replayed = call(folder.path(), &arguments);
    assert_eq!(replayed.code, Some(1));
    assert!(replayed.stdout.contains("bank->>shop: particle"), "{replayed:?}");
}

#[test]
fn a_test_sees_order_failure_calls_and_hops() {
    let folder = Folder::with(&[]);
    assert_eq!(call(folder.path(), &["new", "shop", "--template", "chain"]).code, Some(0));
    let test = |name: &str, more: &str| {
        format!("[[test]]\nname = \"{name}\"\ncall = 'pay(\"ada\", 30)'\n{more}\n")
    };
    let expectations = [
        ("one hop too many", "[test.expect]\nmax_hops = 2", "at most 2 hops, but there were 3"),
        (
            "a call too few",
            "[test.expect]\ncalls = { \"bank/account/charge\" = 2 }",
            "there were 1",
        ),
        ("no failure", "[test.expect]\nerror = \"x\"", "it returned \"order-1\""),
        ("not stuck", "[test.expect]\nstuck = true", "it returned \"order-1\""),
        ("a failure", "mock.\"orders.ship\" = { err = [1, \"no stock\"] }", "it failed: "),
        ("a dead peer", "faults = [{ at = 0, crash = \"shop\" }]", "cannot be reached: `shop`"),
    ];
    let file: String = expectations.iter().map(|(name, more, _)| test(name, more)).collect();
    folder.write("shop/src/main_test.toml", &file);
    let ended = call(folder.path(), &["test", "shop", "--seeds", "3"]);
    assert_eq!(ended.code, Some(1));
    for (name, _, words) in expectations {
        let at = ended.stdout.find(&format!("FAILED  {name}, with seed 1")).unwrap();
        let rest = &ended.stdout[at + 1..];
        let own = &rest[..rest.find("again:").unwrap()];
        assert!(own.contains(words), "`{words}` is missing in\n{own}");
    }
}

#[test]
fn a_fault_of_nobody_is_a_mistake() {
    let folder = Folder::with(&[]);
    assert_eq!(call(folder.path(), &["new", "shop", "--template", "chain"]).code, Some(0));
    folder.write(
        "shop/src/main_test.toml",
        "[[test]]\nname = \"x\"\ncall = 'pay(\"a\", 1)'\nfaults = [{ at = 0, crash = \"bnak\" }]\n",
    );
    let ended = call(folder.path(), &["test", "shop"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("there is no peer `bnak`"), "{ended:?}");
}

#[test]
fn a_simulation_is_one_json_object() {
    let program = "aqua P\n\nservice Echo(\"echo\"):\n  say(x: u32) -> u32\n\n\
                   func main(peer: string, x: u32) -> u32:\n  on peer:\n    y <- Echo.say(x)\n  <- y\n";
    let job = |program: &str| {
        format!(
            "{{\"peers\": [\"A\", \"B\"], \"init\": \"A\", \"program\": {program}, \
             \"args\": {{\"peer\": \"@B\", \"x\": 3}}, \"services\": [[\"B/echo/say\", \"echo\"]]}}"
        )
    };
    let air = r#"{"air": "(seq (call \"@B\" (\"echo\" \"say\") [3] x) (call \"@A\" (\"callbackSrv\" \"response\") [x]))"}"#;
    let folder = Folder::with(&[
        ("jobs/p.aqua", program),
        ("jobs/aqua.json", &job(r#"{"aqua": "p.aqua", "function": "main"}"#)),
        ("jobs/air.json", &job(air)),
        ("jobs/worse.json", &job(&air.replace("(seq", "(seqq"))),
    ]);
    for name in ["jobs/aqua.json", "jobs/air.json"] {
        let ended = call(folder.path(), &["sim", name]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let outcome: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(outcome["response"], serde_json::json!([3]), "{outcome}");
        assert_eq!(outcome["messages"][0]["to"], "B");
    }
    let two = call(folder.path(), &["sim", "jobs/aqua.json", "--seeds", "2"]);
    assert_eq!(two.stdout.lines().count(), 2);
    let ended = call(folder.path(), &["sim", "jobs/worse.json"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("program.air:1:2"), "{ended:?}");
    folder.write("jobs/air.json", "{");
    assert_eq!(call(folder.path(), &["sim", "jobs/air.json"]).code, Some(2));
}

#[test]
fn fmt_writes_or_lists() {
    let folder = Folder::with(&[
        ("good.aqua", "aqua Good\n"),
        ("bad.aqua", "aqua   Bad\nfunc  f( a:u32 )->u32 :\n     <-  a\n"),
    ]);
    let listed = call(folder.path(), &["fmt", "--check"]);
    assert_eq!((listed.code, listed.stdout.as_str()), (Some(1), "bad.aqua\n"));
    assert_eq!(call(folder.path(), &["fmt"]).code, Some(0));
    assert_eq!(call(folder.path(), &["fmt", "--check"]).code, Some(0));
    let text = std::fs::read_to_string(folder.path().join("bad.aqua")).unwrap();
    assert_eq!(text, "aqua Bad\n\nfunc f(a: u32) -> u32:\n  <- a\n");
}

#[test]
fn the_help_fits_a_screen_and_completes_and_has_pages() {
    let folder = Folder::with(&[]);
    let help = call(folder.path(), &["--help"]);
    assert!(help.stdout.lines().count() <= 24, "{}", help.stdout);
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = call(folder.path(), &["completions", shell]);
        for word in ["explain", "heal", "particle", "trace"] {
            assert!(script.stdout.contains(word), "{shell}: no {word}");
        }
    }
    assert!(call(folder.path(), &["man"]).stdout.contains(".TH aquac 1"));
    assert_eq!(call(folder.path(), &["man", "pages"]).code, Some(0));
    for page in ["aquac-run", "aquac-net-cut", "aquac-key-new", "aquac-receipt-verify"] {
        let text = std::fs::read_to_string(folder.path().join(format!("pages/{page}.1"))).unwrap();
        assert!(text.contains(&format!(".TH {page} 1")), "{text}");
    }
    assert!(!folder.path().join("pages/aquac-net-member.1").exists(), "nobody types that");
}

#[test]
fn info_says_which_manifest_is_meant() {
    let folder = Folder::with(&[("aqua.toml", "[peers.bank]\n")]);
    let info = call(folder.path(), &["info", "--json"]);
    let info: serde_json::Value = serde_json::from_str(&info.stdout).unwrap();
    assert_eq!(info["manifest"], "aqua.toml");
    assert_eq!(info["peers"], serde_json::json!(["bank", "client"]));
    let commands = info["commands"].as_array().unwrap();
    assert!(commands.contains(&"net".into()) && commands.contains(&"key".into()), "{commands:?}");
    assert_eq!(info["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn a_reader_that_goes_away_is_no_bug() {
    let folder = Folder::with(&[]);
    for arguments in [&["explain"][..], &["completions", "zsh"], &["man"], &["info"]] {
        let mut command = aquac(folder.path(), arguments);
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{arguments:?}: {ended:?}");
    }
}
