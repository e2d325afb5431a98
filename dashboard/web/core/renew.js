// Renews a part of the page to look like a tree built anew: what is the same stays, with its focus, scroll and state.
// Listeners belong on the place around it, since those of the new tree's elements are not taken over.

/**
 * Make the children of a place like those given.
 *
 * @param {Element} place
 * @param {(Node | string)[]} children
 */
export function renew(place, ...children) {
  const wanted = children.map((child) => (typeof child === "string" ? document.createTextNode(child) : child));
  renewChildren(place, wanted);
}

/** @param {Node} place @param {Node[]} wanted */
function renewChildren(place, wanted) {
  wanted.forEach((child, position) => {
    const found = place.childNodes[position];
    const later = found && isKeyed(child) ? laterMatch(found, child) : null;
    if (later && later !== found) place.insertBefore(later, found);
    const now = place.childNodes[position];
    if (!now) place.appendChild(child);
    else if (!isAlike(now, child)) place.replaceChild(child, now);
    else renewNode(now, child);
  });
  while (place.childNodes.length > wanted.length) place.lastChild?.remove();
}

/** @param {Node} node @returns {node is Element} */
const isElement = (node) => node.nodeType === 1;

/** @param {Node} node */
const keyOf = (node) => (isElement(node) ? node.getAttribute("data-key") : null);

/** @param {Node} node */
const isKeyed = (node) => keyOf(node) !== null;

/**
 * The element with the same key, from a place on.
 *
 * @param {Node} from @param {Node} wanted
 */
function laterMatch(from, wanted) {
  /** @type {Node | null} */
  let node = from;
  while (node) {
    if (isAlike(node, wanted)) return node;
    node = node.nextSibling;
  }
  return null;
}

/** @param {Node} one @param {Node} other */
function isAlike(one, other) {
  return one.nodeType === other.nodeType && one.nodeName === other.nodeName && keyOf(one) === keyOf(other);
}

/** @param {Node} now @param {Node} wanted */
function renewNode(now, wanted) {
  if (!isElement(now) || !isElement(wanted)) {
    if (now.nodeValue !== wanted.nodeValue) now.nodeValue = wanted.nodeValue;
    return;
  }
  if (now.hasAttribute("data-kept")) return;
  for (const { name } of [...now.attributes]) if (!wanted.hasAttribute(name)) now.removeAttribute(name);
  for (const { name, value } of wanted.attributes) if (now.getAttribute(name) !== value) now.setAttribute(name, value);
  renewChildren(now, [...wanted.childNodes]);
}
