// The curve below the timeline, on the same axis: cores in use and units under way, or the memory
// that the units under way may hold.
const curve = byId("curve");
const CURVE_HEIGHT = 120;

function paintMemory(context, width, top, height) {
  const most = highestOf(data.memory_curve);
  const near = data.memory_bytes && data.memory_bytes < most * 3;
  const highest = Math.max(near ? data.memory_bytes * 1.05 : most * 1.15, 1);
  context.strokeStyle = context.fillStyle = colors.second;
  drawSteps(context, data.memory_curve, width, { top, height, highest, fill: true });
  const level = near ? data.memory_bytes : most;
  const y = top + height - (level / highest) * height;
  drawLevel(context, y, width, near ? `${size(level)} of memory` : `${size(level)} at most`);
}

// A long queue would flatten what is about cores, so it is cut off at the top.
function paintCpu(context, width, top, height) {
  const highest = Math.max(data.cores, highestOf(data.active), highestOf(data.cpu_curve)) * 1.3;
  context.strokeStyle = colors.queue;
  drawSteps(context, waitingCurve.map(([at, n]) => [at, Math.min(n, highest)]), width,
    { top, height, highest, dash: [2, 3] });
  context.strokeStyle = context.fillStyle = colors.accent;
  drawSteps(context, data.cpu_curve, width, { top, height, highest, fill: true });
  context.strokeStyle = colors.active;
  drawSteps(context, data.active, width, { top, height, highest });
  const y = top + height - (data.cores / highest) * height;
  drawLevel(context, y, width, count(data.cores, "core"));
}

function paintCurve() {
  const { context, width, height } = prepare(curve, CURVE_HEIGHT);
  drawGrid(context, width, 0, height);
  context.lineWidth = 1.5;
  const paint = view.curve === "memory" ? paintMemory : paintCpu;
  paint(context, width, 6, height - 8);
  drawCursor(context, width, 0, height);
  fillCurveKey();
}

function keyEntry(color, dashed, text) {
  const style = `border-top: ${dashed ? "2px dotted" : "2px solid"} var(--${color})`;
  return el("span", { class: "key" }, el("i", { style }), text);
}

// What the lines are, with their values where the pointer is.
function fillCurveKey() {
  const at = stretch.cursor;
  const value = (text) => (at === null ? "" : `: ${text()}`);
  const when = at === null ? [] : [el("span", { class: "key", textContent: `at ${seconds(at)}` })];
  const entries = view.curve === "memory"
    ? [keyEntry("second", false, `sum of the peaks of the units under way, an upper bound${value(() => size(valueAt(data.memory_curve, at)))}`)]
    : [
      keyEntry("accent", false, `cores in use${value(() => valueAt(data.cpu_curve, at).toFixed(2))}`),
      keyEntry("active", false, `units under way${value(() => valueAt(data.active, at))}`),
      keyEntry("queue", true, `ready, waiting for a job${value(() => valueAt(waitingCurve, at))}`),
    ];
  byId("curve-key").replaceChildren(...entries, ...when);
}

onFrame(paintCurve);
