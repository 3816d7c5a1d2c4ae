//! A service that copies its settings for each request.
use std::collections::BTreeMap;

#[derive(Clone)]
struct Settings {
    limits: BTreeMap<String, u64>,
    hosts: Vec<String>,
}

struct Service {
    settings: Settings,
    served: u64,
}

impl Service {
    fn handle(&mut self, request: &str) -> u64 {
        let settings = &self.settings;
        let limit = settings.limits.get(request).copied().unwrap_or(3);
        self.served += 1;
        limit + settings.hosts.len() as u64
    }

    fn reset(&self) -> Settings {
        self.settings.clone()
    }
}

fn main() {
    let settings = Settings {
        limits: (0..8).map(|n| (format!("/path/{n}"), n)).collect(),
        hosts: vec!["alpha.example".into(), "beta.example".into()],
    };
    let mut service = Service { settings, served: 0 };
    let mut sum = service.reset().hosts.len() as u64;
    for n in 0..1_500_000 {
        sum += service.handle(if n % 3 == 0 { "/path/5" } else { "/other" });
    }
    println!("{sum} {}", service.served);
}
