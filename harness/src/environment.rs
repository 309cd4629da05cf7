//! The machine that this program runs on.

use std::fs;

use shakedown_reports::model::Environment;

/// Looks at this machine. What only Linux tells is missing elsewhere.
pub fn here() -> Environment {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    Environment {
        os: std::env::consts::OS.to_owned(),
        arch: std::env::consts::ARCH.to_owned(),
        processor: processor(&read("/proc/cpuinfo")),
        processors: std::thread::available_parallelism().map_or(1, usize::from),
        memory: memory(&read("/proc/meminfo")),
        load_average: load_average(&read("/proc/loadavg")),
    }
}

/// The first `model name` of `/proc/cpuinfo`.
fn processor(cpuinfo: &str) -> Option<String> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// `MemTotal` of `/proc/meminfo`, which counts in 1,024 bytes.
fn memory(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1_024)
}

/// The first figure of `/proc/loadavg`.
fn load_average(loadavg: &str) -> Option<f64> {
    loadavg.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_linux_tells_is_understood() {
        let cpuinfo = "processor\t: 0\nmodel name\t: A Fast One @ 3GHz\nmodel name\t: Another\n";
        assert_eq!(processor(cpuinfo).as_deref(), Some("A Fast One @ 3GHz"));
        assert_eq!(memory("MemFree: 1 kB\nMemTotal:       24656 kB\n"), Some(24_656 * 1_024));
        assert_eq!(load_average("1.25 0.97 0.50 2/345 6789\n"), Some(1.25));
    }

    #[test]
    fn what_nobody_tells_is_nothing() {
        assert_eq!((processor(""), memory("MemTotal:"), load_average("")), (None, None, None));
    }
}
