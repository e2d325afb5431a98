// Downloads of the playground: figures, curves, the table, the scene as a file; and the scene as a run in the queue.
import { url } from "../core/address.js";
import { call, messageOf } from "../core/api.js";
import { download, downloadText } from "../core/download.js";
import { policyFile } from "./policy_file.js";
import { SaveMenu } from "./save_menu.js";
import { asPng, curvesCsv, curvesSvg, networkSvg, surfaceSvg } from "./saving.js";
import { wholeFrom0, withTapes } from "./stored.js";

/** @typedef {import("./page.js").Playground} Playground */

const FIGURES = ["Network", "Surface", "Curves"];

export class Downloads {
  /** @param {Playground} page */
  constructor(page) {
    this.page = page;
    this.menu = new SaveMenu([
      { words: "Curves (CSV)", act: () => this.saveCurves() },
      ...FIGURES.flatMap((figure) =>
        ["SVG", "PNG"].map((format) => ({
          words: `${figure} (${format})`,
          act: () => this.saveFigure(figure.toLowerCase(), format.toLowerCase()),
        })),
      ),
      { words: "As one HTML file, with its tape", act: () => this.saveFile(), online: true },
      { words: "As an ordinary run, queued", act: () => this.saveRun(), changes: true, online: true },
    ]);
  }

  saveCurves() {
    const { source, cursor } = this.page;
    if (source) downloadText(`${this.fileName("curves")}.csv`, "text/csv", "\ufeff", curvesCsv(source.tape, cursor));
  }

  /** @param {string} figure @param {string} format */
  async saveFigure(figure, format) {
    const svg = this.drawn(figure);
    if (!svg) return;
    const name = `${this.fileName(figure)}.${format}`;
    if (format === "png") download(name, await asPng(svg));
    else downloadText(name, "image/svg+xml", svg);
  }

  /** @param {string} figure @returns {string | null} */
  drawn(figure) {
    const { source, surface, network, curves, moment, cursor } = this.page;
    if (!source || !surface || !network) return null;
    if (figure === "network") return networkSvg(network);
    if (figure === "curves") return curvesSvg(curves, () => moment.drawCurves());
    return surfaceSvg(surface, source.tape.seek(cursor).weights);
  }

  /** Save the scene with the part of its tape that is here as a page that needs no server. */
  async saveFile() {
    const { source, second, details, form } = this.page;
    if (!source) return;
    try {
      const answer = await fetch(url("/assets/standalone/playground.html"));
      if (!answer.ok) throw new Error(`The server did not give the page for it (status ${answer.status}).`);
      const played = [{ source, details }, ...(second?.source ? [{ source: second.source }] : [])];
      const file = withTapes(await answer.text(), form, played, this.page.address(true).split("?")[1] ?? "");
      downloadText(`${this.fileName("scene")}.html`, "text/html", file);
      this.menu.say(`It holds iterations 0 to ${wholeFrom0(source.tape).toLocaleString("en")}.`);
    } catch (error) {
      this.menu.say(messageOf(error));
    }
  }

  /** Put an ordinary run of the same configuration into the queue. */
  async saveRun() {
    const { source } = this.page;
    if (!source) return;
    const { config, differs } = source.header.run;
    try {
      const run = await call("POST", "/api/v1/runs", { config, tags: ["playground"] });
      const without = differs.length ? ` It is without ${differs.join(", ")}: an ordinary run has none.` : "";
      this.menu.say(`It waits in the queue.${without}`, { words: "Open it", address: url(`/runs/${run.id}`) });
    } catch (error) {
      this.menu.say(messageOf(error));
    }
  }

  saveTable() {
    const { source, cursor } = this.page;
    if (!source) return;
    const { tape } = source;
    const acting = tape.acting(cursor + 1);
    const name = `${acting.name}-at-${cursor}`;
    const { table } = tape.seek(cursor);
    downloadText(`${name}.json`, "application/json", policyFile(table, tape.header.history, acting, name));
  }

  /** @param {string} content */
  fileName(content) {
    return `synrl-playground-${content}-at-${this.page.cursor}`;
  }
}
