// The map of the page. Streamlit calls the default function at every rerun; the map itself is
// built once, its geometry comes as tiles, and a rerun changes only what differs.

import { addProtocol, Map as View, Marker, prewarm, setWorkerUrl } from "./vendor/maplibre-gl.mjs";
import { Protocol } from "./vendor/pmtiles.mjs";
import { areHours, Clock, keepHours } from "./clock.mjs";
import { feature, fill } from "./fill.mjs";
import { font } from "./font.mjs";
import { LEVELS, palette } from "./palette.mjs";
import { panel, rule, tell, write } from "./panel.mjs";
import { Plan } from "./plan.mjs";
import { Points } from "./points.mjs";
import { Roads } from "./roads.mjs";
import { Sketch } from "./sketch.mjs";
import { area, keep, places } from "./store.mjs";
import { style } from "./style.mjs";
import { veil } from "./veil.mjs";
import { asked, note, together } from "./views.mjs";

const FIT_PX = 36;
const SELECTED_ZOOM = 15;
const FONT_MS = 500; // names are drawn without it then
const NOTE_MS = 300;
const COARSE = 0.25; // of the screen's pixels

setWorkerUrl(new URL("./vendor/maplibre-gl-worker.mjs", import.meta.url).href);
addProtocol("pmtiles", new Protocol().tile);
// both come while the page is put together
prewarm();
font();

function halfway(line) {
  const i = (line.length - 1) >> 1;
  return [0, 1].map((axis) => (line[i][axis] + line[line.length - 1 - i][axis]) / 2);
}

function tilesAt(data) {
  return new URL(`../../../area/${data.tiles.digest}`, import.meta.url).href;
}

class Room {
  constructor(root) {
    this.root = root;
    this.canvas = Object.assign(document.createElement("div"), { className: "canvas" });
    root.prepend(this.canvas);
    this.parts = panel(root, {
      zoom: (step) => this.map?.easeTo({ zoom: this.map.getZoom() + step, duration: 150 }),
      fit: () => this.fit(),
      whole: () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()),
      way: () => this.sketch?.take("way"),
      area: () => this.sketch?.take("area"),
      link: () => this.copy(),
    });
    root.addEventListener("keydown", (event) => this.key(event));
  }

  open(look, view) {
    this.map = new View({
      container: this.canvas,
      style: look,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      trackResize: false, // is done here, see `sized`
      pixelRatio: COARSE * window.devicePixelRatio,
      ...view,
    });
    const { map } = this;
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.on("move", () => rule(this.parts, map, this.data.labels));
    map.on("moveend", () => this.moved());
    map.on("webglcontextrestored", () => {
      this.look = undefined;
      this.show(this.data);
    });
    map.on("click", (event) => this.click(event.point));
    map.on("mousemove", (event) => this.hover(event.point));
    map.on("mouseout", () => tell(this.parts, null, []));
    this.forget = veil(map, () => {
      this.sized(() => map.setPixelRatio(undefined)); // that of the screen
      map.on("idle", () => { this.root.dataset.state = this.roads ? "ready" : "empty"; });
    });
    map.on("error", ({ sourceId }) => {
      if (sourceId === "service") this.say(this.data.labels.no_service);
      if (sourceId === "tiles") this.missed();
    });
    this.sketch = new Sketch(map, {
      told: (length) => this.measured(length),
      drawn: (corners) => this.outline(corners),
      changed: (tool) => { this.root.dataset.tool = tool; },
    });
    this.size = new ResizeObserver(() => {
      this.sized(() => map.resize());
      // a page that is still being laid out gives its map room bit by bit
      if (!this.looked) this.fit();
    });
    this.size.observe(this.root);
  }

  async show(data) {
    this.data = data;
    this.root.style.height = data.height;
    this.root.lang = data.labels.language;
    this.root.dataset.look = data.dark ? "dark" : "light";
    const base = tilesAt(data);
    let here;
    let roads;
    try {
      [here, roads] = await Promise.all([area(data.geometry), places(`${base}.roads`)]);
    } catch {
      if (this.data === data) this.say(data.labels.lost_tiles);
      return;
    }
    if (this.data !== data) return;
    write(this.parts, data, here.shapes);
    const look = [data.tiles.digest, data.geometry, data.dark, data.faint, data.labels.language, data.service?.url].join();
    if (look !== this.look) {
      this.look = look;
      this.ready = this.lay(look, data, { here, roads, base });
    }
    await this.ready;
    if (this.data === data && this.roads) this.follow();
  }

  async lay(look, data, { here, roads, base }) {
    const { digest, bounds } = data.tiles;
    const same = this.digest === digest;
    const colors = palette(data.dark);
    const drawn = style({
      tiles: `${base}.pmtiles`, service: data.service, language: data.labels.language, faint: data.faint, colors,
    });
    if (!same) this.root.dataset.state = "drawing";
    this.roads?.close();
    this.roads = undefined;
    if (this.map) {
      this.map.setStyle(drawn, { diff: false });
      if (!same) this.fit();
    } else {
      await Promise.race([font(), new Promise((resolve) => { setTimeout(resolve, FONT_MS); })]);
      if (this.look !== look) return;
      try {
        const view = data.address ? asked() : undefined;
        // a link that says where to look is not left for the road that it names
        if (view) this.clicked = data.selected?.row;
        this.looked = Boolean(view);
        this.open(drawn, view ?? { bounds, fitBoundsOptions: { padding: FIT_PX } });
      } catch {
        this.say(data.labels.no_webgl);
        return;
      }
    }
    await new Promise((resolve) => { this.map.once("style.load", resolve); });
    if (this.look !== look) return;
    this.digest = digest;
    this.roads = new Roads(this.map, roads, colors);
    this.points = new Points(this.map, here);
    this.plan?.close();
    this.plan = new Plan(this.map, this.root, (where) => this.move(where));
    this.clock?.close();
    this.clock = new Clock(this.root, (...levels) => this.roads?.paint(...levels), (hour) => this.hour(hour));
    if (same) this.clicked = this.shown;
    this.shown = undefined;
    this.leave?.();
    this.leave = data.together ? together(this.map, data.together) : undefined;
  }

  follow() {
    const { data } = this;
    this.roads.doubt(data.sure ?? "");
    this.clock.show(data, this.roads.levels.length);
    this.plan.show(data.plan ?? null);
    this.points.show(data);
    this.sketch.keep(data.outline ?? null);
    this.select(data.selected ?? null);
    rule(this.parts, this.map, data.labels);
    this.noted();
  }

  select(chosen) {
    const row = chosen?.row ?? -1;
    // The first rerun after a click still carries the selection from before it.
    if (row === this.stale) return;
    this.stale = undefined;
    if (row === this.shown) return;
    this.shown = row;
    this.mark(chosen);
    if (chosen && row !== this.clicked) {
      this.map.easeTo({ center: halfway(chosen.line), zoom: Math.max(this.map.getZoom(), SELECTED_ZOOM) });
    }
    this.clicked = undefined;
  }

  mark(chosen) {
    this.circle(chosen?.line);
    fill(this.map, "selected", chosen ? [feature("LineString", chosen.line)] : []);
  }

  // A piece of 15 m is a dot on the map of a county: the ring is seen at every scale.
  circle(line) {
    this.ring ??= new Marker({ element: Object.assign(document.createElement("div"), { className: "ring" }) });
    if (line) this.ring.setLngLat(halfway(line)).addTo(this.map);
    else this.ring.remove();
  }

  // A map of another size says that it moved, and nobody moved it.
  sized(act) {
    const { looked } = this;
    act();
    this.looked = looked;
  }

  fit() {
    this.map?.fitBounds(this.data.tiles.bounds, { padding: FIT_PX, animate: false });
    this.looked = false;
    this.noted();
  }

  // A tile that did not come may have been given up by the map itself: the file tells.
  async missed() {
    const there = await fetch(`${tilesAt(this.data)}.pmtiles`, { method: "HEAD" }).then(({ ok }) => ok, () => false);
    if (!there) this.say(this.data.labels.lost_tiles);
  }

  moved() {
    this.looked = true;
    // a map that follows another comes to rest at every frame
    clearTimeout(this.noting);
    this.noting = setTimeout(() => this.noted(), NOTE_MS);
  }

  // Where the map looks stands in the address; the page's own words there, when they change, leave it out.
  noted() {
    clearTimeout(this.noting);
    if (this.data.address) note(this.looked ? { center: this.map.getCenter(), zoom: this.map.getZoom() } : undefined);
  }

  copy() {
    this.noted();
    const { href } = window.location;
    const { link, copied } = this.data.labels;
    // a page that came without encryption may write to no clipboard
    if (navigator.clipboard) navigator.clipboard.writeText(href).then(() => this.say(copied, true), () => window.prompt(link, href));
    else window.prompt(link, href);
  }

  click(point) {
    if (!this.roads || this.sketch.tool) return;
    if (this.points.open(point) || !this.data.picking) return;
    const row = this.roads.at(point);
    if (row < 0 || row === this.shown) return;
    this.stale = this.data.selected?.row ?? -1;
    this.clicked = row;
    this.shown = undefined;
    // the ring alone: the map is not drawn anew while the answer is on its way
    this.circle(this.roads.chord(row));
    this.choose({ row, tiles: this.digest });
  }

  hover(point) {
    if (!this.roads || this.sketch.busy) return;
    const texts = this.points.told(point, this.data);
    const row = texts.length === 0 ? this.roads.at(point) : -1;
    if (row >= 0) {
      const { labels } = this.data;
      texts.push(this.roads.name(row) || labels.unnamed, labels.tips[LEVELS[this.roads.levels[row]].name]);
    }
    this.map.getCanvas().style.cursor = row >= 0 && this.data.picking ? "pointer" : "";
    tell(this.parts, point, [...new Set(texts)].slice(0, 6));
  }

  measured(length) {
    const { metre, kilometre, measure } = this.data.labels;
    const kilometres = length / 1000;
    if (length === undefined) this.say(this.sketch?.tool && this.sketch.corners.length === 0 ? measure : "");
    else if (length < 1000) this.say(`${Math.round(length)} ${metre}`);
    else this.say(`${kilometres < 100 ? kilometres.toPrecision(3) : Math.round(kilometres)} ${kilometre}`);
  }

  // One line over the map; `briefly` takes it away again.
  say(words, briefly = false) {
    const { message } = this.parts;
    message.textContent = words;
    message.hidden = !words;
    clearTimeout(this.silence);
    if (briefly) this.silence = setTimeout(() => { message.hidden = true; }, 2500);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, button, summary") || !this.map) return;
    const timed = this.data.clock ? this.clock : this.plan;
    const acts = {
      f: () => this.fit(), m: () => this.sketch.take("way"), d: () => { if (this.data.draws) this.sketch.take("area"); },
      " ": () => timed?.toggle(), "[": () => timed?.step(-1), "]": () => timed?.step(1),
    };
    if (this.sketch.key(event.key)) event.preventDefault();
    else if (acts[event.key]) {
      event.preventDefault();
      acts[event.key]();
    }
  }

  close() {
    this.size?.disconnect();
    clearTimeout(this.noting);
    this.forget?.();
    this.leave?.();
    this.clock?.close();
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
  if (!root.room) {
    const look = Object.assign(document.createElement("link"), {
      rel: "stylesheet",
      href: new URL("./vendor/maplibre-gl.css", import.meta.url).href,
    });
    root.before(look);
    root.room = new Room(root);
  }
  const { room } = root;
  room.choose = (road) => setTriggerValue("clicked", road);
  room.move = (where) => setTriggerValue("moved", where);
  room.hour = (hour) => setTriggerValue("hour", hour);
  room.outline = (corners) => setTriggerValue("drawn", corners);
  room.show(data);
  // Streamlit also runs the clean-up of a call that a newer one overtook: the map stays then.
  return () => setTimeout(() => {
    if (root.isConnected) return;
    room.close();
    root.room = undefined;
  });
}
