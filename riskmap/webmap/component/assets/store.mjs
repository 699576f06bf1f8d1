// What the page keeps for as long as it is open, by hash: the points and shapes of an area that its
// server sent, the ends of its roads, which anybody may read.

const KEPT = 3;
const HASH_LENGTH = 64;
const DEGREE = 1e6;
const areas = new Map();
const waiting = new Map();
const roads = new Map();

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

function trim(kept) {
  for (const old of [...kept.keys()].slice(0, -KEPT)) kept.delete(old);
}

/** Keep points sent as bytes: their hash, then their JSON. */
export function keep(bytes) {
  const hash = new TextDecoder().decode(bytes.subarray(0, HASH_LENGTH));
  if (areas.has(hash)) return;
  areas.set(hash, parse(new TextDecoder().decode(bytes.subarray(HASH_LENGTH))));
  trim(areas);
  for (const resolve of waiting.get(hash) ?? []) resolve(areas.get(hash));
  waiting.delete(hash);
}

/** The points of a hash, as soon as they are here. */
export function area(hash) {
  if (areas.has(hash)) return Promise.resolve(areas.get(hash));
  return new Promise((resolve) => {
    waiting.set(hash, [...(waiting.get(hash) ?? []), resolve]);
  });
}

function read(buffer) {
  const [count] = new Int32Array(buffer, 0, 1);
  const whole = new Int32Array(buffer, 4, 5 * count);
  const found = { ends: new Float64Array(4 * count), named: new Int32Array(count) };
  for (let row = 0; row < count; row += 1) {
    for (let i = 0; i < 4; i += 1) found.ends[4 * row + i] = whole[5 * row + i] / DEGREE;
    found.named[row] = whole[5 * row + 4];
  }
  found.names = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4 + 20 * count)));
  return found;
}

/** Where the roads of an area begin and end, in degrees, four numbers each, and their names. */
export function places(address) {
  if (!roads.has(address)) {
    roads.set(address, fetch(address).then(async (answer) => {
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
      return read(await answer.arrayBuffer());
    }));
    roads.get(address).catch(() => roads.delete(address));
    trim(roads);
  }
  return roads.get(address);
}
