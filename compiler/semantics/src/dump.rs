//! The typed program as text, for `--emit hir` and tests: like the source, with every type
//! written where a name is bound and every implicit conversion visible.

mod expressions;

use std::fmt::Write;

use aquac_base::Name;

use crate::hir::{
    Block, Function, FunctionId, FunctionKind, Handler, HandlerKind, LocalId, LoopItem, LoopMode,
    Module, Stmt, StmtKind, Target, Targets,
};
use crate::typed::{ExportItem, Typed};
use crate::types::TypeId;

/// Every module of the program as text. The same program always gives the same text.
#[must_use]
pub fn dump(typed: &Typed) -> String {
    let mut dump = Dump { typed, out: String::new(), indent: 0 };
    for (at, module) in typed.program.modules.iter().enumerate() {
        dump.module(at, module);
    }
    dump.out
}

struct Dump<'t> {
    typed: &'t Typed,
    out: String,
    indent: usize,
}

impl Dump<'_> {
    fn line(&mut self, text: &str) {
        for _ in 0..self.indent {
            self.out.push_str("  ");
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn indented(&mut self, inner: impl FnOnce(&mut Self)) {
        self.indent += 1;
        inner(self);
        self.indent -= 1;
    }

    fn ty(&self, ty: TypeId) -> String {
        self.typed.types.show(ty).to_string()
    }

    fn module(&mut self, at: usize, module: &Module) {
        self.line(&format!("module {}", module.name));
        self.indented(|dump| {
            for id in &module.constants {
                let constant = &dump.typed.program.constants[*id];
                let value = dump.expr(constant.value);
                dump.line(&format!("const {} = {value}: {}", constant.name, dump.ty(constant.ty)));
            }
            for id in &module.services {
                dump.service(*id);
            }
            for id in &module.functions {
                dump.function(*id);
            }
            for export in typed_exports(dump.typed, at) {
                dump.line(&export);
            }
        });
    }

    fn service(&mut self, id: crate::hir::ServiceId) {
        let service = &self.typed.program.services[id];
        let value = service.default_id.map(|id| format!("({})", self.expr(id)));
        self.line(&format!("service {}{}", service.name, value.unwrap_or_default()));
        let record = self.typed.types.record(service.record);
        self.indented(|dump| {
            for method in &record.fields {
                dump.line(&format!("{}: {}", method.name, dump.ty(method.ty)));
            }
        });
    }

    fn function(&mut self, id: FunctionId) {
        let function = &self.typed.program.functions[id];
        let head = self.head(function);
        match &function.kind {
            FunctionKind::Top => self.line(&format!("func {}{head}", function.name)),
            FunctionKind::Closure { detached, captures } => {
                let word = if *detached { "detached closure" } else { "closure" };
                let names: Vec<&str> = captures.iter().map(|local| self.name(*local)).collect();
                let names = if names.is_empty() {
                    String::new()
                } else {
                    format!(" captures {}", names.join(", "))
                };
                self.line(&format!("{word} {}{head}{names}", function.name));
            }
        }
        self.indented(|dump| {
            dump.block(&function.body);
            if !function.returns.is_empty() {
                let values: Vec<String> =
                    function.returns.iter().map(|value| dump.expr(*value)).collect();
                dump.line(&format!("return {}", values.join(", ")));
            }
        });
    }

    fn head(&self, function: &Function) -> String {
        let parameters: Vec<String> =
            function.parameters.iter().map(|local| self.bound(*local)).collect();
        let mut head = format!("({})", parameters.join(", "));
        if !function.results.is_empty() {
            let results: Vec<String> = function.results.iter().map(|ty| self.ty(*ty)).collect();
            let _ = write!(head, " -> {}", results.join(", "));
        }
        head
    }

    fn name(&self, local: LocalId) -> &str {
        &self.typed.program.locals[local].name
    }

    /// A name with its type.
    fn bound(&self, local: LocalId) -> String {
        format!("{}: {}", self.name(local), self.ty(self.typed.program.locals[local].ty))
    }

    fn block(&mut self, block: &Block) {
        for statement in &block.statements {
            self.statement(statement);
        }
    }

    fn body(&mut self, head: &str, block: &Block) {
        self.line(head);
        self.indented(|dump| dump.block(block));
    }

    fn statement(&mut self, statement: &Stmt) {
        match &statement.kind {
            StmtKind::Bind { local, value } => {
                let text = format!("{} = {}", self.bound(*local), self.expr(*value));
                self.line(&text);
            }
            StmtKind::Call { call, targets } => {
                let text = format!("{}{}", self.targets(targets), self.expr(*call));
                self.line(&text);
            }
            StmtKind::Push { stream, value } => {
                let text = format!("push {} <<- {}", self.name(*stream), self.expr(*value));
                self.line(&text);
            }
            StmtKind::Insert { map, key, value } => {
                let (key, value) = (self.expr(*key), self.expr(*value));
                self.line(&format!("insert {} <<- {key}, {value}", self.name(*map)));
            }
            StmtKind::Stream(local) => self.line(&format!("new {}", self.bound(*local))),
            StmtKind::Closure { closure, .. } => self.function(*closure),
            StmtKind::ServiceId { service, id, .. } => {
                let service = &self.typed.program.services[*service].name;
                self.line(&format!("id {service} = {}", self.expr(*id)));
            }
            StmtKind::On { .. }
            | StmtKind::If { .. }
            | StmtKind::Try { .. }
            | StmtKind::Par(_)
            | StmtKind::Co(_)
            | StmtKind::For { .. }
            | StmtKind::Parseq { .. }
            | StmtKind::Error(_) => self.nested(statement),
            StmtKind::Join(values) => {
                let values: Vec<String> = values.iter().map(|value| self.expr(*value)).collect();
                self.line(&format!("join {}", values.join(", ")));
            }
        }
    }

    /// Statements that contain others.
    fn nested(&mut self, statement: &Stmt) {
        match &statement.kind {
            StmtKind::On { peer, via, body } => {
                let head = format!("on {}{}", self.expr(*peer), self.via(via));
                self.body(&head, body);
            }
            StmtKind::If { condition, then, otherwise } => {
                self.body(&format!("if {}", self.expr(*condition)), then);
                if let Some(otherwise) = otherwise {
                    self.body("else", otherwise);
                }
            }
            StmtKind::Try { attempt, handlers, .. } => {
                self.body("try", attempt);
                for handler in handlers {
                    self.handler(handler);
                }
            }
            StmtKind::Par(branches) => {
                self.line("par");
                self.indented(|dump| branches.iter().for_each(|branch| dump.branch(branch)));
            }
            StmtKind::Co(inner) => {
                self.line("co");
                self.indented(|dump| dump.statement(inner));
            }
            StmtKind::For { mode, item, source, body } => {
                self.for_loop(*mode, *item, *source, body)
            }
            StmtKind::Parseq { item, source, peer, via, body } => {
                let (source, peer) = (self.expr(*source), self.expr(*peer));
                let head =
                    format!("parseq {} <- {source} on {peer}{}", self.item(*item), self.via(via));
                self.body(&head, body);
            }
            StmtKind::Error(body) => self.body("error", body),
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

    fn branch(&mut self, statement: &Stmt) {
        self.line("branch");
        self.indented(|dump| dump.statement(statement));
    }

    fn for_loop(
        &mut self,
        mode: LoopMode,
        item: LoopItem,
        source: crate::hir::ExprId,
        body: &Block,
    ) {
        let mode = match mode {
            LoopMode::Each => "",
            LoopMode::Try => " try",
            LoopMode::Par => " par",
            LoopMode::Live => " rec",
        };
        let head = format!("for {} <- {}{mode}", self.item(item), self.expr(source));
        self.body(&head, body);
    }

    fn handler(&mut self, handler: &Handler) {
        let head = match handler.kind {
            HandlerKind::Catch(local) => format!("catch {}", self.bound(local)),
            HandlerKind::Otherwise => "otherwise".to_owned(),
        };
        self.body(&head, &handler.body);
    }

    fn item(&self, item: LoopItem) -> String {
        match item {
            LoopItem::One(local) => self.bound(local),
            LoopItem::Entry { key, value } => {
                format!("{}, {}", self.bound(key), self.bound(value))
            }
        }
    }

    fn via(&self, via: &[crate::hir::ExprId]) -> String {
        via.iter().map(|relay| format!(" via {}", self.expr(*relay))).collect()
    }

    fn targets(&self, targets: &Targets) -> String {
        let names: Vec<String> = match targets {
            Targets::Insert(map) => vec![format!("insert {}", self.name(*map))],
            Targets::Each(targets) => targets
                .iter()
                .map(|target| match target {
                    Target::New(local) => self.bound(*local),
                    Target::Push(local) => format!("push {}", self.name(*local)),
                    Target::Error => "error".to_owned(),
                })
                .collect(),
        };
        if names.is_empty() { String::new() } else { format!("{} <- ", names.join(", ")) }
    }
}

/// The export lines of the module with this number.
fn typed_exports(typed: &Typed, module: usize) -> Vec<String> {
    let of_module = typed.exports.iter().filter(|export| export.module.index() == module);
    let own = |item: &ExportItem| -> Name {
        match item {
            ExportItem::Function(id, _) => typed.program.functions[*id].name.clone(),
            ExportItem::Service(id) => typed.program.services[*id].name.clone(),
        }
    };
    of_module
        .map(|export| {
            let name = own(&export.item);
            if name == export.name {
                format!("export {name}")
            } else {
                format!("export {name} as {}", export.name)
            }
        })
        .collect()
}
