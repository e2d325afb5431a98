// Reporter of node's test runner: how many lines of the modules the tests ran, a row for each folder. No threshold: what
// needs a page is tested in a browser.

const FOLDER = "dashboard/web/";

/** @typedef {{ totalLineCount: number, coveredLineCount: number }} Counts */
/** @typedef {{ files: (Counts & { path: string })[], totals: Counts }} Summary */
/** @typedef {{ files: number, lines: number, covered: number }} Sum */

/** @param {AsyncIterable<{ type: string, data: unknown }>} events */
export default async function* report(events) {
  for await (const { type, data } of events) {
    if (type === "test:coverage") yield table(/** @type {{ summary: Summary }} */ (data).summary);
  }
}

/** @param {Summary} summary */
function table({ files, totals }) {
  /** @type {Map<string, Sum>} */
  const folders = new Map();
  for (const { path, totalLineCount, coveredLineCount } of files) {
    const name = path.split(FOLDER)[1].split("/").slice(0, -1).join("/") || ".";
    const sum = folders.get(name) ?? { files: 0, lines: 0, covered: 0 };
    folders.set(name, {
      files: sum.files + 1,
      lines: sum.lines + totalLineCount,
      covered: sum.covered + coveredLineCount,
    });
  }
  const rows = [...folders].sort().map(([name, { files: count, lines, covered }]) => row(name, count, lines, covered));
  const all = row("modules that tests load", files.length, totals.totalLineCount, totals.coveredLineCount);
  return `\nLines of JavaScript that node's tests ran:\n${rows.join("")}${all}`;
}

/**
 * @param {string} name
 * @param {number} files
 * @param {number} lines
 * @param {number} covered
 */
function row(name, files, lines, covered) {
  const share = `${((100 * covered) / Math.max(1, lines)).toFixed(0)} %`;
  return `  ${name.padEnd(24)}${String(files).padStart(4)} files ${String(lines).padStart(6)} lines ${share.padStart(6)}\n`;
}
