// The data and what follows from it: categories, rows, dependents. Also the two ways to make an
// element; names reach the page through textContent only.
const data = JSON.parse(document.getElementById("data").textContent);
const units = data.units;

const CATEGORIES = {
  lib: "Dependency", member: "Workspace library", macro: "Proc-macro", script: "Build script",
  run: "Build script run", bin: "Binary", test: "Test or bench",
};

function categoryOf(unit) {
  switch (unit.kind) {
    case "lib": return unit.member ? "member" : "lib";
    case "proc-macro": return "macro";
    case "build-script": return "script";
    case "run-build-script": return "run";
    case "test": case "bench": return "test";
    default: return "bin";
  }
}

units.forEach((unit, index) => {
  unit.index = index;
  unit.category = categoryOf(unit);
  unit.duration = unit.end - unit.start;
  unit.dependents = [];
  unit.onPath = false;
});
units.forEach((unit) => unit.deps.forEach(([dep]) => units[dep].dependents.push(unit.index)));
data.path.steps.forEach((step) => { units[step.unit].onPath = true; });

// When a dependent that needs this much of the unit may start.
function readyAt(unit, metadataIsEnough) {
  return metadataIsEnough && unit.metadata !== null ? unit.metadata : unit.end;
}

const byStart = units.slice().sort((a, b) => a.start - b.start || a.index - b.index);

// The lowest free lane for each unit: as many lanes as jobs ran at once.
const laneCount = (() => {
  const free = [];
  for (const unit of byStart) {
    let lane = free.findIndex((end) => end <= unit.start + 1e-6);
    if (lane < 0) lane = free.length;
    free[lane] = Math.max(unit.end, unit.start);
    unit.lane = lane;
  }
  byStart.forEach((unit, row) => { unit.row = row; });
  return Math.max(free.length, 1);
})();

function el(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (name === "class") element.className = value;
    else if (name.startsWith("aria-") || name === "style") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

const byId = (id) => document.getElementById(id);

function seconds(value) {
  if (value === null || value === undefined) return "";
  if (value < 0.9995) return `${Math.round(value * 1000)} ms`;
  if (value < 99.95) return `${value.toFixed(2)} s`;
  if (value < 3600) return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
  return `${(value / 3600).toFixed(1)} h`;
}

function size(bytes) {
  if (bytes === null || bytes === undefined) return "";
  const gib = bytes / 2 ** 30;
  return gib >= 1 ? `${gib.toFixed(1)} GiB` : `${Math.round(bytes / 2 ** 20)} MiB`;
}

const percent = (share) => `${Math.round(share * 100)} %`;
