// The candidate gallery: a list of frames that could be the reference. One of them can be tabbed to, arrow keys move on
// from there, Enter or a click chooses; a candidate can be dragged onto a viewer. Pictures come when they are in sight.

const DRAG_TYPE = "application/x-csn-row";
// Where faces are hidden: anybody's face, at rest.
const SCHEMATIC = `<svg viewBox="0 0 48 48" aria-hidden="true">
  <path d="M24 5c9 0 13 7 13 17s-6 21-13 21-13-11-13-21S15 5 24 5z M15 18q3-2 6 0 M27 18q3-2 6 0
    M16 22h4 M28 22h4 M24 22v7h-2 M18 35h12"/></svg>`;

function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "csn-gallery";
  root.dataset.lmSuppressShortcuts = "true";
  root.innerHTML = `<div class="csn-gallery-head">
      <label hidden><input type="checkbox"> Rank with the labels too</label>
      <p class="csn-gallery-common" hidden></p><output aria-live="polite"></output>
      <button type="button" class="csn-accept" hidden>Accept for good</button></div>
    <ul role="listbox" aria-label="candidates for the reference, the best first" aria-orientation="horizontal"></ul>
    <p class="csn-gallery-none" hidden>No frame of this person has a usable face.</p>`;
  el.append(root);
  const list = root.querySelector("ul"), said = root.querySelector("output");
  const none = root.querySelector(".csn-gallery-none"), common = root.querySelector(".csn-gallery-common");
  const label = root.querySelector("label"), labels = root.querySelector("input");
  const accept = root.querySelector(".csn-accept");
  let cards = new Map(), addresses = [], generation = -1, asked = new Set();

  const forget = () => { for (const address of addresses.splice(0)) URL.revokeObjectURL(address); };

  // What comes into sight is asked for together, once.
  const sight = new IntersectionObserver((seen) => {
    const rows = seen.filter((one) => one.isIntersecting).map((one) => Number(one.target.dataset.row))
      .filter((row) => !asked.has(row));
    for (const row of rows) asked.add(row);
    if (rows.length) model.send({ type: "pictures", generation, rows });
  }, { rootMargin: "120px" });

  function offer() {
    const { candidates, generation: newest } = model.get("offered");
    if (newest === generation) return;
    const held = list.contains(document.activeElement);
    generation = newest;
    sight.disconnect();
    forget();
    asked = new Set();
    const shared = ofAll(candidates);
    cards = new Map(candidates.map((candidate, place) => [candidate.row, card(candidate, place, shared)]));
    common.textContent = shared.length ? `True of every ranked face: ${shared.join(", ")}.` : "";
    list.replaceChildren(...cards.values());
    none.hidden = generation === 0 || candidates.length > 0;
    mark();
    frame();
    for (const one of cards.values()) sight.observe(one);
    if (held) list.querySelector('[tabindex="0"]')?.focus();
  }

  // What holds for all of them need not stand on each.
  function ofAll(candidates) {
    const fit = candidates.filter((candidate) => !candidate.faults.length);
    return fit.length < 2 ? [] : fit[0].reasons.filter((word) => fit.every((other) => other.reasons.includes(word)));
  }

  function card(candidate, place, shared) {
    const item = document.createElement("li"), fit = !candidate.faults.length;
    const when = candidate.seconds === null ? "" : ` · ${candidate.seconds.toFixed(2)} s`;
    item.dataset.row = candidate.row;
    item.className = fit ? "" : "csn-not-fit";
    item.draggable = true;
    item.setAttribute("role", "option");
    const words = fit ? [...candidate.reasons, ...candidate.doubts] : candidate.faults;
    const where = `frame ${candidate.number}${when}`, rank = fit ? `rank ${place + 1}` : "not fit";
    item.dataset.name = `${where}, ${rank}: ${words.join(", ") || "nothing known"}`;
    item.title = item.dataset.name;
    item.innerHTML = `<span class="csn-thumbnail">${SCHEMATIC}<b></b><i hidden>reference</i></span>
      <span class="csn-number"></span><span class="csn-chips"></span>`;
    item.querySelector("b").textContent = fit ? place + 1 : "⚠";
    item.querySelector(".csn-number").textContent = where;
    const chips = [...candidate.faults.map((word) => [word, "csn-fault"]),
      ...(fit ? candidate.doubts.map((word) => [word, "csn-doubt"]) : []),
      ...(fit ? candidate.reasons.filter((word) => !shared.includes(word)).map((word) => [word, "csn-for"]) : [])];
    item.querySelector(".csn-chips").append(...chips.map(([word, kind]) =>
      Object.assign(document.createElement("span"), { textContent: word, className: kind })));
    item.addEventListener("click", () => { item.focus(); choose(item); });
    item.addEventListener("dragstart", (event) => {
      event.dataTransfer.setData(DRAG_TYPE, String(candidate.row));
      event.dataTransfer.effectAllowed = "copy";
    });
    return item;
  }

  const choose = (item) => model.send({ type: "choose", row: Number(item.dataset.row) });

  function mark() {
    const chosen = model.get("chosen");
    for (const [row, item] of cards) {
      item.setAttribute("aria-selected", String(row === chosen));
      item.querySelector("i").hidden = row !== chosen;
      item.setAttribute("aria-label", item.dataset.name + (row === chosen ? "; the reference in use" : ""));
    }
    const first = cards.get(chosen) ?? cards.values().next().value;
    for (const item of cards.values()) item.tabIndex = item === first ? 0 : -1;
  }

  list.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const items = [...cards.values()], place = items.indexOf(event.target.closest("li"));
    if (place < 0) return;
    if (event.key === "Enter" || event.key === " ") choose(items[place]);
    else {
      const to = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: items.length - 1,
        ArrowDown: below(items, place, 1), ArrowUp: below(items, place, -1) }[event.key];
      if (to === undefined) return;
      const next = items[Math.max(0, Math.min(items.length - 1, to))];
      for (const item of items) item.tabIndex = item === next ? 0 : -1;
      next.focus();
    }
    event.preventDefault();
    event.stopPropagation();
  });

  // The candidate in the next row of the grid that stands nearest to under this one; where there is none, this one.
  function below(items, place, way) {
    const { offsetLeft: x, offsetTop: y } = items[place];
    const on = items.filter((item) => (item.offsetTop - y) * way > 4);
    const far = (item) => Math.abs(item.offsetTop - y) * 1000 + Math.abs(item.offsetLeft - x);
    return on.length ? items.indexOf(on.reduce((best, item) => (far(item) < far(best) ? item : best))) : place;
  }

  function heard(message, buffers) {
    if (message.type !== "pictures" || message.generation !== generation) return;
    message.rows.forEach((row, place) => {
      const item = cards.get(row);
      if (!item || !buffers[place]?.byteLength) return;
      const picture = new Image(), address = URL.createObjectURL(new Blob([buffers[place]], { type: "image/jpeg" }));
      addresses.push(address);
      picture.alt = "";
      picture.draggable = false;
      picture.src = address;
      item.querySelector("svg")?.replaceWith(picture);
    });
  }

  function frame() {
    label.hidden = !model.get("labels_offered");
    labels.checked = model.get("labels_wanted");
    accept.hidden = !model.get("keeps");
    accept.disabled = model.get("chosen") < 0;
    // Where something was kept is said above the faces, where one looks, in place of what holds for all of them.
    said.textContent = said.title = model.get("said");
    common.hidden = Boolean(said.textContent) || !common.textContent;
  }

  labels.addEventListener("change", () => { model.set("labels_wanted", labels.checked); model.save_changes(); });
  accept.addEventListener("click", () => model.send({ type: "accept" }));
  const watch = {
    "msg:custom": heard, "change:offered": offer, "change:chosen": () => { mark(); frame(); }, "change:said": frame,
    "change:keeps": frame, "change:labels_offered": frame, "change:labels_wanted": frame,
  };
  for (const [name, act] of Object.entries(watch)) model.on(name, act);
  offer();
  frame();
  return () => {
    sight.disconnect();
    forget();
    for (const [name, act] of Object.entries(watch)) model.off(name, act);
  };
}

export default { render };
