// Entry of the page that needs no server: plays the tape in its own file.
import { findId } from "../core/dom.js";
import { Playground } from "./page.js";
import { storedTapes } from "./stored.js";

const dark = matchMedia("(prefers-color-scheme: dark)").matches;
document.documentElement.dataset.mantineColorScheme = dark ? "dark" : "light";
const root = findId("playground");
/** @type {import("./stored.js").Stored} */
const stored = JSON.parse(document.querySelector("script[data-scene]")?.textContent ?? "");
if (root) {
  root.dataset.standalone = "yes";
  new Playground(root, stored.form, storedTapes(stored), stored.search, "");
}
