// What `aquac` says, as data; no editor in here.
import { execFile } from "node:child_process";

/** Runs the program with a text on its standard input. Never rejects: `error` says why it did not start. */
export function run(command, args, { cwd, input = "" } = {}) {
  return new Promise((resolve) => {
    const child = execFile(command, args, { cwd, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const code = error ? error.code : 0;
      resolve({ code, stdout, stderr, error: typeof code === "string" ? error : undefined });
    });
    child.stdin?.on("error", () => {}); // it ended before it had read everything
    child.stdin?.end(input);
  });
}

/**
 * The lines of `aquac check --format json`. Lines and columns count from 0 here, as editors do;
 * columns are characters, not units of UTF-16.
 */
export function problems(output) {
  const place = (label) => label && {
    file: label.file,
    start: { line: label.start.line - 1, column: label.start.col - 1 },
    end: { line: label.end.line - 1, column: label.end.col - 1 },
    label: label.label,
  };
  return output.split("\n").filter(Boolean).map((line) => JSON.parse(line))
    .filter(({ schema }) => schema === "aquac.diagnostic/1")
    .map(({ severity, code, message, primary, secondary, help, notes, url }) => ({
      severity, code, url,
      message: [message, ...help.map((one) => `help: ${one}`), ...notes].join("\n"),
      primary: place(primary),
      secondary: secondary.map(place),
    }));
}

/** How many units of UTF-16 the first characters of a line take. */
export function units(line, characters) {
  return [...line].slice(0, characters).join("").length;
}
