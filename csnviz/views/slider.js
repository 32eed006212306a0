// A native slider with its name and its number: ipywidgets' own has no name that a screen reader could say.

let made = 0;

function render({ model, el }) {
  const label = document.createElement("label"), input = document.createElement("input"), number = document.createElement("output");
  label.className = "csn-slider";
  label.dataset.lmSuppressShortcuts = "true";
  input.type = "range";
  input.id = `csn-slider-${++made}`;
  number.htmlFor = input.id;
  label.append(Object.assign(document.createElement("span"), { textContent: model.get("label") }), input, number);
  label.title = model.get("meaning");
  el.append(label);

  const digits = () => (String(model.get("step")).split(".")[1] ?? "").length;
  const say = () => { number.textContent = model.get("readout") ? Number(input.value).toFixed(digits()) : ""; };
  function draw() {
    for (const name of ["min", "max", "step"]) input[name] = model.get(name);
    input.value = model.get("value");
    say();
  }
  function tell() {
    model.set("value", Number(input.value));
    model.save_changes();
  }
  input.addEventListener("input", () => { say(); if (model.get("continuous")) tell(); });
  input.addEventListener("change", tell);
  model.on("change:value", draw);
  draw();
  return () => model.off("change:value", draw);
}

export default { render };
