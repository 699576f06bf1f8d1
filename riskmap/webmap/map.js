{
  const area = __CONTENT__;
  const map = __MAP__;
  const say = area.labels;

  // An animated fit is still moving when the first click comes, and ends by moving the map back.
  const [west, south, east, north] = area.bounds;
  map.fitBounds([[south, west], [north, east]], { animate: false });

  const unpack = (flat) => {
    const places = [];
    let x = 0, y = 0;
    for (let i = 0; i < flat.length; i += 2) {
      x += flat[i];
      y += flat[i + 1];
      places.push([y / area.scale, x / area.scale]);
    }
    return places;
  };

  // Names come from the map's data: they are set as text, never as markup.
  const add = (parent, tag, text, name) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (name) made.className = name;
    parent.appendChild(made);
    return made;
  };
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const digits = (value) => String(value).replace("-", "−");

  const card = (id) => {
    const [level, times, value, low, high, peak, kind, place] = area.scores[id];
    const box = document.createElement("div");
    add(box, "h3", area.roads.names[id] || say.unnamed);
    const first = add(box, "p");
    const mark = add(first, "span", area.levels[level], "level");
    mark.style.borderColor = area.styles[level][0];
    add(first, "span", ` ${fill(say.times, { times })}`);
    add(box, "p", `${area.words[kind]} · ${area.words[place]} · ${area.roads.ids[id]}`, "small");
    add(box, "p", fill(say.harm, { value, low, high }), "small");
    add(box, "p", fill(say.peak, { peak: area.words[peak] }));
    add(box, "h4", say.why);
    const table = add(box, "table");
    const advice = [];
    const shares = area.shares[id];
    for (let i = 0; i < shares.length; i += 2) {
      const reason = area.reasons[shares[i]];
      const percent = Math.round(shares[i + 1] / 10);
      const row = add(table, "tr");
      add(row, "td", reason.title);
      const bar = add(add(row, "td", undefined, "bar"), "span");
      bar.style.width = `${Math.max(0, Math.min(100, percent))}%`;
      add(row, "td", `${digits(percent)} %`, "number");
      const source = add(row, "td", reason.grade === "D" ? say.judgement : reason.grade, "grade");
      source.title = reason.source;
      if (reason.advice && percent >= 5 && advice.length < 2) advice.push(reason.advice);
    }
    add(box, "p", `${say.why_of} ${say.weighted}`, "small");
    if (advice.length) {
      add(box, "h4", say.doing);
      for (const words of advice) add(box, "p", words);
    }
    return box;
  };

  // Roads: the calm ones first, so that a red one is never covered.
  const roads = L.canvas({ padding: 0.3, tolerance: 4 });
  const byLevel = area.styles.map(() => L.layerGroup());
  const lines = area.roads.lines.map(unpack);
  for (let level = area.styles.length - 1; level >= 0; level--) {
    const [color, weight] = area.styles[level];
    area.scores.forEach((score, id) => {
      if (score[0] !== level) return;
      L.polyline(lines[id], { color, weight, renderer: roads, className: "road" })
        .bindPopup(() => card(id), { maxWidth: 340, minWidth: 280 })
        .addTo(byLevel[level]);
    });
    byLevel[level].addTo(map);
  }

  const switches = {};
  const swatch = (text, inside) => {
    const row = document.createElement("span");
    row.innerHTML = inside;
    add(row, "span", ` ${text}`);
    return row.innerHTML;
  };
  area.styles.forEach(([color, weight], level) => {
    const line = `<i class="line" style="border-top:${weight}px solid ${color}"></i>`;
    switches[swatch(area.levels[level], line)] = byLevel[level];
  });
  // Of two canvases only the upper one hears the mouse, so the outlines lie under the roads.
  map.createPane("outlines").style.zIndex = 390;
  map.getPane("outlines").style.pointerEvents = "none";
  const shapes = L.canvas({ padding: 0.3, pane: "outlines" });
  const faint = { color: "#5b6b7a", weight: 1, opacity: 0.8, fillOpacity: 0.08, interactive: false, pane: "outlines", renderer: shapes };
  for (const layer of area.layers) {
    const group = L.layerGroup();
    for (const flat of layer.lines) L.polyline(unpack(flat), faint).addTo(group);
    const rings = {};
    layer.rings.forEach((flat, i) => (rings[layer.polygon[i]] ??= []).push(unpack(flat)));
    for (const parts of Object.values(rings)) L.polygon(parts, faint).addTo(group);
    unpack(layer.points).forEach((place, i) => {
      const icon = L.divIcon({ className: "symbol", html: layer.symbol, iconSize: [18, 18] });
      L.marker(place, { icon, keyboard: false })
        .bindPopup(() => {
          const box = document.createElement("div");
          add(box, "h3", layer.title);
          add(box, "p", layer.names[i]);
          return box;
        })
        .addTo(group);
    });
    if (layer.on) group.addTo(map);
    switches[swatch(`${layer.title} ${layer.names.length}`, layer.symbol)] = group;
  }
  if (area.crashes) {
    const known = area.crashes;
    const places = unpack(known.points).map((place) => L.latLng(place));
    const group = L.layerGroup();
    const mark = ({ color, path }, size) =>
      `<svg width="${size}" height="${size}" viewBox="-1 -1 18 18"><path d="${path}" fill="${color}" fill-rule="evenodd" stroke="#fff"/></svg>`;
    // Points of one square of the screen are drawn as one disc, until nothing is left to zoom into.
    const strew = () => {
      group.clearLayers();
      const view = map.getBounds().pad(0.2), squares = new Map();
      const apart = map.getZoom() >= 17 ? 1 : 44;
      places.forEach((place, i) => {
        if (!view.contains(place)) return;
        const { x, y } = map.project(place).divideBy(apart).floor();
        const key = `${x} ${y}`;
        if (squares.has(key)) squares.get(key).push(i);
        else squares.set(key, [i]);
      });
      for (const rows of squares.values()) {
        const last = rows[rows.length - 1];
        const look = known.looks[known.severity[last]];
        const alone = rows.length === 1;
        const side = alone ? 14 : Math.min(44, 18 + 2 * Math.sqrt(rows.length));
        const html = alone ? mark(look, side) : `<b>${rows.length}</b>`;
        const icon = L.divIcon({ className: alone ? "crash" : "crash many", html, iconSize: [side, side] });
        const middle = alone ? places[last] : L.latLng(
          rows.reduce((sum, i) => sum + places[i].lat, 0) / rows.length,
          rows.reduce((sum, i) => sum + places[i].lng, 0) / rows.length,
        );
        L.marker(middle, { icon, keyboard: false, opacity: alone ? known.opacity[last] / 100 : 1 })
          .bindPopup(() => {
            const box = document.createElement("div");
            add(box, "h3", `${known.title} ${rows.length}`);
            for (const i of rows.slice(-8)) add(box, "p", `${known.looks[known.severity[i]].title} · ${known.year[i]}`);
            return box;
          })
          .addTo(group);
      }
    };
    map.on("moveend", strew);
    strew();
    group.addTo(map);
    const there = known.looks.filter((look) => look.there);
    switches[swatch(`${known.title} ${places.length}`, there.map((look) => mark(look, 12)).join(""))] = group;
    const key = L.control({ position: "bottomright" });
    key.onAdd = () => {
      const box = L.DomUtil.create("div", "title crashes");
      add(box, "b", known.title);
      for (const look of there) {
        const row = add(box, "p");
        row.innerHTML = mark(look, 13);
        add(row, "span", ` ${look.title}`);
      }
      add(box, "p", known.ages, "small");
      add(box, "p", known.cluster, "small");
      return box;
    };
    key.addTo(map);
  }
  L.control.layers(null, switches, { collapsed: false }).addTo(map);

  const title = L.control({ position: "topleft" });
  title.onAdd = () => {
    const box = L.DomUtil.create("div", "title");
    add(box, "h2", say.title);
    add(box, "p", say.period);
    add(box, "p", say.date, "small");
    add(box, "p", say.levels_are, "small");
    const known = add(box, "details", "", "small coverage");
    add(known, "summary", say.title_of_coverage);
    add(known, "p", say.is);
    const table = add(known, "table", "");
    const heads = ["", say.known, say.assumed, say.unknown];
    for (const row of [heads, ...area.coverage]) {
      const line = add(table, "tr", "");
      row.forEach((cell, i) => add(line, "td", row === heads || !i ? cell : `${cell} %`, i ? "number" : ""));
    }
    L.DomEvent.disableClickPropagation(box).disableScrollPropagation(box);
    return box;
  };
  title.addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  map.attributionControl.setPrefix(false).addAttribution(say.credit);
}
