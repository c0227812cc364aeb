// Searches the index of the report (search-index.js) for pages that have all the words.
"use strict";
(() => {
  const query = document.getElementById("query"), results = document.getElementById("results"), told = document.getElementById("told");
  const index = window.INDEX.map(([title, kind, address, text]) => ({ title, kind, address, text, low: `${title} ${kind} ${text}`.toLowerCase() }));
  const search = () => {
    const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const ranked = index.filter((each) => words.every((word) => each.low.includes(word)));
    const rank = (each) => words.filter((word) => each.title.toLowerCase().includes(word)).length;
    const found = words.length ? ranked.sort((a, b) => rank(b) - rank(a)).slice(0, 100) : [];
    results.replaceChildren(...found.map((each) => {
      const item = document.createElement("li"), link = document.createElement("a"), kind = document.createElement("small"), text = document.createElement("p");
      link.href = each.address; link.textContent = each.title; kind.textContent = each.kind; text.textContent = each.text.slice(0, 220);
      item.append(link, " ", kind, text);
      return item;
    }));
    told.textContent = words.length ? `${ranked.length} found${ranked.length > 100 ? ", the first 100 shown" : ""}` : `${index.length} pages are searched`;
    if (location.protocol !== "file:") history.replaceState(null, "", `?q=${encodeURIComponent(query.value)}`); // refused of a file
  };
  query.value = new URLSearchParams(location.search).get("q") ?? "";
  query.addEventListener("input", search);
  search();
  query.focus();
})();
