//! What stands below the help of each command: how it is used.

pub(super) const CHECK: &str = "Examples:
  aquac check                        every source below the current folder
  aquac check src/main.aqua --fix    and apply the fixes that are certain
  aquac check --format json          for editors and scripts
  aquac check --cost                 hops, round trips and bytes of each line";

pub(super) const FLOW: &str = "Examples:
  aquac flow src/main.aqua                  a table: values down, peers across
  aquac flow src/main.aqua --format json    for editors and scripts";

pub(super) const BUILD: &str = "Examples:
  aquac build                        every exported function, into out/
  aquac build src/main.aqua --target air -o air
  aquac build src/main.aqua --emit placed";

pub(super) const RUN: &str = "Examples:
  aquac run src/main.aqua -f 'hello(\"Ada\")'
  aquac run src/main.aqua -f 'greet(who)' --data '{\"who\": \"Ada\"}' --diagram -
  aquac run src/main.aqua -f 'main()' --peers 3 --stats
  aquac run src/main.aqua -f 'main()' --net local
  aquac run src/main.aqua -f 'main()' --relay /ip4/203.0.113.7/tcp/4001/p2p/12D3Koo…

The result goes to standard output as JSON, everything else to standard error.
Exit codes: 0 success, 1 the text is wrong, 2 the command is wrong, 3 the program
failed, 4 it cannot go on or its deadline is over, 5 network, 130 interrupted.";

pub(super) const PEER: &str = "Examples:
  aquac peer --config bank.toml
  aquac peer --config bank.toml --check
  aquac peer --config bank.toml --log debug --log-format json

A file that is enough:
  name = \"bank\"
  key_file = \"bank.key\"               made by `aquac key new bank.key`
  listen = [\"/ip4/0.0.0.0/tcp/4001\"]
  data_dir = \"data\"

It prints `ready NAME ID ADDRESS…` when it can be reached. SIGTERM lets it finish
what it does. SIGHUP makes it read `[[allow]]` and the lists of peers in `[network]`
again; for the rest it says that it must be started again. AQUAC_LOG=debug,json
says what --log and --log-format say.";

pub(super) const NET: &str = "Examples:
  aquac net up                       a process for each peer of aqua.toml
  aquac run src/main.aqua -f 'main()' --net local
  aquac net ps
  aquac net cut bank telco
  aquac net down

What a network keeps is in .aquac/net/NAME beside aqua.toml.";

pub(super) const NET_UP: &str = "Examples:
  aquac net up
  aquac net up --peers 3             peer1, peer2 and peer3 as well
  aquac net up --name other          a second network of the same project
  aquac net down";

pub(super) const NET_PS: &str = "Examples:
  aquac net ps
  aquac net ps --json";

pub(super) const NET_LOGS: &str = "Examples:
  aquac net logs
  aquac net logs bank
  aquac net logs -f                  and what happens from now on
  aquac net logs --particle 7f3a     one run, over all peers";

pub(super) const NET_CUT: &str = "Examples:
  aquac net cut bank telco
  aquac net cut client bank
  aquac net heal bank telco
  aquac net heal                     all of them";

pub(super) const NET_STOP: &str = "Examples:
  aquac net stop bank
  aquac net start bank";

pub(super) const KEY: &str = "Examples:
  aquac key new shop                 .aquac/keys/shop.key beside aqua.toml
  aquac key new ./bank.key           a file; only its owner may read it
  aquac key show bank.key
  aquac key list";

pub(super) const RECEIPT: &str = "Examples:
  aquac run src/main.aqua -f 'main()' --receipt run.aqreceipt
  aquac receipt verify run.aqreceipt
  aquac receipt show run.aqreceipt";

pub(super) const EXPLAIN: &str = "Examples:
  aquac explain AQ0201
  aquac explain                      every code in a line";

pub(super) const NEW: &str = "Examples:
  aquac new hello
  aquac new pay --template chain";

pub(super) const TEST: &str = "Examples:
  aquac test                         every *_test.toml below the current folder
  aquac test --only 'a greeting' --seed 7 --diagram -
  aquac test --seeds 1000";

pub(super) const SIM: &str = "Examples:
  aquac sim job.json
  aquac sim job.json --seeds 1000";

pub(super) const FMT: &str = "Examples:
  aquac fmt
  aquac fmt --check src
  aquac fmt --stdin < src/main.aqua";

pub(super) const COMPLETIONS: &str = "Examples:
  aquac completions bash > ~/.local/share/bash-completion/completions/aquac
  aquac completions zsh > ~/.zfunc/_aquac
  aquac completions fish > ~/.config/fish/completions/aquac.fish";

pub(super) const MAN: &str = "Examples:
  aquac man | man -l -
  aquac man ~/.local/share/man/man1";

pub(super) const INFO: &str = "Examples:
  aquac info
  aquac info --json";
