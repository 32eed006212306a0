// What all views of one viewer share: the frame that is wanted, its pictures, and the way to Python. Frames come as
// JPEG files by message, ahead of need; stepping and drawing never wait for Python.

const AHEAD = 24, BEHIND = 8, BATCH = 12, // frames asked for around the one that is wanted
  KEPT_FILES = 600, KEPT_PICTURES = 72, // of each view; encoded files are small, decoded pictures are not
  REPORT_MS = 100, // Python hears of the frame at most this often, and always of the last one
  PATIENCE_MS = 3000, // after this a request counts as lost
  LAG_MS = 150, // after this the page says that it shows an older frame
  NONE = "none"; // in place of a picture: Python has none
const OPTIONS = ["view", "compare", "landmarks", "regions", "region", "loop", "speed", "stride", "opacity",
  "calibrated", "unit"];

const { abs, ceil, floor, max, min, round } = Math, now = () => performance.now();
const listen = (element, name, act, how) => element.addEventListener(name, act, how);

function share(model) {
  const views = new Set(), gone = new AbortController(), get = (name) => model.get(name);
  const tell = (what, ...more) => { for (const view of views) view[what]?.(...more); };
  let files = {}, pictures = new Map(), flights = new Map(), blank = new Set(); // a flight ends when its frame is there
  let generation = -1, wanted = 0, direction = 1, lagged = null;
  let rested = 0, timer = null, toldAt = 0, waiting = false, again = null, ticking = null, kind = "face";

  const frames = () => get("frames");
  const count = () => frames().count ?? 0;
  const clamp = (index) => max(0, min(count() - 1, round(index)));

  const state = {
    model, views, frames, count, go, play, pause, thumbnail,
    shown: null, // { index, picture, points, corners } as last drawn; picture null where there is none
    reference: { row: -1, caption: "", reason: "", pictures: {} },
    attribution: null,
    tracks: null,
    get wanted() { return wanted; },
    get kind() { return kind; },
    get playing() { return ticking !== null; },
    get lags() { return lagged !== null && now() - lagged >= LAG_MS; },
    step(by) { pause(); go(wanted + by); },
    lacks: (view) => frames().lacks?.[view] ?? "",
    wish(type, value) {
      tellIndex(); // it is about the frame that is looked at now
      say(type, value);
    },
    set(name, value) {
      model.set(name, value);
      model.save_changes();
      options();
    },
    close,
  };

  // ---- which frame ------------------------------------------------------------------------------------------------
  function go(index) {
    index = clamp(index);
    if (index !== wanted) direction = index > wanted ? 1 : -1;
    if (abs(index - wanted) > AHEAD) { // after a leap that frame comes first, and for a while alone
      rested = now() + LAG_MS;
      setTimeout(prefetch, LAG_MS);
    }
    wanted = index;
    tell("moved");
    prefetch();
    draw();
    report();
  }

  // One report is on its way at a time; while Python is busy with one, later ones collapse into the last.
  function report() {
    if (timer !== null || wanted === get("index")) return;
    const wait = waiting ? REPORT_MS : max(0, toldAt + REPORT_MS - now());
    timer = setTimeout(() => {
      timer = null;
      if (waiting && now() - toldAt < 1000) return report();
      tellIndex();
    }, wait);
  }

  const say = (type, value) => model.send({ type, generation, value });

  function tellIndex() {
    if (wanted === get("index")) return;
    toldAt = now();
    waiting = true;
    say("index", wanted); // a trait would be overtaken by the wish that follows
  }

  // A button or list elsewhere about the frame means the one that is seen: used again once Python, in whichever thread, knows it.
  function hold(event) {
    const { target, type } = event;
    if (!target.closest(".csn-of-frame")) return;
    pause();
    if (wanted === get("settled")) return;
    event.stopPropagation();
    setTimeout(() => target.dispatchEvent(new event.constructor(type, event)), 50);
  }

  // Playing follows the clock, so that a slow machine leaves frames out instead of slowing down.
  function play() {
    if (ticking !== null) return pause();
    if (wanted >= count() - 1) go(0);
    let before = now(), place = wanted;
    const tick = () => {
      place += (now() - before) / 1000 * frames().rate * get("speed");
      before = now();
      const last = count() - 1, over = place >= last + 1;
      if (over && get("loop")) place %= last + 1;
      if (min(last, floor(place)) !== wanted) go(min(last, floor(place)));
      ticking = requestAnimationFrame(tick);
      if (over && !get("loop")) pause();
    };
    ticking = requestAnimationFrame(tick);
    tell("played");
  }

  function pause() {
    cancelAnimationFrame(ticking);
    ticking = null;
    tell("played");
  }

  // ---- frames ahead of need ---------------------------------------------------------------------------------------
  const store = (view) => (files[view] ??= new Map());

  function ask(view, asked) {
    for (const index of asked) flights.set(view + index, now());
    model.send({ type: "frames", generation, view, frames: asked });
  }

  function prefetch() {
    const mine = store(kind);
    for (const [key, since] of flights) if (now() - since > PATIENCE_MS) flights.delete(key);
    const [behind, ahead] = direction > 0 ? [BEHIND, AHEAD] : [AHEAD, BEHIND];
    const missing = [];
    for (let far = 0; far <= (now() < rested ? 0 : AHEAD); far++)
      for (const index of far ? [wanted + far, wanted - far] : [wanted])
        if (index >= max(0, wanted - behind) && index <= min(count() - 1, wanted + ahead)
            && !mine.has(index) && !flights.has(kind + index) && !blank.has(index)) missing.push(index);
    while (missing.length && flights.size <= BATCH) ask(kind, missing.splice(0, BATCH));
    for (const index of mine.keys()) if (!pictures.has(index) && abs(index - wanted) <= AHEAD) decode(index);
  }

  async function decode(index) {
    const born = generation + kind;
    pictures.set(index, null);
    const picture = (await opening(store(kind).get(index).blob)) ?? NONE;
    if (born !== generation + kind) return picture.close?.();
    pictures.set(index, picture);
    forgetFar(pictures, KEPT_PICTURES);
    forgetFar(store(kind), KEPT_FILES);
    draw();
  }

  function forgetFar(kept, most) {
    if (kept.size <= most) return;
    const far = [...kept.keys()].sort((a, b) => abs(b - wanted) - abs(a - wanted));
    for (const index of far.slice(0, kept.size - most)) { kept.get(index)?.close?.(); kept.delete(index); }
  }

  function empty() {
    letGo([...pictures.values()]);
    pictures = new Map();
    state.shown = null;
  }

  // A small picture for whoever hovers: at once where it is here, else asked for when nothing more urgent is on its
  // way.
  function thumbnail(index) {
    const file = store("face").get(index);
    if (!file && !flights.size && !blank.has(index)) ask("face", [index]);
    return file?.blob;
  }

  // ---- drawing: always the arrived frame that is nearest to the wanted one ----------------------------------------
  function draw() {
    if (!count()) return;
    let near = state.shown?.index ?? -1;
    if (blank.has(wanted) || pictures.get(wanted)) near = wanted;
    else
      for (const [index, picture] of pictures)
        if (picture && (near < 0 || abs(index - wanted) < abs(near - wanted))) near = index;
    const behind = near !== wanted;
    if (!behind) lagged = null;
    else if (lagged === null) {
      lagged = now();
      setTimeout(() => tell("moved"), LAG_MS + 5);
    }
    clearTimeout(again);
    if (behind) again = setTimeout(() => { prefetch(); draw(); }, PATIENCE_MS + 50);
    const picture = pictures.get(near)?.close ? pictures.get(near) : null;
    if (near < 0 || (near === state.shown?.index && picture === state.shown.picture)) return;
    const { points, corners } = store(kind).get(near) ?? {};
    state.shown = { index: near, picture, points, corners };
    tell("drawn");
  }

  // ---- what Python says ---------------------------------------------------------------------------------------------
  function start() {
    if (frames().generation === generation) return;
    generation = frames().generation;
    empty();
    files = {}; flights = new Map(); lagged = null;
    blank = new Set(frames().blank ?? []);
    state.attribution = state.tracks = null;
    pause();
    wanted = clamp(get("index"));
    tell("started");
    options();
    prefetch();
    draw();
  }

  function options() {
    const chosen = state.lacks(get("view")) ? "face" : get("view");
    if (chosen !== kind) {
      kind = chosen;
      empty();
      prefetch();
      draw();
    }
    tell("options");
  }

  const heard = {
    frames({ frames: asked, view, generation: whose }, buffers) {
      if (whose !== generation) return;
      const [points, corners] = buffers.slice(asked.length).map(floats);
      asked.forEach((index, place) => {
        flights.delete(view + index);
        const of = (all, size) => all?.subarray(place * size, (place + 1) * size);
        store(view).set(index, { blob: jpeg(buffers[place]), points: of(points, 136), corners: of(corners, 8) });
        if (view === "face") tell("thumbnail", index);
      });
      forgetFar(store(view), KEPT_FILES);
      prefetch();
      draw();
    },
    async reference(words, buffers) {
      const { pictures: former } = state.reference, mine = state.reference = { ...words, pictures: {} },
        names = words.views;
      [mine.points, mine.corners] = buffers.slice(names.length).map(floats);
      tell("referred");
      const opened = await Promise.all(names.map((_, place) => opening(jpeg(buffers[place]))));
      letGo(former);
      if (state.reference !== mine) return letGo(opened);
      names.forEach((name, place) => { mine.pictures[name] = opened[place]; });
      tell("referred");
    },
    attribution({ about, index }, [buffer]) {
      state.attribution = { about, index, values: new Int8Array(copied(buffer)) };
      tell("coloured");
    },
    clear() {
      state.attribution = null;
      tell("coloured");
    },
    tracks(words, buffers) {
      const early = words.generation - generation; // messages overtake what the model is told of the faces they belong to
      if (early > 0) setTimeout(heard.tracks, 50, words, buffers);
      if (early) return;
      state.tracks = gathered(state.tracks, words, buffers);
      tell("tracked");
    },
  };

  const watch = {
    "msg:custom": (message, buffers) => heard[message.type]?.(message, buffers ?? []),
    "change:frames": start,
    "change:index": () => { if (get("index") !== wanted && !waiting) { pause(); go(get("index")); } },
    "change:settled": () => { waiting = false; report(); },
    "change:strip": () => tell("stripped"),
  };
  for (const name of OPTIONS) watch["change:" + name] = options;
  const heed = (how) => { for (const [name, act] of Object.entries(watch)) model[how](name, act); };
  heed("on");
  for (const name of ["click", "change"]) listen(document, name, hold, { capture: true, signal: gone.signal });

  function close() {
    generation = NaN; // what still arrives is nobody's
    pause();
    clearTimeout(timer);
    clearTimeout(again);
    heed("off");
    gone.abort();
    letGo(state.reference.pictures);
    state.reference = { pictures: {} };
    empty();
  }

  start();
  return state;
}

const jpeg = (buffer) => new Blob([buffer], { type: "image/jpeg" });
// An empty file is Python's word for "there is none".
const letGo = (pictures) => Object.values(pictures).forEach((picture) => picture?.close?.());
const opening = (blob) => createImageBitmap(blob).catch(() => null);
const copied = (view) => view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
const floats = (view) => new Float32Array(copied(view));

// ---- keys: the same in every view; JupyterLab keeps those that are not used here ----------------------------------
function listenToKeys(root, state, own = {}) {
  const second = (way) => state.step(way * max(1, round(state.frames().rate)));
  const by = (way) => (event) => state.step(event.shiftKey ? way * state.model.get("stride") : way);
  const keys = {
    ArrowRight: by(1), ArrowUp: by(1), ArrowLeft: by(-1), ArrowDown: by(-1),
    PageUp: () => second(1), PageDown: () => second(-1),
    Home: () => state.step(-Infinity), End: () => state.step(Infinity), " ": state.play,
    n: () => state.wish("event", 1), p: () => state.wish("event", -1),
    r: () => state.shown && state.wish("drop", state.shown.index), ...own,
  };
  root.tabIndex = 0;
  root.dataset.lmSuppressShortcuts = "true";
  listen(root, "keydown", (event) => {
    const at = event.target, letter = event.key.length === 1 && state.model.get("letters").includes(event.key);
    const act = keys[event.key] ?? (letter ? () => state.wish("letter", event.key) : null);
    if (!act || event.ctrlKey || event.metaKey || event.altKey || at.matches("select, input:not([data-frame])")) return;
    if (event.key === " " && at instanceof HTMLButtonElement) return;
    event.preventDefault();
    event.stopPropagation();
    act(event);
  });
}

function position(frames, index) {
  if (!frames.count) return "no frames";
  const seconds = frames.seconds[index];
  const when = seconds == null ? "" : ` · ${seconds.toFixed(2)} s`;
  return `frame ${frames.numbers[index]} of ${frames.count}${when}`;
}
