
  // --- the panel beside the map
  const panel = add(document.body, "div");
  panel.id = "panel";
  const swatch = (parent, at) => {
    const mark = add(add(parent, "i", undefined, "swatch"), "b");
    mark.style.borderTop = `${area.styles[at][1]}px solid ${area.styles[at][0]}`;
  };

  const head = add(panel, "header");
  add(head, "h1", say.area);
  add(head, "p", `${say.app} · ${say.date}`, "small");
  for (const words of [say.part, say.simulated]) if (words) add(head, "p", words, "small part");

  const when = add(panel, "section");
  const kinds = add(when, "div", undefined, "kinds");
  const buttons = [say.whole, ...area.hours.titles].map((title, at) => {
    const button = add(kinds, "button", title);
    button.onclick = () => setTime(at - 1, time.hour);
    return button;
  });
  const slide = add(when, "input");
  Object.assign(slide, { type: "range", min: 0, max: 23, step: 1, value: time.hour });
  const ticks = add(when, "p", undefined, "small scale");
  for (const hour of [0, 6, 12, 18, 23]) add(ticks, "span", hour);
  const timeShown = add(when, "output");
  slide.oninput = () => setTime(Math.max(time.kind, 0), Number(slide.value));

  const legend = add(panel, "section", undefined, "legend");
  add(legend, "h2", say.legend);
  area.levels.forEach((title, at) => {
    const row = add(legend, "label");
    const box = add(row, "input");
    Object.assign(box, { type: "checkbox", checked: true });
    swatch(row, at);
    add(row, "span", title);
    box.onchange = () => {
      shown[at] = box.checked;
      paint();
    };
  });
  for (const words of [say.levels_are, say.widths, say.weighted]) add(legend, "p", words, "small");

  const place = (list, id, first, last) => {
    const button = add(add(list, "li"), "button");
    add(button, "span", first, "rank");
    swatch(button, level(id));
    add(button, "span", name(id), "road-name");
    add(button, "span", last, "number");
    button.onclick = () => go(id);
  };

  const search = add(panel, "section");
  const find = add(search, "input", undefined, "find");
  Object.assign(find, { type: "search", placeholder: say.find });
  find.setAttribute("aria-label", say.find);
  const found = add(search, "ol", undefined, "found");
  const look = () => {
    found.textContent = "";
    const asked = find.value.trim().toLowerCase();
    if (!asked) return;
    const best = new Map();
    for (let id = 0; id < count; id++) {
      const name = area.roads.names[id];
      const fits = name.toLowerCase().includes(asked) || area.roads.ids[id].toLowerCase() === asked;
      const key = name || area.roads.ids[id];
      if (fits && (!best.has(key) || area.scores[id][1] > area.scores[best.get(key)][1])) best.set(key, id);
    }
    for (const id of [...best.values()].slice(0, 12)) place(found, id, "", "");
    if (!best.size) add(found, "li", say.nothing, "small");
  };
  find.oninput = look;

  const ranked = add(panel, "section");
  const listTitle = add(ranked, "h2");
  const list = add(ranked, "ol", undefined, "worst");
  add(ranked, "p", say.times_is, "small");

  const fold = (title, name) => {
    const box = add(panel, "details", undefined, name);
    add(box, "summary", title);
    return box;
  };
  const points = fold(say.points, "layers");
  const known = fold(say.title_of_coverage, "coverage");
  add(known, "p", say.is, "small");
  const table = add(known, "table");
  const heads = ["", say.known, say.assumed, say.unknown];
  for (const row of [heads, ...area.coverage]) {
    const line = add(table, "tr");
    row.forEach((cell, at) => add(line, "td", row === heads || !at ? cell : `${cell} %`, at ? "number" : ""));
  }

  const setTime = (kind, hour) => {
    Object.assign(time, { kind, hour });
    buttons.forEach((button, at) => button.setAttribute("aria-pressed", at - 1 === kind));
    slide.value = hour;
    slide.setAttribute("aria-valuetext", timeName());
    when.classList.toggle("whole", kind < 0);
    timeShown.textContent = timeName();
    paint();
    listTitle.textContent = fill(say.worst, { period: timeName() });
    list.textContent = "";
    const rows = worst();
    for (let at = 0; at < rows.length; at += 2) place(list, rows[at], at / 2 + 1, `${rows[at + 1]}×`);
    look();
    if (open !== null) popup.setContent(card(open));
  };
