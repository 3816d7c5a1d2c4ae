// What each page starts from: its data, elements made without markup, and figures as text. Names
// reach the page through textContent and attributes only.
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);

function el(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (name === "class") element.className = value;
    else if (name.startsWith("aria-") || name.startsWith("data-") || name === "style" || name === "role") {
      element.setAttribute(name, value);
    } else element[name] = value;
  }
  element.append(...children);
  return element;
}

function seconds(value) {
  if (value === null || value === undefined) return "";
  if (value < 0.9995) return `${Math.round(value * 1000)} ms`;
  if (value < 99.95) return `${value.toFixed(2)} s`;
  const whole = Math.round(value);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${(value / 3600).toFixed(1)} h`;
}

function size(bytes) {
  if (bytes === null || bytes === undefined) return "";
  const gib = bytes / 2 ** 30;
  return gib >= 1 ? `${gib.toFixed(1)} GiB` : `${Math.round(bytes / 2 ** 20)} MiB`;
}

const percent = (share) => `${Math.round(share * 100)} %`;
const count = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;

// The title, a line about where the data is from, and the figures that matter most:
// [name, value, note].
function fillHead(title, about, figures) {
  byId("title").textContent = title;
  byId("about").textContent = about.filter(Boolean).join(" · ");
  byId("figures").replaceChildren(...figures.map(([name, value, note]) => el("div", {},
    el("dt", { textContent: name }), el("dd", { textContent: value }),
    ...(note ? [el("dd", { class: "note", textContent: note })] : []))));
}

// Said by screen readers.
function announce(text) { byId("announce").textContent = text; }

// Buttons of which one is pressed: [[id, value], ...].
function wireChoice(choices, set) {
  for (const [id, value] of choices) {
    byId(id).addEventListener("click", () => {
      choices.forEach(([other]) => byId(other).setAttribute("aria-pressed", String(other === id)));
      set(value);
    });
  }
}
