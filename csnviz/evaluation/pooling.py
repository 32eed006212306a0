"""Run folders narrowed to one table of estimates per method: the held-out people of all folds together, each person once.

A run folder holds `run.json` and, in `predictions`, one or more PredictionTables: the held-out participants of one fold by one
method. The paper pools the folds before it measures (arXiv 2409.00240 and the authors' code), so that is done here.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from csnviz.data.manifest import DRAWN
from csnviz.data.tables import PredictionTable
from csnviz.errors import InputError
from csnviz.facs import AUSet

_NEEDED = ("fold", "folds", "trained_on", "training_participants")


class Group(NamedTuple):
    """What is compared with each other: estimates of one quantity, of one dataset, by networks trained on one dataset."""

    dataset: str
    trained_on: str
    quantity: str


@dataclass(frozen=True)
class FoldTable:
    """One table as it was read: path, the dataset of its frames, and its estimates of one fold's held-out participants."""

    path: Path
    dataset: str
    table: PredictionTable

    @property
    def words(self) -> Mapping[str, Any]:
        """The table's provenance."""
        return self.table.provenance

    @property
    def group(self) -> Group:
        """What it is compared with."""
        return Group(self.dataset, str(self.words["trained_on"]), self.table.quantity)

    @property
    def participants(self) -> tuple[str, ...]:
        """The held-out participants, in order of appearance."""
        return tuple(self.table.rows["participant"].unique())


@dataclass(frozen=True)
class PooledMethod:
    """All folds of one method: table (rows in order of frame_id), and the tables it was made of, in order of fold."""

    group: Group
    table: PredictionTable
    parts: tuple[FoldTable, ...]

    @property
    def folds(self) -> tuple[str, ...]:
        """The folds that are here, in order."""
        return tuple(str(part.words["fold"]) for part in self.parts)

    @property
    def n_folds(self) -> int:
        """How many folds there should be."""
        return int(self.parts[0].words["folds"])

    @property
    def training_counts(self) -> tuple[int, ...]:
        """How many participants each fold's network was trained on."""
        return tuple(len(part.words["training_participants"]) for part in self.parts)

    @property
    def alignments(self) -> tuple[str, ...]:
        """Whose alignment made the crops."""
        return _distinct(_alignment(part.words) for part in self.parts)

    @property
    def chosen_by(self) -> tuple[str, ...]:
        """Who chose the references; () where none are used."""
        if self.table.protocol == "NCG":
            return ()
        return _distinct(who for part in self.parts for who in _choosers(part.words))


@dataclass(frozen=True)
class ReadRuns:
    """methods: by group and name. read: each run folder with its settings and versions. left_out: a table and the reason."""

    methods: Mapping[tuple[Group, str], PooledMethod]
    read: Mapping[Path, Mapping[str, Any]]
    left_out: tuple[tuple[Path, str], ...]


def read_runs(runs: Sequence[Path]) -> ReadRuns:
    """The methods of these run folders, or of those inside these folders, folds pooled; what is no fair comparison is left out
    and named.

    InputError when a folder is no run, a table is damaged or says too little of itself, two runs hold the same fold of one method,
    a participant is held out twice or was trained on, or nothing is left.
    """
    read, left_out = {}, []
    parts: dict[tuple[Group, str], list[FoldTable]] = {}
    for run in run_folders(runs):
        read[run] = _run_words(run)
        for path in _tables_in(run):
            part = _read_part(path)
            reason = _reason_to_leave_out(part)
            if reason:
                left_out.append((path, reason))
            else:
                _check_not_trained_on(part)
                parts.setdefault((part.group, part.table.method), []).append(part)
    if not parts:
        why = "; ".join(f"{path}: {reason}" for path, reason in left_out) or "no run folder was named"
        raise InputError(f"There is nothing to evaluate ({why}). Name run folders that hold predictions.")
    return ReadRuns({key: _pooled(key[0], found) for key, found in parts.items()}, read, tuple(left_out))


def run_folders(folders: Sequence[Path]) -> tuple[Path, ...]:
    """These folders, those that are no run replaced by the runs with estimates inside them, at whatever depth, in order of name."""
    found: dict[Path, None] = {}
    for folder in map(Path, folders):
        inside = sorted({table.parent.parent for table in folder.glob("**/predictions/*.npz")})
        found |= dict.fromkeys([folder] if (folder / "run.json").is_file() or not inside else inside)
    return tuple(found)


def _run_words(run: Path) -> Mapping[str, Any]:
    try:
        words = json.loads((run / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{run}: not a run folder, its run.json cannot be read ({error}). Name a run folder."
        ) from None
    return words if isinstance(words, dict) else {}


def _tables_in(run: Path) -> list[Path]:
    paths = sorted((run / "predictions").glob("*.npz"))
    if not paths:
        raise InputError(
            f"{run}: there is no table in its folder predictions. Run the recipe to its end, or leave it out."
        )
    return paths


def _read_part(path: Path) -> FoldTable:
    table = PredictionTable.load(path)
    missing = [name for name in _NEEDED if name not in table.provenance]
    if missing:
        raise InputError(f"{path}: its provenance does not say {missing[0]!r}. Make the table again with a recipe.")
    datasets = list(table.rows["dataset"].unique())
    if len(datasets) != 1:
        raise InputError(f"{path}: a table holds frames of one dataset; found {datasets}. Write one table for each.")
    return FoldTable(path, str(datasets[0]), table)


def _reason_to_leave_out(part: FoldTable) -> str:
    if part.words.get("in_sample", False):
        return "its people were in training, and it says so (in_sample)"
    by_labels = part.table.protocol == "OFC" and "labels" in _choosers(part.words)
    # Among drawn people references may be chosen by their labels, because nobody is judged by it.
    if by_labels and part.dataset not in DRAWN:
        return "its references were chosen by the labels, which nobody has of a new person"
    return ""


def _check_not_trained_on(part: FoldTable) -> None:
    trained_on = set(part.words["training_participants"])
    both = [who for who in part.participants if who in trained_on]
    if both:
        raise InputError(
            f"{part.path}: {both[0]} is estimated by a network that was trained on {both[0]}. Estimate held-out participants only, "
            "or mark the table as in_sample."
        )


def _pooled(group: Group, parts: list[FoldTable]) -> PooledMethod:
    # Fold 10 comes after fold 9.
    parts = sorted(parts, key=lambda part: (len(str(part.words["fold"])), str(part.words["fold"])))
    for one, other in pairwise(parts):
        _check_belong_together(one, other)
    _check_nobody_twice(parts)
    table = _joined([part.table for part in parts])
    if group.dataset != group.trained_on:
        table = _coded_units(table, parts[0].path)
    return PooledMethod(group, table, tuple(parts))


def _check_belong_together(one: FoldTable, other: FoldTable) -> None:
    fold, method = one.words["fold"], one.table.method
    if str(fold) == str(other.words["fold"]):
        raise InputError(f"{one.path} and {other.path} both hold fold {fold} of {method}. Leave one of them out.")
    for what, first, second in (
        ("AUs", one.table.aus.numbers, other.table.aus.numbers),
        ("number of folds", one.words["folds"], other.words["folds"]),
        ("protocol", one.table.protocol, other.table.protocol),
    ):
        if first != second:
            raise InputError(
                f"{one.path} and {other.path}: two folds of {method} differ in their {what}: {first} and {second}. "
                "Evaluate runs of one kind."
            )


def _check_nobody_twice(parts: Sequence[FoldTable]) -> None:
    seen: dict[str, Path] = {}
    for part in parts:
        for who in part.participants:
            if who in seen:
                raise InputError(
                    f"{seen[who]} and {part.path}: {who} is held out in two folds of {part.table.method}. Each participant "
                    "counts once: evaluate runs of one set of folds."
                )
            seen[who] = part.path


def _joined(tables: Sequence[PredictionTable]) -> PredictionTable:
    """The rows of several folds in order of frame_id, so that methods which saw the same frames have the same rows."""
    rows = pd.concat([table.rows for table in tables], ignore_index=True)
    order = np.argsort(rows["frame_id"].to_numpy(dtype=str), kind="stable")
    label, estimate = (
        np.concatenate([getattr(table, name) for table in tables])[order] for name in ("label", "estimate")
    )
    return replace(
        tables[0], rows=rows.iloc[order], label=label, estimate=estimate, provenance={"cuts": _cuts_of_people(tables)}
    )


def _cuts_of_people(tables: Sequence[PredictionTable]) -> dict[str, dict[str, float]]:
    """Each participant's cuts, for every fold has its own (see `csnviz.evaluation.cuts`)."""
    return {
        who: dict(table.provenance["cuts"])
        for table in tables
        if "cuts" in table.provenance
        for who in table.rows["participant"].unique()
    }


def _coded_units(table: PredictionTable, path: Path) -> PredictionTable:
    """Only the units that somebody coded: of two datasets the common ones."""
    columns = np.flatnonzero(~np.isnan(table.label).all(axis=0))
    if not len(columns):
        raise InputError(f"{path}: none of the AUs that were trained is coded here. Choose datasets with a common AU.")
    aus = AUSet(tuple(table.aus.numbers[column] for column in columns))
    return replace(table, aus=aus, label=table.label[:, columns], estimate=table.estimate[:, columns])


def _alignment(words: Mapping[str, Any]) -> str:
    network = words.get("network") or {}
    return str(words.get("alignment") or network.get("preprocessing") or "not recorded")


def _choosers(words: Mapping[str, Any]) -> tuple[str, ...]:
    chosen_by = words.get("chosen_by") or "not recorded"
    return (chosen_by,) if isinstance(chosen_by, str) else tuple(map(str, chosen_by))


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
