// What is shown: the stretch of time, the selection, the toggles. Every change asks for one new
// frame; whoever draws registers with `onFrame`.
const view = {
  from: 0, to: Math.max(data.wall, 1e-3),
  selected: null, hovered: null, cursor: null,
  critical: true, mode: "lanes", curve: "cpu",
};
const FULL = { from: 0, to: view.to };
const SHORTEST = Math.min(0.002, FULL.to / 10);

const painters = [];
const selectionListeners = [];
let frameAsked = false;

function onFrame(paint) { painters.push(paint); }
function onSelect(listener) { selectionListeners.push(listener); }

function redraw() {
  if (frameAsked) return;
  frameAsked = true;
  requestAnimationFrame(() => {
    frameAsked = false;
    painters.forEach((paint) => paint());
  });
}

// Keeps the stretch inside the build.
function show(from, to) {
  const span = Math.min(Math.max(to - from, SHORTEST), FULL.to);
  const start = Math.min(Math.max(from, 0), FULL.to - span);
  view.from = start;
  view.to = start + span;
  redraw();
}

function fit() { show(FULL.from, FULL.to); }

// Zooms about a moment, which stays where it is on the screen.
function zoom(factor, about) {
  const at = about ?? (view.from + view.to) / 2;
  const share = (at - view.from) / (view.to - view.from);
  const span = Math.min(Math.max((view.to - view.from) * factor, SHORTEST), FULL.to);
  show(at - share * span, at - share * span + span);
}

function pan(time) { show(view.from + time, view.to + time); }

const isFit = () => view.to - view.from >= FULL.to * 0.9999;

function select(index, reveal) {
  view.selected = index;
  if (index !== null && reveal) {
    const unit = units[index];
    const span = view.to - view.from;
    if (unit.start < view.from || unit.end > view.to) {
      const wider = Math.max(span, unit.duration * 1.3);
      const middle = (unit.start + unit.end) / 2;
      show(middle - wider / 2, middle + wider / 2);
    }
  }
  selectionListeners.forEach((listener) => listener(index, reveal));
  redraw();
}
