//! Values as they travel: with the salt that keeps their digest from giving them away.

use core::ops::Deref;

use aquac_ir::{Digest, Nonce, Salt, Value};
use serde::{Deserialize, Serialize};

use crate::Signer;

/// A value with its salt; together they have a digest, by which turns and headers name it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SaltedValue {
    /// The value.
    pub value: Value,
    /// Its salt.
    pub salt: Salt,
}

impl SaltedValue {
    /// The value of a program's argument, salted by the initiator. Equal inputs give equal
    /// salts, so that a run can be repeated.
    #[must_use]
    pub fn argument(signer: &dyn Signer, nonce: &Nonce, index: u32, value: Value) -> Self {
        let salt = signer.salt(&[b"argument", &nonce.0, &index.to_le_bytes()]);
        Self { value, salt }
    }

    /// The digest that names it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.value.digest(self.salt)
    }
}

/// A value together with its digest, which is computed once.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedValue {
    value: SaltedValue,
    digest: Digest,
}

impl From<SaltedValue> for NamedValue {
    fn from(value: SaltedValue) -> Self {
        let digest = value.digest();
        Self { value, digest }
    }
}

impl Deref for NamedValue {
    type Target = SaltedValue;

    fn deref(&self) -> &SaltedValue {
        &self.value
    }
}

impl NamedValue {
    /// One whose digest is known.
    pub(crate) const fn of(digest: Digest, value: SaltedValue) -> Self {
        Self { value, digest }
    }

    /// The digest that names it.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The value.
    #[must_use]
    pub fn into_value(self) -> SaltedValue {
        self.value
    }
}
