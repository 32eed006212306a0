"""The data manifest: what csnviz knows about a dataset without having it, as text that a scientist can review.

One folder per dataset under `data_manifest`; its README says what each file holds and how to add a dataset.
"""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from csnviz import places
from csnviz.data.folds import Fold, folds_of, full_name
from csnviz.data.listing import frame_id_of
from csnviz.data.manifest_checks import check_tables, check_words
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

CAST, CAST_AS_DISFA = "cast", "cast_as_disfa"
DRAWN = (CAST, CAST_AS_DISFA)
"""The invented people, and the same in the folders of DISFA (`csnviz prepare cast --shape disfa`): nobody was filmed."""


@dataclass(frozen=True)
class Manifest:
    """A dataset as its manifest describes it.

    name: as on the command line and in frame ids. words: dataset.toml as it is. intensity, occurrence: the AU sets of the
    two tasks (arXiv 2409.00240, section 4.1). participants: participant, person (one and the same in every dataset), frames
    (per camera, "" = not known), note. references: participant, camera, video ("" = this dataset's frame ids have no video
    part), frame (numbered as the dataset's own files do, from words["frame_numbers"]["references"]), chosen_by, note. folds:
    fold, participant (the held-out ones). attributes: participant, attribute, value ("present", "absent" or "not annotated"),
    by. cases: name, participant, camera, au, reference (a frame, numbered like references, or "" = the participant's), first,
    last (the stretch; "" = all), note.
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
    def may_show_faces(self) -> bool:
        """Whether pictures of these faces may be shown to anybody, or only to people on the dataset's agreement."""
        return bool(self.words["may_show_faces"])

    @property
    def invented(self) -> bool:
        """Whether code drew these people."""
        return self.name in DRAWN

    @property
    def frames_per_second(self) -> float | None:
        """Frames per second of every video, or None where it is not known."""
        rate = self.words.get("frames_per_second")
        return None if rate is None else float(rate)

    @property
    def people(self) -> dict[str, str]:
        """The person behind each participant."""
        return dict(zip(self.participants["participant"], self.participants["person"], strict=True))

    @property
    def people_by_full_name(self) -> dict[str, str]:
        """The person behind each participant, who is written "disfa/SN001", for folds over several datasets."""
        return {full_name(self.name, who): person for who, person in self.people.items()}

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

    def expected_frames(self, participant: str) -> int | None:
        """How many frames each camera has of a participant, or None where it is not known; InputError for an unknown name."""
        found = self.participants.loc[self.participants["participant"] == participant, "frames"]
        if found.empty:
            raise InputError(
                f"{participant!r} is no participant of {self.title}. Choose one of {', '.join(self.people)}."
            )
        return int(found.iloc[0]) if found.iloc[0] else None

    def first_number(self, kind: str) -> int:
        """The number that the dataset's files of a kind give to the first frame, so that frame_index = number - this.

        kind: a word of frame_numbers in dataset.toml, such as "labels", "pictures" or "references"; InputError for another.
        """
        numbers = self.words["frame_numbers"]
        if kind not in numbers:
            raise InputError(f"{self.title}: frames are numbered in {', '.join(numbers)}; found {kind!r}.")
        return int(numbers[kind])

    def frame_id(self, participant: str, camera: str, video: str, number: int) -> str:
        """The id of a frame that is numbered as in references.csv and cases.csv.

        video is "" for a dataset whose frame ids have no such part: the cast plays one performance a person.
        """
        index = number - self.first_number("references")
        return frame_id_of(self.name, participant, camera, video, index).replace("//", "/")

    def reference_table(self) -> ReferenceTable:
        """The reference of every participant and camera, by frame id."""
        ids = [
            self.frame_id(row.participant, row.camera, row.video, int(row.frame))
            for row in self.references.itertuples()
        ]
        return ReferenceTable(self.references.assign(frame_id=ids))


def manifests() -> tuple[str, ...]:
    """The names of the datasets that have a manifest."""
    return tuple(sorted(path.parent.name for path in places.manifest().glob("*/dataset.toml")))


def read_manifest(name: str, folder: Path | None = None) -> Manifest:
    """The manifest of a dataset; InputError names the known ones, or the file and line that cannot be."""
    folder = places.manifest() / name if folder is None else Path(folder)
    path = folder / "dataset.toml"
    if not path.is_file():
        raise InputError(f"There is no dataset {name!r} in the manifest. Known are {', '.join(manifests())}.")
    try:
        words = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: {error}. Correct that line.") from None
    check_words(path, name, words)
    try:
        intensity, occurrence = AUSet(tuple(words["intensity"])), AUSet(tuple(words["occurrence"]))
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    tables = {table: _read_table(folder / f"{table}.csv", columns) for table, columns in TABLES.items()}
    coded = AUSet(tuple(dict.fromkeys((*intensity, *occurrence))))
    check_tables(folder, words, coded, tables)
    tables = {table: rows.reset_index(drop=True) for table, rows in tables.items()}
    return Manifest(name, words, intensity, occurrence, **tables)


def cross_fold(train: Manifest, held_out: Manifest) -> Fold:
    """All of one dataset trains and all of another is held out; InputError names the people who are in both.

    Its participants are written "disfa/SN001", because two datasets may use one name for two people.
    """
    trained, judged = train.people_by_full_name, held_out.people_by_full_name
    return Fold(f"{train.name}-to-{held_out.name}", tuple(trained), tuple(judged), trained | judged)


def _read_table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """A CSV file as text; the index counts its lines from 1. Lines that begin with # are remarks."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(f"{path}: cannot be read ({error}). Its columns are {', '.join(columns)}.") from None
    written = [(line, cells) for line, cells in lines if any(cells) and not cells[0].startswith("#")]
    (_, header), *rows = written or [(0, [])]
    wrong = [name for name in columns if header.count(name) != 1]
    if wrong:
        found = "missing" if wrong[0] not in header else "there twice"
        raise InputError(f"{path}: the column {wrong[0]} is {found}. Its columns are {', '.join(columns)}.")
    for line, cells in rows:
        if len(cells) != len(header):
            raise InputError(
                f"{path}, line {line}: {len(cells)} cells, but {len(header)} columns. Put quotes around a text with commas."
            )
    return pd.DataFrame([cells for _, cells in rows], columns=header, index=[line for line, _ in rows], dtype=str)
