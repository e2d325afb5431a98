// Loads plotly.js before the first graph asks for it: the first point of a run should not wait for it.

// Dash awaits window.Plotly where it is set, so a promise keeps it from loading the library a second time.
export function loadPlotly() {
  if (window.Plotly || !window._dashPlotlyJSURL) return;
  window.Plotly = new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = window._dashPlotlyJSURL;
    script.async = true;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      window.Plotly = undefined; // Dash tries itself
      reject(new Error("plotly.js did not load"));
    };
    document.head.appendChild(script);
  });
  window.Plotly.catch(() => {});
}
