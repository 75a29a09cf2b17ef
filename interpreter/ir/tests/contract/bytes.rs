//! Golden bytes, and bytes that nobody wrote.

use aquac_ir::{DecodeError, Expr, ExprId, VerifiedProgram, decode, encode, parse, print};
use proptest::prelude::*;

use crate::random;

fn hex(body: &str) -> String {
    let program = parse(&format!("aqir 1\n{body}")).unwrap();
    let bytes = encode(&program);
    bytes.iter().skip(5).map(|byte| format!("{byte:02x}")).collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of programs and their bytes")]
fn the_bytes_of_each_kind_of_node_stay_as_they_are() {
    let bytes: Vec<String> = [
        "seq\n",
        "par\n  null\n",
        "slots 1\ntry -> $0\n  null\n  null\n",
        "if true\n  null\n  null\n",
        "match 1, 2\n  null\n",
        "mismatch 1, 2\n  null\n",
        "never\n",
        "null\n",
        "fail \"x\"\n",
        "parameters text\nslots 1\ncall \"s\".\"f\" [arg 0] at initiator via host -> $0 : {a: ?u8}\n",
        "streams list\ncall \"s\".\"f\" [] at initiator -> *0\n",
        "slots 1\nlet $0 = ttl\n",
        "streams map\npush \"k\": 1.5 -> *0\n",
        "slots 1\nstreams map\nsnapshot *0 as object at initiator -> $0\n",
        "slots 1\nstreams list\nawait *0 count 2 at initiator -> $0\n",
        "visit at host\n",
        "slots 1\nfor $0 in '[] until success, last never\n  null\n",
        "slots 1\nstreams list\nfor $0 in *0 explicit, last below\n  next $0\n  null\n",
        "streams list\nscope *0\n  null home host\n",
        "slots 1\nreturn $0.a[0], length($0), 1 + 2\n",
        "return raise(null), thrown(null), named(null, \"x\")\n",
    ]
    .iter()
    .map(|body| format!("{}\n  {}", body.trim_end(), hex(body)))
    .collect();
    insta::assert_snapshot!(bytes.join("\n"), @r#"
    seq
      000100000000000000000000
    par
      null
      00020101060000000000000000
    slots 1
    try -> $0
      null
      null
      000302010006060001000000000000
    if true
      null
      null
      000303000606000000010000000101020000
    match 1, 2
      null
      00020400000106000000020000000100020203020203040000
    mismatch 1, 2
      null
      00020401000106000000020000000100020203020203040000
    never
      0001050000000000000000
    null
      0001060000000000000000
    fail "x"
      000107000000000100000001030601780000
    parameters text
    slots 1
    call "s"."f" [arg 0] at initiator via host -> $0 : {a: ?u8}
      0100010800020301040100010300010005030003010000000101000100010102030601730306016601016104060308080109010002
    streams list
    call "s"."f" [] at initiator -> *0
      0001080001020002000000000100030300000000010100000203060173030601660000
    slots 1
    let $0 = ttl
      000109000000010001030300000000
    streams map
    push "k": 1.5 -> *0
      00010a0001000100000101020000000100020306016b0905000000000000f83f0000
    slots 1
    streams map
    snapshot *0 as object at initiator -> $0
      00010b0000010000010101010300010000000000
    slots 1
    streams list
    await *0 count 2 at initiator -> $0
      00010c00000100000101000203000000010000010203040000
    visit at host
      00010d00000000010301010000000000
    slots 1
    for $0 in '[] until success, last never
      null
      00020e00000002010600010001000000010207000000
    slots 1
    streams list
    for $0 in *0 explicit, last below
      next $0
      null
      00030e02000003020f0006000101000000000000
    streams list
    scope *0
      null home host
      000210010006010100000100010301010000000000
    slots 1
    return $0.a[0], length($0), 1 + 2
      000111030304070001000802000400000000050102000600000100020a000506000302030002030202030401016100
    return raise(null), thrown(null), named(null, "x")
      00011103010203000000040000140015001600000001010001017800
    "#);
}

#[test]
fn bytes_of_another_kind_or_version_are_told_apart() {
    assert_eq!(decode(b"(null)"), Err(DecodeError::NotAProgram));
    assert_eq!(decode(b"aqir"), Err(DecodeError::NotAProgram));
    assert_eq!(decode(b"aqir\x63"), Err(DecodeError::UnknownVersion(0x63)));
    let mut bytes = encode(&parse("aqir 1\nnull\n").unwrap());
    bytes.push(0);
    assert_eq!(decode(&bytes), Err(DecodeError::NotCanonical));
}

#[test]
fn a_number_that_is_written_longer_makes_another_encoding() {
    let choices: Vec<u8> = (0..150).map(|number: u8| number.wrapping_mul(91)).collect();
    let bytes = encode(&random::program(&choices));
    let mut longer = Vec::new();
    for at in 5..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] |= 0x80;
        changed.insert(at + 1, 0);
        match decode(&changed) {
            Ok(program) => assert_eq!(encode(&program), changed, "another program at {at}"),
            Err(DecodeError::NotCanonical) => longer.push(at),
            Err(error) => assert!(matches!(error, DecodeError::Damaged(_)), "{at}: {error}"),
        }
    }
    assert!(longer.len() > 50, "most bytes are numbers: {longer:?}");
}

#[test]
fn a_program_that_nobody_has_checked_is_printed_in_a_text_of_its_size() {
    let mut program = random::program(&[]);
    let first = u32::try_from(program.exprs.len()).unwrap();
    // Each is made of all of them.
    let all: Vec<ExprId> = (first..first + 8).map(ExprId).collect();
    program.exprs.extend((0..8).map(|_| Expr::Array(all.clone().into())));
    assert!(print(&program).len() < 10_000);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_arrives_is_a_program_or_refused(
        choices in prop::collection::vec(any::<u8>(), 0..200),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = encode(&random::program(&choices));
        for (at, byte) in changes {
            let at = 5 + at.index(bytes.len() - 5);
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(program) = decode(&bytes) {
            prop_assert_eq!(&encode(&program), &bytes);
            // Printing does not rely on the check.
            let text = print(&program);
            let _ = parse(&text);
        }
        if let Ok(verified) = VerifiedProgram::from_bytes(&bytes) {
            prop_assert_eq!(encode(verified.program()), bytes);
        }
    }

    #[test]
    fn no_text_makes_the_parser_fall_over(text in "(aqir 1\n)?([a-z]{2,9}|[ \n$*&0-9.\"'(){}\\[\\],:-]){0,60}") {
        let _ = parse(&text);
    }
}
