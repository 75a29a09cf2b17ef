//! What a peer says to its neighbours, as bytes and as behaviour.

#[cfg(test)]
mod flow;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod net;
#[cfg(test)]
mod parked;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod relay;
#[cfg(test)]
mod shut_out;
#[cfg(test)]
mod starting;
