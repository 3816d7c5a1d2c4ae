//! What is run to record a program with a tool that is on PATH, as plain data: its words, the file that it
//! writes, and what turns that into one that is read here. Pure: those of other systems are tested on
//! this one.

use std::time::Duration;

use crate::args::Engine;

/// How a program is to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked<'a> {
    pub rate_hz: u32,
    pub stack_bytes: u32,
    pub duration: Option<Duration>,
    /// What the program sees besides what it inherits: not every tool hands that on.
    pub variables: Vec<(&'a str, &'a str)>,
}

/// A tool's command line, up to the program that it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub tool: &'static str,
    pub args: Vec<String>,
    /// Run after it, to write what is read.
    pub export: Option<Vec<String>>,
    /// The file that is read in the end.
    pub file: String,
    /// What to do where the tool is missing.
    pub get: &'static str,
}

/// Who is tried on a system, in this order: a name as [`std::env::consts::OS`] has it.
pub fn order(os: &str) -> &'static [Engine] {
    match os {
        "macos" => &[Engine::Xctrace, Engine::Samply],
        "windows" => &[Engine::Samply],
        _ => &[Engine::Own, Engine::Perf, Engine::Callgrind],
    }
}

/// `perf record`, whose stacks are copied as ours are, and unwound here.
pub fn perf(asked: &Asked<'_>, folder: &str) -> Plan {
    let file = format!("{folder}/perf.data");
    let graph = format!("dwarf,{}", asked.stack_bytes);
    let rate = asked.rate_hz.to_string();
    let args = ["record", "-q", "-F", &rate, "--call-graph", &graph];
    Plan {
        tool: "perf",
        args: words(&[&args, &["-o", &file, "--"]]),
        export: None,
        file,
        get: "install perf (Debian: linux-perf, Fedora: perf)",
    }
}

/// Instruments' Time Profiler by its command line, which samples each millisecond whatever is asked; its
/// table of samples is exported, as the recording itself is Apple's own.
pub fn xctrace(asked: &Asked<'_>, folder: &str) -> Plan {
    let (trace, file) = (
        format!("{folder}/recorded.trace"),
        format!("{folder}/recorded.xml"),
    );
    let begin = ["xctrace", "record", "--template", "Time Profiler"];
    let mut args = words(&[&begin, &["--output", &trace, "--target-stdout", "-"]]);
    if let Some(duration) = asked.duration {
        let limit = format!("{}ms", duration.as_millis());
        args.extend(words(&[&["--time-limit", &limit]]));
    }
    for (name, value) in &asked.variables {
        args.extend(words(&[&["--env", &format!("{name}={value}")]]));
    }
    args.extend(words(&[&["--launch", "--"]]));
    let table = r#"/trace-toc/run[@number="1"]/data/table[@schema="time-profile"]"#;
    let export = ["xctrace", "export", "--input", &trace, "--xpath", table];
    Plan {
        tool: "xcrun",
        args,
        export: Some(words(&[&export, &["--output", &file]])),
        file,
        get: "install Xcode 12 or newer, whose Instruments can export what they recorded",
    }
}

/// samply, into a file of the Firefox profiler with the names looked up: it knows the system's own debug
/// information.
pub fn samply(asked: &Asked<'_>, folder: &str) -> Plan {
    let file = format!("{folder}/recorded.json");
    let rate = asked.rate_hz.to_string();
    let args = ["record", "--save-only", "--unstable-presymbolicate"];
    let mut args = words(&[&args, &["--rate", &rate, "--output", &file]]);
    if let Some(duration) = asked.duration {
        let seconds = duration.as_secs_f64().to_string();
        args.extend(words(&[&["--duration", &seconds]]));
    }
    args.push("--".to_owned());
    Plan {
        tool: "samply",
        args,
        export: None,
        file,
        get: "cargo install samply --locked",
    }
}

/// Callgrind, which counts instructions.
pub fn callgrind(folder: &str) -> Plan {
    let file = format!("{folder}/callgrind.out");
    let out = format!("--callgrind-out-file={file}");
    valgrind(words(&[&["--tool=callgrind", "-q", &out]]), file)
}

/// DHAT, which counts allocations.
pub fn dhat(folder: &str) -> Plan {
    let file = format!("{folder}/dhat.out");
    let out = format!("--dhat-out-file={file}");
    let args = [
        "--tool=dhat",
        "-q",
        // Whole paths: by their lines sources are found.
        "--fullpath-after=",
        "--num-callers=100",
        // An allocator that is linked into the program, under malloc's own name.
        "--soname-synonyms=somalloc=NONE",
    ];
    valgrind(words(&[&args, &[&out]]), file)
}

fn valgrind(args: Vec<String>, file: String) -> Plan {
    Plan {
        tool: "valgrind",
        args,
        export: None,
        file,
        get: "install valgrind",
    }
}

fn words(parts: &[&[&str]]) -> Vec<String> {
    let words = parts.iter().copied().flatten();
    words.map(|word| (*word).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Asked<'static> {
        Asked {
            rate_hz: 997,
            stack_bytes: 16_384,
            duration: Some(Duration::from_millis(2500)),
            variables: vec![("LEVEL", "3")],
        }
    }

    #[test]
    fn each_system_has_its_recorders_in_order() {
        assert_eq!(order("macos"), [Engine::Xctrace, Engine::Samply]);
        assert_eq!(order("windows"), [Engine::Samply]);
        let unix = [Engine::Own, Engine::Perf, Engine::Callgrind];
        assert_eq!(order("linux"), unix);
        assert_eq!(order("freebsd"), unix);
    }

    #[test]
    fn xctrace_records_and_exports_its_table() {
        let plan = xctrace(&asked(), "/t");
        assert_eq!(
            plan.args.join(" "),
            "xctrace record --template Time Profiler --output /t/recorded.trace --target-stdout - \
             --time-limit 2500ms --env LEVEL=3 --launch --"
        );
        let export = plan.export.unwrap().join(" ");
        assert_eq!(
            export,
            "xctrace export --input /t/recorded.trace --xpath \
             /trace-toc/run[@number=\"1\"]/data/table[@schema=\"time-profile\"] --output /t/recorded.xml"
        );
        assert_eq!(
            (plan.tool, plan.file.as_str()),
            ("xcrun", "/t/recorded.xml")
        );
    }

    #[test]
    fn samply_saves_and_shows_nothing() {
        let plan = samply(&asked(), "/t");
        assert_eq!(
            plan.args.join(" "),
            "record --save-only --unstable-presymbolicate --rate 997 --output /t/recorded.json \
             --duration 2.5 --"
        );
        assert_eq!(plan.export, None);
        let endless = Asked {
            duration: None,
            ..asked()
        };
        assert!(
            !samply(&endless, "/t")
                .args
                .contains(&"--duration".to_owned())
        );
        assert!(
            !xctrace(&endless, "/t")
                .args
                .contains(&"--time-limit".to_owned())
        );
    }

    #[test]
    fn perf_copies_stacks_of_the_wanted_size() {
        let plan = perf(&asked(), "/t");
        assert_eq!(
            plan.args.join(" "),
            "record -q -F 997 --call-graph dwarf,16384 -o /t/perf.data --"
        );
        assert!(
            dhat("/t")
                .args
                .contains(&"--dhat-out-file=/t/dhat.out".to_owned())
        );
        assert_eq!(callgrind("/t").file, "/t/callgrind.out");
    }
}
