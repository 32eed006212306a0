"""What the user chose and annotated: references and attributes, kept under the data root and never in the manifest.

`data_root/choices/<dataset>/` holds two CSV files that a person can read and edit:

references.csv   participant, camera, frame_id, chosen_by (authors, person, automatic or labels), date, note;
                 one row for a participant and camera
attributes.csv   participant, attribute, value (present, absent or unsure), by, date; one row for a participant and attribute

A frame goes by its frame_id, as in every table: `disfa/SN001/left/SN001/0439` ends in the frame's number counted from 0. The
manifest's references.csv counts as the dataset's own files do, some of them from 1; a frame_id means the same frame in both.
Where the user and the manifest both name a participant, the user's row wins.

Files are 0600 and folders 0700, for ids name people. Other columns, remarks (lines that begin with #) and the order of rows
stay as somebody left them. A file that cannot be understood is never written to.
"""

import csv
import io
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from csnviz import places
from csnviz.data.images import make_private
from csnviz.data.manifest import manifests, read_manifest
from csnviz.data.storage import plain_name, replacing
from csnviz.data.tables import ReferenceTable
from csnviz.errors import InputError

REFERENCES = ("participant", "camera", "frame_id", "chosen_by", "date", "note")
ATTRIBUTES = ("participant", "attribute", "value", "by", "date")
ANNOTATED = ("present", "absent", "unsure")
"""What an attribute can be annotated as."""


@dataclass(frozen=True)
class OwnChoices:
    """The user's choices for one dataset of the manifest, or for "recording"; `by` says who annotates attributes."""

    dataset: str
    data_root: Path | None = None
    by: str = "person"

    @property
    def folder(self) -> Path:
        """Where they are kept; InputError for a name that leads elsewhere."""
        return places.data_root(self.data_root) / "choices" / plain_name(self.dataset)

    def keep_reference(self, participant: str, camera: str, frame_id: str, chosen_by: str, note: str) -> str:
        """Keeps one reference in place of the one before; says where. InputError when the file is broken or cannot be written."""
        row = {"participant": participant, "camera": camera, "frame_id": frame_id, "chosen_by": chosen_by, "note": note}
        self._references.keep(row)
        return f"Kept: {frame_id} is the reference of {participant}, {camera} camera ({self._references.words})."

    def keep_attribute(self, participant: str, attribute: str, value: str) -> str:
        """Keeps one attribute in place of what was said before; says where. InputError likewise."""
        row = {"participant": participant, "attribute": attribute, "value": value, "by": self.by}
        self._attributes.keep(row)
        return f"Kept: {participant}, {attribute} is {value} ({self._attributes.words})."

    def references(self) -> ReferenceTable:
        """The user's references; InputError names file and line of what cannot be."""
        return ReferenceTable(self._references.rows())

    def attributes(self) -> pd.DataFrame:
        """The user's attributes: participant, attribute, value, by, date; InputError likewise."""
        return self._attributes.rows()

    @property
    def _references(self) -> "_File":
        allowed = {"chosen_by": ReferenceTable.CHOSEN_BY}
        return _File(self.folder / "references.csv", REFERENCES, ("participant", "camera"), "frame_id", allowed)

    @property
    def _attributes(self) -> "_File":
        allowed = {"value": ANNOTATED}
        return _File(self.folder / "attributes.csv", ATTRIBUTES, ("participant", "attribute"), "value", allowed)


def own_references(dataset: str, data_root: Path | None) -> ReferenceTable:
    """The references that the user chose for a dataset, of which there may be none."""
    return OwnChoices(dataset, data_root).references()


def own_attributes(dataset: str, data_root: Path | None) -> pd.DataFrame:
    """The attributes that the user annotated for a dataset: participant, attribute, value, by, date."""
    return OwnChoices(dataset, data_root).attributes()


def attributes_of(dataset: str, data_root: Path | None) -> pd.DataFrame:
    """The manifest's attributes (none for a dataset without one) with the user's in their place: participant, attribute, value, by.

    value: also "not annotated", as the manifest says. Rows keep the manifest's order; what only the user names comes last.
    """
    columns, key = ["participant", "attribute", "value", "by"], ["participant", "attribute"]
    own = own_attributes(dataset, data_root)[columns]
    theirs = read_manifest(dataset).attributes[columns] if dataset in manifests() else own.iloc[:0]
    merged = pd.concat([theirs, own]).drop_duplicates(key, keep="last").set_index(key)
    order = pd.concat([theirs, own]).drop_duplicates(key)[key]
    return merged.loc[list(order.itertuples(index=False, name=None))].reset_index()


@dataclass(frozen=True)
class _File:
    """One CSV file with a row for each key. needed: a further column that may not be empty; allowed: what a column may say."""

    path: Path
    columns: tuple[str, ...]
    key: tuple[str, ...]
    needed: str
    allowed: Mapping[str, tuple[str, ...]]

    @property
    def words(self) -> str:
        """Where it is, without the way to the data root."""
        return "/".join(self.path.parts[-3:]) + " under the data root"

    def rows(self) -> pd.DataFrame:
        """All rows as text."""
        header, lines = self._read()
        rows = [dict(zip(header, cells, strict=True)) for cells in lines if not _is_remark(cells)]
        return pd.DataFrame(rows, columns=list(self.columns), dtype=str)

    def keep(self, row: Mapping[str, str]) -> None:
        """Writes a row in place of that with the same key, or behind all others. What other programs kept meanwhile stays."""
        row = {name: " ".join(cell.split()) for name, cell in row.items()} | {"date": date.today().isoformat()}
        make_private(self.path.parent)
        with _alone(self.path):
            header, lines = self._read()
            wanted = [row.get(name, "") for name in header]
            self._check(header, wanted, f"{row['participant'] or 'a row to be kept'}")
            places_of_it = [place for place, cells in enumerate(lines) if self._same(header, cells, wanted)]
            if places_of_it:
                lines[places_of_it[0]] = wanted
            else:
                lines.append(wanted)
            self._write([header, *lines])

    def _same(self, header: list[str], cells: list[str], wanted: list[str]) -> bool:
        columns = [header.index(name) for name in self.key]
        return not _is_remark(cells) and all(cells[column] == wanted[column] for column in columns)

    def _read(self) -> tuple[list[str], list[list[str]]]:
        """The header and the lines below it, remarks among them; InputError for the first that cannot be."""
        try:
            text = self.path.read_text(encoding="utf-8-sig")
            reader = csv.reader(io.StringIO(text, newline=""), strict=True)
            lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(cells)]
        except FileNotFoundError:
            return list(self.columns), []
        except (OSError, ValueError, csv.Error) as error:
            raise self._wrong("cannot be read", f"{error}. Mend the file, or move it away") from None
        header = next((cells for _, cells in lines if not _is_remark(cells)), list(self.columns))
        missing = [name for name in self.columns if header.count(name) != 1]
        if missing:
            raise self._wrong("line 1", f"needs the columns {', '.join(self.columns)}, each once; look at {missing[0]}")
        below = [(number, cells) for number, cells in lines if cells is not header]
        self._check_all(header, below)
        return header, [cells for _, cells in below]

    def _check_all(self, header: list[str], lines: list[tuple[int, list[str]]]) -> None:
        seen: dict[tuple[str, ...], int] = {}
        for number, cells in ((number, cells) for number, cells in lines if not _is_remark(cells)):
            self._check(header, cells, f"line {number}")
            key = tuple(cells[header.index(name)] for name in self.key)
            if key in seen:
                raise self._wrong(
                    f"line {number}", f"{', '.join(key)} is in line {seen[key]} already. Keep one of the two"
                )
            seen[key] = number

    def _check(self, header: list[str], cells: list[str], where: str) -> None:
        if len(cells) != len(header):
            found = f"{len(cells)} cells, but {len(header)} columns. Put quotes around a text with commas"
            raise self._wrong(where, found)
        row = dict(zip(header, cells, strict=True))
        empty = [name for name in (*self.key, self.needed) if not row[name]]
        if empty:
            raise self._wrong(where, f"{empty[0]} may not be empty. Fill it in, or remove the row")
        for name, words in self.allowed.items():
            if row[name] not in words:
                raise self._wrong(where, f"{name} is one of {', '.join(words)}; found {row[name]!r}. Correct it")

    def _wrong(self, where: str, found: str) -> InputError:
        return InputError(f"{self.path}, {where}: {found}.")

    def _write(self, lines: list[list[str]]) -> None:
        try:
            with replacing(self.path) as part:
                part.touch(mode=0o600)
                with part.open("w", encoding="utf-8", newline="") as file:
                    csv.writer(file, lineterminator="\n").writerows(lines)
        except OSError as error:
            raise InputError(f"{self.path}: cannot be written ({error}). Nothing was kept.") from None


def _is_remark(cells: list[str]) -> bool:
    return cells[0].startswith("#")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody else reads or writes beside us: a lock that ends with the program that holds it, in a file of its own.

    The lock cannot lie on the file itself, which is replaced by each writing.
    """
    lock = make_private(path.parent) / f".{path.name}.lock"
    lock.touch(mode=0o600)
    with open(lock, "a") as file:
        if sys.platform != "win32":  # there nothing but the whole replacement protects a file
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield
