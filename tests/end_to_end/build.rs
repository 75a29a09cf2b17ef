//! `aquac build`, as a user starts it: what it writes, prints, refuses and watches.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::harness::{Ended, Folder, aquac, run};

const CHAIN: &str = "aqua Chain declares *

export main as start

service Tool(\"tool\"):
  get(key: string) -> string

func main(p: string, q: string) -> string:
  on p:
    x <- Tool.get(\"a\")
  on q:
    y <- Tool.get(x)
  <- y
";

const CHAIN_TABLE: &str = "start, chain.aqua: a program of 82 bytes; 5 hops, 3 round trips, about 2915 + |x| + 2 * |y| bytes
line  peer       step                    cost                           way
  10  p          x <- \"tool\".\"get\"(\"a\")  +2 hops, 1168 bytes            initiator > host > p  with program (82 bytes)
  12  q          y <- \"tool\".\"get\"(x)    +1 hop, 739 + |x| bytes        p > q  with program (82 bytes), x
  13  initiator  return y                +2 hops, 1008 + 2 * |y| bytes  q > host > initiator  with y
";

const CHAIN_DIAGRAM: &str = "sequenceDiagram
    %% start, chain.aqua
    %% 5 hops, 3 round trips, about 2915 + |x| + 2 * |y| bytes
    participant initiator
    participant host
    participant p
    participant q
    initiator->>host: program (82 bytes)
    host-->>p: passed on
    Note over p: line 10, +2 hops, 1168 bytes, x <- \"tool\".\"get\"(\"a\")
    p->>q: program (82 bytes), x
    Note over q: line 12, +1 hop, 739 + |x| bytes, y <- \"tool\".\"get\"(x)
    q->>host: y
    host-->>initiator: passed on
    Note over initiator: line 13, +2 hops, 1008 + 2 * |y| bytes, return y
";

const LIMIT: &str = "aqua Limit declares *

export main

import shared from \"shared.aqua\"

const LIMIT ?= 5

service Tool(\"tool\"):
  put(n: u32)

func main():
  on HOST_PEER_ID:
    Tool.put(LIMIT)
    shared()
";

const SHARED: &str = "aqua Shared declares *

service Tool(\"tool\"):
  put(n: u32)

func shared():
  Tool.put(1)
";

/// A program without `import`.
fn alone() -> String {
    LIMIT.replace("import shared from \"shared.aqua\"\n", "").replace("    shared()\n", "")
}

fn build(folder: &Folder, arguments: &[&str]) -> Ended {
    run(aquac(folder.path(), &[&["build"], arguments].concat()), 20)
}

#[test]
fn a_program_is_called_what_it_is_exported_as() {
    let folder = Folder::with(&[("src/chain.aqua", CHAIN), ("aqua.toml", "")]);
    let ended = build(&folder, &[]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stderr.starts_with("wrote out/chain.start.aqir ("), "{ended:?}");
    let debug = std::fs::read(folder.path().join("out/chain.start.aqdbg")).unwrap();
    let debug = aquac_ir::Debug::from_bytes(&debug).unwrap();
    assert_eq!((debug.function.as_str(), debug.parameters.len()), ("start", 2));
}

#[test]
fn the_way_is_a_table_with_lines_peers_relays_and_what_is_carried() {
    let folder = Folder::with(&[("chain.aqua", CHAIN)]);
    let ended = build(&folder, &["chain.aqua", "--route"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert_eq!(ended.stdout, CHAIN_TABLE);
    assert!(!folder.path().join("out").exists());
}

#[test]
fn the_way_is_a_diagram_of_who_is_passed() {
    let folder = Folder::with(&[("chain.aqua", CHAIN)]);
    let ended = build(&folder, &["--route=mermaid", "chain.aqua"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert_eq!(ended.stdout, CHAIN_DIAGRAM);
}

#[test]
fn without_a_relay_the_host_is_the_initiator() {
    let folder = Folder::with(&[("limit.aqua", &alone())]);
    let placed = |more: &[&str]| build(&folder, &[&["--emit", "placed"], more].concat()).stdout;
    assert_eq!(placed(&[]), "call \"tool\".\"put\"(5) @ host\n");
    assert_eq!(placed(&["--no-relay"]), "call \"tool\".\"put\"(5) @ initiator\n");
    let air = build(&folder, &["--no-relay", "--emit", "air"]).stdout;
    assert!(!air.contains("-relay-"), "{air}");
    assert!(build(&folder, &["--emit", "air"]).stdout.contains("-relay-"));
}

#[test]
fn every_project_below_a_folder_is_built_with_its_own_manifest_into_a_folder_of_its_own() {
    let of = |limit: &str| format!("[project]\nconstants = {{ LIMIT = {limit} }}\n");
    let folder = Folder::with(&[
        ("one/aqua.toml", &of("11")),
        ("one/src/main.aqua", &alone()),
        ("two/aqua.toml", &of("22")),
        ("two/src/main.aqua", &alone()),
        ("free/main.aqua", &alone()),
    ]);
    let ended = build(&folder, &["--target", "air"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let read = |path: &str| std::fs::read_to_string(folder.path().join(path)).unwrap();
    assert!(read("out/one/main.main.air").contains("[11]"), "{ended:?}");
    assert!(read("out/two/main.main.air").contains("[22]"));
    assert!(read("out/free/main.main.air").contains("[5]"));
    // What is given on the command line counts everywhere; one project needs no folder.
    let ended = build(&folder, &["one", "--const", "LIMIT=33", "--target", "air", "-o", "air"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(read("air/main.main.air").contains("[33]"));
}

#[test]
fn a_mistake_in_one_project_stops_only_that_one() {
    let folder = Folder::with(&[
        ("good/aqua.toml", ""),
        ("good/main.aqua", &alone()),
        ("bad/aqua.toml", ""),
        ("bad/main.aqua", &alone().replace("LIMIT)", "LIMITS)")),
    ]);
    let ended = build(&folder, &["--format", "short"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("bad/main.aqua:13:14: error[AQ0201]"), "{ended:?}");
    assert!(ended.stderr.contains("wrote out/good/main.main.aqir"), "{ended:?}");
    assert!(!folder.path().join("out/bad").exists());
}

#[test]
fn two_programs_are_never_written_to_one_file() {
    let folder = Folder::with(&[("aqua.toml", ""), ("src/x.aqua", &alone()), ("x.aqua", &alone())]);
    let ended = build(&folder, &[]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended.stderr.contains("two functions would be written to out/x.main.aqir"),
        "{ended:?}"
    );
}

#[test]
fn imports_are_looked_up_where_the_command_line_says() {
    let folder = Folder::with(&[("limit.aqua", LIMIT), ("elsewhere/shared.aqua", SHARED)]);
    let missing = build(&folder, &["limit.aqua", "--format", "short"]);
    assert_eq!(missing.code, Some(1), "{missing:?}");
    assert!(missing.stderr.contains("limit.aqua:5:20: error[AQ0205]"), "{missing:?}");
    let found = build(&folder, &["limit.aqua", "--import", "elsewhere"]);
    assert_eq!(found.code, Some(0), "{found:?}");
    assert!(folder.path().join("out/limit.main.aqir").is_file());
    let nowhere = build(&folder, &["limit.aqua", "--import", "nowhere", "--format", "short"]);
    assert_eq!(nowhere.code, Some(1), "{nowhere:?}");
}

#[test]
fn a_constant_that_cannot_be_one_is_a_wrong_command() {
    let folder = Folder::with(&[("limit.aqua", &alone())]);
    for (given, says) in [
        ("LIMIT", "write NAME=VALUE"),
        ("limit=7", "constant names are upper case"),
        ("=7", "constant names are upper case"),
        ("LIMIT=[1]", "the value must be true, false, a number, or a string in quotes"),
        ("LIMIT=", "the value must be true, false, a number, or a string in quotes"),
    ] {
        let ended = build(&folder, &["limit.aqua", "--const", given]);
        assert_eq!(ended.code, Some(2), "{given}: {ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1, "{given}: {ended:?}");
        assert!(ended.stderr.contains(says), "{given}: {ended:?}");
    }
    // One that does not fit where it is used is a mistake of the text, at that place.
    let ended = build(&folder, &["limit.aqua", "--const", "LIMIT=-1", "--format", "short"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("limit.aqua:13:14: error[AQ0313]"), "{ended:?}");
}

#[test]
fn nothing_exported_is_a_warning_and_no_file() {
    let folder = Folder::with(&[("shared.aqua", SHARED)]);
    let ended = build(&folder, &["--format", "short"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stderr.contains("warning[AQ0703]"), "{ended:?}");
    assert!(!folder.path().join("out").exists());
}

#[test]
fn a_program_that_is_text_is_read_checked_and_written() {
    let folder = Folder::with(&[("chain.aqua", CHAIN)]);
    let text = build(&folder, &["chain.aqua", "--emit", "ir"]).stdout;
    folder.write("chain.aqirt", &text);
    assert_eq!(build(&folder, &["chain.aqirt", "--emit", "ir"]).stdout, text);
    let ended = build(&folder, &["chain.aqirt", "chain.aqua"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let read = |name: &str| std::fs::read(folder.path().join("out").join(name)).unwrap();
    assert_eq!(read("chain.aqir"), read("chain.start.aqir"));
    let air = build(&folder, &["chain.aqirt", "--emit", "air"]).stdout;
    assert!(air.contains("(\"getDataSrv\" \"arg0\")"), "{air}");
}

#[test]
fn a_text_that_is_no_program_is_refused_where_it_is_wrong() {
    let folder = Folder::with(&[("chain.aqua", CHAIN)]);
    let text = build(&folder, &["chain.aqua", "--emit", "ir"]).stdout;
    let line = text.lines().position(|line| line.contains("call")).unwrap() + 1;
    folder.write("bad.aqirt", &text.replacen("call", "cull", 1));
    let ended = build(&folder, &["bad.aqirt"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains(&format!("bad.aqirt:{line}:")), "{ended:?}");
    assert!(ended.stderr.contains("`cull` is no word of this language"), "{ended:?}");
    folder.write("good.aqirt", &text);
    for more in [["--emit", "placed"].as_slice(), &["--route"]] {
        let ended = build(&folder, &[&["good.aqirt"], more].concat());
        assert_eq!(ended.code, Some(2), "{ended:?}");
    }
    assert_eq!(build(&folder, &["nowhere.aqirt"]).code, Some(1));
}

/// A running `aquac build --watch`, killed at the end.
struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    fn start(folder: &Folder, arguments: &[&str]) -> Self {
        let mut command = aquac(folder.path(), &[&["build", "--watch"], arguments].concat());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || {
            stderr.lines().map_while(Result::ok).for_each(|line| {
                let _gone = send.send(line);
            });
        });
        Self { child, lines }
    }

    /// What is said until the end of the next status block.
    #[track_caller]
    fn block(&self) -> String {
        let mut text = String::new();
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(20));
            let line = line.unwrap_or_else(|_| panic!("it says no more than:\n{text}"));
            text.push_str(&line);
            text.push('\n');
            if line.starts_with("   watching") {
                return text;
            }
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

#[test]
fn a_watched_program_is_built_again_until_it_is_interrupted() {
    let folder = Folder::with(&[("aqua.toml", ""), ("src/limit.aqua", &alone())]);
    let mut watching = Watching::start(&folder, &["--target", "air"]);
    let first = watching.block();
    assert!(first.contains("── build 1\n   result    1 program, "), "{first}");
    assert!(first.ends_with("   watching  2 files; Ctrl-C ends\n"), "{first}");
    // A mistake is shown, and the old program stays.
    folder.write("src/limit.aqua", &alone().replace("LIMIT)", "LIMITS)"));
    let second = watching.block();
    assert!(second.contains("error[AQ0201]"), "{second}");
    assert!(second.contains("   changed   src/limit.aqua\n   result    0 programs, 1 error, "));
    // What is mended is built.
    folder.write("src/limit.aqua", &alone().replace("?= 5", "?= 678"));
    let third = watching.block();
    assert!(third.contains("── build 3\n   changed   src/limit.aqua\n   result    1 program, "));
    let air = folder.path().join("out/limit.main.air");
    assert!(std::fs::read_to_string(air).unwrap().contains("[678]"));
    // So is what the manifest says, and what is new.
    folder.write("aqua.toml", "[project]\nconstants = { LIMIT = 9 }\n");
    assert!(watching.block().contains("   changed   aqua.toml\n"));
    folder.write("src/more.aqua", CHAIN);
    let fifth = watching.block();
    assert!(fifth.contains("   changed   src/more.aqua\n   result    2 programs, "), "{fifth}");
    // A manifest that is wrong is a mistake like others.
    folder.write("aqua.toml", "[porject]\n");
    let sixth = watching.block();
    assert!(sixth.contains("unknown field `porject`"), "{sixth}");
    assert!(sixth.contains("   result    nothing was built, "), "{sixth}");

    let id = watching.child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(watching.child.wait().unwrap().code(), Some(130));
}

#[test]
fn a_module_that_was_missing_is_found_when_it_appears() {
    let folder = Folder::with(&[("limit.aqua", LIMIT)]);
    let watching = Watching::start(&folder, &["limit.aqua"]);
    assert!(watching.block().contains("error[AQ0205]"));
    folder.write("shared.aqua", SHARED);
    assert!(watching.block().contains("   result    1 program, "));
}

#[test]
fn a_command_that_is_wrong_is_not_watched() {
    let folder = Folder::with(&[("limit.aqua", &alone())]);
    let ended = build(&folder, &["--watch", "--const", "LIMIT"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
}

#[test]
fn a_program_belongs_to_the_module_that_exports_it() {
    let main =
        "aqua Main declares *\n\nimport shared from \"shared.aqua\"\n\nexport shared as put\n";
    let folder = Folder::with(&[("main.aqua", main), ("shared.aqua", SHARED)]);
    let ended = build(&folder, &["main.aqua"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stderr.starts_with("wrote out/main.put.aqir ("), "{ended:?}");
}
