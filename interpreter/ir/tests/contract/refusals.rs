//! A program that is broken in any way is refused, and says how.

use aquac_ir::limits::{MAX_EXPR_DEPTH, MAX_NODE_DEPTH};
use aquac_ir::{
    ConstId, Expr, ExprId, Node, NodeId, PlaceId, Program, ShapeId, SlotId, StreamId,
    VerifiedProgram, VerifyError, parse,
};

fn check(body: &str) -> String {
    let program = parse(&format!("aqir 1\n{body}")).unwrap();
    VerifiedProgram::new(program).unwrap_err().to_string()
}

fn damaged(damage: impl FnOnce(&mut Program)) -> VerifyError {
    let mut program = parse(crate::text::EVERYTHING).unwrap();
    assert!(VerifiedProgram::new(program.clone()).is_ok());
    damage(&mut program);
    VerifiedProgram::new(program).unwrap_err()
}

fn find(program: &mut Program, wanted: impl Fn(&Node) -> bool) -> &mut Node {
    program.nodes.iter_mut().find(|node| wanted(node)).unwrap()
}

#[test]
fn slots_streams_and_loops_are_used_as_they_were_made() {
    insta::assert_snapshot!(check("slots 1\nseq\n  let $0 = 1\n  let $0 = 2\n"), @"slot 0 has two writers, nodes 1 and 2");
    insta::assert_snapshot!(check("let $0 = 1\n"), @"slot 0 does not exist where it is used");
    insta::assert_snapshot!(check("streams list\nseq\n  scope *0\n    null\n  push 1 -> *0\n"), @"stream 0 is used outside its scope at node 3");
    insta::assert_snapshot!(check("streams list\nscope *0\n  scope *0\n    null\n"), @"stream 0 is used outside its scope at node 1");
    insta::assert_snapshot!(check("streams list\npush 1: 2 -> *0\n"), @"node 0 uses a stream of the wrong kind");
    insta::assert_snapshot!(check("streams map\npush 1 -> *0\n"), @"node 0 uses a stream of the wrong kind");
    insta::assert_snapshot!(check("streams list\nslots 1\nsnapshot *0 as object at initiator -> $0\n"), @"node 0 uses a stream of the wrong kind");
    insta::assert_snapshot!(check("streams list\nslots 1\nfor $0 in *0 sequential\n  null\n"), @"the loop at node 0 cannot run over what it names in that way");
    insta::assert_snapshot!(check("slots 1\nfor $0 in '[] in order\n  null\n"), @"the loop at node 0 cannot run over what it names in that way");
    insta::assert_snapshot!(check("slots 1\nfor $0 in '[] parallel\n  next $0\n"), @"`next` at node 1 is not in the body of a loop that waits for it");
    insta::assert_snapshot!(check("slots 1\nfor $0 in '[] explicit, last below\n  null\n  next $0\n"), @"`next` at node 2 is not in the body of a loop that waits for it");
    insta::assert_snapshot!(check("let $0 = {a: 1, a: 2}\n"), @"expression 2 names a field twice");
    insta::assert_snapshot!(check("parameters u7\nnull\n"), @"there are no numbers of 7 bits");
    insta::assert_snapshot!(check("return arg 0\n"), @"argument 0 does not exist where it is used");
}

#[test]
fn a_tree_that_is_cut_or_goes_on_is_refused() {
    let cut = damaged(|program| program.nodes.truncate(5));
    assert!(matches!(cut, VerifyError::BadTree(_)), "{cut}");
    let behind = damaged(|program| program.nodes.push(Node::Null));
    assert!(matches!(behind, VerifyError::BadTree(_)), "{behind}");
    let lie = damaged(|program| program.nodes[0] = Node::Seq(u32::MAX));
    assert_eq!(lie, VerifyError::BadTree(NodeId(0)));
    assert_eq!(VerifiedProgram::new(Program::default()), Err(VerifyError::Empty));
}

#[test]
fn numbers_that_name_nothing_are_refused() {
    let nothing = u32::MAX;
    let kinds = [
        damaged(|p| p.exprs[0] = Expr::Slot(SlotId(nothing))),
        damaged(|p| p.exprs[0] = Expr::Const(ConstId(nothing))),
        damaged(|p| p.exprs[0] = Expr::Length(ExprId(nothing))),
        damaged(|p| p.places[0].peer = ExprId(nothing)),
        damaged(|p| p.places[0].via = [ExprId(nothing)].into()),
        damaged(|p| p.parameters[0] = ShapeId(nothing)),
        damaged(|p| p.homes[0].place = PlaceId(nothing)),
        damaged(|p| p.homes[0].node = NodeId(nothing)),
        damaged(|p| {
            *find(p, |n| matches!(n, Node::Visit { .. })) = Node::Visit { place: PlaceId(nothing) };
        }),
        damaged(|p| *find(p, |n| matches!(n, Node::Null)) = Node::Fail { error: ExprId(nothing) }),
        damaged(|p| {
            *find(p, |n| matches!(n, Node::Null)) =
                Node::Push { stream: StreamId(nothing), key: None, value: ExprId(0) };
        }),
        damaged(|p| {
            if let Node::Call { returns, .. } = find(p, |n| matches!(n, Node::Call { .. })) {
                *returns = Some(ShapeId(nothing));
            }
        }),
    ];
    for error in kinds {
        assert!(matches!(error, VerifyError::Dangling { .. }), "{error}");
    }
}

#[test]
fn another_order_of_the_same_parts_is_refused() {
    let unused = damaged(|program| program.texts.push("unused".into()));
    assert_eq!(unused, VerifyError::NotInOrder);
    let doubled = damaged(|program| {
        let first = program.constants[0].clone();
        program.constants.push(first);
    });
    assert_eq!(doubled, VerifyError::NotInOrder);
    let homes = damaged(|program| {
        let home = program.homes[0];
        program.homes.insert(0, aquac_ir::Home { node: NodeId(home.node.0 + 1), ..home });
    });
    assert_eq!(homes, VerifyError::UnsortedHomes);
}

#[test]
fn what_is_nested_too_deeply_is_refused() {
    let mut builder = aquac_ir::Builder::new();
    let mut value = builder.constant(true.into());
    for _ in 0..=MAX_EXPR_DEPTH {
        value = builder.expr(Expr::Not(value));
    }
    builder.leaf(Node::Fail { error: value });
    assert_eq!(
        VerifiedProgram::new(builder.finish()),
        Err(VerifyError::TooLarge("nested expressions"))
    );
    let mut builder = aquac_ir::Builder::new();
    let open: Vec<_> = (0..MAX_NODE_DEPTH).map(|_| builder.open(Node::Seq(0))).collect();
    builder.leaf(Node::Null);
    open.into_iter().rev().for_each(|open| builder.close(open));
    assert_eq!(VerifiedProgram::new(builder.finish()), Err(VerifyError::TooLarge("nested nodes")));
}
