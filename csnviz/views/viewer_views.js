// One viewer, placed as often as one likes: inside a "csn-timeline-place" it is the timeline, elsewhere the faces.

const ROW = "application/x-csn-row"; // what a dragged picture says of itself: its place among the frames

// One of the two views in viewer.html becomes all that the element holds.
function marked(el, model, name) {
  el.innerHTML = model.get("markup");
  const root = el.querySelector(name);
  el.replaceChildren(root);
  return root;
}

export default () => {
  let state = null;
  return {
    initialize({ model }) {
      state = share(model);
      return state.close;
    },
    render({ el }) {
      let dispose = null, gone = false;
      const mount = () => {
        if (gone) return;
        if (!el.isConnected) return void setTimeout(mount, 20); // only on the page can one see which place it is
        dispose = (el.closest(".csn-timeline-place") ? drawTimeline : drawFaces)({ state, el });
      };
      mount();
      return () => { gone = true; dispose?.(); };
    },
  };
};
