//! Keys: who may read them, and which ones a peer takes.

use std::os::unix::fs::PermissionsExt;

use crate::harness::{Ended, Folder, aquac, end, run, start};

fn key(folder: &Folder, arguments: &[&str]) -> Ended {
    run(aquac(folder.path(), &[&["key"], arguments].concat()), 5)
}

/// The development seed of this name, as a key file has it.
fn derived(name: &str) -> String {
    aquac_ir::development_seed(name).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_new_key_is_its_owner_s_alone_and_never_written_over() {
    let folder = Folder::with(&[]);
    let made = key(&folder, &["new", "shop"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    assert!(made.stdout.starts_with("12D3Koo"), "{made:?}");
    let path = folder.path().join(".aquac/keys/shop.key");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let secret = std::fs::read_to_string(&path).unwrap();
    let again = key(&folder, &["new", "shop"]);
    assert_eq!((again.code, again.stdout.as_str()), (Some(2), ""), "{again:?}");
    assert!(again.stderr.contains("is there already"), "{again:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), secret);
    let other = key(&folder, &["new", "sub/other.key"]);
    assert_ne!(other.stdout, made.stdout, "every key is another");
    for shown in [key(&folder, &["show", "shop"]), key(&folder, &["show", path.to_str().unwrap()])]
    {
        assert_eq!((shown.code, &shown.stdout, shown.stderr.as_str()), (Some(0), &made.stdout, ""));
        assert!(!shown.stdout.contains(secret.trim()));
    }
    assert_eq!(key(&folder, &["list"]).stdout, format!("shop  {}", made.stdout));
}

#[test]
fn what_is_no_key_is_said() {
    let folder =
        Folder::with(&[("short.key", "0a0b\n"), ("open.key", &format!("{}\n", "0a".repeat(32)))]);
    for (arguments, words) in [
        (&["show", "nobody"][..], "nobody.key"),
        (&["show", "short.key"], "64 hexadecimal digits"),
        (&["new", "a b"], "no name of a key"),
    ] {
        let ended = key(&folder, arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        assert!(ended.stderr.contains(words), "{ended:?}");
    }
    let open = key(&folder, &["show", "open.key"]);
    assert_eq!(open.code, Some(0));
    assert!(open.stderr.contains("others may read"), "{open:?}");
    assert!(key(&folder, &["list"]).stderr.contains("there is no key"));
}

#[test]
fn a_peer_takes_a_key_that_everybody_has_only_for_development() {
    let folder = Folder::with(&[
        ("own.key", &derived("bank")),
        ("telco.key", &derived("telco")),
        ("plain.toml", "name = \"bank\"\n"),
        ("own.toml", "name = \"bank\"\nkey_file = \"own.key\"\n"),
        ("file.toml", "name = \"bank\"\nkey_file = \"telco.key\"\n"),
        ("wide.toml", "name = \"bank\"\ndev = true\nlisten = [\"/ip4/0.0.0.0/tcp/0\"]\n"),
    ]);
    for (file, words) in [
        ("plain.toml", "aquac key new"),
        ("own.toml", "development key of `bank`"),
        ("file.toml", "development key of `telco`"),
        ("wide.toml", "this machine only"),
    ] {
        let ended = run(aquac(folder.path(), &["peer", "--config", file]), 5);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{file}: {ended:?}");
        assert!(ended.stderr.contains(words), "{file}: {ended:?}");
    }
}

#[test]
fn a_peer_with_a_key_of_its_own_has_the_id_that_the_key_has() {
    let folder = Folder::with(&[(
        "peer.toml",
        "name = \"bank\"\nkey_file = \"bank.key\"\nlisten = [\"/ip4/127.0.0.1/tcp/0\"]\n",
    )]);
    let id = key(&folder, &["new", "bank.key"]).stdout;
    let peer = start(aquac(folder.path(), &["peer", "--config", "peer.toml"]));
    std::thread::sleep(std::time::Duration::from_millis(500));
    let pid = peer.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let ended = end(peer, 10);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.starts_with(&format!("ready bank {}", id.trim())), "{ended:?}");
}
