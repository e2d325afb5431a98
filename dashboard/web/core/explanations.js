// Explanations are the browser's own <details>: they close with Escape, on a click elsewhere and when another opens.

function closeExplanations(except) {
  document.querySelectorAll("details.explain[open]").forEach((one) => one !== except && one.removeAttribute("open"));
}

export function watchExplanations() {
  document.addEventListener("click", (event) => closeExplanations(event.target.closest("details.explain")));
  document.addEventListener("keydown", (event) => event.key === "Escape" && closeExplanations());
}
