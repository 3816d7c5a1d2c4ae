//! How the run times of a simulated machine scatter. Other crates' tests get it by the feature
//! `synthetic`.

use std::f64::consts::TAU;

use super::Random;

/// What disturbs run times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise {
    /// Standard deviation of a run's logarithm.
    pub scatter: f64,
    /// The machine as a whole gets slower by this share over [`DRIFT_S`] and then faster again; a
    /// negative one begins by getting faster.
    pub drift: f64,
    /// The share of runs that something else disturbs, which takes up to as long again.
    pub outliers: f64,
}

/// Half a wave of the drift.
pub const DRIFT_S: f64 = 120.0;

impl Noise {
    pub const NONE: Self = Self {
        scatter: 0.0,
        drift: 0.0,
        outliers: 0.0,
    };
    /// A developer's machine with a browser open.
    pub const REALISTIC: Self = Self {
        scatter: 0.03,
        drift: 0.05,
        outliers: 0.03,
    };

    /// What a run that begins at `clock_s` takes, over what it takes undisturbed.
    pub fn factor(&self, random: &mut Random, clock_s: f64) -> f64 {
        let wave = 0.5 - 0.5 * (TAU * clock_s / (2.0 * DRIFT_S)).cos();
        let drift = 1.0 + self.drift * wave;
        let scatter = (self.scatter * random.normal()).exp();
        let disturbed = if random.unit() < self.outliers {
            1.1 + 0.9 * random.unit()
        } else {
            1.0
        };
        drift * scatter * disturbed
    }
}
