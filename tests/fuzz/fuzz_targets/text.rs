//! Any text through the whole compiler: no panic, nothing lost by the lexer, every diagnostic can
//! be shown, and what is free of errors becomes programs that a peer takes.

#![no_main]

use std::collections::BTreeMap;

use aquac_base::SourceId;
use aquac_driver::{Options, Request, build, check, render};
use aquac_ir::{VerifiedProgram, decode, encode};
use libfuzzer_sys::fuzz_target;

const FILE: &str = "main.aqua";

fuzz_target!(|text: &str| {
    let tokens = aquac_syntax::lex(text, SourceId(0));
    let all: String =
        (0..).take_while(|at| tokens.kind(*at).is_some()).map(|at| tokens.slice(at)).collect();
    assert_eq!(all, text, "every byte is in a token");

    let sources = BTreeMap::from([(FILE.to_owned(), text.to_owned())]);
    let request = Request { entries: vec![FILE.to_owned()], ..Request::default() };
    let checked = check(&request, &sources);
    for diagnostic in &checked.diagnostics {
        let _ = render::json_diagnostic(diagnostic, &checked.sources);
        let _ = render::terminal(diagnostic, &checked.sources, render::Colour::Plain);
    }
    match build(&checked, &Options::default()) {
        Ok(artifacts) => {
            for artifact in artifacts {
                let bytes = encode(&artifact.program);
                assert_eq!(decode(&bytes).as_ref(), Ok(&artifact.program));
                if let Err(error) = VerifiedProgram::new(artifact.program) {
                    panic!("`{}` compiles to what no peer takes: {error}", artifact.function);
                }
            }
        }
        Err(diagnostics) => assert!(!diagnostics.is_empty(), "a build fails for a reason"),
    }
});
