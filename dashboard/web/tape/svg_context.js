// A drawing context that writes SVG: what a figure draws on a canvas can be saved as vectors. It knows the part of the
// canvas's interface that the playground's figures use.

/** What figures draw on. @typedef {CanvasRenderingContext2D | SvgContext} Context */

export class SvgContext {
  /** @param {number} width @param {number} height */
  constructor(width, height) {
    this.width = width;
    this.height = height;
    /** @type {string[]} */
    this.parts = [];
    this.path = "";
    this.strokeStyle = "#000";
    this.fillStyle = "#000";
    this.lineWidth = 1;
    this.font = "12px sans-serif";
    this.textAlign = "left";
    /** @type {number[]} */
    this.dash = [];
  }

  beginPath() {
    this.path = "";
  }

  /** @param {number} x @param {number} y */
  moveTo(x, y) {
    this.path += `M${short(x)} ${short(y)}`;
  }

  /** As on a canvas, the first one moves. @param {number} x @param {number} y */
  lineTo(x, y) {
    this.path += `${this.path ? "L" : "M"}${short(x)} ${short(y)}`;
  }

  /** A whole circle. @param {number} x @param {number} y @param {number} r @param {number[]} _angles */
  arc(x, y, r, ..._angles) {
    this.path += `M${short(x - r)} ${short(y)}a${short(r)} ${short(r)} 0 1 0 ${short(2 * r)} 0a${short(r)} ${short(r)} 0 1 0 ${short(-2 * r)} 0`;
  }

  closePath() {
    this.path += "Z";
  }

  /** @param {number[]} dash */
  setLineDash(dash) {
    this.dash = dash;
  }

  stroke() {
    if (!this.path) return;
    const dash = this.dash.length ? ` stroke-dasharray="${this.dash.join(" ")}"` : "";
    this.parts.push(
      `<path d="${this.path}" fill="none" stroke="${this.strokeStyle}" stroke-width="${short(this.lineWidth)}"${dash}/>`,
    );
  }

  fill() {
    if (this.path) this.parts.push(`<path d="${this.path}" fill="${this.fillStyle}"/>`);
  }

  /** @param {number[]} _box */
  clearRect(..._box) {
    this.parts = [];
  }

  /** @param {string} words @param {number} x @param {number} y */
  fillText(words, x, y) {
    const anchor = { left: "start", right: "end", center: "middle" }[this.textAlign] ?? "start";
    const size = /[\d.]+px/.exec(this.font)?.[0] ?? "12px";
    this.parts.push(
      `<text x="${short(x)}" y="${short(y)}" font-family="sans-serif" font-size="${size}" fill="${this.fillStyle}" text-anchor="${anchor}">${escaped(words)}</text>`,
    );
  }

  /** A picture under all else. @param {string} address data: */
  ground(address) {
    this.parts.unshift(
      `<image href="${address}" width="${this.width}" height="${this.height}" preserveAspectRatio="none"/>`,
    );
  }

  /** @param {string} colour of the ground @returns {string} */
  svg(colour) {
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" width="${this.width}" height="${this.height}" ` +
      `viewBox="0 0 ${this.width} ${this.height}"><rect width="100%" height="100%" fill="${colour}"/>` +
      `${this.parts.join("\n")}</svg>\n`
    );
  }
}

/** @param {number} value */
function short(value) {
  return Number(value.toFixed(2));
}

/** @param {string} words */
export function escaped(words) {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
