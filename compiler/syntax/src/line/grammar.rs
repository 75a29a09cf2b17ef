//! The parser that the build script makes of `grammar.lalrpop`.

#[allow(
    clippy::all,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    clippy::too_many_lines,
    missing_docs,
    unused,
    unused_qualifications,
    unreachable_pub
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/line/grammar.rs"));
}

pub(crate) use generated::LineParser;
