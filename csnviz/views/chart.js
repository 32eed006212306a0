// plotly's widget, begun in two steps. anywidget gives a widget two seconds to begin; after that it drops every message that
// Python sends to it, for ever and without a word. plotly's five megabytes take longer than that on a busy machine, so this
// begins at once and fetches them (from the model, never from another host) when the plot is drawn.

export default () => ({
  initialize() {},
  async render({ model, el }) {
    const address = URL.createObjectURL(new Blob([model.get("_plotly")], { type: "text/javascript" }));
    const plotly = (await import(/* webpackIgnore: true */ address)).default();
    URL.revokeObjectURL(address);
    await plotly.initialize({ model });
    return plotly.render({ model, el });
  },
});
