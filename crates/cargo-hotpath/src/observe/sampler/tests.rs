//! The kernel's refusals in words.

use super::*;

#[test]
fn each_refusal_has_a_reason_and_a_remedy() {
    let refused = |code: i32, paranoid: Option<&str>| {
        Unavailable::explained(&io::Error::from_raw_os_error(code), paranoid)
    };
    let forbidden = refused(libc::EACCES, Some("4"));
    assert!(
        forbidden.reason.contains("perf_event_paranoid=4"),
        "{forbidden:?}"
    );
    assert!(forbidden.remedy.contains("sysctl"), "{forbidden:?}");
    let container = refused(libc::EPERM, Some("2"));
    assert!(container.remedy.contains("seccomp"), "{container:?}");
    assert!(
        refused(libc::ENOSYS, Some("2"))
            .reason
            .contains("no perf_event_open")
    );
    assert!(refused(libc::EMFILE, Some("2")).remedy.contains("ulimit"));
    assert!(
        refused(libc::EINVAL, Some("2"))
            .reason
            .contains("Invalid argument")
    );
}
