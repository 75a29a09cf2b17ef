//! Random statements to text, and what must come of them.

use crate::random::{Line, PEERS, RELAYS};

/// What calls at the initiator are told.
pub(crate) const INITIATOR: &str = "initiator";

const PRELUDE: &str = "aqua Random\nexport main\n\nservice Tool(\"tool\"):\n  put(value: string)\n  fail(value: string)\n  ask(value: string) -> bool\n\n";

/// Elements of the array that loops run over.
const ELEMENTS: usize = 3;

/// Something that must happen.
#[derive(Debug, Clone)]
struct Deed {
    what: What,
    /// Where; `None` is where the function is called.
    place: Option<String>,
    /// How often.
    times: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Call,
    Push,
}

/// What must come of a program.
#[derive(Debug, Clone, Default)]
pub(crate) struct Due {
    deeds: Vec<Deed>,
}

impl Due {
    /// Programs with more calls take too long.
    pub(crate) const MOST: usize = 60;

    /// The place of every call in the program, sorted.
    pub(crate) fn written(&self) -> Vec<String> {
        self.places(|_| 1)
    }

    /// The place of every call that happens, sorted.
    pub(crate) fn happening(&self) -> Vec<String> {
        self.places(|deed| deed.times)
    }

    fn places(&self, times: impl Fn(&Deed) -> usize) -> Vec<String> {
        let calls = self.deeds.iter().filter(|deed| deed.what == What::Call);
        let each = calls.flat_map(|deed| vec![deed.place.clone(); times(deed)]);
        let mut places: Vec<String> = each.flatten().collect();
        places.sort();
        places
    }

    fn pushes(&self) -> usize {
        self.deeds.iter().filter(|deed| deed.what == What::Push).map(|deed| deed.times).sum()
    }
}

/// How peers are reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reached {
    /// As the statements say, by themselves or through a relay.
    Freely,
    /// Each only through a relay of its own, except the last, which has none.
    ThroughItsRelay,
}

/// The program with these bodies, and what must come of it. In the end it waits for everything
/// that it has pushed.
pub(crate) fn write(bodies: &[Vec<Line>]) -> (String, Due) {
    write_reached(bodies, Reached::Freely)
}

/// The same, with a rule for how peers are reached.
pub(crate) fn write_reached(bodies: &[Vec<Line>], reached: Reached) -> (String, Due) {
    let mut writer = Writer {
        text: PRELUDE.to_owned(),
        functions: Vec::new(),
        due: Due::default(),
        times: 1,
        names: 0,
        reached,
    };
    let Some((main, functions)) = bodies.split_last() else { return Default::default() };
    for (at, body) in functions.iter().enumerate() {
        writer.line(
            0,
            &format!("\nfunc f{at}(here: string, {PARAMETERS}, all: *string, {CALLBACK}):"),
        );
        writer.body(body, 1, None);
        let due = std::mem::take(&mut writer.due);
        writer.functions.push(due);
    }
    writer.line(0, &format!("\nfunc main({PARAMETERS}, {CALLBACK}):"));
    writer.line(1, "all: *string");
    writer.line(1, "here = p0");
    writer.body(main, 1, Some(INITIATOR));
    if let Some(last) = writer.due.pushes().checked_sub(1) {
        writer.line(1, &format!("join all[{last}]"));
        writer.statement(&Line::Call, 1, Some(INITIATOR));
    }
    (writer.text, writer.due)
}

const PARAMETERS: &str = "p0: string, p1: string, p2: string, r0: string, r1: string, xs: []string";
const CALLBACK: &str = "cb: string -> ()";

fn peer(at: usize) -> &'static str {
    PEERS.get(at).copied().expect("peers are chosen among those that there are")
}

struct Writer {
    text: String,
    /// What comes of each finished function.
    functions: Vec<Due>,
    due: Due,
    /// How often the statements that are being written run.
    times: usize,
    names: usize,
    reached: Reached,
}

impl Writer {
    /// A place: a peer, with its relay if it has one.
    fn place(&self, at: usize, via: Option<&str>) -> String {
        let own = RELAYS.get(at).copied();
        let via = match self.reached {
            Reached::Freely => via,
            Reached::ThroughItsRelay => own,
        };
        let via = via.map(|relay| format!(" via {relay}")).unwrap_or_default();
        format!("{}{via}", peer(at))
    }

    fn line(&mut self, indent: usize, line: &str) {
        self.text.push_str(&"  ".repeat(indent));
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn deed(&mut self, what: What, place: Option<&str>) {
        let place = place.map(str::to_owned);
        self.due.deeds.push(Deed { what, place, times: self.times });
    }

    /// Statements at a place; `None` is where the function is called.
    fn body(&mut self, lines: &[Line], indent: usize, place: Option<&str>) {
        for line in lines {
            self.statement(line, indent, place);
        }
    }

    /// Statements that run so many times as often as those around them.
    fn repeated(&mut self, times: usize, lines: &[Line], indent: usize, place: Option<&str>) {
        let outside = self.times;
        self.times *= times;
        self.body(lines, indent + 1, place);
        self.times = outside;
    }

    fn statement(&mut self, line: &Line, indent: usize, place: Option<&str>) {
        self.names += 1;
        let name = self.names;
        let here = place.map_or_else(|| "here".to_owned(), |place| format!("\"{place}\""));
        match line {
            Line::Call => {
                self.line(indent, &format!("Tool.put({here})"));
                self.deed(What::Call, place);
            }
            Line::Let => self.line(indent, &format!("x{name} = [xs[0], here]")),
            Line::Push => {
                self.line(indent, &format!("s{name}: *string"));
                self.line(indent, &format!("s{name} <<- here"));
                self.line(indent, &format!("all <<- s{name}!"));
                self.deed(What::Push, place);
            }
            Line::Join => self.line(indent, "join here"),
            Line::Maybe(counts) => {
                let operator = if *counts { "||" } else { "&&" };
                self.line(indent, &format!("b{name} = here == xs[0] {operator} Tool.ask({here})"));
                let outside = self.times;
                self.times *= usize::from(*counts);
                self.deed(What::Call, place);
                self.times = outside;
            }
            Line::Function(number) => self.function(*number, indent, place, &here),
            Line::Closure { detached, at } => {
                self.closure(*detached, *at, indent, (place, &here));
            }
            Line::Callback => {
                self.line(indent, &format!("cb(\"{INITIATOR}\")"));
                self.deed(What::Call, Some(INITIATOR));
            }
            Line::On(at, via, body) => {
                let place = self.place(*at, *via);
                self.line(indent, &format!("on {place}:"));
                self.repeated(1, body, indent, Some(peer(*at)));
            }
            Line::Co(at, body) => self.on("co on", *at, body, indent),
            Line::Par(a, b, left, right) => {
                self.on("on", *a, left, indent);
                self.on("par on", *b, right, indent);
            }
            Line::If(then, otherwise) => {
                self.line(indent, "if here == xs[0]:");
                self.repeated(0, then, indent, place);
                self.line(indent, "else:");
                self.repeated(1, otherwise, indent, place);
            }
            Line::Loop(..) | Line::Parseq(..) | Line::Live(_) => self.each(line, indent, place),
            Line::Try(tried, otherwise) => {
                self.line(indent, "try:");
                // Without a call nothing could fail, and there would be no handler.
                self.statement(&Line::Call, indent + 1, place);
                self.repeated(1, tried, indent, place);
                self.line(indent, &format!("catch e{name}:"));
                self.repeated(0, otherwise, indent, place);
            }
            Line::Fail(at, tried, otherwise) => self.fails((*at, tried, otherwise), indent, place),
        }
    }

    /// A loop.
    fn each(&mut self, line: &Line, indent: usize, place: Option<&str>) {
        let name = self.names;
        if let Line::Loop(mode, body) = line {
            self.line(indent, &format!("for x{name} <- xs{mode}:"));
            // Until the first success: once.
            let times = if *mode == " try" { 1 } else { ELEMENTS };
            self.repeated(times, body, indent, place);
        } else if let Line::Parseq(at, body) = line {
            let place = self.place(*at, None);
            self.line(indent, &format!("parseq x{name} <- xs on {place}:"));
            self.repeated(ELEMENTS, body, indent, Some(peer(*at)));
        } else if let Line::Live(body) = line {
            self.line(indent, &format!("live{name} = *[\"a\", \"b\"]"));
            self.line(indent, &format!("for x{name} <- live{name} rec:"));
            self.repeated(2, body, indent, place);
        }
    }

    /// A `try` whose last step fails at a peer.
    fn fails(
        &mut self,
        (at, tried, otherwise): (usize, &[Line], &[Line]),
        indent: usize,
        place: Option<&str>,
    ) {
        let (name, there, at) = (self.names, self.place(at, None), peer(at));
        self.line(indent, "try:");
        self.repeated(1, tried, indent, place);
        self.line(indent + 1, &format!("on {there}:"));
        self.line(indent + 2, &format!("Tool.fail(\"{at}\")"));
        self.deed(What::Call, Some(at));
        self.line(indent, &format!("catch e{name}:"));
        self.repeated(1, otherwise, indent, place);
    }

    fn on(&mut self, head: &str, at: usize, body: &[Line], indent: usize) {
        let (peer, place) = (peer(at), self.place(at, None));
        self.line(indent, &format!("{head} {place}:"));
        self.repeated(1, body, indent, Some(peer));
    }

    fn closure(
        &mut self,
        detached: bool,
        at: usize,
        indent: usize,
        (place, here): (Option<&str>, &str),
    ) {
        let (name, peer) = (self.names, peer(at));
        let func = if detached { "func " } else { "" };
        self.line(indent, &format!("c{name} = {func}(y{name}: string):"));
        let said = if detached { format!("y{name}") } else { here.to_owned() };
        self.line(indent + 1, &format!("Tool.put({said})"));
        let there = self.place(at, None);
        self.line(indent, &format!("on {there}:"));
        self.line(indent + 1, &format!("c{name}(\"{peer}\")"));
        self.deed(What::Call, if detached { Some(peer) } else { place });
    }

    /// A call of an earlier function, if there is one.
    fn function(&mut self, number: usize, indent: usize, place: Option<&str>, here: &str) {
        let Some(due) = self.functions.get(number).cloned() else {
            return self.statement(&Line::Call, indent, place);
        };
        self.line(indent, &format!("f{number}({here}, p0, p1, p2, r0, r1, xs, all, cb)"));
        let here = place.map(str::to_owned);
        self.due.deeds.extend(due.deeds.into_iter().map(|deed| Deed {
            place: deed.place.or_else(|| here.clone()),
            times: deed.times * self.times,
            ..deed
        }));
    }
}
