// Writes the highlight queries of editors with names of their own for token classes, and the copies
// that Neovim reads. `--check` writes nothing and fails if a file is not what would be written.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const read = (path) => readFileSync(here(path), "utf8");

const HELIX = {
  "boolean": "constant.builtin.boolean",
  "comment": "comment.line",
  "comment.documentation": "comment.line.documentation",
  "function.call": "function",
  "function.method.call": "function.method",
  "keyword.conditional": "keyword.control.conditional",
  "keyword.coroutine": "keyword.control",
  "keyword.exception": "keyword.control.exception",
  "keyword.import": "keyword.control.import",
  "keyword.repeat": "keyword.control.repeat",
  "keyword.type": "keyword.storage.type",
  "module": "namespace",
  "number": "constant.numeric.integer",
  "number.float": "constant.numeric.float",
  "type.definition": "type",
  "type.qualifier": "keyword.storage.modifier",
  "variable.member": "variable.other.member",
};
const ZED = {
  "comment.documentation": "comment.doc",
  "constant.builtin": "constant",
  "module": "type",
  "type.builtin": "type",
  "type.definition": "type",
  "type.qualifier": "operator",
  "variable.member": "property",
  "variable.parameter": "variable.parameter",
};

const renamed = (text, names) =>
  text.replace(/@([a-z][\w.]*)/g, (_, name) => `@${names[name] ?? name}`);
const head = (source) => `; Written by editors/tree-sitter/queries.mjs from queries/${source}.\n`;

const highlights = read("queries/highlights.scm");
const files = {
  "../helix/runtime/queries/aqua/highlights.scm": head("highlights.scm") + renamed(highlights, HELIX),
  "../zed/languages/aqua/highlights.scm": head("highlights.scm") + renamed(highlights, ZED),
};
for (const name of ["highlights", "folds", "indents", "injections", "locals"]) {
  files[`../nvim/queries/aqua/${name}.scm`] = head(`${name}.scm`) + read(`queries/${name}.scm`);
}

let stale = 0;
for (const [path, text] of Object.entries(files)) {
  if (!process.argv.includes("--check")) {
    mkdirSync(dirname(here(path)), { recursive: true });
    writeFileSync(here(path), text);
  } else if (read(path) !== text) {
    console.error(`${path} is not what queries/ says: node queries.mjs`);
    stale++;
  }
}
process.exit(stale ? 1 : 0);
