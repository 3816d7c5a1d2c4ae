// The timeline: one bar per unit, on the job it ran on or on a row of its own.
const timeline = byId("timeline");
const rowsBox = byId("rows");
const AXIS = 26;

const rowHeight = () => (view.mode === "rows" ? 20 : laneCount > 12 ? 24 : 30);
const rowOf = (unit) => (view.mode === "rows" ? unit.row : unit.lane);
const rowCount = () => (view.mode === "rows" ? units.length : laneCount);
const contentHeight = () => AXIS + rowCount() * rowHeight() + 6;

// The bar's box on the canvas.
function barOf(unit, width) {
  const x = xOf(unit.start, width);
  const top = AXIS + rowOf(unit) * rowHeight() + 3 - rowsBox.scrollTop;
  return { x, y: top, w: Math.max(xOf(unit.end, width) - x, 1.5), h: rowHeight() - 5 };
}

function drawBar(context, unit, width) {
  const bar = barOf(unit, width);
  const dimmed = view.critical && !unit.onPath && view.selected === null;
  context.globalAlpha = dimmed ? 0.62 : 1;
  context.fillStyle = colors[unit.category];
  context.fillRect(bar.x, bar.y, bar.w, bar.h);
  if (unit.metadata !== null) {
    const ready = Math.min(xOf(unit.metadata, width), bar.x + bar.w);
    context.fillStyle = colors.card;
    context.globalAlpha = 0.42;
    context.fillRect(ready, bar.y, bar.x + bar.w - ready, bar.h);
    context.globalAlpha = dimmed ? 0.62 : 1;
    if (bar.w > 6) {
      context.fillStyle = colors["bar-text"];
      context.fillRect(ready - 0.75, bar.y, 1.5, bar.h);
    }
  }
  if (unit.link > 0 && bar.w > 4) {
    const from = xOf(unit.end - unit.link, width);
    hatch(context, from, bar.y, bar.x + bar.w - from, bar.h);
  }
  context.globalAlpha = 1;
  drawName(context, unit, bar, width);
  if (view.critical && unit.onPath) outline(context, bar, colors.critical, 2);
  if (view.hovered === unit.index) outline(context, bar, colors.text, 1);
  if (view.selected === unit.index) outline(context, bar, colors.accent, 3);
}

function outline(context, bar, color, line) {
  context.strokeStyle = color;
  context.lineWidth = line;
  context.strokeRect(bar.x + line / 2, bar.y + line / 2, Math.max(bar.w - line, 1), bar.h - line);
}

function nameOf(unit) {
  if (unit.category === "run") return `${unit.package} (run)`;
  if (unit.category === "script") return `${unit.package} (build)`;
  return unit.member || unit.category === "bin" ? unit.target : unit.package;
}

// Inside the bar, from its visible edge; beside it on the waterfall, where there is room.
function drawName(context, unit, bar, width) {
  const left = Math.max(bar.x, 0) + 6;
  const inside = fitted(context, nameOf(unit), Math.min(bar.x + bar.w, width) - left - 4);
  const middle = bar.y + bar.h / 2 + 0.5;
  if (inside && (view.mode !== "rows" || inside === nameOf(unit))) {
    context.fillStyle = colors["bar-text"];
    context.fillText(inside, left, middle);
  } else if (view.mode === "rows") {
    const label = `${nameOf(unit)}  ${seconds(unit.duration)}`;
    const room = width - bar.x - bar.w - 6;
    context.fillStyle = colors.dim;
    if (fitted(context, label, room) === label) {
      context.fillText(label, bar.x + bar.w + 6, middle);
    } else {
      context.textAlign = "right";
      context.fillText(fitted(context, label, bar.x - 6), bar.x - 6, middle);
      context.textAlign = "left";
    }
  }
}

function drawRows(context, width, height) {
  for (let row = 0; row < rowCount(); row += 1) {
    const y = AXIS + row * rowHeight() - rowsBox.scrollTop;
    if (row % 2 === 1 || y + rowHeight() < AXIS || y > height) continue;
    context.fillStyle = colors.stripe;
    context.fillRect(0, y, width, rowHeight());
  }
}

function drawAxis(context, width) {
  context.fillStyle = colors.card;
  context.fillRect(0, 0, width, AXIS);
  context.fillStyle = colors.line;
  context.fillRect(0, AXIS - 1, width, 1);
  context.fillStyle = colors.dim;
  for (const { time, text } of ticks(width)) {
    const x = xOf(time, width);
    const last = x + 4 + text.length * 7 > width;
    context.textAlign = last ? "right" : "left";
    context.fillText(text, last ? x - 4 : x + 4, AXIS / 2);
    context.fillRect(Math.round(x), AXIS - 6, 1, 5);
  }
  context.textAlign = "left";
}

function drawPath(context, width) {
  for (let n = 1; n < data.path.steps.length; n += 1) {
    const [before, after] = [data.path.steps[n - 1], data.path.steps[n]];
    const [from, to] = [barOf(units[before.unit], width), barOf(units[after.unit], width)];
    context.strokeStyle = colors.critical;
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

function drawArrows(context, width) {
  const unit = units[view.selected];
  if (!unit) return;
  const own = barOf(unit, width);
  const start = { x: own.x, y: own.y + own.h / 2 };
  for (const [dep, metadata] of unit.deps) {
    const bar = barOf(units[dep], width);
    const from = { x: xOf(readyAt(units[dep], metadata), width), y: bar.y + bar.h / 2 };
    arrow(context, from, start, colors.link, 0.9);
  }
  const many = unit.dependents.length > 40 ? 0.35 : 0.8;
  for (const index of unit.dependents) {
    const bar = barOf(units[index], width);
    const metadata = units[index].deps.some(([dep, enough]) => dep === unit.index && enough);
    const from = { x: xOf(readyAt(unit, metadata), width), y: own.y + own.h / 2 };
    arrow(context, from, { x: bar.x, y: bar.y + bar.h / 2 }, colors.after, many);
  }
}

let shown = [];

function paintTimeline() {
  const full = contentHeight();
  const limit = Math.max(200, window.innerHeight * 0.62);
  byId("rows-height").style.height = `${Math.max(full - Math.min(full, limit), 0)}px`;
  const { context, width, height } = prepare(timeline, Math.min(full, limit));
  drawRows(context, width, height);
  drawGrid(context, width, AXIS, height);
  shown = units.filter((unit) => {
    const bar = barOf(unit, width);
    return bar.x < width && bar.x + bar.w > 0 && bar.y < height && bar.y + bar.h > AXIS;
  });
  shown.forEach((unit) => drawBar(context, unit, width));
  if (view.critical) drawPath(context, width);
  drawArrows(context, width);
  drawCursor(context, width, AXIS, height);
  drawAxis(context, width);
  timeline.dataset.bars = shown.length;
  timeline.dataset.from = view.from;
  timeline.dataset.to = view.to;
}

// The unit at a point of the canvas; narrow bars get a few pixels of grace.
function unitAt(x, y) {
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
  if (index === null || view.mode !== "rows") return;
  const top = AXIS + units[index].row * rowHeight();
  const room = timeline.clientHeight;
  if (top < rowsBox.scrollTop + AXIS || top + rowHeight() > rowsBox.scrollTop + room) {
    rowsBox.scrollTop = top - room / 2;
  }
}

onFrame(paintTimeline);
onSelect((index, wanted) => { if (wanted) reveal(index); });
rowsBox.addEventListener("scroll", redraw);
