//! A disk that is full from the n-th step on, for every n.

use std::io::ErrorKind;

use super::*;

/// Runs `act` again and again, with a full disk from the n-th step on; `lasting` says whether space
/// comes back for the rollback.
fn on_a_full_disk(
    lasting: bool,
    prepare: impl Fn(&World),
    act: impl Fn(&Journal, &World) -> Result<()>,
    check: impl Fn(&World, Result<()>),
) {
    let mut n = 0;
    loop {
        let world = World::new();
        prepare(&world);
        let steps = Rc::new(Cell::new(0));
        let counted = Rc::clone(&steps);
        let journal = world.journal().with_steps(move |step| {
            let at = counted.get();
            counted.set(at + 1);
            let full = at == n || (lasting && at > n && step.action.needs_space());
            if full {
                return Err(ErrorKind::StorageFull.into());
            }
            Ok(())
        });
        let result = act(&journal, &world);
        let done = steps.get() <= n;
        assert!(!done || result.is_ok());
        check(&world, result);
        if done {
            break;
        }
        n += 1;
    }
    assert!(n > 20, "only {n} steps were seen");
}

#[test]
fn an_apply_on_a_full_disk_leaves_everything_as_it_was() {
    let old = World::new().tree();
    let new = {
        let world = World::new();
        world.journal().apply("t", &world.plan()).unwrap();
        world.tree()
    };
    for lasting in [false, true] {
        on_a_full_disk(
            lasting,
            |_| {},
            |journal, world| journal.apply("t", &world.plan()).map(drop),
            |world, result| match result {
                Ok(()) => assert_eq!(world.tree(), new),
                Err(error @ JournalError::Unfinished { .. }) => {
                    assert!(lasting, "{error}");
                    world.journal().recover().unwrap();
                    assert_eq!(world.tree(), old);
                }
                Err(error) => {
                    assert_eq!(world.tree(), old, "{error:?}");
                    let io = match &error {
                        JournalError::RolledBack { source } => source,
                        error => error,
                    };
                    assert!(io.to_string().contains("disk is full"), "{error:?}");
                    world.journal().apply("t", &world.plan()).unwrap();
                    assert_eq!(world.tree(), new);
                }
            },
        );
    }
}

#[test]
fn an_undo_on_a_full_disk_leaves_the_apply_in_place() {
    let old = World::new().tree();
    for lasting in [false, true] {
        on_a_full_disk(
            lasting,
            |world| drop(world.journal().apply("t", &world.plan()).unwrap()),
            |journal, _| journal.undo("t").map(drop),
            |world, result| {
                match result {
                    Ok(()) => {}
                    Err(JournalError::Unfinished { .. }) => {
                        assert!(lasting);
                        world.journal().recover().unwrap();
                    }
                    Err(_) => {
                        assert_eq!(world.read("Cargo.toml"), "\u{feff}a = 2\r\n");
                        assert_eq!(world.tree().len(), 5, "{:?}", world.tree());
                        world.journal().undo("t").unwrap();
                    }
                }
                assert_eq!(world.tree(), old);
            },
        );
    }
}
