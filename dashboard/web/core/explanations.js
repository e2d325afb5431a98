// Explanations are the browser's own <details>: they close with Escape, on a click elsewhere and when another opens.

/** @param {Element | null} [except] */
function closeExplanations(except) {
  for (const one of document.querySelectorAll("details.explain[open]")) {
    if (one !== except) one.removeAttribute("open");
  }
}

export function watchExplanations() {
  document.addEventListener("click", ({ target }) => {
    closeExplanations(target instanceof Element ? target.closest("details.explain") : null);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeExplanations();
  });
}
