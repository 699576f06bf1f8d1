// Risk points of the layers that are on, and crashes: near ones as one disc with their number until
// the map is close.

import { feature, fill } from "./fill.mjs";
import { icon, RATIO } from "./icons.mjs";

export class Points {
  constructor(map, here) {
    Object.assign(this, { map, here });
    for (const [name, path] of Object.entries(here.shapes)) {
      map.addImage(name, icon(path), { pixelRatio: RATIO });
    }
  }

  show({ layers, crashes }) {
    const on = layers.map(({ name }) => name);
    if (on.join() !== this.on) {
      this.on = on.join();
      const own = this.here.layers.filter(({ name }) => on.includes(name));
      fill(this.map, "points", own.flatMap(
        ({ name: layer, symbol, points, names }) => points.map(
          (place, i) => feature("Point", place, { layer, symbol, name: names[i] }),
        ),
      ));
      fill(this.map, "shapes", own.flatMap(
        ({ name: layer, lines, polygons }) => [
          ...lines.map((line) => feature("LineString", line, { layer })),
          ...polygons.map((rings) => feature("Polygon", rings, { layer })),
        ],
      ));
    }
    this.strew(crashes);
  }

  strew(crashes) {
    if (Boolean(crashes) !== Boolean(this.strewn)) {
      const { points, severity, opacity, year } = this.here.crashes;
      fill(this.map, "crashes", crashes ? points.map(
        (place, i) => feature("Point", place, {
          look: severity[i], opacity: opacity[i] / 100, year: year[i],
        }),
      ) : []);
      this.strewn = crashes;
    }
    crashes?.looks.forEach(({ color, path }, i) => {
      if (!this.map.hasImage(`crash-${i}`)) {
        this.map.addImage(`crash-${i}`, icon(path, color), { pixelRatio: RATIO });
      }
    });
  }

  /** What lies at a place of the screen, in words. */
  told(point, { layers, crashes, labels }) {
    const at = (...names) => this.map.queryRenderedFeatures(point, { layers: names });
    const texts = [];
    for (const { properties: { cluster, point_count: many, look, year } } of at("crash-cluster", "crash-point")) {
      texts.push(cluster ? `${crashes.title} · ${many}` : `${crashes.looks[look].title} · ${year}`);
    }
    for (const { properties: { cluster, point_count: many, layer, name } } of at("points-cluster", "points")) {
      const title = cluster ? labels.points : layers.find((own) => own.name === layer)?.title;
      texts.push([title, cluster ? many : name].filter(Boolean).join(" · "));
    }
    return texts;
  }

  /** Come closer to a disc that was clicked; whether there is one. */
  open(point) {
    const [found] = this.map.queryRenderedFeatures(point, { layers: ["points-cluster", "crash-cluster"] });
    if (!found) return false;
    this.map.getSource(found.source).getClusterExpansionZoom(found.properties.cluster_id)
      .then((zoom) => this.map.easeTo({ center: found.geometry.coordinates, zoom: zoom + 0.1 }), () => undefined);
    return true;
  }
}
