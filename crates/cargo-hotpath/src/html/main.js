// Wiring: the head of the page, the legend, the toolbar, pointers and keys.
function head() {
  const { about } = data;
  const when = new Date(about.created * 1000);
  const date = about.created > 0 && !Number.isNaN(when.getTime()) ? when.toLocaleString() : "";
  const yours = data.crates.filter((one) => one.kind === "yours").reduce((sum, one) => sum + one.own, 0);
  const isTime = about.unit === "nanoseconds";
  document.title = `${data.command} – profile`;
  fillHead(data.command, [about.recorder, about.event, about.build_profile ? `${about.build_profile} profile` : "", date], [
    [isTime ? "CPU time" : about.unit, amount(data.weight), isTime && about.wall_s > 0 ? `in ${seconds(about.wall_s)}` : ""],
    ["Samples", thousands(data.samples), about.rate_hz > 0 ? `at ${thousands(about.rate_hz)} Hz` : ""],
    ["Your code itself", exact(shareOf(yours))],
    ["Without a name", exact(data.unresolved), about.lost > 0 ? `${thousands(about.lost)} lost` : ""],
    ["Stacks cut", exact(data.truncated)],
  ]);
  byId("remarks").replaceChildren(...data.remarks.map((text) => el("li", { textContent: text })));
  byId("remarks").hidden = data.remarks.length === 0;
}

function fillLegend() {
  const present = Object.keys(KINDS).filter((kind) => functions.some((fn) => fn.kind === kind && fn.total > 0));
  byId("legend").replaceChildren(...present.map((kind) => el("li", {},
    el("span", { class: "swatch", style: `background: var(--${kind})` }), KINDS[kind])));
}

function wireToolbar() {
  byId("zoom-in").addEventListener("click", () => zoom(1 / 1.6));
  byId("zoom-out").addEventListener("click", () => zoom(1.6));
  byId("zoom-fit").addEventListener("click", () => zoomInto(null));
  byId("reset").addEventListener("click", () => zoomInto(null));
  byId("search").addEventListener("input", (event) => search(event.target.value));
}

function step(to) {
  const frame = to(view.frame);
  if (frame) zoomInto(frame);
}

function wireGesturesAndKeys() {
  wireGestures({ canvas: flame, box: rowsBox, hitAt: frameAt, hover: hoverFrame, pick: zoomInto });
  const widest = (callees) => callees.reduce((most, one) => (one.total > (most?.total ?? 0) ? one : most), null);
  wireKeys(flame, {
    "0": () => zoomInto(null), Escape: () => zoomInto(null),
    ArrowUp: () => step((frame) => frame?.caller),
    ArrowDown: () => step((frame) => widest(frame ? frame.callees : depths[0] ?? [])),
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    byId("search").focus();
  });
}

setWhole(whole, whole / 1e6);
head();
fillLegend();
fillAdvice();
fillFiles();
fillBarCharts();
wireToolbar();
wireGesturesAndKeys();
themeChanged();
new ResizeObserver(redraw).observe(rowsBox);
select(null);

// For scripts that drive the page: what is shown, and where a frame's bar is in the window.
window.profilePage = {
  stretch, view, frames, functions,
  barOf(index) {
    const box = flame.getBoundingClientRect();
    const bar = barOf(frames[index], flame.clientWidth);
    return { x: box.left + bar.x, y: box.top + bar.y, width: bar.w, height: bar.h };
  },
};
