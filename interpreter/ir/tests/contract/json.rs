//! JSON text is read and printed as `serde_json` does it: the same values, the same digits, the
//! same errors in the same places.

use aquac_ir::{Value, from_json, to_json};
use proptest::prelude::*;

fn theirs(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn ours(text: &str) -> Result<Value, String> {
    from_json(text).map_err(|error| error.to_string())
}

#[rustfmt::skip]
const PIECES: &[&str] = &[
    "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"a\":", "\"b\": ",
    "null", "true", "false", "nul", "tru", " ", "\n", "\t", "\r\n", "0",
    "-", "-0", "1", "9", "00", ".", ".0", ".5", "e", "E",
    "e+", "e-", "e5", "e400", "e-400", "e99999999999", "e-99999999999", "+", "\\", "\\u",
    "\\ud83d", "\\ude00", "\\u00e9", "\\n", "\\/", "\\x", "\u{1}", "ü", "😀", "18446744073709551615",
    "18446744073709551616", "9223372036854775808", "[1,", "{\"a\":", "\"x\\ty\"", "12345678901234567890123456789", "0.1", "1.7976931348623159e308", "{}", "[]",
];

/// Pieces of JSON and of what almost is.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(PIECES).prop_map(str::to_owned),
        1 => "[0-9]{1,30}(\\.[0-9]{1,30})?(e-?[0-9]{1,3})?",
        1 => any::<f64>().prop_map(|number| format!("{number:e}")),
        1 => "\"\\PC{0,5}\"",
        1 => any::<char>().prop_map(String::from),
    ]
}

fn document() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|truth| truth.to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<u64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(|n| format!("{n:?}")),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    leaf.prop_recursive(5, 30, 5, |inner| {
        let name = "[a-c]?[a-f\"\\\\]";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5)
                .prop_map(|items| format!("[{}]", items.join(" ,\n"))),
            prop::collection::vec((name, inner), 0..4).prop_map(|fields| {
                let field = |(name, value)| format!("{name:?}: {value}");
                format!("{{ {}\n }}", fields.into_iter().map(field).collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn any_row_of_pieces_is_read_or_refused_in_the_same_words(
        pieces in prop::collection::vec(piece(), 0..12),
    ) {
        let text = pieces.concat();
        prop_assert_eq!(ours(&text), theirs(&text), "{}", text);
    }

    #[test]
    fn a_document_with_a_hole_or_a_piece_too_much_too(
        text in document(), at in any::<prop::sample::Index>(), piece in piece(), cut in 0..3_usize,
    ) {
        prop_assert_eq!(ours(&text), theirs(&text), "{}", &text);
        let mut broken: Vec<char> = text.chars().collect();
        let at = at.index(broken.len() + 1);
        let end = (at + cut).min(broken.len());
        broken.splice(at..end, piece.chars());
        let broken: String = broken.into_iter().collect();
        prop_assert_eq!(ours(&broken), theirs(&broken), "{}", &broken);
    }

    #[test]
    fn what_is_printed_is_the_same(text in document()) {
        if let Ok(value) = ours(&text) {
            prop_assert_eq!(to_json(&value), serde_json::to_string(&value).unwrap());
        }
    }

    #[test]
    fn a_fraction_has_the_same_digits(bits in any::<u64>(), near in -40..70_i32) {
        let wide = f64::from_bits(bits);
        let near = (bits >> 11) as f64 * 2_f64.powi(near - 53);
        let round = (bits >> 40) as f64 / 1000.0;
        for number in [wide, near, round, near.round(), 2_f64.powi((bits % 2098) as i32 - 1074)] {
            if number.is_finite() {
                let text = serde_json::to_string(&number).unwrap();
                prop_assert_eq!(to_json(&theirs(&text).unwrap()), text);
            }
        }
    }

    #[test]
    fn digits_give_the_same_fraction(text in "-?[1-9][0-9]{0,40}(\\.[0-9]{1,40})?(e-?[0-3]?[0-9]{1,2})?") {
        prop_assert_eq!(ours(&text), theirs(&text), "{}", text);
    }
}

/// 5 to this power: the lowest digit first.
fn power_of_five(power: usize) -> Vec<u8> {
    let mut digits = vec![1];
    for _ in 0..power {
        let mut carry = 0;
        for digit in &mut digits {
            carry += *digit * 5;
            *digit = carry % 10;
            carry /= 10;
        }
        digits.extend((carry > 0).then_some(carry));
    }
    digits
}

#[test]
fn digits_between_two_fractions_give_the_even_one_unless_any_digit_behind_is_not_zero() {
    // 2^-1075 is in the middle between zero and the smallest fraction.
    let digits = power_of_five(1075);
    let middle: String = digits.iter().rev().map(|digit| char::from(b'0' + digit)).collect();
    for zeros in [0, 1, 900] {
        let behind = "0".repeat(zeros);
        let even = format!("{middle}.{behind}0e-1075");
        assert_eq!(to_json(&from_json(&even).unwrap()), "0.0");
        let odd = format!("{middle}.{behind}1e-1075");
        assert_eq!(to_json(&from_json(&odd).unwrap()), "5e-324");
        assert_eq!((ours(&even), ours(&odd)), (theirs(&even), theirs(&odd)));
    }
}

#[test]
fn every_depth_is_read_or_refused_in_the_same_words() {
    for depth in 120..135 {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), (" [\n", " ]")] {
            let text = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            assert_eq!(ours(&text), theirs(&text), "{depth}");
        }
    }
}
