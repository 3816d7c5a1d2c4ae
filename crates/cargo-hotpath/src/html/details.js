// The panel: the selected function, or the whole while none is selected.
const details = byId("details");

function functionList(title, entries) {
  if (entries.length === 0) return [];
  const LISTED = 12;
  const items = entries.slice(0, LISTED).map(([fn, weight]) => el("li", {},
    el("button", { type: "button", title: fn.path, onclick: () => goTo(fn) },
      el("span", { class: "dot", style: `background: var(--${fn.kind})` }),
      el("span", { class: "name", textContent: fn.name }),
      el("span", { class: "value", textContent: exact(shareOf(weight)) }))));
  const rest = entries.length - items.length;
  if (rest > 0) items.push(el("li", { class: "dim", textContent: `and ${rest} more` }));
  return [el("h3", { textContent: title }), el("ul", { class: "list" }, ...items)];
}

function facts(entries) {
  const list = el("dl", {});
  entries.filter(([, value]) => value).forEach(([name, value]) => {
    list.append(el("dt", { textContent: name }), el("dd", { textContent: value }));
  });
  return list;
}

// Selects a function and shows where most of its time is.
function goTo(fn) {
  const widest = fn.frames.reduce((most, frame) => (frame.total > (most?.total ?? -1) ? frame : most), null);
  if (widest) zoomInto(widest);
  else select(fn);
}

function lineList(fn) {
  const lines = fn.lines.filter(([, , , total]) => total > 0).slice(0, 12);
  if (lines.length === 0) return [];
  const items = lines.map(([path, line, own, total]) => el("li", {}, placeButton(path, line),
    el("span", { class: "where", textContent: `  ${exact(shareOf(own))} itself, ${exact(shareOf(total))} with what it calls` })));
  return [el("h3", { textContent: "Lines" }), el("ul", { class: "list lines" }, ...items)];
}

function showFunction(fn) {
  const [low, high] = fn.interval;
  details.replaceChildren(
    el("p", { class: "title", textContent: fn.name }),
    el("p", { class: "where", textContent: fn.path }),
    facts([
      ["Of", fn.kind === "yours" ? `${fn.crate} (yours)` : fn.crate],
      ["Itself", `${exact(shareOf(fn.own))}, ${amount(fn.own)}`],
      ["95 % interval", data.about.rate_hz > 0 ? `${exact(low)} to ${exact(high)}` : ""],
      ["With what it calls", `${exact(shareOf(fn.total))}, ${amount(fn.total)}`],
      ["Zoomed frame", view.frame ? `${exact(shareOf(view.frame.total))}, depth ${view.frame.depth + 1}` : ""],
    ]),
    ...lineList(fn),
    ...functionList("Called by", neighbours(fn, "callers")),
    ...functionList("Calls", neighbours(fn, "callees")));
}

function showWhole() {
  const hottest = functions.filter((fn) => fn.own > 0).sort((a, b) => b.own - a.own).map((fn) => [fn, fn.own]);
  details.replaceChildren(
    el("p", { class: "title", textContent: "All of it" }),
    el("p", { class: "dim", textContent: "Choose a frame or a function." }),
    ...functionList("Hottest by themselves", hottest));
}

function fillTrail(frame) {
  const callers = [];
  for (let at = frame; at; at = at.caller) callers.unshift(at);
  const shown = callers.slice(-5);
  byId("trail").replaceChildren(...shown.map((one) => el("button", {
    type: "button", class: "link", textContent: one.fn.name, title: one.fn.path, onclick: () => zoomInto(one),
  })));
  byId("reset").hidden = frame === null;
}

onSelect((fn) => {
  if (fn === null) showWhole();
  else showFunction(fn);
  fillTrail(view.frame);
  details.scrollTop = 0;
  announce(fn ? `${fn.name}, ${exact(shareOf(fn.total))} with what it calls` : "");
});
