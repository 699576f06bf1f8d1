// A short list of roads: a click on a row chooses its road, and lets go of one that is chosen.

function cell(words, kind = "td") {
  return Object.assign(document.createElement(kind), { textContent: words });
}

function line({ id, level, said, name, times }, rank, { chosen }, choose) {
  const row = document.createElement("tr");
  row.toggleAttribute("data-chosen", id === chosen);
  const badge = Object.assign(document.createElement("span"), { className: `badge ${level}`, textContent: said });
  const road = Object.assign(document.createElement("button"), { type: "button", textContent: name });
  road.setAttribute("aria-pressed", String(id === chosen));
  const cells = [cell(rank), cell(""), cell(""), cell(times)];
  cells[1].append(badge);
  cells[2].append(road);
  row.append(...cells);
  row.onclick = () => choose(id === chosen ? "" : id);
  return row;
}

export default function mount({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".rm-rows");
  const buttons = () => [...root.querySelectorAll("button")];
  const held = buttons().indexOf(document.activeElement);
  const heads = document.createElement("tr");
  heads.append(...data.heads.map((words) => cell(words, "th")));
  heads.lastChild.title = data.times_is;
  const table = document.createElement("table");
  table.append(document.createElement("thead"), document.createElement("tbody"));
  table.tHead.append(heads);
  table.tBodies[0].append(...data.rows.map(
    (row, i) => line(row, i + 1, data, (id) => setTriggerValue("chosen", id)),
  ));
  root.style.maxHeight = data.height;
  root.replaceChildren(table);
  // who walks through the rows by key stays where they are
  buttons()[held]?.focus();
}
