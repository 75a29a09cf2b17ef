//! For each construct of the language an accepting and a refusing case.

use super::{accepts, declares, refuses, refuses_declaration};

#[test]
fn literals_take_the_type_that_is_expected() {
    accepts("Tool.small(255)\nTool.number(0)\nx = 1\nTool.small(x)");
    refuses("Tool.small(256)", "AQ0313");
    refuses("Tool.small(-1)", "AQ0313");
    refuses("x = 300\nTool.small(x)", "AQ0313");
    refuses("Tool.small(200 + 100)", "AQ0313");
    refuses("Tool.number(1.5)", "AQ0302");
    refuses("Tool.number(\"1\")", "AQ0302");
}

#[test]
fn scalars_widen_and_never_narrow() {
    declares("func f(a: u8) -> u64:\n  <- a\n");
    declares("func f(a: u16) -> f32:\n  <- a\n");
    refuses_declaration("func f(a: u64) -> u32:\n  <- a\n", "AQ0302");
    refuses_declaration("func f(a: u32) -> f32:\n  <- a\n", "AQ0302");
    refuses_declaration("func f(a: i8) -> u8:\n  <- a\n", "AQ0302");
}

#[test]
fn arithmetic_is_for_whole_numbers_and_joins_their_types() {
    accepts("Tool.number(n + 1 * 2 - 3 / n % 4)");
    accepts("x = n ** 2\nTool.number(x)");
    accepts("y = f * 2.5\nz = y + i");
    refuses("x = n ** -1", "AQ0311");
    refuses("x = f + 1.5", "AQ0311");
    refuses("x = \"a\" + \"b\"", "AQ0311");
    refuses("x = f < 1.5", "AQ0311");
    refuses("x = any + 1", "AQ0311");
}

#[test]
fn logic_is_for_bools() {
    accepts("x = !b && (n > 3 || i <= -2)");
    refuses("x = !n", "AQ0302");
    refuses("x = b && n", "AQ0311");
}

#[test]
fn equality_is_for_types_with_common_values() {
    accepts("a = n == i\nc = f == n\nd = xs == s\ne = o == nil\ng = p == p\nh = -1 == n");
    refuses("a = n == \"x\"", "AQ0310");
    refuses("a = any == any", "AQ0310");
    refuses("a = 1 == 1.5", "AQ0310");
    refuses("a = n == nil", "AQ0310");
    refuses("a = cb == cb", "AQ0310");
    refuses("a = m == m", "AQ0310");
}

#[test]
fn collections_hold_data() {
    accepts("a = [n, 1]\nc = ?[n]\nd = *[n]\nd <<- 2\ne = [s, xs]");
    refuses("a = [cb]", "AQ0318");
    refuses("a = [Tool]", "AQ0318");
    refuses("a = [m]", "AQ0318");
}

#[test]
fn elements_are_taken_by_whole_numbers() {
    accepts("a = xs[0]\nc = xs[n + 1]\nd = xs!\ne = xs!2\ng = o!\nh = s[n]\nk = s!");
    refuses("a = o[0]", "AQ0321");
    refuses("a = o!0", "AQ0321");
    refuses("a = n[0]", "AQ0321");
    refuses("a = xs[\"0\"]", "AQ0302");
    refuses("a = xs[b]", "AQ0302");
    refuses("a = [1, 2][2]", "AQ0315");
    refuses("a = nil\nc = a!", "AQ0315");
    accepts("a = [1, 2]\nc = a[1]");
    accepts("a = *[1]\nc = a[5]");
}

#[test]
fn fields_and_lengths() {
    accepts("a = p.x + xs.length + s.length + o.length\nTool.number(a)");
    refuses("a = p.z", "AQ0303");
    refuses("a = n.x", "AQ0303");
    refuses("a = xs.size", "AQ0303");
    refuses("a = m.length", "AQ0303");
    refuses("a = m[0]", "AQ0321");
}

#[test]
fn constructors_and_copies() {
    accepts("x = 1\ny = 2\nq = Point(x, y)\nr = q.copy(x = 3)\nt = Named(name = \"a\", at = r)");
    accepts("q = Named(at = Point(x = 1, y = 2), name = \"a\")\nk = q.at.x");
    refuses("q = Point(x = 1)", "AQ0309");
    refuses("q = Point(x = 1, y = \"2\")", "AQ0302");
    refuses("q = Point(x = 1, y = 2, x = 3)", "AQ0203");
    refuses("q = Nothing(x = 1)", "AQ0202");
    refuses("q = Tool(x = 1)", "AQ0322");
    refuses("q = Back(x = 1)", "AQ0322");
    refuses("q = p.copy(z = 1)", "AQ0303");
    refuses("q = xs.copy(z = 1)", "AQ0322");
}

#[test]
fn calls_have_the_declared_number_of_arguments() {
    accepts("a <- plain(1)\nc = plain(plain(2))\nd <- cb(n)\ne <- Tool.text(\"x\")");
    refuses("a <- plain()", "AQ0304");
    refuses("a <- plain(1, 2)", "AQ0304");
    refuses("a <- Tool.text()", "AQ0304");
    refuses("a <- cb(1, 2)", "AQ0304");
    refuses("a <- nothing_like_it(1)", "AQ0201");
    refuses("a <- n(1)", "AQ0320");
    refuses("a <- p.x(1)", "AQ0402");
}

#[test]
fn results_go_to_names_and_streams() {
    accepts("a, c <- two(1)\nd <- two(1)\nq: *u32\nq, e <- two(1)\nq <- plain(1)");
    refuses("a, c, d <- two(1)", "AQ0304");
    refuses("a <- Tool.nothing()", "AQ0312");
    refuses("a = Tool.nothing()", "AQ0312");
    refuses("Tool.number(Tool.nothing())", "AQ0312");
    refuses("s <- plain(1)", "AQ0302");
    refuses("xs <- plain(1)", "AQ0203");
}

#[test]
fn a_line_by_itself_is_a_call() {
    accepts("Tool.nothing()\nplain(1)");
    refuses("n + 1", "AQ0301");
    refuses("a <- n", "AQ0301");
    refuses("a <- Tool.points()[0]", "AQ0301");
    refuses("a <- Tool.nothing", "AQ0301");
    refuses("plain", "AQ0301");
}

#[test]
fn names_are_bound_once() {
    accepts("if b:\n  a = 1\nelse:\n  a = 2\na = 3");
    refuses("a = 1\na = 2", "AQ0203");
    refuses("n = 1", "AQ0203");
    refuses("plain = 1", "AQ0203");
    refuses("for n <- xs:\n  Tool.nothing()", "AQ0203");
    refuses("on peer:\n  a = 1\na = 2", "AQ0203");
}

#[test]
fn names_live_in_their_block() {
    accepts("on peer:\n  a = 1\nTool.number(a)");
    accepts("a <- plain(1)\npar c <- plain(2)\nTool.number(a + c)");
    refuses("if b:\n  a = 1\nTool.number(a)", "AQ0204");
    refuses("for x <- xs:\n  a = 1\nTool.number(a)", "AQ0204");
    refuses("try:\n  a = 1\nTool.number(a)", "AQ0204");
    refuses("g = (q: u32) -> u32:\n  w = q\n  <- w\nTool.number(w)", "AQ0204");
}

#[test]
fn streams_are_pushed_into_and_frozen() {
    accepts("q: *u32\nq <<- 1\nq <<- n\nz: *[]u32\nz <<- q");
    refuses("q: *u8\nq <<- n", "AQ0302");
    refuses("q: *u8\nq <<- 300", "AQ0313");
    refuses("xs <<- \"a\"", "AQ0307");
    refuses("n <<- 1", "AQ0307");
    refuses("s <<- cb", "AQ0318");
    refuses("q: u32", "AQ0319");
    refuses("q: *Back", "AQ0318");
    refuses("unknown <<- 1", "AQ0201");
}

#[test]
fn stream_maps_have_keys() {
    accepts("q: %u32\nq <<- \"a\", 1\na = q.get(\"a\")\nc = q.contains(\"b\")\nd = q.keys()");
    accepts(
        "for k, v <- m:\n  Tool.number(v)\n  Tool.text(k)\nfor e <- m:\n  Tool.number(e.value)",
    );
    accepts("a = m.getStream(\"k\")\nc = m.keysStream()\nTool.number(a!)");
    refuses("m <<- 1", "AQ0307");
    refuses("s <<- \"k\", \"v\"", "AQ0307");
    refuses("m <<- 1, 1", "AQ0302");
    refuses("a <- m.get(\"k\")", "AQ0301");
    refuses("a = m.fetch(\"k\")", "AQ0402");
    refuses("for k, v <- xs:\n  Tool.text(k)", "AQ0308");
    declares(
        "func pair() -> string, u32:\n  <- \"k\", 1\n\nfunc fill() -> []u32:\n  q: %u32\n  q <- pair()\n  <- q.get(\"k\")\n",
    );
}

#[test]
fn peers_are_strings_and_relays_strings_or_collections() {
    accepts(
        "on peer via o via xs via s via \"r\":\n  Tool.nothing()\non HOST_PEER_ID:\n  Tool.nothing()",
    );
    refuses("on n:\n  Tool.nothing()", "AQ0501");
    refuses("on xs:\n  Tool.nothing()", "AQ0501");
    refuses("on peer via [1]:\n  Tool.nothing()", "AQ0501");
    refuses("on peer via n:\n  Tool.nothing()", "AQ0302");
}

#[test]
fn conditions_are_bools() {
    accepts("if b:\n  Tool.nothing()\nelse:\n  Tool.nothing()");
    refuses("if n:\n  Tool.nothing()", "AQ0302");
    refuses("if any:\n  Tool.nothing()", "AQ0302");
}

#[test]
fn failures_are_caught() {
    accepts(
        "try:\n  Tool.nothing()\ncatch e:\n  Tool.text(e.message)\notherwise:\n  Tool.nothing()",
    );
    accepts("Tool.nothing()\notherwise:\n  Tool.nothing()");
    refuses("try:\n  Tool.nothing()\ncatch e:\n  Tool.text(e.msg)", "AQ0303");
    refuses("try:\n  Tool.nothing()\ncatch n:\n  Tool.nothing()", "AQ0203");
}

#[test]
fn loops_go_over_collections() {
    accepts(
        "for x <- xs:\n  Tool.text(x)\nfor x <- o par:\n  Tool.text(x)\nfor x <- s rec:\n  Tool.text(x)",
    );
    accepts("for x <- [1, 2] try:\n  Tool.number(x)\nparseq x <- xs on x via o:\n  Tool.text(x)");
    refuses("for x <- n:\n  Tool.nothing()", "AQ0308");
    refuses("for x <- \"ab\":\n  Tool.nothing()", "AQ0308");
    refuses("parseq x <- xs on n:\n  Tool.nothing()", "AQ0501");
}

#[test]
fn join_and_co_take_values_and_calls() {
    accepts("join s[2], xs!\nco Tool.nothing()\nco on peer:\n  Tool.nothing()");
    refuses("join q[1]", "AQ0201");
}

#[test]
fn closures_are_values_and_see_what_is_around_them() {
    accepts("g = (q: u32) -> u32:\n  <- q + n\na <- g(1)\nh = g\nc <- h(2)");
    accepts("g = func (q: u32) -> u32:\n  s <<- \"x\"\n  <- q\na <- g(1)");
    refuses("g = (q: u32) -> u32:\n  <- g(q)\na <- g(1)", "AQ0206");
    refuses("g = (n: u32) -> u32:\n  <- 1\na <- g(1)", "AQ0203");
    refuses("g = (q: u32) -> u32:\n  Tool.number(q)\na <- g(1)", "AQ0305");
}

#[test]
fn functions_return_what_they_promise() {
    declares("func f() -> u32, string:\n  <- 1, \"a\"\n");
    declares("func f() -> u32:\n  <- a\n  Tool.nothing()\n".replace("<- a", "<- 1").as_str());
    refuses_declaration("func f() -> u32:\n  <- 1, 2\n", "AQ0304");
    refuses_declaration("func f() -> u32, u32:\n  <- 1\n", "AQ0304");
    refuses_declaration("func f():\n  <- 1\n", "AQ0305");
    refuses_declaration("func f() -> u32:\n  <- \"a\"\n", "AQ0302");
    refuses_declaration("func f() -> u32:\n  Tool.nothing()\n", "AQ0305");
}

#[test]
fn a_stream_is_returned_frozen_or_alive() {
    declares("func f() -> []u32:\n  q: *u32\n  <- q\n\nfunc g() -> *u32:\n  q: *u32\n  <- q\n");
    refuses_declaration("func f(xs: []u32) -> *u32:\n  <- xs\n", "AQ0302");
    refuses_declaration("func f(q: *u32) -> u32:\n  <- q\n", "AQ0306");
}

#[test]
fn services_need_an_id() {
    accepts(
        "Open \"a\"\nx <- Open.go(1)\nOpen \"b\"\ny <- Open.go(1)\nTool \"other\"\nTool.nothing()",
    );
    accepts("t = Tool\nt.nothing()\ng = Tool.number\na <- g(1)");
    refuses("Open.go(1)", "AQ0403");
    refuses("if b:\n  Open \"a\"\nOpen.go(1)", "AQ0403");
    refuses("on peer:\n  Open \"a\"\nOpen.go(1)", "AQ0403");
    refuses("t = Open", "AQ0403");
    refuses("Open 1", "AQ0302");
    refuses("Point \"a\"", "AQ0406");
    refuses("Nothing \"a\"", "AQ0401");
    refuses("Tool.go(1)", "AQ0402");
    refuses("Point.go(1)", "AQ0401");
}

#[test]
fn abilities_are_passed_and_called() {
    declares(
        "func f{Sink}(n: u32) -> u32:\n  a <- Sink.emit(Sink.tag)\n  <- a + n\n\nfunc main(t: string) -> u32:\n  emit = (s: string) -> u32:\n    Tool.text(s)\n    <- 1\n  sink = Sink(tag = t, emit)\n  a <- f{sink}(1)\n  c <- f(sink, 2)\n  <- a + c\n",
    );
    declares(
        "ability Texts:\n  text(s: string) -> string\n\nfunc f{Texts}() -> string:\n  a <- Texts.text(\"a\")\n  <- a\n\nfunc main() -> string:\n  a <- f{Tool}()\n  <- a\n",
    );
    refuses_declaration("func f{Sink}():\n  Sink.emitt(\"a\")\n", "AQ0402");
    refuses_declaration("func f{Sink}():\n  Sink.tag(\"a\")\n", "AQ0320");
    refuses_declaration(
        "data Fake:\n  tag: string\n\nability Small:\n  tag: string\n\nfunc f{Small}():\n  Tool.text(Small.tag)\n\nfunc main(x: Fake):\n  f{x}()\n",
        "AQ0302",
    );
}

#[test]
fn structs_are_structural() {
    declares(
        "data Wide:\n  x: u8\n  y: u8\n  z: u8\n\nfunc f(p: Point) -> u32:\n  <- p.x\n\nfunc main(w: Wide) -> u32:\n  a <- f(w)\n  <- a\n",
    );
    refuses_declaration(
        "data Thin:\n  x: u8\n\nfunc f(p: Point) -> u32:\n  <- p.x\n\nfunc main(w: Thin) -> u32:\n  a <- f(w)\n  <- a\n",
        "AQ0302",
    );
}

#[test]
fn arrows_fit_by_contravariance() {
    declares("func use_it(cb: u8 -> u64):\n  cb(1)\n\nfunc main(g: u16 -> u32):\n  use_it(g)\n");
    declares(
        "func use_it(cb: u8, u8 -> ()):\n  cb(1, 2)\n\nfunc main(g: u8 -> u8):\n  use_it(g)\n",
    );
    refuses_declaration(
        "func use_it(cb: u16 -> u64):\n  cb(1)\n\nfunc main(g: u8 -> u32):\n  use_it(g)\n",
        "AQ0302",
    );
}

#[test]
fn declarations_are_checked() {
    refuses_declaration("data Bad:\n  x: *u8\n", "AQ0318");
    refuses_declaration("data Bad:\n  x: u8\n  x: u8\n", "AQ0203");
    refuses_declaration("data Point:\n  x: u8\n", "AQ0203");
    refuses_declaration("data Loop:\n  x: []Loop\n", "AQ0206");
    refuses_declaration("data Early:\n  x: Late\n\ndata Late:\n  y: u8\n", "AQ0207");
    refuses_declaration("service Bad(\"b\"):\n  go() -> u8, u8\n", "AQ0405");
    refuses_declaration("service Bad(1):\n  go()\n", "AQ0302");
    refuses_declaration("alias Bad: []Back\n", "AQ0318");
    refuses_declaration("func plain():\n  Tool.nothing()\n", "AQ0203");
    refuses_declaration("const A = B\n", "AQ0201");
    refuses_declaration("const LIMIT ?= \"a\"\n", "AQ0302");
    declares(
        "const A = LIMIT\nconst B = HOST_PEER_ID\nconst C = nil\n\nfunc f() -> u8, string, ?u8:\n  <- A, B, C\n",
    );
}

#[test]
fn built_in_constants_have_types() {
    accepts("a = PARTICLE_TTL + 1\nTool.text(LAST_ERROR.message)\nc = PARTICLE_TIMESTAMP == 3");
    accepts("on %init_peer_id%:\n  Tool.text(INIT_PEER_ID)");
    refuses("HOST_PEER_ID = 1", "AQ0203");
    refuses("Tool.number(INIT_PEER_ID)", "AQ0302");
}

#[test]
fn top_takes_data_and_gives_nothing() {
    declares(
        "func f(a: ⊤):\n  Tool.nothing()\n\nfunc main(s: *u8, p: Point):\n  f(1)\n  f(s)\n  f([p])\n",
    );
    refuses("Tool.number(any)", "AQ0302");
    refuses_declaration("func f(a: ⊤):\n  Tool.nothing()\n\nfunc main():\n  f(Tool)\n", "AQ0302");
}

#[test]
fn a_return_line_groups_with_what_is_below_it() {
    let function = |lines: &str| format!("func f(a: u8) -> u8:\n{lines}");
    declares(&function("  <- a\n  par Tool.nothing()\n"));
    declares(&function("  <- a\n  otherwise:\n    Tool.nothing()\n"));
    declares(&function(
        "  Tool.nothing()\n  <- a\n  par Tool.nothing()\n  otherwise:\n    x = 1\n",
    ));
    let twice = function("  <- a\n  par Tool.nothing()\n  <- a\n");
    refuses_declaration(&twice, "AQ0305");
    refuses_declaration(&function("  <- \"a\"\n  par Tool.nothing()\n"), "AQ0302");
}

#[test]
fn callbacks_may_promise_what_no_host_can_give_as_long_as_nobody_uses_it() {
    declares("func f(cb: u8 -> u8 -> u8) -> u8:\n  cb(1)\n  <- 2\n");
}
