// Slow motion: one iteration in five beats, each lit up in the network and in the inspector, by hand or by itself.

const BEATS = 5;
const BEAT_MS = 1250;

/** What slow motion needs of the page.
 * @typedef {{root: HTMLElement, cursor: number, playing: boolean, toggle: () => void,
 *   go: (iteration: number) => void, tell: (act: string) => void, writeAddress: () => void,
 *   loop: {wake: () => void}, inspector: {slow: HTMLElement}}} Player */

export class SlowMotion {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    /** Part of the decision that is lit, 1 to 5; 0: none, all are shown alike. */
    this.beat = 0;
    /** Time at which the next beat follows by itself, in milliseconds; 0: it is waited for. */
    this.nextAt = 0;
  }

  /** Light up the beat after or before; beyond the last one the next iteration is made. @param {number} by */
  goTo(by) {
    const { player } = this;
    if (player.playing) player.toggle();
    const place = this.beat + by;
    if (player.cursor === 0 || place > BEATS) {
      player.go(player.cursor + 1);
      this.beat = 1;
    } else if (this.beat === 0) {
      this.beat = 1;
    } else if (place < 1) {
      if (player.cursor > 1) player.go(player.cursor - 1);
      this.beat = player.cursor > 1 ? BEATS : 1;
    } else {
      this.beat = place;
    }
    if (this.beat === BEATS) player.tell("slow");
    this.show();
    player.writeAddress();
  }

  /** Start it, or end it. */
  toggle() {
    if (this.nextAt) this.end();
    else {
      this.goTo(1);
      this.nextAt = performance.now() + BEAT_MS;
      this.player.loop.wake();
      this.show();
    }
  }

  /** Go on by itself. @param {number} now milliseconds */
  tick(now) {
    if (!this.nextAt || now < this.nextAt) return;
    this.goTo(1);
    this.nextAt = now + BEAT_MS;
  }

  end() {
    this.nextAt = 0;
    this.beat = 0;
    this.show();
  }

  show() {
    this.player.root.dataset.beat = String(this.beat);
    this.player.inspector.slow.setAttribute("aria-pressed", String(this.nextAt > 0));
  }
}
