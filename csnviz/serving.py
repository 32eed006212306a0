"""What a page is served on: the demo's people, a recording or a dataset, until Ctrl-C."""

import os
import secrets
import signal
import webbrowser
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, MappingProxyType

from csnviz import places
from csnviz.data.tables import FrameTable
from csnviz.errors import InputError
from csnviz.servers import start_lab, start_voila


def serve_demo(
    data_root: Path | None = None, lab: bool = False, port: int = 0, browser: bool = True, debug: bool = False
) -> None:
    """Draws the invented people where they are not drawn yet, and serves the page on them until Ctrl-C."""
    from csnviz.cast.dataset import DEMO_FRAMES, DEMO_PARTICIPANTS, load_cast

    root = places.data_root(data_root)
    _serve_table(load_cast(DEMO_PARTICIPANTS, DEMO_FRAMES, root), root, lab, port, browser, debug)


def serve_recording(
    recording: Path,
    data_root: Path | None = None,
    frames: slice | None = None,
    face_model: Path | None = None,
    labels: Path | None = None,
    lab: bool = False,
    port: int = 0,
    browser: bool = True,
    debug: bool = False,
) -> None:
    """Finds the faces of a recording, and serves the page on them until Ctrl-C, with human labels from a CSV file if one is named.

    InputError when there is no face, or the labels do not fit (see `csnviz.data.labels`).
    """
    from csnviz.data.labels import labelled, read_labels
    from csnviz.data.recording import read_recording

    # What is wrong in the labels is said before minutes of finding faces.
    coded = None if labels is None else read_labels(labels)
    root = places.data_root(data_root)
    table = read_recording(recording, root, face_model, frames)
    if not table.usable.any():
        raise InputError(f"{recording}: no face was found in any of {len(table)} frames, so there is nothing to show.")
    _serve_table(table if coded is None else labelled(table, coded, frames), root, lab, port, browser, debug)


def serve_dataset(
    name: str,
    root: Path | None,
    runs: Sequence[Path],
    data_root: Path | None = None,
    crops: str | None = None,
    in_sample: bool = False,
    lab: bool = False,
    port: int = 0,
    browser: bool = True,
    debug: bool = False,
) -> None:
    """Serves the page on a dataset until Ctrl-C, each participant with networks that were not trained on them.

    root: the dataset's folder, from which what is not prepared yet is prepared first; None where all is. runs: run folders, or
    folders that hold some. crops: the hash of crops made elsewhere (see `open_study`). in_sample: people whom every network was
    trained on are shown too, marked. InputError when the dataset is not there, or nobody can be shown with these runs.
    """
    from csnviz.dataset_source import dataset_source
    from csnviz.recipes.splits import open_study

    kept = places.data_root(data_root)
    if not runs:
        raise InputError(f"Name the runs that were trained for {name} with --run, such as --run runs.")
    whole = [Path(run).resolve() for run in runs]
    # What is wrong is said here and not on the page.
    dataset_source(open_study(name, kept, root, crops), whole, kept, in_sample)
    environment = {
        "CSNVIZ_RUNS": os.pathsep.join(map(str, whole)),
        "CSNVIZ_CROPS": crops or "",
        "CSNVIZ_IN_SAMPLE": "1" if in_sample else "",
    }
    # The page's kernel loads the prepared table itself: a copy of 260,000 rows would only take time.
    _serve(f"dataset:{name}", kept, lab, port, browser, debug, environment)


def _serve_table(table: FrameTable, root: Path, lab: bool, port: int, browser: bool, debug: bool) -> None:
    # The page's kernel gets the finished table, so that it opens at once and needs neither the recording nor a face model.
    source = root / "pages" / f"{secrets.token_hex(8)}.npz"
    source.parent.mkdir(mode=0o700, exist_ok=True)
    table.save(source)
    try:
        _serve(str(source), root, lab, port, browser, debug)
    finally:
        source.unlink(missing_ok=True)
        source.with_suffix(".json").unlink(missing_ok=True)


def _serve(
    source: str,
    root: Path,
    lab: bool,
    port: int,
    browser: bool,
    debug: bool,
    more: Mapping[str, str] = MappingProxyType({}),
) -> None:
    notebook = places.notebook("explore")
    environment = {"CSNVIZ_SOURCE": source, "CSNVIZ_DATA_ROOT": str(root), "CSNVIZ_DEBUG": "1" if debug else "", **more}
    start = start_lab if lab else start_voila
    with start(notebook, environment, root, port, debug) as server, _terminated_as_interrupt():
        print(f"The page is served at {server.address}\nIt is for this machine only. Ctrl-C ends it.", flush=True)
        if browser:
            _open(server.address)
        try:
            server.process.wait()
        except KeyboardInterrupt:
            print("\nThe page is closed.", flush=True)
            return
    raise InputError("The page's server ended by itself. Start it again with --debug to see why.")


@contextmanager
def _terminated_as_interrupt() -> Iterator[None]:
    """While this lasts, being told to end (SIGTERM) is the same as Ctrl-C."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _open(address: str) -> None:
    try:
        webbrowser.open(address)
    except webbrowser.Error:
        print("There is no browser to open here; open the address in one on this machine.", flush=True)
