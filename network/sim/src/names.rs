//! Names of peers in jobs: `@A` stands for the id of peer `A`, going in and coming out.

use std::collections::BTreeMap;
use std::sync::Arc;

use aquac_ir::{PeerId, Value};

/// Peers by name.
#[derive(Debug, Clone, Default)]
pub struct Names {
    ids: BTreeMap<String, PeerId>,
    names: BTreeMap<PeerId, String>,
    /// Texts of ids with what stands for them, and the other way round with longer names first:
    /// `@AB` is not `@A` followed by `B`.
    out: Vec<(String, String)>,
    into: Vec<(String, String)>,
}

impl Names {
    /// These peers.
    #[must_use]
    pub fn new(peers: impl IntoIterator<Item = (String, PeerId)>) -> Self {
        let ids: BTreeMap<String, PeerId> = peers.into_iter().collect();
        let names = ids.iter().map(|(name, id)| (*id, name.clone())).collect();
        let out = ids.iter().map(|(name, id)| (id.to_string(), format!("@{name}"))).collect();
        let mut into: Vec<(String, String)> =
            ids.iter().map(|(name, id)| (format!("@{name}"), id.to_string())).collect();
        into.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        Self { ids, names, out, into }
    }

    /// The peer with this name.
    #[must_use]
    pub fn id(&self, name: &str) -> Option<PeerId> {
        self.ids.get(name).copied()
    }

    /// The name of this peer; its id if it has none.
    #[must_use]
    pub fn name(&self, id: PeerId) -> String {
        self.names.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }

    /// All peers.
    pub fn all(&self) -> impl Iterator<Item = (&str, PeerId)> {
        self.ids.iter().map(|(name, id)| (name.as_str(), *id))
    }

    /// The text with ids for names.
    #[must_use]
    pub fn expand(&self, text: &str) -> String {
        replace(text, &self.into, |behind| {
            !behind.starts_with(|next: char| next.is_alphanumeric() || next == '_')
        })
    }

    /// The text with names for ids.
    #[must_use]
    pub fn shorten(&self, text: &str) -> String {
        replace(text, &self.out, |_| true)
    }

    /// The value with ids for names in all its texts.
    #[must_use]
    pub fn expand_value(&self, value: &Value) -> Value {
        map_texts(value, &|text| self.expand(text))
    }

    /// The value with names for ids in all its texts.
    #[must_use]
    pub fn shorten_value(&self, value: &Value) -> Value {
        map_texts(value, &|text| self.shorten(text))
    }
}

/// Replaces each text behind which stands what may stand there.
fn replace(text: &str, with: &[(String, String)], may_follow: impl Fn(&str) -> bool) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    'text: while !rest.is_empty() {
        for (from, to) in with {
            if let Some(behind) = rest.strip_prefix(from.as_str()).filter(|rest| may_follow(rest)) {
                result.push_str(to);
                rest = behind;
                continue 'text;
            }
        }
        let mut characters = rest.chars();
        result.extend(characters.next());
        rest = characters.as_str();
    }
    result
}

/// Nesting of values is bounded when they are made, so the recursion is too.
fn map_texts(value: &Value, change: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::Text(text) => Value::text(&change(text)),
        Value::Array(array) => {
            let items = array.items().iter().map(|item| map_texts(item, change)).collect();
            Value::array(items).expect("a value of the same depth as one that exists")
        }
        Value::Object(object) => {
            let field = |(name, value): (&Arc<str>, &Value)| {
                (Arc::from(change(name)), map_texts(value, change))
            };
            let fields = object.fields().iter().map(field).collect();
            Value::object(fields).expect("a value of the same depth as one that exists")
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Big(_) | Value::Float(_) => {
            value.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_names_are_seen_first_and_everything_comes_back() {
        let names =
            Names::new([("A".to_owned(), PeerId([1; 32])), ("AB".to_owned(), PeerId([2; 32]))]);
        let text = "call @AB then @A, mail a@b";
        let expanded = names.expand(text);
        assert_eq!(
            expanded,
            format!("call {} then {}, mail a@b", PeerId([2; 32]), PeerId([1; 32]))
        );
        assert_eq!(names.shorten(&expanded), text);
    }
}
