//! What the parameters of service functions are called, so that an HTTP template can name them.

use std::collections::BTreeMap;

use aquac_driver::{Checked, check};
use aquac_project::DiskSources;

use crate::arguments::SourceArguments;
use crate::project::Project;
use crate::request::request;

/// Names of parameters by service id and function.
#[derive(Debug, Default)]
pub(crate) struct Parameters(BTreeMap<(String, String), Vec<String>>);

impl Parameters {
    /// Those of every service with a known id in a program.
    pub(crate) fn of_program(checked: &Checked) -> Self {
        Self(
            checked
                .service_functions()
                .map(|function| ((function.service, function.name), function.parameters))
                .collect(),
        )
    }

    /// Those of all sources of a project. Where they do not compile, those that are understood.
    pub(crate) fn of_project(project: &Project) -> Self {
        let folder = project.root.join(&project.manifest.project.src);
        if !folder.is_dir() {
            return Self::default();
        }
        request(&[folder], &SourceArguments::default(), project)
            .map(|request| Self::of_program(&check(&request, &DiskSources)))
            .unwrap_or_default()
    }

    /// The names of one function's parameters, in order.
    pub(crate) fn of(&self, service: &str, function: &str) -> Option<&[String]> {
        self.0.get(&(service.to_owned(), function.to_owned())).map(Vec::as_slice)
    }
}
