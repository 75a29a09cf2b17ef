//! Every Aqua text of the repository, and how it is checked. `AQUAC_CASES` names a folder with
//! more.

use std::path::{Path, PathBuf};

use aquac_driver::{Checked, ReadError, Request, Sources, check, constant};
use aquac_ir::Value;

/// A peer that exists nowhere.
const SOMEBODY: &str = "12D3KooWQ9u4i133dtgyuyfDoNrT3xcLeYxin2xB74pUzEdsRGRS";

/// A text and where it stands.
pub(crate) struct Text {
    pub(crate) name: String,
    pub(crate) text: String,
    /// Peers of its project, as constants.
    peers: Vec<String>,
}

/// One text in place of a file, all others from the disk.
struct Overlay<'a>(&'a str, &'a str);

impl Sources for Overlay<'_> {
    fn read(&self, path: &str) -> Result<String, ReadError> {
        if path == self.0 {
            return Ok(self.1.to_owned());
        }
        std::fs::read_to_string(path).map_err(|_| ReadError::NotFound)
    }
}

impl Text {
    /// Another text in its place, checked.
    pub(crate) fn check(&self, text: &str) -> Checked {
        let given = self.peers.iter().filter_map(|peer| constant(peer, &Value::text(SOMEBODY)));
        let entries = vec![self.name.clone()];
        let request = Request { entries, constants: given.collect(), ..Request::default() };
        check(&request, &Overlay(&self.name, text))
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir()
                && !name.starts_with('.')
                && !["target", "node_modules"].contains(&&*name)
            {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "aqua") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The constants that the nearest `aqua.toml` gives to a program.
fn peers(path: &Path) -> Vec<String> {
    let mut manifests = path.ancestors().skip(1).map(|folder| folder.join("aqua.toml"));
    let text = manifests.find_map(|manifest| std::fs::read_to_string(manifest).ok());
    let tables = text.iter().flat_map(|text| text.lines()).filter_map(|line| {
        let name = line.strip_prefix("[peers.")?.strip_suffix(']')?;
        Some(name.to_uppercase().replace('-', "_"))
    });
    tables.collect()
}

/// All of them.
pub(crate) fn texts() -> Vec<Text> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let mut all = files(&top);
    all.extend(std::env::var_os("AQUAC_CASES").iter().flat_map(|more| files(Path::new(more))));
    let mut texts = Vec::new();
    for path in all {
        let (name, text) = (path.display().to_string(), std::fs::read_to_string(&path).unwrap());
        if path.starts_with(top.join("tests/suite")) {
            texts.extend(aquac_suite::read(&text).into_iter().enumerate().map(|(number, case)| {
                let name = format!("{name}#{number}.aqua");
                Text { name, text: case.source, peers: Vec::new() }
            }));
        } else {
            texts.push(Text { name, text, peers: peers(&path) });
        }
    }
    texts
}
