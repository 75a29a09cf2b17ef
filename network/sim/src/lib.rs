//! Many peers, one seed, virtual time, a faulty network.
