//! The first letter of a name says what it is: types are capitalised, constants are upper case,
//! everything else starts with a lower-case letter.

use std::collections::{BTreeMap, BTreeSet};

use aquac_base::{Name, Span};

use crate::ast::{DeclarationKind, Ident, Member, MethodForm, Parameter, StatementKind};
use crate::error::{Letters, Rule, SyntaxError, TextError};
use crate::lex::{Kind, Tokens};
use crate::line::item::Item;

use super::Assembler;

/// A name that breaks a rule.
pub(super) struct Misnamed {
    rule: Rule,
    name: Name,
    span: Span,
}

impl Assembler<'_> {
    /// Looks at the names that a line declares.
    pub(super) fn check_names(&mut self, item: &Item) {
        match item {
            Item::Declaration(_, kind) => self.check_declared(kind),
            Item::Member(Member::Field(field)) => self.check_name(Rule::Field, &field.name),
            Item::Member(Member::Method(method)) => {
                if is_capital(&method.name.name) {
                    self.reader.misnamed_methods.insert(method.name.name.clone());
                }
                self.check_name(Rule::Method, &method.name);
                if let MethodForm::Named(signature) = &method.form {
                    self.check_parameters(&signature.parameters);
                }
            }
            Item::Statement(_, kind) | Item::ElseIf(_, kind) => self.check_statement(kind),
            Item::Catch(_, name) => self.check_name(Rule::Variable, name),
            Item::Header(_) | Item::Head(_) | Item::Else(_) | Item::Otherwise(_) => {}
        }
    }

    fn check_declared(&mut self, kind: &DeclarationKind) {
        match kind {
            DeclarationKind::Data(data) => self.check_name(Rule::Type, &data.name),
            DeclarationKind::Service(service) => self.check_name(Rule::Type, &service.name),
            DeclarationKind::Ability(ability) => self.check_name(Rule::Type, &ability.name),
            DeclarationKind::Alias(alias) => self.check_name(Rule::Type, &alias.name),
            DeclarationKind::Const(constant) => self.check_name(Rule::Constant, &constant.name),
            DeclarationKind::Function(function) => {
                self.check_name(Rule::Function, &function.name);
                self.check_parameters(&function.signature.parameters);
            }
        }
    }

    fn check_statement(&mut self, kind: &StatementKind) {
        match kind {
            StatementKind::For(one) => {
                self.check_name(Rule::Variable, &one.item);
                one.second.iter().for_each(|second| self.check_name(Rule::Variable, second));
            }
            StatementKind::Parseq(one) => {
                self.check_name(Rule::Variable, &one.item);
                one.second.iter().for_each(|second| self.check_name(Rule::Variable, second));
            }
            StatementKind::Declare { name, .. } => self.check_name(Rule::Variable, name),
            StatementKind::Closure(closure) => {
                self.check_name(Rule::Variable, &closure.name);
                self.check_parameters(&closure.signature.parameters);
            }
            StatementKind::ServiceId { .. }
            | StatementKind::Push(_)
            | StatementKind::On(_)
            | StatementKind::If(_)
            | StatementKind::Try(_)
            | StatementKind::Par(_)
            | StatementKind::Co { .. }
            | StatementKind::Join { .. }
            | StatementKind::Assign(_)
            | StatementKind::Bind(_)
            | StatementKind::Value(_)
            | StatementKind::Return(_)
            | StatementKind::Damaged { .. } => {}
        }
    }

    fn check_parameters(&mut self, parameters: &[Parameter]) {
        for parameter in parameters {
            self.check_name(Rule::Parameter, &parameter.name);
        }
    }

    fn check_name(&mut self, rule: Rule, ident: &Ident) {
        let name = &ident.name;
        let fits = match rule {
            Rule::Type => is_capital(name),
            Rule::Constant => !name.bytes().any(|byte| byte.is_ascii_lowercase()),
            Rule::Function | Rule::Method | Rule::Field | Rule::Parameter | Rule::Variable => {
                !is_capital(name)
            }
        };
        // A name with an underscore in front has been reported.
        if !fits && !name.starts_with('_') {
            self.misnamed.push(Misnamed { rule, name: name.clone(), span: ident.span });
        }
    }
}

fn is_capital(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
}

/// The name as the rule wants it.
fn renamed(rule: Rule, name: &str) -> Name {
    match rule {
        Rule::Type => Name::new(&name.split('_').map(capitalised).collect::<String>()),
        Rule::Constant => Name::new(&upper_case(name)),
        Rule::Function | Rule::Method | Rule::Field | Rule::Parameter | Rule::Variable => {
            if name.bytes().any(|byte| byte.is_ascii_lowercase()) {
                let mut letters = name.chars();
                let first = letters.next().map(|c| c.to_ascii_lowercase());
                Name::new(&first.into_iter().chain(letters).collect::<String>())
            } else {
                Name::new(&name.to_ascii_lowercase())
            }
        }
    }
}

fn capitalised(part: &str) -> String {
    let mut letters = part.chars();
    letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// `maxRetries` → `MAX_RETRIES`
fn upper_case(name: &str) -> String {
    let mut upper = String::with_capacity(name.len() + 4);
    let mut lower_before = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && lower_before {
            upper.push('_');
        }
        lower_before = c.is_ascii_lowercase();
        upper.push(c.to_ascii_uppercase());
    }
    upper
}

/// Reports the misnamed: types together, every other name by itself, each with its uses.
pub(super) fn report(tokens: &Tokens<'_>, misnamed: &[Misnamed], errors: &mut Vec<SyntaxError>) {
    if misnamed.is_empty() {
        return;
    }
    let uses = uses(tokens, misnamed);
    let declarations: BTreeSet<Span> = misnamed.iter().map(|one| one.span).collect();
    let mut known: BTreeSet<&str> = BTreeSet::new();
    let mut types: Option<Letters> = None;
    for one in misnamed {
        let better = renamed(one.rule, &one.name);
        let places = uses.places.get(&*one.name).map(Vec::as_slice).unwrap_or_default();
        // Of several declarations of one name the first takes the uses along.
        let places = if known.insert(&*one.name) { places } else { &[] };
        let own = places.iter().filter(|(span, _)| !declarations.contains(span));
        let used = own.clone().filter(|(_, place)| place.fits(one.rule));
        let used: Vec<(Span, Name)> = used.map(|(span, _)| (*span, better.clone())).collect();
        let certain = own.count() == used.len() && !uses.taken.contains(better.as_str());
        let declared = vec![(one.span, better)];
        let letters = Letters { rule: one.rule, declared, used, certain };
        match (one.rule, &mut types) {
            (Rule::Type, Some(types)) => types.join(letters),
            (Rule::Type, None) => types = Some(letters),
            _ => errors.push(TextError::Letters(letters).into()),
        }
    }
    errors.extend(types.map(|types| TextError::Letters(types).into()));
}

/// Where the names stand in the text.
struct Uses<'a> {
    places: BTreeMap<&'a str, Vec<(Span, Neighbours)>>,
    /// Better names that the text uses for something already.
    taken: BTreeSet<String>,
}

/// What stands around a name.
#[derive(Clone, Copy)]
struct Neighbours {
    before: Option<Kind>,
    behind: Option<Kind>,
}

impl Neighbours {
    /// Whether a name that breaks this rule can be used here.
    fn fits(self, rule: Rule) -> bool {
        let selected = self.before == Some(Kind::Dot);
        match rule {
            Rule::Type => {
                let typed = matches!(
                    self.before,
                    Some(
                        Kind::Colon
                            | Kind::RightArrow
                            | Kind::RightBracket
                            | Kind::Question
                            | Kind::Star
                            | Kind::Percent
                            | Kind::LeftBrace
                    )
                );
                typed || matches!(self.behind, Some(Kind::Dot | Kind::LeftParen | Kind::String))
            }
            Rule::Method => selected,
            Rule::Field => selected || self.behind == Some(Kind::Equals),
            Rule::Constant | Rule::Function | Rule::Parameter | Rule::Variable => !selected,
        }
    }
}

/// Finds all misnamed names in one pass over the text.
fn uses<'a>(tokens: &Tokens<'_>, misnamed: &'a [Misnamed]) -> Uses<'a> {
    let mut places: BTreeMap<&str, Vec<_>> =
        misnamed.iter().map(|one| (one.name.as_str(), Vec::new())).collect();
    let better: BTreeSet<String> =
        misnamed.iter().map(|one| renamed(one.rule, &one.name).to_string()).collect();
    let mut taken = BTreeSet::new();
    let mut before = None;
    for (at, token) in tokens.as_slice().iter().enumerate() {
        if token.kind == Kind::Ident {
            let text = tokens.slice(at);
            if let Some(found) = places.get_mut(text) {
                let behind = tokens.kind(tokens.next_in_line(at + 1));
                found.push((tokens.span(at), Neighbours { before, behind }));
            }
            if better.contains(text) {
                taken.insert(text.to_owned());
            }
        }
        if !token.kind.is_trivia() {
            before = Some(token.kind);
        }
    }
    Uses { places, taken }
}
