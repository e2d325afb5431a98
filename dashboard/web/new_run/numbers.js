// @ts-check
// Numbers and layers as people write them, as synrl_core/number_parsing.py reads them; tests/written_numbers.json holds both
// to one table. What is not read stays text: the server refuses it, in its words.

const GAP = "[ \u00a0\u2009\u202f'\u2019]"; // between thousands: 20 000, 20'000
/** @param {string} source */
const pattern = (source) => new RegExp(`^[-+]?${source}$`, "i");

const PLAIN = pattern("\\d{1,40}");
const POWER = pattern("\\d+e\\+?\\d{1,2}");
const GAPS = pattern(`\\d{1,3}(${GAP}\\d{3})+`);
const COMMAS = pattern("[1-9]\\d{0,2}(,\\d{3})+");
const POINTS = pattern("[1-9]\\d{0,2}(\\.\\d{3})+");
const NUMBER = pattern("(\\d+\\.?\\d*|\\.\\d+)(e[-+]?\\d{1,4})?");
const DECIMAL_COMMA = pattern("\\d*,\\d+(e[-+]?\\d{1,4})?");
const BOTH = [
  pattern("[1-9]\\d{0,2}(,\\d{3})+\\.\\d+"),
  pattern("[1-9]\\d{0,2}(\\.\\d{3})+,\\d+"),
  pattern(`\\d{1,3}(${GAP}\\d{3})+[.,]\\d+`),
];

/** @param {string} text */
const withoutMarks = (text) => text.replace(new RegExp(`[.,]|${GAP}`, "g"), "");

/**
 * Digits and minus signs of any script as ASCII.
 * @param {string} text
 */
function plain(text) {
  const ascii = [...text.replaceAll("\u2212", "-")].map((sign) => {
    if (!/^\p{Nd}$/u.test(sign)) return sign;
    // The ten digits of a script follow each other.
    const code = sign.codePointAt(0) || 0;
    let zero = code;
    while (/^\p{Nd}$/u.test(String.fromCodePoint(zero - 1)) && code - zero < 9) zero -= 1;
    return String(code - zero);
  });
  return ascii.join("").trim();
}

/**
 * The whole number that a text is; null if it is none, or two.
 * @param {string} text
 * @returns {number | null}
 */
export function wholeNumber(text) {
  const number = plain(text);
  if (PLAIN.test(number) || POWER.test(number)) return Number(number);
  return GAPS.test(number) || COMMAS.test(number) ? Number(withoutMarks(number)) : null;
}

/**
 * The number that a text is; null if it is none, or two.
 * @param {string} text
 * @returns {number | null}
 */
export function decimalNumber(text) {
  const number = plain(text);
  if (number.endsWith("%")) {
    const percent = decimalNumber(number.slice(0, -1));
    return percent === null ? null : percent / 100;
  }
  if (POINTS.test(number) && number.endsWith(".000")) return null;
  if (NUMBER.test(number)) return Number(number);
  if (COMMAS.test(number) && number.split(",").length === 2) return null;
  if (COMMAS.test(number) || GAPS.test(number)) return Number(withoutMarks(number));
  if (DECIMAL_COMMA.test(number)) return Number(number.replace(",", "."));
  const decimals = /[.,](\d+)$/.exec(number);
  if (!decimals || !BOTH.some((both) => both.test(number))) return null;
  return Number(`${withoutMarks(number.slice(0, decimals.index))}.${decimals[1]}`);
}

/**
 * The units of each hidden layer of one network; null if the text is none.
 * @param {string} text
 * @returns {(number | null)[] | null}
 */
export function layers(text) {
  let inside = plain(text);
  if (/^(\(.*\)|\[.*\])$/s.test(inside)) inside = inside.slice(1, -1).trim().replace(/,$/, "");
  if (["", "none", "0"].includes(inside.toLowerCase())) return [];
  const parts = inside.split(/\s*(?:->|[-–—→x×,])\s*|\s+/);
  const read = parts.map((part) => (/^0\d+$/.test(part) ? null : wholeNumber(part)));
  return read.includes(null) ? null : read;
}
