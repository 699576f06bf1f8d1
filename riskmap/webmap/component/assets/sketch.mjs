// Drawing on the map: a way that is measured, an area whose roads are wanted. A click sets a corner,
// a double click or Enter ends it, Backspace takes one back, Escape all.

import { feature, fill } from "./fill.mjs";

const EARTH_M = 6371008.8;

function radians(degrees) {
  return (degrees * Math.PI) / 180;
}

/** Metres between two places, on a sphere. */
export function metres([lon, lat], [east, north]) {
  const half = Math.sin(radians(north - lat) / 2) ** 2
    + Math.cos(radians(lat)) * Math.cos(radians(north)) * Math.sin(radians(east - lon) / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.sqrt(half));
}

/** Length of a way in metres. */
export function length(places) {
  return places.slice(1).reduce((sum, place, i) => sum + metres(places[i], place), 0);
}

export class Sketch {
  // `told` hears the length of what is measured, undefined where nothing is; `drawn` the corners of
  // an area that is done; `changed` which tool is on.
  constructor(map, { told, drawn, changed }) {
    Object.assign(this, { map, told, drawn, changed });
    this.tool = "";
    this.corners = [];
    this.area = null;
    map.on("click", ({ lngLat }) => this.set(lngLat));
    map.on("dblclick", (event) => {
      if (!this.tool) return;
      event.preventDefault();
      this.end();
    });
    map.on("mousemove", ({ lngLat }) => {
      if (this.tool && !this.done && this.corners.length) this.show([...this.corners, lngLat.toArray()]);
    });
  }

  /** Whether a click is a corner here, and nothing else. */
  get busy() {
    return this.tool !== "" && !this.done;
  }

  take(tool) {
    this.tool = this.tool === tool ? "" : tool;
    this.corners = [];
    this.done = false;
    this.map.getCanvas().style.cursor = this.tool ? "crosshair" : "";
    this.changed(this.tool);
    this.show([]);
  }

  set(place) {
    if (!this.busy) return;
    const corner = place.toArray();
    const last = this.corners[this.corners.length - 1];
    // the second click of a double click is the same corner
    if (last && metres(last, corner) < 0.5) return;
    this.corners.push(corner);
    this.show(this.corners);
  }

  key(name) {
    if (!this.tool) return false;
    if (name === "Enter") this.end();
    else if (name === "Escape") this.take(this.tool);
    else if (name === "Backspace" && this.busy) this.show((this.corners = this.corners.slice(0, -1)));
    else return false;
    return true;
  }

  end() {
    if (!this.busy) return;
    if (this.tool === "area") {
      if (this.corners.length < 3) return;
      const { corners } = this;
      this.take("area");
      this.drawn(corners);
      return;
    }
    this.done = true;
    this.map.getCanvas().style.cursor = "";
    this.show(this.corners);
  }

  /** Show an area that the page keeps, null for none. */
  keep(area) {
    this.area = area;
    this.draw(this.corners);
  }

  show(places) {
    this.draw(places);
    this.told(this.tool === "way" && places.length > 1 ? length(places) : undefined);
  }

  draw(places) {
    const features = [];
    const add = (...shape) => features.push(feature(...shape));
    if (this.area) add("Polygon", [[...this.area, this.area[0]]]);
    if (this.tool === "area" && places.length > 2) add("Polygon", [[...places, places[0]]]);
    else if (places.length > 1) add("LineString", places);
    for (const corner of this.corners) add("Point", corner);
    fill(this.map, "sketch", features);
  }
}
