//! Texts with one mistake on every line: what takes more than its share of time shows in them.
//!
//! `valgrind --tool=callgrind cargo-bench-binary hostile NAME 300`, and again with 3000: the
//! instructions for each byte stay the same.

/// The shapes: what stands before, and the line that is repeated, with its number for `{}`.
const SHAPES: &[(&str, &str, &str)] = &[
    ("unknown-names", BODY, "  u{}(a)\n"),
    ("damaged-lines", BODY, "  ?? {} ?\n"),
    ("unclosed-brackets", BODY, "  g((a,\n"),
    ("misaligned", BODY, "  g()\n     h()\n"),
    ("names-twice", BODY, "  x = {}\n"),
    ("too-many-arguments", BODY, "  part(a, {})\n"),
    ("out-of-range", BODY, "  part(3{}00)\n"),
    ("quotes", BODY, "  g('{}')\n"),
    ("returns-in-blocks", BODY, "  if a == {}:\n    <- a\n"),
    ("damaged-declarations", "", "?? {} ?\n"),
    ("open-signatures", "", "func f{}(a: u8:\n  x = a\n"),
    ("small-types", "", "data p{}:\n  x: u8\n"),
    ("large-fields", "data P:\n", "  X{}: u8\n"),
    ("one-id", "", "service S{}(\"s\"):\n  a()\n"),
    ("functions-twice", "", "func f(a: u8):\n  x = a\n"),
    ("unknown-types", "", "func f{}(a: Zz{}):\n  x = a\n"),
    ("missing-imports", "", "import \"x{}\"\n"),
];

const BODY: &str = "func part(a: u8):\n  x = a\n\nfunc main(a: u8):\n";

/// A text of this shape.
pub(crate) fn text(shape: &str, lines: usize) -> String {
    let names: Vec<&str> = SHAPES.iter().map(|(name, _, _)| *name).collect();
    let found = SHAPES.iter().find(|(name, _, _)| *name == shape);
    let (_, before, line) = found.unwrap_or_else(|| panic!("the shapes are {names:?}"));
    let body = (0..lines).map(|number| line.replace("{}", &number.to_string()));
    format!("aqua Hostile declares *\n\n{before}{}", body.collect::<String>())
}
