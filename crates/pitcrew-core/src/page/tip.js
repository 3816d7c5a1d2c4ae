// The tooltip beside the pointer: a title and lines.
function showTip(event, title, lines) {
  const tip = byId("tip");
  tip.replaceChildren(el("strong", { textContent: title }),
    ...lines.filter(Boolean).map((line) => el("div", { textContent: line })));
  tip.hidden = false;
  const left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8);
  const below = event.clientY + 18;
  const fits = below + tip.offsetHeight < window.innerHeight - 4;
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${fits ? below : Math.max(4, event.clientY - tip.offsetHeight - 10)}px`;
}

function hideTip() { byId("tip").hidden = true; }
