// Wiring: the head of the page, the legend, the toolbar, pointers and keys.
function head() {
  const when = new Date(data.created * 1000);
  const date = Number.isNaN(when.getTime()) ? "" : when.toLocaleString();
  const used = data.mean_cores ?? data.mean_units;
  const share = data.mean_cores === null ? "units at a time" : `${percent(used / data.cores)} of the CPU`;
  const waiting = data.path.waiting > 0.05 ? `and ${seconds(data.path.waiting)} waiting` : "no waiting";
  document.title = `${data.command} – build timeline`;
  fillHead(data.command,
    [`${data.profile} profile`, data.rustc, `${count(data.cores, "core")}, ${count(data.jobs, "job")}`, date],
    [
      ["Wall time", seconds(data.wall), count(units.length, "unit")],
      ...(data.cpu === null ? [] : [["CPU time", seconds(data.cpu)]]),
      ["Parallelism", `${used.toFixed(2)} of ${data.cores}`, share],
      ["Critical path", seconds(data.path.work), waiting],
      ...(data.links_observed ? [["Links", seconds(data.links), `in ${count(data.links_observed, "unit")}`]] : []),
      ...(data.peak_bytes ? [["Memory", `≤ ${size(data.peak_bytes)}`, data.memory_bytes ? `of ${size(data.memory_bytes)}` : ""]] : []),
      ...(data.target_bytes ? [["Target directory", size(data.target_bytes)]] : []),
    ]);
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
  byId("direct").replaceChildren(...deps.map((dep) => el("div", { class: "entry" },
    el("span", { class: "name", textContent: `${dep.name} ${dep.version}`, title: dep.packages.join("\n") }),
    el("span", { class: "track" }, el("div", { class: "fill", style: `width: ${(dep.wall / most) * 100}%` })),
    el("span", { class: "value", textContent: `${seconds(dep.wall)} wall · ${seconds(dep.cpu)} CPU · ${count(dep.packages.length, "package")}` }))));
}

function setCritical(on) {
  view.critical = on;
  byId("critical").checked = on;
  redraw();
}

function setMode(mode) {
  view.mode = mode;
  layOut();
  rowsBox.scrollTop = 0;
  reveal(view.selected);
  redraw();
}

function wireToolbar() {
  wireChoice([["mode-rows", "rows"], ["mode-lanes", "lanes"]], setMode);
  wireChoice([["curve-cpu", "cpu"], ["curve-memory", "memory"]], (name) => { view.curve = name; redraw(); });
  byId("critical").addEventListener("change", (event) => setCritical(event.target.checked));
  byId("zoom-in").addEventListener("click", () => zoom(1 / 1.6));
  byId("zoom-out").addEventListener("click", () => zoom(1.6));
  byId("zoom-fit").addEventListener("click", fit);
}

function hover(index, event) {
  view.hovered = index;
  if (index === null) {
    hideTip();
    return;
  }
  const unit = units[index];
  showTip(event, unit.label, [
    `${seconds(unit.duration)}, from ${seconds(unit.start)} to ${seconds(unit.end)}`,
    unit.metadata === null ? "" : `metadata after ${seconds(unit.metadata - unit.start)}`,
    unit.link > 0 ? `link ${seconds(unit.link)}` : "",
    unit.cpu === null ? "" : `CPU ${seconds(unit.cpu)}`,
    unit.onPath ? `on the critical path for ${seconds(stepOf(unit).own)}` : "",
  ]);
}

// Zooms to a unit.
function open(index) {
  const unit = units[index];
  show(unit.start - unit.duration * 0.15, unit.end + unit.duration * 0.15);
}

function step(by) {
  const wanted = byStart.filter(isWanted);
  if (wanted.length === 0) return;
  const row = view.selected === null ? (by > 0 ? -1 : Infinity) : units[view.selected].row;
  const next = by > 0 ? wanted.find((unit) => unit.row > row) : wanted.findLast((unit) => unit.row < row);
  if (next) select(next.index, true);
}

function wireGesturesAndKeys() {
  wireGestures({
    canvas: timeline, box: rowsBox, hitAt: unitAt, hover, open, pick: (index) => select(index, false),
  });
  wireGestures({ canvas: curve });
  wireKeys(timeline, {
    c: () => setCritical(!view.critical),
    ArrowUp: () => step(-1), ArrowDown: () => step(1),
    Enter: () => { if (view.selected !== null) open(view.selected); },
    Escape: () => select(null, false),
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    byId("filter").focus();
  });
}

setWhole(data.wall, 0.002);
head();
fillLegend();
fillDirect();
wireToolbar();
wireGesturesAndKeys();
themeChanged();
byId(`mode-${view.mode}`).click();
new ResizeObserver(redraw).observe(rowsBox);
filter();
select(null, false);

// For scripts that drive the page: what is shown, and where a unit's bar is in the window.
window.buildTimeline = {
  stretch, view,
  shown: () => shown.map((unit) => unit.index),
  barOf(index) {
    const box = timeline.getBoundingClientRect();
    const bar = barOf(units[index], timeline.clientWidth);
    return { x: box.left + bar.x, y: box.top + bar.y, width: bar.w, height: bar.h };
  },
};
