// The table of units: sorted by any column, filtered by name and kind.
const COLUMNS = [
  { key: "label", title: "Unit", text: true, value: (unit) => unit.label },
  { key: "category", title: "Kind", text: true, value: (unit) => CATEGORIES[unit.category] },
  { key: "start", title: "Start", value: (unit) => unit.start, show: seconds },
  { key: "duration", title: "Duration", value: (unit) => unit.duration, show: seconds },
  { key: "front", title: "To metadata", value: (unit) => (unit.metadata === null ? null : unit.metadata - unit.start), show: seconds },
  { key: "link", title: "Link", value: (unit) => unit.link || null, show: seconds },
  { key: "cpu", title: "CPU", value: (unit) => unit.cpu, show: seconds },
  { key: "peak", title: "Memory", value: (unit) => unit.peak, show: size },
  { key: "deps", title: "Waited for", value: (unit) => unit.deps.length, show: String },
  { key: "dependents", title: "Dependents", value: (unit) => unit.dependents.length, show: String },
];
const sorting = { key: "duration", down: true };
const tableRows = new Map();
const body = document.querySelector("#units tbody");

function rowFor(unit) {
  if (tableRows.has(unit.index)) return tableRows.get(unit.index);
  const cells = COLUMNS.map((column, index) => {
    const value = column.value(unit);
    const text = column.text ? value : value === null ? "" : column.show(value);
    if (index > 0) return el("td", { class: column.text ? "text" : "", textContent: text });
    const swatch = el("span", { class: "swatch", style: `background: var(--${unit.category})` });
    return el("td", { class: "text", title: text }, swatch, el("button", { type: "button", textContent: text }));
  });
  const row = el("tr", { class: unit.onPath ? "on-path" : "" }, ...cells);
  row.dataset.unit = unit.index;
  tableRows.set(unit.index, row);
  return row;
}

function compare(a, b, column) {
  const [left, right] = [column.value(a), column.value(b)];
  if (left === right) return a.index - b.index;
  if (left === null) return 1;
  if (right === null) return -1;
  const order = column.text ? left.localeCompare(right) : left - right;
  return sorting.down ? -order : order;
}

function fillTable() {
  const column = COLUMNS.find(({ key }) => key === sorting.key);
  const words = byId("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const kind = byId("kind").value;
  const onlyPath = byId("only-path").checked;
  const wanted = units.filter((unit) => {
    const name = `${unit.label} ${unit.package}`.toLowerCase();
    return words.every((word) => name.includes(word)) && (!kind || unit.category === kind) && (!onlyPath || unit.onPath);
  });
  body.replaceChildren(...wanted.sort((a, b) => compare(a, b, column)).map(rowFor));
  byId("count").textContent = wanted.length === units.length ? `${units.length}` : `${wanted.length} of ${units.length}`;
  document.querySelectorAll("#units th").forEach((head) => {
    if (head.dataset.key !== sorting.key) head.removeAttribute("aria-sort");
    else head.setAttribute("aria-sort", sorting.down ? "descending" : "ascending");
  });
}

function sortBy(column) {
  if (sorting.key === column.key) sorting.down = !sorting.down;
  else Object.assign(sorting, { key: column.key, down: !column.text });
  fillTable();
}

const headRow = el("tr", {}, ...COLUMNS.map((column) => {
  const button = el("button", { type: "button", textContent: column.title, onclick: () => sortBy(column) });
  const head = el("th", { class: column.text ? "text" : "", scope: "col" }, button);
  head.dataset.key = column.key;
  return head;
}));
document.querySelector("#units thead").append(headRow);
body.addEventListener("click", (event) => {
  const row = event.target.closest("tr");
  if (row) select(Number(row.dataset.unit), true);
});
["filter", "kind", "only-path"].forEach((id) => byId(id).addEventListener("input", fillTable));

let marked = null;
onSelect((index) => {
  marked?.classList.remove("selected");
  marked = index === null ? null : tableRows.get(index);
  marked?.classList.add("selected");
});
