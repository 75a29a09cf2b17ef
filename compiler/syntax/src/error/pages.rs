//! The pages of the codes: the programs are files beside this one, so that editors, the
//! formatter and the tests see them as what they are.

use aquac_base::CodePage;

use super::codes;

macro_rules! page {
    ($code:ident, $folder:literal, $meaning:literal) => {
        CodePage {
            code: codes::$code,
            meaning: $meaning,
            wrong: include_str!(concat!("pages/", $folder, "/wrong.aqua")),
            right: include_str!(concat!("pages/", $folder, "/right.aqua")),
        }
    };
}

/// A page for every code that the parser reports, in the order of the codes.
pub const PAGES: &[CodePage] = &[
    page!(MISALIGNED, "AQ0001", "Lines of one block start in the same column."),
    page!(
        MIXED_BLANKS,
        "AQ0002",
        "Lines of one block start with the same blanks: tabs and spaces do not mix."
    ),
    page!(STRING, "AQ0003", "Strings stand between double quotes."),
    page!(COMMENT, "AQ0004", "Comments start with `--`."),
    page!(
        LETTERS,
        "AQ0005",
        "Types start with a capital letter, constants are upper case, other names start with a lower-case letter."
    ),
    page!(
        NUMBER,
        "AQ0006",
        "Numbers are decimal, without leading zeros, separators and exponents."
    ),
    page!(CHARACTER, "AQ0007", "A character that means nothing in Aqua."),
    page!(TOO_DEEP, "AQ0008", "The text nests deeper, or is longer, than the compiler reads."),
    page!(
        NO_HEADER,
        "AQ0101",
        "A file starts with `aqua Name declares …`, so that other modules can import it."
    ),
    page!(BRACKET, "AQ0102", "Every bracket has its partner."),
    page!(MISSING_PART, "AQ0103", "Something is missing: a colon, a type, a value or a name."),
    page!(
        FOREIGN_WORD,
        "AQ0104",
        "A word of another language stands where Aqua has one of its own."
    ),
    page!(
        FOREIGN_FORM,
        "AQ0105",
        "A form of another language stands where Aqua has one of its own."
    ),
    page!(
        RETURN_PLACE,
        "AQ0106",
        "`<-` is a line of the function itself: a block in it cannot leave it."
    ),
    page!(
        ALTERNATIVE_PLACE,
        "AQ0107",
        "`else`, `catch` and `otherwise` directly follow what they belong to."
    ),
    page!(
        PAR_FIRST,
        "AQ0108",
        "`par` runs beside the line above it, so the first line of a block cannot have one."
    ),
    page!(
        NO_BODY,
        "AQ0110",
        "A line that ends with a colon has at least one indented line below it."
    ),
    page!(UNEXPECTED, "AQ0111", "Something stands where nothing, or something else, can."),
    page!(WRONG_PLACE, "AQ0112", "A line can be read, but not in this place."),
    page!(
        CONSTANT_VALUE,
        "AQ0113",
        "Constants are literals or names, and an empty collection needs a type."
    ),
];

#[cfg(test)]
mod tests {
    use aquac_base::SourceId;

    use super::PAGES;

    #[test]
    fn each_wrong_program_has_its_problem_and_each_right_one_none() {
        for page in PAGES {
            let codes = |text: &str| -> Vec<_> {
                let parsed = crate::parse(SourceId(0), text);
                parsed.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
            };
            assert_eq!(codes(page.wrong), [page.code], "{}", page.wrong);
            assert_eq!(codes(page.right), [], "{}", page.right);
            assert_eq!(crate::format(page.right).as_deref(), Ok(page.right));
        }
    }

    #[test]
    fn pages_are_in_the_order_of_their_codes() {
        assert!(PAGES.is_sorted_by(|a, b| a.code < b.code));
    }
}
