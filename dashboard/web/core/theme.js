// How the page looks at the moment: light or dark, and whether its type is large enough for a projector.
// scheme.js sets both before anything is painted; Mantine remembers the first, we the second.

const root = document.documentElement;
const KEY = "synrl-projector";
export const scheme = () => (root.dataset.mantineColorScheme === "dark" ? "dark" : "light");
export const projector = () => root.dataset.projector === "true";
let data = null;

function known() {
  data = data || JSON.parse(document.getElementById("synrl-theme").textContent);
  return data;
}

// The Plotly template of this look (dashboard/theme.py).
export const template = () => known().templates[projector() ? `${scheme()}-projector` : scheme()];

// How much larger than usual type and figures are.
export const scale = () => (projector() ? known().projector : { type: 1, figures: 1 });

// A role's colour: "run", or "run/0.2" where it is to be see-through.
export function colour(role) {
  const [name, opacity] = role.split("/");
  const hex = known().palettes[scheme()][name];
  if (!opacity) return hex;
  const [red, green, blue] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  return `rgba(${red},${green},${blue},${opacity})`;
}

// Call back whenever light and dark or the size of type changed. Returns what ends that.
export function onChange(listener) {
  const observer = new MutationObserver(listener);
  observer.observe(root, { attributes: true, attributeFilter: ["data-mantine-color-scheme", "data-projector"] });
  return () => observer.disconnect();
}

// A figure's text alternative stands beside it: its drawing is not for screen readers, its tools are.
export function hush(figure) {
  figure.querySelectorAll(".main-svg").forEach((drawing) => drawing.setAttribute("aria-hidden", "true"));
}

// Called when the button appears, and when it is pressed.
export function projectorMode(clicks) {
  if (clicks) {
    root.dataset.projector = projector() ? "false" : "true";
    try {
      localStorage.setItem(KEY, root.dataset.projector);
    } catch (_) {
      // Storage can be forbidden; then it lasts as long as the page.
    }
  }
  document.getElementById("projector").setAttribute("aria-pressed", projector() ? "true" : "false");
}
