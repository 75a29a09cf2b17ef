//! The services of random scripts.

/// What services answer; without a rule, their name.
pub(crate) const SERVICES: &str = r#"{
 "*/s/arr":{"ok":[1,2,3]}, "*/s/two":{"ok":[10,20]}, "*/s/one":{"ok":[7]}, "*/s/none":{"ok":[]},
 "*/s/objs":{"ok":[{"x":5,"k":"a"},{"x":6,"k":"b"}]}, "*/s/nested":{"ok":[[1,2],[3]]},
 "*/s/obj":{"ok":{"a":[1,{"x":5}],"b":"t","e":{"error_code":5,"message":"m"},"k":"a","n":1,"p":"@B"}},
 "*/s/num":{"ok":1}, "*/s/zero":{"ok":0}, "*/s/float":{"ok":1.5}, "*/s/null":{"ok":null}, "*/s/yes":{"ok":true},
 "*/s/text":{"ok":"a"}, "*/s/peer":{"ok":"@B"}, "*/s/error":{"ok":{"error_code":5,"message":"m"}},
 "*/s/noerror":{"ok":{"error_code":0,"message":"m"}}, "*/s/half":{"ok":{"error_code":7}},
 "*/s/bad":{"err":[7,"e"]}, "*/s/worse":{"err":[1,{"why":"no"}]}, "*/s/raw":{"raw":"oops"},
 "*/s/echo":"echo", "*/s/args":"args", "*/s/tet":"tet", "*/s/then":{"seq":[{"ok":1},{"err":[3,"x"]},{"ok":2}]}
}"#;

/// What a value is likely to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Is {
    Array,
    Object,
    Number,
    Text,
    Peer,
    Error,
    Any,
}

/// Functions, with what they answer.
pub(crate) const FUNCTIONS: [(&str, Is); 24] = [
    ("arr", Is::Array),
    ("two", Is::Array),
    ("one", Is::Array),
    ("none", Is::Array),
    ("objs", Is::Array),
    ("nested", Is::Array),
    ("obj", Is::Object),
    ("obj", Is::Object),
    ("num", Is::Number),
    ("zero", Is::Number),
    ("float", Is::Number),
    ("null", Is::Any),
    ("yes", Is::Any),
    ("text", Is::Text),
    ("peer", Is::Peer),
    ("error", Is::Error),
    ("noerror", Is::Error),
    ("half", Is::Error),
    ("f", Is::Text),
    ("g", Is::Text),
    ("args", Is::Array),
    ("tet", Is::Array),
    ("then", Is::Number),
    ("echo", Is::Any),
];
