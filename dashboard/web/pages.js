// Modules of each page, loaded when the page is first opened: nobody waits for those of others. The server tells a browser
// of them in the head of the page that it asks for (dashboard/modules.py). The page of the runs is part of the entry: its
// grid looks for functions before anything can be awaited.

import { inside } from "./core/address.js";
import { say } from "./core/news.js";

export const PAGES = {
  classroom: () => loaded(import("./classroom/page.js")),
  compare: () => loaded(import("./compare/page.js")),
  datasets: () => loaded(import("./data/page.js")),
  learn: () => loaded(import("./learn/list.js")),
  lesson: () => loaded(import("./learn/lesson.js")),
  newRun: () => loaded(import("./new_run/page.js")),
  paper: () => loaded(import("./paper/page.js")),
  playground: () => loaded(import("./playground/page.js")),
  policies: () => loaded(import("./policies/page.js")),
  run: () => loaded(import("./run/page.js")),
  settings: () => loaded(import("./people/tokens.js")),
};

/**
 * Modules of another version are gone after an upgrade of the server: a page that is still open is loaded anew then.
 *
 * @template Module
 * @param {Promise<Module>} loading
 * @returns {Promise<Module>}
 */
async function loaded(loading) {
  try {
    return await loading;
  } catch (error) {
    const [navigation] = performance.getEntriesByType("navigation");
    if (navigation instanceof PerformanceNavigationTiming && navigation.type === "reload") {
      say("This page could not be loaded. Reload it in a moment.");
    } else location.reload();
    throw error;
  }
}

/** @typedef {(pathname: string) => boolean} Matches */

/** @type {[Matches, () => Promise<unknown>][]} */
const BY_PATH = [
  [(path) => runOf(path) !== null, PAGES.run],
  [(path) => path === "/class", PAGES.classroom],
  [(path) => path === "/compare", PAGES.compare],
  [(path) => path === "/datasets", PAGES.datasets],
  [(path) => path === "/learn", PAGES.learn],
  [(path) => /^\/learn\/(?!teach)/.test(path), PAGES.lesson],
  [(path) => path === "/new", PAGES.newRun],
  [(path) => path === "/paper", PAGES.paper],
  [(path) => path === "/playground", PAGES.playground],
  [(path) => path === "/policies", PAGES.policies],
  [(path) => path === "/settings", PAGES.settings],
];

/**
 * The id of the run whose page a path is; null for other pages.
 *
 * @param {string} pathname
 */
export function runOf(pathname) {
  const found = /^\/runs\/([^/]+)\/?$/.exec(pathname);
  return found && decodeURIComponent(found[1]);
}

/**
 * Begin to load the modules of the page at a path, while its layout is fetched.
 *
 * @param {string} pathname
 */
export function loadPage(pathname) {
  const path = pathname.replace(/(.)\/$/, "$1");
  const found = BY_PATH.find(([matches]) => matches(path));
  if (found) found[1]().catch(() => {}); // the page fails with the same reason
}

/**
 * Begin to load a page when someone points at a link to it, or moves the keyboard there: a click follows soon. A preset
 * leads to the page of its run.
 */
export function watchIntentions() {
  for (const event of /** @type {const} */ (["pointerover", "focusin"])) {
    document.addEventListener(event, ({ target }) => {
      const found = target instanceof Element ? target.closest("a[href], .preset, .preset-item") : null;
      if (found instanceof HTMLAnchorElement && found.origin === location.origin) loadPage(inside(found.pathname));
      else if (found) PAGES.run().catch(() => {});
    });
  }
}
