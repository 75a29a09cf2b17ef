//! Texts, bytes, base58 and hashes.

use aquac_ir::{Value, to_json};
use sha2::{Digest, Sha256};

use super::arguments::Arguments;
use super::{Answer, Refusal};

/// Multihash: SHA-256, 32 bytes.
const SHA256_PREFIX: [u8; 2] = [0x12, 0x20];
/// Bytes that are turned into base58 or back; it takes time quadratic in them.
const MAX_BASE58: usize = 4096;

pub(super) fn empty() -> Value {
    Value::text("")
}

/// What functions without a result answer.
pub(super) fn nothing(_: &Arguments<'_>) -> Answer {
    Ok(empty())
}

pub(super) fn identity(args: &Arguments<'_>) -> Answer {
    Ok(args.get(0).cloned().unwrap_or_else(empty))
}

pub(super) fn concat(args: &Arguments<'_>) -> Answer {
    let texts = (0..args.all().count()).map(|at| args.text(at));
    Ok(Value::text(&texts.collect::<Result<String, _>>()?))
}

pub(super) fn print(args: &Arguments<'_>) -> Answer {
    let texts: Vec<String> = args.all().map(to_json).collect();
    tracing::info!(initiator = %args.initiator(), texts = texts.join(" "), "a program says");
    Ok(empty())
}

pub(super) fn bytes_value(bytes: &[u8]) -> Answer {
    Ok(Value::array(bytes.iter().map(|byte| Value::from(i64::from(*byte))).collect())?)
}

fn to_base58(bytes: &[u8]) -> Answer {
    if bytes.len() > MAX_BASE58 {
        return Err(Refusal(format!("more than {MAX_BASE58} bytes")));
    }
    Ok(Value::text(&bs58::encode(bytes).into_string()))
}

pub(super) fn from_base58(text: &str) -> Result<Vec<u8>, Refusal> {
    if text.len() > 2 * MAX_BASE58 {
        return Err(Refusal(format!("more than {MAX_BASE58} bytes")));
    }
    bs58::decode(text).into_vec().map_err(|problem| Refusal(format!("no base58: {problem}")))
}

pub(super) fn text_to_base58(args: &Arguments<'_>) -> Answer {
    to_base58(args.text(0)?.as_bytes())
}

pub(super) fn text_from_base58(args: &Arguments<'_>) -> Answer {
    let text = String::from_utf8(from_base58(args.text(0)?)?);
    Ok(Value::text(&text.map_err(|_| Refusal("the bytes are no UTF-8 text".to_owned()))?))
}

pub(super) fn bytes_to_base58(args: &Arguments<'_>) -> Answer {
    to_base58(&args.bytes(0)?)
}

pub(super) fn bytes_from_base58(args: &Arguments<'_>) -> Answer {
    bytes_value(&from_base58(args.text(0)?)?)
}

pub(super) fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The hash of a text: as a multihash, or the bare digest; in base58, or as bytes.
pub(super) fn sha256(args: &Arguments<'_>) -> Answer {
    let digest = hash(args.text(0)?.as_bytes());
    let prefix = if args.flag(1)? { &[][..] } else { &SHA256_PREFIX };
    let bytes = [prefix, &digest].concat();
    if args.flag(2)? { bytes_value(&bytes) } else { to_base58(&bytes) }
}
