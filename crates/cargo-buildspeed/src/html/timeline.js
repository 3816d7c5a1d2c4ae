// The timeline: one bar per unit, on the job it ran on or on a row of its own.
const timeline = byId("timeline");
const rowsBox = byId("rows");
const AXIS = 28;
const ROW = 20;

// Paper cannot scroll, and jobs take far less room.
const isWaterfall = () => view.mode === "rows" && !(printing && units.length > 40);

function rowHeight() {
  if (isWaterfall()) return ROW;
  return Math.round(Math.max(22, Math.min(46, 320 / laneCount)));
}
const rowOf = (unit) => (isWaterfall() ? unit.row : unit.lane);
const rowCount = () => (isWaterfall() ? units.length : laneCount);
const scrolled = () => (printing ? 0 : rowsBox.scrollTop);
const contentHeight = () => AXIS + rowCount() * rowHeight() + 6;

// The bar's box on the canvas.
function barOf(unit, width) {
  const x = xOf(unit.start, width);
  const top = AXIS + rowOf(unit) * rowHeight() + 3 - scrolled();
  return { x, y: top, w: Math.max(xOf(unit.end, width) - x, 1.5), h: rowHeight() - 5 };
}

// What is not looked at steps back: what the filter leaves out, what has nothing to do with the
// selected unit, and what is off the critical path.
function strengthOf(unit) {
  if (!isWanted(unit)) return 0.13;
  if (view.selected !== null) return view.related.has(unit.index) ? 1 : 0.3;
  return view.critical && !unit.onPath ? 0.62 : 1;
}

function drawBar(context, unit, width) {
  const bar = barOf(unit, width);
  const strength = strengthOf(unit);
  context.globalAlpha = strength;
  context.fillStyle = colors[unit.category];
  context.fillRect(bar.x, bar.y, bar.w, bar.h);
  if (unit.metadata !== null) {
    const ready = Math.min(xOf(unit.metadata, width), bar.x + bar.w);
    context.fillStyle = colors.card;
    context.globalAlpha = 0.42 * strength;
    context.fillRect(ready, bar.y, bar.x + bar.w - ready, bar.h);
    if (bar.w > 6) {
      context.fillStyle = colors["bar-text"];
      context.globalAlpha = 0.55 * strength;
      context.fillRect(ready - 0.75, bar.y, 1.5, bar.h);
    }
    context.globalAlpha = strength;
  }
  if (unit.link > 0 && bar.w > 4) {
    const from = xOf(unit.end - unit.link, width);
    hatch(context, from, bar.y, bar.x + bar.w - from, bar.h, colors["bar-text"]);
  }
  context.globalAlpha = !isWanted(unit) ? strength : view.selected === null ? 1 : Math.max(strength, 0.6);
  drawName(context, unit, bar, width);
  if (view.critical && unit.onPath) outline(context, bar, colors.alarm, 2);
  context.globalAlpha = 1;
  if (view.hovered === unit.index) outline(context, bar, colors.text, 1);
  if (view.selected === unit.index) outline(context, bar, colors.accent, 3);
}

// Inside the bar, from its visible edge; beside it on the waterfall, where there is room.
function drawName(context, unit, bar, width) {
  const left = Math.max(bar.x, 0) + 6;
  const room = Math.min(bar.x + bar.w, width) - left - 4;
  const inside = fitted(context, nameOf(unit), room);
  const middle = bar.y + bar.h / 2 + 0.5;
  if (inside && (!isWaterfall() || inside === nameOf(unit))) {
    context.fillStyle = colors["bar-text"];
    const two = bar.h >= 34;
    context.fillText(inside, left, two ? middle - 7 : middle);
    if (two) context.fillText(fitted(context, seconds(unit.duration), room), left, middle + 8);
  } else if (isWaterfall()) {
    drawNameBeside(context, unit, bar, width, middle);
  }
}

function drawNameBeside(context, unit, bar, width, middle) {
  const label = `${nameOf(unit)}  ${seconds(unit.duration)}`;
  const after = Math.max(bar.x + bar.w, 0) + 6;
  context.fillStyle = colors.dim;
  if (fitted(context, label, width - after) === label) {
    context.fillText(label, after, middle);
  } else {
    const before = Math.min(bar.x, width) - 6;
    context.textAlign = "right";
    context.fillText(fitted(context, label, before), before, middle);
    context.textAlign = "left";
  }
}

function drawRows(context, width, height) {
  for (let row = 0; row < rowCount(); row += 2) {
    const y = AXIS + row * rowHeight() - scrolled();
    if (y + rowHeight() < AXIS || y > height) continue;
    context.fillStyle = colors.stripe;
    context.fillRect(0, y, width, rowHeight());
  }
}

// From each step of the critical path to the next: solid where one waits for the other, dashed where
// the next also waited for something else.
function drawPath(context, width) {
  for (let n = 1; n < data.path.steps.length; n += 1) {
    const [before, after] = [data.path.steps[n - 1], data.path.steps[n]];
    const [from, to] = [barOf(units[before.unit], width), barOf(units[after.unit], width)];
    context.strokeStyle = colors.alarm;
    context.lineWidth = 1.5;
    context.setLineDash(after.waited > 0.05 ? [3, 4] : []);
    context.beginPath();
    const handover = xOf(before.until, width);
    context.moveTo(handover, from.y + from.h / 2);
    context.lineTo(Math.max(handover, to.x), to.y + to.h / 2);
    context.stroke();
  }
  context.setLineDash([]);
}

// What the selected unit waited for, and what waited for it.
function drawEdges(context, width) {
  const unit = units[view.selected];
  if (!unit) return;
  const own = barOf(unit, width);
  const start = { x: own.x, y: own.y + own.h / 2 };
  for (const [dep, metadata] of unit.deps) {
    const bar = barOf(units[dep], width);
    const from = { x: xOf(readyAt(units[dep], metadata), width), y: bar.y + bar.h / 2 };
    arrow(context, from, start, colors.accent, 0.9);
  }
  const faint = unit.dependents.length > 40 ? 0.35 : 0.8;
  for (const index of unit.dependents) {
    const bar = barOf(units[index], width);
    const metadata = units[index].deps.some(([dep, enough]) => dep === unit.index && enough);
    const from = { x: xOf(readyAt(unit, metadata), width), y: own.y + own.h / 2 };
    arrow(context, from, { x: bar.x, y: bar.y + bar.h / 2 }, colors.second, faint);
  }
}

let shown = [];

// As high as there are rows, or as the window has room for: then the box scrolls.
function layOut() {
  const full = contentHeight();
  const height = printing ? full : Math.min(full, Math.max(200, window.innerHeight * 0.62));
  byId("rows-height").style.height = `${full - height}px`;
  return height;
}

// Rows are in order of start. Where a zoom leaves none of them in sight, scrolls to the first that
// is at work in the stretch shown.
function follow() {
  if (!isWaterfall() || shown.length > 0) return;
  const first = byStart.find((unit) => unit.end > stretch.from && unit.start < stretch.to);
  if (first) rowsBox.scrollTop = first.row * ROW - ROW;
}

function paintTimeline() {
  const { context, width, height } = prepare(timeline, layOut());
  drawRows(context, width, height);
  drawGrid(context, width, AXIS, height);
  shown = units.filter((unit) => {
    const bar = barOf(unit, width);
    return bar.x < width && bar.x + bar.w > 0 && bar.y < height && bar.y + bar.h > AXIS;
  });
  shown.forEach((unit) => drawBar(context, unit, width));
  if (view.critical) drawPath(context, width);
  drawEdges(context, width);
  drawCursor(context, width, AXIS, height);
  drawAxis(context, width, AXIS, timeTick);
  follow();
}

// The unit at a point of the canvas; narrow bars get a few pixels of grace.
function unitAt({ x, y }) {
  const width = timeline.clientWidth;
  let nearest = null;
  let distance = 4;
  if (y < AXIS) return null;
  for (const unit of shown) {
    const bar = barOf(unit, width);
    if (y < bar.y || y > bar.y + bar.h) continue;
    const away = Math.max(bar.x - x, x - bar.x - bar.w, 0);
    if (away < distance) [nearest, distance] = [unit.index, away];
  }
  return nearest;
}

function reveal(index) {
  if (index === null) return;
  const top = AXIS + rowOf(units[index]) * rowHeight();
  const room = timeline.clientHeight;
  if (top < rowsBox.scrollTop + AXIS || top + rowHeight() > rowsBox.scrollTop + room) {
    rowsBox.scrollTop = top - room / 2;
  }
}

onFrame(paintTimeline);
onSelect((index, wanted) => { if (wanted) reveal(index); });
rowsBox.addEventListener("scroll", redraw);
