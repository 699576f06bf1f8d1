// The HTML over the map: legend, scale, attribution, buttons, tooltip. Every text is set as
// textContent, for names come from the extract.

import { LEVELS, UNKNOWN } from "./style.mjs";

const SVG = "http://www.w3.org/2000/svg";
const EARTH_M = 40075016.686;
const TILE_PX = 512;
const SCALE_PX = 110;

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

function stroke(level) {
  const drawing = svg("svg", { width: 26, height: 12, "aria-hidden": "true" });
  drawing.append(svg("line", {
    x1: 3, y1: 6, x2: 23, y2: 6,
    stroke: level.color,
    "stroke-width": level.width,
    "stroke-linecap": "round",
    "stroke-dasharray": level === UNKNOWN ? "3 3" : "none",
  }));
  return drawing;
}

function glyph(path, color = "#333") {
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
export function panel(root, { zoom, fit }) {
  const buttons = element("div", "buttons");
  for (const [name, sign, act] of [
    ["zoom_in", "+", () => zoom(1)],
    ["zoom_out", "\u2212", () => zoom(-1)],
    ["fit", "\u2922", fit],
  ]) {
    const button = element("button", name, sign);
    button.type = "button";
    button.addEventListener("click", act);
    buttons.append(button);
  }
  const legend = element("details", "legend");
  legend.open = true;
  const foot = element("div", "foot");
  const scale = element("div", "scale");
  const credit = element("div", "credit");
  foot.append(scale, credit);
  const tip = element("div", "tip");
  tip.hidden = true;
  const message = element("div", "message");
  message.hidden = true;
  root.append(buttons, legend, foot, tip, message);
  return { root, buttons, legend, scale, credit, tip, message };
}

export function write(parts, data, shapes) {
  const { labels } = data;
  for (const name of ["zoom_in", "zoom_out", "fit"]) {
    const button = parts.buttons.querySelector(`.${name}`);
    button.title = labels[name];
    button.setAttribute("aria-label", labels[name]);
  }
  parts.credit.textContent = labels.credit;
  const rows = LEVELS.map((level) => row(stroke(level), labels.levels[level.name]));
  if (data.levels.includes(String(LEVELS.length))) {
    rows.push(row(stroke(UNKNOWN), labels.levels.unknown));
  }
  const marks = data.layers.map(({ symbol, title }) => row(glyph(shapes[symbol]), title));
  const crashes = (data.crashes?.looks ?? []).filter(({ there }) => there)
    .map(({ path, color, title }) => row(glyph(path, color), title));
  if (data.crashes) {
    crashes.unshift(element("p", "", data.crashes.title));
    crashes.push(element("p", "", data.crashes.ages), element("p", "", data.crashes.cluster));
  }
  const head = element("summary", "", labels.legend);
  const note = element("p", "", labels.levels_are);
  const judged = element("p", "", labels.judged);
  parts.legend.replaceChildren(head, note, ...rows, ...marks, ...crashes, judged);
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
