//! The pages of the codes.

use super::CodePage;

/// One page for each code, in the order of the codes.
pub const PAGES: &[CodePage] = &[];
