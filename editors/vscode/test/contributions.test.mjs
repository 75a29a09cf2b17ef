// What the extension contributes, without an editor: patterns match what they are for.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import test from "node:test";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const json = (path) => JSON.parse(readFileSync(here(path), "utf8"));
const manifest = json("package.json");
const configuration = json("language-configuration.json");

test("the problem matcher reads the lines of `aquac check --format short`", () => {
  const { pattern } = manifest.contributes.problemMatchers[0];
  const read = (line) => {
    const found = new RegExp(pattern.regexp).exec(line);
    return found && [pattern.file, pattern.line, pattern.column, pattern.severity, pattern.code, pattern.message].map((at) => found[at]);
  };
  assert.deepEqual(
    read("src/flow.aqua:10:6: error[AQ0201]: cannot find `greting` in this scope"),
    ["src/flow.aqua", "10", "6", "error", "AQ0201", "cannot find `greting` in this scope"],
  );
  assert.deepEqual(
    read("C:\\a b\\flow.aqua:1:2: warning[AQ0604]: a: b: c"),
    ["C:\\a b\\flow.aqua", "1", "2", "warning", "AQ0604", "a: b: c"],
  );
  assert.equal(read("2 errors, 1 warning"), null);
  assert.equal(read("wrote out/flow.main.aqir (120 bytes)"), null);
});

test("a line that opens a block indents the next, and no other line does", () => {
  const opens = new RegExp(configuration.indentationRules.increaseIndentPattern);
  for (const line of [
    "func f():", "  if a == b: -- why", "data Point:", '  on "a:b" via r :', "  try:",
    "  x = (a: u8) -> u8:", "    for x <- xs par:  ", "  if a - 1 > b:", '  on "a -- b":',
  ]) assert.match(line, opens);
  for (const line of [
    "  x: u8", "-- note:", "  f() -- note:", '  f("a:")', "  --- note:", "  res: *u32 -- in:", "",
  ]) assert.doesNotMatch(line, opens);
});

test("the branches of a statement stand below its head", () => {
  const closes = new RegExp(configuration.indentationRules.decreaseIndentPattern);
  for (const line of ["    else:", "  otherwise: -- or", "    catch e:"]) assert.match(line, closes);
  for (const line of ["    else = 1", "    catch:", "    elsewhere()", "    x: u8"]) assert.doesNotMatch(line, closes);
});

test("every snippet has a prefix of its own and a body", () => {
  const snippets = Object.values(json("snippets/aqua.json"));
  assert.equal(new Set(snippets.map(({ prefix }) => prefix)).size, snippets.length);
  for (const { body, description } of snippets) {
    assert.ok(body.length > 0 && description);
    for (const line of body) assert.equal((line.match(/^ */)[0].length) % 2, 0);
  }
});

test("every file that the manifest names is there or is brought in by the build", () => {
  const { languages, grammars, snippets } = manifest.contributes;
  for (const { configuration: path } of languages) assert.ok(existsSync(here(path)), path);
  for (const { path } of snippets) assert.ok(existsSync(here(path)), path);
  for (const { path, scopeName } of grammars) {
    const source = JSON.parse(readFileSync(here(path.replace("./syntaxes", "../textmate")), "utf8"));
    assert.equal(source.scopeName, scopeName);
  }
});
