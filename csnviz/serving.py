"""What a page is served on: the demo's people, a recording or a dataset, until Ctrl-C; to one person, or to others too."""

import os
import secrets
import signal
import webbrowser
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType, MappingProxyType

from csnviz import places
from csnviz.data.tables import FrameTable
from csnviz.errors import InputError
from csnviz.server_settings import Door
from csnviz.servers import Server, start_lab, start_voila

FACES = ("shown", "hidden")


@dataclass(frozen=True)
class Manner:
    """How a page is served; as it is made, to the person who asked, in a browser of theirs.

    lab: in JupyterLab instead of Voila. browser: whether one is opened. debug: errors are shown. door: where, and to whom.
    dashboard: others look on, so that nothing is kept of what they choose. faces: "shown", "hidden", or "" for what the dataset's
    manifest allows. notebook: by the question that it answers.
    """

    lab: bool = False
    browser: bool = True
    debug: bool = False
    door: Door = field(default_factory=Door)
    dashboard: bool = False
    faces: str = ""
    notebook: str = places.EXPLORE

    @property
    def told(self) -> dict[str, str]:
        """What the page's kernel finds in its environment."""
        looked_on = "1" if self.dashboard else ""
        return {
            "CSNVIZ_DEBUG": "1" if self.debug else "",
            "CSNVIZ_DASHBOARD": looked_on,
            "CSNVIZ_READ_ONLY": looked_on,
            "CSNVIZ_FACES": self.faces,
        }


ONE_PERSON = Manner()


def serve_demo(data_root: Path | None = None, manner: Manner = ONE_PERSON) -> None:
    """Draws the invented people where they are not drawn yet, and serves the page on them until Ctrl-C."""
    from csnviz.cast.demo import demo_table

    root = places.data_root(data_root)
    _serve(str(demo_table(root)), root, manner)


def serve_lesson(data_root: Path | None = None, manner: Manner = ONE_PERSON) -> None:
    """Serves the lesson until Ctrl-C; its faces are drawn while it is looked at. To others it keeps no answers (see `Manner`)."""
    _serve("", places.data_root(data_root), replace(manner, notebook="learn"))


def serve_recording(
    recording: Path,
    data_root: Path | None = None,
    frames: slice | None = None,
    face_model: Path | None = None,
    labels: Path | None = None,
    manner: Manner = ONE_PERSON,
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
    _serve_table(table if coded is None else labelled(table, coded, frames), root, manner)


def serve_saved_table(path: Path, data_root: Path | None = None, manner: Manner = ONE_PERSON) -> None:
    """Serves the page on a FrameTable that was saved (.npz), until Ctrl-C; InputError when the file holds none."""
    table = FrameTable.load(path)
    _refuse_forbidden_faces(table.rows["dataset"].unique(), manner)
    _serve(str(path.resolve()), places.data_root(data_root), manner)


def serve_dataset(
    name: str,
    root: Path | None,
    runs: Sequence[Path],
    data_root: Path | None = None,
    crops: str | None = None,
    in_sample: bool = False,
    manner: Manner = ONE_PERSON,
) -> None:
    """Serves the page on a dataset until Ctrl-C, each participant with networks that were not trained on them.

    root: the dataset's folder, from which what is not prepared yet is prepared first; None where all is. runs: run folders, or
    folders that hold some. crops: the hash of crops made elsewhere (see `open_study`). in_sample: people whom every network was
    trained on are shown too, marked. InputError when the dataset is not there, nobody can be shown with these runs, or faces are
    to be shown that the manifest forbids to show.
    """
    from csnviz.dataset_source import dataset_source
    from csnviz.recipes.splits import open_study

    _refuse_forbidden_faces([name], manner)
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
    if name == "cast" and root is not None:
        from csnviz.cast.tree import MANIFESTS

        environment["CSNVIZ_MANIFEST"] = str(Path(root).resolve() / MANIFESTS)  # it says who is in that folder
    # The page's kernel loads the prepared table itself: a copy of 260,000 rows would only take time.
    _serve(f"dataset:{name}", kept, manner, environment, () if root is None else (root,))


def _refuse_forbidden_faces(datasets: Iterable[str], manner: Manner) -> None:
    from csnviz.data.manifest import manifests, read_manifest

    if manner.faces != "shown":
        return
    for manifest in (read_manifest(name) for name in datasets if name in manifests()):
        if not manifest.may_show_faces:
            raise InputError(
                f"--faces shown: the agreement of {manifest.title} forbids to show its faces to others. "
                "Leave --faces away, and curves and a schematic face are shown."
            )


def _serve_table(table: FrameTable, root: Path, manner: Manner) -> None:
    _refuse_forbidden_faces(table.rows["dataset"].unique(), manner)
    # The page's kernel gets the finished table, so that it opens at once and needs neither the recording nor a face model.
    source = root / "pages" / f"{secrets.token_hex(8)}.npz"
    source.parent.mkdir(mode=0o700, exist_ok=True)
    table.save(source)
    try:
        _serve(str(source), root, manner)
    finally:
        source.unlink(missing_ok=True)
        source.with_suffix(".json").unlink(missing_ok=True)


def _serve(
    source: str,
    root: Path,
    manner: Manner,
    more: Mapping[str, str] = MappingProxyType({}),
    private: Sequence[Path] = (),
) -> None:
    environment = {"CSNVIZ_SOURCE": source, "CSNVIZ_DATA_ROOT": str(root), **manner.told, **more}
    start = start_lab if manner.lab else start_voila
    with (
        start(places.notebook(manner.notebook), environment, root, manner.door, manner.debug, private) as server,
        _terminated_as_interrupt(),
    ):
        print(_greeting(server, manner), flush=True)
        if manner.browser:
            _open(server.address)
        try:
            server.process.wait()
        except KeyboardInterrupt:
            print("\nThe page is closed.", flush=True)
            return
    raise InputError("The page's server ended by itself. Start it again with --debug to see why.")


def _greeting(server: Server, manner: Manner) -> str:
    """What is printed once the page is there: the one place where the token is told."""
    lines = [f"The page is served at {server.address}"]
    if not manner.dashboard:
        return "\n".join([*lines, "It is for this machine only. Ctrl-C ends it."])
    door, here = manner.door, server.address.partition("?")[0]
    for name in door.names:
        lines.append(f"For others: the same link with https://{name}{door.path} in place of {here}")
    lines.append("Whoever has the link sees the page: give it to people on the agreement alone.")
    if not door.only_here:
        lines.append("Nothing is encrypted on the way to this port: let others come through a proxy with TLS.")
    return "\n".join([*lines, "Ctrl-C ends it, and the link with it."])


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
