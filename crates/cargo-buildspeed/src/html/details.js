// The panel: the selected unit, or the critical path while none is selected.
const details = byId("details");

const dot = (unit) => el("span", { class: "dot", style: `background: var(--${unit.category})` });

function unitButton(index, value) {
  const unit = units[index];
  return el("button", { type: "button", title: unit.label, onclick: () => select(index, true) },
    dot(unit), el("span", { class: "name", textContent: unit.label }),
    el("span", { class: "value", textContent: value }));
}

const LISTED = 60;

function unitList(title, entries) {
  if (entries.length === 0) return [];
  const items = entries.slice(0, LISTED).map(([index, value]) => el("li", {}, unitButton(index, value)));
  const rest = entries.length - items.length;
  if (rest > 0) items.push(el("li", { class: "dim", textContent: `and ${rest} more` }));
  return [el("h3", { textContent: `${title} (${entries.length})` }), el("ul", { class: "list" }, ...items)];
}

const stepOf = (unit) => data.path.steps.find((step) => step.unit === unit.index);

function facts(unit) {
  const front = unit.metadata === null ? null : unit.metadata - unit.start;
  const codegen = unit.metadata === null ? null : unit.end - unit.metadata - unit.link;
  const cores = unit.cpu !== null && unit.duration > 0 ? ` (${(unit.cpu / unit.duration).toFixed(2)} cores)` : "";
  const step = stepOf(unit);
  return [
    ["Duration", seconds(unit.duration)],
    ["Start", seconds(unit.start)],
    ["Metadata ready", seconds(unit.metadata)],
    ["End", seconds(unit.end)],
    ["Front end", seconds(front)],
    ["Code generation", seconds(codegen)],
    ["Link", unit.link > 0 ? seconds(unit.link) : ""],
    ["CPU", unit.cpu === null ? "" : seconds(unit.cpu) + cores],
    ["Peak memory", size(unit.peak)],
    ["Ready to start", unit.deps.length > 0 ? seconds(unit.ready) : ""],
    ["Waited for a job", unit.queued >= 0.001 ? seconds(unit.queued) : ""],
    ["On the critical path", step ? seconds(step.own) : ""],
    ["Cache", unit.cache ?? ""],
    ["Built for", unit.host ? "the host" : ""],
    ["Profile", unit.profile],
  ].filter(([, value]) => value !== "");
}

function phases(unit) {
  const part = (share, style) => el("span", { style: `width: ${share * 100}%; ${style}` });
  if (!(unit.duration > 0)) return el("div", { class: "phases" });
  const color = `var(--${unit.category})`;
  const codegen = `background: color-mix(in srgb, ${color} 55%, var(--card))`;
  const link = `background: repeating-linear-gradient(135deg, ${color} 0 3px, color-mix(in srgb, ${color} 55%, var(--text)) 3px 5px)`;
  const border = unit.metadata === null ? unit.end - unit.link : unit.metadata;
  return el("div", { class: "phases", "aria-hidden": "true" },
    part((border - unit.start) / unit.duration, `background: ${color}`),
    part((unit.end - unit.link - border) / unit.duration, codegen),
    part(unit.link / unit.duration, link));
}

function showUnit(unit) {
  const waitedFor = unit.deps
    .map(([dep, metadata]) => [dep, readyAt(units[dep], metadata), metadata])
    .sort((a, b) => b[1] - a[1])
    .map(([dep, at, metadata]) => [dep, `${metadata && units[dep].metadata !== null ? "metadata" : "end"} ${seconds(at)}`]);
  const dependents = unit.dependents
    .slice().sort((a, b) => units[a].start - units[b].start)
    .map((index) => [index, `starts ${seconds(units[index].start)}`]);
  const list = el("dl", {});
  facts(unit).forEach(([name, value]) => list.append(el("dt", { textContent: name }), el("dd", { textContent: value })));
  const close = el("button", { type: "button", class: "quiet close", textContent: "×", onclick: () => select(null, false) });
  close.setAttribute("aria-label", "Back to the critical path");
  details.replaceChildren(
    el("div", { class: "head" }, el("p", { class: "title", textContent: unit.label }), close),
    el("p", { class: "dim", textContent: `${CATEGORIES[unit.category]} · ${unit.package} ${unit.version}` }),
    phases(unit), list,
    ...unitList("Waited for", waitedFor), ...unitList("Waiting for it", dependents));
}

function showPath() {
  const path = data.path;
  const items = path.steps.map((step) => {
    const item = el("li", {});
    if (step.waited > 0.05) {
      const what = step.for_core ? "waited for a free core" : "idle before the start";
      item.append(el("span", { class: "wait", textContent: `${seconds(step.waited)} ${what}` }));
    }
    item.append(unitButton(step.unit, seconds(step.own)));
    return item;
  });
  const waiting = path.waiting > 0.05 ? ` and ${seconds(path.waiting)} of waiting` : "";
  const bound = `The dependencies alone need ${seconds(data.model.bound)}, on any number of cores.`;
  const parts = [
    el("p", { class: "title", textContent: "Critical path" }),
    el("p", { class: "dim", textContent: `${seconds(path.work)} of work${waiting}. ${bound}` }),
  ];
  for (const [cores, wall] of data.model.what_if) {
    const error = percent(Math.abs(data.model.error));
    parts.push(el("p", { class: "dim", textContent: `On ${count(cores, "core")}: ${seconds(wall)} predicted, model error ${error}.` }));
  }
  details.replaceChildren(...parts, el("h3", { textContent: "Steps, in order" }), el("ol", { class: "list" }, ...items));
}

function showDetails(index) {
  if (index === null) showPath();
  else showUnit(units[index]);
  details.scrollTop = 0;
  const unit = units[index];
  announce(unit ? `${unit.label}, ${seconds(unit.duration)}, starts at ${seconds(unit.start)}` : "");
}

onSelect(showDetails);
