// Addresses of this server, which a proxy may show under a path of its own.

export function url(path) {
  const root = document.body.dataset.root || "";
  return root && path.startsWith("/") && !path.startsWith(`${root}/`) ? root + path : path;
}

// The other way round: the address as the pages name it.
export function inside(pathname) {
  const root = document.body.dataset.root || "";
  return root && pathname.startsWith(`${root}/`) ? pathname.slice(root.length) : pathname;
}

// Open a page as a link would. Setting the address through Dash would bring back the one that it knows where a page
// has written its state into the address.
export function navigate(path) {
  history.pushState({}, "", url(path));
  window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  window.scrollTo(0, 0);
}

// The header's link to a page, if there is such a page.
export function pageAt(path) {
  return [...document.querySelectorAll(".top .nav")].find((link) => inside(new URL(link.href).pathname) === path);
}
