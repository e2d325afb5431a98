// The bar that moves the cursor: buttons, speed, scrub bar, and what else acts on the scene as a whole.
import { button, copyLinkButton, make, text } from "../core/dom.js";

const SPEEDS = [1, 10, 100, Infinity];
const USUAL_SPEED = 100; // iterations a second
const LEAST_SCRUB = 100; // iterations that the scrub bar spans at least

/** What the bar does on the page.
 * @typedef {{toggle: () => void, step: (iterations: number) => void, reset: () => void, undo: () => void,
 *   newStart: () => void, go: (iteration: number) => void, address: (moment: boolean) => string}} Player */

export class Transport {
  /** @param {Player} player @param {HTMLElement} save the menu of what can be saved */
  constructor(player, save) {
    /** Iterations a second. */
    this.speed = USUAL_SPEED;
    this.play = button("button", "Play", () => player.toggle(), { title: "Space" });
    this.back = button("button-plain", "Back", () => player.step(-1), { title: "Left; ten with Shift" });
    this.reset = button("button-plain", "Reset", () => player.reset(), { title: "Home: the same start" });
    this.step = button("button-plain", "Step", () => player.step(1), { title: "Right; ten with Shift" });
    this.undo = button("button-plain for-server", "Undo", () => player.undo(), {
      title: "Ctrl+Z: take the last change back",
    });
    this.now = make("p", "playground-now");
    this.speeds = this.speedField();
    this.scrub = make("input", "playground-scrub", undefined, {
      type: "range",
      min: "0",
      max: String(LEAST_SCRUB),
      value: "0",
      "aria-label": "Iteration",
    });
    this.scrub.addEventListener("input", () => player.go(Number(this.scrub.value)));
    const copying = copyLinkButton(() => player.address(true));
    copying.classList.add("for-server");
    const newStart = button("button-plain for-server", "New start", () => player.newStart(), {
      title: "The next seed",
      "data-control": "start",
    });
    this.element = make("div", "playground-transport", undefined, { role: "toolbar", "aria-label": "Play" });
    this.element.append(this.reset, this.back, this.play, this.step, this.speeds, this.scrub, this.now);
    this.element.append(this.undo, newStart, save, copying);
  }

  speedField() {
    const field = make("select", "", undefined, {
      id: "playground-speed",
      "aria-label": "Speed, iterations a second",
      "data-control": "speed",
    });
    for (const one of SPEEDS) {
      const words = one === Infinity ? "as fast as it goes" : `${one} a second`;
      field.append(make("option", "", words, { value: String(one) }));
    }
    field.value = String(this.speed);
    field.addEventListener("change", () => {
      this.speed = Number(field.value);
    });
    return field;
  }

  /** Take the next speed, or the one before. @param {number} by */
  faster(by) {
    const place = Math.max(0, Math.min(SPEEDS.length - 1, SPEEDS.indexOf(this.speed) + by));
    this.speed = SPEEDS[place];
    this.speeds.value = String(this.speed);
  }

  /** @param {boolean} playing */
  showPlaying(playing) {
    text(this.play, playing ? "Pause" : "Play");
  }

  /** @param {boolean} possible */
  showUndo(possible) {
    this.disable(this.undo, !possible);
  }

  /** @param {boolean} held whether the cursor may not move @param {number} cursor */
  hold(held, cursor) {
    for (const one of [this.play, this.step, this.reset, this.scrub]) one.toggleAttribute("disabled", held);
    this.showBack(held, cursor);
  }

  /** @param {boolean} held @param {number} cursor */
  showBack(held, cursor) {
    this.disable(this.back, held || cursor === 0);
  }

  /** Disable a button; the focus, if it was there, goes to the next one that can be pressed and is not lost.
   * @param {HTMLButtonElement} one @param {boolean} off */
  disable(one, off) {
    const lost = off && document.activeElement === one;
    one.toggleAttribute("disabled", off);
    if (lost) (this.step.disabled ? this.speeds : this.step).focus();
  }

  /** Show the iteration and how far the tape reaches. @param {number} cursor @param {number} reach iteration */
  showReach(cursor, reach) {
    this.scrub.max = String(Math.max(LEAST_SCRUB, reach));
    this.scrub.value = String(cursor);
  }
}
