// Elements and calls of the API, for what the scripts build themselves. Whatever comes from people goes onto the page
// as text, never as HTML.
window.synrl = window.synrl || {};

(() => {
  const UNREACHED = "The server can't be reached. Nothing was changed.";

  // make("button", "button", "Keep it", { type: "button" }, child, ...)
  function make(tag, className, words, attributes = {}, ...children) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (words !== undefined && words !== null) element.textContent = words;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  function button(className, words, pressed, attributes = {}) {
    const element = make("button", className, words, { type: "button", ...attributes });
    element.addEventListener("click", pressed);
    return element;
  }

  // A control with its name above it.
  function labelled(words, control) {
    return make("label", "labelled", undefined, { for: control.id }, make("span", "", words), control);
  }

  // Call the API; throws an Error whose message can be shown. `body` is sent as JSON unless `type` says what it is.
  async function call(method, path, body, type) {
    const json = body !== undefined && type === undefined && !(body instanceof FormData);
    const headers = json ? { "Content-Type": "application/json" } : type ? { "Content-Type": type } : {};
    const options = { method, headers, body: json ? JSON.stringify(body) : body };
    const response = await fetch(path, options).catch(() => null);
    if (!response) throw new Error(UNREACHED);
    const answer = response.status === 204 ? null : await response.json().catch(() => null);
    if (!response.ok) throw new Error((answer && answer.detail) || `The server answered ${response.status}.`);
    return answer;
  }

  // Whether a key was meant for what somebody writes in.
  const writing = (target) => target instanceof Element && target.closest("input, textarea, select, [contenteditable]");

  window.synrl.dom = { make, button, labelled, call, writing };
})();
