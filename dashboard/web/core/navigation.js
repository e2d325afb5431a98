// Marks the page in view in the header and moves the keyboard's focus to the content.
import { inside, navigate, pageLinks, url } from "./address.js";
import { byId, make } from "./dom.js";

let visited = false;

/**
 * Mark the link of the page in view; the page of a run belongs to the runs, that of a
 * lesson to the lessons. After the first page, the focus moves to the
 * content, since the link that was followed may be far behind.
 *
 * @param {string} pathname
 */
export function markPage(pathname) {
  const place = pathname
    .replace(/^\/runs\/.*/, "/")
    .replace(/^\/learn\/.*/, "/learn")
    .replace(/(.)\/$/, "$1");
  for (const link of pageLinks()) {
    if (inside(new URL(link.href).pathname) === place) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (visited) byId("content").focus({ preventScroll: true });
  visited = true;
}

/**
 * A link to a page of ours, which opens without loading everything anew.
 *
 * @param {string} path
 * @param {string} className
 * @param {string} words
 */
export function pageLink(path, className, words) {
  const link = make("a", className, words, { href: url(path), title: words });
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return; // another tab or window
    event.preventDefault();
    navigate(path);
  });
  return link;
}
