//! What fields, indices and keys select, and the texts of their errors, which programs can read.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use aquac_ir::limits::MAX_VALUE_BYTES;
use aquac_ir::{Fault, FaultCode, IndexKind, TooDeep, Value, sorted_places};

fn wrong(text: String) -> Fault {
    Fault::new(FaultCode::Lens, text)
}

/// A value, unless it is nested too deeply or too large.
pub(crate) fn shallow(value: Result<Value, TooDeep>) -> Result<Value, Fault> {
    let value = value.map_err(|error| Fault::new(FaultCode::TooLarge, error.to_string()))?;
    if value.weight() > MAX_VALUE_BYTES {
        let text = format!("a value may not take more than {MAX_VALUE_BYTES} bytes");
        return Err(Fault::new(FaultCode::TooLarge, text));
    }
    Ok(value)
}

pub(crate) fn no_object(value: &Value) -> Fault {
    Fault::new(FaultCode::WrongKind, format!("fields can be set of an object, not of {value}"))
}

pub(crate) fn field(object: &Value, name: &str) -> Result<Value, Fault> {
    match object {
        Value::Object(fields) => fields.get(name).cloned().ok_or_else(|| {
            wrong(format!("value '{object}' does not contain element with field name = '{name}'"))
        }),
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Big(_)
        | Value::Float(_)
        | Value::Text(_)
        | Value::Array(_) => Err(wrong(format!(
            "value '{object}' is not an map-type to match field accessor with field_name = '{name}'"
        ))),
    }
}

pub(crate) fn index(from: &Value, index: &Value, kind: IndexKind) -> Result<Value, Fault> {
    match kind {
        IndexKind::Value => index_value(from, index),
        IndexKind::Snapshot => index_snapshot(from, index),
        IndexKind::Map => shallow(Value::array(of_key(from, index)?)),
    }
}

fn index_value(from: &Value, index: &Value) -> Result<Value, Fault> {
    if let Some(name) = index.as_text() {
        return field(from, name);
    }
    let at = place(index)?.ok_or_else(|| {
        wrong(format!("scalar accessor `{index}` should has number or string type"))
    })?;
    let items = from.as_array().ok_or_else(|| {
        wrong(format!(
            "value '{from}' is not an array-type to match array accessor with idx = '{at}'"
        ))
    })?;
    items
        .get(at as usize)
        .cloned()
        .ok_or_else(|| wrong(format!("value '{from}' does not contain element for idx = '{at}'")))
}

/// Whether a value is a number of any kind.
pub(crate) fn is_number(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::Big(_) | Value::Float(_))
}

/// The place in an array that a number names; nothing if it is no number.
fn place(index: &Value) -> Result<Option<u32>, Fault> {
    if !is_number(index) {
        return Ok(None);
    }
    let at = index.as_integer().and_then(|number| u32::try_from(number).ok());
    let wrong = || wrong(format!("index accessor `{index} can't be converted to u32`"));
    at.ok_or_else(wrong).map(Some)
}

/// A variable that selects an element of a snapshot and holds no number.
pub(crate) fn no_number(index: &Value) -> Fault {
    wrong(format!("stream accessor `{index}` should has number (u32) type"))
}

fn index_snapshot(from: &Value, index: &Value) -> Result<Value, Fault> {
    let items = from.as_array().unwrap_or_default();
    if let Some(name) = index.as_text() {
        return Err(wrong(format!(
            "field accessor (with field name = '{name}') can't be applied to a stream"
        )));
    }
    let at = place(index)?.ok_or_else(|| no_number(index))?;
    items.get(at as usize).cloned().ok_or_else(|| {
        let size = items.len();
        wrong(format!(
            "lambda is applied to a stream that have only '{size}' elements, but '{at}' requested"
        ))
    })
}

pub(crate) fn length(of: &Value) -> Result<Value, Fault> {
    let items = of.as_array().ok_or_else(|| {
        Fault::new(
            FaultCode::NoLength,
            format!(
                "the length functor could applied only to an array-like value, but it's applied \
                 to '{of}'"
            ),
        )
    })?;
    Ok(Value::from(items.len() as u64))
}

/// The pairs of a map's snapshot.
pub(crate) fn pairs(map: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    map.as_array().unwrap_or_default().iter().filter_map(|pair| {
        let Value::Object(fields) = pair else { return None };
        Some((fields.get("key")?, fields.get("value")?))
    })
}

/// Refuses what cannot be the key of a map.
pub(crate) fn check_key(key: &Value, map: impl FnOnce() -> String) -> Result<(), Fault> {
    if key.as_text().is_some() || key.as_integer().is_some() {
        return Ok(());
    }
    let text = format!("unsupported type for {} map's key", map());
    Err(Fault::new(FaultCode::BadKey, text))
}

/// One element of a map: the pair of a key and a value.
pub(crate) fn pair(key: &Value, value: &Value) -> Result<Value, Fault> {
    let fields = [(Arc::from("key"), key.clone()), (Arc::from("value"), value.clone())];
    shallow(Value::object_of(fields))
}

/// The values of a key, in order.
pub(crate) fn of_key(map: &Value, key: &Value) -> Result<Vec<Value>, Fault> {
    if key.as_text().is_none() && key.as_integer().is_none() {
        return Err(wrong(format!(
            "canon stream map accessor `{key}` should be either string or number"
        )));
    }
    Ok(pairs(map).filter(|(k, _)| *k == key).map(|(_, value)| value.clone()).collect())
}

pub(crate) fn keys(map: &Value) -> Result<Value, Fault> {
    shallow(Value::array(pairs(map).map(|(key, _)| key.clone()).collect()))
}

fn printed(key: &Value) -> Arc<str> {
    key.as_text().map_or_else(|| Arc::from(key.to_string()), Arc::from)
}

/// The pairs of a map's snapshot, each with its key as text, in the order of these texts.
fn by_text(map: &Value) -> Vec<(Arc<str>, &Value, &Value)> {
    let all: Vec<(Arc<str>, &Value, &Value)> =
        pairs(map).map(|(key, value)| (printed(key), key, value)).collect();
    let text = |place: u32| all.get(place as usize).map(|(text, ..)| &**text);
    let count = u32::try_from(all.len()).unwrap_or(u32::MAX);
    let places = sorted_places(count, &mut |a, b| text(a) < text(b));
    places.into_iter().filter_map(|place| all.get(place as usize).cloned()).collect()
}

/// One object: for each key, as text, the array of its values. Of two keys with one text, such as
/// 1 and "1", the one that comes first counts, as for [`firsts`].
pub(crate) fn grouped(map: &Value) -> Result<Value, Fault> {
    let fields = by_text(map)
        .chunk_by(|(one, ..), (other, ..)| one == other)
        .filter_map(|group| {
            let (text, first, _) = group.first()?;
            let same = group.iter().filter(|(_, key, _)| key == first);
            let values = same.map(|(.., value)| (*value).clone()).collect();
            Some(shallow(Value::array(values)).map(|values| (text.clone(), values)))
        })
        .collect::<Result<Vec<_>, Fault>>()?;
    shallow(Value::object_of(fields))
}

/// One object: for each key, as text, its first value.
pub(crate) fn firsts(map: &Value) -> Result<Value, Fault> {
    let mut fields = by_text(map);
    fields.dedup_by(|(later, ..), (first, ..)| later == first);
    shallow(Value::object_of(fields.into_iter().map(|(text, _, value)| (text, value.clone()))))
}

/// Per key its last pair, in the order of these last pairs, each with its place in the snapshot.
pub(crate) fn entries(map: &Value) -> Vec<(usize, Value)> {
    let items = map.as_array().unwrap_or_default();
    let keys: Vec<&Value> = pairs(map).map(|(key, _)| key).collect();
    let key = |place: u32| keys.get(place as usize);
    let count = u32::try_from(keys.len()).unwrap_or(u32::MAX);
    let mut is_last = alloc::vec![false; keys.len()];
    let sorted = sorted_places(count, &mut |a, b| key(a) < key(b));
    for same in sorted.chunk_by(|a, b| key(*a) == key(*b)) {
        let last = same.last().and_then(|place| is_last.get_mut(*place as usize));
        last.into_iter().for_each(|last| *last = true);
    }
    let places = is_last.into_iter().enumerate().filter(|(_, is_last)| *is_last);
    places.filter_map(|(at, _)| Some((at, items.get(at)?.clone()))).collect()
}
