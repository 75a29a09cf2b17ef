//! What a peer says to its neighbours, as bytes and as behaviour.

mod golden;
mod relay;
