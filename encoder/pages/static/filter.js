// Tells cells their platform, and filters a table's rows; what is chosen stands in the address, so that it can be sent to somebody.
"use strict";
document.querySelectorAll("table.matrix").forEach((table) => {
  const places = [...table.tHead.rows[0].cells].filter((cell) => cell.dataset.place).map((cell) => cell.dataset.place);
  for (const row of table.tBodies[0].rows) [...row.querySelectorAll(".cell")].forEach((cell, number) => { cell.dataset.place = places[number]; });
});
document.querySelectorAll(".filters").forEach((form) => {
  const table = document.querySelector(`#${form.dataset.for} table, #${form.dataset.for}-table`);
  const rows = [...table.tBodies[0].rows];
  const fields = [...form.querySelectorAll("[data-filter]")];
  const wanted = () => Object.fromEntries(fields.map((field) => [field.dataset.filter, field.value.trim()]));
  const cellsOf = (row, place) => [...row.querySelectorAll(".cell")].filter((cell) => !place || cell.dataset.place === place);
  const spoken = (cell) => `${cell.dataset.words ?? ""} ${cell.textContent}`;
  const fits = (row, { text = "", place = "", words = "", was = "", ...exact }) => {
    const has = text.toLowerCase().split(/\s+/).every((word) => `${row.dataset.text ?? ""} ${row.textContent}`.toLowerCase().includes(word));
    const same = Object.entries(exact).every(([key, value]) => !value || row.dataset[key] === value);
    const word = words === "absent" ? "not run" : words;
    const said = cellsOf(row, place).some((cell) => (!word || spoken(cell).includes(word)) && (!was || (cell.dataset.words ?? "").split(" ")[0] === was));
    return has && same && (said || !(words || was || place));
  };
  const filter = () => {
    const now = wanted();
    let shown = 0;
    for (const row of rows) {
      row.hidden = !fits(row, now);
      shown += row.hidden ? 0 : 1;
    }
    table.querySelectorAll("[data-place]").forEach((cell) => { cell.hidden = Boolean(now.place) && cell.dataset.place !== now.place; });
    form.querySelector("[data-count]").textContent = `${shown} of ${rows.length}`;
  };
  const remember = () => {
    const chosen = Object.entries(wanted()).filter(([, value]) => value);
    history.replaceState(null, "", chosen.length ? `#${new URLSearchParams(chosen)}` : location.pathname + location.search);
  };
  const recall = () => {
    const given = new URLSearchParams(location.hash.slice(1));
    fields.forEach((field) => { if (given.has(field.dataset.filter)) field.value = given.get(field.dataset.filter); });
    filter();
  };
  fields.forEach((field) => field.addEventListener("input", () => { filter(); remember(); }));
  addEventListener("hashchange", recall);
  recall();
});
