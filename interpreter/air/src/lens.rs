//! The path behind a variable: `.length`, or `.$` and its steps.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::ast::{Accessor, Lens};

/// Reads what stands behind the name, from the first dot on.
///
/// # Errors
///
/// Why it is no path.
pub(crate) fn lens(text: &str) -> Result<Lens<'_>, &'static str> {
    if text == ".length" {
        return Ok(Lens::Length);
    }
    let steps = text
        .strip_prefix(".$")
        .ok_or("has a path that begins neither with `.$` nor is `.length`")?;
    // A mark of old times: allowed at the very end, without a meaning.
    let mut rest = steps.strip_suffix('!').unwrap_or(steps);
    let mut path = Vec::new();
    while !rest.is_empty() {
        let (step, behind) = accessor(rest)?;
        path.push(step);
        rest = behind;
    }
    if path.is_empty() { Err("has a path without steps") } else { Ok(Lens::Path(path)) }
}

fn accessor(text: &str) -> Result<(Accessor<'_>, &str), &'static str> {
    let behind_dot = text.strip_prefix('.');
    if let Some(inside) = behind_dot.unwrap_or(text).strip_prefix('[') {
        let (index, behind) = inside.split_once(']').ok_or("has a `[` that is not closed")?;
        let step = if !index.is_empty() && index.chars().all(|c| c.is_ascii_digit()) {
            Accessor::Index(index.parse().map_err(|_| "has an index that does not fit")?)
        } else if is_name(index) {
            Accessor::Variable(Cow::Borrowed(index))
        } else {
            return Err("has an index that is neither a number nor a name");
        };
        return Ok((step, behind));
    }
    let field = behind_dot.ok_or("has a step that begins neither with `.` nor with `[`")?;
    let end = field.find(|c| !is_name_char(c)).unwrap_or(field.len());
    let (name, behind) = field.split_at_checked(end).unwrap_or((field, ""));
    if name.is_empty() || name.starts_with(char::is_numeric) {
        return Err("has a field whose name is empty or begins with a digit");
    }
    Ok((Accessor::Field(Cow::Borrowed(name)), behind))
}

pub(crate) fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_name_char)
}
