// What is looked at: the frame that is zoomed into, the function that is selected, and what the search
// finds.
const view = { frame: null, fn: null, hovered: null, wanted: null };
const selectionListeners = [];
const searchListeners = [];

// Called with the selected function or null.
function onSelect(listener) { selectionListeners.push(listener); }
// Called with the functions that are found, or null where nothing is searched.
function onSearch(listener) { searchListeners.push(listener); }

function select(fn) {
  view.fn = fn;
  selectionListeners.forEach((listener) => listener(fn));
  redraw();
}

// Zooms into a frame; with null to all.
function zoomInto(frame) {
  view.frame = frame;
  select(frame?.fn ?? null);
  if (frame) show(frame.from, frame.to);
  else fit();
}

function search(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  view.wanted = words.length === 0 ? null : new Set(functions.filter((fn) => {
    const name = `${fn.path} ${fn.crate}`.toLowerCase();
    return words.every((word) => name.includes(word));
  }));
  const found = view.wanted === null ? null : functions.filter((fn) => view.wanted.has(fn));
  byId("found").textContent = found === null ? "" : summary(found);
  searchListeners.forEach((listener) => listener(found));
  redraw();
}

function summary(found) {
  if (found.length === 0) return "no function matches";
  const weight = outermost((fn) => view.wanted.has(fn)).reduce((sum, frame) => sum + frame.total, 0);
  return `${count(found.length, "function")}, ${exact(shareOf(weight))} of all with what they call`;
}
