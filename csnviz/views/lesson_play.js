// A played face: twelve sliders, and the face that they make beside its neutral. Only the newest face is drawn.

function render({ model, el }) {
  const units = model.get("units"), letters = model.get("letters"), words = model.get("words");
  const root = document.createElement("div");
  root.className = "csn-play";
  root.dataset.lmSuppressShortcuts = "true";
  root.innerHTML = `<div class="csn-sliders" role="group" aria-label="how strongly each unit acts"></div>
    <div class="csn-two-faces"><figure><img alt="neutral face" data-face="neutral"><figcaption>neutral</figcaption></figure>
      <figure><img data-face="acting"><figcaption>as played</figcaption></figure></div>
    <p class="csn-unit-words" aria-live="polite"></p>
    <button type="button" class="csn-rest">Back to neutral</button><p class="csn-trouble" role="alert" hidden></p>`;
  el.append(root);
  const sliders = root.querySelector(".csn-sliders"), said = root.querySelector(".csn-unit-words");
  const [neutral, acting] = root.querySelectorAll("img"), trouble = root.querySelector(".csn-trouble");
  const addresses = new Map();

  const inputs = units.map(({ number, name, looks, muscle }) => {
    const label = document.createElement("label");
    label.innerHTML = `<span><b>AU${number}</b> <span></span></span><input type="range" min="0" max="5" step="1" value="0">
      <output>0</output>`;
    label.querySelector("span span").textContent = name;
    const input = label.querySelector("input");
    input.dataset.au = number;
    input.setAttribute("aria-label", `AU${number} ${name}`);
    const about = () => {
      said.innerHTML = "<b></b><span></span><i></i>";
      said.children[0].textContent = `AU${number} ${name}`;
      said.children[1].textContent = `${looks[0].toUpperCase()}${looks.slice(1)}.`;
      said.children[2].textContent = `Muscle: ${muscle}.`;
    };
    input.addEventListener("focus", about);
    input.addEventListener("input", () => { about(); moved(); });
    input.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (!/^[0-5]$/.test(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      input.value = event.key;
      moved();
    });
    sliders.append(label);
    return input;
  });

  const played = () => Object.fromEntries(inputs.filter((i) => i.value !== "0").map((i) => [i.dataset.au, Number(i.value)]));
  function moved() {
    for (const input of inputs) {
      const value = Number(input.value);
      input.nextElementSibling.textContent = letters[value];
      input.setAttribute("aria-valuetext", value ? `${letters[value]}, ${words[value]}` : words[0]);
    }
    const expression = played();
    const does = Object.entries(expression).map(([au, value]) => `AU${au} ${letters[value]}`).join(", ");
    acting.alt = does ? `the same face with ${does}` : "the same face, neutral";
    acting.classList.add("csn-waiting");
    model.send({ type: "draw", slot: "played", expression });
  }

  root.querySelector(".csn-rest").addEventListener("click", () => {
    for (const input of inputs) input.value = "0";
    moved();
  });
  const drawn = (message, buffers) => {
    if (message.type !== "drawn") return;
    const image = message.slot === "neutral" ? neutral : acting, before = addresses.get(message.slot);
    const address = URL.createObjectURL(new Blob(buffers, { type: "image/jpeg" }));
    addresses.set(message.slot, address);
    image.src = address;
    image.dataset.drawn = JSON.stringify(message.expression);
    if (image === acting) acting.classList.toggle("csn-waiting", image.dataset.drawn !== JSON.stringify(played()));
    if (before) URL.revokeObjectURL(before);
  };
  const complain = () => { trouble.textContent = model.get("trouble"); trouble.hidden = !trouble.textContent; };
  model.on("msg:custom", drawn);
  model.on("change:trouble", complain);
  said.textContent = "Move a slider: arrow keys, or the keys 0 to 5.";
  model.send({ type: "draw", slot: "neutral", expression: {} });
  moved();
  complain();
  return () => {
    model.off("msg:custom", drawn);
    model.off("change:trouble", complain);
    for (const address of addresses.values()) URL.revokeObjectURL(address);
  };
}

export default { render };
