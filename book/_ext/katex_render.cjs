// Renders the formulas that it is asked for, each question and its answer as JSON, on the socket of which it is given the
// number, in the folder that it is given; started by katex_build.py. It ends when nobody holds its standard input any more,
// and takes the folder away.
"use strict";
const [folder, number] = process.argv.slice(2);
process.on("exit", () => require("fs").rmSync(folder, { recursive: true, force: true }));
process.on("SIGTERM", () => process.exit());
process.stdin.on("end", () => process.exit()).resume();

const { lighter } = require("./katex_lighter.cjs");

function render(question) {
  const katex = require(question.katex);
  return question.formulas.map(([tex, displayMode]) => {
    try {
      const macros = { ...question.macros };
      const options = { displayMode, macros, output: "htmlAndMathml", strict: "error", throwOnError: true };
      return { html: lighter(katex.__renderToDomTree(tex, options)).toMarkup() };
    } catch (error) {
      return { error: error.message.replace(/^KaTeX parse error: /, "") };
    }
  });
}

const server = require("net").createServer({ allowHalfOpen: true }, (asker) => {
  const parts = [];
  asker.on("error", () => {}); // who asked has ended, and needs no answer
  asker.on("data", (part) => parts.push(part));
  asker.on("end", () => {
    let question;
    try {
      question = JSON.parse(Buffer.concat(parts));
    } catch {
      return asker.destroy(); // who asked has ended in the middle of it
    }
    asker.end(JSON.stringify(render(question)));
  });
});
server.listen({ fd: Number(number) });
