//! Path templates: what an argument may do to an address is to be one segment, a part of one, or
//! a part of a query, percent-encoded. It can never add a segment, climb to a parent, or reach
//! another host.

use aquac_ir::{Argument, FaultCode, ServiceError};
use reqwest::Url;

use crate::config::ConfigErrorReason;
use crate::error;
use crate::template::{Names, Part, Template};

/// A base address and a template of path and query behind it.
pub(super) struct Address {
    /// Without a slash at its end.
    base: String,
    template: Template,
}

impl Address {
    pub(super) fn new(
        base: &Url,
        path: &str,
        names: &mut Names,
    ) -> Result<Self, ConfigErrorReason> {
        let refused = |problem: &str| ConfigErrorReason::Url {
            url: path.to_owned(),
            problem: problem.to_owned(),
        };
        if !path.starts_with('/') {
            return Err(refused("a path starts with /"));
        }
        if path.contains('#') {
            return Err(refused("a fragment is never sent"));
        }
        let template = Template::parse(path, names)
            .map_err(|error| ConfigErrorReason::Template { field: "path", error })?;
        let base = base.as_str().trim_end_matches('/').to_owned();
        Ok(Self { base, template })
    }

    /// The address with the arguments in it.
    pub(super) fn fill(&self, args: &[Argument]) -> Result<Url, ServiceError> {
        let mut address = self.base.clone();
        let mut segment = Segment::default();
        for part in self.template.parts() {
            match part {
                Part::Text(text) => {
                    for c in text.chars() {
                        segment.written(c)?;
                        address.push(c);
                    }
                }
                Part::Reference(reference) => {
                    let text = reference.text(args)?;
                    segment.argument(reference.written(), &text);
                    encode(&text, &mut address);
                }
            }
        }
        segment.end()?;
        Url::parse(&address).map_err(|problem| {
            error(FaultCode::Service, format!("the arguments make no address: {problem}"))
        })
    }
}

/// The path segment that is being written, as a server will read it.
#[derive(Default)]
struct Segment {
    in_query: bool,
    /// The argument in it, if there is one.
    argument: Option<String>,
    text: String,
}

impl Segment {
    fn written(&mut self, c: char) -> Result<(), ServiceError> {
        if self.in_query {
            return Ok(());
        }
        match c {
            '/' => self.end(),
            '?' => {
                self.in_query = true;
                self.end()
            }
            _ => {
                self.text.push(c);
                Ok(())
            }
        }
    }

    fn argument(&mut self, name: &str, text: &str) {
        if !self.in_query {
            self.argument.get_or_insert_with(|| name.to_owned());
            self.text.push_str(text);
        }
    }

    /// An argument must not make an empty segment, `.` or `..`: those name other resources.
    fn end(&mut self) -> Result<(), ServiceError> {
        let Self { in_query: _, argument, text } = self;
        let refused = argument.take().filter(|_| matches!(text.as_str(), "" | "." | ".."));
        let problem = refused.map(|name| {
            let message = format!("`{name}` cannot stand in a path: it is \"{text}\"");
            error(FaultCode::Service, message)
        });
        text.clear();
        problem.map_or(Ok(()), Err)
    }
}

/// Everything but RFC 3986's unreserved characters.
fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use aquac_ir::{Origin, Value};

    use super::*;

    fn filled(path: &str, text: &str) -> String {
        let base = Url::parse("http://127.0.0.1:81/api/").unwrap();
        let address = Address::new(&base, path, &mut Names::default());
        let argument = Argument { value: Value::text(text), origin: Origin::Derived };
        match address.map(|address| address.fill(&[argument])) {
            Ok(Ok(url)) => url.to_string(),
            Ok(Err(error)) => error.message,
            Err(reason) => reason.to_string(),
        }
    }

    #[test]
    fn an_argument_stays_in_its_segment() {
        insta::assert_snapshot!(filled("/score/{c}", "al"), @"http://127.0.0.1:81/api/score/al");
        insta::assert_snapshot!(filled("/score/{c}/x", "a/../b?q=1#f"), @"http://127.0.0.1:81/api/score/a%2F..%2Fb%3Fq%3D1%23f/x");
        insta::assert_snapshot!(filled("/s?who={c}&n=1", "a&n=2 ü%"), @"http://127.0.0.1:81/api/s?who=a%26n%3D2%20%C3%BC%25&n=1");
        insta::assert_snapshot!(filled("/score{c}", "@evil.example:80/"), @"http://127.0.0.1:81/api/score%40evil.example%3A80%2F");
        insta::assert_snapshot!(filled("/s/{c}.json", "."), @"http://127.0.0.1:81/api/s/..json");
    }

    #[test]
    fn an_argument_cannot_name_another_resource() {
        insta::assert_snapshot!(filled("/score/{c}", ".."), @r#"`c` cannot stand in a path: it is "..""#);
        insta::assert_snapshot!(filled("/score/{c}/x", ""), @r#"`c` cannot stand in a path: it is """#);
        insta::assert_snapshot!(filled("/score/.{c}?a", "."), @r#"`c` cannot stand in a path: it is "..""#);
        insta::assert_snapshot!(filled("/s?who={c}", ""), @"http://127.0.0.1:81/api/s?who=");
    }

    #[test]
    fn a_path_is_checked_before_anything_is_asked() {
        insta::assert_snapshot!(filled("score", ""), @"`score` is no http address: a path starts with /");
        insta::assert_snapshot!(filled("/a#{c}", ""), @"`/a#{c}` is no http address: a fragment is never sent");
        insta::assert_snapshot!(filled("/a{c", ""), @r#"in `path`: a brace has no partner in "/a{c"; write {{ or }} for the brace itself"#);
    }
}
