//! What a peer says to its neighbours, as bytes and as behaviour.

#[cfg(test)]
mod flow;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod relay;
