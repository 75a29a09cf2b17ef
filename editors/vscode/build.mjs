// Brings the grammars in and makes one file of the extension and its language client.
import { copyFileSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

mkdirSync(here("syntaxes"), { recursive: true });
for (const name of ["aqua", "air", "aqir"]) {
  const file = `${name}.tmLanguage.json`;
  copyFileSync(here(`../textmate/${file}`), here(`syntaxes/${file}`));
}

await build({
  entryPoints: [here("extension.mjs")],
  outfile: here("dist/extension.js"),
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  external: ["vscode"],
  minify: true,
});
