// Rules of the modules that neither TypeScript nor Biome has: each file is typed, and no page runs text as code.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const FOLDERS = ["../../dashboard/web/", "../../dashboard/assets/", "./"];

/** @type {{ promise: string, banned: RegExp, except?: RegExp }[]} */
const RULES = [
  { promise: "every file is typed", banned: /@ts-(nocheck|ignore|expect-error)/, except: /rules\.test\.js$/ },
  { promise: "no rule of Biome is switched off", banned: /biome-ignore/, except: /rules\.test\.js$/ },
  {
    promise: "no text becomes code or HTML",
    banned: /\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write/,
    except: /rules\.test\.js$/,
  },
  { promise: "no figure needs WebGL, which the content security policy forbids", banned: /scattergl/, except: /rules/ },
  {
    promise: "elements are looked up by the ids of the server's pages, which core/dom.js types",
    banned: /\.getElementById\(/,
    except: /core\/dom\.js$|charts\/save\.js$|rules\.test\.js$/,
  },
  {
    promise: "no module defines a global, but the two that Dash and its grid look for",
    banned: /\b(window|globalThis|self)\.\w+ \??\??=[^=]|defineProperty\((window|globalThis)/,
    except: /core\/(dash|session)\.js$|charts\/plotly\.js$|runs\/grid\.js$|rules\.test\.js$/,
  },
];

/** JavaScript files below a folder, by their paths in it. @param {string} folder */
function filesOf(folder) {
  const root = fileURLToPath(new URL(folder, import.meta.url));
  const names = readdirSync(root, { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => name.endsWith(".js"))
    .map((name) => ({ name, text: readFileSync(root + name, "utf8") }));
}

const files = FOLDERS.flatMap(filesOf);

for (const { promise, banned, except } of RULES) {
  test(promise, () => {
    assert.ok(files.length > 50);
    const red = files.filter(({ name, text }) => !except?.test(name) && banned.test(text));
    assert.deepEqual(
      red.map(({ name, text }) => `${name}: ${banned.exec(text)?.[0]}`),
      [],
    );
  });
}

/** Folders that every page may import; core imports none of the others. */
const SHARED = ["core", "charts", "tape"];
/** Folders of pages that are played within others: a lesson holds a playground. @type {Record<string, string[]>} */
const WITHIN = { learn: ["playground"] };

test("a page imports core, charts, tapes and its own folder, not another page", () => {
  const red = [];
  for (const { name, text } of filesOf("../../dashboard/web/")) {
    const folder = name.includes("/") ? name.split("/")[0] : "";
    if (folder === "") continue; // the entry
    const allowed = folder === "core" ? ["core"] : [folder, ...SHARED, ...(WITHIN[folder] ?? [])];
    for (const [, path] of text.matchAll(/^(?:import|export)\b[^;"]*"(\.[^"]+)"/gm)) {
      const target = new URL(path, `file:///${name}`).pathname.slice(1).split("/");
      if (!allowed.includes(target[0])) red.push(`${name}: ${path}`);
    }
  }
  assert.deepEqual(red, []);
});
