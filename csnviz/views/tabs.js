// A row of tabs: arrow keys move, the chosen one is shown at once and told to Python, which may be busy with something longer.

function render({ model, el }) {
  const row = document.createElement("div");
  row.className = "csn-tabs";
  row.setAttribute("role", "tablist");
  row.setAttribute("aria-label", model.get("label"));
  row.dataset.lmSuppressShortcuts = "true";
  el.append(row);

  function draw() {
    const held = row.contains(document.activeElement);
    row.replaceChildren(...model.get("titles").map(([key, title]) => button(key, title)));
    if (held) row.querySelector('[aria-selected="true"]')?.focus();
  }

  function button(key, title) {
    const tab = document.createElement("button"), chosen = key === model.get("chosen");
    tab.type = "button";
    tab.dataset.tab = key;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    const note = model.get("notes")[key];
    tab.append(title, ...(note ? [Object.assign(document.createElement("span"), { textContent: note })] : []));
    tab.addEventListener("click", () => choose(key));
    return tab;
  }

  function choose(key) {
    if (key === model.get("chosen")) return;
    model.set("chosen", key);
    model.save_changes();
  }

  row.addEventListener("keydown", (event) => {
    const keys = model.get("titles").map(([key]) => key), place = keys.indexOf(model.get("chosen"));
    const to = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: keys.length - 1 }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    choose(keys[(to + keys.length) % keys.length]);
  });
  // Python sets the same classes when it hears of it; what a page is loaded with are those.
  function show() {
    const chosen = `csn-tab-${model.get("chosen")}`;
    const panels = el.closest(".csn-page")?.querySelectorAll(".csn-tab-panel") ?? [];
    for (const panel of panels) panel.classList.toggle("csn-away", !panel.classList.contains(chosen));
  }

  const watched = ["change:chosen", "change:notes"];
  for (const name of watched) model.on(name, draw);
  // What was hidden while it was drawn has no size yet, and listens to the window alone.
  const resized = () => requestAnimationFrame(() => window.dispatchEvent(new Event("resize")));
  const another = () => { show(); resized(); };
  model.on("change:chosen", another);
  draw();
  const letGo = keepKeys(el);
  return () => {
    letGo();
    for (const name of watched) model.off(name, draw);
    model.off("change:chosen", another);
  };
}

// JupyterLab takes a plain key for itself when it was pressed on anything in an output that is no text field: x cuts the cell and
// the page with it, arrows move between cells. Here keys belong to what has the focus. Those with Ctrl, Alt or Cmd stay JupyterLab's.
function keepKeys(el) {
  const keep = (event) => { if (!event.ctrlKey && !event.metaKey && !event.altKey && event.key !== "Escape") event.stopPropagation(); };
  let page = null, frame = 0;
  // A view is drawn before it stands on its page.
  const look = () => {
    page = el.closest(".csn-page");
    if (page) page.addEventListener("keydown", keep);
    else frame = requestAnimationFrame(look);
  };
  look();
  return () => {
    cancelAnimationFrame(frame);
    page?.removeEventListener("keydown", keep);
  };
}

export default { render };
