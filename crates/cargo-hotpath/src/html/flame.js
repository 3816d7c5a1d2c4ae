// The flame graph: callers above what they call, each as wide as its time.
const ROW = 21;
// A canvas has a largest height; deeper frames are in the details.
const DEEPEST = 380;
const flame = byId("flame");
const rowsBox = byId("rows");
const rowsDrawn = Math.min(depths.length, DEEPEST);

function barOf(frame, width) {
  const x = Math.max(xOf(frame.from, width), 0);
  const right = Math.min(xOf(frame.to, width), width);
  return { x, y: frame.depth * ROW, w: right - x, h: ROW - 1 };
}

// The first of a row that ends after a place: rows are in the order of their places.
function firstAfter(row, at) {
  let [low, high] = [0, row.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (row[middle].to <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function drawFrame(context, frame, width) {
  const bar = barOf(frame, width);
  if (bar.w < 0.3) return;
  const isAncestor = view.frame !== null && frame.from <= view.frame.from && frame.to >= view.frame.to && frame.depth < view.frame.depth;
  const isFound = view.wanted?.has(frame.fn);
  context.globalAlpha = isAncestor || (view.wanted !== null && !isFound) ? 0.45 : 1;
  context.fillStyle = isFound ? colors.match : colors[frame.fn.kind];
  context.fillRect(bar.x, bar.y, Math.max(bar.w - (bar.w > 3 ? 1 : 0), 0.4), bar.h);
  context.globalAlpha = 1;
  if (frame.fn === view.fn && bar.w > 2) outline(context, bar, colors.accent, 2);
  const text = fitted(context, frame.fn.name, bar.w - 8);
  if (text === "") return;
  context.fillStyle = colors["bar-text"];
  context.fillText(text, bar.x + 4, bar.y + bar.h / 2 + 0.5);
}

function drawFlame() {
  const { context, width } = prepare(flame, Math.max(rowsDrawn, 1) * ROW);
  for (const row of depths.slice(0, rowsDrawn)) {
    for (let at = firstAfter(row, stretch.from); at < row.length && row[at].from < stretch.to; at += 1) {
      drawFrame(context, row[at], width);
    }
  }
  if (view.hovered) outline(context, barOf(view.hovered, width), colors.text, 1.5);
  drawCursor(context, width, 0, 0);
}

onFrame(drawFlame);

function frameAt({ x, y }) {
  const row = depths[Math.floor(y / ROW)];
  if (!row) return null;
  const at = atOf(x, flame.clientWidth);
  const frame = row[firstAfter(row, at)];
  return frame && frame.from <= at ? frame : null;
}

function hoverFrame(frame, event) {
  view.hovered = frame;
  if (frame === null) {
    hideTip();
    return;
  }
  showTip(event, frame.fn.path, [
    `${exact(shareOf(frame.total))} with what it calls here, ${amount(frame.total)}`,
    frame.own > 0 ? `${exact(shareOf(frame.own))} itself, ${amount(frame.own)}` : "",
    frame.fn.crate,
  ]);
}
