// Embeds the pages' typeface in a drawing: a program that opens the file elsewhere has no such font.

const FAMILY = "Inter";

/** @typedef {{ source: string, ranges: [number, number][] }} Face a font file, and the characters it is for */

/**
 * Characters of a `unicode-range`; empty for all.
 *
 * @param {string} range such as "U+100-2BA, U+2C7"
 * @returns {[number, number][]}
 */
export function rangesOf(range) {
  return range
    .split(",")
    .map((part) => part.trim().replace(/^U\+/i, ""))
    .filter(Boolean)
    .map((part) => part.split("-").map((code) => Number.parseInt(code, 16)))
    .map(([first, last = first]) => [first, last]);
}

/**
 * Whether a text has characters that a face is for.
 *
 * @param {string} words
 * @param {[number, number][]} ranges
 */
export function isNeeded(words, ranges) {
  if (!ranges.length) return true;
  return [...words].some((letter) => {
    const code = letter.codePointAt(0) ?? 0;
    return ranges.some(([first, last]) => code >= first && code <= last);
  });
}

/** @returns {Face[]} the faces of the pages' typeface in their style sheets */
function faces() {
  const rules = [...document.styleSheets].flatMap((sheet) =>
    [...sheet.cssRules].map((rule) => ({ rule, base: sheet.href ?? document.baseURI })),
  );
  return rules.flatMap(({ rule, base }) => {
    if (!(rule instanceof CSSFontFaceRule)) return [];
    const { style } = rule;
    const path = /url\("?([^")]+)"?\)/.exec(style.getPropertyValue("src"))?.[1];
    if (!path || style.getPropertyValue("font-family").replaceAll('"', "") !== FAMILY) return [];
    const ranges = rangesOf(style.getPropertyValue("unicode-range"));
    return [{ source: new URL(path, base).href, ranges: ranges.some(([first]) => first === 0) ? [] : ranges }];
  });
}

/** @type {Map<string, Promise<string>>} files as data URLs */
const files = new Map();

/**
 * @param {string} source address of a font file
 * @returns {Promise<string>}
 */
function dataUrl(source) {
  const known = files.get(source);
  if (known) return known;
  const reading = fetch(source)
    .then((response) => response.blob())
    .then(
      (blob) =>
        new Promise((/** @type {(url: string) => void} */ resolve, reject) => {
          const reader = new FileReader();
          reader.onload = () => resolve(String(reader.result).replace(/^data:[^;,]*/, "data:font/woff2"));
          reader.onerror = () => reject(reader.error);
          reader.readAsDataURL(blob);
        }),
    );
  reading.catch(() => files.delete(source));
  files.set(source, reading);
  return reading;
}

/**
 * An SVG with the fonts that its words need; without them where they can't be read.
 *
 * @param {string} svg
 */
export async function withTypeface(svg) {
  try {
    const needed = faces().filter(({ ranges }) => isNeeded(svg, ranges));
    const rules = await Promise.all(
      needed.map(async ({ source }) => {
        const url = await dataUrl(source);
        return `@font-face{font-family:${FAMILY};font-weight:100 900;src:url(${url})}`;
      }),
    );
    return svg.replace(/<svg[^>]*>/, (start) => `${start}<style>${rules.join("")}</style>`);
  } catch {
    return svg;
  }
}
