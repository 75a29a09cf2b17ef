// Starts `aquac lsp` and hands it the open Aqua files. Without aquac, highlighting, brackets,
// folding and snippets still work, and a message says what is missing.
import { commands, window, workspace } from "vscode";
import { LanguageClient } from "vscode-languageclient/node";

let client;

async function start() {
  const command = workspace.getConfiguration("aqua").get("path", "aquac");
  client = new LanguageClient(
    "aqua",
    "Aqua",
    { command, args: ["lsp"] },
    { documentSelector: [{ scheme: "file", language: "aqua" }] },
  );
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    const settings = "Open settings";
    const answer = await window.showWarningMessage(
      `Aqua files are not checked: \`${command} lsp\` does not start (${error.message}). `
        + "Install aquac, or say in `aqua.path` where it is.",
      settings,
    );
    if (answer === settings) {
      await commands.executeCommand("workbench.action.openSettings", "aqua.path");
    }
  }
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.stop();
}

async function restart() {
  await stop();
  await start();
}

export function activate(context) {
  context.subscriptions.push(
    commands.registerCommand("aqua.restart", restart),
    workspace.onDidChangeConfiguration((event) =>
      event.affectsConfiguration("aqua.path") ? restart() : undefined,
    ),
  );
  // Not awaited: an editor without aquac is still an editor.
  void start();
}

export function deactivate() {
  return stop();
}
