//! From a call as the user typed it, `main("x", [1, 2], name)`, to a function and its arguments.

use std::collections::BTreeMap;
use std::sync::Arc;

use aquac_base::{Diagnostic, Name, Source, SourceMap, Span};
use aquac_ir::Value;
use aquac_semantics::hir::FunctionId;
use aquac_semantics::{Argument, check_call};
use aquac_syntax::ast;

use crate::passes::Checked;

/// A call that can be run.
#[derive(Debug, Clone)]
pub struct Call {
    /// What is called.
    pub function: FunctionId,
    /// The values, in the order of the parameters; callbacks are left out.
    pub args: Vec<Value>,
}

/// A call text that is wrong: diagnostics with places in it.
#[derive(Debug, Clone)]
pub struct WrongCall {
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// The program's sources, and the call's text as one more.
    pub sources: SourceMap,
}

/// Reads a call text and checks it against the program. `data` gives values to names in it; names
/// that are not there can be constants of the program, the ids of its peers among them. Each name
/// in `data` must stand in the call.
///
/// # Errors
///
/// [`WrongCall`] with everything that is wrong.
pub fn call(
    checked: &Checked,
    text: &str,
    data: &BTreeMap<String, Value>,
) -> Result<Call, Box<WrongCall>> {
    let mut sources = checked.sources.clone();
    let source = sources.add(Source::new("-f", text));
    let here = Span::new(source, 0, 0);
    let prepared = aquac_syntax::parse_call(source, text)
        .map_err(|diagnostic| vec![with_arguments(checked, text, diagnostic)])
        .and_then(|tree| {
            let named = |name: &Name| match data.get(name.as_str()) {
                Some(value) => Some(syntax_value(value, here)),
                None => checked.typed.constant(name).map(|literal| ast::Value {
                    span: here,
                    kind: ast::ValueKind::Literal(literal.clone()),
                }),
            };
            let given: Vec<Name> = data.keys().map(|name| Name::new(name)).collect();
            check_call(&checked.typed, &tree, &named, &given)
        });
    match prepared {
        Ok(call) => Ok(Call {
            function: call.function,
            args: call.arguments.iter().filter_map(value).collect(),
        }),
        Err(diagnostics) => Err(Box::new(WrongCall { diagnostics, sources })),
    }
}

/// The name of a function alone is no call: says what it is called with.
fn with_arguments(checked: &Checked, text: &str, diagnostic: Diagnostic) -> Diagnostic {
    let mut exported = checked.exported_functions();
    match exported.find(|exported| exported.name == text.trim()) {
        Some(meant) => diagnostic.with_help(format!("expected `{}`", checked.called(&meant))),
        None => diagnostic,
    }
}

/// A value as if it stood in the text.
fn syntax_value(value: &Value, span: Span) -> ast::Value {
    let literal =
        |kind, text: &str| ast::ValueKind::Literal(ast::Literal { kind, text: Name::new(text) });
    let kind = match value {
        Value::Null => ast::ValueKind::Null,
        Value::Bool(truth) => literal(ast::LiteralKind::Bool(*truth), &truth.to_string()),
        Value::Int(number) if *number < 0 => literal(ast::LiteralKind::Signed, &number.to_string()),
        Value::Int(_) | Value::Big(_) => literal(ast::LiteralKind::Unsigned, &value.to_string()),
        Value::Float(_) => literal(ast::LiteralKind::Float, &value.to_string()),
        Value::Text(text) => literal(ast::LiteralKind::String, text),
        Value::Array(array) => ast::ValueKind::Array(
            array.items().iter().map(|item| syntax_value(item, span)).collect(),
        ),
        Value::Object(object) => {
            let field = |(name, value): (&Arc<str>, &Value)| {
                (ast::Ident { name: Name::new(name), span }, syntax_value(value, span))
            };
            ast::ValueKind::Object(object.fields().iter().map(field).collect())
        }
    };
    ast::Value { span, kind }
}

/// An argument as a value; `None` for callbacks. The nesting was bounded when the text was read.
fn value(argument: &Argument) -> Option<Value> {
    match argument {
        Argument::Bool(truth) => Some((*truth).into()),
        Argument::Number(digits) => aquac_ir::from_json(digits).ok(),
        Argument::String(text) => Some(text.as_str().into()),
        Argument::Array(items) => Value::array(items.iter().filter_map(value).collect()).ok(),
        Argument::Object(fields) => {
            let fields = fields
                .iter()
                .filter_map(|(name, field)| Some((Arc::from(name.as_str()), value(field)?)));
            Value::object(fields.collect()).ok()
        }
        Argument::Callback => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Request, check, constant};

    #[test]
    fn names_in_a_call_are_data_or_constants() {
        let text = "aqua A\nexport f\nconst OWN = 7\nfunc f(peer: string, n: u8) -> u8:\n  <- n\n";
        let sources = BTreeMap::from([("a.aqua".to_owned(), text.to_owned())]);
        let bank = constant("BANK", &Value::from("12D3")).unwrap();
        let entries = vec!["a.aqua".to_owned()];
        let request = Request { entries, constants: vec![bank], ..Request::default() };
        let checked = check(&request, &sources);
        let args = |text: &str, data: &BTreeMap<String, Value>| {
            call(&checked, text, data).map(|call| call.args).map_err(|wrong| wrong.diagnostics)
        };
        let none = BTreeMap::new();
        assert_eq!(args("f(BANK, OWN)", &none).unwrap(), [Value::from("12D3"), Value::from(7_i64)]);
        let data = BTreeMap::from([("OWN".to_owned(), Value::from(8_i64))]);
        assert_eq!(args("f(\"x\", 1)", &data).unwrap_err()[0].code.0, "AQ0304");
        assert_eq!(args("f(\"x\", OWN)", &data).unwrap(), [Value::from("x"), Value::from(8_i64)]);
        assert!(args("f(BNK, 1)", &none).is_err());
        assert!(args("f(OWN, 1)", &none).is_err());
    }
}
