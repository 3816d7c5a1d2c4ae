//! Lines of MIR as rustc 1.95 and its nightly print them.

use super::*;
use crate::mir::place::{Base, Step};

fn assigned(text: &str) -> Value<'_> {
    match Statement::read(text) {
        Ok(Some(Statement::Assign(_, value))) => value,
        other => panic!("{text}: {other:?}"),
    }
}

fn call(text: &str) -> Call<'_> {
    match Terminator::read(text) {
        Some(Terminator::Call(call)) => call,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn statements() {
    assert_eq!(
        Statement::read("StorageDead(_3)"),
        Ok(Some(Statement::Dead(3)))
    );
    assert_eq!(Statement::read("StorageLive(_3)"), Ok(None));
    assert_eq!(Statement::read("nop"), Ok(None));
    assert_eq!(
        Statement::read("discriminant((*_30)) = 3"),
        Ok(Some(Statement::State(3)))
    );
    assert_eq!(Statement::read("mumble _1"), Err(NotUnderstood));
}

#[test]
fn values() {
    let one = || Place::local(1);
    assert_eq!(assigned("_2 = move _1"), Value::Use(Operand::Move(one())));
    assert_eq!(
        assigned("_2 = no_retag copy _1"),
        Value::Use(Operand::Copy(one()))
    );
    assert_eq!(assigned("_2 = &mut _1"), Value::Ref(one()));
    assert_eq!(assigned("_2 = &raw const _1"), Value::Ref(one()));
    assert_eq!(
        assigned("_2 = discriminant(_1)"),
        Value::Discriminant(one())
    );
    assert_eq!(
        assigned("_2 = move _1 as u32 (IntToInt)"),
        Value::Cast(Operand::Move(one()))
    );
    assert_eq!(
        assigned("_2 = const \"a = b (c\""),
        Value::Use(Operand::Const("\"a = b (c\""))
    );
    assert_eq!(
        assigned("_2 = AddWithOverflow(copy _1, const 1_u32)"),
        Value::Aggregate(
            "AddWithOverflow",
            vec![Operand::Copy(one()), Operand::Const("1_u32")]
        )
    );
}

#[test]
fn aggregates() {
    let moved = |number| Operand::Move(Place::local(number));
    for (text, head, fields) in [
        (
            "_2 = (move _1, const 2_u32)",
            "",
            vec![moved(1), Operand::Const("2_u32")],
        ),
        ("_2 = [move _1; 4]", "[]", vec![moved(1)]),
        ("_2 = ()", "", vec![]),
        (
            "_2 = a::S::<'_> { g: move _1, n: copy _4 }",
            "a::S::<'_>",
            vec![moved(1), Operand::Copy(Place::local(4))],
        ),
        (
            "_2 = std::option::Option::<T>::Some(move _1)",
            "std::option::Option::<T>::Some",
            vec![moved(1)],
        ),
        (
            "_2 = std::option::Option::<T>::None",
            "std::option::Option::<T>::None",
            vec![],
        ),
        (
            "_2 = {closure@a (b.rs:1:2: 3:4} { f: move _1 }",
            "{closure@a (b.rs:1:2: 3:4}",
            vec![moved(1)],
        ),
        (
            "_2 = {closure@a.rs:1:2: 3:4}",
            "{closure@a.rs:1:2: 3:4}",
            vec![],
        ),
        (
            "_2 = {coroutine@a.rs:1:2: 3:4 (#0)} { n: move _1 }",
            "{coroutine@a.rs:1:2: 3:4 (#0)}",
            vec![moved(1)],
        ),
    ] {
        assert_eq!(assigned(text), Value::Aggregate(head, fields), "{text}");
    }
}

#[test]
fn calls() {
    let simple =
        call("_5 = std::sync::Mutex::<State>::lock(move _6) -> [return: bb2, unwind: bb24]");
    assert_eq!(simple.to, Place::local(5));
    assert_eq!(
        simple.callee,
        Callee::Path("std::sync::Mutex::<State>::lock")
    );
    assert_eq!(simple.args, [Operand::Move(Place::local(6))]);
    assert_eq!(simple.next, Some(2));

    let into_saved = call(
        "(((*_30) as variant#3).0: G<'_>) = std::result::Result::<G<'_>, E<(A, B)>>::unwrap(move _5) -> [return: bb3, unwind: bb25]",
    );
    assert_eq!(into_saved.to.base, Base::Saved(3, 0));
    assert_eq!(
        into_saved.callee,
        Callee::Path("std::result::Result::<G<'_>, E<(A, B)>>::unwrap")
    );

    let of_trait = call(
        "_0 = <X as T<fn(u8) -> (A,)>>::go::<B>(const \"-> [\", const '(') -> [return: bb1, unwind continue]",
    );
    assert_eq!(
        of_trait.callee,
        Callee::Path("<X as T<fn(u8) -> (A,)>>::go::<B>")
    );
    assert_eq!(of_trait.args.len(), 2);

    let never = call("_5 = core::panicking::panic(const \"no\") -> unwind continue");
    assert_eq!(never.next, None);
    let aborting = call("_5 = f() -> bb7");
    assert_eq!((aborting.next, aborting.args.len()), (Some(7), 0));
}

#[test]
fn calls_of_pointers() {
    let pointer = call("_7 = move _8(const 1_u32) -> [return: bb2, unwind: bb10]");
    assert!(matches!(pointer.callee, Callee::Pointer(_)));
    let field = call("_7 = copy ((*_1).3: fn(u8))(move _2) -> [return: bb2, unwind continue]");
    let Callee::Pointer(Operand::Copy(place)) = field.callee else {
        panic!()
    };
    assert_eq!(place.steps, [Step::Deref, Step::Field(3)]);
}

#[test]
fn ends() {
    assert_eq!(Terminator::read("return"), Some(Terminator::Return));
    assert_eq!(
        Terminator::read("goto -> bb8"),
        Some(Terminator::Goto(vec![8]))
    );
    assert_eq!(
        Terminator::read("switchInt(move _23) -> [0: bb13, 1: bb12, otherwise: bb11]"),
        Some(Terminator::Switch(
            Operand::Move(Place::local(23)),
            vec![(Some(0), 13), (Some(1), 12), (None, 11)]
        ))
    );
    assert_eq!(
        Terminator::read("drop(_3) -> [return: bb6, unwind terminate(cleanup)]"),
        Some(Terminator::Drop(Place::local(3), Some(6)))
    );
    let assert = "assert(!move (_9.1: bool), \"attempt to compute `{} + {}`, which would overflow\", copy _2, move _7) -> [success: bb4, unwind continue]";
    assert_eq!(Terminator::read(assert), Some(Terminator::Goto(vec![4])));
    assert_eq!(
        Terminator::read("unreachable"),
        Some(Terminator::Goto(vec![]))
    );
    assert_eq!(Terminator::read("_1 = copy _2"), None);
    let text = "_1 = const \"x -> [\"";
    assert_eq!(Terminator::read(text), None, "within a string");
}
