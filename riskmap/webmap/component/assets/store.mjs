// The geometry of areas, kept by its hash for as long as the page is open: a rerun of the page
// names the hash, and only a new area is parsed.

const KEPT = 3;
const HASH_LENGTH = 64;
const areas = new Map();
const waiting = new Map();

function unpack(flat, scale) {
  const points = new Array(flat.length / 2);
  let x = 0;
  let y = 0;
  for (let i = 0; i < points.length; i += 1) {
    x += flat[2 * i];
    y += flat[2 * i + 1];
    points[i] = [x / scale, y / scale];
  }
  return points;
}

function parse(text) {
  const area = JSON.parse(text);
  const lines = (list) => list.map((flat) => unpack(flat, area.scale));
  area.roads.lines = lines(area.roads.lines);
  area.labels.lines = lines(area.labels.lines);
  area.crashes ??= { points: [] };
  area.crashes.points = unpack(area.crashes.points, area.scale);
  for (const layer of area.layers) {
    layer.points = unpack(layer.points, area.scale);
    layer.lines = lines(layer.lines);
    layer.polygons = [];
    lines(layer.rings).forEach((ring, i) => {
      (layer.polygons[layer.polygon[i]] ??= []).push(ring);
    });
  }
  return area;
}

/** Keep an area sent as bytes: its hash, then its JSON. */
export function keep(bytes) {
  const hash = new TextDecoder().decode(bytes.subarray(0, HASH_LENGTH));
  if (areas.has(hash)) return;
  areas.set(hash, parse(new TextDecoder().decode(bytes.subarray(HASH_LENGTH))));
  for (const old of [...areas.keys()].slice(0, -KEPT)) areas.delete(old);
  for (const resolve of waiting.get(hash) ?? []) resolve(areas.get(hash));
  waiting.delete(hash);
}

/** The area of a hash, as soon as it is here. */
export function area(hash) {
  if (areas.has(hash)) return Promise.resolve(areas.get(hash));
  return new Promise((resolve) => {
    waiting.set(hash, [...(waiting.get(hash) ?? []), resolve]);
  });
}
