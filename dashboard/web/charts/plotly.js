// Loads plotly.js before the first graph asks for it: the first point of a run should not wait for it.

/** @import { PlotlyLibrary } from "../types/plotly.js" */

/** Dash awaits window.Plotly where it is set, so a promise keeps it from loading the library a second time. */
export function loadPlotly() {
  const source = window._dashPlotlyJSURL;
  if (window.Plotly || !source) return;
  const loading = new Promise((/** @type {(library: PlotlyLibrary) => void} */ resolve, reject) => {
    const script = document.createElement("script");
    script.src = source;
    script.async = true;
    script.onload = () => resolve(/** @type {PlotlyLibrary} */ (window.Plotly));
    script.onerror = () => {
      window.Plotly = undefined; // Dash tries itself
      reject(new Error("plotly.js did not load"));
    };
    document.head.appendChild(script);
  });
  window.Plotly = loading;
  loading.catch(() => {});
}

/**
 * The library, once it is loaded.
 *
 * @returns {Promise<PlotlyLibrary>}
 */
export async function plotly() {
  const library = await window.Plotly;
  if (!library) throw new Error("plotly.js is not loaded");
  return library;
}

/**
 * The library on a page that has drawn something with it.
 *
 * @returns {PlotlyLibrary}
 */
export function loadedPlotly() {
  if (!window.Plotly || window.Plotly instanceof Promise) throw new Error("plotly.js is not loaded");
  return window.Plotly;
}
