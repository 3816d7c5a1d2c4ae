// What follows from the data: categories, lanes, dependents, and how long each unit stood ready.
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

// When a dependent that needs this much of the unit may start.
function readyAt(unit, metadataIsEnough) {
  return metadataIsEnough && unit.metadata !== null ? unit.metadata : unit.end;
}

units.forEach((unit, index) => {
  unit.index = index;
  unit.category = categoryOf(unit);
  unit.duration = unit.end - unit.start;
  unit.profile = data.profiles[unit.profile];
  unit.dependents = [];
  unit.onPath = false;
});
units.forEach((unit) => {
  unit.deps.forEach(([dep]) => units[dep].dependents.push(unit.index));
  // The dependency that it had to wait for last, and when it could have started.
  unit.lastDep = null;
  unit.ready = 0;
  for (const [dep, metadata] of unit.deps) {
    const at = readyAt(units[dep], metadata);
    if (at >= unit.ready) [unit.ready, unit.lastDep] = [at, dep];
  }
  unit.queued = Math.max(0, unit.start - unit.ready);
});
data.path.steps.forEach((step) => { units[step.unit].onPath = true; });

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

// Units that could have started but had no job yet, over time.
const waitingCurve = (() => {
  const changes = units.filter((unit) => unit.queued > 0)
    .flatMap((unit) => [[unit.ready, 1], [unit.start, -1]])
    .sort((a, b) => a[0] - b[0]);
  let now = 0;
  return changes.map(([at, by]) => [at, now += by]);
})();

// Short enough for a bar.
function nameOf(unit) {
  if (unit.category === "run") return `${unit.package} (run)`;
  if (unit.category === "script") return `${unit.package} (build)`;
  return unit.member || unit.category === "bin" ? unit.target : unit.package;
}
