"""Removing a person: every byte that was made from that person's faces, wherever it lies under the data root."""

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd
from jaxtyping import Bool

from csnviz import places
from csnviz.data.filmed import FILMED_FILES
from csnviz.data.images import remove_abandoned
from csnviz.data.storage import plain_name, replacing, rows_from_arrays, write_arrays
from csnviz.data.tables import FrameTable
from csnviz.errors import InputError

_PIXELS = ("crops.npy", "crops.raw", "pictures.bin", "pictures.npy", *FILMED_FILES)


@dataclass(frozen=True)
class _Person:
    """The names that somebody has: name -> the datasets in which it is that person; None = in all of them."""

    names: Mapping[str, frozenset[str] | None]

    def goes_by(self, name: str, dataset: str | None) -> bool:
        """True where a name in a dataset (None: not known in which) is this person's."""
        datasets = self.names.get(name, frozenset())
        return datasets is None or (dataset is None and bool(datasets)) or dataset in datasets

    def rows_of(self, rows: pd.DataFrame, dataset: str | None) -> Bool[np.ndarray, " N"]:
        """True where a row is this person's. dataset: that of rows without such a column."""
        datasets = rows["dataset"] if "dataset" in rows else [dataset] * len(rows)
        return np.array([self.goes_by(*both) for both in zip(rows["participant"], datasets, strict=True)], dtype=bool)


def purge(participant: str, data_root: Path | None, dataset: str | None = None) -> list[Path]:
    """Removes everything made from a participant's faces, and says which folders and files were removed or rewritten.

    Removed are crops and pictures of prepared datasets and of crops made elsewhere, drawings of the cast, and tables that hold
    nobody else; from other tables (.npz with rows, such as frames, predictions, pages) and from CSV files with a column
    `participant`, the person's rows are taken out. dataset: only there; None purges this name everywhere and, by the persons of
    the data manifest, the same person under other names (DISFA+ filmed people of DISFA again). What killed programs left
    half-written, whoever it shows, goes too.

    What remains, and who must act: networks trained on the person, whose run.json names their participants (`still_naming` finds
    them); the dataset's own files, from which the next preparation would crop the person again; files outside the data root.
    Recordings are kept without names. Those that a table under the data root ties to the person alone are removed; which
    others show the person cannot be known, so remove the folder `recordings` when in doubt.
    """
    root = places.data_root(data_root)
    person = _person(plain_name(participant), dataset)
    removed: list[Path] = []
    # Tables first: which recordings they tie to the person is known only as long as they are whole.
    for path in _files(root, lambda file: file.suffix == ".npz"):
        removed += _purge_table(path, person, root)
    for path in _files(root, lambda file: file.suffix == ".csv"):
        removed += _purge_csv(path, person, root)
    for folder in _folders(root, person):
        shutil.rmtree(folder)
        removed.append(folder)
    for folder in {path.parent for path in _parts(root)}:
        removed += remove_abandoned(folder)
    return sorted(set(removed))


def still_naming(participant: str, data_root: Path | None, dataset: str | None = None) -> list[Path]:
    """Files under the data root that name a participant, in their own name or in a text or table inside.

    After `purge` these are the run.json of networks that were trained on the person or judged by them, notebooks with saved
    output, and whatever else a user put there. Pixels and checkpoints are not searched.
    """
    root = places.data_root(data_root)
    naming = _naming(_person(plain_name(participant), dataset))

    def names_the_person(file: Path) -> bool:
        if naming.search(os.fsencode(file.relative_to(root))):
            return True
        return file.name not in _PIXELS and file.suffix != ".safetensors" and bool(naming.search(file.read_bytes()))

    return sorted(_files(root, names_the_person))


def _naming(person: _Person) -> re.Pattern[bytes]:
    """Finds the person's names as whole words: in texts, in JSON (escaped beyond ASCII), in the UTF-32 of tables."""
    words = {word.encode() for name in person.names for word in (name, json.dumps(name)[1:-1])}
    as_text = [rb"(?<![0-9A-Za-z])%b(?![0-9A-Za-z])" % re.escape(word) for word in words]
    in_tables = [
        rb"(?<![0-9A-Za-z]\0\0\0)%b(?![0-9A-Za-z]\0\0\0)" % re.escape(name.encode("utf-32-le")) for name in person.names
    ]
    return re.compile(b"|".join(as_text + in_tables))


def _person(participant: str, dataset: str | None) -> _Person:
    if dataset is not None:
        return _Person({participant: frozenset([plain_name(dataset)])})
    files = sorted(places.manifest().glob("*/participants.csv"))
    tables = [_participants(file).assign(dataset=file.parent.name) for file in files]
    known = (
        pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=["participant", "person", "dataset"])
    )
    persons = set(known.loc[known["participant"] == participant, "person"]) - {""}
    same = known[known["person"].isin(persons)].groupby("participant")["dataset"].agg(frozenset)
    return _Person({**same.to_dict(), participant: None})


def _participants(file: Path) -> pd.DataFrame:
    table = pd.read_csv(file, dtype=str, keep_default_na=False, comment="#")
    if not {"participant", "person"} <= set(table):
        raise InputError(f"{file}: needs the columns participant and person, to tell who is the same person. Add them.")
    return table[["participant", "person"]]


def _files(root: Path, wanted: Callable[[Path], bool]) -> Iterator[Path]:
    """The wanted files under a folder, through links to folders (somebody's second disk), each folder once."""
    seen: set[str] = set()
    for folder, below, files in os.walk(root, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:
            below.clear()
            continue
        seen.add(real)
        yield from (path for name in sorted(files) if (path := Path(folder, name)).is_file() and wanted(path))


def _dataset_of(path: Path, root: Path) -> str | None:
    """The dataset whose folder a file lies in, None elsewhere."""
    parts = path.relative_to(root).parts
    return parts[1] if len(parts) > 2 and parts[0] in ("datasets", "choices") else None


def _purge_table(path: Path, person: _Person, root: Path) -> list[Path]:
    """Takes the person out of one .npz file; what was removed or rewritten."""
    try:
        with np.load(path, allow_pickle=False) as file:
            if "rows/participant" not in file.files:
                return []
            arrays = {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, BadZipFile):
        return _remove_unreadable(path, person)
    theirs = person.rows_of(rows_from_arrays(arrays), _dataset_of(path, root))
    if not theirs.any():
        return []
    side_car, mode = path.with_suffix(".json"), path.stat().st_mode & 0o777
    words = json.loads(side_car.read_text(encoding="utf-8")) if side_car.is_file() else {}
    if words.get("table") == "FrameTable":
        needed = _rewrite_frames(path, ~theirs)
    else:
        needed = []
        _rewrite(path, arrays, words, ~theirs)
    for file in (path, side_car):
        if file.is_file():
            file.chmod(mode)
    return [path, *_remove_recordings({Path(folder) for folder in words.get("pictures", ())} - set(needed), root)]


def _rewrite_frames(path: Path, keep: Bool[np.ndarray, " N"]) -> list[Path]:
    """Leaves the kept rows and names only the folders of pictures that they need; gives those folders."""
    try:
        table = FrameTable.load(path).select(keep)
    except InputError:  # its pictures are gone, so that nobody can use it any more
        keep = np.zeros_like(keep)
    # Without its side-car a table cannot be read: killed here, we leave none that shows one person's face in another's row.
    path.with_suffix(".json").unlink()
    if not keep.any():
        path.unlink()
        return []
    if table.images is not None:
        images, moved = table.images.holding(table.rows["image"].to_numpy())
        table = replace(table, rows=table.rows.assign(image=moved), images=images)
    table.save(path)
    return [] if table.images is None else list(table.images.paths)


def _rewrite(path: Path, arrays: Mapping[str, np.ndarray], words: dict[str, Any], keep: Bool[np.ndarray, " N"]) -> None:
    """Leaves the kept rows of a table of another kind, and in its provenance no reference that is one of the others."""
    path.with_suffix(".json").unlink(missing_ok=True)
    if not keep.any():
        path.unlink()
        return
    gone = set(arrays["rows/frame_id"][~keep]) if "rows/frame_id" in arrays else set()
    provenance = words.get("provenance", {})
    if "references" in provenance:
        provenance["references"] = [each for each in provenance["references"] if each["frame_id"] not in gone]
    part = {name: array[keep] if array.shape[:1] == keep.shape else array for name, array in arrays.items()}
    write_arrays(path, part, words)


def _remove_unreadable(path: Path, person: _Person) -> list[Path]:
    """A damaged table cannot be rewritten, so it goes when it names the person at all."""
    if not _naming(person).search(path.read_bytes()):
        return []
    path.unlink()
    path.with_suffix(".json").unlink(missing_ok=True)
    return [path]


def _remove_recordings(folders: set[Path], root: Path) -> list[Path]:
    """Recordings that only the purged rows of a table had."""
    removed = [folder for folder in folders if folder.parent == root / "recordings" and folder.is_dir()]
    for folder in removed:
        shutil.rmtree(folder)
    return removed


def _purge_csv(path: Path, person: _Person, root: Path) -> list[Path]:
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError):
        return []
    if "participant" not in table:
        return []
    theirs = person.rows_of(table, _dataset_of(path, root))
    if not theirs.any():
        return []
    mode = path.stat().st_mode & 0o777
    with replacing(path) as part:
        table[~theirs].to_csv(part, index=False)
        part.chmod(mode)
    return [path]


def _folders(root: Path, person: _Person) -> list[Path]:
    """The folders that hold nothing but the person: of prepared datasets, of crops made elsewhere, of the cast."""
    prepared = [
        folder
        for folder in root.glob("datasets/*/*/*")
        if folder.is_dir() and person.goes_by(folder.name, folder.parts[-3])
    ]
    drawn = [
        folder
        for folder in root.glob("cast/*/*")
        if person.goes_by(folder.name.removeprefix(".").partition("-")[0], "cast") and folder.is_dir()
    ]
    return [*prepared, *drawn]


def _parts(root: Path) -> list[Path]:
    """Half-written files and folders."""
    return [
        Path(folder, name)
        for folder, below, files in os.walk(root)
        for name in (*below, *files)
        if name.endswith(".part")
    ]
