//! Programs of any length: the same seed and length give the same text, another seed another one.
//!
//! Ten kinds of functions take turns, so that every construct of the language is there in a fixed
//! share; the seed chooses names, numbers and peers. A function calls at most two small ones, so
//! that what is written out grows with the text and not with the square of it.

use std::fmt::Write;

/// Numbers from a seed.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

const HEAD: &str = r#"aqua Bench declares *

export *

data Point:
  x: u32
  y: u32

data Order:
  id: string
  places: []Point
  note: ?string

service Numbers("numbers"):
  add(a: u32, b: u32) -> u32
  less(a: u32, b: u32) -> bool
  list(n: u32) -> []u32

service Shop("shop"):
  find(id: string) -> Order
  keep(order: Order)
  peers(n: u32) -> []string
  say(text: string) -> string
"#;

/// A module of at least this many lines, and at most a dozen more. Every function is exported.
pub(crate) fn module(seed: u64, lines: usize) -> String {
    let mut dice = Dice(seed);
    let mut functions = String::new();
    let mut written = HEAD.lines().count();
    let mut number = 0;
    while written < lines {
        let before = functions.len();
        function(&mut functions, &mut dice, number);
        written += functions.get(before..).map_or(0, |new| new.lines().count());
        number += 1;
    }
    let names: Vec<String> = (0..number).map(|number| format!("f{number}")).collect();
    HEAD.replace("export *", &format!("export {}", names.join(", "))) + &functions
}

fn function(text: &mut String, dice: &mut Dice, number: u64) {
    let (a, b) = (dice.below(1_000), dice.below(1_000));
    // The small functions are the ones of kind 0: what is called is one of the last few.
    let small = (number - number % 10).saturating_sub(10 * dice.below(3).min(number / 10));
    let body = match number % 10 {
        0 => format!("  r <- Numbers.add(x, {a})\n  <- r + {b}\n"),
        1 => format!(
            "  on HOST_PEER_ID:\n    a <- Numbers.add(x, {a})\n    b <- f{small}(a)\n  c = a + b * {b}\n  <- c - 1\n"
        ),
        2 => format!(
            "  found: *u32\n  peers <- Shop.peers(x)\n  for peer <- peers par:\n    on peer:\n      found <- Numbers.add(x, {a})\n  join found[peers.length - 1]\n  <- found[0] + {b}\n"
        ),
        3 => format!(
            "  p = Point(x = x, y = {a})\n  order <- Shop.find(\"o{b}\")\n  next = order.copy(places = [p, Point(x = {a}, y = p.x)])\n  Shop.keep(next)\n  <- next.places[0].x\n"
        ),
        4 => format!(
            "  res: *u32\n  small <- Numbers.less(x, {a})\n  if small && x > {b}:\n    res <- f{small}(x)\n  else:\n    if x == {a}:\n      res <<- {b}\n    else:\n      res <<- x\n  <- res[0]\n"
        ),
        5 => format!(
            "  out: *u32\n  try:\n    on HOST_PEER_ID:\n      out <- Numbers.add(x, {a})\n  catch e:\n    Shop.say(e.message)\n    out <<- {b}\n  <- out[0]\n"
        ),
        6 => format!(
            "  twice = (n: u32) -> u32:\n    m <- Numbers.add(n, n)\n    <- m + {a}\n  a <- twice(x)\n  b <- twice({b})\n  <- a + b\n"
        ),
        7 => format!(
            "  seen: *u32\n  ns <- Numbers.list({a})\n  for n <- ns:\n    if n != {b}:\n      seen <- Numbers.add(n, x)\n  all <- Numbers.list(seen.length)\n  <- all[0]\n"
        ),
        8 => format!(
            "  Shop.say(\"begin {a}\")\n  par s <- Shop.say(\"also\")\n  par f{small}({b})\n  co t <- Shop.say(\"and\")\n  maybe: *string\n  for m <- maybe:\n    Shop.say(m)\n  <- x\n"
        ),
        _ => format!(
            "  a <- f{small}(x)\n  b <- Numbers.add(a, {a})\n  c <- Numbers.add(b, a)\n  -- what {b} is for\n  d = [a, b, c, {b}]\n  e <- Numbers.add(d[1], d.length)\n  <- e\n"
        ),
    };
    write!(text, "\nfunc f{number}(x: u32) -> u32:\n{body}").expect("a string takes everything");
}
