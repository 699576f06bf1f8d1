  const area = __CONTENT__;
  const map = __MAP__;
  const say = area.labels;

  // An animated fit is still moving when the first click comes, and ends by moving the map back.
  const [west, south, east, north] = area.bounds;
  const showAll = () => map.fitBounds([[south, west], [north, east]], { animate: false });

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

  // --- what is shown: the year, or an hour of a kind of day
  const count = area.scores.length;
  const packed = Uint8Array.from(atob(area.hours.levels), (letter) => letter.charCodeAt(0));
  const bytes = (count + (count % 2)) / 2;
  const levelAt = (column, id) => (packed[column * bytes + (id >> 1)] >> (id % 2 ? 4 : 0)) & 15;
  // kind −1 is the year, or what the map was made for
  const time = { kind: -1, hour: 8 };
  const column = () => (time.kind < 0 ? -1 : time.kind * 24 + time.hour);
  const level = (id) => (time.kind < 0 ? area.scores[id][0] : levelAt(column(), id));
  const hourName = (kind, hour) => fill(say.at, { day: area.hours.titles[kind], hour, next: hour + 1 });
  const timeName = () => (time.kind < 0 ? say.whole_is : hourName(time.kind, time.hour));
  const worst = () => (time.kind < 0 ? area.worst : area.hours.worst[column()]);

  // --- roads: the calm ones first, so that a red one is never covered
  const canvas = L.canvas({ padding: 0.3, tolerance: 4 });
  const shown = area.styles.map(() => true);
  const tip = L.tooltip({ direction: "top", offset: [0, -6] });
  const name = (id) => area.roads.names[id] || say.unnamed;
  const roads = area.roads.lines.map((flat, id) =>
    L.polyline(unpack(flat), { renderer: canvas, className: "road", stroke: false })
      .on("click", (event) => { if (shown[level(id)]) openCard(id, event.latlng); })
      .on("mouseover", (event) => {
        if (!shown[level(id)]) return;
        const word = document.createElement("span");
        word.textContent = name(id);
        tip.setContent(word).setLatLng(event.latlng).addTo(map);
      })
      .on("mouseout", () => tip.remove())
      .addTo(map));
  const paint = () => {
    const byLevel = area.styles.map(() => []);
    for (let id = 0; id < count; id++) byLevel[level(id)].push(id);
    const order = area.styles.map((_, at) => at).reverse().sort((a, b) => shown[a] - shown[b]);
    for (const at of order) {
      const [color, weight] = area.styles[at];
      const style = { color, weight, stroke: shown[at] };
      for (const id of byLevel[at]) roads[id].setStyle(style).bringToFront();
    }
  };

  // --- the card of a road
  const MOST = 8;
  const card = (id) => {
    const [whole, times, value, low, high, peak, kind, place] = area.scores[id];
    const box = document.createElement("div");
    add(box, "h3", name(id));
    add(box, "p", `${area.words[kind]} · ${area.words[place]} · ${area.roads.ids[id]}`, "small");
    const told = (at, text) => {
      const row = add(box, "p", undefined, "told");
      swatch(row, at);
      add(row, "span", text);
    };
    if (time.kind >= 0) told(level(id), fill(say.then, { period: timeName(), level: area.short[level(id)] }));
    const then = fill(say.then, { period: say.whole_is, level: area.short[whole] });
    told(whole, `${then} · ${fill(say.times, { times })}`);
    add(box, "p", fill(say.peak, { peak: area.words[peak] }));
    const of = Math.max(time.kind, 0);
    add(box, "h4", `${say.clock} · ${area.hours.titles[of]}`);
    const day = add(box, "div", undefined, "day");
    for (let hour = 0; hour < 24; hour++) {
      const at = levelAt(of * 24 + hour, id);
      const bar = add(day, "button", undefined, of === time.kind && hour === time.hour ? "now" : "");
      bar.title = fill(say.then, { period: hourName(of, hour), level: area.short[at] });
      bar.setAttribute("aria-label", bar.title);
      const fillIn = add(bar, "i");
      fillIn.style.height = `${[100, 70, 42, 16][at]}%`;
      fillIn.style.background = area.styles[at][0];
      bar.onclick = () => setTime(of, hour);
    }
    const scale = add(box, "p", undefined, "small scale");
    for (const hour of [0, 6, 12, 18, 24]) add(scale, "span", hour);
    add(box, "h4", say.why);
    const table = add(box, "table");
    const advice = [];
    const shares = area.shares[id];
    for (let i = 0; i < Math.min(shares.length, 2 * MOST); i += 2) {
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
    if (advice.length) {
      add(box, "h4", say.doing);
      for (const words of advice) add(box, "p", words);
    }
    for (const words of [say.why_of, fill(say.harm, { value, low, high })]) add(box, "p", words, "small");
    return box;
  };

  let open = null, around = null;
  const popup = L.popup({ maxWidth: 340, minWidth: 280, autoPanPadding: [12, 12] });
  map.createPane("around").style.zIndex = 380;
  const openCard = (id, at) => {
    open = id;
    if (around) around.remove();
    around = L.polyline(roads[id].getLatLngs(), { pane: "around", color: "#7b1fa2", weight: 15, opacity: 0.5, interactive: false }).addTo(map);
    popup.setLatLng(at).setContent(card(id)).openOn(map);
  };
  map.on("popupclose", () => {
    open = null;
    if (around) around.remove();
    around = null;
  });
  const middle = (id) => {
    const places = roads[id].getLatLngs();
    return places[Math.floor((places.length - 1) / 2)];
  };
  const go = (id) => {
    map.closePopup();
    map.once("moveend", () => openCard(id, middle(id)));
    map.flyTo(middle(id), Math.max(map.getZoom(), 16), { duration: 0.8 });
  };
