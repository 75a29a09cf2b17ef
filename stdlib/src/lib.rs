//! The standard library's sources, embedded as a table.
//!
//! A source is found under the name by which programs import it, unless the project has a file of
//! its own there. The name is the source's path below this package: `aqua/` has functions that the
//! language's users need again and again, `@fluencelabs/aqua-lib/` declares what peers answer by
//! themselves, under the names that programs have always imported.

/// A source of the standard library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Library {
    /// How programs import it, with its extension.
    pub import: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! table {
    ($($import:literal,)*) => {
        &[$(Library { import: $import, text: include_str!(concat!("../", $import)) },)*]
    };
}

/// Every source, sorted by import name.
pub const LIBRARIES: &[Library] = table![
    "@fluencelabs/aqua-lib/builtin.aqua",
    "@fluencelabs/aqua-lib/math.aqua",
    "@fluencelabs/aqua-lib/subnet.aqua",
    "@fluencelabs/aqua-lib/workers.aqua",
    "aqua/fan.aqua",
    "aqua/json.aqua",
    "aqua/quorum.aqua",
    "aqua/retry.aqua",
    "aqua/texts.aqua",
    "aqua/timeout.aqua",
    "aqua/wait.aqua",
];

/// The source with this import name. The extension may be left out, as in programs.
#[must_use]
pub fn find(import: &str) -> Option<&'static Library> {
    let stem = |name: &'static str| name.strip_suffix(".aqua").unwrap_or(name);
    let wanted = import.strip_suffix(".aqua").unwrap_or(import);
    let at = LIBRARIES.binary_search_by(|library| stem(library.import).cmp(wanted)).ok()?;
    LIBRARIES.get(at)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::{LIBRARIES, find};

    fn sources_below(folder: &Path, found: &mut BTreeSet<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("the folder is readable") {
            let path = entry.expect("the entry is readable").path();
            if path.is_dir() {
                sources_below(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "aqua") {
                found.insert(path);
            }
        }
    }

    #[test]
    fn the_table_is_sorted_with_and_without_extensions() {
        let names: Vec<&str> = LIBRARIES.iter().map(|library| library.import).collect();
        assert!(names.is_sorted());
        assert!(names.iter().map(|name| name.trim_end_matches(".aqua")).is_sorted());
    }

    #[test]
    fn every_source_file_is_in_the_table() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = BTreeSet::new();
        sources_below(root, &mut found);
        let listed: BTreeSet<PathBuf> =
            LIBRARIES.iter().map(|library| root.join(library.import)).collect();
        assert_eq!(found, listed);
    }

    #[test]
    fn a_source_is_found_with_and_without_its_extension() {
        for library in LIBRARIES {
            assert_eq!(find(library.import), Some(library));
            assert_eq!(find(library.import.trim_end_matches(".aqua")), Some(library));
        }
        assert_eq!(find("aqua/fan.txt"), None);
        assert_eq!(find(""), None);
    }

    #[test]
    fn each_source_says_what_it_is_before_it_names_itself() {
        for library in LIBRARIES {
            let head = library.text.lines().find(|line| !line.starts_with("---"));
            assert!(library.text.starts_with("--- "), "{} has no text at its head", library.import);
            assert!(head.is_some_and(|line| line.starts_with("aqua ")), "{}", library.import);
        }
    }

    /// The names that a declaration file gives, a line for each type and service.
    fn names(text: &str) -> String {
        let mut names = String::new();
        for line in text.lines() {
            let words: Vec<&str> = line.split([' ', ':', '(']).collect();
            match *words.as_slice() {
                [kind @ ("service" | "data" | "alias"), name, ..] => {
                    names.push_str(&format!("\n  {kind} {name}"));
                }
                ["", "", member, ..] if !member.starts_with('-') => {
                    let first = names.lines().last().is_some_and(|line| !line.contains(':'));
                    names.push_str(if first { ": " } else { " " });
                    names.push_str(member);
                }
                _ => {}
            }
        }
        names
    }

    #[test]
    fn programs_find_every_name_that_they_have_always_imported() {
        let folder = "@fluencelabs/aqua-lib/";
        let declared: String = LIBRARIES
            .iter()
            .filter_map(|library| Some((library.import.strip_prefix(folder)?, library.text)))
            .map(|(file, text)| format!("{file}{}\n", names(text)))
            .collect();
        assert_eq!(declared, include_str!("../imports.txt"));
    }
}
