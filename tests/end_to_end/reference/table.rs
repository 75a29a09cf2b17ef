//! What is different on purpose, by name: the tables of `README.md` beside this file, which people
//! read and tests hold.

const README: &str = include_str!("README.md");

/// The rows of the table under a heading: a name, and why it is different.
pub(crate) fn different(heading: &str) -> Vec<(&'static str, &'static str)> {
    let start = format!("### {heading}\n");
    let (_, rest) = README.split_once(&start).unwrap_or_else(|| panic!("no heading {heading}"));
    let (section, _) = rest.split_once("\n#").unwrap_or((rest, ""));
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |"));
    let rows: Vec<_> = rows.filter_map(|row| row.split_once("` | ")).collect();
    assert!(!rows.is_empty(), "no rows under {heading}");
    rows
}
