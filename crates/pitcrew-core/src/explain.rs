//! `explain [RULE]`, the same subcommand in each plugin.

use anyhow::Result;
use clap::Args;

use crate::cli::{Out, OutputFlags};
use crate::exit::Exit;
use crate::finding::RuleInfo;
use crate::render;

#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct ExplainArgs {
    #[arg(value_name = "RULE")]
    pub rule: Option<String>,

    #[command(flatten)]
    pub output: OutputFlags,
}

impl ExplainArgs {
    pub fn run(&self, rules: &[&'static RuleInfo], out: &mut Out<'_>) -> Result<Exit> {
        explain(rules, self.rule.as_deref(), out)
    }
}

/// Prints the documentation of the rule `id`, or the list of all.
pub fn explain(rules: &[&'static RuleInfo], id: Option<&str>, out: &mut Out<'_>) -> Result<Exit> {
    render::explain(rules, id, out.stdout_palette(), out.width, out.stdout)?;
    Ok(Exit::Clean)
}
