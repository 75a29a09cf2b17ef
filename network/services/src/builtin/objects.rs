//! Objects, and values as JSON text.

use std::collections::BTreeMap;
use std::sync::Arc;

use aquac_ir::{Value, from_json, to_json};

use super::arguments::Arguments;
use super::{Answer, Refusal};

type Fields = BTreeMap<Arc<str>, Value>;

fn put_all<'a>(mut fields: Fields, parts: impl IntoIterator<Item = &'a Value>) -> Answer {
    let mut parts = parts.into_iter();
    while let Some(name) = parts.next() {
        let Value::Text(name) = name else {
            return Err(Refusal(format!("a field's name is a text, not {name}")));
        };
        let value = parts.next();
        let value = value.ok_or_else(|| Refusal(format!("the field \"{name}\" has no value")))?;
        fields.insert(name.clone(), value.clone());
    }
    Ok(Value::object(fields)?)
}

fn put_pairs(mut fields: Fields, pairs: &[Value]) -> Answer {
    for pair in pairs {
        let Some([Value::Text(name), value]) = pair.as_array() else {
            return Err(Refusal(format!("no pair of a name and a value: {pair}")));
        };
        fields.insert(name.clone(), value.clone());
    }
    Ok(Value::object(fields)?)
}

fn first_object(args: &Arguments<'_>) -> Result<Fields, Refusal> {
    match args.value(0)? {
        Value::Object(object) => Ok(object.fields().clone()),
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Big(_)
        | Value::Float(_)
        | Value::Text(_)
        | Value::Array(_) => Err(Refusal("argument 0 is no object".to_owned())),
    }
}

pub(super) fn obj(args: &Arguments<'_>) -> Answer {
    put_all(Fields::new(), args.all())
}

pub(super) fn puts(args: &Arguments<'_>) -> Answer {
    put_all(first_object(args)?, args.all().skip(1))
}

pub(super) fn obj_pairs(args: &Arguments<'_>) -> Answer {
    put_pairs(Fields::new(), args.array(0)?)
}

pub(super) fn puts_pairs(args: &Arguments<'_>) -> Answer {
    put_pairs(first_object(args)?, args.array(1)?)
}

pub(super) fn parse(args: &Arguments<'_>) -> Answer {
    from_json(args.text(0)?).map_err(|problem| Refusal(format!("no JSON: {problem}")))
}

pub(super) fn stringify(args: &Arguments<'_>) -> Answer {
    Ok(Value::text(&to_json(args.value(0)?)))
}

/// For people: nothing, one value, or all as an array.
pub(super) fn debug(args: &Arguments<'_>) -> Answer {
    let all: Vec<_> = args.all().cloned().collect();
    Ok(Value::text(&match all.as_slice() {
        [] => "<empty argument list>".to_owned(),
        [one] => to_json(one),
        _ => to_json(&Value::array(all)?),
    }))
}
