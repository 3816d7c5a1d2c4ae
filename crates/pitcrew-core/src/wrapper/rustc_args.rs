//! rustc's command line as cargo writes it, as far as a recording needs it.

/// The parts of a rustc command line that say what is compiled, how, and from what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RustcArgs {
    pub crate_name: Option<String>,
    /// The source file; `-` where it is read from stdin.
    pub input: Option<String>,
    pub crate_types: Vec<String>,
    pub test: bool,
    pub emit: Vec<String>,
    pub out_dir: Option<String>,
    pub extra_filename: String,
    /// Those of `--extern name=path`.
    pub externs: Vec<Extern>,
    /// The names of all `--extern`, those without a path too, as the crate sees them.
    pub extern_names: Vec<String>,
    pub target: Option<String>,
    pub opt_level: Option<String>,
    pub debuginfo: Option<String>,
    pub incremental: bool,
    pub codegen_units: Option<u32>,
    pub lto: Option<String>,
    pub linker: Option<String>,
    pub linker_flavor: bool,
    /// rustc says on stderr when each artifact is ready.
    pub json_artifacts: bool,
    /// Only questions are asked: `-vV`, `--print`.
    pub asks: bool,
}

/// `--extern name=path`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extern {
    /// As the source names the crate.
    pub name: String,
    pub path: String,
}

impl RustcArgs {
    pub fn parse<'a>(args: impl IntoIterator<Item = &'a str>) -> Self {
        let mut parsed = Self::default();
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            if let Some(long) = arg.strip_prefix("--") {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value)),
                    None => (long, None),
                };
                if matches!(name, "test" | "verbose" | "version" | "help") {
                    parsed.long(name, "");
                } else if let Some(value) = value.or_else(|| args.next()) {
                    parsed.long(name, value);
                }
            } else if arg.len() > 1 && arg.starts_with('-') {
                let (flag, attached) = (arg.get(1..2).unwrap_or(""), arg.get(2..).unwrap_or(""));
                match flag {
                    "C" | "L" | "A" | "W" | "D" | "F" | "l" | "o" | "Z" => {
                        let value = if attached.is_empty() {
                            args.next().unwrap_or("")
                        } else {
                            attached
                        };
                        if flag == "C" {
                            parsed.codegen(value);
                        }
                    }
                    "O" => parsed.opt_level = Some("3".to_owned()),
                    "g" => parsed.debuginfo = Some("2".to_owned()),
                    "v" | "V" => parsed.asks |= arg.contains('V'),
                    _ => {}
                }
            } else if parsed.input.is_none() {
                parsed.input = Some(arg.to_owned());
            }
        }
        parsed
    }

    fn long(&mut self, name: &str, value: &str) {
        let list = || value.split(',').map(str::to_owned);
        match name {
            "crate-name" => self.crate_name = Some(value.to_owned()),
            "crate-type" => self.crate_types.extend(list()),
            "test" => self.test = true,
            // `--emit=metadata=path` names a file too.
            "emit" => self
                .emit
                .extend(list().map(|kind| kind.split('=').next().unwrap_or("").to_owned())),
            "out-dir" => self.out_dir = Some(value.to_owned()),
            "extern" => {
                let (name, path) = value.split_once('=').unwrap_or((value, ""));
                // Options such as `noprelude` stand before the name.
                let name = name.rsplit(':').next().unwrap_or(name);
                self.extern_names.push(name.to_owned());
                if !path.is_empty() {
                    self.externs.push(Extern {
                        name: name.to_owned(),
                        path: path.to_owned(),
                    });
                }
            }
            "target" => self.target = Some(value.to_owned()),
            "codegen" => self.codegen(value),
            "json" => self.json_artifacts |= value.split(',').any(|kind| kind == "artifacts"),
            "print" | "version" | "help" | "explain" => self.asks = true,
            _ => {}
        }
    }

    fn codegen(&mut self, setting: &str) {
        let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
        match name {
            "extra-filename" => value.clone_into(&mut self.extra_filename),
            "opt-level" => self.opt_level = Some(value.to_owned()),
            "debuginfo" => self.debuginfo = Some(value.to_owned()),
            "incremental" => self.incremental = true,
            "codegen-units" => self.codegen_units = value.parse().ok(),
            "lto" => {
                let value = if matches!(value, "" | "y" | "yes" | "on" | "true") {
                    "fat"
                } else {
                    value
                };
                self.lto = Some(value.to_owned());
            }
            "linker" => self.linker = Some(value.to_owned()),
            "linker-flavor" => self.linker_flavor = true,
            _ => {}
        }
    }

    /// Whether rustc calls the linker.
    pub fn links(&self) -> bool {
        let emits_link = self.emit.is_empty() || self.emit.iter().any(|kind| kind == "link");
        let linked =
            |kind: &String| matches!(kind.as_str(), "bin" | "proc-macro" | "dylib" | "cdylib");
        emits_link
            && (self.test || self.crate_types.is_empty() || self.crate_types.iter().any(linked))
    }
}

/// Puts the lines of a response file (`@path`) in its place; cargo uses one where the command line
/// would be too long.
pub fn expand(args: &[String]) -> Vec<String> {
    let mut all = Vec::with_capacity(args.len());
    for arg in args {
        match arg.strip_prefix('@').map(std::fs::read_to_string) {
            Some(Ok(text)) => all.extend(text.lines().map(str::to_owned)),
            _ => all.push(arg.clone()),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_cargos_command_line() {
        let line = "--crate-name app --edition=2021 src/main.rs --error-format=json \
            --json=diagnostic-rendered-ansi,artifacts,future-incompat --crate-type bin \
            --emit=dep-info,link -C opt-level=3 -C embed-bitcode=no -C debuginfo=2 --cfg a \
            --check-cfg cfg(test) -C metadata=7f -C extra-filename=-5f --out-dir /t/debug/deps \
            -C incremental=/t/i -L dependency=/t/debug/deps --extern a=/t/debug/deps/liba-1.rlib \
            --extern noprelude:b=/t/debug/deps/libb-2.rmeta --extern proc_macro -Clinker=clang \
            -C codegen-units=4 -C lto --target x86_64-unknown-linux-gnu --cap-lints allow";
        let args = RustcArgs::parse(line.split_whitespace());
        assert_eq!(
            args,
            RustcArgs {
                crate_name: Some("app".to_owned()),
                input: Some("src/main.rs".to_owned()),
                crate_types: vec!["bin".to_owned()],
                test: false,
                emit: vec!["dep-info".to_owned(), "link".to_owned()],
                out_dir: Some("/t/debug/deps".to_owned()),
                extra_filename: "-5f".to_owned(),
                externs: vec![
                    Extern {
                        name: "a".to_owned(),
                        path: "/t/debug/deps/liba-1.rlib".to_owned(),
                    },
                    Extern {
                        name: "b".to_owned(),
                        path: "/t/debug/deps/libb-2.rmeta".to_owned(),
                    },
                ],
                extern_names: ["a", "b", "proc_macro"].map(str::to_owned).to_vec(),
                target: Some("x86_64-unknown-linux-gnu".to_owned()),
                opt_level: Some("3".to_owned()),
                debuginfo: Some("2".to_owned()),
                incremental: true,
                codegen_units: Some(4),
                lto: Some("fat".to_owned()),
                linker: Some("clang".to_owned()),
                linker_flavor: false,
                json_artifacts: true,
                asks: false,
            }
        );
        assert!(args.links());
    }

    #[test]
    fn tells_questions_and_libraries_from_what_links() {
        assert!(RustcArgs::parse(["-vV"]).asks);
        assert!(RustcArgs::parse(["-", "--crate-name", "___", "--print=file-names"]).asks);
        assert!(!RustcArgs::parse(["-v", "a.rs"]).asks);
        assert!(!RustcArgs::parse(["a.rs", "--crate-type", "lib", "--emit=metadata,link"]).links());
        assert!(RustcArgs::parse(["a.rs", "--crate-type=lib", "--test", "--emit=link"]).links());
        assert!(
            !RustcArgs::parse(["a.rs", "--crate-type=bin", "--emit=dep-info,metadata"]).links()
        );
        assert!(RustcArgs::parse(["a.rs", "--crate-type=rlib,cdylib", "--emit=link"]).links());
    }

    #[test]
    fn an_odd_command_line_is_no_reason_to_panic() {
        for odd in [
            vec!["-"],
            vec!["--"],
            vec!["-é"],
            vec!["-C"],
            vec!["--extern"],
            vec![""],
        ] {
            RustcArgs::parse(odd);
        }
    }

    #[test]
    fn a_response_file_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("args");
        std::fs::write(&file, "--crate-name\nfoo\n").unwrap();
        let args = [format!("@{}", file.display()), "@/no/such".to_owned()];
        assert_eq!(expand(&args), ["--crate-name", "foo", "@/no/such"]);
    }
}
