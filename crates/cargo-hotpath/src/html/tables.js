// Functions and lines as tables, crates and threads as bars.
const shown = functions.filter((fn) => fn.total > 0);
const functionTable = sortableTable(byId("functions"), {
  sort: "own",
  columns: [
    { key: "name", title: "Function", text: true, value: (fn) => fn.name },
    { key: "crate", title: "Crate", text: true, value: (fn) => fn.crate },
    { key: "own", title: "Itself", value: (fn) => shareOf(fn.own), show: exact },
    { key: "total", title: "With what it calls", value: (fn) => shareOf(fn.total), show: exact },
    { key: "amount", title: "Itself, in all", value: (fn) => fn.own, show: amount },
  ],
  lead: (fn) => [el("span", { class: "swatch", style: `background: var(--${fn.kind})` })],
  classes: () => "",
  pick: (fn) => {
    goTo(fn);
    rowsBox.scrollIntoView({ block: "nearest" });
  },
});
functionTable.show(shown);
onSearch((found) => functionTable.show(found === null ? shown : found.filter((fn) => fn.total > 0)));
onSelect((fn) => functionTable.mark(fn));

const hotLines = data.hot_lines.map((line, index) => ({ ...line, index }));
const lineTable = sortableTable(byId("lines"), {
  sort: "own",
  columns: [
    { key: "place", title: "Line", text: true, value: (line) => `${line.path}:${line.line}` },
    { key: "code", title: "Code", text: true, value: (line) => line.code },
    { key: "own", title: "Itself", value: (line) => shareOf(line.own), show: exact },
    { key: "total", title: "With what it calls", value: (line) => shareOf(line.total), show: exact },
  ],
  lead: () => [],
  classes: () => "",
  pick: (line) => {
    openSource(line.path, line.line);
    lineTable.mark(line);
    if (hasSource(line.path)) byId("source-card").scrollIntoView({ block: "nearest" });
  },
});
lineTable.show(hotLines);
byId("lines-card").hidden = hotLines.length === 0;

function fillBars(id, entries) {
  const most = Math.max(...entries.map(({ own }) => own), 1);
  byId(id).replaceChildren(...entries.slice(0, 16).map((entry) => el("div", { class: "entry" },
    el("span", { class: "name", textContent: entry.label }),
    el("span", { class: "track" }, el("div", { class: "fill", style: `width: ${(entry.own / most) * 100}%; background: var(--${entry.kind})` })),
    el("span", { class: "value", textContent: `${exact(shareOf(entry.own))} · ${amount(entry.own)}` }))));
}

function fillBarCharts() {
  fillBars("crates", data.crates.filter((one) => one.own > 0).map((one) => ({
    ...one, label: one.kind === "yours" ? `${one.name} (yours)` : one.name,
  })));
  fillBars("threads", data.threads.map((one) => ({ ...one, kind: "dependency", label: `${one.name} (${one.id})` })));
  byId("threads-card").hidden = data.threads.length < 2;
}

function adviceItem(advice) {
  const { place } = advice;
  const [least, most] = advice.gain;
  const range = least >= 0.005 ? `${exact(least)} to ${exact(most)}` : `up to ${exact(most)}`;
  const gain = most > 0 ? `can gain ${range}` : "";
  return el("li", {},
    el("div", {}, el("span", { class: "gain", textContent: gain }), el("span", { class: "dim", textContent: advice.rule })),
    el("div", { textContent: advice.message }),
    ...(place ? [placeButton(place.path, place.line)] : []),
    ...(place?.code ? [el("pre", { textContent: place.code })] : []),
    el("ul", { class: "help" }, ...advice.help.map((text) => el("li", { class: "plain", textContent: text })),
      ...advice.next.map((command) => el("li", { class: "plain" }, el("code", { textContent: command })))));
}

function fillAdvice() {
  byId("advice").replaceChildren(...data.advice.map(adviceItem));
  byId("advice-card").hidden = data.advice.length === 0;
}
