// Runs that make a point each, with a sentence on what to look for.

/** @typedef {import("./settings.js").Settings} Settings */

/** @param {number} count @param {number} from @param {number} to */
const spread = (count, from, to) =>
  Array.from({ length: count }, (_, j) => Math.round(1000 * (from + ((to - from) * j) / Math.max(1, count - 1))) / 1000);

/** What each changes in the settings that the lab begins with.
 * @type {{name: string, change: Partial<Settings>, look: string}[]} */
export const PRESETS = [
  {
    name: "The book’s run",
    change: {},
    look: "Watch the elbows in the lower picture: they leave their places early, gather at the bends of the dashed truth, and stay.",
  },
  {
    name: "Elbows outside the data",
    change: { width: 10, elbows: spread(10, 1.05, 1.2) },
    look:
      "Every elbow starts right of the last point. A unit that points right is dead there and its trail is a straight line down; " +
      "one that points left is active at every point. Which of these come in?",
  },
  {
    name: "One unit",
    change: { width: 1, elbows: [0.5] },
    look: "One elbow makes one bend. Where does it settle, and what does the error do after that?",
  },
  {
    name: "Too large a rate",
    change: { learningRate: 2 },
    look: "Each step overshoots by more than the one before. Look at the errors: how many steps does it take until no number is left?",
  },
  {
    name: "Output layer only",
    change: { layers: "output", learningRate: 0.2 },
    look: "Every trail is a straight line down: the elbows cannot move. See which peaks of the truth lie between two elbows and are lost.",
  },
  {
    name: "All elbows in one place",
    change: { width: 20, elbows: spread(20, 0.5, 0.5) },
    look: "All trails start at one point. Look how they part: units that point right and units that point left see different data.",
  },
];
