// The same formula in fewer elements: a page of formulas has thousands, and each is styled, laid out and painted.
// `lighter` takes KaTeX's tree and leaves out the spans that no style sheet asks for, the tables around a single
// sub- or superscript, the spaces beside a symbol, which becomes that much wider, and from the MathML, which is only heard,
// its wrapper, the TeX, the rows of one, and what says how it would look.
"use strict";

// Classes that say what a symbol is. KaTeX has spaced it by them already, and its style sheet has no rule for them.
const SILENT = new Set(["", "mord", "mbin", "mrel", "mopen", "mclose", "mpunct", "minner", "mtight"]);
// Classes of which the style sheet says what their spans of no class look like.
const PARENTS = /^(vlist|delim-size\d|[clr]lap|inner|mfrac)$/;
// KaTeX's sizes 1 to 11, as multiples of the normal one.
const SIZES = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.44, 1.728, 2.074, 2.488];

const has = (node, name) => node.classes?.includes(name);
const empty = (set) => Object.keys(set ?? {}).length === 0;
/** A span that changes nothing. */
const plain = (node) => node.children && empty(node.classes) && empty(node.style) && empty(node.attributes);

/** How much smaller than its surroundings the content of a sizing span is set. */
function scale(node) {
  const size = (prefix) => Number(node.classes.find((name) => name.startsWith(prefix))?.slice(prefix.length));
  return has(node, "sizing") ? SIZES[size("size") - 1] / SIZES[size("reset-size") - 1] : 1;
}

/** A lone script, raised by `vertical-align` instead of by a table; undefined where there are two. */
function script(msupsub) {
  const entries = msupsub.children[0].children[0].children[0].children; // msupsub > table > row > cell > entries
  if (entries.length !== 1) return undefined;
  const [strut, content] = entries[0].children;
  if (!content?.children) return undefined;
  const { top, marginLeft, marginRight } = entries[0].style;
  const em = (length) => `${+(length / scale(content)).toFixed(4)}em`; // of its own, smaller font
  const raised = { verticalAlign: em(-parseFloat(top) - parseFloat(strut.style.height)) };
  if (parseFloat(marginLeft)) raised.marginLeft = em(parseFloat(marginLeft));
  if (parseFloat(marginRight)) raised.marginRight = em(parseFloat(marginRight));
  content.classes = ["script", ...content.classes.filter((name) => !SILENT.has(name))];
  Object.assign(content.style, raised);
  return content;
}

/** The width of a space, in em; undefined for anything else. */
function space(node) {
  return has(node, "mspace") && node.children.length === 0 ? parseFloat(node.style.marginRight) : undefined;
}

/** The siblings without the spaces beside a bare symbol: these are its margins. */
function spaced(siblings) {
  const kept = [];
  for (const node of siblings) {
    const last = kept.at(-1);
    const width = space(node);
    if (width !== undefined && last && isSymbol(last)) {
      last.style.marginRight = `${+(width + last.italic).toFixed(4)}em`;
      last.italic = 0;
    } else {
      if (isSymbol(node) && last && space(last) !== undefined) node.style.marginLeft = kept.pop().style.marginRight;
      kept.push(node);
    }
  }
  return kept;
}

/** A symbol that has no margin yet. */
const isSymbol = (node) => typeof node.text === "string" && !node.style?.marginRight;

/** The node with fewer classes, and fewer descendants. */
function spans(node) {
  if (has(node, "msupsub")) node = script(node) ?? node;
  node.classes = node.classes?.filter((name) => !SILENT.has(name)); // a symbol without any becomes bare text
  if (node.children) {
    const needed = node.classes?.some((name) => PARENTS.test(name));
    node.children = node.children.map(spans).flatMap((child) => (plain(child) && !needed ? child.children : child));
    node.children = spaced(node.children);
  }
  return node;
}

// Attributes of MathML that only say how it would look.
const LOOKS = ["stretchy", "lspace", "rspace", "minsize", "maxsize", "rowspacing", "columnspacing"];

/** The MathML as it is to be heard; KaTeX also puts elements into tokens, in which only text may be. */
function mathml(node) {
  if (node.text === "\u22a4") node.text = "T"; // for transposed: the sign's own name is down tack
  if (!node.children) return node;
  const said = node.attributes ?? {};
  for (const name of LOOKS) delete said[name];
  if (said.mathvariant === "normal") delete said.mathvariant; // it would be heard
  const token = ["mi", "mn", "mo", "mtext"].includes(node.type);
  if (node.type === "mstyle" || (token && node.children.some((child) => child.type))) {
    node.type = "mrow";
    node.attributes = {};
  }
  node.children = node.children.map(mathml);
  if (["mrow", "mtd"].includes(node.type)) {
    node.children = node.children.flatMap((child) => (isRow(child) && child.children.length !== 1 ? child.children : child));
  }
  if (["msup", "msubsup"].includes(node.type)) node.children.push(layer(node.children.pop()));
  return isRow(node) && node.children.length === 1 ? node.children[0] : node;
}

/** What is above a symbol. A number in brackets is a layer's; as one text it is not taken for a power. */
function layer(above) {
  const [open, number, close] = (above.children ?? []).map((child) => child.children?.[0]?.text);
  if (open !== "(" || close !== ")" || !number) return above;
  const [text] = above.children.splice(0, 3);
  text.type = "mtext";
  text.children[0].text = `(${number})`;
  above.children.unshift(text);
  return above.children.length === 1 ? text : above;
}

/** Children that only stand side by side. */
const isRow = (node) => node.type === "mrow" && empty(node.attributes);

exports.lighter = function lighter(tree) {
  const katex = has(tree, "katex") ? tree : tree.children[0]; // a displayed formula has one span more
  const [forReaders, forEyes] = katex.children;
  const math = forReaders.children[0];
  const row = mathml(math.children[0].children[0]); // math > semantics > row, annotation
  math.children = row.type === "mrow" ? row.children : [row];
  math.classes = forReaders.classes;
  katex.children[0] = math;
  spans(forEyes);
  return tree;
};
