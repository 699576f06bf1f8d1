
  // --- behind the roads
  map.createPane("behind").style.zIndex = 350;
  map.getPane("behind").style.pointerEvents = "none";
  const ground = L.canvas({ padding: 0.3, pane: "behind" });
  const behind = (style) => Object.assign({ pane: "behind", renderer: ground, interactive: false }, style);
  const { water, stream, rail, places, names, zooms } = area.backdrop;
  const wet = behind({ stroke: false, fillColor: "#d6e4ec", fillOpacity: 1 });
  for (const rings of water) L.polygon(rings.map(unpack), wet).addTo(map);
  for (const flat of stream) L.polyline(unpack(flat), behind({ color: "#d6e4ec", weight: 3 })).addTo(map);
  for (const flat of rail) L.polyline(unpack(flat), behind({ color: "#8b8b86", weight: 1.6, dashArray: "7 5" })).addTo(map);
  map.createPane("names").style.zIndex = 450;
  map.getPane("names").style.pointerEvents = "none";
  const towns = unpack(places).map((place, at) => {
    const word = document.createElement("span");
    word.textContent = names[at];
    const icon = L.divIcon({ className: "town", html: word, iconSize: [0, 0] });
    return L.marker(place, { icon, pane: "names", interactive: false, keyboard: false });
  });
  const nameTowns = () => towns.forEach((town, at) => {
    if (map.getZoom() >= zooms[at]) town.addTo(map);
    else town.remove();
  });
  map.on("zoomend", nameTowns);

  // --- risk points
  // Of two canvases only the upper one hears the mouse, so the outlines lie under the roads.
  map.createPane("outlines").style.zIndex = 390;
  map.getPane("outlines").style.pointerEvents = "none";
  const shapes = L.canvas({ padding: 0.3, pane: "outlines" });
  const faint = { color: "#5b6b7a", weight: 1, opacity: 0.8, fillOpacity: 0.08, interactive: false, pane: "outlines", renderer: shapes };
  const told = (title, lines) => {
    const box = document.createElement("div");
    add(box, "h3", title);
    for (const line of lines) add(box, "p", line);
    return box;
  };
  const turn = (group, title, svg, on) => {
    const row = add(points, "label");
    const box = add(row, "input");
    Object.assign(box, { type: "checkbox", checked: on });
    // symbols are riskmap's own markup
    add(row, "i", undefined, "sign").innerHTML = svg;
    add(row, "span", title);
    box.onchange = () => { if (box.checked) group.addTo(map); else group.remove(); };
    if (on) group.addTo(map);
    return row;
  };
  for (const layer of area.layers) {
    const group = L.layerGroup();
    for (const flat of layer.lines) L.polyline(unpack(flat), faint).addTo(group);
    const rings = {};
    layer.rings.forEach((flat, at) => {
      const polygon = layer.polygon[at];
      (rings[polygon] = rings[polygon] || []).push(unpack(flat));
    });
    for (const parts of Object.values(rings)) L.polygon(parts, faint).addTo(group);
    unpack(layer.points).forEach((place, at) => {
      const icon = L.divIcon({ className: "symbol", html: layer.symbol, iconSize: [18, 18] });
      L.marker(place, { icon, keyboard: false })
        .bindPopup(() => told(layer.title, [layer.names[at]]))
        .addTo(group);
    });
    turn(group, `${layer.title} ${layer.names.length}`, layer.symbol, layer.on);
  }
  if (area.crashes) {
    const records = area.crashes;
    const spots = unpack(records.points).map((place) => L.latLng(place));
    const group = L.layerGroup();
    const mark = ({ color, path }, size) =>
      `<svg width="${size}" height="${size}" viewBox="-1 -1 18 18"><path d="${path}" fill="${color}" fill-rule="evenodd" stroke="#fff"/></svg>`;
    // Points of one square of the screen are drawn as one disc, until nothing is left to zoom into.
    const strew = () => {
      group.clearLayers();
      const view = map.getBounds().pad(0.2), squares = new Map();
      const apart = map.getZoom() >= 17 ? 1 : 44;
      spots.forEach((place, i) => {
        if (!view.contains(place)) return;
        const { x, y } = map.project(place).divideBy(apart).floor();
        const key = `${x} ${y}`;
        if (squares.has(key)) squares.get(key).push(i);
        else squares.set(key, [i]);
      });
      for (const rows of squares.values()) {
        const last = rows[rows.length - 1];
        const look = records.looks[records.severity[last]];
        const alone = rows.length === 1;
        const side = alone ? 14 : Math.min(44, 18 + 2 * Math.sqrt(rows.length));
        const html = alone ? mark(look, side) : `<b>${rows.length}</b>`;
        const icon = L.divIcon({ className: alone ? "crash" : "crash many", html, iconSize: [side, side] });
        const centre = alone ? spots[last] : L.latLng(
          rows.reduce((sum, i) => sum + spots[i].lat, 0) / rows.length,
          rows.reduce((sum, i) => sum + spots[i].lng, 0) / rows.length,
        );
        const lines = () => rows.slice(-8).map((i) => `${records.looks[records.severity[i]].title} · ${records.year[i]}`);
        L.marker(centre, { icon, keyboard: false, opacity: alone ? records.opacity[last] / 100 : 1 })
          .bindPopup(() => told(`${records.title} ${rows.length}`, lines()))
          .addTo(group);
      }
    };
    map.on("moveend", strew);
    const there = records.looks.filter((look) => look.there);
    turn(group, `${records.title} ${spots.length}`, there.map((look) => mark(look, 12)).join(""), true);
    points.open = true;
    const key = add(points, "div", undefined, "crashes");
    for (const look of there) {
      const row = add(key, "p");
      row.innerHTML = mark(look, 13);
      add(row, "span", ` ${look.title}`);
    }
    add(key, "p", `${records.ages} ${records.cluster}`, "small");
  }

  L.control.scale({ imperial: false }).addTo(map);
  map.attributionControl.setPrefix(false).addAttribution(say.credit);
  map.invalidateSize({ animate: false });
  showAll();
  nameTowns();
  setTime(-1, time.hour);
