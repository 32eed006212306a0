// A person's attributes as toggles, each with the key that turns it: present, absent, unsure.

const REST = "x"; // makes absent what nobody has annotated yet
const SIGNS = { present: "✓", absent: "–", unsure: "?" };

function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "csn-attributes";
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "attributes of this person; a key or a click turns present, absent, unsure");
  root.dataset.lmSuppressShortcuts = "true";
  const words = Object.assign(document.createElement("p"), { className: "csn-attributes-words" });
  el.append(root, words);
  const rest = button({ letter: REST });
  let buttons = [];

  rest.className = "csn-rest";
  rest.title = "whatever is not annotated yet is absent";
  rest.setAttribute("aria-keyshortcuts", REST);
  [rest.children[0].textContent, rest.children[1].textContent] = [REST, "the rest is absent"];

  function draw() {
    const shown = model.get("shown"), names = shown.map((each) => each.letter).join("");
    // The buttons stay while the same is asked, so that the one with the focus keeps it.
    if (names !== buttons.map((each) => each.dataset.letter).join("")) {
      buttons = shown.map(button);
      root.replaceChildren(...buttons, rest);
    }
    shown.forEach((each, place) => fill(buttons[place], each));
    words.textContent = model.get("words");
    rest.hidden = model.get("read_only") || !shown.some((each) => each.value === "not annotated");
  }

  function button({ letter }) {
    const one = document.createElement("button");
    one.type = "button";
    one.dataset.letter = letter;
    one.innerHTML = `<kbd aria-hidden="true"></kbd><span></span><b aria-hidden="true"></b>`;
    one.addEventListener("click", () => press(letter));
    return one;
  }

  function fill(one, { attribute, letter, value, by }) {
    const [key, name, sign] = one.children;
    key.textContent = letter;
    name.textContent = attribute;
    sign.textContent = SIGNS[value] ?? "";
    one.dataset.value = value;
    one.disabled = model.get("read_only");
    one.title = `${attribute}: ${value}${by ? `, ${by}` : ""}${one.disabled ? "" : ` (key ${letter})`}`;
    one.setAttribute("aria-label", `${attribute}: ${value}${by ? `, ${by}` : ""}`);
    one.setAttribute("aria-keyshortcuts", letter);
  }

  const press = (letter) => model.send({ type: "press", letter });

  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || model.get("read_only")) return;
    if (![...buttons, rest].some((each) => each.dataset.letter === event.key)) return;
    event.preventDefault();
    event.stopPropagation(); // else the page would turn it a second time
    if (!event.repeat) press(event.key);
  });
  const watched = ["change:shown", "change:words", "change:read_only"];
  for (const name of watched) model.on(name, draw);
  draw();
  return () => { for (const name of watched) model.off(name, draw); };
}

export default { render };
