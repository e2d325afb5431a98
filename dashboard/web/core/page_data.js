// Data that every page carries for the modules: colours, templates, status words and limits (dashboard/script_data.py).
import { findId } from "./dom.js";

/** @import * as Api from "../types/schemas.js" */

/** @type {Api.ScriptData | null} */
let data = null;

/** @returns {Api.ScriptData} */
export function pageData() {
  data ??= /** @type {Api.ScriptData} */ (JSON.parse(findId("synrl-theme")?.textContent ?? ""));
  return data;
}
