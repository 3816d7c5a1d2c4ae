//! The clock that all processes of a recording share.

/// Seconds on a clock that is the same in every process of the machine.
///
/// Monotonic where the platform has such a clock for all processes (seconds since boot), because a
/// correction of the time of day in the middle of a build would tear the recording.
pub fn now_s() -> f64 {
    #[cfg(unix)]
    if let Ok(time) = nix::time::clock_gettime(nix::time::ClockId::CLOCK_MONOTONIC) {
        return time.tv_sec() as f64 + time.tv_nsec() as f64 / 1e9;
    }
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::now_s;

    #[test]
    fn does_not_run_backwards() {
        let first = now_s();
        assert!(first > 0.0);
        assert!(now_s() >= first);
    }
}
