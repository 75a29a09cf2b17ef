// Compares what the TextMate grammar and the tree-sitter grammar say about every `.aqua` file:
//
//     node test/agreement.mjs FILE_OR_FOLDER…
//
// A character is compared by its class: comment, string, number, keyword, topology word, constant,
// type, function, and so on. Prints each difference; fails if there is one. `tree-sitter` must be
// on the path.
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { loadWASM, createOnigScanner, createOnigString } = require("vscode-oniguruma");
const { INITIAL, Registry, parseRawGrammar } = require("vscode-textmate");

const editors = fileURLToPath(new URL("../..", import.meta.url));
const grammarFile = join(editors, "textmate/aqua.tmLanguage.json");
const treeSitter = join(editors, "tree-sitter");

// By the first part of the innermost scope that says something.
const SCOPES = [
  ["comment.line.documentation", "doc"],
  ["comment", "comment"],
  ["string", "string"],
  ["constant.numeric", "number"],
  ["constant.language.peer", "constant"],
  ["constant.language", "constant"],
  ["keyword.control.topology", "topology"],
  ["keyword.control", "keyword"],
  ["storage.type", "keyword"],
  // A delimiter, as it is for tree-sitter.
  ["keyword.operator.arrow", undefined],
  ["keyword.operator", "operator"],
  ["storage.modifier.collection", "sigil"],
  ["support.type.primitive", "primitive"],
  ["entity.name.type.service", "module"],
  ["entity.name.type.ability", "module"],
  ["entity.name.namespace", "module"],
  ["entity.name.type", "type"],
  ["entity.name.function", "function"],
  ["support.function.method", "method"],
  ["variable.parameter", "parameter"],
  ["variable.other.property", "field"],
  ["variable.other.constant", "upper"],
  ["variable.other", "variable"],
  ["punctuation.accessor", undefined],
  ["invalid", "invalid"],
];
const CAPTURES = [
  ["comment.documentation", "doc"],
  ["comment", "comment"],
  ["string", "string"],
  ["number", "number"],
  ["boolean", "constant"],
  ["constant.builtin", "constant"],
  ["constant", "upper"],
  ["keyword.directive", "topology"],
  ["keyword", "keyword"],
  ["operator", "operator"],
  ["type.qualifier", "sigil"],
  ["type.builtin", "primitive"],
  ["type", "type"],
  ["module", "module"],
  ["function.method", "method"],
  ["function", "function"],
  ["variable.parameter", "parameter"],
  ["variable.member", "field"],
  ["variable", "variable"],
];
const known = (table, name) =>
  table.find(([prefix]) => name === prefix || name.startsWith(`${prefix}.`));
const classOf = (table, name) => known(table, name)?.[1];

async function textMate() {
  const wasm = readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm"));
  await loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
  const registry = new Registry({
    onigLib: Promise.resolve({ createOnigScanner, createOnigString }),
    loadGrammar: async () => parseRawGrammar(readFileSync(grammarFile, "utf8"), grammarFile),
  });
  const grammar = await registry.loadGrammar("source.aqua");
  return (text) => {
    let stack = INITIAL;
    return text.split("\n").map((line) => {
      const { tokens, ruleStack } = grammar.tokenizeLine(line, stack);
      stack = ruleStack;
      const classes = Array(line.length);
      for (const { startIndex, endIndex, scopes } of tokens) {
        const name = scopes.flatMap((scope) => scope.split(" ")).reverse()
          .find((scope) => known(SCOPES, scope));
        classes.fill(name && classOf(SCOPES, name), startIndex, endIndex);
      }
      return classes;
    });
  };
}

function treeSitterClasses(path, lines) {
  const out = execFileSync(
    "tree-sitter",
    ["query", "--captures", join(treeSitter, "queries/highlights.scm"), path],
    { cwd: treeSitter, encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "ignore"] },
  );
  const classes = lines.map((line) => Array([...Buffer.from(line)].length));
  const pattern = /pattern: *(\d+), capture: \d+ - ([\w.]+), start: \((\d+), (\d+)\), end: \((\d+), (\d+)\)/g;
  // Later patterns win.
  const found = [...out.matchAll(pattern)].map(([, rule, name, ...at]) => ({ rule: +rule, name, at: at.map(Number) }));
  for (const { name, at: [row, col, endRow, endCol] } of found.sort((a, b) => a.rule - b.rule)) {
    for (let line = row; line <= endRow; line++) {
      const length = classes[line].length;
      classes[line].fill(classOf(CAPTURES, name), line === row ? col : 0, line === endRow ? endCol : length);
    }
  }
  return classes;
}

const files = (path) =>
  statSync(path).isDirectory()
    ? readdirSync(path).filter((name) => name !== "node_modules" && name !== "target").flatMap((name) => files(join(path, name)))
    : path.endsWith(".aqua") ? [path] : [];

const tokenize = await textMate();
let compared = 0;
let differences = 0;
for (const path of process.argv.slice(2).map((path) => resolve(path)).flatMap(files)) {
  const lines = readFileSync(path, "utf8").split("\n");
  const left = tokenize(lines.join("\n"));
  const right = treeSitterClasses(path, lines);
  for (const [row, line] of lines.entries()) {
    let byte = 0;
    for (let column = 0; column < line.length; column++) {
      const [a, b] = [left[row][column], right[row][byte]];
      byte += Buffer.byteLength(line[column]);
      if (!/\S/.test(line[column])) continue;
      compared++;
      if (a === b || a === "invalid") continue;
      differences++;
      console.log(`${path}:${row + 1}:${column + 1}: ${a} here, ${b} in tree-sitter: ${line.trim()}`);
    }
  }
}
console.log(`${compared} characters compared, ${differences} differences`);
process.exit(differences || !compared ? 1 : 0);
