//! Every Aqua text of the repository: each `.aqua` file, and for a file of golden cases each of
//! its sources. `AQUAC_CASES` names a folder with more.

use std::path::{Path, PathBuf};

/// A text and where it stands.
pub(crate) struct Text {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// The top of the repository.
pub(crate) fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The content of a file, by its path from the top.
pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(top().join(path)).unwrap_or_else(|why| panic!("{path}: {why}"))
}

/// The files with this extension, without what is built or installed.
pub(crate) fn files(extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![top()];
    open.extend(std::env::var_os("AQUAC_CASES").map(PathBuf::from));
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules"
            {
                open.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// All of them.
pub(crate) fn texts() -> Vec<Text> {
    let mut texts = Vec::new();
    for path in files("aqua") {
        let name = path.strip_prefix(top()).unwrap_or(&path).display().to_string();
        let text = std::fs::read_to_string(&path).unwrap();
        if name.starts_with("tests/suite/") {
            texts.extend(cases(&name, &text));
        } else {
            texts.push(Text { name, text });
        }
    }
    texts
}

/// The sources of a file of golden cases: what stands below `--- sentence`, down to `=== …`.
fn cases(name: &str, text: &str) -> Vec<Text> {
    let mut cases: Vec<Text> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if let Some(sentence) = line.strip_prefix("--- ") {
            cases.push(Text { name: format!("{name}: {sentence}"), text: String::new() });
            inside = true;
        } else if line.starts_with("=== ") {
            inside = false;
        } else if inside && let Some(case) = cases.last_mut() {
            case.text.push_str(line);
            case.text.push('\n');
        }
    }
    cases
}

/// What the golden cases expect under this heading, a text for each case.
pub(crate) fn sections(heading: &str) -> Vec<Text> {
    let mut found: Vec<Text> = Vec::new();
    for path in files("aqua") {
        let name = path.strip_prefix(top()).unwrap_or(&path).display().to_string();
        let mut inside = false;
        let text = std::fs::read_to_string(&path).unwrap();
        for line in text.lines().filter(|_| name.starts_with("tests/suite/")) {
            let starts = line.strip_prefix("=== ") == Some(heading);
            inside = starts || inside && !line.starts_with("--- ") && !line.starts_with("=== ");
            if starts {
                found.push(Text { name: name.clone(), text: String::new() });
            } else if inside && let Some(last) = found.last_mut() {
                last.text.push_str(line);
                last.text.push('\n');
            }
        }
    }
    found
}
