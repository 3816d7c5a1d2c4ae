//! A revision of the project as files in a folder of their own. The user's repository and work tree stay
//! as they are: the folder is a clone that borrows the repository's objects.

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use super::{git, message, toplevel};

/// A commit that the user named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    pub name: String,
    pub commit: String,
    /// The work tree that it is of.
    top: Utf8PathBuf,
}

impl Revision {
    /// The commit that `name` stands for in the repository around `root`; none where there is no
    /// repository or no such commit.
    pub fn find(root: &Utf8Path, name: &str) -> Result<Option<Self>> {
        let Some(top) = toplevel(root)? else {
            return Ok(None);
        };
        // What begins with a dash would be a flag.
        if name.is_empty() || name.starts_with('-') {
            return Ok(None);
        }
        let output = git(&top)
            .args(["rev-parse", "--verify", "--quiet"])
            .arg(format!("{name}^{{commit}}"))
            .output()
            .context("cannot run `git rev-parse`")?;
        let commit = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Ok(
            (output.status.success() && !commit.is_empty()).then(|| Self {
                name: name.to_owned(),
                commit,
                top,
            }),
        )
    }

    /// Puts its files below `to`, which must not exist, and gives where `root` lies there.
    pub fn check_out(&self, root: &Utf8Path, to: &Utf8Path) -> Result<Utf8PathBuf> {
        let mut clone = git(&self.top);
        clone.args(["clone", "--quiet", "--shared", "--no-checkout", "--"]);
        run(clone.args([self.top.as_str(), to.as_str()]), "git clone")?;
        let mut checkout = git(to);
        checkout.args(["checkout", "--quiet", "--detach"]);
        run(checkout.arg(&self.commit), "git checkout")?;
        let root = root.canonicalize_utf8().unwrap_or_else(|_| root.to_owned());
        let within = root.strip_prefix(&self.top);
        let within = within.with_context(|| format!("{root} is not in {}", self.top))?;
        Ok(to.join(within))
    }
}

fn run(command: &mut std::process::Command, what: &str) -> Result<()> {
    let output = command
        .output()
        .with_context(|| format!("cannot run `{what}`"))?;
    if !output.status.success() {
        bail!("`{what}` failed:\n{}", message(&output.stderr));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_revision_is_found_by_name_and_checked_out_beside_the_work_tree() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap();
        let top = folder.join("repository");
        fs::create_dir_all(top.join("inner")).unwrap();
        assert_eq!(Revision::find(&top, "HEAD").unwrap(), None);
        let identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
        let commit = |text: &str| {
            fs::write(top.join("inner/a.txt"), text).unwrap();
            for args in [
                &["init", "-q"][..],
                &["add", "-A"],
                &["commit", "-qm", "One"],
            ] {
                assert!(
                    git(&top)
                        .args(identity)
                        .args(args)
                        .status()
                        .unwrap()
                        .success()
                );
            }
        };
        commit("before");
        commit("after");
        fs::write(top.join("inner/a.txt"), "edited").unwrap();
        let before = Revision::find(&top.join("inner"), "HEAD~1")
            .unwrap()
            .unwrap();
        let root = before
            .check_out(&top.join("inner"), &folder.join("copy"))
            .unwrap();
        assert_eq!(fs::read_to_string(root.join("a.txt")).unwrap(), "before");
        assert_eq!(
            fs::read_to_string(top.join("inner/a.txt")).unwrap(),
            "edited"
        );
        for name in ["nothing", "--all", ""] {
            assert_eq!(Revision::find(&top, name).unwrap(), None, "{name}");
        }
    }
}
