//! Golden cases: source beside the expected text of every rung.
