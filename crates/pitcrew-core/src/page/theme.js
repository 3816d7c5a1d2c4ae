// Light and dark. The style sheet follows the system on its own; the button overrules it; paper is
// always light. A canvas cannot look the style sheet's colours up, so they are kept in `colors`.
const colors = {};
const root = document.documentElement;
const systemDark = window.matchMedia("(prefers-color-scheme: dark)");

const colorNames = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
  .filter((rule) => rule.selectorText === ":root")
  .flatMap((rule) => [...rule.style].filter((name) => name.startsWith("--")));

function readColors() {
  const probe = document.body.appendChild(el("span", { hidden: true }));
  for (const name of colorNames) {
    probe.style.color = `var(${name})`;
    colors[name.slice(2)] = getComputedStyle(probe).color;
  }
  probe.remove();
}

function themeInForce() {
  return root.dataset.theme ?? (systemDark.matches ? "dark" : "light");
}

function themeChanged() {
  const other = themeInForce() === "dark" ? "light" : "dark";
  byId("theme").textContent = other === "dark" ? "☾ Dark" : "☀ Light";
  byId("theme").setAttribute("aria-label", `Switch to ${other} colours`);
  readColors();
  redraw();
}

byId("theme").addEventListener("click", () => {
  root.dataset.theme = themeInForce() === "dark" ? "light" : "dark";
  themeChanged();
});
systemDark.addEventListener("change", themeChanged);

// On paper there is nothing to scroll or to point at: plots draw all they have, and finer.
let printing = false;
let chosenTheme;
window.addEventListener("beforeprint", () => {
  printing = true;
  chosenTheme = root.dataset.theme;
  root.dataset.theme = "light";
  readColors();
  paintNow();
});
window.addEventListener("afterprint", () => {
  printing = false;
  if (chosenTheme === undefined) delete root.dataset.theme;
  else root.dataset.theme = chosenTheme;
  themeChanged();
});
