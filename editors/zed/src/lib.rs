//! Tells Zed how to start `aquac lsp`.

use zed_extension_api::{self as zed, LanguageServerId, Result, Worktree};

struct Aqua;

impl zed::Extension for Aqua {
    fn new() -> Self {
        Self
    }

    fn language_server_command(
        &mut self,
        _server: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<zed::Command> {
        let command = worktree
            .which("aquac")
            .ok_or("aquac is not on the PATH: cargo install --path cli in its repository")?;
        Ok(zed::Command { command, args: vec!["lsp".to_owned()], env: worktree.shell_env() })
    }
}

zed::register_extension!(Aqua);
