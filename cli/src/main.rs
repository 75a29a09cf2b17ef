//! The `aquac` command: the only package that may know every other.
//!
//! Each subcommand is a file in `command/`. Results go to standard output, everything for people
//! to standard error; exit codes are in `exit.rs`.

#![expect(
    clippy::disallowed_methods,
    reason = "the binary is where files, time and the environment are touched"
)]

mod arguments;
mod callbacks;
mod command;
mod diagram;
mod event;
mod exit;
mod failure;
mod files;
mod keys;
mod located;
mod log;
mod logbook;
mod net;
mod network;
mod parameters;
mod processes;
mod progress;
mod project;
mod report;
mod request;
mod simulation;
mod stats;
mod test_file;
mod verdict;
mod waiting;

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

use crate::arguments::Arguments;
use crate::exit::Exit;

/// Peers ask for many small pieces of memory: a simulation takes a third less time with it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    install_panic_report();
    let arguments = Arguments::parse();
    let colour = arguments.colour.on_stderr();
    match command::run(arguments.command, colour) {
        Ok(exit) => exit.into(),
        Err(failure) => failure.say(colour).into(),
    }
}

/// A panic is a bug of ours: say so, where the report is, and exit with a code of its own.
fn install_panic_report() {
    std::panic::set_hook(Box::new(|panic| {
        let path = std::env::temp_dir().join(format!("aquac-bug-{}.txt", std::process::id()));
        let backtrace = std::backtrace::Backtrace::force_capture();
        let version = env!("CARGO_PKG_VERSION");
        let text = format!("aquac {version}\n{panic}\n\n{backtrace}\n");
        let kept = std::fs::write(&path, text).is_ok();
        eprintln!("error: this is a bug in aquac, not in your program: {panic}");
        if kept {
            eprintln!("  the report is in {}; please send it to us", path.display());
        }
        std::process::exit(i32::from(Exit::Bug.number()));
    }));
}
