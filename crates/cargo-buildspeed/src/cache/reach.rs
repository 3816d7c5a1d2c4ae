//! Whether a server answers, with a bound on the waiting: a dead or a silent one must cost a build,
//! and whoever asks for the status, a known time and no more.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::backend::Kind;

/// Where a cache is, and what it understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    pub host: String,
    pub port: u16,
    pub speaks: Speaks,
}

/// How to get a word out of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    Redis,
    Memcached,
    Http,
    /// Encrypted: that it accepts a connection is all that is asked of it.
    Tls,
}

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// It said something.
    Answers,
    /// It accepts connections, and no more was asked.
    Accepts,
    /// No connection, with the system's reason.
    Refused(String),
    /// Nothing came within the time given.
    Silent(Duration),
}

impl Reach {
    pub fn is_well(&self) -> bool {
        matches!(self, Self::Answers | Self::Accepts)
    }

    /// `does not answer within 2.0 s`.
    pub fn in_words(&self) -> String {
        match self {
            Self::Answers => "answers".to_owned(),
            Self::Accepts => "accepts connections".to_owned(),
            Self::Refused(why) => format!("cannot be reached: {why}"),
            Self::Silent(waited) => {
                format!("does not answer within {:.1} s", waited.as_secs_f64())
            }
        }
    }
}

/// The server that these settings of a backend name; none where there is none to ask: a disk, a
/// socket's file, or a service whose address sccache works out.
pub fn endpoint(kind: Kind, address: &str) -> Option<Endpoint> {
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    if scheme.ends_with("unix") {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let (speaks, usual) = match (kind, scheme) {
        (Kind::Redis, "rediss") => (Speaks::Tls, 6379),
        (Kind::Redis, _) => (Speaks::Redis, 6379),
        (Kind::Memcached, _) => (Speaks::Memcached, 11211),
        (_, "http") => (Speaks::Http, 80),
        _ => (Speaks::Tls, 443),
    };
    let (host, port) = split_port(host);
    if host.is_empty() {
        return None;
    }
    Some(Endpoint {
        host: host.to_owned(),
        port: port.unwrap_or(usual),
        speaks,
    })
}

fn split_port(host: &str) -> (&str, Option<u16>) {
    if let Some(rest) = host.strip_prefix('[') {
        let (address, after) = rest.split_once(']').unwrap_or((rest, ""));
        return (
            address,
            after.strip_prefix(':').and_then(|p| p.parse().ok()),
        );
    }
    match host.rsplit_once(':') {
        Some((name, port)) => (name, port.parse().ok()),
        None => (host, None),
    }
}

/// Asks, and waits no longer than `bound` for everything together, the name's resolution too.
pub fn ask(endpoint: &Endpoint, bound: Duration) -> Reach {
    let (sender, receiver) = mpsc::channel();
    let asked = endpoint.clone();
    // A resolver has no time limit of its own, so it may be left behind.
    thread::spawn(move || {
        let _ = sender.send(converse(&asked, bound));
    });
    receiver
        .recv_timeout(bound + Duration::from_millis(50))
        .unwrap_or(Reach::Silent(bound))
}

fn converse(endpoint: &Endpoint, bound: Duration) -> Reach {
    let until = Instant::now() + bound;
    let left = || until.saturating_duration_since(Instant::now());
    let addresses = match (endpoint.host.as_str(), endpoint.port).to_socket_addrs() {
        Ok(addresses) => addresses,
        Err(error) => return Reach::Refused(error.to_string()),
    };
    let mut refused = Reach::Refused("the name has no address".to_owned());
    for address in addresses {
        if left().is_zero() {
            return Reach::Silent(bound);
        }
        match TcpStream::connect_timeout(&address, left()) {
            Ok(stream) => return greet(stream, endpoint, bound, &left),
            Err(error) if error.kind() == std::io::ErrorKind::TimedOut => {
                refused = Reach::Silent(bound);
            }
            Err(error) => refused = Reach::Refused(error.to_string()),
        }
    }
    refused
}

fn greet(
    mut stream: TcpStream,
    endpoint: &Endpoint,
    bound: Duration,
    left: &dyn Fn() -> Duration,
) -> Reach {
    let words = match endpoint.speaks {
        Speaks::Redis => "PING\r\n".to_owned(),
        Speaks::Memcached => "version\r\n".to_owned(),
        Speaks::Http => format!(
            "HEAD / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            endpoint.host
        ),
        Speaks::Tls => return Reach::Accepts,
    };
    let time = left().max(Duration::from_millis(1));
    let said = stream
        .set_read_timeout(Some(time))
        .and_then(|()| stream.set_write_timeout(Some(time)))
        .and_then(|()| stream.write_all(words.as_bytes()))
        .and_then(|()| stream.read(&mut [0; 16]));
    match said {
        Ok(1..) => Reach::Answers,
        Ok(0) => Reach::Refused("the connection was closed without a word".to_owned()),
        Err(error) if is_timeout(&error) => Reach::Silent(bound),
        Err(error) => Reach::Refused(error.to_string()),
    }
}

/// Which of the two it is depends on the platform.
fn is_timeout(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
    )
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn local(port: u16, speaks: Speaks) -> Endpoint {
        Endpoint {
            host: "127.0.0.1".to_owned(),
            port,
            speaks,
        }
    }

    #[test]
    fn addresses_are_read_as_sccache_reads_them() {
        let parts = |kind, text: &str| endpoint(kind, text).map(|e| (e.host, e.port, e.speaks));
        let some = |host: &str, port, speaks| Some((host.to_owned(), port, speaks));
        assert_eq!(
            parts(Kind::Redis, "redis://cache.lan"),
            some("cache.lan", 6379, Speaks::Redis)
        );
        assert_eq!(
            parts(Kind::Redis, "rediss://@[::1]:7000/1"),
            some("::1", 7000, Speaks::Tls)
        );
        assert_eq!(
            parts(Kind::S3, "http://127.0.0.1:9000"),
            some("127.0.0.1", 9000, Speaks::Http)
        );
        assert_eq!(
            parts(Kind::Webdav, "https://dav.example/rust"),
            some("dav.example", 443, Speaks::Tls)
        );
        assert_eq!(parts(Kind::Redis, "unix:///tmp/redis.sock"), None);
        assert_eq!(parts(Kind::Redis, "redis://"), None);
    }

    #[test]
    fn a_dead_port_is_refused() {
        let free = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let reach = ask(&local(port, Speaks::Redis), Duration::from_secs(20));
        assert!(matches!(reach, Reach::Refused(_)), "{reach:?}");
    }

    #[test]
    fn one_that_accepts_and_never_answers_is_silent() {
        let hole = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = hole.local_addr().unwrap().port();
        let bound = Duration::from_millis(100);
        for speaks in [Speaks::Redis, Speaks::Http, Speaks::Memcached] {
            assert_eq!(ask(&local(port, speaks), bound), Reach::Silent(bound));
        }
    }

    #[test]
    fn one_that_says_anything_answers() {
        let server = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = server.local_addr().unwrap().port();
        let said = thread::spawn(move || {
            let (mut stream, _) = server.accept().unwrap();
            let mut heard = [0; 6];
            stream.read_exact(&mut heard).unwrap();
            stream.write_all(b"-NOAUTH\r\n").unwrap();
            heard
        });
        let reach = ask(&local(port, Speaks::Redis), Duration::from_secs(20));
        assert_eq!(reach, Reach::Answers);
        assert_eq!(&said.join().unwrap(), b"PING\r\n");
    }
}
