// The hours of a day, a shift or a week: levels of every road in each, sent once and drawn without
// another word from the server.

import { Player } from "./player.mjs";

const HASH_LENGTH = 64;
const PER_S = 2.5; // hours played in a second
const KEPT = 4;
const LATE_MS = 3000; // so long an answer about an earlier choice may come in
const known = new Map();
const listening = new Set();

/** Keep hours sent as bytes: a mark, their hash, then half a byte a road, hour after hour. */
export function keepHours(bytes) {
  const hash = new TextDecoder().decode(bytes.subarray(1, 1 + HASH_LENGTH));
  known.set(hash, bytes.slice(1 + HASH_LENGTH));
  for (const old of [...known.keys()].slice(0, -KEPT)) known.delete(old);
  for (const tell of listening) tell(hash);
}

/** Whether bytes are hours. */
export function areHours(bytes) {
  return bytes[0] === "H".charCodeAt(0);
}

export class Clock {
  constructor(root, paint, chosen) {
    this.player = new Player(root, "clock");
    this.paint = paint;
    this.chosen = chosen;
    this.heard = (hash) => {
      if (hash === this.data?.hash && hash !== this.painted) this.begin();
    };
    listening.add(this.heard);
  }

  close() {
    listening.delete(this.heard);
    this.player.close();
  }

  /** Play, or stop playing, where there are hours. */
  toggle() {
    this.player.toggle();
  }

  /** Go on by so many hours. */
  step(hours) {
    this.player.step(hours);
  }

  /** Follow what the page says of its hours; `levels` are those of the page's own time. */
  show(data, count) {
    const { clock } = data;
    this.levels = data.levels;
    this.count = count;
    if (!clock) {
      this.data = undefined;
      this.player.hide();
      this.paint(data.levels);
      return;
    }
    const same = this.data?.hash === clock.hash;
    this.data = { ...clock, labels: data.labels };
    // the page answers late: whoever has gone on in the meantime is not called back
    const { hour, until } = this.asked ?? { hour: clock.at, until: 0 };
    if (same && (this.player.playing || (clock.at !== hour && performance.now() < until))) return;
    this.asked = undefined;
    this.at = clock.at;
    this.paint(data.levels);
    this.begin();
  }

  begin() {
    const { data } = this;
    const hours = data && known.get(data.hash);
    if (!hours) return;
    const size = Math.ceil(this.count / 2);
    const last = data.names.length - 1;
    this.player.set({
      min: data.whole ? -1 : 0, max: last, step: 1, labels: data.labels, seconds: (last + 1) / PER_S,
      text: (value) => (Math.floor(value) < 0 ? data.whole : data.names[Math.floor(value)]),
      show: (value) => {
        const hour = Math.floor(value);
        if (hour === this.hour && this.painted === data.hash) return;
        [this.hour, this.painted] = [hour, data.hash];
        if (hour < 0) this.paint(this.levels);
        else this.paint(hours, hour * size);
      },
      stopped: (value) => {
        const hour = Math.floor(value);
        if (hour !== this.at) {
          this.asked = { hour, until: performance.now() + LATE_MS };
          this.chosen(hour);
        }
        this.at = hour;
      },
    });
    this.painted = undefined;
    this.player.go(this.at);
  }
}
