// The faces with their controls: the current face beside its reference, transport, and what is shown of them behind
// "View".

const STRIP = [, "--csn-strip-label", "--csn-strip-over", "--csn-strip-none"], FIRST = [0, 1, 3, 2]; // who hides whom
function drawFaces({ state, el }) {
  const { model, frames, count, go, step, play, pause, set, wish, lacks } = state, get = (name) => model.get(name);
  const root = marked(el, model, ".csn-viewer");
  const find = (what) => root.querySelector(what), all = (what) => root.querySelectorAll(what);
  const slider = find("[data-frame]"), where = find(".csn-where"), strip = find(".csn-strip"),
    playing = find("[data-play]");
  const open = find("[data-open]"), panel = find(".csn-options"), amount = find("[data-share] input");
  const image = stage(find('[data-face="image"]')), reference = stage(find('[data-face="reference"]'));
  const caption = all("figcaption")[1];
  let colours = null, kind = "face"; // of the reference, which may lack a picture of the kind that is looked at

  // ---- drawing ------------------------------------------------------------------------------------------------------
  const comparing = () => get("compare");
  const share = () => amount.value / 100;
  const region = () => (get("regions") ? get("region") : []);
  const look = (points, mine, divider) => ({ points, colours: mine ? colours : null, opacity: get("opacity"),
    kind: state.kind,
    dots: get("landmarks"), region: region(), divider });

  function paint() {
    const { index, picture, corners } = state.shown ?? {}, how = comparing(), { pictures } = state.reference;
    if (state.shown && (!picture || picture.width)) {
      image.paint(picture, state.kind, corners, how !== "beside" && {
        picture: state.kind === "network" ? pictures.network : pictures.face && bare(pictures.face),
        how, share: share(),
      });
      image.reason(frames().reasons?.[index] ?? (picture ? "" : "There is no such picture of this frame."));
      root.dataset.drawn = index;
    }
    overlay();
  }

  function paintReference() {
    const { pictures, caption: words, caution, reason, corners } = state.reference;
    kind = pictures[state.kind] ? state.kind : "face";
    reference.paint(pictures[kind], kind, corners);
    reference.reason(reason ?? "");
    caption.textContent = words;
    caption.classList.toggle("csn-caution", !!caution);
    paint();
  }

  function overlay() {
    const { points, index } = state.shown ?? {}, about = state.attribution;
    const current = (name) => about?.about === name && about.index === index;
    image.draw(look(points, current("image"), comparing() === "wipe" ? share() : null));
    reference.draw({ ...look(state.reference.points, current("reference"), null), kind });
  }

  function words() {
    const { wanted, shown } = state, text = position(frames(), shown?.index ?? wanted);
    where.textContent = state.lags ? `${text} · loading ${frames().numbers[wanted]}` : text;
    slider.value = wanted;
    slider.ariaValueText = position(frames(), wanted);
  }

  function paintStrip() {
    const marks = get("strip"), n = count(), width = max(1, round(slider.clientWidth) - 16);
    strip.width = width;
    const pen = strip.getContext("2d"), style = getComputedStyle(root);
    for (let x = 0; marks?.byteLength && x < width; x++) {
      let most = 0;
      const to = max(floor((x / width) * n) + 1, ceil(((x + 1) / width) * n));
      for (let i = floor((x / width) * n); i < min(to, marks.byteLength); i++)
        if (FIRST[marks.getUint8(i)] > FIRST[most]) most = marks.getUint8(i);
      pen.fillStyle = style.getPropertyValue(STRIP[most] ?? "") || "transparent";
      pen.fillRect(x, 0, 1, strip.height);
    }
  }

  function options() {
    for (const button of all("[data-choose] button")) {
      const view = button.parentElement.dataset.choose === "view", { key } = button.dataset;
      button.ariaPressed = key === (view ? state.kind : comparing());
      button.title = view ? lacks(key) : "";
      button.disabled = button.title;
    }
    for (const input of all("[data-set]")) {
      const value = get(input.dataset.set);
      if (input.type === "checkbox") input.checked = value;
      else if (document.activeElement !== input) input.value = value;
    }
    for (const input of all(".csn-options [type=range]"))
      input.ariaValueText = `${round((100 * input.value) / input.max)} percent`;
    image.box.draggable = comparing() !== "wipe";
    root.dataset.compare = comparing();
    root.classList.toggle("csn-uncalibrated", !get("calibrated"));
    paintReference();
  }

  // ---- hands --------------------------------------------------------------------------------------------------------
  listen(slider, "input", () => { pause(); go(slider.value); });
  listen(playing, "click", play);
  for (const button of all("[data-step]"))
    listen(button, "click", () => step(Number(button.dataset.step)));
  listen(open, "click", () => {
    panel.hidden = !panel.hidden;
    open.ariaExpanded = !panel.hidden;
  });
  listen(panel, "click", (event) => {
    const button = event.target.closest("[data-key]");
    if (button) set(button.parentElement.dataset.choose, button.dataset.key);
  });
  listen(panel, "input", ({ target }) => {
    const name = target.dataset.set, value = Number(target.value);
    if (!name) options();
    else if (target.type === "checkbox") set(name, target.checked);
    else if (name !== "stride") set(name, value);
    else if (value >= 1) set(name, round(value));
  });
  listenToKeys(root, state);

  // The wipe's divider follows the pointer; otherwise a face is dragged to where the reference stands.
  for (const name of ["pointerdown", "pointermove"])
    listen(image.box, name, (event) => {
      if (comparing() !== "wipe" || !event.buttons) return;
      image.box.setPointerCapture(event.pointerId);
      amount.value = (100 * event.offsetX) / image.box.clientWidth;
      options();
    });
  listen(image.box, "dragstart", (event) => {
    if (!state.shown) return;
    event.dataTransfer.setData(ROW, state.shown.index);
    event.dataTransfer.effectAllowed = "copy";
  });
  const slot = reference.box.closest("figure"), over = (on) => slot.classList.toggle("csn-over", on);
  listen(slot, "dragover", (event) => {
    if (!event.dataTransfer.types.includes(ROW)) return;
    event.preventDefault();
    over(true);
  });
  listen(slot, "dragleave", () => over(false));
  listen(slot, "drop", (event) => {
    over(false);
    const row = Number(event.dataTransfer.getData(ROW) || NaN);
    if (!(row >= 0 && row < count())) return;
    event.preventDefault();
    wish("drop", row);
  });

  const view = {
    moved: words, drawn() { paint(); words(); }, referred: paintReference, options, stripped: paintStrip,
    coloured() { colours = state.attribution && coloured(state.attribution.values); overlay(); },
    played() {
      [playing.textContent, playing.ariaLabel] = state.playing ? ["❚❚", "pause"] : ["▶", "play"];
    },
    started() {
      slider.max = max(0, count() - 1);
      image.paint(null, state.kind);
      image.reason("");
      delete root.dataset.drawn;
      view.coloured(); paintStrip(); words();
    },
  };
  state.views.add(view);

  // The plot has no size of its own and listens to the window only; tell it whenever the page's width changes.
  let width = 0;
  const sizes = new ResizeObserver(() => {
    paintStrip();
    if (root.clientWidth !== width) { width = root.clientWidth; dispatchEvent(new Event("resize")); }
  });
  sizes.observe(root);

  // "ready" means that the plot is there too: what Python changes in it before that is lost for ever.
  function complete(tries) {
    if (!state.views.has(view)) return;
    const awaited = get("await_selector");
    if (tries > 0 && awaited && !document.querySelector(awaited)) return void setTimeout(complete, 50, tries - 1);
    dispatchEvent(new Event("resize"));
    model.send({ type: "ready" });
    if (document.body.dataset.voila && document.activeElement === document.body) root.focus({ preventScroll: true,
      focusVisible: false });
  }
  view.started(); options(); view.played();
  complete(2400); // two minutes, which only a very busy machine needs
  return () => { sizes.disconnect(); state.views.delete(view); };
}
