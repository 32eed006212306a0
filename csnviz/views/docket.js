// The docket of errors: a list of any length, of which only the visible rows are elements. Python filters and orders,
// so that list, keys and files have one order; this draws, and tells what is asked for.

const ROW = 24; // pixels, as in docket.css
const RISING = ["what", "kind", "participant", "au", "first", "seconds", "attributes"]; // the smallest first
const MARKUP = `
<div class="csn-docket-bar">
  <div class="csn-docket-tabs" role="tablist" aria-label="what calibration did"></div>
  <div class="csn-docket-filters">
    <select data-filter="kind" aria-label="kind"></select>
    <select data-filter="au" aria-label="action unit"></select>
    <select data-filter="participant" aria-label="participant"></select>
    <input type="search" data-filter="words" aria-label="words to look for" placeholder="search">
    <button type="button" data-clear>Clear</button>
  </div>
</div>
<p class="csn-docket-notice" hidden></p>
<div class="csn-docket-list" role="grid" tabindex="0">
  <div class="csn-docket-head" role="row" aria-rowindex="1"></div>
  <div class="csn-docket-rows" role="rowgroup"></div>
  <p class="csn-docket-none" hidden><span></span> <button type="button" data-clear>Show all</button></p>
</div>
<div class="csn-docket-foot">
  <output data-shown aria-live="polite"></output><output data-said aria-live="polite"></output>
  <span class="csn-docket-keys"><kbd>n</kbd> next <kbd>p</kbd> previous</span>
  <button type="button" data-save="errors"></button><button type="button" data-save="frames"></button>
</div>`;

const make = (tag, names, ...children) => {
  const element = Object.assign(document.createElement(tag), names);
  element.append(...children);
  return element;
};
const cellOf = (column, role, ...children) => {
  const cell = make("span", { role }, ...children);
  cell.dataset.column = column;
  return cell;
};
const number = (value) => (Number.isNaN(value) ? "–" : value.toFixed(1).replace(/^-0\.0$/, "0.0").replace("-", "−"));

function render({ model, el }) {
  const root = make("section", { className: "csn-docket", innerHTML: MARKUP });
  root.dataset.lmSuppressShortcuts = "true";
  el.append(root);
  const find = (selector) => root.querySelector(selector);
  const list = find(".csn-docket-list"), rows = find(".csn-docket-rows"), head = find(".csn-docket-head");
  const tabs = find(".csn-docket-tabs"), words = find('[data-filter="words"]');
  const id = `csn-docket-${Math.random().toString(36).slice(2)}`;
  const { sent, kinds, whats, columns, listed } = model.get("words");
  root.ariaLabel = `docket of ${listed}`;
  list.ariaLabel = `${listed}; arrow keys move, Enter shows, space marks, w asks why, n and p go to next and previous`;
  let values = {}, order = new Int32Array(0), active = 0, pool = [], typing = null, drawing = 0, asked = false;

  const about = () => model.get("about"), said = () => model.get("filter");
  const whole = (name, Kind) => {
    const bytes = model.get(name);
    return new Kind(bytes.buffer ? bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) : bytes);
  };
  const ask = (changes) => { asked = true; model.set("filter", { ...said(), ...changes }); model.save_changes(); };

  // ---- what Python told ----
  function take() {
    const all = whole("numbers", Float32Array), n = about().rows;
    values = Object.fromEntries(sent.map((name, place) => [name, all.subarray(place * n, (place + 1) * n)]));
  }

  function arrange() {
    order = whole("order", Int32Array);
    rows.style.height = `${order.length * ROW}px`;
    list.setAttribute("aria-rowcount", order.length + 1);
    find(".csn-docket-none").hidden = order.length > 0;
    find(".csn-docket-none span").textContent = about().rows ? "No run fits." : about().none;
    find(".csn-docket-none button").hidden = !about().rows;
    const at = order.indexOf(model.get("looked"));
    active = asked ? 0 : at >= 0 ? at : Math.max(0, Math.min(active, order.length - 1));
    if (asked) list.scrollTop = 0; // what one asked for is at the top; what comes by itself moves nothing
    asked = false;
    frame();
    draw();
  }

  // ---- the frame around the list ----
  function frame() {
    const { notice, labelled, compared, read, rows: total } = about(), filter = said(), counts = model.get("counts");
    find(".csn-docket-notice").hidden = !notice;
    find(".csn-docket-notice").textContent = notice;
    tabs.hidden = !labelled;
    for (const tab of tabs.children) {
      const { what } = tab.dataset, chosen = what === filter.what;
      tab.tabIndex = chosen ? 0 : -1;
      tab.setAttribute("aria-selected", String(chosen));
      tab.disabled = Boolean(what) && !compared && !chosen;
      tab.querySelector("b").textContent = what && !compared ? "–" : counts[what] ?? 0;
    }
    offer("kind", `all ${listed}`, about().kinds.map((kind) => [kind, kind]), filter.kind);
    offer("au", "all action units", Object.entries(about().units), String(filter.au || ""));
    offer("participant", "everybody", about().participants.map((who) => [who, who]), filter.participant);
    if (document.activeElement !== words) words.value = filter.words;
    find("[data-clear]").hidden = !(filter.what || filter.kind || filter.au || filter.participant || filter.words);
    for (const cell of head.children) {
      const sorted = cell.dataset.column === filter.sort;
      cell.setAttribute("aria-sort", !sorted ? "none" : filter.descending ? "descending" : "ascending");
    }
    const n = order.length, count = n === total ? n : `${n} of ${total}`;
    find("[data-shown]").textContent = [`${count} run${total === 1 ? "" : "s"}`, read].filter(Boolean).join(" · ");
    saving();
  }

  function offer(name, all, options, chosen) {
    const select = find(`[data-filter="${name}"]`), known = ["", ...options.map(([value]) => value)];
    if (!known.includes(chosen)) options = [...options, [chosen, chosen]];
    const text = JSON.stringify(options);
    if (select.dataset.options !== text) {
      const titled = ([value, textContent]) => make("option", { value, textContent });
      select.replaceChildren(...[["", all], ...options].map(titled));
      select.dataset.options = text;
    }
    select.value = chosen;
    select.classList.toggle("csn-set", Boolean(chosen));
  }

  function saving() {
    const marked = new Set(model.get("marked")), n = order.filter((row) => marked.has(row)).length;
    for (const button of root.querySelectorAll("[data-save]")) {
      const what = button.dataset.save === "errors" ? "runs" : "frames";
      button.textContent = n ? `Save ${what} of ${n} marked` : `Save ${what}`;
      button.title = `as CSV, one line per ${what === "runs" ? "run" : "frame"}, of ${n ? "those marked" : "all shown"}`;
      button.disabled = !order.length;
    }
  }

  // ---- rows: as many elements as are visible, filled anew while one scrolls ----
  function draw() {
    const first = Math.max(0, Math.floor(list.scrollTop / ROW) - 2), room = Math.ceil(list.clientHeight / ROW) + 5;
    while (pool.length < room) pool.push(element());
    const marked = new Set(model.get("marked"));
    pool.forEach((row, place) => fill(row, first + place, marked));
    list.setAttribute("aria-activedescendant", order.length ? `${id}-${active}` : "");
  }

  function element() {
    const row = make("div", { className: "csn-docket-row" }, ...columns.map(([key]) => cellOf(key, "gridcell")));
    row.setAttribute("role", "row");
    return row;
  }

  function fill(row, place, marked) {
    if (place >= order.length) return row.remove(); // nobody, no reader of the page either, comes upon an error of before
    if (row.parentNode !== rows) rows.append(row);
    const at = order[place], of = (name) => values[name][at], where = about().places[of("place")] ?? {};
    const [sign, what, meaning] = whats[of("what")], [shape, kind] = kinds[of("kind")], n = of("n");
    const looked = at === model.get("looked"), unit = about().units[of("au")] ?? "", chosen = marked.has(at);
    row.id = `${id}-${place}`;
    row.style.transform = `translateY(${place * ROW}px)`;
    row.setAttribute("aria-rowindex", place + 2);
    row.setAttribute("aria-selected", String(chosen));
    looked ? row.setAttribute("aria-current", "true") : row.removeAttribute("aria-current");
    const brought = of("what") > 2; // an error of CSN's own
    Object.assign(row.dataset, { place, what, by: brought ? "csn" : "ncg" });
    row.classList.toggle("csn-active", place === active);
    row.classList.toggle("csn-in-sample", Boolean(where.inSample));
    const cells = [
      [chosen ? "☑" : "☐", chosen ? "marked" : "not marked"], [what ? `${sign} ${what}` : "–", meaning],
      [`${shape} ${kind}`, what ? `${of("still")} of ${n} frames also by ${brought ? "NCG" : "CSN"}` : ""],
      [where.who + (where.inSample ? " · in-sample" : ""),
        where.where + (where.inSample ? "; the networks were trained on this person" : "")],
      [unit, unit], [of("first") === of("last") ? `${of("first")}` : `${of("first")}–${of("last")}`, where.where],
      [`${n}`, ""], [Number.isNaN(of("seconds")) ? "–" : `${of("seconds").toFixed(2)} s`, ""],
      [Number.isNaN(of("label")) ? "–" : `${of("label")}`, ""],
      ...["ncg", "bs", "csn"].map((name) => [number(of(name)), ""]), [where.attributes || "", where.attributes || ""],
      ["Why?", "why? (w)"],
    ];
    columns.forEach((_, i) => { [row.children[i].textContent, row.children[i].title = ""] = cells[i]; });
    for (const name of ["label", "ncg", "bs", "csn"]) {
      const share = Math.max(0, Math.min(1, (of(name) || 0) / 5));
      row.querySelector(`[data-column="${name}"]`).style.setProperty("--csn-share", `${100 * share}%`);
    }
  }

  function reveal() {
    const top = active * ROW, room = list.clientHeight - head.offsetHeight;
    if (room <= 0) return;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + ROW > list.scrollTop + room) list.scrollTop = top + ROW - room;
  }

  // ---- asking ----
  const send = (type, place) => order.length && model.send({ type, row: order[place], generation: about().generation });
  const go = (place) => send("go", place);
  function why(place) {
    send("why", place);
    root.closest(".csn-page")?.querySelector('[data-tab="why"]')?.focus();
  }

  function move(place) {
    active = Math.max(0, Math.min(order.length - 1, place));
    reveal();
    draw();
  }

  function mark(place) {
    const row = order[place], marked = model.get("marked");
    if (row === undefined) return;
    model.set("marked", marked.includes(row) ? marked.filter((each) => each !== row) : [...marked, row]);
    model.save_changes();
  }

  list.addEventListener("click", (event) => {
    const row = event.target.closest(".csn-docket-row");
    if (!row) return;
    move(Number(row.dataset.place));
    ({ mark, why }[event.target.dataset.column] ?? go)(active);
  });

  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select")) return;
    const page = Math.max(1, Math.floor(list.clientHeight / ROW) - 2), inList = event.target === list;
    const far = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[event.key];
    const by = { n: 1, p: -1 }[event.key];
    if (by) model.send({ type: "step", by });
    else if (inList && far) move(active + far);
    else if (inList && event.key === "Enter") go(active);
    else if (inList && event.key === " ") mark(active);
    else if (inList && event.key === "w") why(active);
    else if (tabs.contains(event.target) && ["ArrowRight", "ArrowLeft"].includes(event.key)) {
      const open = [...tabs.children].filter((tab) => !tab.disabled), here = open.indexOf(event.target);
      const next = open[(here + (event.key === "ArrowRight" ? 1 : open.length - 1)) % open.length];
      next.focus();
      next.click();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });

  root.addEventListener("change", (event) => {
    const name = event.target.dataset.filter;
    if (name && name !== "words") ask({ [name]: name === "au" ? Number(event.target.value) : event.target.value });
  });
  words.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => ask({ words: words.value.trim() }), 200);
  });
  root.addEventListener("click", ({ target }) => {
    if (target.dataset.clear !== undefined) {
      words.value = "";
      ask({ what: "", kind: "", au: 0, participant: "", words: "" });
    } else if (target.dataset.save) {
      find("[data-said]").textContent = "";
      model.send({ type: target.dataset.save });
    }
  });
  tabs.append(...whats.map(([sign, what, meaning]) => {
    const tab = make("button", { type: "button", title: meaning || "all runs" },
      sign ? make("i", { textContent: sign }) : "", ` ${what || "all"} `, make("b"));
    tab.setAttribute("role", "tab");
    tab.dataset.what = what;
    tab.addEventListener("click", () => ask({ what }));
    return tab;
  }));
  head.append(...columns.map(([sort, title, meaning]) => {
    if (!title) return cellOf(sort, "columnheader");
    const button = make("button", { type: "button", textContent: title, title: meaning });
    if (sort === "mark") button.setAttribute("aria-label", "marked");
    button.addEventListener("click", () => {
      const { sort: now, descending } = said();
      ask({ sort, descending: now === sort ? !descending : !RISING.includes(sort) });
    });
    return cellOf(sort, "columnheader", button);
  }));

  function receive(message, buffers) {
    if (message.type === "said") find("[data-said]").textContent = message.words;
    if (message.type !== "file") return;
    const address = URL.createObjectURL(new Blob([buffers[0]], { type: "text/csv;charset=utf-8" }));
    make("a", { href: address, download: message.name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
    find("[data-said]").textContent = `Saved ${message.name}`;
  }

  const soon = () => { drawing ||= requestAnimationFrame(() => { drawing = 0; draw(); }); };
  const looked = () => { const at = order.indexOf(model.get("looked")); at >= 0 ? move(at) : draw(); };
  const marks = () => { draw(); saving(); };
  const anew = () => { take(); arrange(); };
  const watched = { "change:numbers change:about": anew, "change:order": arrange, "change:counts change:filter": frame,
    "change:looked": looked, "change:marked": marks, "msg:custom": receive };
  for (const [names, act] of Object.entries(watched)) for (const name of names.split(" ")) model.on(name, act);
  list.addEventListener("scroll", soon, { passive: true });
  const resized = new ResizeObserver(soon);
  resized.observe(list);
  anew();
  return () => {
    clearTimeout(typing);
    resized.disconnect();
    for (const [names, act] of Object.entries(watched)) for (const name of names.split(" ")) model.off(name, act);
  };
}

export default { render };
