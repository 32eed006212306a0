// The guide sheet: a unit is chosen in the list (arrow keys), its intensity with the keys 1 to 5, and it is drawn beside the neutral.

function render({ model, el }) {
  const units = model.get("units"), letters = model.get("letters"), words = model.get("words");
  const root = document.createElement("div");
  root.className = "csn-guide";
  root.dataset.lmSuppressShortcuts = "true";
  root.innerHTML = `<div class="csn-units" role="listbox" aria-label="action units" tabindex="0"></div>
    <div class="csn-two-faces"><figure><img alt="neutral face" data-face="neutral"><figcaption>neutral</figcaption></figure>
      <figure><img data-face="acting"><figcaption></figcaption></figure></div>
    <div class="csn-letters" role="radiogroup" aria-label="intensity"></div>
    <p class="csn-unit-words" aria-live="polite"></p><p class="csn-trouble" role="alert" hidden></p>`;
  el.append(root);
  const list = root.querySelector(".csn-units"), row = root.querySelector(".csn-letters");
  const said = root.querySelector(".csn-unit-words"), trouble = root.querySelector(".csn-trouble");
  const [neutral, acting] = root.querySelectorAll("img"), caption = root.querySelectorAll("figcaption")[1];
  const pictures = new Map();
  let unit = 0, intensity = 3;

  list.append(...units.map((each, place) => {
    const option = document.createElement("div");
    option.id = `csn-unit-${model.model_id ?? ""}-${each.number}`;
    option.dataset.au = each.number;
    option.setAttribute("role", "option");
    option.innerHTML = `<b>AU${each.number}</b> `;
    option.append(each.name);
    option.addEventListener("click", () => { unit = place; show(); });
    return option;
  }));
  row.append(...[1, 2, 3, 4, 5].map((value) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.intensity = value;
    button.setAttribute("role", "radio");
    button.innerHTML = `<b>${letters[value]}</b> ${words[value]}`;
    button.addEventListener("click", () => { intensity = value; show(); });
    return button;
  }));

  const slotOf = (au, value) => (value ? `${au}-${value}` : "neutral");
  function ask(au, value) {
    const slot = slotOf(au, value);
    if (pictures.has(slot)) return;
    pictures.set(slot, "");
    model.send({ type: "draw", slot, expression: value ? { [au]: value } : {} });
  }

  function show() {
    const { number, name, muscle, looks } = units[unit];
    [...list.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === unit)));
    list.setAttribute("aria-activedescendant", list.children[unit].id);
    [...row.children].forEach((button) => {
      const chosen = Number(button.dataset.intensity) === intensity;
      button.setAttribute("aria-checked", String(chosen));
      button.tabIndex = chosen ? 0 : -1;
    });
    said.innerHTML = "<b></b><span></span><i></i>";
    said.children[0].textContent = `AU${number} ${name}`;
    said.children[1].textContent = `${looks[0].toUpperCase()}${looks.slice(1)}.`;
    said.children[2].textContent = `Muscle: ${muscle}.`;
    caption.textContent = `AU${number} at ${letters[intensity]}, ${words[intensity]}`;
    acting.alt = `the same face with ${caption.textContent}`;
    ask(0, 0);
    ask(number, intensity);
    paint();
  }

  function paint() {
    const slot = slotOf(units[unit].number, intensity), picture = pictures.get(slot);
    if (pictures.get("neutral")) neutral.src = pictures.get("neutral");
    acting.classList.toggle("csn-waiting", !picture);
    if (picture) { acting.src = picture; acting.dataset.drawn = slot; }
  }

  // What is likely to be looked at next is drawn while nobody waits: the other letters of this unit.
  function ahead() {
    const next = [1, 2, 3, 4, 5].find((value) => !pictures.has(slotOf(units[unit].number, value)));
    if (next && ![...pictures.values()].includes("")) ask(units[unit].number, next);
  }

  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const inRow = row.contains(event.target);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], turn = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (/^[1-5]$/.test(event.key)) intensity = Number(event.key);
    else if (turn) intensity = Math.min(5, Math.max(1, intensity + turn));
    else if (step && !inRow) unit = (unit + step + units.length) % units.length;
    else return;
    event.preventDefault();
    event.stopPropagation();
    show();
    list.children[unit].scrollIntoView({ block: "nearest" });
    if (inRow) row.children[intensity - 1].focus();
  });
  const drawn = (message, buffers) => {
    if (message.type !== "drawn") return;
    pictures.set(message.slot, URL.createObjectURL(new Blob(buffers, { type: "image/jpeg" })));
    paint();
    ahead();
  };
  const complain = () => { trouble.textContent = model.get("trouble"); trouble.hidden = !trouble.textContent; };
  model.on("msg:custom", drawn);
  model.on("change:trouble", complain);
  show();
  complain();
  return () => {
    model.off("msg:custom", drawn);
    model.off("change:trouble", complain);
    for (const address of pictures.values()) if (address) URL.revokeObjectURL(address);
  };
}

export default { render };
