//! Links: one long-lived stream of bytes per connection, and what runs on it.
//!
//! Whoever dialled the connection opens the stream, so there is exactly one opener and nothing to
//! agree on; a stream per message would be lost whenever the other side is not just then
//! accepting. If two peers dial each other at once there are two connections for a moment:
//! [`table`] says which one counts, and both ends come to the same answer.

pub(crate) mod behaviour;
pub(crate) mod outbox;
pub(crate) mod pipe;
pub(crate) mod table;
