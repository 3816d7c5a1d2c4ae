// What is drawn: one frame for all that changed, sharp pixels, and the few shapes that plots share.
const painters = [];
let frameAsked = false;

// Whoever draws registers here; every change asks for one new frame.
function onFrame(paint) { painters.push(paint); }
function paintNow() { painters.forEach((paint) => paint()); }

function redraw() {
  if (frameAsked) return;
  frameAsked = true;
  requestAnimationFrame(() => {
    frameAsked = false;
    paintNow();
  });
}

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';

// Sizes the canvas to its box and returns a context in CSS pixels, wiped.
function prepare(canvas, height) {
  const ratio = printing ? 3 : window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const pixels = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== pixels[0] || canvas.height !== pixels[1]) {
    [canvas.width, canvas.height] = pixels;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = `12px ${FONT}`;
  context.textBaseline = "middle";
  return { context, width, height };
}

// Slanted lines over a part of a bar.
function hatch(context, x, y, width, height, color) {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = color;
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

function outline(context, box, color, line) {
  context.strokeStyle = color;
  context.lineWidth = line;
  context.strokeRect(box.x + line / 2, box.y + line / 2, Math.max(box.w - line, 1), box.h - line);
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
function widthOf(context, text) {
  if (!widths.has(text)) widths.set(text, context.measureText(text).width);
  return widths.get(text);
}

function fitted(context, text, room) {
  if (room < 14) return "";
  const width = widthOf(context, text);
  if (width <= room) return text;
  const kept = Math.floor((text.length * (room - 9)) / width);
  return kept < 2 ? "" : `${text.slice(0, kept)}…`;
}

// A curve that holds each value until the next point: [[at, value], ...].
function drawSteps(context, points, width, { top, height, highest, fill, dash }) {
  const yOf = (value) => top + height - (value / highest) * height;
  const xNear = (at) => Math.max(-10, Math.min(xOf(at, width), width + 10));
  let value = 0;
  context.setLineDash(dash ?? []);
  context.beginPath();
  context.moveTo(xNear(0), yOf(0));
  for (const [at, next] of points) {
    context.lineTo(xNear(at), yOf(value));
    context.lineTo(xNear(at), yOf(next));
    value = next;
  }
  context.lineTo(xNear(stretch.whole), yOf(value));
  if (fill) {
    context.lineTo(xNear(stretch.whole), yOf(0));
    context.closePath();
    context.globalAlpha = 0.25;
    context.fill();
    context.globalAlpha = 1;
  }
  context.stroke();
  context.setLineDash([]);
}

function drawLevel(context, y, width, text) {
  context.strokeStyle = colors.dim;
  context.lineWidth = 1;
  context.setLineDash([4, 4]);
  context.beginPath();
  context.moveTo(0, y);
  context.lineTo(width, y);
  context.stroke();
  context.setLineDash([]);
  context.fillStyle = colors.card;
  context.globalAlpha = 0.85;
  context.fillRect(3, y + 2, widthOf(context, text) + 6, 15);
  context.globalAlpha = 1;
  context.fillStyle = colors.dim;
  context.fillText(text, 6, y + 10);
}

function valueAt(points, at) {
  let value = 0;
  for (const [from, next] of points) {
    if (from > at) break;
    value = next;
  }
  return value;
}

const highestOf = (points) => points.reduce((most, point) => Math.max(most, point[1]), 0);
