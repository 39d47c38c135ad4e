"use strict";
// Sorting and filtering. Without it every table is there in full, in the order of the report.
(() => {
  const words = document.body.dataset;
  const key = (row, at) => {
    const cell = row.cells[at];
    return cell.dataset.sort === undefined ? cell.textContent.trim() : cell.dataset.sort;
  };
  const compare = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;

  const sort = (table, at, heading) => {
    const down = heading.getAttribute("aria-sort") === "ascending";
    const numeric = heading.classList.contains("num");
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => {
      const [one, other] = [key(a, at), key(b, at)];
      return numeric ? Number(one) - Number(other) : compare(one, other);
    });
    if (down) rows.reverse();
    table.tBodies[0].append(...rows);
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
  };

  const filter = (table, input, said) => {
    const wanted = input.value.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
    const rows = [...table.tBodies[0].rows];
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.normalize("NFKC").toLowerCase();
      row.hidden = !wanted.every((word) => text.includes(word));
      if (!row.hidden) shown += 1;
    }
    const count = (number) => number.toLocaleString("en");
    said.textContent = wanted.length ? words.of.replace("{shown}", count(shown)).replace("{total}", count(rows.length)) : "";
  };

  for (const table of document.querySelectorAll("table[data-key]")) {
    if (table.tBodies[0].rows.length > 1) {
      [...table.tHead.rows[0].cells].forEach((heading, at) => {
        const button = document.createElement("button");
        button.type = "button";
        button.title = words.sort;
        button.append(...heading.childNodes);
        heading.append(button);
        button.addEventListener("click", () => sort(table, at, heading));
      });
    }
    if (table.dataset.filter !== undefined) {
      const label = document.createElement("label");
      const input = document.createElement("input");
      const said = document.createElement("span");
      const line = document.createElement("div");
      line.className = "filter";
      input.type = "search";
      said.setAttribute("role", "status");
      label.append(words.filter, input);
      line.append(label, said);
      table.parentElement.before(line);
      input.addEventListener("input", () => filter(table, input, said));
    }
  }
})();
