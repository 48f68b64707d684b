// Renders the formulas given as JSON on standard input; used by katex_build.py.
"use strict";
const request = JSON.parse(require("fs").readFileSync(0, "utf8"));
const katex = require(request.katex);
const { lighter } = require("./katex_lighter.cjs");

const rendered = request.formulas.map(([tex, displayMode]) => {
  try {
    const options = { displayMode, macros: { ...request.macros }, output: "htmlAndMathml", strict: "error", throwOnError: true };
    return { html: lighter(katex.__renderToDomTree(tex, options)).toMarkup() };
  } catch (error) {
    return { error: error.message.replace(/^KaTeX parse error: /, "") };
  }
});
process.stdout.write(JSON.stringify(rendered));
