// The curve below the timeline, on the same time axis: cores in use and units under way, or the
// memory that the units under way may hold.
const curve = byId("curve");
const CURVE_HEIGHT = 110;

function drawSteps(context, points, width, top, height, highest, fill) {
  const yOf = (value) => top + height - (value / highest) * height;
  context.beginPath();
  context.moveTo(xOf(0, width), yOf(0));
  let value = 0;
  for (const [time, next] of points) {
    const x = Math.max(-10, Math.min(xOf(time, width), width + 10));
    context.lineTo(x, yOf(value));
    context.lineTo(x, yOf(next));
    value = next;
  }
  context.lineTo(Math.min(xOf(data.wall, width), width + 10), yOf(value));
  if (fill) {
    context.lineTo(Math.min(xOf(data.wall, width), width + 10), yOf(0));
    context.closePath();
    context.globalAlpha = 0.25;
    context.fill();
    context.globalAlpha = 1;
  }
  context.stroke();
}

function dashedLevel(context, y, width, text) {
  context.strokeStyle = colors.dim;
  context.lineWidth = 1;
  context.setLineDash([4, 4]);
  context.beginPath();
  context.moveTo(0, y);
  context.lineTo(width, y);
  context.stroke();
  context.setLineDash([]);
  context.fillStyle = colors.dim;
  context.fillText(text, 6, y + 9);
}

const maximum = (points) => points.reduce((most, point) => Math.max(most, point[1]), 0);

function paintCurve() {
  const { context, width, height } = prepare(curve, CURVE_HEIGHT);
  const [top, room] = [10, height - 12];
  drawGrid(context, width, 0, height);
  context.lineWidth = 1.5;
  if (view.curve === "memory") {
    const most = maximum(data.memory_curve);
    const near = data.memory_bytes && data.memory_bytes < most * 3;
    const highest = Math.max(near ? data.memory_bytes * 1.05 : most * 1.15, 1);
    context.strokeStyle = context.fillStyle = colors.memory;
    drawSteps(context, data.memory_curve, width, top, room, highest, true);
    const level = near ? data.memory_bytes : most;
    const y = top + room - (level / highest) * room;
    dashedLevel(context, y, width, near ? `${size(level)} of memory` : `${size(level)} at most`);
  } else {
    const highest = Math.max(data.cores, maximum(data.active), maximum(data.cpu_curve)) * 1.05;
    context.strokeStyle = context.fillStyle = colors.cpu;
    drawSteps(context, data.cpu_curve, width, top, room, highest, true);
    context.strokeStyle = colors.active;
    drawSteps(context, data.active, width, top, room, highest, false);
    const y = top + room - (data.cores / highest) * room;
    dashedLevel(context, y, width, `${data.cores} cores`);
  }
  drawCursor(context, width, 0, height);
  byId("curve-key").textContent = curveKey();
}

function valueAt(points, time) {
  let value = 0;
  for (const [at, next] of points) {
    if (at > time) break;
    value = next;
  }
  return value;
}

function curveKey() {
  const at = view.cursor;
  if (view.curve === "memory") {
    return at === null
      ? "sum of the peaks of the units under way: an upper bound"
      : `${seconds(at)}: at most ${size(valueAt(data.memory_curve, at))}`;
  }
  return at === null
    ? "cores in use (filled), units under way (line)"
    : `${seconds(at)}: ${valueAt(data.cpu_curve, at).toFixed(2)} cores, ${valueAt(data.active, at)} units`;
}

onFrame(paintCurve);
