//! The one declaration of what every peer answers by itself: names, numbers of arguments, who may
//! call, and what computes the answer. The policy, the dispatch and the tests read it; the
//! standard library's declarations are held against it.

use super::arguments::Arguments;
use super::{Answer, Surroundings, arrays, numbers, objects, peers, services, texts};

/// Who may call a builtin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody, whatever the rules say of other calls: it has no effect, and tells no secret.
    Anyone,
    /// Whom the peer's rules allow, as with any service.
    Ruled,
    /// Programs that the peer has started itself, and whom a rule names.
    Own,
}

/// How a builtin is computed.
pub(super) enum Meaning {
    /// From its arguments alone.
    Pure(fn(&Arguments<'_>) -> Answer),
    /// From what the peer knows.
    Here(fn(&Arguments<'_>, &dyn Surroundings) -> Answer),
    /// Waits as long as the first argument says, and answers the second.
    Timer,
    /// Makes a link to the peer that the first argument names, at the addresses of the second.
    Connect,
}

/// One function.
pub(super) struct Builtin {
    pub(super) service: &'static str,
    pub(super) function: &'static str,
    /// The fewest and the most arguments.
    pub(super) arguments: (usize, usize),
    pub(super) access: Access,
    pub(super) meaning: Meaning,
}

pub(super) const MANY: usize = usize::MAX;

const fn pure(
    service: &'static str,
    function: &'static str,
    arguments: (usize, usize),
    meaning: fn(&Arguments<'_>) -> Answer,
) -> Builtin {
    Builtin { service, function, arguments, access: Anyone, meaning: Meaning::Pure(meaning) }
}

const fn here(
    service: &'static str,
    function: &'static str,
    arguments: (usize, usize),
    access: Access,
    meaning: fn(&Arguments<'_>, &dyn Surroundings) -> Answer,
) -> Builtin {
    Builtin { service, function, arguments, access, meaning: Meaning::Here(meaning) }
}

const fn effect(
    service: &'static str,
    function: &'static str,
    arguments: (usize, usize),
    access: Access,
    meaning: Meaning,
) -> Builtin {
    Builtin { service, function, arguments, access, meaning }
}

use Access::{Anyone, Own, Ruled};

/// Every function that every peer answers.
pub(super) const TABLE: &[Builtin] = &[
    pure("op", "noop", (0, MANY), texts::nothing),
    pure("op", "array", (0, MANY), arrays::of_all),
    pure("op", "array_length", (1, 1), arrays::length),
    pure("op", "concat", (0, MANY), arrays::concat),
    pure("op", "concat_strings", (0, MANY), texts::concat),
    pure("op", "identity", (0, 1), texts::identity),
    pure("op", "string_to_b58", (1, 1), texts::text_to_base58),
    pure("op", "string_from_b58", (1, 1), texts::text_from_base58),
    pure("op", "bytes_to_b58", (1, 1), texts::bytes_to_base58),
    pure("op", "bytes_from_b58", (1, 1), texts::bytes_from_base58),
    pure("op", "sha256_string", (1, 3), texts::sha256),
    pure("math", "add", (2, 2), numbers::add),
    pure("math", "sub", (2, 2), numbers::sub),
    pure("math", "mul", (2, 2), numbers::mul),
    pure("math", "fmul", (2, 2), numbers::fmul),
    pure("math", "div", (2, 2), numbers::div),
    pure("math", "rem", (2, 2), numbers::rem),
    pure("math", "pow", (2, 2), numbers::pow),
    pure("math", "log", (2, 2), numbers::log),
    pure("cmp", "gt", (2, 2), numbers::gt),
    pure("cmp", "gte", (2, 2), numbers::gte),
    pure("cmp", "lt", (2, 2), numbers::lt),
    pure("cmp", "lte", (2, 2), numbers::lte),
    pure("cmp", "cmp", (2, 2), numbers::compare),
    pure("array", "sum", (1, 1), arrays::sum),
    pure("array", "dedup", (1, 1), arrays::dedup),
    pure("array", "intersect", (2, 2), arrays::intersect),
    pure("array", "diff", (2, 2), arrays::difference),
    pure("array", "sdiff", (2, 2), arrays::symmetric_difference),
    pure("array", "slice", (3, 3), arrays::slice),
    pure("array", "length", (1, 1), arrays::length),
    pure("json", "obj", (0, MANY), objects::obj),
    pure("json", "put", (3, 3), objects::puts),
    pure("json", "puts", (1, MANY), objects::puts),
    pure("json", "obj_pairs", (1, 1), objects::obj_pairs),
    pure("json", "puts_pairs", (2, 2), objects::puts_pairs),
    pure("json", "parse", (1, 1), objects::parse),
    pure("json", "stringify", (1, 1), objects::stringify),
    pure("debug", "stringify", (0, MANY), objects::debug),
    pure("run-console", "print", (0, MANY), texts::print),
    here("peer", "identify", (0, 0), Anyone, peers::identify),
    pure("peer", "timestamp_ms", (0, 0), peers::timestamp_ms),
    pure("peer", "timestamp_sec", (0, 0), peers::timestamp_sec),
    here("peer", "is_connected", (1, 1), Anyone, peers::is_connected),
    // Addresses of clients are theirs.
    here("peer", "get_contact", (1, 1), Ruled, peers::get_contact),
    effect("peer", "timeout", (1, 2), Anyone, Meaning::Timer),
    effect("peer", "connect", (1, 2), Own, Meaning::Connect),
    here("kad", "neighborhood", (1, 3), Anyone, peers::neighborhood),
    here("kad", "neigh_with_addrs", (1, 3), Ruled, peers::neighbours_with_addresses),
    pure("kad", "merge", (3, 4), peers::merge),
    here("sig", "sign", (1, 1), Own, peers::sign),
    here("sig", "verify", (2, 2), Anyone, peers::verify),
    here("sig", "get_peer_id", (0, 0), Anyone, peers::get_peer_id),
    here("srv", "list", (0, 0), Anyone, services::list),
    here("srv", "info", (1, 1), Anyone, services::info),
    here("srv", "resolve_alias", (1, 1), Anyone, services::resolve),
    here("srv", "resolve_alias_opt", (1, 1), Anyone, services::resolve_option),
];
