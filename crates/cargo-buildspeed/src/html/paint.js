// What both canvases need: colours of the theme, sharp pixels, and the time axis.
let colors = {};

function readColors() {
  const style = getComputedStyle(document.documentElement);
  const names = ["card", "line", "grid", "stripe", "text", "dim", "accent", "critical", "link",
    "after", "bar-text", "cpu", "active", "memory", ...Object.keys(CATEGORIES)];
  colors = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  redraw();
}

// Sizes the canvas to its box and returns a context in CSS pixels, wiped.
function prepare(canvas, height) {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const pixels = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== pixels[0] || canvas.height !== pixels[1]) {
    [canvas.width, canvas.height] = pixels;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
  context.textBaseline = "middle";
  return { context, width, height };
}

// Both plots have the same width, so one mapping holds for both.
const xOf = (time, width) => ((time - view.from) / (view.to - view.from)) * width;
const timeAt = (x, width) => view.from + (x / width) * (view.to - view.from);

// Round steps, about one per 90 pixels.
function ticks(width) {
  const rough = (view.to - view.from) / Math.max(width / 90, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const marks = [];
  for (let n = Math.ceil(view.from / step); n * step <= view.to; n += 1) {
    marks.push({ time: n * step, text: `${(n * step).toFixed(digits)} s` });
  }
  return marks;
}

function drawGrid(context, width, top, bottom) {
  context.fillStyle = colors.grid;
  for (const { time } of ticks(width)) {
    context.fillRect(Math.round(xOf(time, width)), top, 1, bottom - top);
  }
}

function drawCursor(context, width, top, bottom) {
  if (view.cursor === null) return;
  context.fillStyle = colors.dim;
  context.globalAlpha = 0.6;
  context.fillRect(Math.round(xOf(view.cursor, width)), top, 1, bottom - top);
  context.globalAlpha = 1;
}

// Slanted lines for the link's part of a bar.
function hatch(context, x, y, width, height) {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = colors["bar-text"];
  context.globalAlpha = 0.4;
  context.lineWidth = 1;
  context.beginPath();
  const first = Math.max(0, Math.floor((-x - height) / 6)) * 6;
  const last = Math.min(width, 8000) + height;
  for (let offset = first; offset < last; offset += 6) {
    context.moveTo(x + offset, y);
    context.lineTo(x + offset - height, y + height);
  }
  context.stroke();
  context.restore();
}

function arrow(context, from, to, color, alpha) {
  const bend = Math.max(18, Math.abs(to.x - from.x) / 2);
  context.globalAlpha = alpha;
  context.strokeStyle = color;
  context.fillStyle = color;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.bezierCurveTo(from.x + bend, from.y, to.x - bend, to.y, to.x - 5, to.y);
  context.stroke();
  context.beginPath();
  context.moveTo(to.x, to.y);
  context.lineTo(to.x - 7, to.y - 4);
  context.lineTo(to.x - 7, to.y + 4);
  context.fill();
  context.globalAlpha = 1;
}

// As much of a text as fits; the context measures, and remembers.
const widths = new Map();
function fitted(context, text, room) {
  if (room < 14) return "";
  if (!widths.has(text)) widths.set(text, context.measureText(text).width);
  const width = widths.get(text);
  if (width <= room) return text;
  const kept = Math.floor((text.length * (room - 9)) / width);
  return kept < 2 ? "" : `${text.slice(0, kept)}…`;
}
