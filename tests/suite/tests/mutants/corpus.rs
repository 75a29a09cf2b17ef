//! Every program of the repository, and how a changed one is checked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aquac_driver::{Checked, ReadError, Request, Sources, check};

/// A program of the repository.
pub(crate) struct Program {
    /// Where it comes from.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
}

/// What the compiler says about a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) code: &'static str,
    pub(crate) error: bool,
    /// First byte and end of the primary label, if it is in the text itself.
    pub(crate) place: Option<(usize, usize)>,
    pub(crate) message: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The files below a folder with this ending, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "aqua") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Programs that may be wrong: examples, the standard library, the cases of the suite, and both
/// programs of each page of `aquac explain`.
pub(crate) fn all() -> Vec<Program> {
    let root = root();
    let mut programs = Vec::new();
    for folder in ["examples", "stdlib"] {
        for file in files(&root.join(folder)) {
            let text = std::fs::read_to_string(&file).unwrap();
            programs.push(Program { path: file.display().to_string(), text });
        }
    }
    for file in files(&root.join("tests/suite/cases")) {
        let cases = aquac_suite::read(&std::fs::read_to_string(&file).unwrap());
        for (number, case) in cases.into_iter().enumerate() {
            let path = format!("{}#{number}.aqua", file.display());
            programs.push(Program { path, text: case.source });
        }
    }
    for page in aquac_driver::pages() {
        for (kind, text) in [("wrong", page.wrong), ("right", page.right)] {
            if !text.is_empty() {
                let path = format!("{}/explain/{}-{kind}.aqua", root.display(), page.code);
                programs.push(Program { path, text: text.to_owned() });
            }
        }
    }
    assert!(programs.len() > 150, "only {} programs were found", programs.len());
    programs
}

/// Those without mistakes.
pub(crate) fn clean() -> Vec<Program> {
    all().into_iter().filter(|program| program.check().iter().all(|said| !said.error)).collect()
}

/// One text in place of a file, all others from the disk.
struct Overlay<'a>(BTreeMap<&'a str, &'a str>);

impl Sources for Overlay<'_> {
    fn read(&self, path: &str) -> Result<String, ReadError> {
        match self.0.get(path) {
            Some(text) => Ok((*text).to_owned()),
            None => std::fs::read_to_string(path).map_err(|_| ReadError::NotFound),
        }
    }
}

impl Program {
    /// What is said about it.
    pub(crate) fn check(&self) -> Vec<Said> {
        self.check_as(&self.text)
    }

    /// What is said about another text in its place.
    pub(crate) fn check_as(&self, text: &str) -> Vec<Said> {
        said(&self.compile(text), &self.path)
    }

    /// The other text in its place, checked.
    pub(crate) fn compile(&self, text: &str) -> Checked {
        let request = Request { entries: vec![self.path.clone()], ..Request::default() };
        check(&request, &Overlay(BTreeMap::from([(self.path.as_str(), text)])))
    }

    /// Whether it needs no other module.
    pub(crate) fn is_alone(&self) -> bool {
        !self.text.lines().any(|line| line.starts_with("import") || line.starts_with("use "))
    }
}

fn said(checked: &Checked, path: &str) -> Vec<Said> {
    let own = checked.sources.iter().find(|(_, source)| source.name == path).map(|(id, _)| id);
    let found = checked.diagnostics.iter().map(|found| {
        let label = found.primary.as_ref().filter(|label| Some(label.span.source) == own);
        Said {
            code: found.code.0,
            error: found.is_error(),
            place: label.map(|label| (label.span.start as usize, label.span.end as usize)),
            message: found.message.clone(),
        }
    });
    found.collect()
}
