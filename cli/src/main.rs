//! The `aquac` command: the only package that may know every other.
//!
//! Each subcommand is a file in `command/`. Results go to standard output, everything for people
//! to standard error; exit codes are in `exit.rs`.

#![expect(
    clippy::disallowed_methods,
    reason = "the binary is where files, time and the environment are touched"
)]

/// Writes a line for people to standard error.
macro_rules! tell {
    ($($text:tt)*) => { $crate::output::tell(format_args!($($text)*)) };
}

/// Writes a text for people to standard error, without ending the line.
macro_rules! tell_part {
    ($($text:tt)*) => { $crate::output::tell_part(format_args!($($text)*)) };
}

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
mod output;
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
    let exit =
        command::run(arguments.command, colour).unwrap_or_else(|failure| failure.say(colour));
    match output::lost() {
        Some(why) => {
            tell!("error: cannot write to standard output: {why}");
            if exit == Exit::Success { Exit::BadCommand.into() } else { exit.into() }
        }
        None => exit.into(),
    }
}

/// A panic is a bug of ours: say so, where the report is, and exit with a code of its own.
fn install_panic_report() {
    std::panic::set_hook(Box::new(|panic| {
        if aquac_host::is_store_damage() {
            return;
        }
        let path = std::env::temp_dir().join(format!("aquac-bug-{}.txt", std::process::id()));
        let backtrace = std::backtrace::Backtrace::force_capture();
        let version = env!("CARGO_PKG_VERSION");
        let text = format!("aquac {version}\n{panic}\n\n{backtrace}\n");
        let kept = std::fs::write(&path, text).is_ok();
        tell!("error: this is a bug in aquac, not in your program: {panic}");
        if kept {
            tell!("  the report is in {}; please send it to us", path.display());
        }
        std::process::exit(i32::from(Exit::Bug.number()));
    }));
}
