// The banner that says that the connection to the server is lost.

let patience = null;

// Say that the connection is lost once it has been for a while, and take it back when it is there again.
export function showConnection(state, wait) {
  const lost = state === "lost" || (state === "connecting" && document.body.classList.contains("lost"));
  if (lost) {
    patience = patience || setTimeout(() => document.body.classList.add("lost"), wait);
    return;
  }
  clearTimeout(patience);
  patience = null;
  document.body.classList.remove("lost");
}
