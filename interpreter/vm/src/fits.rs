//! Whether a value is what a declared type says, and the form in which a program holds it.

use alloc::sync::Arc;
use alloc::vec::Vec;

use aquac_ir::{Program, Shape, ShapeId, Value};

/// The value as a program holds it, if it fits: for an option, `null` is no element and a bare
/// value is one. Nesting is bounded by that of declared types.
#[must_use]
pub fn fit(program: &Program, value: &Value, shape: ShapeId) -> Option<Value> {
    match program.shape(shape)? {
        Shape::Any => Some(value.clone()),
        Shape::Nothing => None,
        Shape::Bool => matches!(value, Value::Bool(_)).then(|| value.clone()),
        Shape::Unsigned(bits) => {
            let most = u64::MAX.checked_shr(64_u32.saturating_sub(u32::from(*bits))).unwrap_or(0);
            fits_between(value, 0, i128::from(most))
        }
        Shape::Signed(bits) => {
            let most = i64::MAX.checked_shr(64_u32.saturating_sub(u32::from(*bits))).unwrap_or(0);
            fits_between(value, -i128::from(most) - 1, i128::from(most))
        }
        Shape::Float => {
            let number = matches!(value, Value::Float(_)) || value.as_integer().is_some();
            number.then(|| value.clone())
        }
        Shape::Text => value.as_text().is_some().then(|| value.clone()),
        Shape::Array(of) => fit_items(program, value.as_array()?, *of, value),
        Shape::Option(of) => fit_option(program, value, *of),
        Shape::Object(fields) => {
            let Value::Object(object) = value else { return None };
            let mut changed = object.fields().clone();
            for field in fields {
                let name: Arc<str> = Arc::from(program.text(field.name)?);
                let fitted = fit(program, object.get(&name)?, field.shape)?;
                changed.insert(name, fitted);
            }
            if changed == *object.fields() {
                Some(value.clone())
            } else {
                Value::object(changed).ok()
            }
        }
    }
}

fn fits_between(value: &Value, least: i128, most: i128) -> Option<Value> {
    let number = value.as_integer()?;
    (least <= number && number <= most).then(|| value.clone())
}

fn fit_items(program: &Program, items: &[Value], of: ShapeId, whole: &Value) -> Option<Value> {
    let fitted: Vec<Value> =
        items.iter().map(|item| fit(program, item, of)).collect::<Option<_>>()?;
    if fitted == items { Some(whole.clone()) } else { Value::array(fitted).ok() }
}

fn fit_option(program: &Program, value: &Value, of: ShapeId) -> Option<Value> {
    if *value == Value::Null {
        return Value::array(Vec::new()).ok();
    }
    let as_option = value
        .as_array()
        .filter(|items| items.len() <= 1)
        .and_then(|items| fit_items(program, items, of, value));
    as_option.or_else(|| Value::array(alloc::vec![fit(program, value, of)?]).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aquac_ir::{Builder, ShapeField, from_json};

    #[test]
    fn a_service_may_leave_an_option_out_or_bare() {
        let mut builder = Builder::new();
        let number = builder.shape(Shape::Unsigned(8));
        let option = builder.shape(Shape::Option(number));
        let name = builder.text("x");
        let object = builder.shape(Shape::Object(Box::new([ShapeField { name, shape: option }])));
        builder.parameter(number);
        builder.parameter(option);
        builder.parameter(object);
        let program = builder.finish();
        let fitted = |parameter: usize, json| {
            let value = from_json(json).unwrap();
            fit(&program, &value, program.parameters[parameter]).map(|value| value.to_string())
        };
        assert_eq!(fitted(0, "255").as_deref(), Some("255"));
        assert_eq!(fitted(0, "256"), None);
        assert_eq!(fitted(0, "-1"), None);
        assert_eq!(fitted(1, "null").as_deref(), Some("[]"));
        assert_eq!(fitted(1, "7").as_deref(), Some("[7]"));
        assert_eq!(fitted(1, "[7]").as_deref(), Some("[7]"));
        assert_eq!(fitted(1, "[7,8]"), None);
        assert_eq!(fitted(2, r#"{"x":null,"y":1}"#).as_deref(), Some(r#"{"x":[],"y":1}"#));
        assert_eq!(fitted(2, r#"{"y":1}"#), None);
    }
}
