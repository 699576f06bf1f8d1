// What is drawn and in which order. Roads take their level from feature state, one map layer a
// level, so that a new hour recolours without building the tiles again and red lies on top.

export const LEVELS = [
  { name: "red", color: "#b2182b", width: 5 },
  { name: "orange", color: "#e66101", width: 3.5 },
  { name: "yellow", color: "#e5b53b", width: 2.25 },
  { name: "blue", color: "#4a86b8", width: 1.1 },
];
export const UNKNOWN = { name: "unknown", color: "#8a8f96", width: 1.5 };
const ACCENT = "#7b1fa2";
const GROUND = "#f5f5f2";
const SHAPE = "#8296a8";
const FONT = ["Noto Sans CJK SC, Microsoft YaHei, PingFang SC, sans-serif"];

const EMPTY = { type: "FeatureCollection", features: [] };

function width(level, index, factor) {
  return ["case", ["==", ["feature-state", "level"], index], level.width * factor, 0];
}

function road(level, index) {
  const dashed = level === UNKNOWN ? { "line-dasharray": [2, 2] } : {};
  return {
    id: `road-${level.name}`,
    type: "line",
    source: "roads",
    layout: { "line-cap": level === UNKNOWN ? "butt" : "round", "line-join": "round" },
    paint: {
      "line-color": level.color,
      "line-width": [
        "interpolate", ["linear"], ["zoom"],
        14, width(level, index, 1),
        18, width(level, index, 2),
      ],
      ...dashed,
    },
  };
}

export function style() {
  // geojson-vt drops lines shorter than the tolerance: at the scale of a country that is every
  // 100 m piece, the red ones too.
  const lines = { type: "geojson", data: EMPTY, tolerance: 0, maxzoom: 14 };
  const drawn = [...LEVELS, UNKNOWN].map(road).reverse();
  return {
    version: 8,
    sources: {
      roads: { ...lines },
      labels: { ...lines },
      shapes: { ...lines },
      points: { type: "geojson", data: EMPTY, maxzoom: 14 },
      crashes: {
        type: "geojson", data: EMPTY, maxzoom: 16,
        cluster: true, clusterRadius: 36, clusterMaxZoom: 14,
      },
      selected: { ...lines, maxzoom: 18 },
      plan: { ...lines },
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": GROUND } },
      {
        id: "shape-area",
        type: "fill",
        source: "shapes",
        filter: ["==", ["geometry-type"], "Polygon"],
        paint: { "fill-color": SHAPE, "fill-opacity": 0.18 },
      },
      {
        id: "shape-line",
        type: "line",
        source: "shapes",
        paint: { "line-color": SHAPE, "line-width": 1, "line-opacity": 0.7 },
      },
      {
        id: "plan-alone",
        type: "line",
        source: "plan",
        filter: ["==", ["get", "kind"], "alone"],
        layout: { "line-cap": "round" },
        paint: { "line-color": "#24272b", "line-width": 13 },
      },
      ...drawn,
      {
        id: "plan-way",
        type: "line",
        source: "plan",
        filter: ["==", ["get", "kind"], "way"],
        layout: { "line-join": "round" },
        paint: { "line-color": ACCENT, "line-width": 2, "line-dasharray": [3, 2] },
      },
      {
        id: "road-hit",
        type: "line",
        source: "roads",
        paint: { "line-opacity": 0, "line-width": 1 },
      },
      {
        id: "labels",
        type: "symbol",
        source: "labels",
        minzoom: 12,
        layout: {
          "symbol-placement": "line",
          "symbol-spacing": 350,
          "text-field": ["get", "name"],
          "text-font": FONT,
          "text-size": 12,
          "text-padding": 6,
        },
        paint: { "text-color": "#3c4046", "text-halo-color": GROUND, "text-halo-width": 1.6 },
      },
      {
        id: "points",
        type: "symbol",
        source: "points",
        layout: {
          "icon-image": ["get", "symbol"],
          "icon-size": ["interpolate", ["linear"], ["zoom"], 10, 0.6, 14, 1],
          "icon-allow-overlap": ["step", ["zoom"], false, 13, true],
          "icon-ignore-placement": ["step", ["zoom"], false, 13, true],
          "icon-padding": 0,
        },
      },
      {
        id: "crash-point",
        type: "symbol",
        source: "crashes",
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
      {
        id: "crash-cluster",
        type: "circle",
        source: "crashes",
        filter: ["has", "point_count"],
        paint: {
          "circle-color": "#24272b",
          "circle-opacity": 0.72,
          "circle-radius": ["interpolate", ["linear"], ["sqrt", ["get", "point_count"]], 1, 7, 30, 24],
          "circle-stroke-color": "#fff",
          "circle-stroke-width": 1.5,
        },
      },
      {
        id: "crash-count",
        type: "symbol",
        source: "crashes",
        filter: ["has", "point_count"],
        layout: {
          "text-field": ["to-string", ["get", "point_count"]],
          "text-font": FONT,
          "text-size": 11,
          "text-allow-overlap": true,
        },
        paint: { "text-color": "#fff" },
      },
      {
        id: "selected-tube",
        type: "line",
        source: "selected",
        paint: { "line-color": ACCENT, "line-width": 2.5, "line-gap-width": 10 },
      },
      // A piece of 15 m is a dot on the map of a county: the ring is seen at every scale.
      {
        id: "selected-ring",
        type: "circle",
        source: "selected",
        filter: ["==", ["geometry-type"], "Point"],
        paint: {
          "circle-radius": 15,
          "circle-opacity": 0,
          "circle-stroke-width": 3,
          "circle-stroke-color": ACCENT,
        },
      },
    ],
  };
}

/** The road that is drawn nearest to a point of the screen, as its index, or -1. */
export function nearest(map, lines, levels, point, reach) {
  const box = [
    [point.x - reach, point.y - reach],
    [point.x + reach, point.y + reach],
  ];
  let best = -1;
  let least = reach;
  for (const { id } of map.queryRenderedFeatures(box, { layers: ["road-hit"] })) {
    const corners = lines[id].map((place) => map.project(place));
    let away = Infinity;
    for (let i = 1; i < corners.length; i += 1) {
      away = Math.min(away, distance(point, corners[i - 1], corners[i]));
    }
    away -= ([...LEVELS, UNKNOWN][levels[id]] ?? UNKNOWN).width / 2;
    if (away < least) {
      least = away;
      best = id;
    }
  }
  return best;
}

function distance(point, start, end) {
  const along = { x: end.x - start.x, y: end.y - start.y };
  const square = along.x ** 2 + along.y ** 2;
  const share = square === 0
    ? 0
    : ((point.x - start.x) * along.x + (point.y - start.y) * along.y) / square;
  const held = Math.max(0, Math.min(1, share));
  return Math.hypot(point.x - start.x - held * along.x, point.y - start.y - held * along.y);
}
