//! A checked program → warnings for texts that name a peer and cannot be the id of one.
//!
//! `on "text"` is a literal id. What the reference took for a peer is not refused; it is only
//! certain that no peer is ever reached under such a name.

use std::collections::{BTreeMap, BTreeSet};

use aquac_base::{Diagnostic, Label, Span};
use aquac_ir::PeerId;
use aquac_semantics::codes;
use aquac_semantics::hir::{
    Block, ExprId, ExprKind, Function, Handler, LiteralKind, Program, Stmt, StmtKind,
};

/// One warning for each text, however often it is used.
pub(crate) fn impossible_peers(program: &Program) -> Vec<Diagnostic> {
    let mut finder = Finder { program, places: BTreeSet::new() };
    let asked_for = |function: &Function| {
        program.modules.get(function.module.index()).is_some_and(|module| module.entry)
    };
    for (_, function) in program.functions.iter() {
        if asked_for(function) {
            finder.block(&function.body);
        }
    }
    let mut found: Vec<Diagnostic> = Vec::new();
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for (span, text) in finder.places {
        let Err(why) = text.parse::<PeerId>() else { continue };
        match known.get(text).and_then(|at| found.get_mut(*at)) {
            Some(first) => again(first, span),
            None => {
                known.insert(text, found.len());
                found.push(warning(text, span, &why.to_string()));
            }
        }
    }
    found
}

/// Later uses of one text that are shown.
const MOST_LABELS: usize = 4;

fn again(first: &mut Diagnostic, span: Span) {
    if first.secondary.len() < MOST_LABELS {
        first.secondary.push(Label { span, message: "and here".to_owned() });
    }
}

fn warning(text: &str, span: Span, why: &str) -> Diagnostic {
    let message = format!("no peer can have the id `{text}`");
    Diagnostic::warning(codes::PEER_TYPE, message, span, why)
        .with_help(help(text))
        .with_note("nothing below this line will ever run: no message can be sent to such a peer")
}

/// A short name is one that `aqua.toml` could give an id.
fn help(text: &str) -> String {
    let named = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.len() < 20
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if named {
        let constant = text.to_ascii_uppercase().replace('-', "_");
        return format!("`[peers.{text}]` in aqua.toml gives every module its id as `{constant}`");
    }
    "ids are texts like `12D3KooW…`; take one as an argument, or name it in aqua.toml".to_owned()
}

/// Walks bodies; they nest at most as deep as the parser allows.
struct Finder<'a> {
    program: &'a Program,
    places: BTreeSet<(Span, &'a str)>,
}

impl<'a> Finder<'a> {
    fn block(&mut self, block: &'a Block) {
        for statement in &block.statements {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &'a Stmt) {
        match &statement.kind {
            StmtKind::On { peer, via, body } | StmtKind::Parseq { peer, via, body, .. } => {
                self.peer(*peer);
                via.iter().for_each(|relay| self.peer(*relay));
                self.block(body);
            }
            StmtKind::If { then, otherwise, .. } => {
                self.block(then);
                otherwise.iter().for_each(|block| self.block(block));
            }
            StmtKind::Try { attempt, handlers, .. } => {
                self.block(attempt);
                handlers.iter().for_each(|Handler { body, .. }| self.block(body));
            }
            StmtKind::Par(branches) => branches.iter().for_each(|branch| self.statement(branch)),
            StmtKind::Co(inner) => self.statement(inner),
            StmtKind::For { body, .. } | StmtKind::Error(body) => self.block(body),
            StmtKind::Bind { .. }
            | StmtKind::Call { .. }
            | StmtKind::Push { .. }
            | StmtKind::Insert { .. }
            | StmtKind::Stream(_)
            | StmtKind::Closure { .. }
            | StmtKind::ServiceId { .. }
            | StmtKind::Join(_) => {}
        }
    }

    /// Notes the place if the peer is a text in the program, or a constant of it.
    fn peer(&mut self, peer: ExprId) {
        let at = self.program.exprs[peer].span;
        let mut value = peer;
        while let ExprKind::Constant(id) = &self.program.exprs[value].kind {
            value = self.program.constants[*id].value;
        }
        if let ExprKind::Literal(literal) = &self.program.exprs[value].kind
            && literal.kind == LiteralKind::String
        {
            self.places.insert((at, literal.text.as_str()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::{Request, check};

    fn warnings(line: &str) -> Vec<String> {
        let text = format!(
            "aqua Main declares *\n\nexport main\n\nconst NEAR = \"near\"\n\nservice Tool(\"tool\"):\n  go()\n\n\
             func main(peer: string):\n  on peer:\n    Tool.go()\n{line}    Tool.go()\n"
        );
        let sources = BTreeMap::from([("main.aqua".to_owned(), text)]);
        let request = Request { entries: vec!["main.aqua".to_owned()], ..Request::default() };
        let checked = check(&request, &sources);
        assert!(checked.is_ok(), "{:?}", checked.diagnostics);
        checked.diagnostics.iter().map(|found| found.message.clone()).collect()
    }

    #[test]
    fn a_text_that_cannot_be_an_id_is_warned_of_wherever_it_names_a_peer() {
        let bob = ["no peer can have the id `bob`"];
        assert_eq!(warnings("  on \"bob\":\n"), bob);
        assert_eq!(warnings("  on peer via \"bob\":\n"), bob);
        assert_eq!(warnings("  parseq p <- [peer] on \"bob\" via peer:\n"), bob);
        assert_eq!(warnings("  on \"bob\" via \"bob\":\n"), bob);
        assert_eq!(warnings("  on NEAR:\n"), ["no peer can have the id `near`"]);
    }

    #[test]
    fn an_id_is_fine() {
        let id = "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";
        assert_eq!(warnings(&format!("  on \"{id}\":\n")), [""; 0]);
        assert_eq!(warnings("  on HOST_PEER_ID via INIT_PEER_ID:\n"), [""; 0]);
    }
}
