// The AU workbench in JupyterLab: a launcher card and palette commands. JupyterLab loads this file as it stands; there is nothing
// to build. It speaks what every prebuilt extension speaks: a container with init (here are the modules that JupyterLab shares)
// and get (give me your plugin).

(() => {
  const NAME = "AU workbench";
  // Where this file lies, with the icon and the notebook beside it. It is known only while the file is being loaded.
  const HERE = document.currentScript.src;
  const beside = (file) => fetch(new URL(file, HERE), { cache: "no-cache" });
  let scope = {};

  // A module of JupyterLab, or null where this front end has none such (Voila has no launcher). Another extension may bring a
  // copy of its own; what has been loaded already is what JupyterLab itself uses, and only its tokens are worth anything.
  async function shared(name) {
    const versions = Object.values(scope[name] ?? {});
    const chosen = versions.find((version) => version.loaded) ?? versions[0];
    return chosen ? (await chosen.get())() : null;
  }

  async function plugin() {
    const names = ["launcher", "apputils", "filebrowser", "ui-components"];
    const [launching, dialogs, browsing, drawing] = await Promise.all(names.map((name) => shared(`@jupyterlab/${name}`)));
    // Names and tokens stay together, so that one that is missing moves none of the others.
    const wanted = Object.entries({
      launcher: launching?.ILauncher, palette: dialogs?.ICommandPalette, folders: browsing?.IDefaultFileBrowser,
    }).filter(([, token]) => token);
    const svgstr = await beside("icon.svg").then((answer) => (answer.ok ? answer.text() : ""), () => "");
    return {
      id: "csnviz:workbench",
      autoStart: true,
      optional: wanted.map(([, token]) => token),
      activate: (app, ...given) => {
        const has = Object.fromEntries(wanted.map(([name], place) => [name, given[place]]));
        const say = (sentence) => (dialogs ? dialogs.showErrorMessage(NAME, sentence) : window.alert(sentence));
        const icon = drawing && svgstr ? new drawing.LabIcon({ name: "csnviz:face", svgstr }) : undefined;
        addCommands(app, has.folders, icon, say);
        // Among the notebooks, which stand first; there the launcher takes pictures by address.
        has.launcher?.add({ command: "csnviz:open", category: "Notebook", rank: 1, kernelIconUrl: new URL("icon.svg", HERE).href });
        has.palette?.addItem({ command: "csnviz:open", category: NAME, args: { isPalette: true } });
        has.palette?.addItem({ command: "csnviz:dashboard", category: NAME });
      },
    };
  }

  function addCommands(app, folders, icon, say) {
    const { contents, serverSettings } = app.serviceManager;
    const notebook = () => {
      const context = app.shell.currentWidget?.context;
      return context?.path?.endsWith(".ipynb") ? context : null;
    };
    app.commands.addCommand("csnviz:open", {
      label: (args) => (args.isPalette ? `${NAME}: open` : NAME),
      caption: "Step through a face's frames: what a network says without a reference, with one, and the human labels",
      icon,
      execute: async (args) => {
        try {
          const folder = args.cwd ?? folders?.model.path ?? "";
          await openAndRun(app, await freshCopy(contents, folder));
        } catch (error) {
          say(`The notebook cannot be opened here: ${error.message ?? error}`);
        }
      },
    });
    app.commands.addCommand("csnviz:dashboard", {
      label: `${NAME}: open as dashboard`,
      caption: "This notebook as a page without its code, served by Voila, in a new tab of the browser",
      isEnabled: () => notebook() !== null,
      execute: async () => {
        const voila = `${serverSettings.baseUrl}voila/`;
        // A file that every Voila has: asking for the page itself would start a kernel for nobody.
        const there = await fetch(`${voila}static/voila.js`, { method: "HEAD" }).then((answer) => answer.ok, () => false);
        if (!there) return say("Voila is not running in this server. Install voila beside jupyterlab and start JupyterLab again.");
        const context = notebook();
        if (context.model.dirty) await context.save(); // Voila reads the file
        const address = `${voila}render/${contents.localPath(context.path).split("/").map(encodeURIComponent).join("/")}`;
        if (!window.open(address, "_blank")) say(`The browser opened no new tab. Open this address in one: ${address}`);
      },
    });
  }

  // The notebook that ships with csnviz under a name that is still free, so that nobody's own notebook is ever written over.
  async function freshCopy(contents, folder) {
    const answer = await beside("explore.ipynb");
    if (!answer.ok) throw new Error("it is missing beside this extension; install csnviz again.");
    const content = await answer.json();
    const taken = new Set((await contents.get(folder)).content.map((file) => file.name));
    let name = "au-workbench.ipynb";
    for (let number = 2; taken.has(name); number += 1) name = `au-workbench-${number}.ipynb`;
    const path = folder === "" || folder.endsWith(":") ? `${folder}${name}` : `${folder}/${name}`;
    return (await contents.save(path, { type: "notebook", format: "json", content })).path;
  }

  async function openAndRun(app, path) {
    const panel = await app.commands.execute("docmanager:open", { path, factory: "Notebook" });
    await panel.context.ready;
    await panel.sessionContext.ready;
    // Only what is in front is run by this command; whoever has gone elsewhere meanwhile runs the notebook on return.
    if (app.shell.currentWidget === panel) await app.commands.execute("notebook:run-all-cells");
  }

  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB.csnviz = {
    init: (modules) => { scope = modules; },
    get: async (name) => {
      const module = name === "./extension" ? { __esModule: true, default: await plugin() } : {};
      return () => module;
    },
  };
})();
