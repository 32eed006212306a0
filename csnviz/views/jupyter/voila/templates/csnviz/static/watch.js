// Says so when the page's kernel is gone, and offers to open the page again as it stands in the address bar.
//
// It looks when the page's socket closes, when somebody comes back to the page, and every few seconds meanwhile (data-every).
// Asking for a kernel by its name does not keep it awake.

(() => {
  const EVERY = 1000 * Number(document.currentScript.dataset.every);
  const PATIENCE = [1000, 2000, 4000];
  const SENTENCES = {
    asleep: document.currentScript.dataset.asleep,
    broken: "What computes this page has stopped.",
    lost: "The connection to the server was lost.",
  };
  let shown = "";
  let leaving = false;
  let looking = false;

  const page = () => JSON.parse(document.getElementById("jupyter-config-data")?.textContent ?? "{}");
  const pause = (milliseconds) => new Promise((go) => setTimeout(go, milliseconds));

  // "" = alive. Signed out counts as lost: the button leads to where one signs in.
  async function state({ baseUrl, kernelId }) {
    try {
      const answer = await fetch(`${baseUrl}api/kernels/${kernelId}`, { cache: "no-store", redirect: "error" });
      if (answer.status === 404) return "asleep";
      if (answer.status === 410) return "broken";
      return answer.ok ? "" : "lost";
    } catch {
      return "lost";
    }
  }

  async function look() {
    const where = page();
    if (looking || leaving || shown || !where.kernelId) return;
    looking = true;
    let found = await state(where);
    // A server that cannot be reached for a moment is not lost.
    for (const wait of PATIENCE) {
      if (found !== "lost") break;
      await pause(wait);
      found = await state(where);
    }
    looking = false;
    if (found && !leaving) say(found);
  }

  function say(found) {
    shown = found;
    const dark = document.body.dataset.jpThemeLight === "false" || document.querySelector(".csn-page.csn-dark") !== null;
    const note = document.createElement("div");
    note.className = "csn-asleep";
    note.dataset.state = found;
    note.dataset.dark = String(dark);
    note.setAttribute("role", "alertdialog");
    note.setAttribute("aria-modal", "true");
    note.setAttribute("aria-labelledby", "csn-asleep-words");
    const words = document.createElement("p");
    words.id = "csn-asleep-words";
    words.textContent = SENTENCES[found];
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Open the page again";
    // Not location.assign: an address with a # would only be scrolled to.
    button.onclick = () => location.reload();
    const card = document.createElement("div");
    card.append(words, button);
    note.append(card);
    // What lies below takes no more clicks and keys: nobody would answer them.
    for (const part of document.body.children) part.inert = true;
    document.body.append(note);
    button.focus();
  }

  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(address, protocols) {
      super(address, protocols);
      if (/\/api\/kernels\/[^/]+\/channels/.test(address)) this.addEventListener("close", look);
    }
  };
  addEventListener("beforeunload", () => { leaving = true; });
  // Back from the browser's memory of pages, the kernel was ended when the page was left.
  addEventListener("pageshow", () => { leaving = false; look(); });
  addEventListener("online", look);
  document.addEventListener("visibilitychange", () => document.hidden || look());
  setInterval(() => document.hidden || look(), EVERY);
})();
