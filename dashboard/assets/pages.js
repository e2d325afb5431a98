// Which page is in view, and what all pages share. Callbacks of Dash call these functions by name.
window.synrl = window.synrl || {};

(() => {
  const synrl = window.synrl;
  let patience = null;

  // A sign-in can end while a page is open. Then the page is loaded again, which leads to the page to sign in with.
  const ask = window.fetch.bind(window);
  window.fetch = async (resource, options) => {
    const response = await ask(typeof resource === "string" ? synrl.url(resource) : resource, options);
    if (response.status !== 401) return response;
    location.reload();
    return new Promise(() => {}); // nobody needs the answer: the page is leaving
  };

  Object.assign(synrl, {
    // Called with the address whenever it changes: the feed of the page to come opens while its layout is fetched.
    route(address) {
      const pathname = synrl.inside(address || "/");
      document.getElementById("person-name").textContent = document.body.dataset.person || "";
      synrl.markPage(pathname || "/");
      synrl.chosen.show();
      const run = /^\/runs\/([^/]+)\/?$/.exec(pathname || "");
      if (run) synrl.openRun(decodeURIComponent(run[1]));
      else synrl.closeRun();
      if (pathname === "/") synrl.openRuns();
      else synrl.closeRuns();
      return window.dash_clientside.no_update;
    },

    // Mark the link of the page in view; the page of a run belongs to the runs. After the first page, what has the
    // keyboard moves to the content, since the link that was followed may be far behind.
    markPage(pathname) {
      const place = pathname.replace(/^\/runs\/.*/, "/").replace(/(.)\/$/, "$1");
      for (const link of document.querySelectorAll(".top .nav")) {
        if (synrl.inside(new URL(link.href).pathname) === place) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      }
      if (synrl.visited) document.getElementById("content").focus({ preventScroll: true });
      synrl.visited = true;
    },

    // Load Plotly before the first graph asks for it: the first point of a run should not wait for it. Dash awaits
    // window.Plotly where it is set, so a promise keeps it from loading the library a second time.
    loadPlotly() {
      if (window.Plotly || !window._dashPlotlyJSURL) return;
      window.Plotly = new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = window._dashPlotlyJSURL;
        script.async = true;
        script.onload = () => resolve(window.Plotly);
        script.onerror = () => {
          window.Plotly = undefined; // Dash tries itself
          reject(new Error("plotly.js did not load"));
        };
        document.head.appendChild(script);
      });
      window.Plotly.catch(() => {});
    },

    // The address of something on this server, which a proxy may show under a path of its own.
    url(path) {
      const root = document.body.dataset.root || "";
      return root && path.startsWith("/") && !path.startsWith(`${root}/`) ? root + path : path;
    },

    // The other way round: the address as the pages name it.
    inside(pathname) {
      const root = document.body.dataset.root || "";
      return root && pathname.startsWith(`${root}/`) ? pathname.slice(root.length) : pathname;
    },

    // Open a page as a link would. Setting the address through Dash would bring back the one that it knows where a page
    // has written its state into the address.
    navigate(path) {
      history.pushState({}, "", synrl.url(path));
      window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
      window.scrollTo(0, 0);
    },

    // The header's link to a page, if there is such a page.
    pageAt: (path) => [...document.querySelectorAll(".top .nav")].find((link) => synrl.inside(new URL(link.href).pathname) === path),

    // Say that the connection is lost once it has been for a while, and take it back when it is there again.
    showConnection(state, wait) {
      const lost = state === "lost" || (state === "connecting" && document.body.classList.contains("lost"));
      if (lost) {
        patience = patience || setTimeout(() => document.body.classList.add("lost"), wait);
        return;
      }
      clearTimeout(patience);
      patience = null;
      document.body.classList.remove("lost");
    },

  });

  // An explanation closes with Escape, and when somebody clicks elsewhere or opens another one.
  function closeExplanations(except) {
    document.querySelectorAll("details.explain[open]").forEach((one) => one !== except && one.removeAttribute("open"));
  }
  document.addEventListener("click", (event) => closeExplanations(event.target.closest("details.explain")));
  document.addEventListener("keydown", (event) => event.key === "Escape" && closeExplanations());

  // Dash looks for clientside functions here.
  window.dash_clientside = Object.assign(window.dash_clientside || {}, { synrl });
})();
