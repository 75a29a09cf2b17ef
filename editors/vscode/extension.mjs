// Hands open Aqua files to aquac. With `aquac lsp`, everything is the language server's; with an
// aquac that has none, files are formatted by `aquac fmt` and checked by `aquac check` when they
// are opened and saved. Without aquac, highlighting, brackets, folding and snippets still work, and
// a message says what is missing.
import { dirname, resolve } from "node:path";
import {
  Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, Range, TextEdit, Uri,
  commands, languages, window, workspace,
} from "vscode";
import { LanguageClient } from "vscode-languageclient/node";
import { problems, run, units } from "./aquac.mjs";

const SELECTOR = { scheme: "file", language: "aqua" };

/** What is running, to be disposed of. */
let running = [];

const program = () => workspace.getConfiguration("aqua").get("path", "aquac");

async function start() {
  const command = program();
  const server = await run(command, ["lsp", "--help"]);
  if (server.error) return missing(command, server.error);
  if (server.code === 0) return serve(command);
  const found = languages.createDiagnosticCollection("aquac");
  const check = (document) => document.languageId === "aqua" && checked(command, document, found);
  running = [
    found,
    languages.registerDocumentFormattingEditProvider(SELECTOR, {
      provideDocumentFormattingEdits: (document) => formatted(command, document),
    }),
    workspace.onDidOpenTextDocument(check),
    workspace.onDidSaveTextDocument(check),
    workspace.onDidCloseTextDocument((document) => found.delete(document.uri)),
  ];
  await Promise.all(workspace.textDocuments.map(check));
}

async function serve(command) {
  const client = new LanguageClient("aqua", "Aqua", { command, args: ["lsp"] }, { documentSelector: [SELECTOR] });
  try {
    await client.start();
    running = [{ dispose: () => client.stop() }];
  } catch (error) {
    await missing(`${command} lsp`, error);
  }
}

async function missing(command, error) {
  const settings = "Open settings";
  const answer = await window.showWarningMessage(
    `Aqua files are not checked: \`${command}\` does not start (${error.message}). `
      + "Install aquac, or say in `aqua.path` where it is.",
    settings,
  );
  if (answer === settings) {
    await commands.executeCommand("workbench.action.openSettings", "aqua.path");
  }
}

/** The edit that formats a document; none if it has mistakes, which saving shows. */
async function formatted(command, document) {
  const text = document.getText();
  const { code, stdout } = await run(command, ["fmt", "--stdin"], { input: text });
  if (code !== 0 || stdout === text) return [];
  return [TextEdit.replace(new Range(document.positionAt(0), document.positionAt(text.length)), stdout)];
}

/** Shows what is wrong with a document, and only what is in it. */
async function checked(command, document, found) {
  const cwd = dirname(document.uri.fsPath);
  const { stdout } = await run(command, ["check", "--format", "json", document.uri.fsPath], { cwd });
  const here = (place) => resolve(cwd, place.file) === document.uri.fsPath;
  const point = ({ line, column }) => [line, units(document.lineAt(line).text, column)];
  const range = ({ start, end }) => new Range(...point(start), ...point(end));
  const shown = problems(stdout).filter(({ primary }) => primary && here(primary)).map((one) => {
    const severity = one.severity === "error" ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning;
    const diagnostic = new Diagnostic(range(one.primary), one.message, severity);
    diagnostic.source = "aquac";
    diagnostic.code = one.url ? { value: one.code, target: Uri.parse(one.url) } : one.code;
    diagnostic.relatedInformation = one.secondary.filter(here).map((place) =>
      new DiagnosticRelatedInformation(new Location(document.uri, range(place)), place.label));
    return diagnostic;
  });
  found.set(document.uri, shown);
}

async function stop() {
  const old = running;
  running = [];
  await Promise.all(old.map((one) => one.dispose()));
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
