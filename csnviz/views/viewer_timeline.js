// The timeline of all AUs: a row for each, in it one thin tier for each method. Pixels are set one by one, which is
// what keeps 100,000 frames smooth; the cursor and the mark of the reference are elements of their own, moved without
// drawing anything.

// pixels beside and below; frames when zoomed in
const NAMES = 54, AXIS = 34, TIERS = ["label", "ncg", "bs", "csn"], FEWEST = 12;
const LOOKS = ["--csn-bg", "--csn-well", "--csn-muted", "--csn-ink", "--csn-false-positive",
  "--csn-false-negative", "--csn-accent"];

function drawTimeline({ state, el }) {
  const root = marked(el, state.model, ".csn-tracks");
  const find = (selector) => root.querySelector(selector);
  const area = find(".csn-track-area"), canvas = area.querySelector("canvas"), says = find(".csn-track-says");
  const [cursor, mark, tip] = ["cursor", "reference", "tip"].map((name) => find(".csn-track-" + name));
  const pen = canvas.getContext("2d"), small = tip.querySelector("canvas").getContext("2d");
  let from = 0, to = 1, planned = null, hovered = null, rest = null, held = null;

  const { model, frames, count: n, go, pause } = state, unit = () => model.get("unit"),
    tracks = () => state.tracks, width = () => max(1, area.clientWidth - NAMES);
  const scale = () => width() / (to - from), at = (x) => max(0, min(n() - 1, floor(from + (x - NAMES) / scale())));
  const tiers = () => TIERS.filter((name, place) => tracks()?.[name] && (place < 2 || model.get("calibrated")));
  const rows = () => tracks()?.aus.length ?? 0, tall = () => max(24, min(56, round(290 / max(1, rows()))));
  const plan = () => { planned ??= requestAnimationFrame(draw); };

  // ---- what is seen: frames `from` to `to` ------------------------------------------------------------------------
  function see(first, length) {
    length = max(min(FEWEST, n()), min(n(), length));
    from = max(0, min(n() - length, first));
    to = from + max(1, length);
    plan();
    marks();
  }
  function zoom(by, x = NAMES + (state.wanted + 0.5 - from) * scale()) {
    const share = max(0, min(1, (x - NAMES) / width())), still = from + share * (to - from), length = min(n(),
      (to - from) * by);
    see(still - share * length, length);
  }

  function marks() {
    for (const [element, row] of [[cursor, state.wanted], [mark, state.reference.row]]) {
      element.hidden = row < 0 || row + 1 <= from || row >= to || !rows();
      element.style.transform = `translateX(${NAMES + (row + 0.5 - from) * scale()}px) translateX(-50%)`;
    }
  }

  // ---- drawing ------------------------------------------------------------------------------------------------------
  function draw() {
    planned = null;
    const began = now(), ratio = min(2, devicePixelRatio), high = rows() * tall() + AXIS;
    if (!area.clientWidth) return;
    const [w, h] = [round(area.clientWidth * ratio), round(high * ratio)];
    canvas.width = w;
    canvas.height = h;
    area.style.height = `${high}px`;
    const inks = palette(root);
    if (rows()) pixels(w, h, ratio, inks);
    letters(ratio, inks);
    root.dataset.drawMs = (now() - began).toFixed(1);
    root.dataset.seen = `${from.toFixed(1)} ${to.toFixed(1)}`;
  }

  // Which places of which level a column of pixels shows.
  function columns(count) {
    const each = (to - from) / count, coarsest = tracks().usable.levels.length - 1;
    const level = max(0, min(coarsest, floor(Math.log(each) / Math.log(FOLD)))), fold = FOLD ** level;
    const first = new Int32Array(count), last = new Int32Array(count);
    for (let x = 0; x < count; x++) {
      const start = floor(from + x * each), end = max(start + 1, floor(from + (x + 1) * each));
      first[x] = start / fold;
      last[x] = min(ceil(end / fold), ceil(n() / fold));
    }
    return { level, first, last };
  }

  function pixels(w, h, ratio, inks) {
    const left = round(NAMES * ratio), across = w - left, image = pen.createImageData(across, h);
    const out = new Uint32Array(image.data.buffer), shown = columns(across), names = tiers(), row = tall() * ratio,
      gap = 2 * ratio;
    const high = max(2, floor((row - 2 * gap) / names.length)), phase = round((from * across) / (to - from));
    const there = tracks().usable.levels[shown.level].high;
    for (let r = 0; r < rows(); r++) {
      const top = round(r * row), ground = r === unit() ? inks.chosen : r % 2 ? inks.well : inks.bg;
      out.fill(ground, top * across, round((r + 1) * row) * across);
      for (let x = 0; x < across; x++) // no face: a hatched gap
        if (!union(there, shown.first[x], shown.last[x]))
          for (let y = top; y < top + row; y++) if ((x + phase + y) % 6 === 0) out[y * across + x] = inks.gap;
      names.forEach((name, place) => {
        const values = tracks()[name].levels[shown.level];
        const wrong = tracks()[name + "_errors"]?.levels[shown.level]?.high, colour = tracks().colours[name];
        const full = inks.mixed(colour), pale = inks.mixed(colour, 0.45, ground);
        const foot = round(top + gap + (place + 1) * high) - 1, room = high - max(1, round(ratio));
        for (let x = 0; x < across; x++) {
          const a = r * values.n + shown.first[x], b = r * values.n + shown.last[x], found = range(values.low,
            values.high, a, b);
          const least = found & 255, most = found >> 8, errors = wrong ? union(wrong, a, b) : 0;
          if (errors) hatched(out, across, x, phase, foot - room + 1, foot, errors, inks);
          if (least === NOTHING) continue;
          // 0 stands at 42 of 254; a thin line there says that there is a number.
          const tall = (q) => max(0, round(((q - 42.33) / 211.67) * room)), solid = tall(least), faint = tall(most);
          for (let y = 0; y < faint; y++) out[(foot - y) * across + x] = y < solid ? full : pale;
          if (!faint) out[foot * across + x] = pale;
        }
      });
    }
    pen.putImageData(image, left, 0);
  }

  function letters(ratio, inks) {
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.textBaseline = "middle";
    pen.textAlign = "right";
    (tracks()?.aus ?? []).forEach((au, r) => {
      pen.font = `${r === unit() ? 700 : 400} 12px system-ui, sans-serif`;
      pen.fillStyle = r === unit() ? inks.ink : inks.muted;
      pen.fillText(`AU${au}`, NAMES - 8, (r + 0.5) * tall());
    });
    const y = rows() * tall(), { numbers, seconds } = frames(), timed = seconds[0] != null;
    pen.fillStyle = inks.muted;
    pen.font = "11px system-ui, sans-serif";
    pen.fillText("frame", NAMES - 8, y + 13);
    if (timed) pen.fillText("time", NAMES - 8, y + 27);
    pen.textAlign = "center";
    let step = 1;
    for (let i = 0; step * scale() < 84; i++) step *= i % 3 === 1 ? 2.5 : 2;
    for (let i = ceil(from / step) * step; i < min(to, n()); i += step) {
      const x = NAMES + (i + 0.5 - from) * scale();
      if (x < NAMES + 18 || x > NAMES + width() - 18) continue;
      pen.fillRect(x - 0.5, y, 1, 5);
      pen.fillText(numbers[i].toLocaleString("en"), x, y + 13);
      if (timed) pen.fillText(clock(seconds[i]), x, y + 27);
    }
    pen.resetTransform();
  }

  function legend() {
    for (const key of root.querySelectorAll(".csn-legend [data-key]")) {
      const name = key.dataset.key;
      key.hidden = ERRORS.includes(name) ? !tracks()?.ncg_errors : !tiers().includes(name);
    }
  }

  // ---- what is said of one frame ----------------------------------------------------------------------------------
  function reading(index, column) {
    const lines = [position(frames(), index)], made = tracks(), reason = frames().reasons?.[index];
    if (reason) lines.push(reason);
    if (column in (made?.aus ?? [])) {
      lines.push(`AU${made.aus[column]}`);
      for (const name of tiers()) {
        const value = made[name].raw[column * made.n + index],
          wrong = made[name + "_errors"]?.raw[column * made.n + index];
        const title = find("[data-key=" + name + "]").textContent;
        if (value !== NOTHING) lines.push(`${title} ${(value * 6 / 254 - 1).toFixed(1)} ${ERRORS[wrong ?? 0]}`);
      }
    }
    return lines;
  }

  function hover(x, y) {
    const index = at(x), column = floor(y / tall());
    if ((tip.hidden = x < NAMES || !rows())) return;
    tip.lastElementChild.textContent = reading(index, column).join("\n");
    const { offsetWidth: w, offsetHeight: h } = tip;
    tip.style.left = `${x + 16 + w > area.clientWidth ? x - w - 16 : x + 16}px`;
    tip.style.top = `${max(0, min(y + 12, area.clientHeight - h))}px`;
    if (hovered === index) return;
    hovered = index;
    delete tip.dataset.shows;
    small.clearRect(0, 0, 84, 84);
    clearTimeout(rest);
    rest = setTimeout(look, 90);
  }

  async function look() {
    const index = hovered, blob = index === null ? null : state.thumbnail(index);
    clearTimeout(rest);
    if (index !== null && !blob) rest = setTimeout(look, 200); // something more urgent is on its way
    if (!blob?.size) return;
    const picture = await opening(blob);
    if (picture && index === hovered) {
      small.drawImage(picture, 0, 0, 84, 84);
      tip.dataset.shows = index;
    }
    picture?.close();
  }

  function leave() {
    tip.hidden = true;
    hovered = null;
    clearTimeout(rest);
  }

  function choose(column) {
    if (column < 0 || column >= rows()) return;
    if (column !== unit()) {
      state.set("unit", column);
      state.wish("unit", column);
    }
    says.textContent = reading(state.wanted, column).join(", ");
  }

  // ---- hands --------------------------------------------------------------------------------------------------------
  listen(area, "wheel", (event) => {
    const across = event.shiftKey ? event.deltaY || event.deltaX : abs(event.deltaX) > abs(event.deltaY)
      ? event.deltaX : 0;
    if (!across && event.deltaY > 0 && to - from >= n()) return; // nothing left to zoom out of: the page scrolls
    event.preventDefault();
    if (across) see(from + across / scale(), to - from);
    else zoom(Math.exp(max(-60, min(60, event.deltaY)) / 300), event.offsetX);
  }, { passive: false });
  listen(area, "pointerdown", (event) => {
    if (event.button) return;
    held = { x: event.clientX, from, moved: false };
    area.setPointerCapture(event.pointerId);
  });
  listen(area, "pointermove", (event) => {
    if (held && (held.moved ||= abs(event.clientX - held.x) > 3)) {
      leave();
      return see(held.from - (event.clientX - held.x) / scale(), to - from);
    }
    hover(event.offsetX, event.offsetY);
  });
  listen(area, "pointerup", (event) => {
    const { offsetX: x, offsetY: y } = event, column = floor(y / tall());
    if (held && !held.moved && rows()) {
      pause();
      if (x >= NAMES) go(at(x));
      choose(column);
    }
    held = null;
  });
  listen(area, "pointercancel", () => { held = null; });
  listen(area, "pointerleave", leave);
  listen(area, "dblclick", () => zoom(Infinity));
  for (const button of root.querySelectorAll("[data-zoom]")) listen(button, "click", () => zoom(button.dataset.zoom));
  listenToKeys(root, state, {
    ArrowUp: () => choose(unit() - 1), ArrowDown: () => choose(unit() + 1),
    "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), 0: () => zoom(Infinity),
  });

  const view = {
    started() { leave(); see(0, n()); legend(); },
    tracked() { legend(); plan(); marks(); },
    options() { legend(); plan(); },
    referred: marks,
    moved() {
      if (!held && (state.wanted + 1 <= from || state.wanted >= to)) see(state.wanted - (to - from) / 2, to - from);
      marks();
    },
    thumbnail(index) { if (index === hovered) look(); },
  };
  state.views.add(view);
  const sizes = new ResizeObserver(() => { plan(); marks(); });
  sizes.observe(area);
  listen(root, "pointerenter", plan); // the theme may have changed
  view.started();
  return () => {
    state.views.delete(view);
    sizes.disconnect();
    cancelAnimationFrame(planned);
    clearTimeout(rest);
  };
}

// False positives lean one way, false negatives the other, overestimates that are neither are dotted.
function hatched(out, across, x, phase, top, foot, errors, inks) {
  for (let y = top; y <= foot; y++) {
    const there = x + phase;
    if (errors & 1) { if ((there + y) % 4 < 2) out[y * across + x] = inks.positive; }
    else if (errors & 2) { if ((there - y + 4096) % 4 < 2) out[y * across + x] = inks.negative; }
    else if (there % 3 === 0 && y % 2) out[y * across + x] = inks.positive;
  }
}

// The theme's colours, for text as they are, for pixels as numbers (blue, green, red from above) mixed with what lies
// below.
function palette(root) {
  const style = getComputedStyle(root), byte = (colour, at) => parseInt(colour.slice(at, at + 2), 16);
  const mixed = (colour, share = 1, below = 0) => [1, 3, 5].reduce((all, at) =>
    all | (round(byte(colour, at) * share + ((below >> (4 * at - 4)) & 255) * (1 - share)) << (4 * at - 4)),
      0xff000000);
  const [bg, well, muted, ink, positive, negative,
    accent] = LOOKS.map((name) => style.getPropertyValue(name).trim() || "#808080");
  const below = mixed(bg);
  return {
    mixed, muted, ink, bg: below, well: mixed(well, 0.5, below), gap: mixed(muted, 0.55, below),
    chosen: mixed(accent, 0.16, below), positive: mixed(positive), negative: mixed(negative),
  };
}

const clock = (s) => (s < 60 ? `${Number(s.toFixed(2))} s`
  : `${floor(s / 60)}:${String(floor(s % 60)).padStart(2, "0")}`);
