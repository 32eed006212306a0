// The face viewer: the current face beside its reference, a timeline, and keys. Frames come from Python as JPEG files by
// message, ahead of need; stepping, drawing and the attribution's colours never wait for Python.

const AHEAD = 24, BEHIND = 8, BATCH = 12, IN_FLIGHT = 2; // frames asked for around the one that is wanted
const KEPT_FILES = 600, KEPT_PICTURES = 72; // encoded files are small, decoded pictures are not
const REPORT_MS = 100; // Python hears of the frame at most this often, and always of the last one
const PATIENCE_MS = 3000; // after this a request counts as lost
const RAISES = [213, 94, 0], LOWERS = [0, 114, 178]; // Okabe and Ito's vermillion and blue
const STRIP = { 1: "--csn-strip-label", 2: "--csn-strip-over", 3: "--csn-strip-none" };

const MARKUP = `
<div class="csn-faces">
  <figure><div class="csn-stage" data-face="image">
      <canvas class="csn-picture" width="336" height="336" role="img" aria-label="current face"></canvas>
      <canvas class="csn-map" width="112" height="112" aria-hidden="true"></canvas>
      <p class="csn-reason" hidden></p></div>
    <figcaption>This frame</figcaption></figure>
  <figure><div class="csn-stage" data-face="reference">
      <canvas class="csn-picture" width="336" height="336" role="img" aria-label="reference face"></canvas>
      <canvas class="csn-map" width="112" height="112" aria-hidden="true"></canvas>
      <p class="csn-reason" hidden></p></div>
    <figcaption></figcaption></figure>
</div>
<div class="csn-transport">
  <button type="button" data-step="-1" aria-label="previous frame" title="previous frame (left arrow)">‹</button>
  <button type="button" data-play aria-label="play" title="play or pause (space)">▶</button>
  <button type="button" data-step="1" aria-label="next frame" title="next frame (right arrow)">›</button>
  <div class="csn-timeline">
    <input type="range" min="0" max="0" step="1" value="0" aria-label="frame">
    <canvas class="csn-strip" height="6" aria-hidden="true"
      title="grey: the action unit is labelled; orange: an overestimate without the reference; dark: no face"></canvas>
  </div>
  <output class="csn-where" aria-live="off"></output>
</div>`;

function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "csn-viewer";
  root.tabIndex = 0;
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "face viewer; arrow keys step one frame, with shift ten");
  root.dataset.lmSuppressShortcuts = "true";
  root.innerHTML = MARKUP;
  el.append(root);
  const find = (selector) => root.querySelector(selector);
  const slider = find("input"), where = find(".csn-where"), strip = find(".csn-strip"), playing = find("[data-play]");
  const image = stage(find('[data-face="image"]')), reference = stage(find('[data-face="reference"]'));
  const captions = root.querySelectorAll("figcaption");

  let files = new Map(), pictures = new Map(), flights = new Map(); // by frame; a flight ends when its frame is there
  let generation = -1, wanted = 0, drawn = -1, direction = 1, closed = false;
  let attribution = null, timer = null, reportedAt = 0, waiting = false, ticking = null;

  const frames = () => model.get("frames");
  const count = () => frames().count ?? 0;
  const lacksPicture = (index) => (frames().blank ?? []).includes(index);

  // ---- which frame ------------------------------------------------------------------------------------------------
  function go(index) {
    index = Math.max(0, Math.min(count() - 1, Math.round(index)));
    if (index !== wanted) direction = index > wanted ? 1 : -1;
    wanted = index;
    slider.value = index;
    prefetch();
    draw();
    report();
  }

  // One report is on its way at a time; while Python is busy with one, later ones collapse into the last.
  function report() {
    if (timer !== null || wanted === model.get("index")) return;
    const wait = waiting ? REPORT_MS : Math.max(0, reportedAt + REPORT_MS - performance.now());
    timer = setTimeout(() => {
      timer = null;
      if (waiting && performance.now() - reportedAt < 1000) return report();
      if (closed || wanted === model.get("index")) return;
      reportedAt = performance.now();
      waiting = true;
      model.set("index", wanted);
      model.save_changes();
    }, wait);
  }

  // ---- frames ahead of need ---------------------------------------------------------------------------------------
  function prefetch() {
    const now = performance.now();
    for (const [index, since] of flights) if (now - since > PATIENCE_MS) flights.delete(index);
    const [behind, ahead] = direction > 0 ? [BEHIND, AHEAD] : [AHEAD, BEHIND];
    const missing = [];
    for (let far = 0; far <= AHEAD; far++)
      for (const index of far ? [wanted + far, wanted - far] : [wanted])
        if (index >= Math.max(0, wanted - behind) && index <= Math.min(count() - 1, wanted + ahead)
            && !files.has(index) && !flights.has(index) && !lacksPicture(index)) missing.push(index);
    while (missing.length && flights.size <= BATCH * (IN_FLIGHT - 1)) {
      const batch = missing.splice(0, BATCH);
      for (const index of batch) flights.set(index, now);
      model.send({ type: "frames", generation, frames: batch });
    }
    for (const index of decodable()) decode(index);
  }

  const decodable = () => [...files.keys()].filter((i) => !pictures.has(i) && Math.abs(i - wanted) <= AHEAD);

  async function decode(index) {
    const file = files.get(index), born = generation;
    pictures.set(index, null);
    const picture = await createImageBitmap(file).catch(() => null);
    if (born !== generation || closed) return picture?.close();
    pictures.set(index, picture);
    forgetFar(pictures, KEPT_PICTURES, (old) => old?.close());
    forgetFar(files, KEPT_FILES, () => {});
    draw();
  }

  function forgetFar(store, most, drop) {
    if (store.size <= most) return;
    const far = [...store.keys()].sort((a, b) => Math.abs(b - wanted) - Math.abs(a - wanted));
    for (const index of far.slice(0, store.size - most)) { drop(store.get(index)); store.delete(index); }
  }

  // ---- drawing: always the arrived frame that is nearest to the wanted one ---------------------------------------------
  function draw() {
    if (!count()) return;
    if (lacksPicture(wanted)) show(wanted, null);
    else if (pictures.get(wanted)) show(wanted, pictures.get(wanted));
    else {
      let near = drawn;
      for (const [index, picture] of pictures)
        if (picture && (near < 0 || Math.abs(index - wanted) < Math.abs(near - wanted))) near = index;
      if (near !== drawn && pictures.get(near)) show(near, pictures.get(near));
    }
    words();
  }

  function show(index, picture) {
    drawn = index;
    image.paint(picture);
    image.reason(frames().reasons?.[index] ?? "");
    root.dataset.drawn = index;
    colours();
  }

  function words() {
    const text = position(frames(), drawn < 0 ? wanted : drawn);
    where.textContent = drawn === wanted || drawn < 0 ? text : `${text} · loading ${frames().numbers[wanted]}`;
    slider.setAttribute("aria-valuetext", position(frames(), wanted));
  }

  function colours() {
    for (const [name, face] of [["image", image], ["reference", reference]]) {
      const mine = attribution && attribution.about === name && attribution.index === drawn;
      face.map(mine ? attribution.values : null, model.get("opacity"));
    }
  }

  function paintStrip() {
    const marks = model.get("strip"), n = count(), width = Math.max(1, Math.round(slider.clientWidth) - 16);
    strip.width = width;
    const context = strip.getContext("2d"), style = getComputedStyle(root);
    for (let i = 0; i < n; i++) {
      const colour = STRIP[marks.getUint8 ? (i < marks.byteLength ? marks.getUint8(i) : 0) : 0];
      if (!colour) continue;
      context.fillStyle = style.getPropertyValue(colour);
      const from = Math.floor((i / n) * width);
      context.fillRect(from, 0, Math.max(1, Math.ceil(((i + 1) / n) * width) - from), strip.height);
    }
  }

  // ---- what Python says ---------------------------------------------------------------------------------------------
  function start() {
    if (frames().generation === generation) return;
    generation = frames().generation;
    for (const picture of pictures.values()) picture?.close();
    files = new Map(); pictures = new Map(); flights = new Map();
    drawn = -1; attribution = null; pause();
    wanted = Math.max(0, Math.min(count() - 1, model.get("index")));
    slider.max = Math.max(0, count() - 1);
    slider.value = wanted;
    image.paint(null); image.reason(""); colours(); paintStrip(); prefetch(); draw();
  }

  function heard(message, buffers) {
    if (message.type === "frames" && message.generation === generation) {
      message.frames.forEach((index, place) => {
        flights.delete(index);
        files.set(index, new Blob([buffers[place]], { type: "image/jpeg" }));
      });
      prefetch();
    } else if (message.type === "reference") {
      captions[1].textContent = message.caption;
      captions[1].classList.toggle("csn-caution", message.caution);
      reference.reason(message.reason);
      if (!buffers.length) reference.paint(null);
      else createImageBitmap(new Blob([buffers[0]], { type: "image/jpeg" })).then(reference.paint, () => reference.paint(null));
    } else if (message.type === "attribution") {
      attribution = { about: message.about, index: message.index, values: new Int8Array(bytes(buffers[0])) };
      colours();
    } else if (message.type === "clear") {
      attribution = null;
      colours();
    }
  }

  // ---- hands --------------------------------------------------------------------------------------------------------
  function pause() {
    clearInterval(ticking);
    ticking = null;
    playing.textContent = "▶";
    playing.setAttribute("aria-label", "play");
  }

  function play() {
    if (ticking !== null) return pause();
    if (wanted >= count() - 1) go(0);
    playing.textContent = "❚❚";
    playing.setAttribute("aria-label", "pause");
    ticking = setInterval(() => (wanted >= count() - 1 ? pause() : go(wanted + 1)), 1000 / (frames().rate || 20));
  }

  const keys = {
    ArrowRight: (far) => go(wanted + far), ArrowLeft: (far) => go(wanted - far), ArrowUp: (far) => go(wanted + far),
    ArrowDown: (far) => go(wanted - far), Home: () => go(0), End: () => go(count() - 1), " ": () => play(),
  };
  root.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && event.target instanceof HTMLButtonElement) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key !== " ") pause();
    act(event.shiftKey ? 10 : 1);
  });
  slider.addEventListener("input", () => { pause(); go(Number(slider.value)); });
  playing.addEventListener("click", play);
  for (const button of root.querySelectorAll("[data-step]"))
    button.addEventListener("click", () => { pause(); go(wanted + Number(button.dataset.step)); });

  const watch = {
    "msg:custom": heard,
    "change:frames": start,
    "change:index": () => { if (model.get("index") !== wanted && !waiting) go(model.get("index")); },
    "change:settled": () => { waiting = false; report(); },
    "change:strip": paintStrip,
    "change:opacity": colours,
    "change:calibrated": () => root.classList.toggle("csn-uncalibrated", !model.get("calibrated")),
  };
  for (const [name, act] of Object.entries(watch)) model.on(name, act);
  watch["change:calibrated"]();

  // The plot has no size of its own and listens to the window only; tell it whenever the page's width changes.
  let width = 0;
  const sizes = new ResizeObserver(() => {
    paintStrip();
    if (root.clientWidth !== width) { width = root.clientWidth; window.dispatchEvent(new Event("resize")); }
  });
  sizes.observe(root);

  // "ready" means that the plot is there too: what Python changes in it before that is lost for ever.
  function whenComplete(tries) {
    if (closed) return;
    const awaited = model.get("await_selector");
    if (tries > 0 && awaited && !document.querySelector(awaited)) return void setTimeout(whenComplete, 50, tries - 1);
    window.dispatchEvent(new Event("resize"));
    model.send({ type: "ready" });
    if (document.body.dataset.voila && document.activeElement === document.body) root.focus({ preventScroll: true, focusVisible: false });
  }
  start();
  whenComplete(2400); // two minutes, which only a very busy machine needs

  return () => {
    closed = true;
    pause();
    sizes.disconnect();
    clearTimeout(timer);
    for (const [name, act] of Object.entries(watch)) model.off(name, act);
    for (const picture of pictures.values()) picture?.close();
  };
}

// ---- one face: its picture, the colours over it, and the words when there is none ----------------------------------------
function stage(box) {
  const [picture, map] = box.querySelectorAll("canvas"), words = box.querySelector("p");
  const context = picture.getContext("2d", { willReadFrequently: true }), over = map.getContext("2d");
  return {
    paint(bitmap) {
      context.clearRect(0, 0, picture.width, picture.height);
      if (!bitmap) return;
      const scale = Math.min(picture.width / bitmap.width, picture.height / bitmap.height);
      const [w, h] = [bitmap.width * scale, bitmap.height * scale];
      context.drawImage(bitmap, (picture.width - w) / 2, (picture.height - h) / 2, w, h);
      clearPadding(context, picture.width, picture.height);
    },
    reason(text) { words.textContent = text; words.hidden = !text; },
    map(values, opacity) {
      box.classList.toggle("csn-mapped", Boolean(values));
      over.clearRect(0, 0, map.width, map.height);
      if (!values) return;
      const pixels = over.createImageData(map.width, map.height);
      values.forEach((value, i) => {
        pixels.data.set(value > 0 ? RAISES : LOWERS, i * 4);
        pixels.data[i * 4 + 3] = 255 * opacity * Math.min(1, (Math.abs(value) / 110) ** 1.4); // faint noise stays faint
      });
      over.putImageData(pixels, 0, 0);
    },
  };
}

// Crops are padded to a square with black; the page shows its own ground there. A column is padding when it is black all down.
function clearPadding(context, width, height) {
  const rows = [0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 0.95].map((y) => context.getImageData(0, Math.round(y * height), width, 1).data);
  const black = (x) => rows.every((row) => Math.max(row[4 * x], row[4 * x + 1], row[4 * x + 2]) < 8);
  let left = 0, right = width;
  while (left < width / 3 && black(left)) left++;
  while (right > (2 * width) / 3 && black(right - 1)) right--;
  if (left) context.clearRect(0, 0, left + 1, height);
  if (right < width) context.clearRect(right - 1, 0, width, height);
}

const bytes = (view) => view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);

function position(frames, index) {
  if (!frames.count) return "no frames";
  const seconds = frames.seconds[index];
  const when = seconds === null || seconds === undefined ? "" : ` · ${seconds.toFixed(2)} s`;
  return `frame ${frames.numbers[index]} of ${frames.count}${when}`;
}

export default { render };
