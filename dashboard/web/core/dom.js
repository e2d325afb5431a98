// Elements and calls of the API, for what the scripts build themselves. Whatever comes from people goes onto the page
// as text, never as HTML.

export const UNREACHED = "The server can't be reached. Nothing was changed.";

// make("button", "button", "Keep it", { type: "button" }, child, ...)
export function make(tag, className, words, attributes = {}, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (words !== undefined && words !== null) element.textContent = words;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function button(className, words, pressed, attributes = {}) {
  const element = make("button", className, words, { type: "button", ...attributes });
  element.addEventListener("click", pressed);
  return element;
}

// A control with its name above it.
export function labelled(words, control) {
  return make("label", "labelled", undefined, { for: control.id }, make("span", "", words), control);
}

// Call the API; throws an Error whose message can be shown. `body` is sent as JSON unless `type` says what it is.
export async function call(method, path, body, type) {
  const json = body !== undefined && type === undefined && !(body instanceof FormData);
  const headers = json ? { "Content-Type": "application/json" } : type ? { "Content-Type": type } : {};
  const options = { method, headers, body: json ? JSON.stringify(body) : body };
  const response = await fetch(path, options).catch(() => null);
  if (!response) throw new Error(UNREACHED);
  const answer = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) throw new Error((answer && answer.detail) || `The server answered ${response.status}.`);
  return answer;
}

// A button that copies the link to what `address` returns, and says so; without TLS browsers keep pages from it.
export function copyLinkButton(address) {
  const words = "Copy link";
  const made = button("button-plain", words, async () => {
    const link = new URL(address(), location.href).href;
    const copied =
      navigator.clipboard &&
      (await navigator.clipboard.writeText(link).then(
        () => true,
        () => false,
      ));
    made.textContent = copied ? "Copied" : "Copy it from the address bar";
    setTimeout(() => (made.textContent = words), 2000);
  });
  return made;
}

// Open a menu at a button: arrows move in it; a choice, Escape and Tab leave it. `closed` is called then.
export function openMenu(menu, anchor, closed = () => {}) {
  const items = [...menu.querySelectorAll("[role=menuitem]")];
  menu.setAttribute("popover", "auto");
  menu.onclick = (event) => event.target.closest("[role=menuitem]") && menu.hidePopover();
  menu.onkeydown = (event) => {
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (event.key === "Tab") menu.hidePopover();
    if (to === undefined) return;
    event.preventDefault();
    items[(to + items.length) % items.length].focus();
  };
  menu.ontoggle = (event) => {
    if (event.newState !== "closed") return;
    anchor.setAttribute("aria-expanded", "false");
    // Where the keyboard was before, unless it went elsewhere.
    if (menu.contains(document.activeElement) || document.activeElement === document.body) backTo(anchor);
    closed();
  };
  menu.showPopover();
  anchor.setAttribute("aria-expanded", "true");
  place(menu, anchor.getBoundingClientRect());
  items[0].focus();
}

// Buttons within a grid are reached through their cell.
const backTo = (anchor) => anchor.isConnected && (anchor.closest(".ag-cell") || anchor).focus();

// Below a rectangle, or above where there is no room, and always within the window.
export function place(menu, at) {
  const { offsetWidth: width, offsetHeight: height } = menu;
  menu.style.left = `${Math.max(8, Math.min(at.right - width, innerWidth - width - 8))}px`;
  menu.style.top = `${at.bottom + height + 8 > innerHeight ? Math.max(8, at.top - height - 4) : at.bottom + 4}px`;
}

// Whether a key was meant for what somebody writes in.
export const writing = (target) =>
  target instanceof Element && target.closest("input, textarea, select, [contenteditable]");

// Whether who looks may change a run; the server says the same (Person.may_change).
export const mayChange = (run) => {
  const { role, person } = document.body.dataset;
  return role === "teacher" || (role === "student" && run.owner === person);
};

// Write a text where it differs. The elements have no children of React's, or one text that it does not change.
export function text(element, words) {
  const target = typeof element === "string" ? document.getElementById(element) : element;
  if (target && target.textContent !== words) target.textContent = words;
}
