//! Many peers, one seed, virtual time, a faulty network.
//!
//! A [`World`] drives the very code that real peers run ([`aquac_peer::Peer`]) and nothing else:
//! links, disks, clocks and services are played. [`Job`] is the same as data, for `aquac sim`.

pub mod adversary;
mod answer;
mod expect;
mod fault;
mod job;
mod json;
mod names;
mod network;
mod node;
mod outcome;
mod play;
mod queue;
mod read;
mod shrink;
mod trace;
mod world;

pub use answer::{Answer, Said, Script, error, fits};
pub use expect::{Broken, Expectation};
pub use fault::{Delay, Ends, Fault, Lie, Partition, Probability, Skew};
pub use job::{Job, JobError, JobLimits, Source};
pub use json::{BadJob, Problem};
pub use names::Names;
pub use network::DEFAULT_DELAY;
pub use node::Writing;
pub use outcome::{
    CallLine, FinalLine, MAX_EVENTS, MessageLine, Outcome, ResultLine, WaitingLine, position,
    run_job, start_of,
};
pub use shrink::{Failing, MAX_TRIES, judge, shrink};
pub use trace::{Asked, Message, Trace};
pub use world::{Services, Setup, Signing, Stop, World};
