//! Random scripts that mean something: every instruction under every other, names that are mostly
//! there and mostly of the kind that is wanted, and services that answer in every way there is.

use std::collections::BTreeSet;

use crate::chance::Chance;
use crate::services::{FUNCTIONS, Is};

/// A fold around the current place.
#[derive(Debug, Clone)]
struct Fold {
    item: String,
    live: bool,
    /// Whether its `next` may stand here.
    open: bool,
}

/// What is known at a place.
#[derive(Debug, Clone, Default)]
struct Here {
    names: Vec<(String, Is)>,
    canons: Vec<String>,
    maps: Vec<String>,
    folds: Vec<Fold>,
}

/// How far a script reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// One peer does everything.
    One,
    /// Several peers.
    Several,
}

struct Writer {
    chance: Chance,
    reach: Reach,
    /// Every name that the text has defined so far, visible or not.
    defined: BTreeSet<String>,
    /// Folds whose `next` is written.
    done: BTreeSet<String>,
    numbers: usize,
}

/// The script of a seed.
pub(crate) fn script(seed: u64, reach: Reach) -> String {
    let mut writer = Writer {
        chance: Chance::new(seed),
        reach,
        defined: BTreeSet::new(),
        done: BTreeSet::new(),
        numbers: 0,
    };
    let mut here = Here::default();
    let first = writer.opening(&mut here);
    let depth = 2 + writer.chance.below(5);
    let rest = writer.instruction(depth, &mut here);
    let last = writer.call(&mut here);
    format!("(seq {first} (seq {rest} {last}))")
}

impl Writer {
    /// Something to work with.
    fn opening(&mut self, here: &mut Here) -> String {
        let mut text = "(null)".to_owned();
        for _ in 0..1 + self.chance.below(4) {
            let next = match self.chance.below(6) {
                0..4 => {
                    let (function, is) = *self.chance.of(&FUNCTIONS);
                    let name = self.fresh("x");
                    here.names.push((name.clone(), is));
                    format!("(call \"@A\" (\"s\" \"{function}\") [] {name})")
                }
                4 => self.push(here),
                _ => self.pair(here),
            };
            text = format!("(seq {text} {next})");
        }
        text
    }

    fn fresh(&mut self, stem: &str) -> String {
        self.numbers += 1;
        let name = format!("{stem}{}", self.numbers);
        self.defined.insert(name.clone());
        name
    }

    fn instruction(&mut self, depth: usize, here: &mut Here) -> String {
        if depth == 0 {
            return self.leaf(here);
        }
        match self.chance.below(24) {
            0..7 => {
                let left = self.closed(|writer, here| writer.instruction(depth - 1, here), here);
                let right = self.instruction(depth - 1, here);
                format!("(seq {left} {right})")
            }
            7..10 => {
                let left = self.closed(|writer, here| writer.instruction(depth - 1, here), here);
                let right = self.instruction(depth - 1, here);
                format!("(par {left} {right})")
            }
            10..14 => {
                let left = self.instruction(depth - 1, here);
                let right = self.instruction(depth - 1, here);
                format!("(xor {left} {right})")
            }
            14..16 => {
                let word = *self.chance.of(&["match", "match", "mismatch"]);
                let (left, right) = self.compared(here);
                let body = self.instruction(depth - 1, here);
                format!("({word} {left} {right} {body})")
            }
            16..21 => self.fold(depth, here),
            21 | 22 => self.fresh_scope(depth, here),
            _ => self.leaf(here),
        }
    }

    /// A part behind which something comes: `next` of a fold over a stream may not stand there.
    fn closed(
        &mut self,
        write: impl FnOnce(&mut Self, &mut Here) -> String,
        here: &mut Here,
    ) -> String {
        let before: Vec<bool> = here.folds.iter().map(|fold| fold.open).collect();
        for fold in &mut here.folds {
            fold.open &= !fold.live;
        }
        let text = write(self, here);
        for (fold, open) in here.folds.iter_mut().zip(before) {
            fold.open = open;
        }
        text
    }

    fn fresh_scope(&mut self, depth: usize, here: &mut Here) -> String {
        let word = match self.chance.below(6) {
            0 | 1 => self.stream(),
            2 => "%m".to_owned(),
            3 => here.canons.last().cloned().unwrap_or_else(|| "#cc".to_owned()),
            _ => self.output_name(here, Is::Any),
        };
        if here.folds.iter().any(|fold| fold.item == word) {
            return self.leaf(here);
        }
        self.defined.insert(word.clone());
        let body = self.instruction(depth - 1, &mut here.clone());
        format!("(new {word} {body})")
    }

    fn leaf(&mut self, here: &mut Here) -> String {
        match self.chance.below(24) {
            0..10 => self.call(here),
            10..13 => self.apply(here),
            13..15 => self.push(here),
            15 => self.pair(here),
            16..18 => self.freeze(here),
            18 => self.fail(here),
            19 => "(null)".to_owned(),
            20 if self.chance.once_in(3) => "(never)".to_owned(),
            21 | 22 if !here.folds.is_empty() => self.next(here),
            _ => self.call(here),
        }
    }

    fn next(&mut self, here: &Here) -> String {
        let open =
            here.folds.iter().rev().find(|fold| fold.open && !self.done.contains(&fold.item));
        let Some(fold) = open else { return "(null)".to_owned() };
        self.done.insert(fold.item.clone());
        format!("(next {})", fold.item)
    }

    fn fold(&mut self, depth: usize, here: &mut Here) -> String {
        let (iterable, live, is) = match self.chance.below(10) {
            0..3 => {
                let stream = self.stream();
                let known = self.defined.contains(&stream);
                let word = if known { stream } else { "[]".to_owned() };
                (word, known, Is::Any)
            }
            3 if self.defined.contains("%m") => ("%m".to_owned(), true, Is::Object),
            4 if !here.canons.is_empty() => (self.chance.of(&here.canons).clone(), false, Is::Any),
            5 if !here.maps.is_empty() => {
                let map = self.chance.of(&here.maps).clone();
                let path = if self.chance.once_in(2) { ".$.k" } else { "" };
                (format!("{map}{path}"), false, Is::Object)
            }
            _ => (self.known(here, Is::Array), false, Is::Any),
        };
        let item = self.fresh("i");
        let mut inside = here.clone();
        inside.names.push((item.clone(), is));
        inside.folds.push(Fold { item, live, open: true });
        let body = self.body(depth, &mut inside);
        let last = match self.chance.below(8) {
            0 => "(null)".to_owned(),
            1 => "(never)".to_owned(),
            2 => self.leaf(&mut inside.clone()),
            _ => String::new(),
        };
        let item = &inside.folds.last().unwrap().item;
        // Here and there what was set inside is read outside.
        if self.chance.once_in(4) {
            here.names = inside.names.clone();
        }
        format!("(fold {iterable} {item} {body} {last})")
    }

    /// The body of the innermost fold.
    fn body(&mut self, depth: usize, here: &mut Here) -> String {
        let depth = depth.saturating_sub(1);
        let live = here.folds.last().is_some_and(|fold| fold.live);
        let choice = self.chance.below(if live { 15 } else { 20 });
        match choice {
            0..4 => {
                let work = self.closed(|writer, here| writer.instruction(depth, here), here);
                format!("(seq {work} {})", self.next(here))
            }
            4..7 => {
                let work = self.closed(|writer, here| writer.instruction(depth, here), here);
                format!("(par {work} {})", self.next(here))
            }
            7 => {
                let work = self.instruction(depth, here);
                format!("(xor {work} {})", self.next(here))
            }
            8 => {
                let next = self.next(here);
                format!("(xor {next} {})", self.instruction(depth, here))
            }
            9 | 10 => {
                let work = self.closed(|writer, here| writer.instruction(depth, here), here);
                let (left, right) = self.compared(here);
                let stop = *self.chance.of(&["match", "mismatch"]);
                format!("(seq {work} (xor ({stop} {left} {right} (null)) {}))", self.next(here))
            }
            11 => {
                let work = self.closed(|writer, here| writer.instruction(depth, here), here);
                let (left, right) = self.compared(here);
                let word = *self.chance.of(&["match", "mismatch"]);
                format!("(seq {work} ({word} {left} {right} {}))", self.next(here))
            }
            12 => {
                let word = self.stream();
                self.defined.insert(word.clone());
                format!("(new {word} {})", self.body(depth, here))
            }
            13 | 14 => self.instruction(depth + 1, here),
            15 | 16 => {
                let next = self.next(here);
                format!("(seq {next} {})", self.instruction(depth, here))
            }
            17 | 18 => {
                let next = self.next(here);
                format!("(par {next} {})", self.instruction(depth, here))
            }
            _ => format!("(seq {} {})", self.instruction(depth, here), self.body(depth, here)),
        }
    }

    fn stream(&mut self) -> String {
        (*self.chance.of(&["$s", "$s", "$t"])).to_owned()
    }

    /// The name of a result: mostly a new one.
    fn output_name(&mut self, here: &mut Here, is: Is) -> String {
        if self.chance.once_in(12) && !here.names.is_empty() {
            return self.chance.of(&here.names).0.clone();
        }
        let name = self.fresh("x");
        here.names.push((name.clone(), is));
        name
    }

    fn call(&mut self, here: &mut Here) -> String {
        let peer = self.peer(here);
        let (function, is) = match self.chance.below(12) {
            0 => (*self.chance.of(&["bad", "worse", "raw", "bad"]), Is::Any),
            _ => *self.chance.of(&FUNCTIONS),
        };
        let arguments: Vec<String> = (0..self.chance.below(4)).map(|_| self.value(here)).collect();
        let output = match self.chance.below(6) {
            0..2 => String::new(),
            2 => {
                let stream = self.stream();
                self.defined.insert(stream.clone());
                stream
            }
            _ => self.output_name(here, is),
        };
        format!("(call {peer} (\"s\" \"{function}\") [{}] {output})", arguments.join(" "))
    }

    fn apply(&mut self, here: &mut Here) -> String {
        let value = self.applied(here);
        let name = self.output_name(here, Is::Any);
        format!("(ap {value} {name})")
    }

    fn push(&mut self, here: &Here) -> String {
        let value = self.applied(here);
        let stream = self.stream();
        self.defined.insert(stream.clone());
        format!("(ap {value} {stream})")
    }

    fn pair(&mut self, here: &Here) -> String {
        let key = match self.chance.below(6) {
            0 => self.known(here, Is::Text),
            1 => "1".to_owned(),
            2 => "\"1x\"".to_owned(),
            3 if self.chance.once_in(3) => self.known(here, Is::Any),
            _ => "\"k\"".to_owned(),
        };
        let value = self.applied(here);
        self.defined.insert("%m".to_owned());
        format!("(ap ({key} {value}) %m)")
    }

    fn freeze(&mut self, here: &mut Here) -> String {
        let peer = self.peer(here);
        if self.chance.once_in(3) {
            if self.chance.once_in(3) {
                let name = self.output_name(here, Is::Object);
                return format!("(canon {peer} %m {name})");
            }
            let map = self.fresh("#%cm");
            here.maps.push(map.clone());
            return format!("(canon {peer} %m {map})");
        }
        let stream = self.stream();
        let stem = *self.chance.of(&["#cc", "#$c"]);
        let canon = self.fresh(stem);
        here.canons.push(canon.clone());
        format!("(canon {peer} {stream} {canon})")
    }

    fn fail(&mut self, here: &Here) -> String {
        match self.chance.below(6) {
            0..2 => format!("(fail {} \"boom\")", self.chance.of(&["1", "42", "-3", "10001"])),
            2 => "(fail %last_error%)".to_owned(),
            3 => "(fail :error:)".to_owned(),
            _ => format!("(fail {})", self.known(here, Is::Error)),
        }
    }

    fn peer(&mut self, here: &Here) -> String {
        if self.chance.once_in(30) {
            return self.known(here, Is::Peer);
        }
        match (self.reach, self.chance.below(8)) {
            (Reach::One, 0) => "%init_peer_id%".to_owned(),
            (Reach::One, _) | (Reach::Several, 0..4) => "\"@A\"".to_owned(),
            (Reach::Several, 4 | 5) => "\"@B\"".to_owned(),
            (Reach::Several, 6) => "\"@C\"".to_owned(),
            (Reach::Several, _) => self.known(here, Is::Peer),
        }
    }

    /// A name that is likely to hold such a value, perhaps with a path into it.
    fn known(&mut self, here: &Here, wanted: Is) -> String {
        let fitting: Vec<&(String, Is)> =
            here.names.iter().filter(|(_, is)| wanted == Is::Any || *is == wanted).collect();
        if !fitting.is_empty() && !self.chance.once_in(6) {
            return self.chance.of(&fitting).0.clone();
        }
        let object = here.names.iter().rev().find(|(_, is)| *is == Is::Object);
        let field = match wanted {
            Is::Array => ".$.a",
            Is::Peer => ".$.p",
            Is::Text => ".$.b",
            Is::Error => ".$.e",
            Is::Number => ".$.n",
            Is::Object | Is::Any => "",
        };
        if let Some((name, _)) = object {
            return format!("{name}{field}");
        }
        match wanted {
            Is::Peer => "\"@A\"".to_owned(),
            Is::Text => "\"k\"".to_owned(),
            Is::Array => "[]".to_owned(),
            Is::Error => ":error:".to_owned(),
            Is::Number | Is::Object | Is::Any => {
                here.names.last().map_or_else(|| "\"t\"".to_owned(), |(name, _)| name.clone())
            }
        }
    }

    fn compared(&mut self, here: &Here) -> (String, String) {
        let left = match self.chance.below(4) {
            0 => self.known(here, Is::Number),
            1 => self.value(here),
            _ => self.known(here, Is::Any),
        };
        let right = match self.chance.below(4) {
            0 => self.value(here),
            1 => left.clone(),
            _ => (*self.chance.of(&["1", "2", "\"a\"", "7", "10", "1.5"])).to_owned(),
        };
        (left, right)
    }

    /// What may be applied: no map as a whole.
    fn applied(&mut self, here: &Here) -> String {
        loop {
            let value = self.value(here);
            if !value.starts_with("#%") || value.contains('.') {
                return value;
            }
        }
    }

    fn value(&mut self, here: &Here) -> String {
        match self.chance.below(16) {
            0 => (*self.chance.of(&["1", "2", "-5", "1.0", "1.5", "true", "false"])).to_owned(),
            1 => (*self.chance.of(&["\"a\"", "\"\"", "[]", "\"k\""])).to_owned(),
            2 => (*self.chance.of(&["%init_peer_id%", "%timestamp%", "%ttl%"])).to_owned(),
            3 => (*self.chance.of(&[
                "%last_error%.$.message",
                "%last_error%.$.error_code",
                "%last_error%",
                ":error:.$.message",
                ":error:.$.error_code",
                ":error:",
            ]))
            .to_owned(),
            4 | 5 if !here.canons.is_empty() => {
                let path = *self.chance.of(&["", ".length", ".$.[0]", ".$.[1]", ".$.[0].$.x"]);
                let path = if path == ".$.[0].$.x" { ".$.[0].x" } else { path };
                format!("{}{path}", self.chance.of(&here.canons))
            }
            6 if !here.maps.is_empty() => {
                let paths = ["", ".length", ".$.k", ".$.k.[0]", ".$.[1]", ".$.no", ".$.k.[0].x"];
                let path = *self.chance.of(&paths);
                format!("{}{path}", self.chance.of(&here.maps))
            }
            7 | 8 => {
                let paths =
                    [".$.a", ".$.a.[0]", ".$.a[1].x", ".$.b", ".$.none", ".$.[0]", ".length"];
                let is = *self.chance.of(&[Is::Object, Is::Array, Is::Any]);
                let of = here.names.iter().rev().find(|(_, other)| is == Is::Any || *other == is);
                let Some((name, is)) = of else { return "\"v\"".to_owned() };
                if self.chance.once_in(5)
                    && let Some((key, _)) = here.names.iter().find(|(_, is)| *is == Is::Number)
                {
                    return format!("{name}.$.[{key}]");
                }
                if *is == Is::Array && !self.chance.once_in(4) {
                    return format!("{name}{}", self.chance.of(&[".$.[0]", ".length", ".$.[5]"]));
                }
                format!("{name}{}", self.chance.of(&paths))
            }
            9 if self.chance.once_in(4) => {
                let scalars: Vec<&String> =
                    self.defined.iter().filter(|name| !name.starts_with(['$', '%', '#'])).collect();
                let Some(last) = scalars.len().checked_sub(1) else { return "0".to_owned() };
                scalars[self.chance.below(last + 1)].clone()
            }
            _ => self.known(here, Is::Any),
        }
    }
}
