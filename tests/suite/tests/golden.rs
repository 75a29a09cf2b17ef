//! Every case under `cases/`, compared with what the compiler says today.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the suite is files, and a test"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aquac_driver::{
    Options, Request, Route, Rung, check, cost_text, costs, emit, flow_text, flows, render, routes,
};
use aquac_suite::{Section, read, trim_end, write};

const FILE: &str = "case.aqua";

/// What a section of this name should say.
fn actual(section: &str, source: &str) -> Result<String, String> {
    let sources = BTreeMap::from([(FILE.to_owned(), source.to_owned())]);
    let request = Request { entries: vec![FILE.to_owned()], ..Request::default() };
    let checked = check(&request, &sources);
    let told = |diagnostics: &[_]| -> String {
        let terminal = |one| render::terminal(one, &checked.sources, render::Colour::Plain);
        diagnostics.iter().map(terminal).collect()
    };
    if section == "diagnostics" {
        return Ok(told(&checked.diagnostics));
    }
    if let "route" | "mermaid" = section {
        let ways = routes(&checked, &Options::default()).map_err(|found| told(&found))?;
        let text = if section == "route" { Route::text } else { Route::mermaid };
        return Ok(ways.iter().map(text).collect());
    }
    if section == "cost" {
        let costs = costs(&checked, &Options::default()).map_err(|found| told(&found))?;
        return Ok(costs.iter().map(|cost| cost_text(cost, &checked.sources)).collect());
    }
    if section == "flow" {
        return Ok(flows(&checked, &Options::default())
            .map_err(|found| told(&found))?
            .iter()
            .map(|flow| flow_text(flow, &checked.sources))
            .collect());
    }
    let rung = Rung::named(section).ok_or_else(|| format!("there is no section `{section}`"))?;
    emit(&checked, rung, &Options::default()).map_err(|found| told(&found))
}

fn case_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "aqua") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

#[test]
fn every_case_says_what_it_should() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut wrong = Vec::new();
    let mut checked = 0;
    for file in case_files(&folder) {
        let mut cases = read(&std::fs::read_to_string(&file).unwrap());
        for case in &mut cases {
            let place = format!("{}: {}", file.display(), case.sentence);
            assert!(!case.sections.is_empty(), "{place}: nothing is expected");
            for Section { name, text } in &mut case.sections {
                let mut now = actual(name, &case.source).unwrap_or_else(|why| why);
                trim_end(&mut now);
                if cfg!(feature = "bless") {
                    *text = now;
                } else if *text != now {
                    wrong.push(format!("{place}\n=== {name}, expected\n{text}=== but now\n{now}"));
                }
                checked += 1;
            }
        }
        if cfg!(feature = "bless") {
            std::fs::write(&file, write(&cases)).unwrap();
        }
    }
    assert!(checked > 0, "there are no cases");
    assert!(wrong.is_empty(), "{} of {checked} differ\n\n{}", wrong.len(), wrong.join("\n"));
}
