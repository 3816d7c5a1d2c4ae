// A table that sorts by each column. Thousands of rows are made as they are scrolled to.
//
// A column has: key, title, value(item), and show(value) or text: true. `options` has: columns,
// sort, lead(item) for what stands before the first cell's text, classes(item), pick(item).
const ROWS_AT_ONCE = 250;

function sortableTable(table, options) {
  const { columns } = options;
  const body = table.tBodies[0];
  const box = table.parentElement;
  const rows = new Map();
  const sorting = { key: options.sort, down: true };
  let items = [];
  let marked = null;

  function rowOf(item) {
    if (rows.has(item)) return rows.get(item);
    const cells = columns.map((column, index) => {
      const value = column.value(item);
      const text = value === null ? "" : column.text ? value : column.show(value);
      if (index > 0) return el("td", { class: column.text ? "text" : "", textContent: text });
      const button = el("button", { type: "button", textContent: text });
      return el("td", { class: "text", title: text }, ...options.lead(item), button);
    });
    const row = el("tr", { class: options.classes(item) }, ...cells);
    row.addEventListener("click", () => options.pick(item));
    rows.set(item, row);
    return row;
  }

  function order(a, b, column) {
    const [left, right] = [column.value(a), column.value(b)];
    if (left === right) return a.index - b.index;
    if (left === null) return 1;
    if (right === null) return -1;
    const by = column.text ? left.localeCompare(right) : left - right;
    return sorting.down ? -by : by;
  }

  function more(wanted) {
    const made = body.rows.length;
    items.slice(made, Math.max(wanted, made)).forEach((item) => {
      const row = rowOf(item);
      row.classList.toggle("selected", item === marked);
      body.append(row);
    });
  }

  function fill() {
    const column = columns.find(({ key }) => key === sorting.key);
    items.sort((a, b) => order(a, b, column));
    body.replaceChildren();
    box.scrollTop = 0;
    more(ROWS_AT_ONCE);
    table.setAttribute("aria-rowcount", items.length + 1);
    for (const head of table.tHead.rows[0].cells) {
      if (head.dataset.key !== sorting.key) head.removeAttribute("aria-sort");
      else head.setAttribute("aria-sort", sorting.down ? "descending" : "ascending");
    }
  }

  function sortBy(column) {
    if (sorting.key === column.key) sorting.down = !sorting.down;
    else Object.assign(sorting, { key: column.key, down: !column.text });
    fill();
  }

  table.tHead.replaceChildren(el("tr", {}, ...columns.map((column) => {
    const button = el("button", { type: "button", textContent: column.title, onclick: () => sortBy(column) });
    return el("th", { class: column.text ? "text" : "", scope: "col", "data-key": column.key }, button);
  })));
  box.addEventListener("scroll", () => {
    if (box.scrollTop + box.clientHeight * 2 > box.scrollHeight) more(body.rows.length + ROWS_AT_ONCE);
  });
  window.addEventListener("beforeprint", () => more(items.length));

  return {
    show(wanted) {
      items = wanted.slice();
      fill();
    },
    mark(item) {
      rows.get(marked)?.classList.remove("selected");
      marked = item;
      rows.get(item)?.classList.add("selected");
    },
  };
}
