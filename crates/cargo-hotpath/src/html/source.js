// The source of a file with the time of each line.
const listings = data.sources;
const listed = new Map(listings.map((listing) => [listing.path, listing]));
let openListing = null;

function codeRow([number, text], times) {
  const [own, total] = times.get(number) ?? [0, 0];
  const row = el("tr", { class: own + total > 0 ? "hot" : "", "data-line": String(number) },
    el("td", { textContent: own > 0 ? exact(shareOf(own)) : "" }),
    el("td", { textContent: total > 0 ? exact(shareOf(total)) : "" }),
    el("td", { textContent: String(number) }),
    el("td", { textContent: text }));
  if (total > 0) row.style.background = `color-mix(in srgb, var(--alarm) ${Math.min(30, 4 + shareOf(total) * 40)}%, transparent)`;
  return row;
}

function fillSource(listing) {
  const times = new Map(listing.times.map(([line, own, total]) => [line, [own, total]]));
  const rows = [];
  let before = 0;
  for (const line of listing.lines) {
    if (line[0] !== before + 1) rows.push(el("tr", { class: "gap" }, el("td"), el("td"), el("td"), el("td", { textContent: "⋮" })));
    rows.push(codeRow(line, times));
    [before] = line;
  }
  byId("code").tBodies[0].replaceChildren(...rows);
  openListing = listing;
  byId("file").value = listing.path;
  byId("source-about").textContent = "own share, with what the line calls";
}

const hasSource = (path) => listed.has(path);

// Opens a file at a line, or at its hottest one.
function openSource(path, line) {
  const listing = listed.get(path);
  if (!listing) return;
  byId("source-card").hidden = false;
  if (openListing !== listing) fillSource(listing);
  const hottest = listing.times.reduce((most, time) => (time[2] > (most?.[2] ?? 0) ? time : most), null);
  const wanted = line ?? hottest?.[0];
  const rows = [...byId("code").tBodies[0].rows];
  rows.forEach((row) => row.classList.toggle("selected", row.dataset.line === String(wanted)));
  const row = rows.find((one) => one.dataset.line === String(wanted));
  if (!row) return;
  const box = byId("source");
  box.scrollTop = row.offsetTop - box.clientHeight / 2;
  announce(`${path}, line ${wanted}`);
}

// A button that opens a line where its file is in the page, else its text.
function placeButton(path, line) {
  const text = `${path}:${line}`;
  if (!hasSource(path)) return el("span", { textContent: text });
  return el("button", {
    type: "button", class: "link", textContent: text,
    onclick: () => {
      openSource(path, line);
      byId("source-card").scrollIntoView({ block: "nearest" });
    },
  });
}

function fillFiles() {
  byId("file").replaceChildren(...listings.map((listing) => el("option", { value: listing.path, textContent: listing.path })));
  byId("file").addEventListener("change", (event) => openSource(event.target.value));
  if (listings.length > 0) openSource(listings[0].path);
}
