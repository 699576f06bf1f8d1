// A plan on the map: the units as they stand or drive at a time of the shift, which is chosen or
// played below; posts can be dragged. With it the ways that are driven, the key roads that nobody
// sees to, and, to compare, where another plan has its units.

import { feature, fill } from "./fill.mjs";
import { Player } from "./player.mjs";
import { Marker } from "./vendor/maplibre-gl.mjs";

const PLAYED_S = 40; // a whole shift
const STEP_MIN = 5;
const DAY = 1440;

function piece(line, kind) {
  return feature("LineString", line, { kind });
}

function clock(minute) {
  const whole = Math.floor(minute + 1e-6);
  const [hours, minutes] = [Math.floor((whole % DAY) / 60), whole % 60];
  const day = whole >= DAY ? `+${Math.floor(whole / DAY)}` : "";
  return `${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}${day}`;
}

// Where a row of the roster has its unit at a time: along its way, as the crow flies between nodes.
function place({ from, to, way }, minute) {
  const steps = way.slice(1).map(([x, y], i) => Math.hypot(x - way[i][0], y - way[i][1]));
  let left = steps.reduce((sum, step) => sum + step, 0) * ((minute - from) / (to - from));
  for (const [i, step] of steps.entries()) {
    if (left <= step && step > 0) {
      const share = left / step;
      return [0, 1].map((axis) => way[i][axis] + share * (way[i + 1][axis] - way[i][axis]));
    }
    left -= step;
  }
  return way[way.length - 1];
}

function made(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}

class Unit {
  constructor(map, { label, rows }, ghost, held, dropped) {
    this.rows = rows;
    this.ghost = ghost;
    this.element = made("div", { textContent: label });
    this.marker = new Marker({ element: this.element }).setLngLat(rows[0].way[0]).addTo(map);
    this.marker.on("dragstart", held);
    this.marker.on("dragend", () => dropped(label, this.marker.getLngLat()));
  }

  // The row that it is in.
  at(minute) {
    const row = this.rows.find(({ to }) => minute < to) ?? this.rows[this.rows.length - 1];
    this.marker.setLngLat(place(row, Math.min(Math.max(minute, row.from), row.to)));
    if (row !== this.row) {
      this.element.title = row.title;
      for (const name of ["post", "stop", "drive", "away", "place"]) {
        this.element.classList.toggle(name, row.kind === name);
      }
      this.element.classList.toggle("held", row.held);
      this.element.classList.add("unit");
      this.element.classList.toggle("ghost", this.ghost);
      this.marker.setDraggable(row.drag && !this.ghost);
      this.row = row;
    }
    return row;
  }
}

/** Draw a plan, or take it off; `moved` hears of a post that was dragged, when and where to. */
export class Plan {
  constructor(map, root, moved) {
    this.map = map;
    this.moved = moved;
    this.units = [];
    this.stations = [];
    this.minute = undefined;
    this.player = new Player(root, "shift");
  }

  close() {
    for (const { marker } of this.units) marker.remove();
    for (const station of this.stations) station.remove();
    this.player.close();
  }

  toggle() {
    this.player.toggle();
  }

  step(by) {
    this.player.step(by);
  }

  show(plan) {
    const text = JSON.stringify(plan);
    if (text === this.drawn) return;
    this.drawn = text;
    for (const { marker } of this.units) marker.remove();
    this.units = [];
    for (const station of this.stations) station.remove();
    this.stations = [];
    this.ways = undefined;
    this.alone = (plan?.alone ?? []).map((line) => piece(line, "alone"));
    if (plan === null) {
      this.player.hide();
      fill(this.map, "plan", []);
      return;
    }
    this.stations = plan.stations.map((place) => new Marker({
      element: made("div", { className: "home", textContent: "★", title: plan.labels.station }),
    }).setLngLat(place).addTo(this.map));
    const held = () => this.player.play(false);
    const dropped = (unit, { lng, lat }) => this.moved({ unit, minute: this.minute, lon: lng, lat });
    this.units = [
      ...plan.others.map((unit) => new Unit(this.map, unit, true, held, dropped)),
      ...plan.units.map((unit) => new Unit(this.map, unit, false, held, dropped)),
    ];
    const same = this.minute >= plan.first && this.minute < plan.last;
    if (plan.still) { // the present, which nobody plays
      this.player.hide();
      this.go(plan.at);
      return;
    }
    this.player.set({
      min: plan.first, max: plan.last - 1, step: STEP_MIN, labels: plan.labels, seconds: PLAYED_S,
      text: clock, show: (minute) => this.go(minute),
    });
    this.player.go(same ? this.minute : plan.at);
  }

  go(minute) {
    this.minute = minute;
    const ways = this.units
      .map((unit) => [unit.at(minute), unit.ghost])
      .filter(([row, ghost]) => row.way.length > 1 && !ghost)
      .map(([row]) => row.way);
    if (ways.length !== this.ways?.length || ways.some((way, i) => way !== this.ways[i])) {
      this.ways = ways;
      fill(this.map, "plan", [...this.alone, ...ways.map((line) => piece(line, "way"))]);
    }
  }
}
