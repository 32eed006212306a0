// Steps through the frames that this file carries. It asks nobody for anything.
"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const { frames, pictures, xs, rate, opened, what } = read("csnviz-steps");
  const find = (selector) => document.querySelector(selector);
  const slider = find("#slider"), cursor = find("#cursor"), curves = find("#curves"), face = find("#face");
  const sentence = find("#sentence"), play = find("#play"), tiles = document.querySelectorAll(".tiles output");
  let place = opened, ticking = null;

  function go(wanted) {
    place = Math.max(0, Math.min(frames.length - 1, Math.round(wanted)));
    const frame = frames[place];
    slider.value = place;
    slider.setAttribute("aria-valuetext", frame.where);
    find("#where").textContent = frame.where;
    sentence.textContent = frame.sentence;
    sentence.className = frame.mood;
    frame.tiles.forEach((text, i) => { tiles[i].textContent = text; });
    face.hidden = frame.picture === null;
    if (!face.hidden) face.src = `data:image/jpeg;base64,${pictures[frame.picture]}`;
    face.alt = `${what}, ${frame.where}`;
    find("#reason").textContent = frame.reason;
    find("#reason").hidden = !frame.reason;
    for (const at of ["x1", "x2"]) cursor.setAttribute(at, xs[place]);
    for (const row of document.querySelectorAll("tr[aria-current]")) row.removeAttribute("aria-current");
    find("tbody").rows[place].setAttribute("aria-current", "true");
    document.body.dataset.place = place;
    find("figcaption .on-paper").textContent = `: ${frame.where}`;
  }

  function stop() {
    clearInterval(ticking);
    ticking = null;
    play.textContent = "▶";
    play.setAttribute("aria-label", "play");
    sentence.setAttribute("aria-live", "polite");
  }

  function toggle() {
    if (ticking !== null) return stop();
    if (place === frames.length - 1) go(0);
    play.textContent = "❚❚";
    play.setAttribute("aria-label", "pause");
    sentence.setAttribute("aria-live", "off"); // or a screen reader would read twenty sentences a second
    ticking = setInterval(() => (place < frames.length - 1 ? go(place + 1) : stop()), 1000 / rate);
  }

  const step = (by) => { stop(); go(place + by); };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const far = event.shiftKey ? 10 : 1, inside = event.target.closest?.(".scroll");
    const acts = {
      ArrowLeft: () => step(-far), ArrowRight: () => step(far), Home: () => step(-Infinity), End: () => step(Infinity),
    };
    // A button or a list that opens takes space for itself, and a table that scrolls takes arrows.
    if (!event.target.closest?.("button, summary")) acts[" "] = toggle;
    if (!acts[event.key] || inside) return;
    event.preventDefault();
    acts[event.key]();
  });
  slider.addEventListener("input", () => step(slider.valueAsNumber - place));
  play.addEventListener("click", toggle);
  for (const button of document.querySelectorAll("[data-step]"))
    button.addEventListener("click", () => step(Number(button.dataset.step)));
  for (const button of document.querySelectorAll("[data-place]"))
    button.addEventListener("click", () => { step(Number(button.dataset.place) - place); scrollTo({ top: 0 }); });

  curves.addEventListener("pointerdown", (event) => {
    const here = new DOMPoint(event.clientX, event.clientY).matrixTransform(curves.getScreenCTM().inverse()).x;
    const nearest = xs.reduce((best, x, i) => (Math.abs(x - here) < Math.abs(xs[best] - here) ? i : best), 0);
    step(nearest - place);
  });

  find("#copy").addEventListener("click", async () => {
    const table = find("table.frames"), cells = (row) => [...row.cells].map((cell) => cell.textContent).join("\t");
    const text = [...table.rows].map(cells).join("\n");
    const copied = await navigator.clipboard?.writeText(text).then(() => true, () => false);
    if (!copied) getSelection().selectAllChildren(table);
    find("#copied").textContent = copied ? "Copied." : "Selected: copy it with Ctrl+C.";
  });

  go(opened);
  document.body.dataset.ready = "true";
})();
