// Pointers, wheel and keys on a plot. One pointer drags, with Shift it marks a stretch to zoom to,
// two pinch; a press that does not move picks, a second one soon after opens.
//
// `plot` has: canvas; hitAt(point), pick(hit), open(hit), hover(hit, event) where there is something
// to hit; box, the scrolled element, where there may be more than fits.
function wireGestures(plot) {
  const { canvas } = plot;
  const pressed = new Map();
  let moved = 0;
  let picked = { at: -Infinity, hit: null };

  function local(event) {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  function drag(event, before, point) {
    const width = canvas.clientWidth;
    const other = [...pressed].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const [was, is] = [Math.abs(before.x - other.x), Math.abs(point.x - other.x)];
      if (was > 4 && is > 4) zoom(was / is, atOf((point.x + other.x) / 2, width));
    } else if (stretch.band) {
      stretch.band[1] = atOf(point.x, width);
    } else if (moved > 3) {
      canvas.classList.add("dragging");
      pan(((before.x - point.x) / width) * span());
      if (plot.box && event.pointerType === "mouse") plot.box.scrollTop += before.y - point.y;
    }
  }

  function leave() {
    stretch.cursor = null;
    plot.hover?.(null);
    redraw();
  }

  function pick(event) {
    const hit = plot.hitAt?.(local(event)) ?? null;
    const again = event.timeStamp - picked.at < 400 && hit !== null && hit === picked.hit;
    picked = { at: event.timeStamp, hit };
    if (again) plot.open?.(hit);
    else plot.pick?.(hit);
  }

  function release(event, wanted) {
    if (!pressed.delete(event.pointerId)) return;
    canvas.classList.remove("dragging");
    const band = stretch.band;
    stretch.band = null;
    if (wanted && band && moved > 3) show(Math.min(...band), Math.max(...band));
    else if (wanted && moved <= 3) pick(event);
    redraw();
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    const point = local(event);
    if (pressed.size === 0) moved = 0;
    pressed.set(event.pointerId, point);
    if (event.shiftKey) stretch.band = [0, 1].map(() => atOf(point.x, canvas.clientWidth));
  });
  canvas.addEventListener("pointermove", (event) => {
    const point = local(event);
    stretch.cursor = atOf(point.x, canvas.clientWidth);
    const before = pressed.get(event.pointerId);
    if (before) {
      moved += Math.abs(point.x - before.x) + Math.abs(point.y - before.y);
      drag(event, before, point);
      pressed.set(event.pointerId, point);
    } else {
      const hit = plot.hitAt?.(point) ?? null;
      canvas.classList.toggle("over", hit !== null);
      plot.hover?.(hit, event);
    }
    redraw();
  });
  canvas.addEventListener("pointerup", (event) => release(event, true));
  canvas.addEventListener("pointercancel", (event) => release(event, false));
  canvas.addEventListener("pointerleave", leave);
  canvas.addEventListener("wheel", (event) => wheel(plot, event, local(event)), { passive: false });
}

const scrolls = (plot) => Boolean(plot.box) && plot.box.scrollHeight > plot.box.clientHeight + 1;

// Sideways pans. Up and down zooms, unless there are rows to scroll: then only with Ctrl, which is
// also what a pinch on a trackpad sends. Zoomed out as far as it goes, the wheel is the page's.
function wheel(plot, event, point) {
  const width = plot.canvas.clientWidth;
  const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
  const forced = event.ctrlKey || event.metaKey;
  if (!sideways && !forced && (scrolls(plot) || (event.deltaY > 0 && isFit()))) return;
  event.preventDefault();
  const lines = event.deltaMode === 1 ? 16 : 1;
  if (sideways) {
    pan((((event.deltaX || event.deltaY) * lines) / width) * span());
  } else {
    const pinch = forced && Math.abs(event.deltaY) < 50 ? 4 : 1;
    const by = Math.max(-240, Math.min(240, event.deltaY * lines * pinch));
    zoom(Math.exp(by * 0.0022), atOf(point.x, width));
  }
}

// The keys of the axis, and those of the page.
function wireKeys(canvas, own) {
  const keys = {
    "+": () => zoom(1 / 1.6), "=": () => zoom(1 / 1.6), "-": () => zoom(1.6),
    w: () => zoom(1 / 1.6), s: () => zoom(1.6),
    ArrowLeft: () => pan(-span() * 0.15), ArrowRight: () => pan(span() * 0.15),
    a: () => pan(-span() * 0.15), d: () => pan(span() * 0.15),
    Home: () => show(0, span()), End: () => show(stretch.whole - span(), stretch.whole),
    "0": fit, ...own,
  };
  canvas.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
}
