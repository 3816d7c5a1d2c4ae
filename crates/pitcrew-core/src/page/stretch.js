// The horizontal axis that all plots of a page share: the stretch of it that is shown, its ticks,
// the cursor, and the band that is being marked.
const stretch = { from: 0, to: 1, whole: 1, shortest: 1e-4, cursor: null, band: null };

function setWhole(length, shortest) {
  const whole = Math.max(length, 1e-3);
  Object.assign(stretch, { from: 0, to: whole, whole, shortest: Math.min(shortest, whole / 10) });
}

const span = () => stretch.to - stretch.from;
const xOf = (at, width) => ((at - stretch.from) / span()) * width;
const atOf = (x, width) => stretch.from + (x / width) * span();
const isFit = () => span() >= stretch.whole * 0.9999;

// Keeps the stretch inside the whole.
function show(from, to) {
  const length = Math.min(Math.max(to - from, stretch.shortest), stretch.whole);
  stretch.from = Math.min(Math.max(from, 0), stretch.whole - length);
  stretch.to = stretch.from + length;
  redraw();
}

const fit = () => show(0, stretch.whole);
const pan = (by) => show(stretch.from + by, stretch.to + by);

// Zooms about a place, which stays where it is on the screen.
function zoom(factor, about) {
  const at = about ?? (stretch.from + stretch.to) / 2;
  const share = (at - stretch.from) / span();
  const length = Math.min(Math.max(span() * factor, stretch.shortest), stretch.whole);
  show(at - share * length, at - share * length + length);
}

// Moves just enough that a part is seen, and widens where it is longer than what is shown.
function bring(from, to) {
  if (from >= stretch.from && to <= stretch.to) return;
  const length = Math.max(span(), (to - from) * 1.3);
  const middle = (from + to) / 2;
  show(middle - length / 2, middle + length / 2);
}

// Round steps, about one per 90 pixels.
function ticks(width) {
  const rough = span() / Math.max(width / 90, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const places = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const marks = [];
  for (let n = Math.ceil(stretch.from / step - 1e-9); n * step <= stretch.to; n += 1) {
    marks.push({ at: n * step, places });
  }
  return marks;
}

function timeTick({ at, places }) {
  if (stretch.whole >= 600 && places === 0) {
    return `${Math.floor(at / 60)}:${String(Math.round(at % 60)).padStart(2, "0")} min`;
  }
  return places > 2 ? `${(at * 1000).toFixed(places - 3)} ms` : `${at.toFixed(places)} s`;
}

function drawGrid(context, width, top, bottom) {
  context.fillStyle = colors.grid;
  for (const { at } of ticks(width)) {
    context.fillRect(Math.round(xOf(at, width)), top, 1, bottom - top);
  }
}

// The axis at the top, with a bar that tells which part of the whole is shown.
function drawAxis(context, width, height, label) {
  context.fillStyle = colors.card;
  context.fillRect(0, 0, width, height);
  context.fillStyle = colors.line;
  context.fillRect(0, height - 1, width, 1);
  context.fillStyle = colors.dim;
  for (const tick of ticks(width)) {
    const x = xOf(tick.at, width);
    const text = label(tick);
    const last = x + 4 + widthOf(context, text) > width;
    context.textAlign = last ? "right" : "left";
    context.fillText(text, last ? x - 4 : x + 4, height / 2);
    context.fillRect(Math.round(x), height - 6, 1, 5);
  }
  context.textAlign = "left";
  if (isFit()) return;
  context.fillStyle = colors.grid;
  context.fillRect(0, 0, width, 3);
  context.fillStyle = colors.accent;
  const length = Math.max((span() / stretch.whole) * width, 4);
  context.fillRect(Math.min((stretch.from / stretch.whole) * width, width - length), 0, length, 3);
}

// Where the pointer is, and what it marks.
function drawCursor(context, width, top, bottom) {
  if (stretch.band) {
    const [from, to] = stretch.band.map((at) => xOf(at, width));
    context.fillStyle = colors.accent;
    context.globalAlpha = 0.18;
    context.fillRect(Math.min(from, to), top, Math.abs(to - from), bottom - top);
  }
  if (stretch.cursor !== null) {
    context.fillStyle = colors.dim;
    context.globalAlpha = 0.6;
    context.fillRect(Math.round(xOf(stretch.cursor, width)), top, 1, bottom - top);
  }
  context.globalAlpha = 1;
}
