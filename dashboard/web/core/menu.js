// Menus that open at a button.

/**
 * Open a menu at a button: arrows move in it; a choice, Escape and Tab close it.
 *
 * @param {HTMLElement} menu
 * @param {HTMLElement} anchor
 * @param {() => void} [closed] called when it is closed
 */
export function openMenu(menu, anchor, closed = () => {}) {
  const items = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll("[role=menuitem]")]);
  menu.setAttribute("popover", "auto");
  menu.onclick = ({ target }) => {
    if (target instanceof Element && target.closest("[role=menuitem]")) menu.hidePopover();
  };
  menu.onkeydown = (event) => {
    const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    /** @type {Record<string, number>} */
    const places = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
    const to = places[event.key];
    if (event.key === "Tab") menu.hidePopover();
    if (to === undefined) return;
    event.preventDefault();
    items[(to + items.length) % items.length].focus();
  };
  menu.ontoggle = (event) => {
    if (event.newState !== "closed") return;
    anchor.setAttribute("aria-expanded", "false");
    // The focus goes back to where it was before, unless it went elsewhere.
    if (menu.contains(document.activeElement) || document.activeElement === document.body) focusAgain(anchor);
    closed();
  };
  menu.showPopover();
  anchor.setAttribute("aria-expanded", "true");
  place(menu, anchor.getBoundingClientRect());
  items[0].focus();
}

/**
 * Buttons within a grid are reached through their cell.
 *
 * @param {HTMLElement} anchor
 */
function focusAgain(anchor) {
  const cell = /** @type {HTMLElement | null} */ (anchor.closest(".ag-cell"));
  if (anchor.isConnected) (cell ?? anchor).focus();
}

/**
 * Place an element below a rectangle, or above it where there is no room, and always within the window.
 *
 * @param {HTMLElement} element
 * @param {DOMRect} at
 */
export function place(element, at) {
  const { offsetWidth: width, offsetHeight: height } = element;
  const top = at.bottom + height + 8 > innerHeight ? Math.max(8, at.top - height - 4) : at.bottom + 4;
  element.style.left = `${Math.max(8, Math.min(at.right - width, innerWidth - width - 8))}px`;
  element.style.top = `${top}px`;
}
