// Data that every page carries for the modules: colours, templates, status words and limits (dashboard/script_data.py).

/** @import * as Api from "../types/schemas.js" */

/** @type {Api.ScriptData | null} */
let data = null;

/** @returns {Api.ScriptData} */
export function pageData() {
  data ??= /** @type {Api.ScriptData} */ (JSON.parse(document.getElementById("synrl-theme")?.textContent ?? ""));
  return data;
}
