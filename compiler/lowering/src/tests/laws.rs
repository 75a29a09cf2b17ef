//! Laws: what holds for every program that can be written.
//!
//! A random program calls `Tool.put` with the name of the place where the call must happen, so
//! the program that comes out says of each call whether it is at the right place.

use aquac_ir::{Expr, ExprId, Fact, Node, Program, Value, encode};
use proptest::prelude::*;

use crate::Options;
use crate::testing::lowered;

const PEERS: [&str; 3] = ["p0", "p1", "p2"];
const FUNCTIONS: usize = 3;

/// A statement of a random program.
#[derive(Debug, Clone)]
enum Line {
    Call,
    Let,
    Push,
    Join,
    On(usize, Vec<Line>),
    If(Vec<Line>, Vec<Line>),
    Loop(&'static str, Vec<Line>),
    Try(Vec<Line>, Vec<Line>),
    Par(usize, usize, Vec<Line>, Vec<Line>),
    Co(usize, Vec<Line>),
    Function(usize),
    Closure { detached: bool, at: usize },
    Callback,
}

fn lines(depth: u32) -> impl Strategy<Value = Vec<Line>> {
    let leaf = prop_oneof![
        3 => Just(Line::Call),
        1 => Just(Line::Let),
        1 => Just(Line::Push),
        1 => Just(Line::Join),
        1 => (0..FUNCTIONS).prop_map(Line::Function),
        1 => (any::<bool>(), 0..PEERS.len()).prop_map(|(detached, at)| Line::Closure { detached, at }),
        1 => Just(Line::Callback),
    ];
    let line = leaf.prop_recursive(depth, 40, 4, |inner| {
        let body = || prop::collection::vec(inner.clone(), 1..4);
        let peer = || 0..PEERS.len();
        let mode = prop::sample::select(vec!["", " par", " try"]);
        prop_oneof![
            3 => (peer(), body()).prop_map(|(at, body)| Line::On(at, body)),
            1 => (body(), body()).prop_map(|(then, other)| Line::If(then, other)),
            1 => (mode, body()).prop_map(|(mode, body)| Line::Loop(mode, body)),
            1 => (body(), body()).prop_map(|(tried, other)| Line::Try(tried, other)),
            1 => (peer(), peer(), body(), body()).prop_map(|(a, b, x, y)| Line::Par(a, b, x, y)),
            1 => (peer(), body()).prop_map(|(at, body)| Line::Co(at, body)),
        ]
    });
    prop::collection::vec(line, 1..5)
}

/// Writes a random program, and notes where its calls must happen.
struct Writer {
    text: String,
    /// Where the calls of each finished function must happen; `None` is where it is called.
    functions: Vec<Vec<Option<String>>>,
    expected: Vec<Option<String>>,
    names: usize,
}

impl Writer {
    fn line(&mut self, indent: usize, line: &str) {
        self.text.push_str(&"  ".repeat(indent));
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn fresh(&mut self) -> usize {
        self.names += 1;
        self.names
    }

    /// Statements at a place; `None` is where the function is called.
    fn body(&mut self, lines: &[Line], indent: usize, place: Option<&str>) {
        for line in lines {
            self.statement(line, indent, place);
        }
    }

    fn statement(&mut self, line: &Line, indent: usize, place: Option<&str>) {
        let name = self.fresh();
        let here = place.map_or_else(|| "here".to_owned(), |place| format!("\"{place}\""));
        match line {
            Line::Call => {
                self.line(indent, &format!("Tool.put({here})"));
                self.expected.push(place.map(str::to_owned));
            }
            Line::Let => self.line(indent, &format!("x{name} = [xs[0], here]")),
            Line::Push => {
                self.line(indent, &format!("s{name}: *string"));
                self.line(indent, &format!("s{name} <<- here"));
                self.line(indent, &format!("all <<- s{name}!"));
            }
            Line::Join => self.line(indent, "join all[xs.length], here"),
            Line::On(at, body) => self.on("on", *at, body, indent),
            Line::Co(at, body) => self.on("co on", *at, body, indent),
            Line::Par(a, b, left, right) => {
                self.on("on", *a, left, indent);
                self.on("par on", *b, right, indent);
            }
            Line::If(then, otherwise) => {
                self.line(indent, &format!("if here == xs[{}]:", name % 3));
                self.body(then, indent + 1, place);
                self.line(indent, "else:");
                self.body(otherwise, indent + 1, place);
            }
            Line::Loop(mode, body) => {
                self.line(indent, &format!("for x{name} <- xs{mode}:"));
                self.body(body, indent + 1, place);
            }
            Line::Try(tried, otherwise) => {
                self.line(indent, "try:");
                // What cannot fail would need no handler.
                self.statement(&Line::Call, indent + 1, place);
                self.body(tried, indent + 1, place);
                self.line(indent, &format!("catch e{name}:"));
                self.body(otherwise, indent + 1, place);
            }
            Line::Function(number) => self.call(*number, indent, place, &here),
            Line::Closure { detached, at } => {
                let func = if *detached { "func " } else { "" };
                self.line(indent, &format!("c{name} = {func}(y{name}: string):"));
                let said = if *detached { format!("y{name}") } else { here };
                self.line(indent + 1, &format!("Tool.put({said})"));
                let peer = PEERS.get(*at).copied().unwrap_or_default();
                self.line(indent, &format!("on {peer}:"));
                self.line(indent + 1, &format!("c{name}(\"{peer}\")"));
                let happens = if *detached { Some(peer) } else { place };
                self.expected.push(happens.map(str::to_owned));
            }
            Line::Callback => {
                self.line(indent, "cb(\"initiator\")");
                self.expected.push(Some("initiator".to_owned()));
            }
        }
    }

    fn on(&mut self, head: &str, at: usize, body: &[Line], indent: usize) {
        let peer = PEERS.get(at).copied().unwrap_or_default();
        self.line(indent, &format!("{head} {peer}:"));
        self.body(body, indent + 1, Some(peer));
    }

    /// A call of an earlier function, if there is one.
    fn call(&mut self, number: usize, indent: usize, place: Option<&str>, here: &str) {
        let Some(calls) = self.functions.get(number).cloned() else {
            return self.statement(&Line::Call, indent, place);
        };
        self.line(indent, &format!("f{number}({here}, p0, p1, p2, xs, all, cb)"));
        self.expected.extend(calls.into_iter().map(|call| call.or(place.map(str::to_owned))));
    }

    fn function(&mut self, name: &str, lines: &[Line], place: Option<&str>) {
        let here = if place.is_none() { "here: string, " } else { "" };
        let all = if place.is_none() { "all: *string, " } else { "" };
        let rest = format!("p0: string, p1: string, p2: string, xs: []string, {all}");
        self.line(0, &format!("func {name}({here}{rest}cb: string -> ()):"));
        if place.is_some() {
            self.line(1, "all: *string");
            self.line(1, "here = p0");
        }
        self.body(lines, 1, place);
    }
}

fn program(bodies: &[Vec<Line>]) -> (String, Vec<String>) {
    let mut writer =
        Writer { text: String::new(), functions: Vec::new(), expected: Vec::new(), names: 0 };
    let Some((main, functions)) = bodies.split_last() else { return Default::default() };
    for (at, body) in functions.iter().enumerate() {
        writer.function(&format!("f{at}"), body, None);
        let calls = std::mem::take(&mut writer.expected);
        writer.functions.push(calls);
    }
    writer.function("main", main, Some("initiator"));
    let mut expected: Vec<String> = writer.expected.into_iter().flatten().collect();
    expected.sort();
    (writer.text, expected)
}

/// The text that a constant says.
fn text(program: &Program, expr: ExprId) -> Option<&str> {
    let Expr::Const(id) = program.expr(expr)? else { return None };
    let Value::Text(text) = program.constant(*id)? else { return None };
    Some(text)
}

/// What each call was told about its place, and where it is.
fn calls(program: &Program) -> Vec<(String, String)> {
    let place_of = |node: &Node| {
        let Node::Call { place, args, .. } = node else { return None };
        let said = text(program, *args.first()?)?.to_owned();
        let peer = program.expr(program.place(*place)?.peer)?;
        let place = if let Expr::Arg(argument) = peer {
            format!("p{}", argument.0)
        } else {
            assert_eq!(*peer, Expr::Fact(Fact::Initiator));
            "initiator".to_owned()
        };
        Some((said, place))
    };
    program.nodes.iter().filter_map(place_of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn every_call_is_there_once_and_at_the_place_of_its_on(
        bodies in prop::collection::vec(lines(4), FUNCTIONS + 1),
    ) {
        let (source, expected) = program(&bodies);
        let first = lowered(&source, Options::default()).unwrap();
        let calls = calls(&first.program);
        for (said, is) in &calls {
            prop_assert_eq!(said, is, "{}", &source);
        }
        let mut said: Vec<String> = calls.into_iter().map(|(said, _)| said).collect();
        said.sort();
        prop_assert_eq!(said, expected, "{}", &source);
        let second = lowered(&source, Options::default()).unwrap();
        prop_assert_eq!(encode(&first.program), encode(&second.program));
    }
}
