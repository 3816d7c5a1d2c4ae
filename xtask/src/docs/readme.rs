//! The page that crates.io shows of each plugin. Its links are whole addresses, as crates.io takes one that
//! is not from the package's own folder, where neither docs/ nor the pictures lie.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use camino::Utf8PathBuf;

use crate::plugins::{PLUGINS, Plugin};

/// As in the manifest of the workspace.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// The pages by their paths.
pub fn pages() -> Result<BTreeMap<Utf8PathBuf, String>> {
    PLUGINS
        .iter()
        .map(|plugin| {
            let path = format!("crates/{}/README.md", plugin.package);
            Ok((path.into(), page(plugin)?))
        })
        .collect()
}

fn page(plugin: &Plugin) -> Result<String> {
    let Plugin { name, package, .. } = plugin;
    let command = (plugin.command)();
    let about = command
        .get_long_about()
        .with_context(|| format!("cargo {name} says nothing about itself"))?
        .to_string();
    let picture = address("raw", &format!("docs/pictures/{name}.svg"))?;
    let pages = [
        ("guide", "docs/guide.md".to_owned()),
        ("a tour on a real project", "docs/tour.md".to_owned()),
        ("command line", format!("docs/cli/{package}.md")),
        ("rules", format!("docs/rules/{name}/index.md")),
        ("beside other tools", "docs/peers.md".to_owned()),
        ("figures", "docs/figures.md".to_owned()),
        ("what runs your code", "docs/security.md".to_owned()),
    ];
    let pages = pages
        .iter()
        .map(|(title, path)| Ok(format!("[{title}]({})", address("blob", path)?)))
        .collect::<Result<Vec<_>>>()?
        .join(", ");
    let siblings: Vec<String> = PLUGINS
        .iter()
        .filter(|other| other.package != *package)
        .map(|other| format!("`cargo {}`", other.name))
        .collect();
    let about = sentence(about.trim());
    let siblings = siblings.join(", ");
    Ok(format!(
        "<!-- Written by `cargo xtask docs` from the command-line parser. -->
# cargo {name}

{about}

![cargo {name} at work]({picture})

```console
$ cargo install --locked {package}
$ cargo {name} --help
$ cargo {name} explain     # lists the rules
```

More: {pages}.

It is a part of [Pitcrew]({REPOSITORY}), with {siblings}. Licensed under MIT or Apache-2.0, at your option.
"
    ))
}

/// Help's first line has no full stop, as clap wants it.
fn sentence(about: &str) -> String {
    match about.split_once("\n\n") {
        Some((first, rest)) if !first.ends_with('.') => format!("{first}.\n\n{rest}"),
        _ => about.to_owned(),
    }
}

/// Where a file of the project is read on the web.
fn address(kind: &str, path: &str) -> Result<String> {
    ensure!(
        crate::root().join(path).exists(),
        "{path} is named by a README, and is not there"
    );
    Ok(format!("{REPOSITORY}/{kind}/HEAD/{path}"))
}
