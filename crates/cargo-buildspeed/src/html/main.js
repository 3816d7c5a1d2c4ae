// Wiring: the head of the page, the toolbar, pointers and keys.
function figure(name, value, note) {
  return el("div", {}, el("dt", { textContent: name }), el("dd", { textContent: value }),
    ...(note ? [el("dd", { class: "note", textContent: note })] : []));
}

function fillHead() {
  document.title = `${data.command} – build timeline`;
  byId("command").textContent = data.command;
  const when = new Date(data.created * 1000);
  const date = Number.isNaN(when.getTime()) ? "" : when.toLocaleString();
  byId("about").textContent = [`${data.profile} profile`, data.rustc, `${data.cores} cores, ${data.jobs} jobs`, date]
    .filter(Boolean).join(" · ");
  const used = data.mean_cores ?? data.mean_units;
  const share = data.mean_cores === null ? "units at a time" : `${percent(used / data.cores)} of the CPU`;
  const figures = [
    figure("Wall time", seconds(data.wall), `${units.length} units`),
    ...(data.cpu === null ? [] : [figure("CPU time", seconds(data.cpu))]),
    figure("Parallelism", `${used.toFixed(2)} of ${data.cores}`, share),
    figure("Critical path", seconds(data.path.work), data.path.waiting > 0.05 ? `and ${seconds(data.path.waiting)} waiting` : "no waiting"),
    ...(data.links_observed ? [figure("Links", seconds(data.links), `in ${data.links_observed} units`)] : []),
    ...(data.peak_bytes ? [figure("Memory", `≤ ${size(data.peak_bytes)}`, data.memory_bytes ? `of ${size(data.memory_bytes)}` : "")] : []),
    ...(data.target_bytes ? [figure("Target directory", size(data.target_bytes))] : []),
  ];
  byId("figures").replaceChildren(...figures);
}

function fillLegend() {
  const present = Object.keys(CATEGORIES).filter((key) => units.some((unit) => unit.category === key));
  const entry = (swatch, text) => el("li", {}, swatch, text);
  byId("legend").replaceChildren(
    ...present.map((key) => entry(el("span", { class: "swatch", style: `background: var(--${key})` }), CATEGORIES[key])),
    entry(el("span", { class: "swatch codegen" }), "metadata ready, then code generation"),
    entry(el("span", { class: "swatch linking" }), "linking"),
    entry(el("span", { class: "swatch critical" }), "critical path"));
  byId("kind").append(...present.map((key) => el("option", { value: key, textContent: CATEGORIES[key] })));
}

function fillDirect() {
  const deps = data.direct.filter((dep) => dep.wall > 0.005).slice(0, 12);
  byId("direct-card").hidden = deps.length === 0;
  const most = Math.max(...deps.map((dep) => dep.wall));
  byId("direct").replaceChildren(...deps.flatMap((dep) => [
    el("span", { class: "name", textContent: `${dep.name} ${dep.version}`, title: dep.packages.join("\n") }),
    el("span", { class: "track" }, el("div", { class: "fill", style: `width: ${(dep.wall / most) * 100}%` })),
    el("span", { class: "value", textContent: `${seconds(dep.wall)} wall · ${seconds(dep.cpu)} CPU · ${dep.packages.length} package${dep.packages.length === 1 ? "" : "s"}` }),
  ]));
}

// The system's theme, until the button says otherwise.
function wireTheme() {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  const apply = () => {
    const theme = chosen ?? (system.matches ? "dark" : "light");
    document.documentElement.dataset.theme = theme;
    byId("theme").textContent = theme === "dark" ? "☀ Light" : "☾ Dark";
    readColors();
  };
  byId("theme").addEventListener("click", () => {
    chosen = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    apply();
  });
  system.addEventListener("change", apply);
  apply();
}

function wireChoice(choices, set) {
  for (const [id, value] of choices) {
    byId(id).addEventListener("click", () => {
      set(value);
      choices.forEach(([other]) => byId(other).setAttribute("aria-pressed", String(other === id)));
      redraw();
    });
  }
}

function setCritical(on) {
  view.critical = on;
  byId("critical").checked = on;
  redraw();
}

function wireToolbar() {
  wireChoice([["mode-lanes", "lanes"], ["mode-rows", "rows"]], (mode) => {
    view.mode = mode;
    rowsBox.scrollTop = 0;
    reveal(view.selected);
  });
  wireChoice([["curve-cpu", "cpu"], ["curve-memory", "memory"]], (name) => { view.curve = name; });
  byId("critical").addEventListener("change", (event) => setCritical(event.target.checked));
  byId("zoom-in").addEventListener("click", () => zoom(1 / 1.6));
  byId("zoom-out").addEventListener("click", () => zoom(1.6));
  byId("zoom-fit").addEventListener("click", fit);
}

function showTip(index, event) {
  const tip = byId("tip");
  tip.hidden = index === null;
  if (index === null) return;
  tip.textContent = `${units[index].label}: ${seconds(units[index].duration)}`;
  const left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8);
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${event.clientY + 16}px`;
}

// One pointer drags, two pinch; a press that does not move selects.
function wirePointers(canvas) {
  const pressed = new Map();
  let moved = 0;
  const local = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const hit = (point) => (canvas === timeline ? unitAt(point.x, point.y) : null);

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    if (pressed.size === 0) moved = 0;
    pressed.set(event.pointerId, local(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    const point = local(event);
    const width = canvas.clientWidth;
    view.cursor = timeAt(point.x, width);
    const before = pressed.get(event.pointerId);
    if (before) {
      moved += Math.abs(point.x - before.x) + Math.abs(point.y - before.y);
      const other = [...pressed].find(([id]) => id !== event.pointerId)?.[1];
      if (other) {
        const [was, is] = [Math.abs(before.x - other.x), Math.abs(point.x - other.x)];
        if (was > 4 && is > 4) zoom(was / is, timeAt((point.x + other.x) / 2, width));
      } else if (moved > 3) {
        canvas.classList.add("dragging");
        pan(((before.x - point.x) / width) * (view.to - view.from));
        if (canvas === timeline && event.pointerType === "mouse") rowsBox.scrollTop += before.y - point.y;
      }
      pressed.set(event.pointerId, point);
    } else {
      view.hovered = hit(point);
      canvas.classList.toggle("over", view.hovered !== null);
      showTip(view.hovered, event);
    }
    redraw();
  });
  const release = (event, selects) => {
    if (!pressed.delete(event.pointerId)) return;
    canvas.classList.remove("dragging");
    if (selects && moved <= 3 && canvas === timeline) select(hit(local(event)), false);
  };
  canvas.addEventListener("pointerup", (event) => release(event, true));
  canvas.addEventListener("pointercancel", (event) => release(event, false));
  canvas.addEventListener("pointerleave", () => {
    [view.cursor, view.hovered] = [null, null];
    byId("tip").hidden = true;
    redraw();
  });
  canvas.addEventListener("wheel", (event) => {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
    const span = view.to - view.from;
    // Zoomed out as far as it goes, the wheel is the page's again.
    if (!sideways && event.deltaY > 0 && isFit()) return;
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    if (sideways) pan((((event.deltaX || event.deltaY) * lines) / canvas.clientWidth) * span);
    else zoom(Math.exp(Math.max(-240, Math.min(240, event.deltaY * lines)) * 0.0022), timeAt(local(event).x, canvas.clientWidth));
  }, { passive: false });
}

function step(by) {
  if (byStart.length === 0) return;
  const now = view.selected === null ? (by > 0 ? -1 : byStart.length) : units[view.selected].row;
  const next = Math.max(0, Math.min(byStart.length - 1, now + by));
  select(byStart[next].index, true);
}

function wireKeys() {
  const span = () => view.to - view.from;
  const keys = {
    "+": () => zoom(1 / 1.6), "=": () => zoom(1 / 1.6), "-": () => zoom(1.6),
    "0": fit, c: () => setCritical(!view.critical),
    ArrowLeft: () => pan(-span() * 0.15), ArrowRight: () => pan(span() * 0.15),
    ArrowUp: () => step(-1), ArrowDown: () => step(1),
    Home: () => show(0, span()), End: () => show(FULL.to - span(), FULL.to),
    Escape: () => select(null, false),
  };
  timeline.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
}

fillHead();
fillLegend();
fillDirect();
fillTable();
wireTheme();
wireToolbar();
wirePointers(timeline);
wirePointers(curve);
wireKeys();
new ResizeObserver(redraw).observe(rowsBox);
select(null, false);

// For scripts that drive the page: where a unit's bar is, in pixels of the window.
window.buildTimeline = {
  barOf(index) {
    const box = timeline.getBoundingClientRect();
    const bar = barOf(units[index], timeline.clientWidth);
    return { x: box.left + bar.x, y: box.top + bar.y, width: bar.w, height: bar.h };
  },
};
