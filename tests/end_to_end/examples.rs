//! Every folder of `examples/` is run as its README says, by the real binary over real sockets.
//!
//! A `console` block of a README is a list of commands, each with what it prints: standard output,
//! then standard error. A command succeeds unless `$ echo $?` follows. What the n-th command gave
//! is in `expected/n.stdout`, `n.stderr` and `n.diagram.mmd`; where branches run in parallel the
//! last is `n.parallel.mmd`, and its lines may come in any order. Every `mermaid` block of a README
//! is one of these diagrams. `BLESS=1` rewrites them all, the outputs in the README included.

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::console::{Block, Shown, blocks, words};
use crate::harness::{Ended, Folder, aquac, run, workspace};
use crate::story::one_at_a_time;

/// The longest that one command may take: the first may have to compile a server.
const SECONDS: u64 = 150;

/// What an example directory is made of, beside its sources.
const PARTS: [&str; 4] = ["README.md", "aqua.toml", "src/main.aqua", "expected"];

fn examples() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(workspace().join("examples")).unwrap();
    let mut folders: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn blessing() -> bool {
    std::env::var_os("BLESS").is_some()
}

#[test]
fn every_example_does_what_its_readme_says() {
    let _ports = one_at_a_time();
    let examples = examples();
    assert!(examples.len() >= 12, "only {} examples", examples.len());
    let mut wrong = String::new();
    for folder in &examples {
        let missing: Vec<&str> =
            PARTS.into_iter().filter(|part| !folder.join(part).exists()).collect();
        if missing.is_empty() {
            Example::new(folder).hold(&mut wrong);
        } else {
            writeln!(wrong, "{}: no {}", folder.display(), missing.join(", ")).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_compiler_has_nothing_to_say_about_the_examples() {
    for folder in examples() {
        let ended = run(aquac(&folder, &["check", "--deny", "warnings"]), 60);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{}", folder.display());
    }
}

/// One directory, while it is compared.
struct Example {
    name: String,
    expected: PathBuf,
    readme: PathBuf,
    text: String,
    /// Names of files in `expected/` that a command accounts for.
    used: BTreeSet<String>,
    diagrams: Vec<(String, bool)>,
    wrong: Vec<String>,
}

impl Example {
    fn new(folder: &Path) -> Self {
        let readme = folder.join("README.md");
        Self {
            name: folder.file_name().unwrap().to_string_lossy().into_owned(),
            expected: folder.join("expected"),
            text: std::fs::read_to_string(&readme).unwrap(),
            readme,
            used: BTreeSet::new(),
            diagrams: Vec::new(),
            wrong: Vec::new(),
        }
    }

    /// Runs all commands and compares everything.
    fn hold(mut self, wrong: &mut String) {
        let blocks = blocks(&self.text);
        let mut commands: VecDeque<&Shown> = blocks.iter().flat_map(Block::commands).collect();
        let mut number = 0;
        let mut corrected = self.text.clone();
        while let Some(shown) = commands.pop_front() {
            let code = commands.front().and_then(|next| next.as_exit_code());
            if code.is_some() {
                commands.pop_front();
            }
            number += 1;
            let ended = self.command(number, shown, code.unwrap_or(0));
            let printed = format!("{}{}", ended.stdout, ended.stderr);
            if plain(&printed) != plain(&shown.output) {
                self.wrong.push(differ("README.md shows", &shown.output, &printed));
                corrected = corrected.replacen(
                    &format!("$ {}\n{}", shown.command, shown.output),
                    &format!("$ {}\n{printed}", shown.command),
                    1,
                );
            }
        }
        if number == 0 {
            self.wrong.push("README.md has no command in a `console` block".to_owned());
        }
        self.drawings(&blocks, &mut corrected);
        self.leftovers();
        if blessing() {
            std::fs::write(&self.readme, corrected).unwrap();
            return;
        }
        for problem in &self.wrong {
            writeln!(wrong, "--- {}: {problem}", self.name).unwrap();
        }
    }

    fn command(&mut self, number: usize, shown: &Shown, code: i32) -> Ended {
        let mut all = words(&shown.command);
        assert_eq!(all.first().map(String::as_str), Some("aquac"), "{}", shown.command);
        all.remove(0);
        let scratch = Folder::with(&[]);
        let drawing = scratch.path().join("diagram.mmd").display().to_string();
        let drawn = all.iter().any(|word| word == "run" || word == "--seed");
        if drawn {
            all.extend(["--diagram".to_owned(), drawing.clone()]);
        }
        let arguments: Vec<&str> = all.iter().map(String::as_str).collect();
        let ended = run(aquac(&workspace(), &arguments), SECONDS);
        if ended.code != Some(code) {
            self.wrong
                .push(format!("`{}` ended with {:?}\n{}", shown.command, ended.code, ended.stderr));
        }
        self.golden(&format!("{number}.stdout"), &ended.stdout);
        self.golden(&format!("{number}.stderr"), &plain(&ended.stderr));
        if drawn {
            self.drawn(number, &std::fs::read_to_string(drawing).unwrap_or_default());
        }
        ended
    }

    /// Compares a text with its golden file, which is absent if the text is empty.
    fn golden(&mut self, name: &str, found: &str) {
        let path = self.expected.join(name);
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        self.used.insert(name.to_owned());
        if found == golden {
            return;
        }
        if !blessing() {
            self.wrong.push(differ(&format!("expected/{name}"), &golden, found));
        } else if found.is_empty() {
            std::fs::remove_file(&path).unwrap();
        } else {
            std::fs::write(&path, found).unwrap();
        }
    }

    fn drawn(&mut self, number: usize, found: &str) {
        let parallel = format!("{number}.parallel.mmd");
        let in_any_order = self.expected.join(&parallel).exists();
        if in_any_order {
            let golden = std::fs::read_to_string(self.expected.join(&parallel)).unwrap();
            let same = sorted(found) == sorted(&golden);
            self.golden(&parallel, if same { &golden } else { found });
        } else {
            self.golden(&format!("{number}.diagram.mmd"), found);
        }
        self.diagrams.push((found.to_owned(), in_any_order));
    }

    /// Every diagram in the README is the one of a command.
    fn drawings(&mut self, blocks: &[Block], corrected: &mut String) {
        let shown: Vec<&str> = blocks.iter().filter_map(Block::diagram).collect();
        if shown.is_empty() {
            self.wrong.push("README.md shows no diagram".to_owned());
        }
        for (at, drawing) in shown.into_iter().enumerate() {
            let found = self.diagrams.iter().any(|(diagram, in_any_order)| {
                diagram == drawing || (*in_any_order && sorted(diagram) == sorted(drawing))
            });
            if found {
                continue;
            }
            let (first, _) =
                self.diagrams.get(at).or(self.diagrams.first()).cloned().unwrap_or_default();
            if !drawing.is_empty() && !first.is_empty() {
                *corrected = corrected.replacen(drawing, &first, 1);
            }
            self.wrong.push(differ("a diagram of README.md", drawing, &first));
        }
    }

    /// A golden file that no command accounts for checks nothing.
    fn leftovers(&mut self) {
        for entry in std::fs::read_dir(&self.expected).unwrap() {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            if !self.used.contains(&name) {
                self.wrong.push(format!("expected/{name} belongs to no command"));
            }
        }
    }
}

fn differ(what: &str, golden: &str, found: &str) -> String {
    format!("{what}\n{golden}\nbut it is\n{found}")
}

fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines
}

/// Without what differs from run to run: bytes and milliseconds in the line of the cost.
fn plain(text: &str) -> String {
    let line = |line: &str| match line
        .strip_prefix("finished: ")
        .and_then(|cost| cost.split_once(" hops, "))
    {
        Some((hops, _)) => format!("finished: {hops} hops, …\n"),
        None => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}
