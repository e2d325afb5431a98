// Chooses light or dark and the size of type before anything is painted, from what is remembered: no flash on loading.
(() => {
  let chosen = null;
  let projector = null;
  try {
    chosen = localStorage.getItem("mantine-color-scheme-value");
    projector = localStorage.getItem("synrl-projector");
  } catch (_) {
    // Storage can be forbidden; then the system decides.
  }
  if (chosen !== "light" && chosen !== "dark") {
    chosen = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  document.documentElement.dataset.mantineColorScheme = chosen;
  document.documentElement.dataset.projector = projector === "true" ? "true" : "false";
  // Of a class session, whose pages show the playground and lessons in a frame; on the board in large type.
  if (window.self !== window.top) document.documentElement.dataset.framed = window.name === "board" ? "board" : "true";
})();
