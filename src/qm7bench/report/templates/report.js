"use strict";
// Sorting of tables: a click on a column's name, numbers as numbers, gaps always last.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    heading.querySelector("button").addEventListener("click", () => {
      const descending = heading.getAttribute("aria-sort") === "ascending";
      const value = (row) => {
        const cell = row.cells[column];
        if (cell.dataset.value !== undefined) return Number(cell.dataset.value);
        return cell.textContent === "" ? null : cell.textContent;
      };
      const compare = (a, b) => {
        const x = value(a), y = value(b);
        if (x === null || y === null) return (x === null) - (y === null);
        const order = typeof x === "number" ? x - y : x.localeCompare(y);
        return descending ? -order : order;
      };
      body.append(...[...body.rows].sort(compare));
      for (const other of headings) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
    });
  });
}

// Filters of the leaderboard: without scripts they stay hidden, and the table is there whole.
const filters = document.querySelector(".filters");
const entries = [...document.querySelector("#entries").tBodies[0].rows];
function filter() {
  const { track, family } = filters.elements;
  let shown = 0;
  for (const row of entries) {
    const wanted = [[track, row.dataset.track], [family, row.dataset.family]];
    row.hidden = !wanted.every(([choice, value]) => choice.value === "" || choice.value === value);
    shown += row.hidden ? 0 : 1;
  }
  filters.querySelector("output").textContent = `${shown} of ${entries.length} entries`;
}
filters.hidden = false;
filters.addEventListener("change", filter);
filters.addEventListener("submit", (event) => event.preventDefault());
filter();
