//! Files of golden cases: what a case file says, and how it is written back.
//!
//! ```text
//! --- a sentence that says what the case shows
//! aqua Demo declares *
//! …
//! === placed
//! the expected text of that rung
//! ```

/// One case of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What it shows.
    pub sentence: String,
    /// The source.
    pub source: String,
    /// The expectations, in order.
    pub sections: Vec<Section>,
}

/// One expectation of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What is expected: `diagnostics`, a rung, or the `route` as a table or as `mermaid`.
    pub name: String,
    /// The text, ending in a line break unless it is empty.
    pub text: String,
}

/// Reads a case file. What stands before the first case is ignored.
#[must_use]
pub fn read(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        if let Some(sentence) = line.strip_prefix("--- ") {
            let sentence = sentence.to_owned();
            cases.push(Case { sentence, source: String::new(), sections: Vec::new() });
            continue;
        }
        let Some(case) = cases.last_mut() else { continue };
        if let Some(name) = line.strip_prefix("=== ") {
            case.sections.push(Section { name: name.to_owned(), text: String::new() });
            continue;
        }
        let into = case.sections.last_mut().map_or(&mut case.source, |section| &mut section.text);
        into.push_str(line);
        into.push('\n');
    }
    for case in &mut cases {
        for section in &mut case.sections {
            trim_end(&mut section.text);
        }
    }
    cases
}

/// Writes cases as a file that [`read`] reads back.
#[must_use]
pub fn write(cases: &[Case]) -> String {
    let mut text = String::new();
    for case in cases {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&format!("--- {}\n{}", case.sentence, case.source));
        for section in &case.sections {
            text.push_str(&format!("=== {}\n{}", section.name, section.text));
        }
    }
    text
}

/// Blank lines at the end belong to the layout of the file, not to the expectation.
pub fn trim_end(text: &mut String) {
    let end = text.trim_end().len();
    text.truncate(end);
    if !text.is_empty() {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_back_as_it_was() {
        let text = "--- one\naqua X\n=== ir\na\n\n--- two\naqua Y\n=== plan\n=== ir\nb\n";
        assert_eq!(write(&read(text)), text);
    }
}
