// Marks the page in view in the header and moves the keyboard's focus to the content.
import { inside, pageLinks } from "./address.js";
import { byId } from "./dom.js";

let visited = false;

/**
 * Mark the link of the page in view; the page of a run belongs to the runs. After the first page, the focus moves to the
 * content, since the link that was followed may be far behind.
 *
 * @param {string} pathname
 */
export function markPage(pathname) {
  const place = pathname.replace(/^\/runs\/.*/, "/").replace(/(.)\/$/, "$1");
  for (const link of pageLinks()) {
    if (inside(new URL(link.href).pathname) === place) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (visited) byId("content").focus({ preventScroll: true });
  visited = true;
}
