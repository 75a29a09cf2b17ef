//! The command line.

mod examples;
mod net;
mod run;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use self::net::{KeyArguments, KeyCommand, NetArguments, NetCommand};
pub(crate) use self::run::{PeerArguments, RunArguments};
use crate::report::{ColourChoice, Format};

/// The help of `aquac` itself, on one screen.
const SCREEN: &str = "\
{about}

Commands:
{subcommands}

`aquac COMMAND --help` shows what can be said to it, with examples.
Everywhere: --color auto|always|never, -h or --help, -V or --version
";

/// Programs that travel between peers: check them, build them, run them.
#[derive(Debug, Parser)]
#[command(name = "aquac", version, disable_help_subcommand = true, help_template = SCREEN)]
pub(crate) struct Arguments {
    /// When to use colour
    #[arg(long = "color", value_enum, default_value_t, global = true, hide_possible_values = true)]
    pub(crate) colour: ColourChoice,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say what is wrong with a program
    #[command(after_help = examples::CHECK)]
    Check(CheckArguments),
    /// Show who learns what: each value, and every peer that can hold it
    #[command(after_help = examples::FLOW)]
    Flow(FlowArguments),
    /// Compile a program's exported functions
    #[command(after_help = examples::BUILD)]
    Build(BuildArguments),
    /// Run a function on real peers and print its result
    #[command(after_help = examples::RUN)]
    Run(Box<RunArguments>),
    /// Be one peer of a network
    #[command(after_help = examples::PEER)]
    Peer(PeerArguments),
    /// Keep a local network of real processes up
    #[command(after_help = examples::NET)]
    Net(NetArguments),
    /// Make and show the keys of peers
    #[command(after_help = examples::KEY)]
    Key(KeyArguments),
    /// Check or tell what a finished run proves
    #[command(after_help = examples::RECEIPT)]
    Receipt(ReceiptArguments),
    /// Explain a diagnostic by its code
    #[command(after_help = examples::EXPLAIN)]
    Explain(ExplainArguments),
    /// Make a project that runs
    #[command(after_help = examples::NEW)]
    New(NewArguments),
    /// Run a project's tests in the simulator
    #[command(after_help = examples::TEST)]
    Test(TestArguments),
    /// Simulate what a file describes
    #[command(after_help = examples::SIM)]
    Sim(SimArguments),
    /// Put sources into the one style
    #[command(after_help = examples::FMT)]
    Fmt(FmtArguments),
    /// Print a script that completes commands in a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions(CompletionsArguments),
    /// Print the manual page
    #[command(after_help = examples::MAN)]
    Man(ManArguments),
    /// Say what a report of a bug needs
    #[command(after_help = examples::INFO)]
    Info(InfoArguments),
}

/// Which sources, and what they may refer to.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SourceArguments {
    /// A folder in which imports are looked up
    #[arg(long = "import", value_name = "DIR")]
    pub(crate) imports: Vec<PathBuf>,
    /// A constant that every module sees
    #[arg(long = "const", value_name = "NAME=VALUE")]
    pub(crate) constants: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// Files or folders; the current folder if there is none
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) sources: SourceArguments,
    /// How diagnostics are written
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Exit with 1 if there are warnings
    #[arg(long, value_name = "WHAT")]
    pub(crate) deny: Option<Deny>,
    /// Apply the fixes that are certain
    #[arg(long)]
    pub(crate) fix: bool,
    /// Print what each exported function costs: hops, round trips, bytes, and what joins survive
    #[arg(long)]
    pub(crate) cost: bool,
    /// For --cost: the initiator can be dialled, so nothing passes a relay on the way to it
    #[arg(long, requires = "cost")]
    pub(crate) no_relay: bool,
}

#[derive(Debug, Args)]
pub(crate) struct FlowArguments {
    /// The source file
    pub(crate) file: PathBuf,
    /// The initiator can be dialled: `HOST_PEER_ID` is the initiator itself
    #[arg(long)]
    pub(crate) no_relay: bool,
    #[command(flatten)]
    pub(crate) sources: SourceArguments,
    /// How it is written: a table, or a JSON object for each function
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// What `--deny` makes an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Deny {
    /// Warnings.
    Warnings,
}

#[derive(Debug, Args)]
pub(crate) struct BuildArguments {
    /// Files or folders; the current folder if there is none
    pub(crate) paths: Vec<PathBuf>,
    /// Where the programs are written
    #[arg(short = 'o', long = "output", value_name = "DIR", default_value = "out")]
    pub(crate) output: PathBuf,
    /// What is written
    #[arg(long, value_enum, default_value_t)]
    pub(crate) target: Target,
    /// Print one representation instead of writing files
    #[arg(long, value_enum, value_name = "RUNG")]
    pub(crate) emit: Option<Rung>,
    /// Print for each line on which peer it runs, how the particle gets there and what it
    /// carries, instead of writing files
    #[arg(
        long,
        value_enum,
        value_name = "FORM",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "text",
        conflicts_with = "emit"
    )]
    pub(crate) route: Option<RouteForm>,
    /// The initiator can be dialled: `HOST_PEER_ID` is the initiator itself
    #[arg(long)]
    pub(crate) no_relay: bool,
    /// Build again whenever a source or manifest changes, until interrupted
    #[arg(long)]
    pub(crate) watch: bool,
    #[command(flatten)]
    pub(crate) sources: SourceArguments,
    /// How diagnostics are written
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// How `--route` shows the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RouteForm {
    /// A table.
    Text,
    /// A Mermaid sequence diagram.
    Mermaid,
}

/// What `build` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Target {
    /// Programs for our interpreter.
    #[default]
    Ir,
    /// AIR text.
    Air,
}

/// A representation between text and program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rung {
    /// What the lexer made of the text.
    Tokens,
    /// What the layout made of the tokens.
    Lines,
    /// What the parser made of the lines.
    Ast,
    /// What the checker made of the tree.
    Hir,
    /// The workflow, with `on` as scopes.
    Plan,
    /// The workflow, with a place on every step.
    Placed,
    /// The program.
    Ir,
    /// The program as AIR.
    Air,
}

#[derive(Debug, Args)]
pub(crate) struct ReceiptArguments {
    #[command(subcommand)]
    pub(crate) command: ReceiptCommand,
}

/// What to do with a receipt.
#[derive(Debug, Subcommand)]
pub(crate) enum ReceiptCommand {
    /// Check everything, offline and alone, and say what is proved and what is not
    Verify(ReceiptFile),
    /// Tell the story of the run, step by step
    Show(ReceiptFile),
}

/// A receipt, and how to speak of it.
#[derive(Debug, Args)]
pub(crate) struct ReceiptFile {
    /// The receipt
    pub(crate) file: PathBuf,
    /// What is printed: for people, or one JSON object
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Telling,
}

/// Who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Telling {
    /// Sentences
    #[default]
    Human,
    /// One JSON object on a line
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// The code, for instance AQ0201
    pub(crate) code: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct NewArguments {
    /// The project's folder; its last part is the name
    #[arg(value_name = "NAME")]
    pub(crate) folder: PathBuf,
    /// What it begins with
    #[arg(long, value_enum, default_value_t)]
    pub(crate) template: Template,
}

/// What a new project begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Template {
    /// One peer that greets.
    #[default]
    Hello,
    /// One peer's answer goes straight to the next.
    Chain,
    /// Many peers are asked at once.
    Fanout,
    /// A service that is a program.
    Service,
}

#[derive(Debug, Args)]
pub(crate) struct TestArguments {
    /// Files *_test.toml, or folders of them; the current folder if there is none
    pub(crate) paths: Vec<PathBuf>,
    /// Only the test with this name
    #[arg(long, value_name = "NAME")]
    pub(crate) only: Option<String>,
    /// Only this seed
    #[arg(long, value_name = "N", conflicts_with = "seeds")]
    pub(crate) seed: Option<u64>,
    /// How many seeds each test is played with
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) seeds: Option<u32>,
    /// Draw who talked to whom with that seed; `-` prints it
    #[arg(long, value_name = "FILE|-", requires = "seed")]
    pub(crate) diagram: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SimArguments {
    /// The job, a JSON file
    #[arg(value_name = "JOB.json")]
    pub(crate) job: PathBuf,
    /// Play it with so many seeds, from the job's up; one line of JSON each
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) seeds: Option<u64>,
    #[command(flatten)]
    pub(crate) sources: SourceArguments,
}

#[derive(Debug, Args)]
pub(crate) struct FmtArguments {
    /// Files or folders; the current folder if there is none
    pub(crate) paths: Vec<PathBuf>,
    /// Write nothing; list what would change, and exit with 1 if there is any
    #[arg(long)]
    pub(crate) check: bool,
    /// Read a source from standard input and print it
    #[arg(long, conflicts_with = "paths")]
    pub(crate) stdin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// Which shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct ManArguments {
    /// Write the pages of all commands into this folder instead
    #[arg(value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct InfoArguments {
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl From<Rung> for aquac_driver::Rung {
    fn from(rung: Rung) -> Self {
        match rung {
            Rung::Tokens => Self::Tokens,
            Rung::Lines => Self::Lines,
            Rung::Ast => Self::Ast,
            Rung::Hir => Self::Hir,
            Rung::Plan => Self::Plan,
            Rung::Placed => Self::Placed,
            Rung::Ir => Self::Ir,
            Rung::Air => Self::Air,
        }
    }
}
