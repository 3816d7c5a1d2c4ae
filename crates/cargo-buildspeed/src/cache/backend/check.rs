//! Whether the value of a backend's option can mean what it is to mean. A mistake that is found here
//! is one that nobody has to look for in a server's log.

use super::{Backend, Kind, Name};

/// # Errors
/// One sentence that says what to write instead.
pub fn value(backend: &Backend, name: Name, value: &str) -> Result<(), String> {
    let flag = name.flag();
    if value.trim().is_empty() || value.contains(char::is_control) {
        return Err(format!("`{flag}` is empty, or holds a control character"));
    }
    match name {
        Name::Endpoint => endpoint(backend, value),
        Name::Bucket => bucket(value),
        Name::Container => container(value),
        Name::Account => account(value),
        Name::Db | Name::Expiration => number(flag, value),
        Name::Size => size(value),
        Name::Dir => directory(value),
        Name::Region | Name::KeyPrefix | Name::EntriesVersion => word(flag, value),
        Name::ReadOnly | Name::NoCredentials => Ok(()),
    }
}

fn endpoint(backend: &Backend, value: &str) -> Result<(), String> {
    let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // `rediss://@host` names nobody.
    if authority
        .split_once('@')
        .is_some_and(|(user, _)| !user.is_empty())
    {
        let ways: Vec<String> = backend
            .credentials
            .iter()
            .map(|way| way.join(" and "))
            .collect();
        return Err(format!(
            "`--endpoint` holds a user name or a password, which a file that is shared must not: \
             leave it out and set {} in the environment",
            if ways.is_empty() {
                "the credentials".to_owned()
            } else {
                ways.join(", or ")
            }
        ));
    }
    let scheme = value.split_once("://").map(|(scheme, _)| scheme);
    let bare_is_fine = matches!(backend.kind, Kind::Redis | Kind::S3);
    match scheme {
        Some(scheme) if backend.schemes.contains(&scheme) => {}
        None if bare_is_fine => {}
        _ => {
            return Err(format!(
                "`--endpoint {value}` is no address of {}: it begins with {}",
                backend.kind.name(),
                one_of(backend.schemes)
            ));
        }
    }
    let is_socket = scheme.is_some_and(|scheme| scheme.ends_with("unix"));
    let host = authority.trim_start_matches('@');
    if !is_socket && (host.is_empty() || host.starts_with(':') || host.contains(' ')) {
        return Err(format!("`--endpoint {value}` names no host"));
    }
    port(host)
}

fn one_of(schemes: &[&str]) -> String {
    let quoted: Vec<String> = schemes.iter().map(|s| format!("`{s}://`")).collect();
    quoted.join(" or ")
}

fn port(host: &str) -> Result<(), String> {
    // The colons of an IPv6 address stand in brackets.
    let after = host.rsplit_once(']').map_or(host, |(_, after)| after);
    match after.rsplit_once(':') {
        Some((_, port)) if port.parse::<u16>().is_ok_and(|port| port > 0) => Ok(()),
        Some((_, port)) => Err(format!("`{port}` in `--endpoint` is no port")),
        None => Ok(()),
    }
}

fn bucket(value: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c);
    let ends = value.starts_with(|c: char| c.is_ascii_alphanumeric())
        && value.ends_with(|c: char| c.is_ascii_alphanumeric());
    if (3..=222).contains(&value.len()) && value.chars().all(plain) && ends {
        Ok(())
    } else {
        Err(format!(
            "`--bucket {value}` is no name of a bucket: give 3 or more small letters, digits, `-` or \
             `.`, without `s3://` or `gs://`"
        ))
    }
}

fn container(value: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if (3..=63).contains(&value.len()) && value.chars().all(plain) {
        Ok(())
    } else {
        Err(format!(
            "`--container {value}` is no name of a container: give 3 to 63 small letters, digits or `-`"
        ))
    }
}

fn account(value: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if (3..=24).contains(&value.len()) && value.chars().all(plain) {
        Ok(())
    } else {
        Err(format!(
            "`--account {value}` is no storage account: give 3 to 24 small letters and digits"
        ))
    }
}

fn number(flag: &str, value: &str) -> Result<(), String> {
    match value.parse::<u32>() {
        Ok(_) => Ok(()),
        Err(_) => Err(format!("`{flag} {value}` is not a whole number")),
    }
}

/// sccache takes a number with `K`, `M`, `G` or `T`.
fn size(value: &str) -> Result<(), String> {
    let digits = value.trim_end_matches(|c: char| "KMGTkmgt".contains(c));
    let suffix = value.len() - digits.len();
    if suffix <= 1 && digits.parse::<u64>().is_ok_and(|n| n > 0) {
        Ok(())
    } else {
        Err(format!("`--size {value}` is no size: write `20G`"))
    }
}

fn directory(value: &str) -> Result<(), String> {
    let is_windows = value.get(1..3).is_some_and(|s| s == ":\\" || s == ":/");
    if value.starts_with('/') || is_windows {
        Ok(())
    } else {
        Err(format!(
            "`--dir {value}` is not absolute: sccache's server runs somewhere else than cargo"
        ))
    }
}

fn word(flag: &str, value: &str) -> Result<(), String> {
    if value.contains(char::is_whitespace) {
        Err(format!("`{flag} {value}` holds a space"))
    } else {
        Ok(())
    }
}
