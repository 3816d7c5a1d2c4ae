//! The workshop as the place where programs with fewer features are built.

use anyhow::Result;
use camino::Utf8Path;

use super::workshop::{Built, Workshop};
use crate::features::entries::Texts;
use crate::features::{Attempt, Programs, Trial, programs};

impl Workshop<'_> {
    /// The programs of a build, where it made any.
    pub fn programs(&self, built: &Built) -> Option<Programs> {
        let output = built.output.as_ref().filter(|_| built.links)?;
        Some(programs::read(output, &|id| self.original(id)))
    }

    /// The id that a package of the copy has in the user's tree: ids of path packages hold the path.
    fn original(&self, id: &str) -> String {
        let (mut root, mut copy) = (self.session().root(), self.root());
        while root.file_name().is_some() && root.file_name() == copy.file_name() {
            let (Some(above_root), Some(above_copy)) = (root.parent(), copy.parent()) else {
                break;
            };
            (root, copy) = (above_root, above_copy);
        }
        let slashes = |path: &Utf8Path| path.as_str().replace('\\', "/");
        let base = slashes(root);
        id.replace(&slashes(copy), base.trim_end_matches('/'))
    }
}

impl Trial for Workshop<'_> {
    fn build(&mut self, manifests: &Texts) -> Result<Attempt> {
        self.write_texts(manifests)?;
        let built = self.whole_build()?;
        if let Some(programs) = self.programs(&built) {
            return Ok(Attempt::Built(programs));
        }
        let errors = built.errors.into_iter().map(|(_, error)| error);
        let mut errors: Vec<String> = errors.collect();
        if errors.is_empty() {
            errors.extend(built.failure);
        }
        Ok(Attempt::Failed(errors))
    }
}
