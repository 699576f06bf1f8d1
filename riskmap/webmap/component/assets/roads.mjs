// The roads: which level each has, what of that is drawn, and which one lies under the pointer.
// From afar every piece is a chord, none is left out; near they come from the tiles, bends and all.

import { Chords } from "./chords.mjs";
import { LEVELS, UNKNOWN } from "./palette.mjs";
import { CLOSE, FAINT } from "./style.mjs";

const ZERO = "0".charCodeAt(0);
const NONE = 255;
const HIT_PX = 8;
const LAYER = "roads";
const WIDE = 3; // red, orange, yellow

export class Roads {
  /** `places` are the ends in degrees, four a road, and their names. */
  constructor(map, places, colors) {
    Object.assign(this, { map, ...places });
    const count = this.ends.length / 4;
    this.levels = new Uint8Array(count).fill(UNKNOWN);
    this.told = new Uint8Array(count).fill(NONE);
    this.sure = undefined;
    this.doubted = true; // anew, so drawn whatever the levels are
    this.chords = new Chords("chords", this.ends, {
      until: CLOSE, wide: WIDE, opacities: FAINT,
      widths: LEVELS.map(({ width }) => width), colors: LEVELS.map(({ name }) => colors[name]),
    });
    map.addLayer(this.chords, "plan-way");
    this.moved = () => this.near();
    map.on("zoom", this.moved);
  }

  // Levels come as text, a digit a road, or as bytes, half of one a road.
  paint(levels, first = undefined) {
    let { doubted: changed } = this;
    for (let row = 0; row < this.levels.length; row += 1) {
      const level = first === undefined
        ? levels.charCodeAt(row) - ZERO : (levels[first + (row >> 1)] >> (4 * (row & 1))) & 15;
      changed ||= level !== this.levels[row];
      this.levels[row] = level;
    }
    if (!changed) return;
    this.doubted = false;
    this.chords.set(this.levels, this.sure);
    this.near();
  }

  /** How sure each level is: a digit a road, 0 the surest; "" where that is not shown. */
  doubt(digits) {
    if (digits === this.digits) return;
    this.digits = digits;
    this.sure = digits ? Uint8Array.from(digits, (digit) => digit.charCodeAt(0) - ZERO) : undefined;
    this.told.fill(NONE);
    this.doubted = true;
  }

  // The tiles are told of levels when they are in view.
  near() {
    if (this.map.getZoom() < CLOSE) return;
    for (let row = 0; row < this.levels.length; row += 1) {
      if (this.told[row] !== this.levels[row]) {
        this.told[row] = this.levels[row];
        const state = { level: this.levels[row], sure: this.sure?.[row] ?? 0 };
        this.map.setFeatureState({ source: "tiles", sourceLayer: LAYER, id: row }, state);
      }
    }
  }

  name(row) {
    return this.names[this.named[row]] ?? "";
  }

  /** The road's ends, as a line. */
  chord(row) {
    const at = 4 * row;
    return [[this.ends[at], this.ends[at + 1]], [this.ends[at + 2], this.ends[at + 3]]];
  }

  /** Number of the road that is drawn nearest to a point of the screen, −1 where none is near. */
  at(point) {
    const box = [[point.x - HIT_PX, point.y - HIT_PX], [point.x + HIT_PX, point.y + HIT_PX]];
    let best = -1;
    let least = HIT_PX;
    for (const [row, line] of this.map.getZoom() < CLOSE ? this.around(box) : this.drawn(box)) {
      const away = distance(point, line.map((place) => this.map.project(place)));
      const edge = away - LEVELS[this.levels[row]].width / 2;
      if (edge < least) {
        least = edge;
        best = row;
      }
    }
    return best;
  }

  * drawn(box) {
    for (const { geometry, properties } of this.map.queryRenderedFeatures(box, { layers: ["roads"] })) {
      const lines = geometry.type === "LineString" ? [geometry.coordinates] : geometry.coordinates;
      for (const line of lines) yield [properties.row, line];
    }
  }

  // Roads whose chord may come near a box of the screen.
  * around([corner, opposite]) {
    const [west, north] = this.map.unproject(corner).toArray();
    const [east, south] = this.map.unproject(opposite).toArray();
    const { ends } = this;
    for (let row = 0, at = 0; row < this.levels.length; row += 1, at += 4) {
      if (Math.max(ends[at], ends[at + 2]) >= west && Math.min(ends[at], ends[at + 2]) <= east
        && Math.max(ends[at + 1], ends[at + 3]) >= south && Math.min(ends[at + 1], ends[at + 3]) <= north) {
        yield [row, this.chord(row)];
      }
    }
  }

  close() {
    this.map.off("zoom", this.moved);
  }
}

function distance(point, corners) {
  let away = Infinity;
  for (let i = 1; i < corners.length; i += 1) {
    const [start, end] = [corners[i - 1], corners[i]];
    const along = { x: end.x - start.x, y: end.y - start.y };
    const square = along.x ** 2 + along.y ** 2;
    const share = square === 0
      ? 0
      : ((point.x - start.x) * along.x + (point.y - start.y) * along.y) / square;
    const held = Math.max(0, Math.min(1, share));
    away = Math.min(away, Math.hypot(point.x - start.x - held * along.x, point.y - start.y - held * along.y));
  }
  return away;
}
