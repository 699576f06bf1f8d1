// The HTML over the map: legend, scale, attribution, buttons, tooltip. Every text is set as
// textContent, for names come from the extract.

import { LEVELS, palette, UNKNOWN } from "./palette.mjs";

const SVG = "http://www.w3.org/2000/svg";
const EARTH_M = 40075016.686;
const TILE_PX = 512;
const SCALE_PX = 110;
const BUTTONS = {
  zoom_in: "M7 3h2v4h4v2H9v4H7V9H3V7h4z",
  zoom_out: "M3 7h10v2H3z",
  fit: "M2 2h5v2H5.4L8 6.6 10.6 4H9V2h5v5h-2V5.4L9.4 8l2.6 2.6V9h2v5H9v-2h1.6L8 9.4 5.4 12H7v2H2V9h2v1.6L6.6 8 4 5.4V7H2z",
  whole: "M2 2h4.5v1.8H3.8v2.7H2zM9.5 2H14v4.500h-1.800V3.800H9.5zM2 9.5h1.800v2.700h2.700V14H2zM12.2 9.5H14V14H9.5v-1.800h2.700z",
  way: "M10.9 1.200l3.9 3.9-9.7 9.7-3.9-3.900zM10.9 3.200L9.8 4.300l1.3 1.3-.8.8L9 5.1 7.9 6.200l2 2-.8.8-2-2L6 8.100l1.3 1.3-.8.8-1.3-1.3-2 2 1.9 1.9 7.7-7.700z",
  area: "M8 1.500l6.5 4.8-2.5 7.700H4L1.5 6.300zM8 3.700L3.6 6.900l1.7 5.300h5.400l1.7-5.300z",
  link: "M6.8 9.200a2.6 2.6 0 0 0 3.7 0l2.6-2.600a2.6 2.6 0 0 0-3.7-3.700l-1 1 1.1 1.1 1-1a1.1 1.1 0 1 1 1.5 1.500L9.4 8.100a1.1 1.1 0 0 1-1.5 0zM9.2 6.800a2.6 2.6 0 0 0-3.7 0L2.9 9.400a2.6 2.6 0 0 0 3.7 3.700l1-1-1.1-1.1-1 1A1.1 1.1 0 1 1 4 10.500l2.6-2.600a1.1 1.1 0 0 1 1.5 0z",
};

function element(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
}

function svg(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function stroke(level, color) {
  const drawing = svg("svg", { width: 26, height: 12, "aria-hidden": "true" });
  drawing.append(svg("line", {
    x1: 3, y1: 6, x2: 23, y2: 6,
    stroke: color,
    "stroke-width": level.width,
    "stroke-linecap": "round",
  }));
  return drawing;
}

function glyph(path, color = "currentColor") {
  const drawing = svg("svg", { width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" });
  drawing.append(svg("path", { d: path, fill: color, "fill-rule": "evenodd" }));
  return drawing;
}

function row(mark, text) {
  const made = element("div", "row");
  made.append(mark, element("span", "", text));
  return made;
}

/** Draw the fixed parts once; hand back what changes. */
export function panel(root, { zoom, ...acts }) {
  const buttons = element("div", "buttons");
  const all = { zoom_in: () => zoom(1), zoom_out: () => zoom(-1), ...acts };
  for (const [name, path] of Object.entries(BUTTONS)) {
    const button = element("button", name);
    button.type = "button";
    button.append(glyph(path));
    button.addEventListener("click", all[name]);
    buttons.append(button);
  }
  const legend = element("details", "legend");
  legend.open = true;
  const foot = element("div", "foot");
  const scale = element("div", "scale");
  const north = element("div", "north", "▲");
  const credit = element("div", "credit");
  foot.append(north, scale, credit);
  const tip = element("div", "tip");
  tip.hidden = true;
  const message = element("div", "message");
  message.setAttribute("role", "status");
  message.hidden = true;
  root.append(buttons, legend, foot, tip, message);
  return { root, buttons, legend, scale, north, credit, tip, message };
}

export function write(parts, data, shapes) {
  const { labels } = data;
  const colors = palette(data.dark);
  for (const name of Object.keys(BUTTONS)) {
    const button = parts.buttons.querySelector(`.${name}`);
    button.title = labels[name];
    button.setAttribute("aria-label", labels[name]);
  }
  parts.buttons.querySelector(".area").hidden = !data.draws;
  parts.credit.textContent = [labels.credit, data.service?.credit].filter(Boolean).join(" · ");
  parts.north.title = labels.north;
  const there = LEVELS.filter((_, i) => i < UNKNOWN || data.levels.includes(String(UNKNOWN)));
  const rows = there.map((level) => row(stroke(level, colors[level.name]), labels.levels[level.name]));
  const marks = data.layers.map(({ symbol, title }) => row(glyph(shapes[symbol]), title));
  const crashes = (data.crashes?.looks ?? []).filter((look) => look.there)
    .map(({ path, color, title }) => row(glyph(path, color), title));
  if (data.crashes) {
    crashes.unshift(element("p", "", data.crashes.title));
    crashes.push(element("p", "", data.crashes.ages), element("p", "", data.crashes.cluster));
  }
  const head = element("summary", "", labels.legend);
  const notes = [labels.levels_are, data.faint ? labels.faint : ""].filter(Boolean).map((text) => element("p", "", text));
  const clustered = data.layers.length ? [element("p", "", labels.clusters)] : [];
  const judged = element("p", "", labels.judged);
  parts.legend.replaceChildren(head, notes[0], ...rows, ...notes.slice(1), ...marks, ...clustered, ...crashes, judged);
}

export function rule(parts, map, labels) {
  const { lat } = map.getCenter();
  const metre = EARTH_M * Math.cos((lat * Math.PI) / 180) / (TILE_PX * 2 ** map.getZoom());
  const most = metre * SCALE_PX;
  const power = 10 ** Math.floor(Math.log10(most));
  const length = [5, 2, 1].map((step) => step * power).find((step) => step <= most);
  parts.scale.style.width = `${length / metre}px`;
  parts.scale.textContent = length >= 1000
    ? `${length / 1000} ${labels.kilometre}`
    : `${length} ${labels.metre}`;
}

export function tell(parts, point, texts) {
  parts.tip.hidden = texts.length === 0;
  if (parts.tip.hidden) return;
  parts.tip.replaceChildren(...texts.map((text) => element("div", "", text)));
  const room = parts.root.clientWidth - parts.tip.offsetWidth - 4;
  parts.tip.style.left = `${Math.max(4, Math.min(point.x + 14, room))}px`;
  parts.tip.style.top = `${point.y + 14}px`;
}
