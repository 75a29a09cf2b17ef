//! Whole runs: many peers, real turns with real signatures, virtual links.

#[cfg(test)]
mod adversary;
#[cfg(test)]
mod branches;
#[cfg(test)]
mod budgets;
#[cfg(test)]
mod chains;
#[cfg(test)]
mod chance;
#[cfg(test)]
mod defects;
#[cfg(test)]
mod failure;
#[cfg(test)]
mod floods;
#[cfg(test)]
mod healing;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod large;
#[cfg(test)]
mod local;
#[cfg(test)]
mod relays;
#[cfg(test)]
mod shrinking;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod story;
#[cfg(test)]
mod unreachable;
#[cfg(test)]
mod writes;
