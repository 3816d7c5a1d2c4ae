//! Finds the largest set of changes with which everything still holds, in few trials: all at once
//! first, then without those that an error names, and where none is named by halving.

use anyhow::Result;

/// What came of trying a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trial {
    Holds,
    Fails {
        /// Those that the errors name.
        blamed: Vec<usize>,
        said: String,
    },
}

/// A change that cannot be made, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    pub index: usize,
    pub said: String,
}

/// The candidates that hold together, in order, and the others. `attempt` tries a set; no set is
/// tried twice, and the one that is returned was tried last or is a part of one that held.
pub fn largest(
    candidates: &[usize],
    attempt: &mut dyn FnMut(&[usize]) -> Result<Trial>,
) -> Result<(Vec<usize>, Vec<Rejected>)> {
    let mut rejected = Vec::new();
    let mut left = candidates.to_vec();
    while !left.is_empty() {
        let Trial::Fails { blamed, said } = attempt(&left)? else {
            return Ok((left, rejected));
        };
        let named: Vec<usize> = left
            .iter()
            .copied()
            .filter(|i| blamed.contains(i))
            .collect();
        if named.is_empty() {
            let held = halve(&[], &left, said, attempt, &mut rejected)?;
            return Ok((held, rejected));
        }
        left.retain(|index| !named.contains(index));
        rejected.extend(named.into_iter().map(|index| Rejected {
            index,
            said: said.clone(),
        }));
    }
    Ok((left, rejected))
}

/// The part of `suspects`, which are known to fail together with `base`, that holds with it.
fn halve(
    base: &[usize],
    suspects: &[usize],
    said: String,
    attempt: &mut dyn FnMut(&[usize]) -> Result<Trial>,
    rejected: &mut Vec<Rejected>,
) -> Result<Vec<usize>> {
    if let [index] = suspects {
        rejected.push(Rejected {
            index: *index,
            said,
        });
        return Ok(base.to_vec());
    }
    let (left, right) = suspects.split_at(suspects.len() / 2);
    let mut held = base.to_vec();
    for half in [left, right] {
        let mut together = held.clone();
        together.extend_from_slice(half);
        held = match attempt(&together)? {
            Trial::Holds => together,
            Trial::Fails { said, .. } => halve(&held, half, said, attempt, rejected)?,
        };
    }
    Ok(held)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// Searches where exactly `bad` fail, and those of `named` are named by the errors; returns what
    /// held, what did not, and how many trials it took.
    fn search(count: usize, bad: &BTreeSet<usize>, named: bool) -> (Vec<usize>, Vec<usize>, usize) {
        let mut trials = 0;
        let all: Vec<usize> = (0..count).collect();
        let mut attempt = |set: &[usize]| {
            trials += 1;
            let guilty: Vec<usize> = set.iter().copied().filter(|i| bad.contains(i)).collect();
            if guilty.is_empty() {
                return Ok(Trial::Holds);
            }
            let blamed = if named { guilty } else { Vec::new() };
            Ok(Trial::Fails {
                blamed,
                said: "error".to_owned(),
            })
        };
        let (held, rejected) = largest(&all, &mut attempt).unwrap();
        let rejected = rejected.into_iter().map(|r| r.index).collect();
        (held, rejected, trials)
    }

    #[test]
    fn where_all_holds_one_trial_is_enough() {
        assert_eq!(
            search(9, &BTreeSet::new(), false),
            ((0..9).collect(), vec![], 1)
        );
        assert_eq!(search(0, &BTreeSet::new(), false), (vec![], vec![], 0));
    }

    #[test]
    fn what_an_error_names_is_put_back_at_once() {
        let (held, rejected, trials) = search(9, &BTreeSet::from([2, 5]), true);
        assert_eq!((held.len(), rejected, trials), (7, vec![2, 5], 2));
    }

    #[test]
    fn without_a_name_it_halves() {
        let (held, rejected, trials) = search(16, &BTreeSet::from([11]), false);
        assert_eq!((held.len(), rejected), (15, vec![11]));
        assert!(trials <= 9, "{trials}");
    }

    proptest! {
        #[test]
        fn exactly_what_fails_is_left_out(
            count in 0..20_usize,
            bad in proptest::collection::btree_set(0..20_usize, 0..6),
            named: bool,
        ) {
            let bad: BTreeSet<usize> = bad.into_iter().filter(|i| *i < count).collect();
            let (mut held, mut rejected, _) = search(count, &bad, named);
            held.sort_unstable();
            rejected.sort_unstable();
            prop_assert_eq!(rejected, bad.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(held, (0..count).filter(|i| !bad.contains(i)).collect::<Vec<_>>());
        }
    }
}
