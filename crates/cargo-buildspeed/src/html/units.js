// The table of units, which the filter above the timeline narrows.
const unitTable = sortableTable(byId("units"), {
  sort: "duration",
  columns: [
    { key: "label", title: "Unit", text: true, value: (unit) => unit.label },
    { key: "category", title: "Kind", text: true, value: (unit) => CATEGORIES[unit.category] },
    { key: "start", title: "Start", value: (unit) => unit.start, show: seconds },
    { key: "duration", title: "Duration", value: (unit) => unit.duration, show: seconds },
    { key: "front", title: "To metadata", value: (unit) => (unit.metadata === null ? null : unit.metadata - unit.start), show: seconds },
    { key: "link", title: "Link", value: (unit) => unit.link || null, show: seconds },
    { key: "cpu", title: "CPU", value: (unit) => unit.cpu, show: seconds },
    { key: "peak", title: "Memory", value: (unit) => unit.peak, show: size },
    { key: "queued", title: "Queued", value: (unit) => (unit.queued >= 0.001 ? unit.queued : null), show: seconds },
    { key: "deps", title: "Needs", value: (unit) => unit.deps.length, show: String },
    { key: "dependents", title: "Needed by", value: (unit) => unit.dependents.length, show: String },
  ],
  lead: (unit) => [el("span", { class: "swatch", style: `background: var(--${unit.category})` })],
  classes: (unit) => (unit.onPath ? "on-path" : ""),
  pick: (unit) => {
    select(unit.index, true);
    rowsBox.scrollIntoView({ block: "nearest" });
  },
});

onFilter((wanted) => unitTable.show(wanted));
onSelect((index) => unitTable.mark(index === null ? null : units[index]));
["filter", "kind", "only-path"].forEach((id) => byId(id).addEventListener("input", filter));
