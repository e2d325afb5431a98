// The banner that says that the connection to the server is lost.

/** @typedef {"connecting" | "open" | "lost" | "gone"} ConnectionState */

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/**
 * Show the banner once the connection has been lost for a while; hide it when the connection is there again.
 *
 * @param {ConnectionState} state
 * @param {number} wait milliseconds
 */
export function showConnection(state, wait) {
  const lost = state === "lost" || (state === "connecting" && document.body.classList.contains("lost"));
  if (lost) {
    timer ??= setTimeout(() => document.body.classList.add("lost"), wait);
    return;
  }
  clearTimeout(timer);
  timer = undefined;
  document.body.classList.remove("lost");
}
