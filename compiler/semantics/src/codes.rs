//! The codes of this pass. Each has a page in [`PAGES`]: what it means, the smallest program that
//! provokes it and the same program repaired. `aquac explain` and the tests read that table.

use aquac_base::Code;
pub use aquac_base::CodePage;

mod pages;

pub use pages::PAGES;

/// The parser's code for forms of other languages; some of them can only be told from calls when
/// names are known.
pub(crate) const FOREIGN_FORM: Code = Code("AQ0105");

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        $($(#[$doc])* pub const $name: Code = Code($code);)*
        /// Every code of this pass.
        pub const ALL: &[Code] = &[$($name),*];
    };
}

codes! {
    /// A name that means nothing here.
    UNKNOWN_NAME = "AQ0201";
    /// A type that does not exist.
    UNKNOWN_TYPE = "AQ0202";
    /// A name that already means something.
    TAKEN = "AQ0203";
    /// A name that lives in a block that is over.
    OUT_OF_SCOPE = "AQ0204";
    /// Something that uses itself.
    RECURSION = "AQ0206";
    /// Something that is declared further down.
    TOO_EARLY = "AQ0207";
    /// Bound and never used.
    UNUSED = "AQ0208";
    /// A second definition of a constant.
    CONSTANT_KEPT = "AQ0211";
    /// A name that the imported module does not show.
    NOT_DECLARED = "AQ0212";
    /// `declares` of something that is not there.
    DECLARES_UNKNOWN = "AQ0213";
    /// A value where a call is needed.
    NOT_A_CALL = "AQ0301";
    /// A value of another type.
    MISMATCH = "AQ0302";
    /// No such field.
    UNKNOWN_FIELD = "AQ0303";
    /// Another number of values.
    COUNT = "AQ0304";
    /// Promise and return line do not belong together.
    NO_RETURN = "AQ0305";
    /// A collection where one value is needed.
    MANY = "AQ0306";
    /// A push into something else than a stream.
    NOT_A_STREAM = "AQ0307";
    /// A loop over something else than a collection.
    NOT_ITERABLE = "AQ0308";
    /// A constructor without some field.
    MISSING_FIELDS = "AQ0309";
    /// `==` between types without common values.
    INCOMPARABLE = "AQ0310";
    /// An operator on something that it does not work on.
    OPERAND = "AQ0311";
    /// The result of a call that has none.
    NOTHING = "AQ0312";
    /// A number that does not fit its type.
    OUT_OF_RANGE = "AQ0313";
    /// A method that is named, not called.
    METHOD_NOT_CALLED = "AQ0314";
    /// An index past the end.
    OUT_OF_BOUNDS = "AQ0315";
    /// A constructor argument that is no field.
    EXTRA_FIELD = "AQ0316";
    /// Arithmetic without a fitting result type.
    WIDE_RESULT = "AQ0317";
    /// A type that cannot be stored or sent.
    NOT_DATA = "AQ0318";
    /// A declaration of something else than a stream.
    NOT_A_STREAM_TYPE = "AQ0319";
    /// A call of something else than a function.
    NOT_CALLABLE = "AQ0320";
    /// An element of something that has none.
    NOT_INDEXABLE = "AQ0321";
    /// A constructor or `copy` of something without fields.
    CANNOT_CONSTRUCT = "AQ0322";
    /// A type or expression that nests too deep.
    TOO_DEEP = "AQ0323";
    /// No such service or ability.
    UNKNOWN_SERVICE = "AQ0401";
    /// No such method.
    UNKNOWN_METHOD = "AQ0402";
    /// A service without an id.
    NO_SERVICE_ID = "AQ0403";
    /// Two services with one id.
    SAME_ID = "AQ0404";
    /// A service method with several results.
    SEVERAL_RESULTS = "AQ0405";
    /// An id for something else than a service.
    NOT_A_SERVICE = "AQ0406";
    /// Something sent to or expected from a service that is not data.
    CANNOT_SEND = "AQ0407";
    /// A peer id of another type.
    PEER_TYPE = "AQ0501";
    /// An export of something that is not there.
    EXPORT_UNKNOWN = "AQ0701";
    /// An export of something that hosts cannot call.
    EXPORT_TYPE = "AQ0702";
    /// A module that exports nothing.
    NOTHING_EXPORTED = "AQ0703";
    /// Two exports with one name.
    EXPORT_TWICE = "AQ0704";
    /// An export under a dotted name.
    EXPORT_DOTTED = "AQ0705";
}
