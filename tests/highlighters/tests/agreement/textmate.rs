//! TextMate grammar + text → the scopes of every token, as VS Code computes them.
//!
//! The part of the format that our grammars use, and nothing else: `match`, `begin`/`end`,
//! captures with patterns of their own, `include`. An unknown key is a panic. That the rules are
//! those of the real engine is held by its snapshots in `editors/textmate/test/snapshots`.

use std::collections::BTreeMap;

use fancy_regex::Regex;
use serde_json::Value;

type Captures<'t> = fancy_regex::Captures<'t, str>;

/// A grammar that is ready to be used.
pub(crate) struct Grammar {
    scope: String,
    rules: Vec<Rule>,
    /// Names of the repository, by rule.
    named: BTreeMap<String, usize>,
}

enum Rule {
    /// Only patterns: the grammar itself, an entry of the repository.
    Group(Vec<Pattern>),
    Match {
        find: Finder,
        name: Option<String>,
        captures: Marks,
    },
    Block {
        begin: Finder,
        end: Box<Finder>,
        name: Option<String>,
        begin_captures: Marks,
        end_captures: Marks,
        patterns: Vec<Pattern>,
    },
}

#[derive(Clone)]
enum Pattern {
    Rule(usize),
    Named(String),
}

/// What to do with the groups of a match, by their number.
type Marks = BTreeMap<usize, Mark>;

struct Mark {
    name: Option<String>,
    /// A group rule whose patterns are applied to the captured text.
    inside: Option<usize>,
}

/// A regular expression. `\G` matches only where the block before has ended.
struct Finder {
    at_anchor: Regex,
    elsewhere: Regex,
}

impl Finder {
    fn new(source: &Value) -> Self {
        let source = source.as_str().unwrap();
        let compile = |text: &str| Regex::new(&format!("(?m){text}")).unwrap();
        Self { at_anchor: compile(source), elsewhere: compile(&source.replace("\\G", "(?!)")) }
    }

    fn at<'t>(&self, text: &'t str, from: usize, anchor: Option<usize>) -> Option<Captures<'t>> {
        let regex = if anchor == Some(from) { &self.at_anchor } else { &self.elsewhere };
        regex.captures_from_pos(text, from).unwrap()
    }
}

impl Grammar {
    /// Reads the text of a `.tmLanguage.json`.
    pub(crate) fn read(text: &str) -> Self {
        let json: Value = serde_json::from_str(text).unwrap();
        let scope = json["scopeName"].as_str().unwrap().to_owned();
        let mut grammar = Self { scope, rules: Vec::new(), named: BTreeMap::new() };
        grammar.rules.push(Rule::Group(Vec::new()));
        for (name, rule) in json["repository"].as_object().into_iter().flatten() {
            let Pattern::Rule(rule) = grammar.pattern(rule) else { panic!("{name} is an include") };
            grammar.named.insert(name.clone(), rule);
        }
        grammar.rules[0] = Rule::Group(grammar.patterns(&json["patterns"]));
        grammar
    }

    fn patterns(&mut self, list: &Value) -> Vec<Pattern> {
        list.as_array().into_iter().flatten().map(|rule| self.pattern(rule)).collect()
    }

    fn pattern(&mut self, json: &Value) -> Pattern {
        let known = [
            "match",
            "name",
            "captures",
            "begin",
            "end",
            "beginCaptures",
            "endCaptures",
            "patterns",
            "include",
        ];
        for key in json.as_object().unwrap().keys() {
            assert!(known.contains(&key.as_str()), "this engine knows no `{key}`");
        }
        if let Some(name) = json["include"].as_str() {
            return Pattern::Named(name.strip_prefix('#').unwrap().to_owned());
        }
        let name = json["name"].as_str().map(str::to_owned);
        let rule = if !json["match"].is_null() {
            let captures = self.marks(&json["captures"]);
            Rule::Match { find: Finder::new(&json["match"]), name, captures }
        } else if !json["begin"].is_null() {
            assert!(json["captures"].is_null());
            Rule::Block {
                begin: Finder::new(&json["begin"]),
                end: Box::new(Finder::new(&json["end"])),
                name,
                begin_captures: self.marks(&json["beginCaptures"]),
                end_captures: self.marks(&json["endCaptures"]),
                patterns: self.patterns(&json["patterns"]),
            }
        } else {
            Rule::Group(self.patterns(&json["patterns"]))
        };
        self.rules.push(rule);
        Pattern::Rule(self.rules.len() - 1)
    }

    fn marks(&mut self, json: &Value) -> Marks {
        let mut marks = Marks::new();
        for (group, mark) in json.as_object().into_iter().flatten() {
            let inside = mark["patterns"].is_array().then(|| {
                let patterns = self.patterns(&mark["patterns"]);
                self.rules.push(Rule::Group(patterns));
                self.rules.len() - 1
            });
            let name = mark["name"].as_str().map(str::to_owned);
            marks.insert(group.parse().unwrap(), Mark { name, inside });
        }
        marks
    }

    /// The rules that a rule's patterns lead to, in order, includes followed.
    fn leaves(&self, rule: usize, found: &mut Vec<usize>) {
        let patterns = match &self.rules[rule] {
            Rule::Group(patterns) | Rule::Block { patterns, .. } => patterns,
            Rule::Match { .. } => return,
        };
        for pattern in patterns {
            let next = match pattern {
                Pattern::Rule(rule) => *rule,
                Pattern::Named(name) => self.named[name],
            };
            if let Rule::Group(_) = self.rules[next] {
                self.leaves(next, found);
            } else {
                found.push(next);
            }
        }
    }

    /// The tokens of each line of a text.
    pub(crate) fn lines(&self, text: &str) -> Vec<Vec<Token>> {
        let bottom = Frame {
            rule: 0,
            scopes: vec![self.scope.clone()],
            entered: None,
            anchor: None,
            to_end_of_line: false,
        };
        let mut stack = vec![bottom];
        let lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        lines.map(|line| self.line(line, &mut stack)).collect()
    }

    fn line(&self, line: &str, stack: &mut Vec<Frame>) -> Vec<Token> {
        let text = format!("{line}\n");
        for frame in &mut *stack {
            frame.entered = None;
            frame.anchor = None;
        }
        let anchor = stack.last().unwrap().to_end_of_line.then_some(0);
        let mut scan =
            Scan { grammar: self, text: &text, at: 0, anchor, tokens: Vec::new(), done: 0 };
        scan.run(stack);
        let mut tokens = scan.tokens;
        tokens.retain(|token| token.start < line.len() || line.is_empty());
        if let Some(last) = tokens.last_mut() {
            last.end = last.end.min(line.len());
        }
        tokens
    }
}

/// A piece of a line, in bytes, and its scopes, the innermost last.
pub(crate) struct Token {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) scopes: Vec<String>,
}

#[derive(Clone)]
struct Frame {
    rule: usize,
    scopes: Vec<String>,
    entered: Option<usize>,
    /// Where `\G` matched when the frame was opened.
    anchor: Option<usize>,
    /// Whether its `begin` took the rest of its line.
    to_end_of_line: bool,
}

/// One line, while it is read.
struct Scan<'g> {
    grammar: &'g Grammar,
    text: &'g str,
    at: usize,
    anchor: Option<usize>,
    tokens: Vec<Token>,
    /// Where the last token ended.
    done: usize,
}

fn with(scopes: &[String], name: Option<&String>) -> Vec<String> {
    let more = name.into_iter().flat_map(|name| name.split(' ').map(str::to_owned));
    scopes.iter().cloned().chain(more).collect()
}

impl<'g> Scan<'g> {
    fn run(&mut self, stack: &mut Vec<Frame>) {
        while self.step(stack) {}
        let top = stack.last().unwrap().scopes.clone();
        self.produce(&top, self.text.len());
    }

    fn produce(&mut self, scopes: &[String], end: usize) {
        if end > self.done {
            self.tokens.push(Token { start: self.done, end, scopes: scopes.to_vec() });
            self.done = end;
        }
    }

    /// The leftmost match of what the innermost frame allows; of equals, the one listed first.
    fn next(&self, frame: &Frame) -> Option<(Option<usize>, Captures<'g>)> {
        let mut rules = Vec::new();
        self.grammar.leaves(frame.rule, &mut rules);
        let mut best: Option<(Option<usize>, Captures<'g>)> = None;
        let end = match &self.grammar.rules[frame.rule] {
            Rule::Block { end, .. } => Some((None, &**end)),
            Rule::Group(_) | Rule::Match { .. } => None,
        };
        let finders = rules.into_iter().map(|rule| match &self.grammar.rules[rule] {
            Rule::Match { find, .. } | Rule::Block { begin: find, .. } => (Some(rule), find),
            Rule::Group(_) => panic!("a group has no expression"),
        });
        for (rule, finder) in end.into_iter().chain(finders) {
            let Some(found) = finder.at(self.text, self.at, self.anchor) else { continue };
            let start = found.get(0).unwrap().start();
            if best.as_ref().is_none_or(|(_, best)| start < best.get(0).unwrap().start()) {
                best = Some((rule, found));
            }
        }
        best
    }

    /// One match. Whether there can be another.
    fn step(&mut self, stack: &mut Vec<Frame>) -> bool {
        let top = stack.last().unwrap().clone();
        let Some((rule, found)) = self.next(&top) else { return false };
        let whole = found.get(0).unwrap();
        let advanced = whole.end() > self.at;
        self.produce(&top.scopes, whole.start());
        let grammar = self.grammar;
        let goes_on = match rule.map(|rule| (rule, &grammar.rules[rule])) {
            None => {
                let Rule::Block { end_captures, .. } = &grammar.rules[top.rule] else { panic!() };
                self.captures(&top.scopes, end_captures, &found);
                self.produce(&top.scopes, whole.end());
                self.anchor = top.anchor;
                // A block that took nothing would be opened again and again.
                let empty = !advanced && top.entered == Some(self.at);
                if !empty {
                    stack.pop();
                }
                !empty
            }
            Some((rule, Rule::Block { name, begin_captures, .. })) => {
                let scopes = with(&top.scopes, name.as_ref());
                self.captures(&scopes, begin_captures, &found);
                self.produce(&scopes, whole.end());
                let again = stack.iter().rev().take_while(|frame| frame.entered == Some(self.at));
                let again = again.into_iter().any(|frame| frame.rule == rule);
                let to_end_of_line = whole.end() == self.text.len();
                if advanced || !again {
                    let (entered, anchor) = (Some(self.at), self.anchor);
                    stack.push(Frame { rule, scopes, entered, anchor, to_end_of_line });
                }
                self.anchor = Some(whole.end());
                advanced || !again
            }
            Some((_, Rule::Match { name, captures, .. })) => {
                let scopes = with(&top.scopes, name.as_ref());
                self.captures(&scopes, captures, &found);
                self.produce(&scopes, whole.end());
                advanced
            }
            Some((_, Rule::Group(_))) => panic!("a group matches nothing"),
        };
        self.at = self.at.max(whole.end());
        goes_on
    }

    fn captures(&mut self, scopes: &[String], marks: &Marks, found: &Captures<'g>) {
        let mut open: Vec<(Vec<String>, usize)> = Vec::new();
        let whole_end = found.get(0).unwrap().end();
        for (group, mark) in marks {
            let Some(part) = found.get(*group).filter(|part| !part.range().is_empty()) else {
                continue;
            };
            if part.start() > whole_end {
                break;
            }
            while let Some((inner, end)) = open.pop_if(|(_, end)| *end <= part.start()) {
                self.produce(&inner, end);
            }
            let base = open.last().map_or_else(|| scopes.to_vec(), |(inner, _)| inner.clone());
            self.produce(&base, part.start());
            if let Some(rule) = mark.inside {
                self.inside(rule, with(scopes, mark.name.as_ref()), part.end());
            } else {
                open.push((with(&base, mark.name.as_ref()), part.end()));
            }
        }
        while let Some((inner, end)) = open.pop() {
            self.produce(&inner, end);
        }
    }

    /// Applies a group's patterns to the text between the last token and `end`.
    fn inside(&mut self, rule: usize, scopes: Vec<String>, end: usize) {
        let from = self.done;
        let tokens = std::mem::take(&mut self.tokens);
        let text = &self.text[..end];
        let mut scan =
            Scan { grammar: self.grammar, text, at: from, anchor: None, tokens, done: from };
        let frame = Frame { rule, scopes, entered: None, anchor: None, to_end_of_line: false };
        scan.run(&mut vec![frame]);
        (self.tokens, self.done) = (scan.tokens, scan.done);
    }
}
