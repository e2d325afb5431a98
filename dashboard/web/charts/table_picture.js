// @ts-nocheck
// A table of the page as a picture: grounds, frames, lamps and words where the browser has put them, in its colours.
import { colour } from "../core/theme.js";

const SVG = "http://www.w3.org/2000/svg";
const EDGE = 8; // px around the table

function draw(tag, attributes, words) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (words !== undefined) element.textContent = words;
  return element;
}

// How a colour looks on the ground of the page, as programs for drawing know it: theirs are opaque and in hexadecimal.
function flattener() {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const ground = colour("canvas");
  return (shade) => {
    for (const fill of [ground, shade]) {
      pen.fillStyle = fill;
      pen.fillRect(0, 0, 1, 1);
    }
    const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
    return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  };
}

// Words of a text node, line by line as the browser has broken them: [words, rectangle].
function lines(node) {
  const range = document.createRange();
  const found = [];
  for (const { 0: word, index } of node.data.matchAll(/\S+/g)) {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    const place = range.getBoundingClientRect();
    const line = found.at(-1);
    if (line && Math.abs(line.top - place.top) < 2) {
      line.words += ` ${word}`;
      line.right = place.right;
    } else found.push({ words: word, top: place.top, bottom: place.bottom, left: place.left, right: place.right });
  }
  return found;
}

const ANCHORS = { center: "middle", right: "end", end: "end" };

class Picture {
  constructor(table) {
    this.table = table;
    this.flat = flattener();
    const { left, top, width, height } = table.getBoundingClientRect();
    this.origin = { x: left - EDGE, y: top - EDGE };
    this.width = Math.ceil(width + 2 * EDGE);
    this.height = Math.ceil(height + 2 * EDGE);
    this.svg = draw("svg", {
      xmlns: SVG,
      width: this.width,
      height: this.height,
      viewBox: `0 0 ${this.width} ${this.height}`,
    });
    this.svg.append(draw("rect", { width: "100%", height: "100%", fill: colour("canvas") }));
    table.querySelectorAll("th, td").forEach((cell) => this.cell(cell));
    table.querySelectorAll(".lamp").forEach((lamp) => this.lamp(lamp));
    this.words();
  }

  place(element) {
    const { left, top, width, height } = element.getBoundingClientRect();
    return { x: left - this.origin.x, y: top - this.origin.y, width, height };
  }

  cell(cell) {
    const style = getComputedStyle(cell);
    const fill = this.flat(style.backgroundColor);
    const framed = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    const frame = framed
      ? { stroke: this.flat(style.outlineColor), "stroke-width": parseFloat(style.outlineWidth) }
      : {};
    this.svg.append(draw("rect", { ...this.place(cell), rx: parseFloat(style.borderRadius) || 0, fill, ...frame }));
  }

  // Filled: +1, empty: -1, dotted: none yet.
  lamp(lamp) {
    const style = getComputedStyle(lamp);
    const { x, y, width } = this.place(lamp);
    const line = parseFloat(style.borderTopWidth);
    const dots = style.borderTopStyle === "dotted" ? { "stroke-dasharray": `${line} ${line}` } : {};
    const [fill, stroke] = [this.flat(style.backgroundColor), this.flat(style.borderTopColor)];
    const circle = { cx: x + width / 2, cy: y + width / 2, r: (width - line) / 2 };
    this.svg.append(draw("circle", { ...circle, fill, stroke, "stroke-width": line, ...dots }));
  }

  words() {
    const walker = document.createTreeWalker(this.table, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement;
      if (!parent.closest(".visually-hidden")) lines(walker.currentNode).forEach((line) => this.write(line, parent));
    }
  }

  write({ words, top, bottom, left, right }, parent) {
    const style = getComputedStyle(parent);
    const anchor = ANCHORS[style.textAlign] || "start";
    const cut = parent.scrollWidth > parent.clientWidth && style.textOverflow === "ellipsis";
    const shown = cut
      ? `${words.slice(0, Math.floor((words.length * parent.clientWidth) / parent.scrollWidth) - 1)}…`
      : words;
    const [from, to] = cut
      ? [parent.getBoundingClientRect().left, parent.getBoundingClientRect().right]
      : [left, right];
    const x = { start: from, middle: (from + to) / 2, end: to }[anchor] - this.origin.x;
    const size = parseFloat(style.fontSize);
    this.svg.append(
      draw(
        "text",
        {
          x,
          y: (top + bottom) / 2 - this.origin.y + 0.36 * size,
          fill: this.flat(style.color),
          "font-family": style.fontFamily,
          "font-size": size,
          "font-weight": style.fontWeight,
          "text-anchor": anchor,
        },
        shown,
      ),
    );
  }
}

// What stays in view when a table is scrolled is where it belongs only at the top.
function picture(table) {
  const frame = table.parentElement;
  const { scrollTop, scrollLeft } = frame;
  frame.scrollTo(0, 0);
  const drawn = new Picture(table);
  frame.scrollTo(scrollLeft, scrollTop);
  return drawn;
}

const text = ({ svg }) => new XMLSerializer().serializeToString(svg);

export const tableAsSvg = (table) => text(picture(table));

// Resolves to the address of a PNG with so many pixels for each of the screen.
export async function tableAsPng(table, scale) {
  const drawn = picture(table);
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(text(drawn))}`;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), {
    width: scale * drawn.width,
    height: scale * drawn.height,
  });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}
