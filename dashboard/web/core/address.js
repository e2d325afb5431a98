// Addresses of this server, which a proxy may show under a path of its own.

/**
 * The address of a path of the pages or the API, as the browser asks for it.
 *
 * @param {string} path
 */
export function url(path) {
  const root = document.body.dataset.root || "";
  return root && path.startsWith("/") && !path.startsWith(`${root}/`) ? root + path : path;
}

/**
 * The other way round: the path of an address, as the pages name it.
 *
 * @param {string} pathname
 */
export function inside(pathname) {
  const root = document.body.dataset.root || "";
  return root && pathname.startsWith(`${root}/`) ? pathname.slice(root.length) : pathname;
}

/** Whether this page was opened under an address that other devices cannot use. */
export const isOwnAddress = () => /^(localhost|127\.|\[::1\])/.test(location.hostname);

/**
 * Open a page as a link would. Setting the address through Dash would bring back the one that it knows where a page has
 * written its state into the address.
 *
 * @param {string} path
 */
export function navigate(path) {
  history.pushState({}, "", url(path));
  window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  window.scrollTo(0, 0);
}

/**
 * The links of the header to pages.
 *
 * @returns {HTMLAnchorElement[]}
 */
export function pageLinks() {
  return [...document.querySelectorAll(/** @type {"a"} */ (".top a.nav"))];
}

/**
 * Whether the header links to a page.
 *
 * @param {string} path
 */
export function hasPage(path) {
  return pageLinks().some((link) => inside(new URL(link.href).pathname) === path);
}
