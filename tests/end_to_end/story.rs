//! The story this project exists for: the bank's answer goes straight to the telephone company.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::harness::{Ended, aquac, run, workspace};

const EXAMPLE: &str = "examples/credit-sms/src/main.aqua";

/// The example's HTTP servers have fixed ports: one test at a time.
static PORTS: Mutex<()> = Mutex::new(());

/// Holds the ports of the example's servers.
pub(crate) fn one_at_a_time() -> MutexGuard<'static, ()> {
    PORTS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn notify(arguments: &[&str]) -> Ended {
    let _ports = one_at_a_time();
    let mut all = vec!["run", EXAMPLE, "-f", "notify(\"alice\", \"+15550100\")"];
    all.extend(arguments);
    run(aquac(&workspace(), &all), 120)
}

#[test]
fn the_result_is_json_and_the_cost_is_one_line() {
    let ended = notify(&[]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "\"sms-1\"\n"), "{ended:?}");
    let line = ended.stderr.trim();
    assert!(line.starts_with("finished: 3 hops, ") && line.ends_with(" ms"), "{line}");
}

#[test]
fn the_client_sends_one_frame_and_receives_one() {
    let ended = notify(&["--diagram", "-"]);
    let arrows: Vec<&str> =
        ended.stdout.lines().map(str::trim).filter(|line| line.contains("->>")).collect();
    assert_eq!(
        arrows,
        ["client->>bank: particle", "bank->>telco: particle", "telco->>client: particle"]
    );
}
