// The map of the page. Streamlit calls the default function at every rerun; the map itself is
// built once, its geometry once an area, and a rerun changes only what differs.

import { Map as View, setWorkerUrl } from "./vendor/maplibre-gl.mjs";
import { areHours, Clock, keepHours } from "./clock.mjs";
import { panel, rule, tell, write } from "./panel.mjs";
import { Plan } from "./plan.mjs";
import { area, keep } from "./store.mjs";
import { LEVELS, nearest, style } from "./style.mjs";

const HIT_PX = 8;
const FIT_PX = 36;
const SELECTED_ZOOM = 15;
const ICON_PX = 24;
const ICON_RATIO = 2;
const ZERO = "0".charCodeAt(0);
const rooms = new WeakMap();

setWorkerUrl(new URL("./vendor/maplibre-gl-worker.mjs", import.meta.url).href);

function collection(features) {
  return { type: "FeatureCollection", features };
}

function feature(type, coordinates, properties = {}, id = undefined) {
  return { type: "Feature", id, geometry: { type, coordinates }, properties };
}

function halfway(line) {
  const i = (line.length - 1) >> 1;
  return [0, 1].map((axis) => (line[i][axis] + line[line.length - 1 - i][axis]) / 2);
}

function icon(path, bare = undefined) {
  const size = ICON_PX * ICON_RATIO;
  const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
  const pen = canvas.getContext("2d");
  pen.scale(ICON_RATIO, ICON_RATIO);
  if (!bare) {
    pen.beginPath();
    pen.arc(ICON_PX / 2, ICON_PX / 2, ICON_PX / 2 - 1, 0, 2 * Math.PI);
    pen.fillStyle = "#fff";
    pen.fill();
    pen.strokeStyle = "#6b7278";
    pen.stroke();
  }
  pen.translate(ICON_PX / 2 - 8, ICON_PX / 2 - 8);
  const shape = new Path2D(path);
  if (bare) {
    pen.strokeStyle = "#fff";
    pen.lineWidth = 2;
    pen.stroke(shape);
  }
  pen.fillStyle = bare ?? "#333";
  pen.fill(shape, "evenodd");
  return pen.getImageData(0, 0, size, size);
}

class Room {
  constructor(root) {
    this.root = root;
    this.levels = [];
    this.selected = -1;
    this.parts = panel(root, {
      zoom: (step) => this.map?.easeTo({ zoom: this.map.getZoom() + step, duration: 150 }),
      fit: () => this.fit(),
    });
  }

  open() {
    const canvas = Object.assign(document.createElement("div"), { className: "canvas" });
    this.root.prepend(canvas);
    this.map = new View({
      container: canvas,
      style: style(),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.on("move", () => rule(this.parts, this.map, this.data.labels));
    this.map.on("click", (event) => this.click(event.point));
    this.map.on("mousemove", (event) => this.hover(event.point));
    this.map.on("mouseout", () => tell(this.parts, null, []));
    this.map.on("idle", () => { this.root.dataset.state = this.area ? "ready" : "empty"; });
    this.size = new ResizeObserver(() => this.map.resize());
    this.size.observe(this.root);
    return new Promise((resolve) => { this.map.once("load", resolve); });
  }

  async show(data) {
    this.data = data;
    this.root.style.height = data.height;
    this.root.lang = data.labels.language;
    const here = await area(data.geometry);
    if (this.data !== data) return;
    write(this.parts, data, here.shapes);
    try {
      this.opened ??= this.open();
    } catch {
      this.parts.message.textContent = data.labels.no_webgl;
      this.parts.message.hidden = false;
      return;
    }
    await this.opened;
    if (this.data !== data) return;
    if (this.area !== here) this.lay(here);
    this.color();
    rule(this.parts, this.map, data.labels);
  }

  lay(here) {
    const { map } = this;
    this.area = here;
    this.levels = new Array(here.roads.lines.length).fill(undefined);
    this.mark(-1);
    this.root.dataset.state = "drawing";
    for (const [name, path] of Object.entries(here.shapes)) {
      if (map.hasImage(name)) map.removeImage(name);
      map.addImage(name, icon(path), { pixelRatio: ICON_RATIO });
    }
    map.removeFeatureState({ source: "roads" });
    map.getSource("roads").setData(collection(
      here.roads.lines.map((line, id) => feature("LineString", line, {}, id)),
    ));
    map.getSource("labels").setData(collection(
      here.labels.lines.map((line, i) => feature("LineString", line, { name: here.labels.names[i] })),
    ));
    map.getSource("points").setData(collection(here.layers.flatMap(
      ({ name: layer, symbol, points, names }) => points.map(
        (place, i) => feature("Point", place, { layer, symbol, name: names[i] }),
      ),
    )));
    map.getSource("shapes").setData(collection(here.layers.flatMap(
      ({ name: layer, lines, polygons }) => [
        ...lines.map((line) => feature("LineString", line, { layer })),
        ...polygons.map((rings) => feature("Polygon", rings, { layer })),
      ],
    )));
    this.crashes = undefined;
    this.fit();
  }

  // Crash points are drawn from when they are first asked for.
  strew() {
    const { map, data } = this;
    const wanted = data.crashes ? this.area : null;
    if (this.crashes !== wanted) {
      const { points, severity, opacity, year } = this.area.crashes;
      map.getSource("crashes").setData(collection(wanted === null ? [] : points.map(
        (place, i) => feature("Point", place, {
          look: severity[i], opacity: opacity[i] / 100, year: year[i],
        }),
      )));
      this.crashes = wanted;
    }
    data.crashes?.looks.forEach(({ color, path }, i) => {
      if (!map.hasImage(`crash-${i}`)) {
        map.addImage(`crash-${i}`, icon(path, color), { pixelRatio: ICON_RATIO });
      }
    });
  }

  // Levels come as text, a digit a road, or as bytes, half of one a road.
  paint(levels, first = undefined) {
    const { map, area: { roads: { lines } } } = this;
    for (let id = 0; id < lines.length; id += 1) {
      const level = first === undefined
        ? levels.charCodeAt(id) - ZERO : (levels[first + (id >> 1)] >> (4 * (id & 1))) & 15;
      if (level !== this.levels[id]) {
        this.levels[id] = level;
        map.setFeatureState({ source: "roads", id }, { level });
      }
    }
  }

  color() {
    const { map, data } = this;
    this.clock ??= new Clock(
      this.root, (...levels) => this.paint(...levels), (hour) => this.hour(hour),
    );
    this.clock.show(data, this.area.roads.lines.length);
    this.plan ??= new Plan(map, this.root, (where) => this.move(where));
    this.plan.show(data.plan ?? null, this.area.roads.lines);
    this.strew();
    this.select(data.selected);
    const on = ["in", ["get", "layer"], ["literal", data.layers.map(({ name }) => name)]];
    map.setFilter("points", on);
    map.setFilter("shape-line", on);
    map.setFilter("shape-area", ["all", ["==", ["geometry-type"], "Polygon"], on]);
  }

  select(name) {
    // The first rerun after a click still carries the selection from before it.
    if (name === this.stale) return;
    this.stale = undefined;
    const id = this.area.roads.ids.indexOf(name);
    if (id === this.selected) return;
    const middle = this.mark(id);
    if (middle) {
      this.map.easeTo({ center: middle, zoom: Math.max(this.map.getZoom(), SELECTED_ZOOM) });
    }
  }

  mark(id) {
    this.selected = id;
    const line = this.area.roads.lines[id];
    const middle = line && halfway(line);
    this.map.getSource("selected").setData(collection(
      line ? [feature("LineString", line), feature("Point", middle)] : [],
    ));
    return middle;
  }

  fit() {
    this.map?.fitBounds(this.area.bounds, { padding: FIT_PX, animate: false });
  }

  at(point) {
    return this.area ? nearest(this.map, this.area.roads.lines, this.levels, point, HIT_PX) : -1;
  }

  click(point) {
    const id = this.at(point);
    if (id < 0) return;
    this.stale = this.data.selected;
    this.mark(id);
    this.choose(this.area.roads.ids[id]);
  }

  hover(point) {
    if (!this.area) return;
    const { labels, layers } = this.data;
    const texts = [];
    const { crashes } = this.data;
    for (const { properties } of crashes
      ? this.map.queryRenderedFeatures(point, { layers: ["crash-cluster", "crash-point"] }) : []) {
      const [what, many] = properties.cluster
        ? [crashes.title, properties.point_count] : [crashes.looks[properties.look].title, properties.year];
      texts.push(`${what} · ${many}`);
    }
    for (const { properties } of this.map.queryRenderedFeatures(point, { layers: ["points"] })) {
      const title = layers.find(({ name }) => name === properties.layer)?.title ?? "";
      texts.push([title, properties.name].filter(Boolean).join(" · "));
    }
    const id = texts.length === 0 ? this.at(point) : -1;
    if (id >= 0) {
      const level = [...LEVELS, { name: "unknown" }][this.levels[id]].name;
      texts.push(this.area.roads.names[id] || labels.unnamed, labels.tips[level]);
    }
    this.map.getCanvas().style.cursor = id >= 0 ? "pointer" : "";
    tell(this.parts, point, [...new Set(texts)].slice(0, 6));
  }

  close() {
    this.size?.disconnect();
    this.map?.remove();
  }
}

export default function mount({ data, parentElement, setTriggerValue }) {
  if (data instanceof Uint8Array) {
    if (areHours(data)) keepHours(data);
    else keep(data);
    return undefined;
  }
  const root = parentElement.querySelector(".riskmap");
  if (!rooms.has(root)) {
    const look = Object.assign(document.createElement("link"), {
      rel: "stylesheet",
      href: new URL("./vendor/maplibre-gl.css", import.meta.url).href,
    });
    root.before(look);
    rooms.set(root, new Room(root));
  }
  const room = rooms.get(root);
  room.choose = (id) => setTriggerValue("clicked", id);
  room.move = (where) => setTriggerValue("moved", where);
  room.hour = (hour) => setTriggerValue("hour", hour);
  room.show(data);
  // Streamlit also runs the clean-up of a call that a newer one overtook: the map stays then.
  return () => setTimeout(() => {
    if (root.isConnected) return;
    room.close();
    rooms.delete(root);
  });
}
