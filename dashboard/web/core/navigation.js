// Marks the page in view in the header and moves the keyboard's focus to the content.
import { inside } from "./address.js";

let visited = false;

// Mark the link of the page in view; the page of a run belongs to the runs. After the first page, what has the
// keyboard moves to the content, since the link that was followed may be far behind.
export function markPage(pathname) {
  const place = pathname.replace(/^\/runs\/.*/, "/").replace(/(.)\/$/, "$1");
  for (const link of document.querySelectorAll(".top .nav")) {
    if (inside(new URL(link.href).pathname) === place) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (visited) document.getElementById("content").focus({ preventScroll: true });
  visited = true;
}
