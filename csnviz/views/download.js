// Saves a file that Python sends: nothing is asked of a server, and nothing stays behind when it is saved.

export default {
  // For the model and not for its views: a page that is shown twice saves once.
  initialize({ model }) {
    model.on("msg:custom", (message, buffers) => {
      if (message.type !== "offer") return;
      const address = URL.createObjectURL(new Blob(buffers, { type: message.media_type }));
      const link = document.createElement("a");
      link.href = address;
      link.download = message.name;
      link.hidden = true;
      document.body.append(link);
      link.click();
      link.remove();
      setTimeout(() => URL.revokeObjectURL(address), 60000); // a browser may ask where to save before it reads
    });
  },
  render() {},
};
