// The page of all runs: the grid follows the feed of changes.
window.synrl = window.synrl || {};

(() => {
  const { Feed } = window.synrl;
  const GRID = "runs-grid";
  const RECENT = 100; // runs fetched when the feed opens: what changed between the page and the feed
  const PATIENCE = 1500; // ms without connection before the page says so
  // Width of the grid, in pixels, from which a column has room.
  const LEAST_WIDTH = {
    method: 1380,
    duration: 1210,
    network: 1100,
    dataset_name: 950,
    created_at: 850,
    validation_accuracy: 730,
    progress: 600,
    delete: 450,
  };
  const CLOCK = 10000; // ms between two looks at the clock, for ages and durations

  class RunsView {
    constructor() {
      this.grid = null;
      this.waiting = []; // changes that came before the grid
      this.feed = new Feed("/api/v1/runs/live", {
        message: (news) => this.take(news),
        state: (state) => this.connection(state),
      });
      this.clock = setInterval(() => this.refreshTimes(), CLOCK);
    }

    async mount() {
      const grid = await window.dash_ag_grid.getApiAsync(GRID);
      this.grid = grid;
      this.fit();
      this.resize = this.resize || new ResizeObserver(() => this.fit());
      this.resize.observe(document.getElementById(GRID));
      this.waiting.splice(0).forEach((news) => this.apply(news));
      this.count();
    }

    take(news) {
      if (this.grid) this.apply(news);
      else this.waiting.push(news);
    }

    apply({ runs = [], removed = [] }) {
      if (this.grid.isDestroyed && this.grid.isDestroyed()) return;
      const held = (run) => this.grid.getRowNode(run.id);
      const add = runs.filter((run) => !held(run)).sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
      this.grid.applyTransaction({
        update: runs.filter(held),
        remove: removed.map((id) => this.grid.getRowNode(id)).filter(Boolean).map((node) => node.data),
        add,
        addIndex: 0,
      });
      this.count();
    }

    // Turn the page's empty and full face, and say how many there are.
    count() {
      const page = document.getElementById("runs-page");
      if (!page) return;
      let total = 0;
      this.grid.forEachNode(() => (total += 1));
      page.dataset.empty = total ? "false" : "true";
      document.body.dataset.runs = total;
      const words = document.getElementById("runs-count");
      if (words) words.textContent = total ? window.synrl.format.count(total) : "";
    }

    // On a narrow screen only what matters most.
    fit() {
      const element = document.getElementById(GRID);
      if (!this.grid || !element || !element.clientWidth) return;
      for (const [column, least] of Object.entries(LEAST_WIDTH)) {
        this.grid.setColumnsVisible([column], element.clientWidth >= least);
      }
    }

    refreshTimes() {
      if (this.grid && document.getElementById("runs-page")) {
        this.grid.refreshCells({ columns: ["created_at", "duration"], force: true });
      }
    }

    connection(state) {
      document.body.dataset.connection = state;
      window.synrl.showConnection(state, PATIENCE);
      if (state === "open") this.fetchRecent();
    }

    async fetchRecent() {
      try {
        const response = await fetch(`/api/v1/runs?limit=${RECENT}`);
        if (response.ok) this.take({ runs: (await response.json()).items });
      } catch (_) {
        // The feed notices a lost server by itself.
      }
    }

    close() {
      this.feed.close();
      clearInterval(this.clock);
      if (this.resize) this.resize.disconnect();
      window.synrl.showConnection("open", 0);
      for (const key of ["runs", "connection"]) delete document.body.dataset[key];
    }
  }

  let view = null;

  Object.assign(window.synrl, {
    openRuns() {
      view = view || new RunsView();
    },

    closeRuns() {
      if (view) view.close();
      view = null;
    },

    mountRuns() {
      window.synrl.openRuns();
      view.mount();
      return window.dash_clientside.no_update;
    },
  });
})();
