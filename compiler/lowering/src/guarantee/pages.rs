//! The pages of the codes of this module: the programs are files beside this one.

use aquac_base::CodePage;

use crate::codes;

macro_rules! page {
    ($code:ident, $number:literal, $meaning:literal) => {
        CodePage {
            code: codes::$code,
            meaning: $meaning,
            wrong: include_str!(concat!("pages/", $number, "-wrong.aqua")),
            right: include_str!(concat!("pages/", $number, "-right.aqua")),
        }
    };
}

/// One page for each code, in the order of the codes.
pub const PAGES: &[CodePage] = &[
    page!(
        NEVER_VISITED,
        "AQ0502",
        "Nothing in an `on` block happens anywhere, so its peer is not visited: naming and pushing values need no place."
    ),
    page!(
        CALLER_ASSUMED,
        "AQ0503",
        "`on INIT_PEER_ID` takes for granted that the caller is still there and can be reached without a relay."
    ),
    page!(
        OVER_BUDGET,
        "AQ0504",
        "A function costs more than the comment directly above it allows on its dearest way (an error), or may, if that depends on a length or a size (a warning)."
    ),
    page!(
        BAD_BUDGET,
        "AQ0505",
        "A `@budget` comment that cannot be read, or that stands above no function: it says `hops`, `trips` or `bytes`, then `<=` and a number, without spaces; bytes also in `KB` or `MB`. It may bound what the cost depends on too, as `aquac check --cost` names it: `ps.length<=5`, `|score|<=1KB`."
    ),
    page!(
        STARVES,
        "AQ0601",
        "A wait for an element of a stream that is never written (an error), or not on every path (a warning)."
    ),
    page!(
        CROSS_READ,
        "AQ0602",
        "A parallel branch reads what a branch beside it gets: the two are not parallel."
    ),
    page!(
        EARLY_READ,
        "AQ0603",
        "A stream is read while parallel branches still write to it, so nobody knows how much is in it."
    ),
    page!(
        TIMER_WITH_WORK,
        "AQ0604",
        "A timeout runs on the peer that it guards: if that peer is down, so is the timer."
    ),
    page!(WAIT_CIRCLE, "AQ0605", "Waits wait for each other, so none of them is ever over."),
];
