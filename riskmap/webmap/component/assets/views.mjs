// Where a map looks: kept in the address, so that a link restores it, and shared by maps that are
// laid side by side.

const NAME = "view";
const MOST_ZOOM = 22;
const groups = new Map();

/** The view that the address asks for, undefined where it asks for none that can be. */
export function asked() {
  const [lon, lat, zoom] = (new URLSearchParams(window.location.search).get(NAME) ?? "").split(",").map(Number);
  const there = [lon, lat, zoom].every(Number.isFinite)
    && Math.abs(lon) <= 180 && Math.abs(lat) <= 85 && zoom >= 0 && zoom <= MOST_ZOOM;
  return there ? { center: [lon, lat], zoom } : undefined;
}

/** Keep a view in the address; undefined takes it out. */
export function note(view) {
  const address = new URL(window.location.href);
  if (view) {
    address.searchParams.set(NAME, [view.center.lng.toFixed(5), view.center.lat.toFixed(5), view.zoom.toFixed(2)].join(","));
  } else {
    address.searchParams.delete(NAME);
  }
  // commas need no escape there, and a link is read out over the telephone
  window.history.replaceState(window.history.state, "", address.href.replaceAll("%2C", ","));
}

/** Let a map follow the others of its group; what comes back takes it out. */
export function together(map, group) {
  if (!groups.has(group)) groups.set(group, new Set());
  const maps = groups.get(group);
  const others = [...maps];
  maps.add(map);
  const look = (from, to) => to.jumpTo({ center: from.getCenter(), zoom: from.getZoom() }, { followed: true });
  const lead = (event) => {
    if (event.followed) return;
    for (const other of maps) if (other !== map) look(map, other);
  };
  map.on("move", lead);
  if (others.length) look(others[0], map);
  return () => {
    map.off("move", lead);
    maps.delete(map);
  };
}
