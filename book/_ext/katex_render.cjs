// Renders the formulas that it is asked for, each question and its answer as JSON, on the socket that its argument names;
// started by katex_build.py. It ends, and takes the socket's folder away, when nobody is left who could write to it.
"use strict";
const { rmSync } = require("fs");
const { createServer } = require("net");
const { dirname } = require("path");
const { lighter } = require("./katex_lighter.cjs");

function render({ katex: folder, macros, formulas }) {
  const katex = require(folder);
  return formulas.map(([tex, displayMode]) => {
    try {
      const options = { displayMode, macros: { ...macros }, output: "htmlAndMathml", strict: "error", throwOnError: true };
      return { html: lighter(katex.__renderToDomTree(tex, options)).toMarkup() };
    } catch (error) {
      return { error: error.message.replace(/^KaTeX parse error: /, "") };
    }
  });
}

const socket = process.argv[2];
const server = createServer({ allowHalfOpen: true }, (asker) => {
  const parts = [];
  asker.on("error", () => {}); // it has ended by itself
  asker.on("data", (part) => parts.push(part));
  asker.on("end", () => asker.end(JSON.stringify(render(JSON.parse(Buffer.concat(parts))))));
});
server.listen(socket, () => process.stdout.write("\n"));
process.on("exit", () => rmSync(dirname(socket), { recursive: true, force: true }));
process.stdin.on("end", () => process.exit()).resume();
