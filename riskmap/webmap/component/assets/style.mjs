// What is drawn and in which order. Roads take their level from feature state, so that a new hour
// recolours without building a tile again.

import { FONT } from "./font.mjs";
import { below, names } from "./ground.mjs";
import { LEVELS, UNKNOWN } from "./palette.mjs";

const EMPTY = { type: "FeatureCollection", features: [] };
/** Zoom from which roads come from the tiles. */
export const CLOSE = 12;
/** Opacity by confidence, the surest first. */
export const FAINT = [1, 0.65, 0.35];
const CLUSTERED = 12;

function chosen(state, values, other) {
  return ["match", ["feature-state", state], ...values.flatMap((value, i) => [i, value]), other];
}

function width(factor) {
  const all = LEVELS.map((level) => level.width * factor);
  return chosen("level", all.slice(0, UNKNOWN), all[UNKNOWN]);
}

function tint(colors) {
  const all = LEVELS.map(({ name }) => colors[name]);
  return chosen("level", all.slice(0, UNKNOWN), all[UNKNOWN]);
}

function only(level, factor) {
  return ["case", ["==", ["feature-state", "level"], level], LEVELS[level].width * factor, 0];
}

function scaled(of) {
  return ["interpolate", ["linear"], ["zoom"], 14, of(1), 18, of(2)];
}

function roads(colors, faint) {
  const opacity = faint ? { "line-opacity": chosen("sure", FAINT, FAINT[0]) } : {};
  const tile = (id, color, wide) => ({
    id, type: "line", source: "tiles", "source-layer": "roads", minzoom: CLOSE,
    layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": color, "line-width": scaled(wide), ...opacity },
  });
  return [
    tile("roads", tint(colors), width),
    ...[1, 0].map((level) => tile(`roads-${LEVELS[level].name}`, colors[LEVELS[level].name], (by) => only(level, by))),
  ];
}

function sources({ tiles, service }) {
  const lines = { type: "geojson", data: EMPTY, tolerance: 0, maxzoom: 14 };
  return {
    tiles: { type: "vector", url: `pmtiles://${tiles}`, promoteId: "row" },
    ...(service ? { service: { type: "raster", tiles: [service.url], tileSize: 256 } } : {}),
    shapes: { type: "geojson", data: EMPTY, maxzoom: 14 },
    points: {
      type: "geojson", data: EMPTY, maxzoom: 16,
      cluster: true, clusterRadius: 30, clusterMaxZoom: CLUSTERED,
    },
    crashes: {
      type: "geojson", data: EMPTY, maxzoom: 16,
      cluster: true, clusterRadius: 36, clusterMaxZoom: 14,
    },
    selected: { ...lines, maxzoom: 18 },
    plan: { ...lines },
    sketch: { ...lines, maxzoom: 18 },
  };
}

function clusters(name, source, fill, text, edge) {
  const many = ["has", "point_count"];
  return [
    {
      id: `${name}-cluster`, type: "circle", source, filter: many,
      paint: {
        "circle-color": fill,
        "circle-opacity": 0.8,
        "circle-radius": ["interpolate", ["linear"], ["sqrt", ["get", "point_count"]], 1, 7, 30, 24],
        "circle-stroke-color": edge,
        "circle-stroke-width": 1.5,
      },
    },
    {
      id: `${name}-count`, type: "symbol", source, filter: many,
      layout: {
        "text-field": ["to-string", ["get", "point_count"]],
        "text-font": FONT, "text-size": 11, "text-allow-overlap": true,
      },
      paint: { "text-color": text },
    },
  ];
}

/** The whole style: of one area, by day or night, in one language; what `fill` draws is hidden. */
export function style(area) {
  const drawn = sources(area);
  const layers = stacked(area).map((layer) => (
    drawn[layer.source]?.type === "geojson" ? { ...layer, layout: { ...layer.layout, visibility: "none" } } : layer
  ));
  return { version: 8, sources: drawn, layers };
}

function stacked({ service, language, faint, colors }) {
  return [
    ...below(colors, service),
    {
      id: "shape-area", type: "fill", source: "shapes",
      filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "fill-color": colors.shape, "fill-opacity": 0.18, "fill-antialias": false },
    },
    {
      id: "shape-line", type: "line", source: "shapes",
      paint: { "line-color": colors.shape, "line-width": 1, "line-opacity": 0.7 },
    },
    {
      id: "plan-alone", type: "line", source: "plan",
      filter: ["==", ["get", "kind"], "alone"],
      layout: { "line-cap": "round" },
      paint: { "line-color": colors.ink, "line-width": 13 },
    },
    ...roads(colors, faint),
    {
      id: "plan-way", type: "line", source: "plan",
      filter: ["==", ["get", "kind"], "way"],
      layout: { "line-join": "round" },
      paint: { "line-color": colors.accent, "line-width": 2, "line-dasharray": [3, 2] },
    },
    ...names(colors, language, service),
    {
      id: "points", type: "symbol", source: "points",
      filter: ["!", ["has", "point_count"]],
      layout: {
        "icon-image": ["get", "symbol"],
        "icon-size": ["interpolate", ["linear"], ["zoom"], 10, 0.6, 14, 1],
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
        "icon-padding": 0,
      },
    },
    ...clusters("points", "points", colors.paper, colors.ink, colors.shape),
    {
      id: "crash-point", type: "symbol", source: "crashes",
      filter: ["!", ["has", "point_count"]],
      layout: {
        "icon-image": ["concat", "crash-", ["get", "look"]],
        "symbol-z-order": "source",
        "icon-size": ["interpolate", ["linear"], ["zoom"], 12, 0.55, 17, 0.95],
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
      },
      paint: { "icon-opacity": ["get", "opacity"] },
    },
    ...clusters("crash", "crashes", colors.ink, colors.paper, colors.paper),
    {
      id: "selected-tube", type: "line", source: "selected",
      paint: { "line-color": colors.accent, "line-width": 2.5, "line-gap-width": 10 },
    },
    {
      id: "sketch-area", type: "fill", source: "sketch",
      filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "fill-color": colors.accent, "fill-opacity": 0.1 },
    },
    {
      id: "sketch-line", type: "line", source: "sketch",
      paint: { "line-color": colors.accent, "line-width": 2.5, "line-dasharray": [2, 1.5] },
    },
    {
      id: "sketch-corner", type: "circle", source: "sketch",
      filter: ["==", ["geometry-type"], "Point"],
      paint: { "circle-radius": 4, "circle-color": colors.paper, "circle-stroke-color": colors.accent, "circle-stroke-width": 2 },
    },
  ];
}
