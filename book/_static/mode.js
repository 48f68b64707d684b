// Sets the colour mode that the reader chose before anything is painted, so that nothing flashes.
try {
  document.body.dataset.theme = localStorage.getItem("theme") || "auto";
} catch {
  document.body.dataset.theme = "auto"; // a browser may forbid storage, as it does in some files opened from disk
}
