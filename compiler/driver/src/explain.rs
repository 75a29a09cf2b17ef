//! A page for each code: what it means, a wrong program, the right one.

pub use aquac_semantics::codes::CodePage;

/// Every page, sorted by code.
#[must_use]
pub fn pages() -> Vec<&'static CodePage> {
    let mut pages: Vec<&CodePage> = aquac_semantics::codes::PAGES.iter().collect();
    pages.sort_by_key(|page| page.code);
    pages
}

/// The page of a code, in any case.
#[must_use]
pub fn explain(code: &str) -> Option<&'static CodePage> {
    pages().into_iter().find(|page| page.code.0.eq_ignore_ascii_case(code.trim()))
}
