//! The wall clock, because deadlines of calls are milliseconds since 1970.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long it is until a deadline in milliseconds since 1970; zero when it has passed.
pub(crate) fn until(deadline: u64) -> Duration {
    #[expect(clippy::disallowed_methods, reason = "a service call is an effect with a deadline")]
    let now = SystemTime::now();
    let deadline = UNIX_EPOCH.checked_add(Duration::from_millis(deadline));
    deadline.and_then(|end| end.duration_since(now).ok()).unwrap_or(Duration::ZERO)
}
