// Writes the three `*.tmLanguage.json` from `grammars/`, where regular expressions can be read.
// `--check` writes nothing and fails if a file is not what would be written.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import air from "./grammars/air.mjs";
import aqir from "./grammars/aqir.mjs";
import aqua from "./grammars/aqua.mjs";

const check = process.argv.includes("--check");
let stale = 0;
for (const [name, grammar] of Object.entries({ aqua, air, aqir })) {
  const path = fileURLToPath(new URL(`${name}.tmLanguage.json`, import.meta.url));
  const text = `${JSON.stringify(grammar, (_, value) => (value instanceof RegExp ? value.source : value), 2)}\n`;
  if (!check) writeFileSync(path, text);
  else if (readFileSync(path, "utf8") !== text) {
    console.error(`${name}.tmLanguage.json is not what grammars/${name}.mjs says: npm run build`);
    stale++;
  }
}
process.exit(stale ? 1 : 0);
