// What is looked at: the selected unit, what the filter lets through, and how it is laid out.
const view = {
  selected: null, hovered: null, critical: true, curve: "cpu",
  mode: units.length > 200 ? "lanes" : "rows",
  wanted: null, related: new Set(),
};
const selectionListeners = [];
const filterListeners = [];

// Called with the unit's index or null, and whether it should be brought into view.
function onSelect(listener) { selectionListeners.push(listener); }
function onFilter(listener) { filterListeners.push(listener); }

function select(index, reveal) {
  view.selected = index;
  const unit = units[index];
  view.related = new Set(unit ? [index, ...unit.deps.map(([dep]) => dep), ...unit.dependents] : []);
  if (index !== null && reveal) bring(unit.start, unit.end);
  selectionListeners.forEach((listener) => listener(index, reveal));
  redraw();
}

const isWanted = (unit) => view.wanted === null || view.wanted.has(unit.index);

function filter() {
  const words = byId("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const kind = byId("kind").value;
  const onlyPath = byId("only-path").checked;
  const wanted = units.filter((unit) => {
    const name = `${unit.label} ${unit.package}`.toLowerCase();
    return words.every((word) => name.includes(word)) && (!kind || unit.category === kind) && (!onlyPath || unit.onPath);
  });
  const all = wanted.length === units.length;
  view.wanted = all ? null : new Set(wanted.map((unit) => unit.index));
  byId("count").textContent = all ? count(units.length, "unit") : `${wanted.length} of ${count(units.length, "unit")}`;
  filterListeners.forEach((listener) => listener(wanted));
  redraw();
}
