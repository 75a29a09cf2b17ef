//! The wall clock, because deadlines of calls are milliseconds since 1970.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

fn wall_clock() -> SystemTime {
    #[expect(clippy::disallowed_methods, reason = "services are effects, and have deadlines")]
    SystemTime::now()
}

/// Now, in milliseconds since 1970.
pub(crate) fn now() -> u64 {
    let since = wall_clock().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// How long it is until a deadline in milliseconds since 1970; zero when it has passed.
pub(crate) fn until(deadline: u64) -> Duration {
    let deadline = UNIX_EPOCH.checked_add(Duration::from_millis(deadline));
    deadline.and_then(|end| end.duration_since(wall_clock()).ok()).unwrap_or(Duration::ZERO)
}
