// The link of what is looked at: kept in the address bar (Voila), and copied by a button. Only the browser knows the address.

function render({ model, el }) {
  const row = document.createElement("div"), said = document.createElement("output");
  row.className = "csn-share";
  row.dataset.lmSuppressShortcuts = "true";
  said.setAttribute("aria-live", "polite");
  const inVoila = Boolean(document.body.dataset.voila);
  const copies = new Map();
  let timer = null;

  // In Voila the token is part of the link: without it nobody can open the page. JupyterLab's opens all of JupyterLab, so its link
  // carries none, and whoever has not signed in there is asked for it.
  function address(more) {
    const here = new URL(inVoila ? location.href : voilaBesideLab());
    const params = new URLSearchParams(model.get("query"));
    for (const [name, value] of Object.entries(more)) value ? params.set(name, value) : params.delete(name);
    const said = new URL(location.href).searchParams;
    const kept = (name) => `${name}=${encodeURIComponent(said.get(name))}`;
    const servers = ["token", "theme"].filter((name) => said.get(name)).map(kept);
    here.search = [...servers, readable(params)].filter(Boolean).join("&");
    here.hash = "";
    return here.href;
  }

  function follow() {
    clearTimeout(timer);
    if (inVoila) timer = setTimeout(() => history.replaceState(history.state, "", address({})), 300);
  }

  async function copy(button, more, words) {
    const link = address(more);
    row.dataset.link = link;
    const copied = await navigator.clipboard?.writeText(link).then(() => true, () => false);
    row.classList.toggle("csn-by-hand", !copied);
    if (copied) return show(button, words);
    // Where the clipboard is out of reach the link stands there to be copied by hand.
    const field = Object.assign(document.createElement("input"), { value: link, readOnly: true });
    field.setAttribute("aria-label", "link");
    said.replaceChildren(field);
    field.select();
  }

  // The button says so itself, in its own width: a sentence beside it would push the tabs away. A screen reader hears it.
  function show(button, words) {
    said.textContent = words;
    button.style.minWidth = `${button.getBoundingClientRect().width}px`;
    clearTimeout(copies.get(button));
    copies.set(button, setTimeout(() => { button.textContent = button.dataset.title; }, 2500));
    button.textContent = "Copied ✓";
  }

  for (const [title, more, words, meaning] of [
    ["Copy link", {}, "Copied: opens exactly this page.", "opens exactly this page"],
    ["Copy link for a guest", { page: "guest", tab: "" }, "Copied: opens this one case, with an explanation.", "opens this one case, with an explanation"],
  ]) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: title, title: meaning });
    button.className = "csn-button csn-of-frame"; // as OF_FRAME in viewer.py
    button.dataset.title = title;
    button.addEventListener("click", () => copy(button, more, words));
    row.append(button);
  }
  row.append(said);
  el.append(row);
  model.on("change:query", follow);
  follow();
  return () => { clearTimeout(timer); for (const each of copies.values()) clearTimeout(each); model.off("change:query", follow); };
}

// In JupyterLab the link opens the same notebook as a page, by Voila in the same server.
function voilaBesideLab() {
  const config = JSON.parse(document.getElementById("jupyter-config-data")?.textContent ?? "{}");
  const notebook = location.pathname.match(/\/tree\/(.+)$/)?.[1] ?? "";
  return new URL(`${config.baseUrl ?? "/"}voila/render/${notebook}`, location.origin).href;
}

const readable = (params) => params.toString().replaceAll("%2F", "/").replaceAll("%3A", ":").replaceAll("%2C", ",");

export default { render };
