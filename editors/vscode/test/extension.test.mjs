// The bundled extension in an editor of thirty lines, with an aquac that is a script.
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import Module from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { problems, run, units } from "../aquac.mjs";

const FOUND = {
  schema: "aquac.diagnostic/1", severity: "error", code: "AQ0201", message: "cannot find `zz` in this scope",
  primary: { file: "flow.aqua", byte: [5, 7], start: { line: 2, col: 4 }, end: { line: 2, col: 6 }, label: "not found" },
  secondary: [{ file: "flow.aqua", byte: [0, 1], start: { line: 1, col: 1 }, end: { line: 1, col: 2 }, label: "bound here" }],
  help: ["did you mean `z`?"], notes: [], fix: null, url: "",
};

/** A folder with an `aquac` that has no language server. */
function fakeAquac() {
  const folder = mkdtempSync(join(tmpdir(), "aqua-"));
  const path = join(folder, "aquac");
  writeFileSync(path, `#!/bin/sh
case "$1" in
  fmt) sed 's/  */ /g' ;;
  check) cat <<'END'
${JSON.stringify(FOUND)}
{"schema":"aquac.summary/1","errors":1,"warnings":0}
END
    exit 1 ;;
  *) exit 2 ;;
esac
`);
  chmodSync(path, 0o755);
  return { folder, path };
}

/** What of the editor the extension uses. */
function editor(path, documents) {
  const shown = new Map();
  const providers = [];
  const nothing = { dispose() {} };
  class Range { constructor(...at) { this.at = at; } }
  class Diagnostic { constructor(range, message, severity) { Object.assign(this, { range, message, severity }); } }
  const vscode = {
    Diagnostic, Range,
    DiagnosticRelatedInformation: class { constructor(location, message) { Object.assign(this, { location, message }); } },
    DiagnosticSeverity: { Error: 0, Warning: 1 },
    Location: class { constructor(uri, range) { Object.assign(this, { uri, range }); } },
    TextEdit: { replace: (range, text) => ({ range, text }) },
    Uri: { parse: (text) => text },
    commands: { registerCommand: () => nothing, executeCommand: async () => {} },
    languages: {
      createDiagnosticCollection: () => ({ set: (uri, all) => shown.set(uri.fsPath, all), delete() {}, dispose() {} }),
      registerDocumentFormattingEditProvider: (_, provider) => (providers.push(provider), nothing),
    },
    window: { showWarningMessage: async (text) => (vscode.warned = text, undefined) },
    workspace: {
      getConfiguration: () => ({ get: () => path }),
      onDidChangeConfiguration: () => nothing, onDidOpenTextDocument: () => nothing,
      onDidSaveTextDocument: () => nothing, onDidCloseTextDocument: () => nothing,
      textDocuments: documents,
    },
  };
  return { vscode, shown, providers };
}

/** The bundle, with this as its editor. */
function load(vscode) {
  const path = fileURLToPath(new URL("../dist/extension.js", import.meta.url));
  const original = Module._load;
  // The language client asks for classes of the editor that nothing here calls.
  const anything = new Proxy(vscode, { get: (all, name) => all[name] ?? class {} });
  Module._load = (name, ...rest) => (name === "vscode" ? anything : original(name, ...rest));
  try {
    delete Module._cache[path];
    return Module._load(path, null, false);
  } finally {
    Module._load = original;
  }
}

async function until(holds) {
  for (let waited = 0; waited < 200 && !holds(); waited++) await new Promise((go) => setTimeout(go, 20));
  assert.ok(holds());
}

const document = (folder, text) => ({
  languageId: "aqua", uri: { fsPath: join(folder, "flow.aqua") }, getText: () => text,
  positionAt: (at) => at, lineAt: (line) => ({ text: text.split("\n")[line] }),
});

test("an open file is checked and formatted by an aquac without a language server", async () => {
  const { folder, path } = fakeAquac();
  const text = "z   = 1\n😀  zz\n";
  const open = document(folder, text);
  const { vscode, shown, providers } = editor(path, [open]);
  const extension = load(vscode);
  extension.activate({ subscriptions: [] });
  await until(() => shown.size === 1 && providers.length === 1);
  const [one] = shown.get(open.uri.fsPath);
  assert.equal(one.message, "cannot find `zz` in this scope\nhelp: did you mean `z`?");
  assert.deepEqual(one.range.at, [1, 4, 1, 6], "columns are units of UTF-16");
  assert.equal(one.relatedInformation[0].message, "bound here");
  const [edit] = await providers[0].provideDocumentFormattingEdits(open);
  assert.equal(edit.text, "z = 1\n😀 zz\n");
  await extension.deactivate();
});

test("an aquac that is not there is said to be missing", async () => {
  const { vscode } = editor("/nowhere/aquac", []);
  const extension = load(vscode);
  extension.activate({ subscriptions: [] });
  await until(() => vscode.warned);
  assert.match(vscode.warned, /nowhere/);
  await extension.deactivate();
});

test("what aquac says is data", async () => {
  const all = problems(`${JSON.stringify(FOUND)}\n{"schema":"aquac.summary/1","errors":1,"warnings":0}\n`);
  assert.deepEqual(all.map(({ code, primary }) => [code, primary.start]), [["AQ0201", { line: 1, column: 3 }]]);
  assert.equal(units("a😀b", 2), 3);
  assert.equal((await run("cat", [], { input: "x" })).stdout, "x");
});
