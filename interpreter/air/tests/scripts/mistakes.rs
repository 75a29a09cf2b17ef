//! Everything that is wrong with a script is said at once, each with its place.

use aquac_air::parse;

fn said(text: &str) -> String {
    let errors = parse(text).err().unwrap_or_default();
    let lines = errors.iter().map(|error| {
        let (line, column) = error.span.line_column(text);
        let part = text.get(error.span.start..error.span.end).unwrap_or_default();
        format!("{line}:{column} {error} | {}", part.replace('\n', " "))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn all_mistakes_of_a_script_are_reported() {
    insta::assert_snapshot!(said(
        "(seq\n (call \"p\" (\"s\" 1) [] x)\n (seq (jump) (par (fail 0 \"z\") .5)))"
    ), @r"
    2:17 a function should stand here, not `1` | 1
    3:8 there is no instruction `jump`; there are ap, call, canon, fail, fold, match, mismatch, never, new, next, null, par, seq, xor | jump
    3:32 `.5` begins with a dot | .5
    ");
    insta::assert_snapshot!(said("(seq (ap 1 x) (seq (null)"), @"1:26 an instruction should stand here, and the script ends |");
    insta::assert_snapshot!(said("(null) (null)"), @"1:8 the end of the script should stand here, not `(` | (");
    insta::assert_snapshot!(said("; nothing"), @"1:10 an instruction should stand here, and the script ends |");
    insta::assert_snapshot!(said("(call \"p\" (\"s\" \"f\") [\"open)"), @r#"1:22 this text is not closed | "open)"#);
}

#[test]
fn names_are_defined_before_they_are_used() {
    insta::assert_snapshot!(said(
        "(seq (call a (b c) [x.$.[i] x] x) (seq (match y 1 (ap y y)) (fold $s i (ap (k v) %m))))"
    ), @r"
    1:6 variable 'a' wasn't defined | (call a (b c) [x.$.[i] x] x)
    1:6 variable 'b' wasn't defined | (call a (b c) [x.$.[i] x] x)
    1:6 variable 'c' wasn't defined | (call a (b c) [x.$.[i] x] x)
    1:6 variable 'x' wasn't defined | (call a (b c) [x.$.[i] x] x)
    1:6 variable 'i' wasn't defined | (call a (b c) [x.$.[i] x] x)
    1:40 variable 'y' wasn't defined | (match y 1 (ap y y))
    1:61 variable '$s' wasn't defined | (fold $s i (ap (k v) %m))
    1:72 variable 'k' wasn't defined | (ap (k v) %m)
    ");
    // Nobody checks these before they run.
    insta::assert_snapshot!(said("(seq (canon p $s #c) (fail e))"), @"");
}

#[test]
fn folds_and_their_next_keep_the_rules() {
    insta::assert_snapshot!(said("(next i)"), @"1:1 iterable 'i' wasn't defined | (next i)");
    insta::assert_snapshot!(said("(seq (ap 1 $s) (fold $s i (xor (next i) (next i))))"), @"1:41 multiple next instructions for iterator 'i' found for one fold, that is prohibited | (next i)");
    insta::assert_snapshot!(said("(seq (ap 1 $s) (fold $s i (new i (next i))))"), @"1:27 new can't be applied to a 'i' because it's an iterator | (new i (next i))");
    insta::assert_snapshot!(said("(seq (ap 1 $s) (fold $s i (fold $s i (next i))))"), @"1:27 multiple iterable values found for iterator name 'i' | (fold $s i (next i))");
    insta::assert_snapshot!(said("(seq (ap 1 $s) (fold $s i (seq (next i) (null))))"), @"1:32 fold can not have instructions after next | (next i)");
    insta::assert_snapshot!(said("(seq (ap [] s) (fold s i (seq (next i) (null)) (next i)))"), @"1:48 multiple next instructions for iterator 'i' found for one fold, that is prohibited | (next i)");
    // Over an array anything may follow, and a next in another fold is another matter.
    insta::assert_snapshot!(said(
        "(seq (ap [] s) (seq (fold s i (seq (next i) (null))) (fold s i (fold s j (seq (next i) (next j))))))"
    ), @"");
}

#[test]
fn operands_stand_where_the_reference_takes_them() {
    insta::assert_snapshot!(said("(seq (ap 1 $s) (call \"p\" (\"s\" \"f\") [$s]))"), @"1:37 a value or `]` should stand here, not `$s` | $s");
    insta::assert_snapshot!(said("(seq (canon \"p\" %m #%c) (ap #%c x))"), @"1:29 a value should stand here, not `#%c` | #%c");
    insta::assert_snapshot!(said("(seq (canon \"p\" $s #c) (fold #c.$.[0] i (next i)))"), @"1:30 something to run over should stand here, not `#c.$.[0]` | #c.$.[0]");
    insta::assert_snapshot!(said("(canon \"p\" $s x)"), @"1:15 a canon stream should stand here, not `x` | x");
    insta::assert_snapshot!(said("(call 1 (\"s\" \"f\") [])"), @"1:7 a peer should stand here, not `1` | 1");
}

#[test]
fn a_slip_is_answered_with_what_was_probably_meant() {
    let first = |text| said(text).lines().next().unwrap_or_default().to_owned();
    insta::assert_snapshot!(first("(cal \"a\" (\"s\" \"f\") [])"), @"1:2 there is no instruction `cal`; did you mean `call`? | cal");
    insta::assert_snapshot!(first("(Seq (null) (null))"), @"1:2 there is no instruction `Seq`; did you mean `seq`? | Seq");
    insta::assert_snapshot!(first("(call \"a\" (\"s\" \"f\") [1, 2])"), @"1:22 `1,` has a comma, which separates nothing here: white space does | 1,");
    insta::assert_snapshot!(first("(call 'a' (\"s\" \"f\") [])"), @"1:7 `'a'` is no text: those stand in straight double quotes | 'a'");
    insta::assert_snapshot!(first("// so\n(null)"), @"1:1 `//` begins no comment: `;` does | //");
    insta::assert_snapshot!(first("(ap {} x)"), @"1:5 `{}` is no value: there are no objects here, and instructions stand in `(` and `)` | {}");
    insta::assert_snapshot!(first("(ap :err: x)"), @"1:5 `:err:` is no variable; of the interpreter there are `%init_peer_id%`, `%timestamp%`, `%ttl%`, `%last_error%` and `:error:` | :err:");
}
