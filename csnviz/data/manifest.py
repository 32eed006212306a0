"""The data manifest: what csnviz knows about a dataset without having it, as text that a scientist can review.

One folder per dataset under `data_manifest`; its README says what each file holds and how to add a dataset.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from csnviz import places
from csnviz.data.folds import Fold, folds_of
from csnviz.data.listing import frame_id_of
from csnviz.data.tables import ReferenceTable
from csnviz.errors import InputError
from csnviz.facs import AUSet

TABLES: Mapping[str, tuple[str, ...]] = {
    "participants": ("participant", "person", "frames", "note"),
    "references": ("participant", "camera", "video", "frame", "chosen_by", "note"),
    "folds": ("fold", "participant"),
    "attributes": ("participant", "attribute", "value", "by"),
    "cases": ("name", "participant", "camera", "au", "reference", "first", "last", "note"),
}
"""The CSV files of a dataset's folder and their columns, all read as text."""


@dataclass(frozen=True)
class Manifest:
    """A dataset as its manifest describes it.

    name: as on the command line and in frame ids. words: dataset.toml as it is. intensity, occurrence: the AU sets of the
    two tasks (arXiv 2409.00240, section 4.1). participants: participant, person (one and the same in every dataset), frames
    (per camera, "" = not known), note. references: participant, camera, video, frame (numbered as the dataset's own files do,
    from words["frame_numbers"]["references"]), chosen_by, note. folds: fold, participant (the held-out ones). attributes:
    participant, attribute, value ("present", "absent" or "not annotated"), by. cases: name, participant, camera, au, reference
    (a frame, numbered like references, or "" = the participant's), first, last (the stretch; "" = all), note.
    """

    name: str
    words: Mapping[str, Any]
    intensity: AUSet
    occurrence: AUSet
    participants: pd.DataFrame
    references: pd.DataFrame
    folds: pd.DataFrame
    attributes: pd.DataFrame
    cases: pd.DataFrame

    @property
    def title(self) -> str:
        """The dataset's name for people."""
        return str(self.words["title"])

    @property
    def cameras(self) -> tuple[str, ...]:
        """The cameras, in order."""
        return tuple(self.words["cameras"])

    @property
    def people(self) -> dict[str, str]:
        """The person behind each participant."""
        return dict(zip(self.participants["participant"], self.participants["person"], strict=True))

    @property
    def all_folds(self) -> tuple[Fold, ...]:
        """The folds, in order."""
        groups = {name: list(part["participant"]) for name, part in self.folds.groupby("fold", sort=False)}
        return folds_of(groups, self.people)

    def fold(self, name: str) -> Fold:
        """The fold of this name; InputError names those that there are."""
        known = {fold.name: fold for fold in self.all_folds}
        if name not in known:
            raise InputError(f"{self.title} has the folds {', '.join(known)}; found {name!r}. Choose one of them.")
        return known[name]

    def reference_table(self) -> ReferenceTable:
        """The reference of every participant and camera, by frame id."""
        first = int(self.words["frame_numbers"]["references"])
        ids = [
            frame_id_of(self.name, row.participant, row.camera, row.video, int(row.frame) - first)
            for row in self.references.itertuples()
        ]
        return ReferenceTable(self.references.assign(frame_id=ids))


def manifests() -> tuple[str, ...]:
    """The names of the datasets that have a manifest."""
    return tuple(sorted(path.parent.name for path in places.manifest().glob("*/dataset.toml")))


def read_manifest(name: str, folder: Path | None = None) -> Manifest:
    """The manifest of a dataset; InputError names the known ones, or the file and line that cannot be."""
    folder = places.manifest() / name if folder is None else Path(folder)
    if not (folder / "dataset.toml").is_file():
        raise InputError(f"There is no dataset {name!r} in the manifest. Known are {', '.join(manifests())}.")
    try:
        words = tomllib.loads((folder / "dataset.toml").read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{folder / 'dataset.toml'}: {error}. Correct that line.") from None
    tables = {table: _read_table(folder / f"{table}.csv", columns) for table, columns in TABLES.items()}
    return Manifest(name, words, AUSet(tuple(words["intensity"])), AUSet(tuple(words["occurrence"])), **tables)


def _read_table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, comment="#")
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error}). Its columns are {', '.join(columns)}.") from None
    missing = [name for name in columns if name not in table]
    if missing:
        raise InputError(f"{path}: the column {missing[0]} is missing. Its columns are {', '.join(columns)}.")
    return table
