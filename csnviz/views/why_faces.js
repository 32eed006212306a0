// The faces of an answer: each a picture with its title, the one asked about with colours and, if need be, a warning on top.

const FACES = { image: "the frame", reference: "its reference", difference: "frame less reference, grey where they are the same", changed: "the changed frame" };

function render({ model, el }) {
  const root = document.createElement("div"), held = new Map(), files = {};
  root.className = "csn-why-faces";
  el.append(root);
  for (const key of Object.keys(FACES)) {
    const figure = document.createElement("figure");
    figure.dataset.face = key;
    figure.title = FACES[key];
    figure.innerHTML = `<div><img alt="${FACES[key]}" draggable="false"><img class="csn-why-colours" alt=""><p></p></div><figcaption></figcaption>`;
    root.append(figure);
  }

  // Pictures come by message: what is part of the model may be saved in a notebook.
  const size = (name) => files[name]?.byteLength ?? 0;
  function heard({ type, names }, buffers) {
    if (type !== "pictures") return;
    names.forEach((name, place) => { files[name] = buffers[place]; });
    soon();
  }

  // A picture goes into the page as the address of its file; the former file is let go.
  function put(image, name, bytes) {
    URL.revokeObjectURL(held.get(image));
    held.set(image, bytes?.byteLength ? URL.createObjectURL(new Blob([bytes], { type: "image/png" })) : "");
    image.hidden = !held.get(image);
    image.hidden ? image.removeAttribute("src") : (image.src = held.get(image));
  }

  function draw() {
    const titles = model.get("titles"), about = model.get("about"), caution = model.get("caution");
    for (const figure of root.children) {
      const [face, colours] = figure.querySelectorAll("img"), { face: key } = figure.dataset;
      const mapped = key === about && size("colours") > 0;
      put(face, key, files[key]);
      put(colours, key, mapped ? files.colours : null);
      figure.classList.toggle("csn-coloured", mapped);
      figure.classList.toggle("csn-empty", face.hidden);
      figure.querySelector("figcaption").textContent = face.hidden ? "" : titles[key] ?? "";
      const words = figure.querySelector("p");
      words.textContent = mapped ? caution : "";
      words.hidden = !words.textContent;
    }
    root.classList.toggle("csn-nobody", !size("image"));
    fade();
  }
  // The part that a line beside the faces names is outlined on the face with the colours while the line is pointed at.
  const outline = document.createElement("canvas");
  outline.className = "csn-why-outline";
  function point({ target }) {
    const line = target.closest?.(".csn-with-faces tr[data-part]");
    const part = line?.closest(".csn-with-faces").contains(root) ? model.get("part_titles").indexOf(line.dataset.part) : -1;
    if (part < 0 || !size("parts")) return outline.remove();
    draft(new Uint8Array(files.parts.buffer, files.parts.byteOffset, files.parts.byteLength), part);
    root.querySelector(`[data-face="${model.get("about")}"] > div`).append(outline);
  }
  function draft(parts, part) {
    const side = Math.sqrt(parts.length), scale = 4, pen = outline.getContext("2d");
    const inside = (x, y) => x >= 0 && y >= 0 && x < side && y < side && parts[y * side + x] === part;
    outline.width = outline.height = side * scale;
    pen.beginPath();
    for (let y = 0; y <= side; y++) for (let x = 0; x <= side; x++) {
      const here = inside(x, y), at = [x * scale, y * scale];
      if (here !== inside(x, y - 1)) { pen.moveTo(...at); pen.lineTo(at[0] + scale, at[1]); }
      if (here !== inside(x - 1, y)) { pen.moveTo(...at); pen.lineTo(at[0], at[1] + scale); }
    }
    for (const [colour, width] of [["rgb(20 26 33 / .75)", 7], ["#fff", 3]]) {
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      pen.stroke();
    }
  }
  document.addEventListener("pointerover", point);

  const fade = () => root.style.setProperty("--csn-blend", model.get("opacity"));

  const drawn = ["about", "titles", "caution"].map((name) => `change:${name}`);
  let waiting = 0;
  const soon = () => { waiting ||= requestAnimationFrame(() => { waiting = 0; draw(); }); };
  for (const name of drawn) model.on(name, soon);
  model.on("change:opacity", fade);
  model.on("msg:custom", heard);
  draw();
  model.send({ type: "ready" });
  return () => {
    cancelAnimationFrame(waiting);
    for (const name of drawn) model.off(name, soon);
    model.off("change:opacity", fade);
    model.off("msg:custom", heard);
    document.removeEventListener("pointerover", point);
    for (const address of held.values()) URL.revokeObjectURL(address);
  };
}

export default { render };
