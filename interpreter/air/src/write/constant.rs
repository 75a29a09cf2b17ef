//! Constants: as literals where AIR has them, else built from literals or read by a service.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use aquac_ir::{Value, to_json};

use crate::ast::{Kind, Operand, Variable, What};
use crate::lex::MAX_FLOAT_CHARS;
use crate::write::code::Code;
use crate::write::{Writer, Written, text, whole};

/// Whether a constant is one word of AIR.
pub(super) fn is_literal(value: &Value) -> bool {
    match value {
        Value::Bool(_) | Value::Int(_) => true,
        Value::Text(text) => !text.contains('"'),
        // Without an exponent, and with a dot.
        Value::Float(number) => {
            let digits = number.get().to_string();
            digits.len() + usize::from(!digits.contains('.')) <= MAX_FLOAT_CHARS
        }
        Value::Array(array) => array.items().is_empty(),
        Value::Null | Value::Big(_) | Value::Object(_) => false,
    }
}

impl Writer<'_> {
    pub(super) fn constant(
        &mut self,
        value: &Value,
        out: &mut Vec<Code>,
    ) -> Written<Operand<'static>> {
        self.count(1)?;
        match value {
            Value::Bool(truth) => Ok(Operand::Bool(*truth)),
            Value::Int(number) => Ok(Operand::Int(*number)),
            Value::Float(number) if is_literal(value) => Ok(Operand::Float(*number)),
            Value::Text(content) if is_literal(value) => Ok(text(content)),
            // AIR has no escapes.
            Value::Text(content) => {
                let coded = bs58::encode(content.as_bytes()).into_string();
                self.service("op", "string_from_b58", alloc::vec![text(&coded)], out)
            }
            Value::Null | Value::Big(_) | Value::Float(_) => {
                self.service("json", "parse", alloc::vec![text(&to_json(value))], out)
            }
            Value::Array(array) if array.items().is_empty() => Ok(Operand::Empty),
            Value::Array(array) => {
                let mut items = Vec::new();
                for item in array.items() {
                    items.push(self.constant(item, out)?);
                }
                self.array(items, out)
            }
            Value::Object(object) => {
                let mut fields = Vec::new();
                for (name, value) in object.fields() {
                    fields.push((String::from(&**name), self.constant(value, out)?));
                }
                self.object(fields, out)
            }
        }
    }

    /// A call of a service that every host of the reference has, at home.
    pub(super) fn service(
        &mut self,
        service: &str,
        function: &str,
        args: Vec<Operand<'static>>,
        out: &mut Vec<Code>,
    ) -> Written<Operand<'static>> {
        let peer = self.settle(out)?;
        let result = self.fresh(Kind::Scalar)?;
        let (service, function) = (text(service), text(function));
        let output = Some(result.clone());
        out.push(Code::leaf(What::Call { peer, service, function, args, output }));
        Ok(whole(result))
    }

    /// An array of these, through a stream that is frozen at home.
    pub(super) fn array(
        &mut self,
        items: Vec<Operand<'static>>,
        out: &mut Vec<Code>,
    ) -> Written<Operand<'static>> {
        let stream = self.fresh(Kind::Stream)?;
        let mut steps = Vec::new();
        for item in items {
            self.count(1)?;
            steps.push(Code::ap(item, stream.clone()));
        }
        self.frozen(stream, steps, out)
    }

    /// What some steps push to a fresh stream, frozen at home.
    pub(super) fn frozen(
        &mut self,
        stream: Variable<'static>,
        mut steps: Vec<Code>,
        out: &mut Vec<Code>,
    ) -> Written<Operand<'static>> {
        let peer = self.settle(out)?;
        let (canon, result) = (self.fresh(Kind::Canon)?, self.fresh(Kind::Scalar)?);
        steps.push(Code::canon(peer, stream.clone(), canon.clone()));
        steps.push(Code::ap(whole(canon), result.clone()));
        out.push(Code::new(stream, Code::seq(steps)));
        Ok(whole(result))
    }

    /// An object with these fields, through a stream map that is frozen at home.
    pub(super) fn object(
        &mut self,
        fields: Vec<(String, Operand<'static>)>,
        out: &mut Vec<Code>,
    ) -> Written<Operand<'static>> {
        let map = self.fresh(Kind::Map)?;
        let mut steps = Vec::new();
        for (name, value) in fields {
            let key = self.constant(&Value::from(name), out)?;
            steps.push(Code::put(key, value, map.clone()));
        }
        let peer = self.settle(out)?;
        let result = self.fresh(Kind::Scalar)?;
        steps.push(Code::canon(peer, map.clone(), result.clone()));
        out.push(Code::new(map, Code::seq(steps)));
        Ok(whole(result))
    }
}
