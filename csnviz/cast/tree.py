"""The cast as a folder like those of other datasets: pictures, labels and a manifest, in a plain shape or in that of DISFA.

People are drawn into the data root first, where an interrupted drawing goes on with the people that are missing. The folder is
written from there, out of sight, and its manifest comes last: what has a manifest is whole.
"""

import os
import shlex
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from csnviz import places
from csnviz.cast.coders import drawn_intensities
from csnviz.cast.play import Play
from csnviz.cast.scripts import SCRIPTS, expressions
from csnviz.cast.tree_manifest import AS_DISFA, PLAIN, Shape, write_manifest
from csnviz.cast.version import cast_version
from csnviz.data.manifest import Manifest, read_manifest
from csnviz.data.tables import FrameTable, ReferenceTable
from csnviz.errors import InputError

SHAPES: Mapping[str, Shape] = {"plain": PLAIN, "disfa": AS_DISFA}
"""The shapes by their names on the command line."""

MANIFESTS = "data_manifest"
_UNFINISHED = ".drawing-of-csnviz"
_TRUTH = "Drawn_Intensities/{participant}.csv"
"""In the plain shape: what was played, before any rounding and coder."""

_PATHS = (_TRUTH, *(path for each in SHAPES.values() for path in (each.picture, each.labels)))
_FOLDERS = (MANIFESTS, *(path.partition("/")[0] for path in _PATHS))
_NUMBERS = (*range(1, 100), *range(200, 1000))
"""Of participants: whose hundreds digit is 1 belongs to the demo."""


def draw_tree(
    root: Path,
    people: int = 36,
    frames: int = 80,
    shape: str = "plain",
    play: Play | None = None,
    data_root: Path | None = None,
    workers: int | None = None,
    progress: bool = True,
) -> str:
    """Writes drawn people into a folder that is empty, or not there yet, and says what lies there and how to use it.

    Participants are C001, C002, ... with their own attributes and `frames` frames each; play: what they do (as the demo's people
    do by default). What the data root has of them is not
    drawn again, and a folder that holds just this already is left as it is. InputError when too few or too many people or frames
    are asked for, or the folder holds something else.
    """
    names, laid_out, play = cast_names(people), SHAPES[shape], play or Play()
    root = Path(root).expanduser().absolute()
    if frames < 1:
        raise InputError(f"{frames} frames of each person were asked for; ask for 1 or more with --frames.")
    if not _holds(root, laid_out, people, frames, play):
        table = play.load(names, frames, places.data_root(data_root), workers, progress)
        with _appearing(root) as part:
            _write_people(part, table, laid_out, play, progress)
            write_manifest(part / MANIFESTS, table, laid_out, play)
    return _told(root, laid_out, people, frames)


def cast_names(count: int) -> tuple[str, ...]:
    """The first so many participants; InputError when there are not so many."""
    if not 1 <= count <= len(_NUMBERS):
        raise InputError(f"{count} drawn people were asked for; ask for 1 to {len(_NUMBERS)} with --people.")
    return tuple(f"C{number:03d}" for number in _NUMBERS[:count])


def tree_manifest(root: Path) -> Manifest:
    """The manifest of a folder of drawn people in the plain shape; InputError when it is none, or not whole."""
    folder = Path(root).expanduser() / MANIFESTS / PLAIN.dataset
    if not (folder / "dataset.toml").is_file():
        raise InputError(
            f"{root} holds no drawn people in the plain shape, or not all of them yet. Draw them with `csnviz prepare cast "
            "--root DIR`."
        )
    return read_manifest(PLAIN.dataset, folder)


def is_tree(manifest: Manifest) -> bool:
    """Whether a manifest of the cast describes a folder that `draw_tree` wrote, rather than whoever csnviz draws by itself."""
    return "cast_version" in manifest.words


def load_tree(manifest: Manifest, data_root: Path, progress: bool = True) -> tuple[FrameTable, ReferenceTable]:
    """The frames and references of everybody in a folder of drawn people, with the crops that the data root has or gets.

    InputError when the folder's pictures were drawn by another version of csnviz: nobody should train on others unawares.
    """
    found = manifest.words["cast_version"]
    if found != cast_version():
        raise InputError(
            f"These people were drawn by another version of csnviz (cast_version {found}, here {cast_version()}). Draw them anew, "
            "into another folder, with `csnviz prepare cast --root DIR`."
        )
    names = tuple(manifest.people)
    frames = manifest.expected_frames(names[0]) or 0
    return Play.of_words(manifest.words).load(names, frames, data_root, progress=progress), manifest.reference_table()


def _holds(root: Path, shape: Shape, people: int, frames: int, play: Play) -> bool:
    """Whether just this lies in the folder already; False where it is to be written, InputError where something else lies there."""
    if not root.exists():
        return False
    if not root.is_dir():
        raise InputError(f"{root} is a file. Name a folder that is empty, or not there yet.")
    found = next((each for each in SHAPES.values() if _describes(root, each)), None)
    if found is None:
        if any(root.iterdir()) and not (root / _UNFINISHED).is_dir():
            raise InputError(f"{root} is not empty, and csnviz did not draw what lies there. Name another folder.")
        return False
    words = read_manifest(found.dataset, root / MANIFESTS / found.dataset).words
    wanted = (shape, people, frames, play, cast_version())
    counts = words["counts"]
    there = (found, counts["participants"], counts["frames_per_participant"], Play.of_words(words))
    if wanted != (*there, words["cast_version"]):
        ours = "this" if words["cast_version"] == cast_version() else "another"
        raise InputError(
            f"{root} holds {counts['participants']} people with {counts['frames_per_participant']} frames each, {found.title!r}, "
            f"with {Play.of_words(words).in_words}, drawn by {ours} version of csnviz: not what was asked for. Name another "
            "folder, or remove this one."
        )
    return True


def _describes(root: Path, shape: Shape) -> bool:
    """Whether a folder is a whole one of this shape."""
    whole = (root / MANIFESTS / shape.dataset / "dataset.toml").is_file()
    return whole and (root / shape.labels.partition("/")[0]).is_dir()


@contextmanager
def _appearing(root: Path) -> Iterator[Path]:
    """Gives a hidden folder inside `root`, whose contents come out when the block ends well, the manifests last.

    Inside, because the root may be a disk of its own. What a killed run left is removed, also if it was killed while its
    folders came out.
    """
    part = root / _UNFINISHED
    if part.is_dir():
        for name in (*_FOLDERS, _UNFINISHED):
            shutil.rmtree(root / name, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        yield part
        for made in sorted(part.iterdir(), key=lambda path: path.name == MANIFESTS):
            os.replace(made, root / made.name)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _write_people(folder: Path, table: FrameTable, shape: Shape, play: Play, progress: bool) -> None:
    write_labels = _write_au_files if shape is AS_DISFA else _write_wide_labels
    with tqdm(total=len(table), desc="Writing pictures", unit="frame", disable=not progress) as bar:
        for who in table.participants:
            frames = table.of(who)
            for row, index in enumerate(frames.rows["frame_index"]):
                path = folder / shape.picture.format(participant=who, number=index + shape.first)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(frames.filmed(row) or b"")
                bar.update()
            write_labels(folder, who, frames, shape)
            if shape is PLAIN:
                _write_truth(folder, who, frames, play)


def _write_wide_labels(folder: Path, who: str, frames: FrameTable, shape: Shape) -> None:
    """One CSV file, as `csnviz open --labels` reads it, with what else was drawn exactly."""
    drawn = frames.rows[["frame_index", "timestamp", "yaw", "pitch", "roll", "eye_opening"]].round(4)
    labels = pd.DataFrame(frames.intensity.astype(np.int64), columns=list(frames.aus.columns))
    path = folder / shape.labels.format(participant=who)
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.concat([drawn.rename(columns={"frame_index": "frame"}), labels], axis=1).to_csv(path, index=False)


def _write_truth(folder: Path, who: str, frames: FrameTable, play: Play) -> None:
    """One CSV file with the intensities that were played, exact to a thousandth."""
    path = folder / _TRUTH.format(participant=who)
    path.parent.mkdir(parents=True, exist_ok=True)
    drawn = drawn_intensities(expressions(who, len(frames), SCRIPTS[play.script]))
    truth = pd.DataFrame(drawn.round(3), columns=list(frames.aus.columns))
    truth.insert(0, "frame", frames.rows["frame_index"].to_numpy())
    truth.to_csv(path, index=False)


def _write_au_files(folder: Path, who: str, frames: FrameTable, shape: Shape) -> None:
    """A text file for each AU, with a line `frame,intensity` for each frame."""
    for au, labels in zip(frames.aus, frames.intensity.T, strict=True):
        lines = [f"{number},{label:.0f}\n" for number, label in enumerate(labels, shape.first)]
        path = folder / shape.labels.format(participant=who, au=au)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(lines), encoding="ascii")


def _told(root: Path, shape: Shape, people: int, frames: int) -> str:
    lines = [f"{people * frames:,} frames of {people} drawn {'person' if people == 1 else 'people'} lie in {root}."]
    name, place = shape.dataset, shlex.quote(str(root))
    if shape is PLAIN:
        return "\n".join([*lines, f"Train on them: csnviz train csn_stage4 --root {place}"])
    return "\n".join(
        [
            *lines,
            f"csnviz reads them as {name}, with the manifest that lies beside them:",
            f"export CSNVIZ_MANIFEST={shlex.quote(str(root / MANIFESTS))}",
            f"csnviz prepare {name} --root {place} --check",
        ]
    )
