// The runs that somebody chose: they stay chosen from page to page, as long as the tab is open.
window.synrl = window.synrl || {};

(() => {
  const KEY = "synrl-chosen";
  const MOST_COMPARED = 50;
  const listeners = new Set();
  let chosen = new Map(); // id -> name

  try {
    chosen = new Map(JSON.parse(sessionStorage.getItem(KEY) || "[]"));
  } catch (_) {
    // Nothing was kept, or storage is forbidden.
  }

  function changed() {
    try {
      sessionStorage.setItem(KEY, JSON.stringify([...chosen]));
    } catch (_) {
      // Storage is forbidden: the choice lasts as long as the page.
    }
    show();
    listeners.forEach((listener) => listener());
  }

  const comparison = () =>
    window.synrl.url(`/compare?runs=${[...chosen.keys()].slice(0, MOST_COMPARED).map(encodeURIComponent).join(",")}`);

  // Say in the header how many there are, and lead to their comparison.
  function show() {
    if (chosen.size) document.body.dataset.chosen = chosen.size;
    else delete document.body.dataset.chosen;
    if (!document.getElementById("nav-compare")) return;
    const children = chosen.size ? `Compare ${chosen.size}` : "Compare";
    window.dash_clientside.set_props("nav-compare", { href: comparison(), children });
  }

  window.synrl.chosen = {
    MOST_COMPARED,
    comparison,
    show,
    has: (id) => chosen.has(id),
    ids: () => [...chosen.keys()],
    name: (id) => chosen.get(id),
    get size() {
      return chosen.size;
    },

    set(runs, on) {
      for (const { id, name } of runs) {
        if (on) chosen.set(id, name);
        else chosen.delete(id);
      }
      changed();
    },

    clear() {
      chosen.clear();
      changed();
    },

    // Returns what ends the subscription.
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
})();
