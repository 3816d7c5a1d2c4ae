//! What a reader must know before believing the tables: how the program ended, what was not seen, what
//! was seen badly, and how to see it better.

use super::figures;
use crate::analyse::{View, totals};
use crate::profile::{Ended, KernelFrames, Unit};

/// Fewer samples than this say little.
const FEW: u64 = 100;

/// One sentence each, the most important last: it stands next to the tables.
pub fn remarks(view: &View<'_>) -> Vec<String> {
    let about = &view.profile.about;
    let mut remarks: Vec<String> = about.notes.clone();
    remarks.extend(ending(&about.ended));
    if let KernelFrames::Excluded { why } = &about.kernel {
        remarks.push(format!("time in the kernel is not in it: {why}"));
    }
    remarks.extend(flaws(view));
    remarks.extend(fewness(view));
    remarks
}

/// How the program ended, where that was not as it should.
pub fn ending(ended: &Ended) -> Option<String> {
    let said = match ended {
        Ended::Exited { code: 0 } | Ended::Unknown => return None,
        Ended::Exited { code } => format!("the program failed: exit status {code}"),
        Ended::Killed { name, .. } => format!("the program was killed by {name}"),
        Ended::TimeUp => "the program was ended when --duration was over".to_owned(),
        Ended::Interrupted => "the program was ended by Ctrl-C".to_owned(),
        Ended::Running => "the process goes on".to_owned(),
    };
    Some(said)
}

fn flaws(view: &View<'_>) -> Vec<String> {
    let mut remarks = Vec::new();
    let (weight, about) = (view.weight().max(1), &view.profile.about);
    let much = |part: u64| part as f64 > 0.1 * weight as f64;
    if let Some((module, part)) = totals::nameless(view).filter(|(_, part)| much(*part)) {
        let share = figures::percent(part as f64 / weight as f64);
        remarks.push(format!(
            "{share} of the time is in {module} and has no names: it is stripped, or not on this \
             machine"
        ));
    }
    let (_, truncated) = totals::flaws(view);
    if much(truncated) && about.rate_hz > 0 {
        remarks.push("many stacks were cut: copy more of each, --stack-size 65000".to_owned());
    }
    if about.lost > view.count() / 20 {
        remarks.push("many samples were lost: lower --rate, or free a core".to_owned());
    }
    remarks
}

fn fewness(view: &View<'_>) -> Option<String> {
    let about = &view.profile.about;
    // Each wait is seen: there is no rate to raise.
    if about.is_off_cpu() {
        return (view.count() == 0).then(|| "no thread was seen to wait".to_owned());
    }
    match view.count() {
        0 => Some(
            "no sample: the program ended before the clock rang; give it more to do, or raise --rate"
                .to_owned(),
        ),
        count if count < FEW && about.ended == Ended::Running => {
            Some(format!("only {count} samples: look longer"))
        }
        count if count < FEW && about.unit != Unit::Instructions => Some(format!(
            "only {count} samples: give the program more to do, or raise --rate (--rate 10000)"
        )),
        _ => None,
    }
}
