//! One particle on one peer: history, turns, runs.
