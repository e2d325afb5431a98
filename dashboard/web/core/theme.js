// Light or dark, and whether type is large enough for a projector. scheme.js sets both before anything is painted; Mantine
// remembers the first, this module the second.
import { byId } from "./dom.js";
import { pageData } from "./page_data.js";

const KEY = "synrl-projector";

/** @returns {"light" | "dark"} */
export function scheme() {
  return document.documentElement.dataset.mantineColorScheme === "dark" ? "dark" : "light";
}

export function projector() {
  return document.documentElement.dataset.projector === "true";
}

/** The Plotly template of the scheme and size in view (dashboard/theme.py). */
export function template() {
  return pageData().templates[projector() ? `${scheme()}-projector` : scheme()];
}

/** Factors by which type and figures are larger than usual. */
export function scale() {
  return projector() ? pageData().projector : { type: 1, figures: 1 };
}

/**
 * The colour of a role: "run", or "run/0.2" where it is to be see-through.
 *
 * @param {string} role
 */
export function colour(role) {
  const [name, opacity] = role.split("/");
  return withOpacity(pageData().palettes[scheme()][name], opacity);
}

/**
 * @param {string} hex #rrggbb
 * @param {string} [opacity] from 0 to 1; opaque if not given
 */
export function withOpacity(hex, opacity) {
  if (!opacity) return hex;
  const [red, green, blue] = [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16));
  return `rgba(${red},${green},${blue},${opacity})`;
}

/**
 * Call a listener whenever the scheme or the size of type changed. Returns a function that ends that.
 *
 * @param {() => void} listener
 */
export function onChange(listener) {
  const observer = new MutationObserver(listener);
  const attributeFilter = ["data-mantine-color-scheme", "data-projector"];
  observer.observe(document.documentElement, { attributes: true, attributeFilter });
  return () => observer.disconnect();
}

/**
 * Hide a figure's drawing from screen readers: its text alternative stands beside it, and its tools are for them too.
 *
 * @param {Element} figure
 */
export function hideDrawing(figure) {
  for (const drawing of figure.querySelectorAll(".main-svg")) drawing.setAttribute("aria-hidden", "true");
}

/**
 * Called when the button appears, and when it is pressed.
 *
 * @param {number | undefined} clicks
 */
export function projectorMode(clicks) {
  const { dataset } = document.documentElement;
  if (clicks) {
    dataset.projector = projector() ? "false" : "true";
    try {
      localStorage.setItem(KEY, dataset.projector);
    } catch {
      // Storage can be forbidden; then it lasts as long as the page.
    }
  }
  byId("projector").setAttribute("aria-pressed", projector() ? "true" : "false");
}
