//! What scripts become: the text of their programs.

use aquac_air::read;
use aquac_ir::print;

fn program(script: &str) -> String {
    let reading = read(script).unwrap_or_else(|errors| panic!("{errors:?}"));
    let text = print(reading.program.program());
    text.split_once("\n\n").map_or_else(String::new, |(_, nodes)| nodes.trim_end().to_owned())
}

#[test]
fn a_gate_waits_and_a_hop_is_a_visit() {
    insta::assert_snapshot!(program(
        r#"(seq
            (new $-hop- (new #-hopc- (canon "relay" $-hop- #-hopc-)))
            (seq
             (call "p" ("s" "f") [] $s)
             (seq
              (new $s_test
               (seq (seq
                (fold $s s_fold_var
                 (seq (seq
                  (ap s_fold_var $s_test)
                  (canon %init_peer_id% $s_test #s_iter_canon))
                  (xor (match #s_iter_canon.length 2 (null)) (next s_fold_var)))
                 (never))
                (canon %init_peer_id% $s_test #s_result_canon))
                (ap #s_result_canon s_gate)))
              (call %init_peer_id% ("s" "g") [s_gate.$.[1]]))))"#
    ), @r#"
    seq
      visit at "relay"
      call "s"."f" [] at "p" -> *0
      await *0 count 2 at initiator via host -> $0
      call "s"."g" [$0[1]] at initiator via host
    "#);
}

#[test]
fn the_usual_folds_are_marked() {
    insta::assert_snapshot!(program(
        r#"(seq (seq (call "p" ("s" "f") [] xs) (fold xs i (seq (null) (next i)) (null)))
            (seq (fold xs i (new $s (par (ap i $s) (next i))) (never))
             (seq (fold xs i (xor (never) (next i)))
              (fold xs i (seq (next i) (ap i $s))))))"#
    ), @r#"
    seq
      call "s"."f" [] at "p" -> $0
      for $1 in named($0, xs) sequential home "p"
        null
      for $2 in named($0, xs) parallel, last never home "p"
        scope *0
          push $2 -> *0
      for $3 in named($0, xs) until success home "p"
        never
      for $4 in named($0, xs) explicit home "p"
        seq
          next $4
          push $4 -> *1
    "#);
    insta::assert_snapshot!(program(
        r#"(seq (ap 1 $s) (seq (fold $s i (par (null) (next i)))
            (fold $s i (seq (seq (ap i $s) (canon "p" $s #cc)) (next i)) (null))))"#
    ), @r#"
    seq
      push 1 -> *0
      for $0 in *0 parallel, last never
        null
      for $1 in *0 in order
        seq
          push $1 -> *0
          snapshot *0 at "p" -> $2
          next $1 home "p"
    "#);
}

#[test]
fn a_name_means_what_can_have_been_bound() {
    insta::assert_snapshot!(program(
        r#"(seq (xor (seq (call "p" ("s" "a") [] x) (null)) (call "q" ("s" "b") [] x))
            (call "p" ("s" "c") [x]))"#
    ), @r#"
    seq
      try
        seq
          call "s"."a" [] at "p" -> $0
          null home "p"
        seq
          let $2 = [either(choose($0 == $0, raise({error_code: 20007, message: "variable 'x' is bound already, and may not be bound again"}), null), null)]
          call "s"."b" [] at "q" -> $1
      call "s"."c" [either($1, $0)] at "p"
    "#);
    insta::assert_snapshot!(program(
        r#"(seq (ap [] xs) (seq (fold xs i (seq (ap i x) (next i))) (par (ap x y) (null))))"#
    ), @r"
    seq
      let $0 = '[]
      for $1 in named($0, xs) sequential
        let $2 = $1
      par
        let $3 = $4
        null
    ");
    insta::assert_snapshot!(program(r#"(seq (ap 1 x) (new x (seq (ap x y) (ap 2 x))))"#), @r#"
    seq
      let $0 = 1
      seq
        let $1 = raise({error_code: 10009, message: "variable with name 'x' was cleared by new and then wasn't set"})
        let $2 = 2
    "#);
}

#[test]
fn a_second_binding_is_an_error_of_the_later_step() {
    insta::assert_snapshot!(program(r#"(seq (ap 1 x) (call "p" ("s" "f") [] x))"#), @r#"
    seq
      let $0 = 1
      let $2 = raise({error_code: 20007, message: "variable 'x' is bound already, and may not be bound again"})
    "#);
    insta::assert_snapshot!(program(r#"(seq (ap [] xs) (fold xs i (call "p" ("s" "f") [] i)))"#), @r#"
    seq
      let $0 = '[]
      for $1 in named($0, xs) explicit
        let $3 = raise({error_code: 20004, message: "variable 'i' is bound already, and may not be bound again"})
    "#);
    insta::assert_snapshot!(program(
        r#"(xor (seq (call "p" ("s" "a") [] x) (call "p" ("s" "b") [])) (ap 2 x))"#
    ), @r#"
    try
      seq
        call "s"."a" [] at "p" -> $0
        call "s"."b" [] at "p"
      seq
        let $1 = 2
        let $2 = [either(choose($0 == $0, raise({error_code: 20007, message: "variable 'x' is bound already, and may not be bound again"}), null), null)]
    "#);
}

#[test]
fn errors_are_read_where_they_were_caught() {
    insta::assert_snapshot!(program(
        r#"(seq (xor (fail 5 "boom")
             (seq (xor (null) (null)) (call "p" ("s" "h") [:error:.$.message %last_error%])))
            (xor (null) (fail :error:)))"#
    ), @r#"
    seq
      try -> $0
        fail {error_code: 5, message: "boom", instruction: "fail 5 \"boom\"", peer_id: initiator}
        seq
          try -> $1
            null
            null
          call "s"."h" [either(['{"error_code":0,"message":""}, $1][0], $0).message, either(choose(($1.error_code == 10001) or ($1.error_code == 10002), $2, thrown($1)), choose(($0.error_code == 10001) or ($0.error_code == 10002), $2, thrown($0)), '{"error_code":0,"message":""})] at "p"
      try -> $3
        null
        let $4 = raise($3)
    "#);
}

#[test]
fn streams_and_maps_are_scoped_by_their_new() {
    insta::assert_snapshot!(program(
        r#"(seq (ap 1 $s) (seq (new $s (new %m (ap ("k" 2) %m)))
            (seq (canon "p" $s #cc) (seq (canon "p" %m #%mm)
             (seq (fold #%mm i (next i))
              (call "p" ("s" "f") [#cc.$.[0].a #cc.length #%mm #%mm.$.k #%mm.$.k.[0] #%mm.length]))))))"#
    ), @r#"
    seq
      push 1 -> *0
      scope *1, *2
        push "k": 2 -> *2
      snapshot *0 at "p" -> $0
      snapshot *3 at "p" -> $1
      for $2 in entries $1 sequential home "p"
        null
      call "s"."f" [$0[element 0].a, length($0), grouped($1), $1[key "k"], choose(contains($1, "k"), $1[key "k"][element 0], $1[key "k"]), length($1)] at "p"
    "#);
}

#[test]
fn what_follows_a_step_is_at_home_where_it_was() {
    insta::assert_snapshot!(program(
        r#"(seq (call "p" ("s" "f") [] x)
            (seq (par (match x 1 (call "q" ("s" "g") [])) (null)) (xor (match x 2 (null)) (null))))"#
    ), @r#"
    seq
      call "s"."f" [] at "p" -> $0
      par home "p"
        match $0, 1
          call "s"."g" [] at "q"
        null
      try home "p"
        match $0, 2
          null
        null
    "#);
}
