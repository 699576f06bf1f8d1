// What lies below and between the roads: land, water, rail and names from the tiles, or the
// pictures of a tile service on the own network.

import { FONT } from "./font.mjs";

const LAND = ["farm", "grass", "park", "wood", "wet", "rock", "built"];
const SIZES = { city: 20, town: 16, suburb: 13, village: 13, hamlet: 11.5 };

function part(id, type, layer, rest) {
  return { id, type, source: "tiles", "source-layer": layer, ...rest };
}

/** Style layers under the roads; `language` is "zh" or "en". */
export function below(colors, service) {
  const ground = [{ id: "ground", type: "background", paint: { "background-color": colors.ground } }];
  if (service) return [...ground, { id: "service", type: "raster", source: "service" }];
  const land = ["match", ["get", "kind"], ...LAND.flatMap((kind) => [kind, colors[kind]]), colors.ground];
  return [
    ...ground,
    part("land", "fill", "land", { paint: { "fill-color": land, "fill-antialias": false } }),
    part("water", "fill", "water", {
      paint: { "fill-color": colors.water, "fill-antialias": ["step", ["zoom"], false, 12, true] },
    }),
    part("stream", "line", "stream", {
      paint: {
        "line-color": colors.stream,
        "line-width": ["interpolate", ["linear"], ["zoom"], 9, 0.6, 14, ["match", ["get", "kind"], ["river", "canal"], 3, 1.2]],
      },
    }),
    part("building", "fill", "building", {
      minzoom: 13,
      paint: { "fill-color": colors.building, "fill-opacity": ["interpolate", ["linear"], ["zoom"], 13, 0.3, 15, 1] },
    }),
    part("rail", "line", "rail", { paint: { "line-color": colors.rail, "line-width": 1.4 } }),
    part("sleepers", "line", "rail", {
      minzoom: 11,
      paint: { "line-color": colors.rail, "line-width": 5, "line-dasharray": [0.25, 2] },
    }),
  ];
}

/** Names of roads and places, above the roads. */
export function names(colors, language, service) {
  const text = {
    "text-color": colors.name, "text-halo-color": colors.ground, "text-halo-width": 1.6,
  };
  const name = language.startsWith("zh")
    ? ["coalesce", ["get", "name_zh"], ["get", "name"]] : ["get", "name"];
  const roads = part("names", "symbol", "names", {
    minzoom: 12,
    layout: {
      "symbol-placement": "line", "symbol-spacing": 350, "text-field": ["get", "name"],
      "text-font": FONT, "text-size": 12, "text-padding": 6,
    },
    paint: text,
  });
  if (service) return [roads];
  return [
    roads,
    part("place", "symbol", "place", {
      layout: {
        "text-field": name,
        "text-font": FONT,
        "text-size": ["match", ["get", "kind"], ...Object.entries(SIZES).flat(), 11.5],
        "text-padding": 8,
        "text-max-width": 7,
        "symbol-sort-key": ["match", ["get", "kind"], ...Object.keys(SIZES).flatMap((kind, i) => [kind, i]), 9],
      },
      paint: { ...text, "text-halo-width": 2 },
    }),
  ];
}
