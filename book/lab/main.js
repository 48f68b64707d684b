// Makes a player of every recorded training on the page. If its data cannot be read, its key frames are shown instead.

import { read } from "./model.js";
import { Player } from "./player.js";

addEventListener("DOMContentLoaded", () => {
  for (const element of document.querySelectorAll(".cr-player")) {
    const data = element.querySelector('script[type="application/json"]');
    try {
      const history = read(data?.textContent ?? "");
      new Player(element).load(history);
    } catch (error) {
      element.classList.add("cr-unplayable");
      console.error(error);
    }
  }
});
