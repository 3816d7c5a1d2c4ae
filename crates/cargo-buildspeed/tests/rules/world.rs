//! The world of a case: goal, machine, environment, configuration, recording, scanner.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use cargo_buildspeed::facts::Antivirus;
use cargo_buildspeed::goal::Goal;
use cargo_buildspeed::observe::World;
use pitcrew_core::config;
use pitcrew_core::recording::Recording;
use pitcrew_tests::corpus::Stage;
use pitcrew_tests::machine::MachineSpec;
use pitcrew_tests::recording;
use serde::Deserialize;

/// `[world]` of a `case.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorldSpec {
    goal: Goal,
    #[serde(default)]
    machine: MachineSpec,
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// `--config` arguments.
    #[serde(default)]
    config: Vec<String>,
    /// Of the goal's profile.
    recording: Option<String>,
    rebuild: Option<String>,
    #[serde(default)]
    antivirus: AntivirusSpec,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum AntivirusSpec {
    #[default]
    None,
    /// Milliseconds of a first and a second launch.
    XProtect(u32, u32),
    Defender {
        dev_drive: bool,
    },
}

impl WorldSpec {
    /// The world, with the configuration that cargo would load on this stage.
    pub fn world(&self, stage: &Stage) -> Result<World> {
        let env = self.env.clone();
        Ok(World {
            goal: self.goal,
            config: config::load(&stage.root, Some(&stage.cargo_home), &env, &self.config)?,
            toolchain: self.machine.toolchain(),
            machine: self.machine.machine(),
            env,
            recording: self.recorded(self.recording.as_deref())?,
            rebuild: self.recorded(self.rebuild.as_deref())?,
            antivirus: match self.antivirus {
                AntivirusSpec::None => Antivirus::None,
                AntivirusSpec::XProtect(first_ms, second_ms) => Antivirus::XProtect {
                    first_ms,
                    second_ms,
                },
                AntivirusSpec::Defender { dev_drive } => Antivirus::Defender { dev_drive },
            },
        })
    }

    fn recorded(&self, text: Option<&str>) -> Result<Option<Recording>> {
        let parse = |text| recording::parse(self.goal.profile(), text);
        text.map(parse).transpose().context("in its recording")
    }
}
