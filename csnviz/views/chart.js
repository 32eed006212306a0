// plotly's widget, begun in two steps. anywidget gives a widget two seconds to begin; after that it drops every message that
// Python sends to it, for ever and without a word. plotly's five megabytes take longer than that on a busy machine, so this
// begins at once and asks Python for them (never another host) when the plot is drawn. The faces need not wait for them.

// What the page has of plotly, by the hash of its code: the plots of a page draw with the same.
const BUNDLES = (globalThis[Symbol.for("csnviz plotly")] ??= new Map());
const PATIENCE = 10_000; // milliseconds

export default () => {
  let module = null;
  const fetched = (model) => (module ??= shared(model));
  return {
    // plotly's own messages are traits, so that these are nobody else's. Once for the model: a plot shown twice saves once.
    initialize({ model }) {
      model.on("msg:custom", (message) => {
        if (message.type === "download") save(model, fetched, message);
      });
    },
    async render({ model, el }) {
      const plotly = (await fetched(model)).default();
      await plotly.initialize({ model });
      el.setAttribute("role", "figure");
      el.setAttribute("aria-label", model.get("_said"));
      return plotly.render({ model, el });
    },
  };
};

// The first plot asks for plotly and the others wait for that; not for ever, because the first may be gone before it is answered.
async function shared(model) {
  const others = BUNDLES.get(model.get("_bundle"));
  const gone = new Promise((end) => setTimeout(end, PATIENCE, null));
  return (others && (await Promise.race([others.catch(() => null), gone]))) ?? alone(model);
}

function alone(model) {
  const name = model.get("_bundle"), module = there(model.get("_after")).then(() => fetch_(model));
  BUNDLES.set(name, module);
  module.catch(() => { if (BUNDLES.get(name) === module) BUNDLES.delete(name); });
  return module;
}

// While plotly comes and begins, for a second and more, nothing else is painted. What is to be seen before it is waited for a while.
function there(selector) {
  const latest = performance.now() + PATIENCE / 2;
  return new Promise((go) => {
    const look = () => {
      if (!selector || document.querySelector(selector) || performance.now() > latest) go();
      else setTimeout(look, 20);
    };
    look();
  });
}

function asked(model) {
  return new Promise((arrived) => {
    const hear = (message, buffers) => {
      if (message.type !== "plotly") return;
      model.off("msg:custom", hear);
      arrived(new TextDecoder().decode(buffers[0]));
    };
    model.on("msg:custom", hear);
    model.send({ type: "plotly" });
  });
}

async function fetch_(model) {
  // The bundle draws, and keeps to itself what it draws with. The name under which it calls that changes with its version.
  performance.mark("csnviz plotly"); // so that it can be counted
  const text = await asked(model), named = text.match(/([\w$]+)\.default\.newPlot\(\w+\.el\b/);
  const source = named ? `${text}\nexport const drawing = ${named[1]}.default;` : text;
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try {
    return await import(/* webpackIgnore: true */ address);
  } finally {
    URL.revokeObjectURL(address);
  }
}

// Draws a figure of its own, not the one on the page: that has the page's colours and the window's size.
async function save(model, fetched, { figure, format, name, width, height }) {
  try {
    const { drawing } = await fetched(model);
    if (!drawing) throw new Error("this version of plotly does not give its drawing away");
    const address = await drawing.toImage(figure, { format, width, height, scale: format === "png" ? 2 : 1 });
    const link = Object.assign(document.createElement("a"), { href: address, download: name, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    model.send({ type: "downloaded", name });
  } catch (error) {
    model.send({ type: "not downloaded", name, reason: String(error?.message ?? error) });
  }
}
