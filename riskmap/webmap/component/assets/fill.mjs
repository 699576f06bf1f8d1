// What is drawn of the page's own data. Most of it is empty most of the time, and what is empty is
// neither read nor cut into tiles nor drawn.

/** A feature of GeoJSON. */
export function feature(type, coordinates, properties = {}) {
  return { type: "Feature", geometry: { type, coordinates }, properties };
}

/** Features in place of those that a source had; while a style is coming there is none. */
export function fill(map, source, features) {
  const layers = map.getLayersOrder().filter((id) => map.getLayer(id).source === source);
  const visibility = features.length > 0 ? "visible" : "none";
  if (layers.every((id) => map.getLayoutProperty(id, "visibility") === "none") && visibility === "none") return;
  for (const id of layers) map.setLayoutProperty(id, "visibility", visibility);
  map.getSource(source)?.setData({ type: "FeatureCollection", features });
}
