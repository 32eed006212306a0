"""What must hold of a dataset's manifest before anybody relies on it: each check names the file, the line and the next act."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from csnviz.data.tables import ReferenceTable
from csnviz.errors import InputError
from csnviz.facs import AUSet

WORDS: Mapping[str, type] = {
    "name": str,
    "title": str,
    "how_to_ask": str,
    "licence": str,
    "may_show_faces": bool,
    "cameras": list,
    "intensity": list,
    "occurrence": list,
    "fold_scheme": str,
    "folds_cover_everybody": bool,
    "papers": list,
    "quirks": list,
    "counts": dict,
    "frame_numbers": dict,
    "layout": dict,
}
"""What dataset.toml must say, and as what; frames_per_second may be left out where nobody knows it."""

_ITEMS = {"cameras": str, "intensity": int, "occurrence": int, "papers": str, "quirks": str}
_PLAIN = {str: "a text", bool: "true or false", list: "a list", dict: "a table", int: "a whole number"}

ATTRIBUTE_VALUES = ("present", "absent", "not annotated")

_ONE_ROW_FOR = {
    "participants": ["participant"],
    "references": ["participant", "camera"],
    "folds": ["participant"],
    "attributes": ["participant", "attribute"],
    "cases": ["name"],
}


@dataclass(frozen=True)
class _File:
    """A CSV file of the manifest: the index of its table counts the lines of the file."""

    path: Path
    table: pd.DataFrame

    def refuse(self, wrong: pd.Series, sentence: Callable[[pd.Series], str]) -> None:
        """InputError for the first row that is wrong."""
        for line in wrong[wrong].index[:1]:
            raise InputError(f"{self.path}, line {line}: {sentence(self.table.loc[line])}")

    def refuse_unless_in(self, column: str, allowed: tuple[str, ...]) -> None:
        """InputError for the first row whose cell is none of the allowed texts."""
        words = ", ".join(allowed)
        self.refuse(
            ~self.table[column].isin(allowed), lambda row: f"{column} is one of {words}; found {row[column]!r}."
        )

    def refuse_unless_frame(self, column: str, first: int, may_be_empty: bool) -> None:
        """InputError for the first row whose cell is no whole number from `first`, nor empty where it may be."""
        cells = self.table[column]
        right = cells.map(lambda cell: cell.isascii() and cell.isdigit() and int(cell) >= first).astype(bool)
        right |= may_be_empty & (cells == "")
        self.refuse(~right, lambda row: f"{column} is a whole number from {first}; found {row[column]!r}.")


def check_words(path: Path, name: str, words: Mapping[str, Any]) -> None:
    """InputError when dataset.toml lacks a word, says it as something else, or calls the dataset by another name."""
    for word, kind in WORDS.items():
        if type(words.get(word)) is not kind:
            found = f"found {words[word]!r}" if word in words else "it is missing"
            raise InputError(f"{path}: {word} must be {_PLAIN[kind]}; {found}. data_manifest/README.md describes it.")
    items = [(f"each of {word}", item, kind) for word, kind in _ITEMS.items() for item in words[word]]
    items += [(f"frame_numbers.{kind}", first, int) for kind, first in words["frame_numbers"].items()]
    for what, item, kind in items:
        if type(item) is not kind:
            raise InputError(f"{path}: {what} must be {_PLAIN[kind]}; found {item!r}.")
    _check_what_words_say(path, name, words)


def _check_what_words_say(path: Path, name: str, words: Mapping[str, Any]) -> None:
    if words["name"] != name:
        raise InputError(f"{path}: the folder is {name!r}, but the file calls the dataset {words['name']!r}.")
    if not words["cameras"]:
        raise InputError(f'{path}: cameras needs at least one name, such as "front".')
    if "references" not in words["frame_numbers"]:
        raise InputError(
            f"{path}: frame_numbers must say from which number references.csv counts: references = 0 or 1."
        )
    if type(words.get("frames_per_second", 1)) not in (int, float):
        raise InputError(f"{path}: frames_per_second must be a number; leave it out where nobody knows it.")


def check_tables(folder: Path, words: Mapping[str, Any], coded: AUSet, tables: Mapping[str, pd.DataFrame]) -> None:
    """InputError for the first row of a CSV file that cannot be; each table's index counts the lines of its file."""
    files = {name: _File(folder / f"{name}.csv", table) for name, table in tables.items()}
    everybody = tuple(tables["participants"]["participant"])
    for name, columns in _ONE_ROW_FOR.items():
        _check_rows(files[name], columns, everybody, str(words["title"]))
    first, cameras = int(words["frame_numbers"]["references"]), tuple(words["cameras"])
    people = files["participants"]
    people.refuse(people.table["person"] == "", lambda row: f"{row['participant']} needs a person, such as a name.")
    people.refuse_unless_frame("frames", 1, may_be_empty=True)
    _check_references(files["references"], everybody, cameras, first)
    _check_folds(files["folds"], everybody if words["folds_cover_everybody"] else ())
    _check_attributes(files["attributes"], everybody)
    _check_cases(files["cases"], cameras, coded, first)


def _check_rows(file: _File, columns: list[str], everybody: tuple[str, ...], title: str) -> None:
    table = file.table
    file.refuse((table[columns] == "").any(axis=1), lambda row: f"{' and '.join(columns)} may not be empty.")
    file.refuse(
        ~table["participant"].isin(everybody),
        lambda row: f"{row['participant']!r} is no participant of {title}. Correct it, or add it to participants.csv.",
    )
    file.refuse(
        table.duplicated(columns),
        lambda row: f"{', '.join(row[columns])} has an earlier row already. Keep one of the two.",
    )


def _check_references(file: _File, everybody: tuple[str, ...], cameras: tuple[str, ...], first: int) -> None:
    """A dataset has a reference for everybody before every camera, or none at all as long as nobody has chosen them."""
    file.refuse_unless_in("camera", cameras)
    file.refuse_unless_in("chosen_by", ReferenceTable.CHOSEN_BY)
    file.refuse_unless_frame("frame", first, may_be_empty=False)
    named = set(zip(file.table["participant"], file.table["camera"], strict=True))
    missing = [(who, camera) for who in everybody for camera in cameras if (who, camera) not in named]
    if named and missing:
        who, camera = missing[0]
        raise InputError(f"{file.path}: {who}, {camera} camera has no reference. Add a row, or leave out all rows.")


def _check_folds(file: _File, covered: tuple[str, ...]) -> None:
    file.refuse(file.table["fold"] == "", lambda row: f"{row['participant']} needs the name of a fold, such as 1.")
    missing = [who for who in covered if who not in set(file.table["participant"])]
    if missing:
        raise InputError(
            f"{file.path}: in no fold: {', '.join(missing)}. Add rows, or say folds_cover_everybody = false in dataset.toml."
        )


def _check_attributes(file: _File, everybody: tuple[str, ...]) -> None:
    """Everybody has a row for every attribute, so that a misspelt one is noticed and a gap is never read as absent."""
    table = file.table
    file.refuse_unless_in("value", ATTRIBUTE_VALUES)
    file.refuse(
        (table["value"] != "not annotated") & (table["by"] == ""),
        lambda row: f"{row['participant']}, {row['attribute']} is {row['value']}, but `by` does not say who saw it.",
    )
    have = {attribute: set(part["participant"]) for attribute, part in table.groupby("attribute")}
    for line, attribute in table["attribute"].items():
        missing = [who for who in everybody if who not in have[attribute]]
        if missing:
            raise InputError(
                f"{file.path}, line {line}: {attribute!r} has no row for {missing[0]} ({len(missing)} of {len(everybody)} "
                "participants lack it). Correct the spelling, or add rows as not annotated."
            )


def _check_cases(file: _File, cameras: tuple[str, ...], coded: AUSet, first: int) -> None:
    file.refuse_unless_in("camera", cameras)
    file.refuse_unless_in("au", tuple(str(number) for number in coded))
    for column in ("reference", "first", "last"):
        file.refuse_unless_frame(column, first, may_be_empty=True)
    start, end = (pd.to_numeric(file.table[column]) for column in ("first", "last"))
    file.refuse(start > end, lambda row: f"the stretch ends at {row['last']}, before it begins at {row['first']}.")
