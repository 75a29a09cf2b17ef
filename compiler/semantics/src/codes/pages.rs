//! The pages of the codes: the programs are files beside this one, so that editors, the
//! formatter and the tests see them as what they are.

use super::CodePage;

macro_rules! page {
    ($code:ident, $folder:literal, $meaning:literal) => {
        CodePage {
            code: super::$code,
            meaning: $meaning,
            wrong: include_str!(concat!("pages/", $folder, "/wrong.aqua")),
            right: include_str!(concat!("pages/", $folder, "/right.aqua")),
        }
    };
}

/// One page for each code, in the order of the codes.
pub const PAGES: &[CodePage] = &[
    page!(UNKNOWN_NAME, "AQ0201", "A name is used that is not bound here."),
    page!(UNKNOWN_TYPE, "AQ0202", "A type is used that is not declared."),
    page!(TAKEN, "AQ0203", "A name is bound once; there is no shadowing and no second assignment."),
    page!(
        OUT_OF_SCOPE,
        "AQ0204",
        "Names bound in a branch, loop or `try` end with it. Push into a stream that is declared before it."
    ),
    page!(
        RECURSION,
        "AQ0206",
        "A function or type cannot use itself: functions are inlined where they are called."
    ),
    page!(TOO_EARLY, "AQ0207", "Declarations are read from top to bottom: declare before use."),
    page!(UNUSED, "AQ0208", "Something is bound and never used."),
    page!(
        CONSTANT_KEPT,
        "AQ0211",
        "The first definition of a constant counts; a later one has no effect."
    ),
    page!(NOT_DECLARED, "AQ0212", "Other modules see only what a module lists in `declares`."),
    page!(
        DECLARES_UNKNOWN,
        "AQ0213",
        "The `declares` list names something that the module does not have."
    ),
    page!(NOT_A_CALL, "AQ0301", "`<-` and a line by itself need a call. To name a value use `=`."),
    page!(MISMATCH, "AQ0302", "A value has another type than its place expects."),
    page!(UNKNOWN_FIELD, "AQ0303", "The type has no field of this name."),
    page!(
        COUNT,
        "AQ0304",
        "The number of arguments, results or returned values differs from the declaration."
    ),
    page!(
        NO_RETURN,
        "AQ0305",
        "What a function promises and what it returns do not belong together."
    ),
    page!(MANY, "AQ0306", "A stream, option or array stands where one value is expected."),
    page!(NOT_A_STREAM, "AQ0307", "Only streams can be pushed into."),
    page!(NOT_ITERABLE, "AQ0308", "`for` goes over arrays, options, streams and stream maps."),
    page!(MISSING_FIELDS, "AQ0309", "A constructor gives every field a value."),
    page!(INCOMPARABLE, "AQ0310", "`==` compares types that have values in common."),
    page!(OPERAND, "AQ0311", "An operator does not work on this type."),
    page!(NOTHING, "AQ0312", "A call without results gives nothing to bind."),
    page!(OUT_OF_RANGE, "AQ0313", "A number does not fit in the type that is expected."),
    page!(METHOD_NOT_CALLED, "AQ0314", "A name is bound to a method itself, which is not called."),
    page!(OUT_OF_BOUNDS, "AQ0315", "The array has no element at this index."),
    page!(
        EXTRA_FIELD,
        "AQ0316",
        "A constructor is given a field that the type does not have; it is ignored."
    ),
    page!(
        WIDE_RESULT,
        "AQ0317",
        "No number type holds every result of the operation, so `i64` is used."
    ),
    page!(
        NOT_DATA,
        "AQ0318",
        "Collections and `data` hold data: no streams, functions, services or abilities."
    ),
    page!(NOT_A_STREAM_TYPE, "AQ0319", "Only streams are declared without a value."),
    page!(NOT_CALLABLE, "AQ0320", "What is called is not a function."),
    page!(
        NOT_INDEXABLE,
        "AQ0321",
        "Elements are taken from arrays and streams; from an option only with `!`."
    ),
    page!(
        CANNOT_CONSTRUCT,
        "AQ0322",
        "Only `data` and abilities are built from fields, and only `data` is copied."
    ),
    page!(TOO_DEEP, "AQ0323", "A type or expression nests deeper than 200 levels."),
    page!(UNKNOWN_SERVICE, "AQ0401", "There is no service or ability of this name."),
    page!(UNKNOWN_METHOD, "AQ0402", "The service or ability has no method of this name."),
    page!(NO_SERVICE_ID, "AQ0403", "A service without a default id needs one before it is called."),
    page!(
        SAME_ID,
        "AQ0404",
        "Two services of one module have the same id; usually a slip of copy and paste."
    ),
    page!(SEVERAL_RESULTS, "AQ0405", "A method of a service returns at most one value."),
    page!(NOT_A_SERVICE, "AQ0406", "Only a service can be given an id."),
    page!(
        CANNOT_SEND,
        "AQ0407",
        "A service takes and gives data, not functions, services or abilities."
    ),
    page!(
        PEER_TYPE,
        "AQ0501",
        "`on` and `via` name peers by strings, and a string in a program must be an id."
    ),
    page!(
        EXPORT_UNKNOWN,
        "AQ0701",
        "An `export` line names something that the module does not have."
    ),
    page!(
        EXPORT_TYPE,
        "AQ0702",
        "Hosts give and receive data, and give callbacks; nothing else crosses."
    ),
    page!(NOTHING_EXPORTED, "AQ0703", "Hosts can call only what a module exports."),
    page!(
        EXPORT_TWICE,
        "AQ0704",
        "Two exports have one public name, so hosts could reach only one of them."
    ),
    page!(EXPORT_DOTTED, "AQ0705", "A public name has no dots."),
];
