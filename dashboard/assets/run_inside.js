// What is inside a network at one moment: now, or a stored snapshot. A slider chooses the moment, a click on a weight
// the synapse, and the table shows what all synapses do.
window.synrl = window.synrl || {};

(() => {
  const { format } = window.synrl;
  const { make, button, call, writing } = window.synrl.dom;
  const text = (element, words) => window.synrl.text(element, words);
  const KEPT_LOOKS = 40;
  const PLAY_PAUSE = 180; // ms that a snapshot is shown while they are played
  const PLAY_STEPS = 120; // a long run is played in so many steps
  const STORED_AFTER = 1000; // ms from a snapshot's iteration until it is asked for
  const SYNAPSE_PAUSE = 500; // ms between two looks at a synapse while a run trains
  const ALIKE = 1e-6; // probabilities so close are said to be the same
  const CODES = [
    { word: "down", sign: "▼", value: -1 },
    { word: "stay", sign: "●", value: 0 },
    { word: "up", sign: "▲", value: 1 },
  ];

  window.synrl.RunInside = class RunInside {
    constructor(view) {
      this.view = view;
      this.time = new Time(view, this);
      this.synapse = document.getElementById("synapse") ? new Synapse(view, this) : null;
      this.policy = document.getElementById("policy") ? new PolicyTable(document.getElementById("policy")) : null;
      const page = document.getElementById("run-page");
      this.pictures = page.dataset.pictures === "true";
      this.layers = document.querySelectorAll("#weights-layer input[type=radio]").length || 99;
      this.cells = document.getElementById("weights-cells");
      this.keys = (event) => this.moveSelection(event);
      this.cells.addEventListener("keydown", this.keys);
      const { offer } = window.synrl;
      this.offered = [offer("weights", () => this.rowsOfWeights()), offer("policy", () => this.policy && this.policy.rows())];
      view.plot("weights").showWeights(0, this.layers, this.pictures);
    }

    close() {
      this.time.close();
      this.offered.forEach((end) => end());
      if (this.synapse) this.synapse.close();
      this.cells.removeEventListener("keydown", this.keys);
    }

    // The heatmap is there: a click on it chooses a synapse.
    ready(plot) {
      if (plot.name !== "weights") return;
      plot.element.on("plotly_click", ({ points }) => {
        const chosen = plot.synapseAt(points[0]);
        if (chosen) this.select(chosen);
      });
    }

    take(frame, changed) {
      if (frame.reset || (frame.run && frame.run.status !== "running")) this.time.renew();
      if (changed.has("weights")) this.show();
    }

    say() {
      this.time.say();
      if (!this.said) this.show();
    }

    showWeights(layer, pictures, change) {
      this.pictures = pictures;
      this.view.data.showsChange = change;
      this.view.plot("weights").showWeights(layer, this.layers, pictures);
      if (change) this.time.learnStart();
      this.show();
    }

    // For CSV: every synapse of the layer in view, whether drawn as picture or matrix. As coarse as it is drawn: 127
    // steps from zero to the layer's largest weight.
    rowsOfWeights() {
      const { data } = this.view;
      const { layer } = this.view.plot("weights");
      const cells = data.cells && data.cells.layer(layer);
      if (!cells) return null;
      const { iteration } = data.look;
      const row = (unit, input, value) => [iteration, layer + 1, unit + 1, input, Number(value.toPrecision(4))];
      const of = (weights, unit) => [row(unit, "bias", cells.biases[unit][0]), ...Array.from(weights, (value, input) => row(unit, input + 1, value))];
      return [["iteration", "layer", "unit", "input", data.showsChange ? "change" : "weight"], ...cells.weights.flatMap(of)];
    }

    select(synapse) {
      this.view.plot("weights").select(synapse);
      if (this.synapse) this.synapse.select(synapse);
    }

    // Say and show the look that is in view now: somebody chose another, or a newer one came.
    show() {
      const { data } = this.view;
      const { look } = data;
      if (!look) return;
      this.said = true;
      document.body.dataset.moment = look.iteration;
      const at = `at iteration ${format.count(look.iteration)}`;
      const whose = data.run && data.run.config.replicates > 1 ? `, replicate ${look.replicate + 1}` : "";
      text("weights-now", at);
      const cells = data.cells;
      const what = data.showsChange ? "Change of the weights since the start" : "Weights";
      text(
        "weights-alternative",
        cells
          ? `${what} ${at}${whose}, ${look.coded.length} layers; the largest is ${format.number(cells.largest)} in size.`
          : "The weights at the start are being fetched.",
      );
      if (this.policy && look.policy) {
        this.policy.show(look.policy);
        text("policy-now", at);
      }
      if (this.synapse) this.synapse.renew();
      this.time.say();
    }

    // -- the keyboard on the heatmap

    moveSelection(event) {
      if (writing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      const plot = this.view.plot("weights");
      const cells = this.view.data.look && this.view.data.look.layer(plot.layer);
      if (!cells) return;
      const chosen = plot.selected && plot.selected.layer === plot.layer ? plot.selected : null;
      const next = chosen ? moved(event.key, chosen, cells, plot.mosaic) : start(event.key, plot.layer);
      if (!next) return;
      event.preventDefault();
      this.select(next);
    }
  };

  const KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Enter", " "];

  function start(key, layer) {
    return KEYS.includes(key) ? { layer, input: 1, unit: 0 } : null;
  }

  // The synapse beside another, in the picture or in the matrix; where there is none, the same.
  function moved(key, { layer, input, unit }, cells, mosaic) {
    const across = mosaic ? mosaic.width : 0;
    const steps = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: mosaic ? [-across, 0] : [0, -1],
      ArrowDown: mosaic ? [across, 0] : [0, 1],
      PageUp: [0, -1],
      PageDown: [0, 1],
    };
    if (!steps[key]) return null;
    const [inputs, units] = steps[key];
    const least = mosaic ? 1 : 0;
    const most = cells.weights[0].length;
    return {
      layer,
      input: input + inputs < least || input + inputs > most ? input : input + inputs,
      unit: Math.min(Math.max(unit + units, 0), cells.weights.length - 1),
    };
  }

  // -- the moment in view

  class Time {
    constructor(view, inside) {
      this.view = view;
      this.inside = inside;
      this.snapshots = []; // iterations, ascending
      this.looks = new Map();
      this.wanted = null;
      this.timer = null;
      this.build();
      this.renew();
    }

    close() {
      clearTimeout(this.timer);
      clearTimeout(this.renewTimer);
      this.closed = true;
      this.view.data.past = this.view.data.first = null;
    }

    build() {
      this.slider = make("input", "", undefined, { type: "range", id: "time-slider", min: "0", max: "0", step: "1", "aria-label": "Moment in view" });
      this.slider.addEventListener("input", () => {
        this.stop();
        this.go(Number(this.slider.value));
      });
      const icon = (name) => make("span", `glyph glyph-${name}`);
      const small = (id, name, words, pressed) => {
        const made = button("icon-button", undefined, pressed, { id, "aria-label": words, title: words });
        made.append(icon(name));
        return made;
      };
      this.back = small("time-back", "back", "Snapshot before", () => this.step(-1));
      this.play = small("time-play", "play", "Play the snapshots", () => this.togglePlay());
      this.forth = small("time-forth", "forth", "Snapshot after", () => this.step(1));
      this.words = make("span", "now time-words", "", { id: "time-words" });
      this.now = button("toggle", "Live", () => this.goLive(), { id: "time-live", "aria-pressed": "true" });
      const parts = [this.back, this.play, this.forth, this.slider, this.words, this.now];
      document.getElementById("time").replaceChildren(...parts);
    }

    // Whose weights; made once the run is known.
    buildReplicates(count) {
      if (this.replicates || count < 2) return;
      this.replicates = make("select", "field small-field", undefined, { id: "replicate", "aria-label": "Replicate" });
      for (let i = 0; i < count; i++) this.replicates.append(new Option(`Replicate ${i + 1}`, String(i)));
      this.replicates.addEventListener("change", () => this.choose(Number(this.replicates.value)));
      document.getElementById("time").prepend(this.replicates);
    }

    choose(replicate) {
      this.looks.clear();
      this.view.data.first = null;
      this.view.choose(replicate);
      if (this.view.data.showsChange) this.learnStart();
      if (this.view.data.past) this.look(this.view.data.past.iteration);
      if (this.inside.synapse) this.inside.synapse.renew();
    }

    // Ask which snapshots there are, or which are new; one question at a time.
    async renew(anew = true) {
      if (anew) this.snapshots = [];
      clearTimeout(this.renewTimer);
      const after = this.snapshots.length ? this.snapshots.at(-1) + 1 : 0;
      const asked = (this.renewTimer = setTimeout(() => {}, 0));
      const listed = await call("GET", `${this.view.api}/snapshots?from_iteration=${after}`).catch(() => null);
      if (this.closed || asked !== this.renewTimer) return;
      this.renewTimer = null;
      if (listed) this.snapshots.push(...listed.map((snapshot) => snapshot.iteration));
      this.say();
      const { data } = this.view;
      // Of a large network the other replicates are seen in stored snapshots alone.
      if (!data.live && this.snapshots.length && data.run && data.run.config.replicates > 1) this.lookLive();
      this.view.parts.forEach((part) => part.stored && part.stored());
    }

    // The newest snapshot in place of the live look.
    async lookLive() {
      const look = await this.fetch(this.snapshots.at(-1));
      if (this.closed || !look || this.view.data.live) return;
      this.view.data.live = look;
      this.view.redraw(new Set(["weights"]));
      this.inside.show();
    }

    // While the run trains: ask again once another snapshot is due.
    follow(run) {
      const last = this.snapshots.length ? this.snapshots.at(-1) : -1;
      const due = Math.floor(run.iteration / run.config.snapshot_every) * run.config.snapshot_every;
      const open = document.body.dataset.connection === "open";
      if (!open || run.status !== "running" || due <= last || this.renewTimer) return;
      this.renewTimer = setTimeout(() => this.renew(false), STORED_AFTER);
    }

    // Place on the slider that stands for now: the last snapshot's where that is what there is now, else one beyond.
    get nowPlace() {
      const { live } = this.view.data;
      const stored = live && this.snapshots.at(-1) === live.iteration;
      return Math.max(0, this.snapshots.length - (stored ? 1 : 0));
    }

    // Where somebody wants to be, which may still be on its way.
    get place() {
      const wanted = this.wanted === null ? -1 : this.snapshots.indexOf(this.wanted);
      return wanted < 0 ? this.nowPlace : wanted;
    }

    say() {
      const { data } = this.view;
      if (!data.run) return;
      this.buildReplicates(data.run.config.replicates);
      this.follow(data.run);
      const { nowPlace, place } = this;
      if (this.slider.max !== String(nowPlace)) this.slider.max = String(nowPlace);
      if (this.slider.value !== String(place)) this.slider.value = String(place);
      const running = data.run.status === "running";
      const words = data.past
        ? `iteration ${format.count(data.past.iteration)}`
        : running
          ? "now"
          : data.look
            ? `iteration ${format.count(data.look.iteration)}, the last`
            : "nothing stored yet";
      text(this.words, words);
      this.slider.setAttribute("aria-valuetext", words);
      text(this.now, running ? "Live" : "Last");
      this.now.setAttribute("aria-pressed", String(!data.past));
      this.back.disabled = place === 0;
      this.forth.disabled = place >= nowPlace;
      this.play.disabled = nowPlace < 1;
      this.offerExact();
    }

    // The exact weights of the snapshot in view, or of the last one before it.
    offerExact() {
      const { data, api } = this.view;
      const shown = data.look ? data.look.iteration : Infinity;
      const stored = this.snapshots.findLast((iteration) => iteration <= shown);
      const link = document.getElementById("weights-exact");
      link.hidden = stored === undefined;
      if (link.hidden) return;
      link.href = `${api}/snapshots/${stored}?format=npz`;
      text(link, `NPZ, exact, of iteration ${format.count(stored)}`);
    }

    step(by) {
      this.stop();
      this.go(this.place + by);
    }

    go(place) {
      if (place >= this.nowPlace) this.goLive();
      else this.look(this.snapshots[Math.max(place, 0)]);
    }

    goLive() {
      this.stop();
      this.wanted = null;
      this.view.data.past = null;
      this.changed();
    }

    // Show a stored snapshot; of several that were wanted one after the other, the last.
    async look(iteration) {
      this.wanted = iteration;
      const look = await this.fetch(iteration);
      if (this.closed || this.wanted !== iteration) return;
      if (look) {
        this.view.data.past = look;
        this.changed();
        return;
      }
      this.wanted = this.view.data.past ? this.view.data.past.iteration : null;
      text(this.words, `iteration ${format.count(iteration)} can't be read`);
    }

    changed() {
      this.view.redraw(new Set(["weights", "metrics", "shares"]));
      this.inside.show();
      this.say();
      this.view.parts.forEach((part) => part.moment && part.moment());
    }

    async fetch(iteration) {
      const replicate = this.view.replicate;
      if (this.looks.has(iteration)) return this.looks.get(iteration);
      const query = `replicate=${replicate}`;
      const synaptic = this.inside.policy !== null;
      const [weights, policy] = await Promise.all([
        call("GET", `${this.view.api}/snapshots/${iteration}?${query}`).catch(() => null),
        synaptic ? call("GET", `${this.view.api}/policy?iteration=${iteration}&${query}`).catch(() => null) : null,
      ]);
      if (!weights || replicate !== this.view.replicate) return null;
      const look = new window.synrl.Look(weights, policy);
      this.looks.set(iteration, look);
      if (this.looks.size > KEPT_LOOKS) this.looks.delete(this.looks.keys().next().value);
      return look;
    }

    async learnStart() {
      const { data } = this.view;
      if (data.first) return;
      const first = await this.fetch(0);
      if (this.closed || !first) return;
      data.first = first;
      this.view.redraw(new Set(["weights"]));
      this.inside.show();
    }

    // -- played

    get playing() {
      return this.timer !== null;
    }

    togglePlay() {
      if (this.playing) this.stop();
      else this.playFrom(this.place >= this.nowPlace ? 0 : this.place);
    }

    // Show one snapshot after the other, then what is now.
    playFrom(place) {
      const stride = Math.max(1, Math.ceil(this.snapshots.length / PLAY_STEPS));
      const show = async (at) => {
        const begun = performance.now();
        if (at >= this.nowPlace) {
          this.goLive();
          return;
        }
        await this.look(this.snapshots[at]);
        if (this.closed || !this.playing) return;
        this.timer = setTimeout(() => show(at + stride), Math.max(0, PLAY_PAUSE - (performance.now() - begun)));
      };
      this.timer = setTimeout(() => show(place), 0);
      this.sayPlaying();
    }

    stop() {
      clearTimeout(this.timer);
      this.timer = null;
      this.sayPlaying();
    }

    sayPlaying() {
      const words = this.playing ? "Pause" : "Play the snapshots";
      this.play.firstChild.className = `glyph glyph-${this.playing ? "pause" : "play"}`;
      this.play.setAttribute("aria-label", words);
      this.play.title = words;
    }
  }

  // -- one synapse

  class Synapse {
    constructor(view, inside) {
      this.view = view;
      this.inside = inside;
      this.place = document.getElementById("synapse");
      this.chosen = null;
      this.shown = null;
      this.asked = 0;
      this.place.replaceChildren(make("p", "quiet", "Click a cell of the weights, or focus them and press an arrow key."));
    }

    close() {
      clearTimeout(this.timer);
      this.closed = true;
    }

    select(chosen) {
      this.chosen = chosen;
      this.look();
    }

    // There is a newer look, or another moment: at most so often.
    renew() {
      if (!this.chosen || this.timer) return;
      const pause = Math.max(0, SYNAPSE_PAUSE - (performance.now() - (this.lookedAt || 0)));
      this.timer = setTimeout(() => {
        this.timer = null;
        this.look();
      }, this.view.data.past ? 0 : pause);
    }

    async look() {
      const { layer, input, unit } = this.chosen;
      const { past } = this.view.data;
      const asked = ++this.asked;
      this.lookedAt = performance.now();
      const query = `replicate=${this.view.replicate}${past ? `&iteration=${past.iteration}` : ""}`;
      try {
        const seen = await call("GET", `${this.view.api}/synapses/${layer}/${input}/${unit}?${query}`);
        if (!this.closed && asked === this.asked) this.show(seen);
      } catch (error) {
        if (!this.closed && asked === this.asked) this.place.replaceChildren(make("p", "quiet", error.message));
      }
    }

    show(seen) {
      this.shown = seen;
      const moment = `at iteration ${format.count(seen.iteration)}`;
      text("synapse-now", moment);
      const { run } = this.view.data;
      const parts = [
        make("h3", "synapse-name", this.name(seen, run), { role: "status" }),
        make("dl", "facts", undefined, {}, ...weightFacts(seen)),
      ];
      if (seen.state) parts.push(this.history(seen), this.row(seen, run));
      this.place.replaceChildren(...parts);
      if (this.inside.policy) this.inside.policy.mark(seen.state);
    }

    name({ layer, input, unit }, run) {
      const shape = run.sample_shape;
      const to = layer === run.config.hidden_layers.length ? `output ${unit + 1}` : `unit ${unit + 1}`;
      if (input === 0) return `Bias of ${to}${layer ? ` in layer ${layer + 1}` : ""}`;
      if (layer > 0) return `Unit ${input} of layer ${layer} to ${to}`;
      if (shape.length !== 2) return `Input ${input} to ${to}`;
      return `Pixel in row ${Math.floor((input - 1) / shape[1]) + 1}, column ${((input - 1) % shape[1]) + 1} to ${to}`;
    }

    history(seen) {
      const acted = make("span", "signs", undefined, {}, ...seen.actions.map((action) => sign(action)));
      const rewarded = make("span", "signs", undefined, {}, ...seen.rewards.map((reward) => lamp(reward)));
      return make(
        "dl",
        "facts",
        undefined,
        {},
        fact("Last actions", acted, seen.actions.map((action) => CODES[action + 1].word).join(", then ")),
        fact("Last rewards", rewarded, seen.rewards.map(rewardWord).join(", then ")),
      );
    }

    // Its row of the table: a bar for each action's value, and what it does with it. Where actions are drawn the bars
    // are chances: of values that are logarithms the shortest bar would be the likeliest action's.
    row(seen, run) {
      const shown = seen.temperature ? seen.probabilities : seen.values;
      const [least, most] = [Math.min(...shown, 0), Math.max(...shown, 0)];
      const span = most - least || 1;
      const lines = CODES.map(({ word, value }, code) => {
        const bar = make("span", `value-bar bar-${word}`);
        bar.style.left = `${(100 * (Math.min(shown[code], 0) - least)) / span}%`;
        bar.style.width = `${Math.max(1, (100 * Math.abs(shown[code])) / span)}%`;
        const chosen = seen.next_action === value;
        const line = make(
          "tr",
          chosen ? "chosen" : "",
          undefined,
          {},
          make("th", "", undefined, { scope: "row" }, sign(value), make("span", "", word)),
          make("td", "value-cell", undefined, {}, make("span", "value-track", undefined, {}, bar)),
          make("td", "number", short(seen.values[code])),
          make("td", "number", format.percent(seen.probabilities[code])),
          make("td", "number", format.count(seen.visits[code])),
        );
        return line;
      });
      const head = ["", "", "value", "chance", "times"].map((words) => make("th", "", words, { scope: "col" }));
      const table = make("table", "row-table", undefined, {}, make("thead", "", undefined, {}, make("tr", "", undefined, {}, ...head)), make("tbody", "", undefined, {}, ...lines));
      return make("div", "", undefined, {}, make("h3", "", "Its row of the table"), table, make("p", "caption", this.next(seen, run)));
    }

    next(seen, run) {
      const likely = seen.probabilities[seen.next_action + 1];
      const over = format.isFinal(run.status) && !this.view.data.past;
      const step = ({ word, value }) => (value === 0 ? "stays where it is" : `moves ${word} by ${short(seen.next_step)}`);
      if (seen.temperature) {
        const alike = CODES.filter((_, code) => likely - seen.probabilities[code] < ALIKE);
        const chance = `${whole(likely)}${alike.length > 1 ? " each" : ""}`;
        return `${over ? "If it went on, it would draw" : "Next it draws"} its action: most likely it ${alike.map(step).join(" or ")} (${chance}).`;
      }
      const move = `${over ? "If it went on, it" : "Next it"} ${step(CODES[seen.next_action + 1])}`;
      return likely < 1 ? `${move}, with a chance of ${format.percent(likely)}; else it explores.` : `${move}: nothing is left to chance.`;
    }
  }

  function weightFacts(seen) {
    const facts = [fact("Weight", make("strong", "", signed(seen.weight)))];
    if (seen.first_weight !== null && seen.first_weight !== undefined) {
      facts.push(fact("At the start", signed(seen.first_weight)), fact("Change", signed(seen.weight - seen.first_weight)));
    }
    return facts;
  }

  function fact(term, ...values) {
    return make("div", "", undefined, {}, make("dt", "", term), make("dd", "", undefined, {}, ...values.map(spaced)));
  }

  const spaced = (value) => (typeof value === "string" ? make("span", "", value) : value);
  const signed = (value) => `${value < 0 ? "−" : value > 0 ? "+" : ""}${Math.abs(value).toFixed(4)}`;
  const short = (value) => (value === null ? "–" : String(Number(value.toPrecision(3))).replace("-", "−"));
  // A probability as a whole per cent; what can happen is never 0 %, what need not never 100 %.
  function whole(share) {
    if (share > 0 && share < 0.005) return "<1\u00a0%";
    if (share < 1 && share >= 0.995) return ">99\u00a0%";
    return `${Math.round(100 * share)}\u00a0%`;
  }

  const rewardWord = (reward) => (reward > 0 ? "+1" : reward < 0 ? "−1" : "none yet");

  // An action as a sign in its colour; words stand beside it.
  function sign(action) {
    const { word, sign: shape } = CODES[action + 1];
    return make("span", `sign sign-${word}`, shape, { "aria-hidden": "true" });
  }

  function lamp(reward) {
    return make("span", "lamp", undefined, { "data-on": String(reward > 0), "data-none": String(reward === 0), "aria-hidden": "true" });
  }

  // -- the table of all synapses: a row for each sequence of last actions, a column for each of last rewards

  class PolicyTable {
    constructor(place) {
      this.place = place;
      this.history = null;
      this.marked = null;
      this.shows = "table";
    }

    // For CSV: every state of the table in view.
    rows() {
      if (!this.policy) return null;
      const { history } = this.policy;
      const ago = (what) => Array.from({ length: history }, (_, i) => `${what} ${history - i} ago`);
      const each = (what) => CODES.map(({ word }) => `${what} of ${word}`);
      const head = [...ago("action"), ...ago("reward"), "action now", ...each("value"), ...each("probability"), "times used"];
      const rows = [...this.cells.keys()].map((state) => {
        const { acted, rewarded, values, chances, greedy, visits } = this.at(state);
        const actions = digits(acted, history).map((code) => CODES[code].word);
        const rewards = digits(rewarded, history).map((code) => code - 1);
        return [...actions, ...rewards, CODES[greedy].word, ...values, ...chances.map((chance) => Number(chance.toPrecision(4))), visits];
      });
      return [head, ...rows];
    }

    // Above 0 the table in view is of a policy that draws its actions.
    get temperature() {
      return (this.shows === "bias_table" ? this.policy.bias_temperature : this.policy.temperature) || 0;
    }

    // What stands in the table for a state.
    at(state) {
      const { policy } = this;
      const table = this.shows === "bias_table" ? policy.bias_table : policy.table;
      const states = 3 ** policy.history;
      const [acted, rewarded] = state.split(" ").map(Number);
      const of = (list) => [0, 1, 2].map((action) => list[(action * states + acted) * states + rewarded]);
      const values = of(table);
      const visits = of(policy.visits).reduce((sum, count) => sum + count, 0);
      return { acted, rewarded, values, chances: actionChances(values, this.temperature), greedy: values.indexOf(Math.max(...values)), visits };
    }

    show(policy) {
      this.policy = policy;
      if (this.history !== policy.history || Boolean(policy.bias_table) !== this.hasBiases) this.build(policy);
      const places = new Map([...this.cells.keys()].map((state) => [state, this.at(state)]));
      const most = Math.max(1, ...[...places.values()].map(({ visits }) => visits));
      const draws = this.temperature > 0;
      this.table.dataset.draws = String(draws);
      text(this.table.caption, `What a synapse ${draws ? "most likely does, and how likely," : "does"} after its last actions (rows) and the last rewards (columns), oldest first, and how often synapses were there.`);
      for (const [state, cell] of this.cells) {
        const { acted, rewarded, values, chances, greedy, visits } = places.get(state);
        const { word, sign: shape } = CODES[greedy];
        if (cell.dataset.action !== word) cell.dataset.action = word;
        const [signed, chance, used] = cell.children;
        text(signed, shape);
        text(chance, draws ? whole(chances[greedy]) : "");
        text(used, compact(visits));
        cell.style.setProperty("--share", (visits / most).toFixed(3));
        const said = draws ? describeDraw(chances) : describeChoice(values);
        cell.setAttribute("aria-label", `${describeState(acted, rewarded, policy.history)}: ${said} Used ${format.count(visits)} times.`);
      }
      if (this.focused) this.explain(this.focused);
    }

    build(policy) {
      const { history } = policy;
      this.history = history;
      this.hasBiases = Boolean(policy.bias_table);
      this.cells = new Map();
      const columns = sequences(history, [0, 2]);
      const rows = sequences(history, [0, 1, 2]);
      const head = make("tr", "", undefined, {}, make("th", "corner", "last actions ↓\nrewards →", { scope: "col" }));
      columns.forEach((codes) => head.append(make("th", "", undefined, { scope: "col", "aria-label": `rewards ${codes.map((code) => rewardWord(code - 1)).join(", ")}` }, ...codes.map((code) => lamp(code - 1)))));
      const body = rows.map((codes) => {
        const words = codes.map((code) => CODES[code].word).join(", ");
        const line = make("tr", "", undefined, {}, make("th", "signs", undefined, { scope: "row", "aria-label": `actions ${words}` }, ...codes.map((code) => sign(code - 1))));
        columns.forEach((rewards) => line.append(this.cell(number(codes), number(rewards))));
        return line;
      });
      const table = (this.table = make("table", "policy-table", undefined, {}, make("caption", "visually-hidden"), make("thead", "", undefined, {}, head), make("tbody", "", undefined, {}, ...body)));
      this.detail = make("p", "caption policy-detail", "Point at a cell, or move to it with the arrow keys, to see all three actions.", { role: "status" });
      const frame = make("div", "policy-frame", undefined, {}, table);
      const choice = this.hasBiases ? [this.choice()] : [];
      this.place.replaceChildren(...choice, frame, this.detail);
      table.addEventListener("keydown", (event) => this.move(event));
      const first = this.cells.values().next().value;
      first.tabIndex = 0;
    }

    choice() {
      const select = make("select", "field small-field", undefined, { "aria-label": "Whose table" });
      select.append(new Option("Table of the weights", "table"), new Option("Table of the biases", "bias_table"));
      select.value = this.shows;
      select.addEventListener("change", () => {
        this.shows = select.value;
        this.show(this.policy);
      });
      return select;
    }

    cell(acted, rewarded) {
      const made = make("td", "policy-cell", undefined, { tabindex: "-1" }, make("span", "sign", "", { "aria-hidden": "true" }), make("span", "chance", "", { "aria-hidden": "true" }), make("span", "visits", "", { "aria-hidden": "true" }));
      const state = `${acted} ${rewarded}`;
      made.dataset.state = state;
      const look = () => this.explain(state);
      made.addEventListener("mouseenter", look);
      made.addEventListener("focus", look);
      this.cells.set(state, made);
      return made;
    }

    explain(state) {
      this.focused = state;
      text(this.detail, this.cells.get(state).getAttribute("aria-label"));
    }

    // Arrow keys go from cell to cell.
    move(event) {
      const cell = event.target.closest(".policy-cell");
      const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
      if (!cell || !steps[event.key]) return;
      event.preventDefault();
      const [down, right] = steps[event.key];
      const row = cell.parentElement;
      const line = down ? (down > 0 ? row.nextElementSibling : row.previousElementSibling) : row;
      const next = line && line.children[cell.cellIndex + right];
      if (!next || !next.classList.contains("policy-cell")) return;
      cell.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    }

    // Frame the place of the synapse that is looked at.
    mark(state) {
      if (!this.cells) return;
      if (this.marked) this.marked.removeAttribute("data-mine");
      this.marked = state ? this.cells.get(`${state[0]} ${state[1]}`) : null;
      if (this.marked) this.marked.setAttribute("data-mine", "true");
    }
  }

  // All sequences of so many codes, in the order of their numbers.
  function sequences(length, codes) {
    if (!length) return [[]];
    return codes.flatMap((code) => sequences(length - 1, codes).map((rest) => [code, ...rest]));
  }

  const number = (codes) => codes.reduce((sum, code) => 3 * sum + code, 0);
  const digits = (value, length) => Array.from({ length }, (_, i) => Math.floor(value / 3 ** (length - 1 - i)) % 3);

  // How likely each action is by the table, before exploration: synrl_core.policy.action_probabilities.
  function actionChances(values, temperature) {
    const best = Math.max(...values);
    if (!temperature) return values.map((_, code) => Number(code === values.indexOf(best)));
    const powers = values.map((value) => Math.exp((value - best) / temperature));
    const sum = powers.reduce((total, power) => total + power, 0);
    return powers.map((power) => power / sum);
  }

  function describeState(acted, rewarded, history) {
    const actions = digits(acted, history).map((code) => CODES[code].word).join(", ");
    const rewards = digits(rewarded, history).map((code) => rewardWord(code - 1)).join(", ");
    return `After ${actions} and rewards ${rewards}`;
  }

  function describeChoice(values) {
    const greedy = CODES[values.indexOf(Math.max(...values))].word;
    return `${greedy}. Values: ${CODES.map(({ word }, code) => `${word} ${short(values[code])}`).join(", ")}.`;
  }

  // The likeliest first.
  function describeDraw(chances) {
    const order = CODES.map((_, code) => code).sort((a, b) => chances[b] - chances[a]);
    return `${order.map((code) => `${CODES[code].word} ${whole(chances[code])}`).join(", ")}.`;
  }

  const UNITS = [
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ];

  function compact(count) {
    for (const [size, unit] of UNITS) if (count >= size) return `${Number((count / size).toPrecision(2))} ${unit}`;
    return String(count);
  }
})();
