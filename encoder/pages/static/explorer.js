// Steps through a schedule: the step is in the address (#12), the state beside it follows from the scene's data.
"use strict";
(() => {
  const scene = JSON.parse(document.getElementById("scene").textContent);
  const byId = (id) => document.getElementById(id);
  const named = (names) => (values) => Object.fromEntries(names.map((name, number) => [name, values[number]]));
  scene.steps = scene.steps.map(named(["cpu", "location", "settles", "holds", "order", "flags", "file", "line"]));
  scene.delays = scene.delays.map(named(["store", "until", "cpu", "location", "value"]));
  scene.objects = scene.objects.map(named(["name", "struct", "touched", "places"]));
  for (const object of scene.objects) object.places = object.places.map(named(["name", "kind", "start"]));
  scene.objects.flatMap((object) => object.places).forEach((place) => { place.label = place.name.split(".").slice(1).join(".") || place.name; });
  scene.steps.forEach((step, number) => {
    step.step = number + 1;
    [step.source, step.missed, step.behind] = step.order ?? [null, [], null];
    step.flags.forEach((flag) => { step[flag] = true; });
  });
  const rows = new Map(scene.steps.map((step) => [step.step, byId(String(step.step))]));
  const said = (step, part) => rows.get(step.step).querySelector(part)?.textContent ?? "";
  const EVENT = "div > code:not(.enters):not(.value)";
  const last = scene.steps.length;
  const racing = scene.steps.filter((step) => step.racing).map((step) => step.step);
  const columns = new Map(scene.cpus.map(([cpu], column) => [cpu, column % 6]));
  const places = new Map(scene.objects.flatMap((each) => each.places.map((place) => [place.name, place])));
  let now = 0;
  let all = false;
  let arrows = scene.cycle.length > 0;
  const opened = new Set();

  // The state after each step: what every location holds, and what every CPU has taken.
  const states = [{ holds: new Map(), values: new Map([...places].map(([name, place]) => [name, place.start])) }];
  for (const step of scene.steps) {
    const before = states.at(-1);
    const values = step.settles !== null ? new Map(before.values).set(step.location, step.settles) : before.values;
    states.push({ values, holds: step.holds ? new Map(before.holds).set(step.cpu, step.holds) : before.holds });
  }

  const make = (tag, attributes = {}, ...children) => {
    const found = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== false && value !== null) found.setAttribute(name, value === true ? "" : value);
    }
    found.append(...children.filter((child) => child !== null && child !== ""));
    return found;
  };
  const code = (text, attributes = {}) => {
    const pieces = text.split(/([\w\])]+->)|(?<=\w\()(?!\))/).filter(Boolean);
    return make("code", attributes, ...pieces.flatMap((piece) => [piece.endsWith("->") ? make("i", {}, piece) : piece, make("wbr")]));
  };
  const link = (step) => (step ? make("a", { href: `#${step}` }, `step ${step}`) : "the start");

  // What is on every page: the buttons, and how to read it.
  const BUTTONS = [["first", "First step", "Home", "|◀"], ["back", "One step back", "←", "◀"], ["on", "One step on", "→", "▶"], ["last", "Last step", "End", "▶|"]];
  const button = (go, name, key, sign) => make("button", { type: "button", "data-go": go, "aria-label": name, title: `${name} (${key})` }, sign);
  const word = (attributes, text) => make("button", { type: "button", class: "word", ...attributes }, text);
  const cyclic = scene.cycle.length > 0;
  byId("player").append(
    make("div", { class: "ribbon", id: "ribbon", "aria-hidden": "true" }),
    make("div", { class: "controls" },
      ...BUTTONS.map((each) => button(...each)),
      make("input", { type: "range", id: "slider", min: "0", max: String(last), value: "0", "aria-label": "Step" }),
      make("output", { id: "place", for: "slider" }, "start"),
      word({ "data-go": "race" }, "Race"), word({ "data-go": "breach" }, "Breach"), word({ id: "all", "aria-pressed": "false" }, "All steps"),
      cyclic ? word({ id: "arrows", "aria-pressed": "true" }, "Cycle") : null),
    make("p", { class: "sr", id: "said", "aria-live": "polite" }));
  const key = (name) => make("kbd", {}, name);
  const sample = (kind, text) => make("li", {}, make("span", { class: `swatch ${kind}` }), ` ${text}`);
  byId("keys").replaceWith(make("details", { class: "keys" },
    make("summary", {}, "How to read this"),
    make("p", {}, "Time goes down; each CPU has its column. A step names its label in the spec, what it does in the kernel's words, and what was read, or changed from what to what. Step with ",
      key("←"), " ", key("→"), " (or ", key("k"), " ", key("j"), "), ", key("Home"), ", ", key("End"), "; ", key("r"), " goes to the racing pair, ", key("b"),
      " to the breach, ", key("a"), " shows all steps. Each step's number is a link to it."),
    make("ul", { class: "legend" }, sample("patched", "a step that the patch inserts"), sample("racing", "the racing pair"), sample("changed", "what this step has changed"),
      cyclic ? sample("weak", "what no interleaving does: a read of an older store, a step overtaken") : null)));

  // Folding: runs of steps on which nothing depends.
  const folds = [];
  for (let from = 0; from < last; ) {
    if (!scene.steps[from].quiet) { from += 1; continue; }
    let to = from;
    while (to < last && scene.steps[to].quiet && scene.steps[to].cpu === scene.steps[from].cpu) to += 1;
    if (to - from > 1) folds.push(scene.steps.slice(from, to).map((step) => step.step));
    from = to;
  }
  folds.forEach((fold, number) => {
    const cpu = scene.steps[fold[0] - 1].cpu;
    const words = `${fold.length} steps of CPU${cpu} that change nothing`;
    const button = make("button", { type: "button", "aria-expanded": "false" }, words);
    button.addEventListener("click", () => { opened.has(number) ? opened.delete(number) : opened.add(number); lay(); });
    const item = make("li", { class: `fold cpu-${columns.get(cpu)}` }, button);
    rows.get(fold[0]).before(item);
    fold.item = item;
  });
  const folded = (step) => folds.findIndex((fold, number) => !all && !opened.has(number) && fold.includes(step));
  const lay = () => {
    folds.forEach((fold, number) => {
      const open = all || opened.has(number);
      fold.item.hidden = all;
      fold.item.firstChild.setAttribute("aria-expanded", String(open));
      fold.forEach((step) => { rows.get(step).hidden = !open; });
    });
    draw();
  };

  // Values in words.
  const bare = (value) => value.replace(/^\{|\}$/g, "").split(" ").filter(Boolean);
  const chips = (value, before) => {
    const own = bare(value), old = bare(before);
    const gone = old.filter((word) => !own.includes(word));
    const found = make("span", { class: "chips" });
    own.forEach((word) => found.append(make("span", { class: old.includes(word) ? "chip" : "chip changed" }, word)));
    gone.forEach((word) => found.append(make("span", { class: "chip off changed" }, word)));
    if (!own.length && !gone.length) found.append(make("span", { class: "chip" }, "none"));
    return found;
  };
  const counted = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;
  const split = (object, state) => {
    const count = Number(state.values.get(`${object.name}._refcount`));
    const large = Number(state.values.get(`${object.name}._pincount`) ?? 0);
    const pins = large || Math.max(0, Math.floor(count / scene.bias));
    const rest = large ? count - large : count - pins * scene.bias;
    return `${counted(pins, "pin")}${large || !pins ? "" : ` of ${scene.bias}`} + ${counted(rest, "reference")}`;
  };
  const holders = (name, state) => [...state.holds].filter(([, held]) => held.some((each) => each.split(" ")[0] === name)).map(([cpu]) => `CPU${cpu}`);
  const described = (object, place, state) => {
    const value = state.values.get(place.name), by = holders(place.name, state).join(", ");
    switch (place.kind) {
      case "references": return [value, split(object, state)];
      case "mapped": return [value, Number(value) < 0 ? "not mapped" : `mapped ${counted(Number(value) + 1, "time")}`];
      case "sequence": return [value, Number(value) % 2 ? "odd: inside a section" : "even"];
      case "lock": return [value === "0" ? "free" : "taken", by && `by ${by}`];
      case "rwsem": return [value === "0" ? "free" : Number(value) < 0 ? "held for writing" : `held by ${counted(Number(value), "reader")}`, by && `by ${by}`];
      case "free": return [value === "1" ? "on the free list" : "in use", ""];
      default: return [value, ""];
    }
  };
  const row = (object, place, state, before, step) => {
    const changed = state.values.get(place.name) !== before.values.get(place.name);
    const hot = step && step.location === place.name;
    const classes = `row${changed ? " changed" : ""}${hot && step.racing ? " racing" : ""}`;
    const label = make("span", {}, make("code", {}, place.label));
    if (place.kind === "word") return make("div", { class: classes }, label, chips(state.values.get(place.name), before.values.get(place.name)));
    const [words, more] = described(object, place, state);
    const shown = make("span", {});
    if (changed) shown.append(make("span", { class: "was" }, described(object, place, before)[0]), make("span", { class: "sr" }, " now "));
    shown.append(make("span", { class: place.kind === "sequence" && Number(words) % 2 ? "odd" : "" }, words));
    if (more) shown.append(make("small", {}, more));
    return make("div", { class: classes }, label, shown);
  };
  const flags = (object, state, before) => {
    const own = object.places.filter((place) => place.kind === "flag");
    const set = (from) => own.filter((place) => from.values.get(place.name) === "1").map((place) => place.label).join(" ");
    if (!own.length) return null;
    const changed = set(state) !== set(before);
    return make("div", { class: `row${changed ? " changed" : ""}` }, make("span", {}, "flags"), chips(set(state), set(before)));
  };
  const card = (object, state, before, step) => {
    const idle = (place) => ["pins", "free"].includes(place.kind) || place.label === "swap_map";
    const zero = (place) => [state, before].every((each) => each.values.get(place.name) === "0");
    const shown = object.places.filter((place) => place.kind !== "flag" && !(idle(place) && zero(place)));
    const title = make("h3", {}, object.name, make("span", {}, object.struct.replace(/_/g, " ")));
    return make("div", { class: "object" }, title, ...shown.map((place) => row(object, place, state, before, step)), flags(object, state, before));
  };

  const where = (step) => {
    const [kernel, file] = scene.files[step.file];
    const line = rows.get(step.step).dataset.code;
    const there = line ? [code(line), make("br")] : [];
    return make("p", { class: "where" }, ...there, kernel, make("br"), file ? `specs: ${file}:${step.line}` : "a step of the scenario");
  };
  const showNow = (step) => {
    const box = byId("now");
    if (!step) {
      box.replaceChildren(make("h2", {}, "The start"), make("p", {}, "Nothing has happened yet. Step on with → or the buttons below."));
      return;
    }
    const told = [make("h2", {}, `Step ${step.step} of ${last}: CPU${step.cpu}`), code(said(step, EVENT), { class: "event" })];
    if (said(step, ".value")) told.push(make("p", {}, code(said(step, ".value"))));
    if (step.source !== null) told.push(make("p", {}, "Its read comes from ", link(step.source), "."));
    step.missed.forEach((store) => told.push(make("p", {}, "It does not see the store at ", link(store), ".")));
    if (step.behind) told.push(make("p", {}, `CPU${step.cpu}'s code has this before `, link(step.behind), ": it takes effect late."));
    if (step.patched) told.push(make("p", {}, "Inserted by the patch."));
    if (step.racing && racing.length > 1) told.push(make("p", {}, "Races with ", link(racing.find((each) => each !== step.step)), ` on ${step.location}.`));
    told.push(where(step));
    box.replaceChildren(...told);
  };
  const showHolds = (state) => {
    const list = make("dl");
    for (const [cpu] of scene.cpus) {
      const held = state.holds.get(cpu) ?? [];
      list.append(make("dt", { class: `cpu-${columns.get(cpu)}` }, `CPU${cpu}`), make("dd", {}, held.join(", ") || "nothing"));
    }
    byId("holds").replaceChildren(make("h2", {}, "Who holds what"), list);
  };
  const showDelays = () => {
    const held = scene.delays.filter((each) => each.store <= now && now <= each.until);
    const own = (each) => scene.model === "tso" && scene.steps[each.store - 1].cpu !== each.cpu ? `in the store buffer of CPU${scene.steps[each.store - 1].cpu}: ` : "";
    byId("delays").replaceChildren(...(held.length ? [make("h2", {}, "Held back")] : []), ...held.map((each) =>
      make("div", { class: "delay" }, own(each), make("code", {}, `${each.location} = ${each.value}`), " of ", link(each.store), `, not yet seen by CPU${each.cpu}`)));
  };
  const showObjects = (state, before, step) => {
    const used = scene.objects.filter((object) => object.touched), other = scene.objects.filter((object) => !object.touched);
    const found = used.map((object) => card(object, state, before, step));
    const open = byId("objects").querySelector("details")?.open ?? false;
    if (other.length) found.push(make("details", { class: "quietly", open }, make("summary", {}, `${counted(other.length, "object")} that this schedule does not touch`), ...other.map((object) => card(object, state, before, step))));
    byId("objects").replaceChildren(make("h2", {}, "What is where"), ...found);
  };

  // Arrows: the cycle, and where the read of this step comes from.
  const draw = () => {
    const canvas = document.querySelector(".edges"), board = byId("schedule").getBoundingClientRect();
    const narrow = matchMedia("(max-width: 44rem)").matches;
    const at = (number) => {
      const fold = folded(number);
      const box = (fold < 0 ? rows.get(number).querySelector("div") : folds[fold].item).getBoundingClientRect();
      return { left: box.left - board.left, right: box.right - board.left, y: box.top - board.top + Math.min(box.height / 2, 14), column: columns.get(scene.steps[number - 1].cpu) };
    };
    const found = arrows ? scene.cycle.map((edge) => edge) : [];
    const step = scene.steps[now - 1];
    if (step?.source) found.push([step.source, "rf", step.step]);
    canvas.replaceChildren(...found.flatMap(([a, kind, b]) => arrow(at(a), kind, at(b), narrow)));
  };
  const svg = (tag, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const arrow = (a, kind, b, narrow) => {
    const same = narrow || a.column === b.column;
    const ax = same ? a.left : a.column < b.column ? a.right : a.left;
    const bx = same ? b.left : a.column < b.column ? b.left : b.right;
    const bend = same ? Math.min(26, 8 + Math.abs(b.y - a.y) / 12) : 0;
    const middle = (ax + bx) / 2 - bend;
    const path = `M${ax} ${a.y} C${same ? middle : middle} ${a.y} ${middle} ${b.y} ${bx} ${b.y}`;
    const way = same || bx > ax ? 1 : -1;
    const head = `M${bx - 7 * way} ${b.y - 4} L${bx} ${b.y} L${bx - 7 * way} ${b.y + 4}`;
    const label = svg("text", { x: middle + (same ? bend * .25 : 0), y: (a.y + b.y) / 2 + 4, "text-anchor": "middle", class: kind });
    label.textContent = kind;
    return [svg("path", { d: path, class: kind }), svg("path", { d: head, class: kind }), label];
  };

  const reach = (number, { scroll = true, remember = true } = {}) => {
    const fold = folded(number);
    if (number && fold >= 0) { opened.add(fold); lay(); }
    now = number;
    const step = scene.steps[now - 1], state = states[now], before = states[Math.max(0, now - 1)];
    rows.forEach((item, each) => {
      item.classList.toggle("later", each > now);
      each === now ? item.setAttribute("aria-current", "step") : item.removeAttribute("aria-current");
    });
    byId("breach").classList.toggle("reached", now === last);
    byId("slider").value = now;
    byId("slider").setAttribute("aria-valuetext", step ? `step ${now} of ${last}` : "the start");
    byId("place").textContent = step ? `${now} / ${last}` : "start";
    [...byId("ribbon").children].forEach((cell, index) => cell.classList.toggle("done", index < now));
    showNow(step); showHolds(state); showDelays(); showObjects(state, before, step);
    byId("said").textContent = step ? `Step ${now}, CPU${step.cpu}, ${said(step, EVENT)} ${said(step, ".value")}${now === last ? ". The property is broken." : ""}` : "The start";
    if (remember) history.replaceState(null, "", now ? `#${now}` : location.pathname + location.search);
    if (scroll && step) {
      const box = rows.get(now).getBoundingClientRect(), low = innerHeight - (matchMedia("(max-width: 60rem)").matches ? innerHeight * .5 : 140);
      if (box.top < 60 || box.bottom > low) rows.get(now).scrollIntoView({ block: matchMedia("(max-width: 60rem)").matches ? "start" : "center" });
    }
    document.querySelector(".now").parentElement.scrollTop = 0;
    draw();
  };
  const visible = (from, way) => {
    let next = from + way;
    while (next > 0 && next <= last && folded(next) >= 0) next += way;
    return Math.min(last, Math.max(0, next));
  };
  const go = {
    first: () => reach(0), back: () => reach(visible(now, -1)), on: () => reach(visible(now, 1)), last: () => reach(last),
    breach: () => reach(last), race: () => reach(racing.find((step) => step > now) ?? racing[0] ?? last),
  };
  const toggleAll = () => { all = !all; byId("all").setAttribute("aria-pressed", String(all)); lay(); };

  document.body.classList.add("live");
  document.querySelector(".state").classList.add("live");
  ["now", "holds", "delays", "objects", "player"].forEach((id) => { byId(id).hidden = false; });
  scene.steps.forEach((step) => byId("ribbon").append(make("i", { class: `cpu-${columns.get(step.cpu)}${step.racing ? " racing" : ""}` })));
  byId("ribbon").addEventListener("click", (event) => {
    const box = byId("ribbon").getBoundingClientRect();
    reach(Math.min(last, Math.floor((event.clientX - box.left) / box.width * last) + 1));
  });
  document.querySelectorAll("[data-go]").forEach((button) => button.addEventListener("click", () => go[button.dataset.go]()));
  byId("slider").addEventListener("input", (event) => reach(Number(event.target.value)));
  byId("all").addEventListener("click", toggleAll);
  byId("arrows")?.addEventListener("click", (event) => { arrows = !arrows; event.target.setAttribute("aria-pressed", String(arrows)); draw(); });
  document.querySelector(".steps").addEventListener("click", (event) => {
    const item = event.target.closest(".step");
    if (item && !event.target.closest("a")) reach(Number(item.id), { scroll: false });
  });
  const KEYS = { ArrowRight: "on", j: "on", ArrowLeft: "back", k: "back", Home: "first", End: "last", r: "race", b: "breach" };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
    if (event.key === "a") toggleAll();
    else if (KEYS[event.key]) { event.preventDefault(); go[KEYS[event.key]](); }
  });
  const fromAddress = () => {
    const number = Number(location.hash.slice(1));
    if (Number.isInteger(number) && number >= 1 && number <= last) reach(number, { remember: false });
    else if (!location.hash) reach(0, { remember: false });
  };
  addEventListener("hashchange", fromAddress);
  const sized = () => { document.documentElement.style.setProperty("--player", `${byId("player").offsetHeight}px`); draw(); };
  addEventListener("resize", sized);
  document.fonts?.ready.then(sized);
  lay();
  reach(0, { remember: false, scroll: false });
  fromAddress();
  sized();
})();
